"""Which version of the line was in force when: what the store remembers, and the file on the disk, always the newest.

A version dated after now was remembered under a clock that was ahead (or the clock is behind now). It is never deleted
and never in force before its date; what is on the disk is.
"""

import logging

from collector.store import LineVersion, Store
from contract.catalogue import Catalogue
from contract.errors import LineError
from contract.line import Line
from contract.line_check import check
from contract.words import Words

log = logging.getLogger(__name__)


def versions(store: Store, line: Line, kinds: Catalogue, now_ns: int, keep: bool = True) -> list[tuple[int, Line]]:
    """Every version of the line with the time it came into force; the present one is last, remembered if it is new.

    A stored version that this kit no longer understands is left out, and said; one dated after ``now_ns`` is said too,
    and counts as former. Without ``keep`` nothing is written.
    """
    known = list(store.lines())
    past = [version for version in known if version.since <= now_ns]
    ahead = [version for version in known if version.since > now_ns]
    again = bool(past) and past[-1].text == line.text
    since = past[-1].since if again else now_ns
    if ahead:
        _say(len(ahead))
    if keep:
        for version in _to_remember(past, ahead, line.text, now_ns):
            store.keep_line(version)
    former = [LineVersion(since, version.text) for version in ahead if version.text != line.text]
    read: list[tuple[int, Line]] = []
    for version in (past[:-1] if again else past) + former:
        try:
            read.append((version.since, check(version.text, kinds)))
        except LineError as error:
            log.warning("a former version of the line is no longer understood and left out: %s", error)
    return [*read, (since, line)]


def _to_remember(past: list[LineVersion], ahead: list[LineVersion], text: str, now_ns: int) -> list[LineVersion]:
    new: list[LineVersion] = []
    if not past and ahead and ahead[-1].text == text:
        return new  # the first version holds for all time before too
    if not past or past[-1].text != text:
        new.append(LineVersion(now_ns, text))
    if past and ahead and ahead[-1].text != text:
        # Once its date has come, the version dated ahead is over at once.
        new.append(LineVersion(ahead[-1].since + 1, text))
    return new


def _say(many: int) -> None:
    words = Words(
        f"保存されているラインの版のうち {many} 件の日付が、現在の時刻より先になっています。"
        "以前この機械の時計が進んでいたか、いま遅れています。line.toml の今の内容を使います。時計を確かめてください。",
        f"{many} stored versions of the line are dated after now: this machine's clock was ahead then, or is behind "
        "now. line.toml as it is on the disk is in force. Check the clock.",
    )
    log.warning("%s", words)
