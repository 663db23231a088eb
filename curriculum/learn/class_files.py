"""What the desks of a class have written, as it lies on the disk: for the class's wall, and to be taken home.

files(Path("class-data"), "line.toml")              # each desk's own line.toml, by the desk's label
take_home(Path("class-data"), Path("usb-stick"))    # usb-stick/3/A2_counter.py … progress.json
"""

import re
import shutil
import unicodedata
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from contract.errors import NotAllowed, NotThere
from contract.words import Words
from curriculum.learn import kept_desks
from curriculum.learn import progress as progress_file
from curriculum.learn.desk import Desk
from curriculum.learn.progress import Progress, Steps, free_name

DESKS, OF_THE_DESK = "desks", "desk.json"
_NO_NAME = re.compile(r"(con|prn|aux|nul|(com|lpt)\d)", re.IGNORECASE)
"""No folder can be called so on Windows."""


@dataclass(frozen=True, slots=True)
class Own:
    """A learner's own file; ``label``: what the desk is called."""

    label: str
    file: Path


@dataclass(frozen=True, slots=True)
class Taken:
    """A desk's files, as they were copied."""

    label: str
    folder: Path
    files: int


def files(data: Path, name: str) -> list[Own]:
    """That file of every desk that has it, by bench number."""
    return [Own(desk.label, file) for desk in _desks(data) if (file := data / DESKS / desk.id / name).is_file()]


def by_hand(given: Path) -> Own:
    """A file that somebody names: its desk is called as the file, or for a ``line.toml`` as its folder."""
    name = given.stem if given.stem != "line" else given.absolute().parent.name
    return Own(name or str(given), given)


def take_home(data: Path, to: Path) -> Iterator[Taken]:
    """Copy every desk's files into a folder of its own, as `kojo learn --folder` goes on with them.

    Nothing that is there is written over. Raises NotThere where no class was, NotAllowed where nothing can be written.
    """
    desks = _desks(data)
    if not desks:
        raise no_desks(data)
    taken = set[str]()
    for desk in desks:
        own = [one for one in sorted((data / DESKS / desk.id).iterdir()) if one.is_file() and one.name != OF_THE_DESK]
        begun = None
        try:
            folder = _free(to / _as_a_name(desk), taken)
            taken.add(folder.name.casefold())
            folder.mkdir(parents=True)
            begun = folder
            for file in own:
                shutil.copyfile(file, folder / file.name)
            progress_file.keep(folder, progress_of(desk))
        except OSError as error:
            if begun is not None:  # half of a desk would look like all of it
                shutil.rmtree(begun, ignore_errors=True)
            raise NotAllowed(
                Words(f"{to} に書けません({error.strerror})。", f"{to} cannot be written: {error.strerror}."),
                Words(
                    f"席 {desk.label} から後は写していません。",
                    f"Desk {desk.label} and those after it are not copied.",
                ),
            ) from error
        yield Taken(desk.label, folder, len(own))


def progress_of(desk: Desk) -> Progress:
    """A desk's progress as the terminal keeps it. Quiz answers stay behind: the page keeps only how many were right."""
    lessons = {id: Steps(one.green_s is not None, one.tries, dict(one.hints)) for id, one in desk.lessons.items()}
    last = max(desk.lessons, key=lambda id: desk.lessons[id].last_s, default="")
    return Progress(last, lessons)


def none_has(data: Path, name: str) -> NotThere:
    """No desk has that file yet, or there is no desk at all."""
    desks = _desks(data)
    if not desks:
        return no_desks(data)
    return NotThere(
        Words(
            f"{data} の {len(desks)} 席に、{name} がまだありません。",
            f"None of the {len(desks)} desks in {data} has a {name} yet.",
        ),
        Words("A11 を開いて保存すると、できます。", "Hint: it is made when A11 is opened and saved."),
    )


def no_desks(data: Path) -> NotThere:
    """Nobody has written anything there."""
    return NotThere(
        Words(f"{data} に席がありません。", f"There is no desk in {data}."),
        Words(
            "--data に、kojo learn --http で使ったフォルダーを付けてください。",
            "Hint: give the folder of kojo learn --http as --data.",
        ),
    )


def _desks(data: Path) -> list[Desk]:
    return sorted(kept_desks.read(data / DESKS), key=lambda desk: desk.place)


def _as_a_name(desk: Desk) -> str:
    """The label as a folder may be called everywhere."""
    name = re.sub(r"[^\w-]+", "_", unicodedata.normalize("NFKC", desk.label)).strip("_")
    return desk.id if not name or _NO_NAME.fullmatch(name) else name


def _free(folder: Path, taken: Set[str]) -> Path:
    """Mikan and mikan are two folders, also on a stick and a laptop that take them for one."""
    found, number = free_name(folder), 2
    while found.name.casefold() in taken:
        found, number = free_name(folder.with_name(f"{folder.name}-{number}")), number + 1
    return found
