"""``kojo learn --class-line`` and ``--take-home``: what a class has made, on one wall and in everybody's bag."""

import shlex
import sys
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from contract.errors import NotAllowed
from contract.whole_file import write_whole
from contract.words import Words
from curriculum.learn import class_files, class_hours
from curriculum.learn.class_line import MADE_BY, ClassLine, join
from curriculum.lesson import LESSONS, load
from kojo.own_command import as_called

ALL, NOT_ALL = 0, 1
ZONE = "Asia/Tokyo"
"""That of a line.toml that names none."""


def class_line(to: Path, data: Path, given: Sequence[Path]) -> int:
    """Write one line of every desk's line.toml; 0 if all are in it, 1 if some are left out (they are told).

    ``data``: whose desks' files are joined; ``given``: files of others, from their own machines. Raises NotAllowed for
    a file that is not of ours, NotThere where there is nothing to join.
    """
    _ours(to)
    name = load(LESSONS / "A11").file
    own = [*class_files.files(data, name), *map(class_files.by_hand, given)]
    if not own:
        raise class_files.none_has(data, name)
    made = join(own, class_hours.tutors(to.read_text("utf-8"), str(to)) if to.exists() else None)
    for one in made.left_out:
        print(Words(f"席 {one.label} は入れません。", f"Desk {one.label} is left out."), file=sys.stderr)
        print(f"  {str(one.why).replace(chr(10), chr(10) + '  ')}", file=sys.stderr)
    if made.desks:
        try:
            write_whole(to, made.text, 0o644)
        except OSError as error:
            raise NotAllowed(
                Words(f"{to} に書けません({error.strerror})。", f"{to} cannot be written: {error.strerror}.")
            ) from error
        _tell(to, made)
    else:
        print(Words("使える line.toml がまだありません。", "No line.toml can be used yet."), file=sys.stderr)
    return NOT_ALL if made.left_out or not made.desks else ALL


def take_home(to: Path, data: Path) -> int:
    """Copy every desk's files and progress into a folder of its own."""
    for taken in class_files.take_home(data, to):
        again = f"{as_called()} learn --folder {shlex.quote(str(taken.folder))}"
        print(
            Words(
                f"席 {taken.label}: ファイル {taken.files} 個を {taken.folder} に写しました。続きは {again}",
                f"Desk {taken.label}: {taken.files} files copied to {taken.folder}. Go on with {again}",
            )
        )
    return ALL


def _ours(to: Path) -> None:
    """Raises NotAllowed for a file that somebody else has written."""
    if to.exists() and not (to.is_file() and to.read_text("utf-8", "replace").startswith(MADE_BY)):
        raise NotAllowed(
            Words(f"{to} はもうあります。上書きはしません。", f"{to} is there already and is not written over."),
            Words("別の名前を付けてください。", "Hint: name another file."),
        )


def _tell(to: Path, made: ClassLine) -> None:
    print(
        Words(
            f"{to} を書きました: {len(made.desks)} 席。次の2つを、別々の端末で動かします。",
            f"{to} is written: {len(made.desks)} desks. Run these two, each in a terminal of its own:",
        )
    )
    file = shlex.quote(str(to))
    print(f"  {as_called()} serve --line {file} --data class-wall")
    print(f"  {as_called()} learn --class-bench {file} --data class-bench")
    if made.kept and made.hours is not None:
        first, last = made.hours
        print(
            Words(
                f"勤務は、前のファイルで直した {first:%H:%M}〜{last:%H:%M} のままです。",
                f"The shift stays as the file before had it: {first:%H:%M} to {last:%H:%M}.",
            )
        )
    if (said := hours_told(made.hours, datetime.now(ZoneInfo(ZONE)).time())) is not None:
        print(said)


def hours_told(hours: tuple[time, time] | None, now: time) -> Words | None:
    """What is to be known about the shift; None where there is nothing."""
    if hours is None:
        return Words(
            "勤務の時間が1つにまとまらないので、書いていません(1日じゅうが計画時間です)。",
            "The shifts could not be joined and are left out: all day is planned time.",
        )
    if hours[0] <= now < hours[1]:
        return None
    return Words(
        f"今({now:%H:%M})は勤務({hours[0]:%H:%M}〜{hours[1]:%H:%M})の外です。壁は「時間外」になります。"
        "書いたファイルの start か end を直してください(まとめ直しても残ります)。",
        f"It is {now:%H:%M}, outside the shift ({hours[0]:%H:%M} to {hours[1]:%H:%M}): the wall will say 時間外. "
        "Mend start or end in the file; that stays when it is made anew.",
    )
