"""The shift of a class's line: from the desks' own, until a tutor writes another into the file; then that one stays.

The file says beside its shift what the desks had said, so that a remake can tell the tutor's hours from those.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import time

from contract.errors import NotAllowed
from contract.words import Words

Hours = tuple[time, time]
_FROM_DESKS = re.compile(r"^# もとの勤務 / from the desks: (\d\d:\d\d)-(\d\d:\d\d)$", re.MULTILINE)


def rows(hours: Hours | None, of_desks: Hours | None) -> Iterator[str]:
    """The shift as the file has it; nothing where there is none."""
    if hours is None:
        return
    yield "# いちばん早い始まりから、いちばん遅い終わりまで。start と end を直すと、作り直しても残ります。"
    yield "# From the first start to the last end. A start or end that you change stays when it is made anew."
    if of_desks is not None:
        yield f"# もとの勤務 / from the desks: {of_desks[0]:%H:%M}-{of_desks[1]:%H:%M}"
    yield "[[shifts]]"
    yield 'name = "日勤"'
    yield f'start = "{hours[0]:%H:%M}"'
    yield f'end = "{hours[1]:%H:%M}"'
    yield ""


def tutors(text: str, file: str) -> Hours | None:
    """The hours that a tutor wrote into a class's line; None where they are still those of the desks.

    Raises NotAllowed for a file that cannot be read, lest what was changed in it is lost.
    """
    try:
        shifts = tomllib.loads(text).get("shifts", [])
        spans = [(time.fromisoformat(one["start"]), time.fromisoformat(one["end"])) for one in shifts]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotAllowed(
            Words(f"{file} の直した所が読めません({error})。", f"What was changed in {file} cannot be read: {error}."),
            Words("直すか、ファイルを消してください。", "Hint: mend it, or remove the file."),
        ) from error
    if len(spans) != 1:
        return None
    found = _FROM_DESKS.search(text)
    of_desks = tuple(map(time.fromisoformat, found.groups())) if found else None
    return None if spans[0] == of_desks else spans[0]
