"""The answer to judging quarantined messages again, with a word where nothing could come of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from contract.line import Line
from contract.words import Words

_OLD_LINE = Words(
    "line.toml は起動の後に書き換えられています。kojo serve を起動し直してから、もう一度行ってください。",
    "line.toml was changed since the start. Start kojo serve anew, then judge them again.",
)
_UNKNOWN = Words(
    "その id のメッセージは隔離にありません。もう取り込まれたか、消されています。",
    "There is no message of that id in quarantine: it was stored or let go already.",
)


def answer(told: Mapping[str, int], ids: Sequence[str], line: Line) -> dict[str, Any]:
    """``told`` is {"stored", "still"}. Where there is something to say: ``unknown`` (ids), ``hint`` {"ja", "en"}."""
    unknown = len(set(ids)) - told["stored"] - told["still"]
    said: dict[str, Any] = dict(told)
    if unknown > 0:
        said["unknown"] = unknown
    hint = _OLD_LINE if _is_changed(line) else _UNKNOWN if unknown > 0 else None
    if hint and (unknown > 0 or told["still"]):
        said["hint"] = {"ja": hint.ja, "en": hint.en}
    return said


def _is_changed(line: Line) -> bool:
    """Whether the file says something else than what is in force."""
    if line.file is None:
        return False
    try:
        return line.file.read_bytes() not in [line.text.encode(form) for form in ("utf-8", "utf-8-sig", "utf-16")]
    except OSError:
        return False
