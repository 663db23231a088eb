"""Desks as they lie on the disk: read with suspicion, and those of an earlier class set aside, never removed.

    set_aside(Path("data/desks"), now_s)     # data/desks/ab12cd34 -> data/desks-2026-11-21/ab12cd34
    for desk in read(Path("data/desks")): ...

A class that goes on the next day says so with `touch data/desks/go-on`.
"""

import json
import logging
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from contract.words import Words
from curriculum.learn.desk import Desk, Progress, as_label
from curriculum.learn.progress import free_name

log = logging.getLogger(__name__)

TODAY_S: Final = 12 * 3600
"""Desks where nothing happened for longer are not of this class."""
NIGHT_S: Final = 4 * 3600
"""Nor are those of another date after so long; a night shift's class may go over midnight."""
GO_ON: Final = "go-on"
MOST_BYTES: Final = 256 * 1024
LATEST_S: Final = 10**11
_MAY_BE_NONE: Final = ("green_s", "hint", "hint_since_s")


def read(folder: Path) -> Iterator[Desk]:
    """The desks of the folder. One that cannot be read is logged and left out; its files stay."""
    for file in sorted(folder.glob("*/desk.json")):
        try:
            yield _desk(_content(file), file.parent.name)
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            why = f"{type(error).__name__}: {error}"
            log.error(
                "%s",
                Words(
                    f"{file} を読めません({why})。この席なしで続けます。ファイルは残してあります。",
                    f"{file} cannot be read ({why}); we go on without that desk, its files stay.",
                ),
            )


def set_aside(folder: Path, now_s: float) -> dict[Path, int]:
    """Move the desks of an earlier class out of the way. Gives where they are now, and how many."""
    moved: dict[Path, int] = {}
    for desk in [*read(folder)]:
        last_s = max(desk.last_s, _said_to_go_on_s(folder))
        if not _of_another_class(last_s, now_s):
            continue
        place = folder.with_name(f"{folder.name}-{_day(desk.last_s)}")
        try:
            place.mkdir(exist_ok=True)
            (folder / desk.id).rename(free_name(place / desk.id))
        except OSError as error:
            log.error("%s", Words(f"{place} に移せません: {error}", f"{place}: cannot be moved there: {error}"))
        else:
            moved[place] = moved.get(place, 0) + 1
    return moved


def _of_another_class(last_s: float, now_s: float) -> bool:
    idle_s = now_s - last_s
    return idle_s > TODAY_S or (idle_s > NIGHT_S and _day(last_s) != _day(now_s))


def _said_to_go_on_s(folder: Path) -> float:
    try:
        return (folder / GO_ON).stat().st_mtime
    except OSError:
        return 0.0


def _day(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s):%Y-%m-%d}"


def _content(file: Path) -> Any:
    about = file.stat()
    if not stat.S_ISREG(about.st_mode) or about.st_size > MOST_BYTES:
        raise ValueError("not a small file")
    return json.loads(file.read_text("utf-8"))


def _desk(told: Any, id: str) -> Desk:
    if not isinstance(told, dict) or not isinstance(told.get("lessons"), dict):
        raise ValueError("not a desk")
    lessons = {_text(name): _progress(progress) for name, progress in told["lessons"].items()}
    desk = Desk(id, as_label(told["label"]), _whole(told["joined_s"]), lessons)
    if "key" in told:  # a desk of an older version gets one now
        desk.key = _key(told["key"])
    return desk


def _progress(told: Any) -> Progress:
    if not isinstance(told, dict) or not told.keys() <= {field.name for field in fields(Progress)}:
        raise ValueError("not a lesson's progress")
    return Progress(**{name: _field(name, value) for name, value in told.items()})


def _field(name: str, value: Any) -> Any:
    if value is None and name in _MAY_BE_NONE:
        return None
    match name:
        case "hints" | "quiz":
            return _counts(value)
        case "hint":
            return _text(value)
        case "shown":
            if not isinstance(value, bool):
                raise ValueError("shown is true or false")
            return value
    return _whole(value)


def _counts(told: Any) -> Mapping[str, int]:
    if not isinstance(told, dict):
        raise ValueError("no counts")
    return {_text(name): _whole(count) for name, count in told.items()}


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LATEST_S:
        raise ValueError(f"no number of ours: {value!r:.40}")
    return value


def _key(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch("[0-9]{4}", value):
        raise ValueError("no key of a desk")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(value) > 100:
        raise ValueError("no name of ours")
    return value
