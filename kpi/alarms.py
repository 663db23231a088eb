"""When the hour board calls, as agreed with the floor, and how somebody keeps it quiet for a while.

Behind by ``percent`` of the plan so far, or stood for ``stop_min`` minutes in the hour: ``[alarm]`` of line.toml, the
version in force when the shift began.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contract.line import Agreed
from contract.words import Words
from kpi.answers import Answers
from kpi.privacy import HOUR_NS
from kpi.times import rfc3339


@dataclass(frozen=True, slots=True)
class Wished:
    """What somebody asks for instead of what was agreed; None: as agreed."""

    percent: float | None = None
    stop_min: float | None = None

    def over(self, agreed: Agreed) -> Agreed:
        """What then counts."""
        return Agreed(
            agreed.percent if self.percent is None else self.percent,
            agreed.stop_min if self.stop_min is None else self.stop_min,
        )


AS_AGREED = Wished()

_CALLS = {
    "behind": Words("計画より {percent:g} % 以上遅れています。", "Behind the plan by {percent:g} % or more."),
    "stood": Words(
        "この1時間に {stop_min:g} 分以上止まりました。", "It stood for {stop_min:g} minutes or more this hour."
    ),
}


def calls(agreed: Agreed, wanted: int | None, good: int | None, stood_s: float) -> list[str]:
    """Which of the two an hour calls for: "behind" (good pieces so far against those wanted so far), "stood"."""
    found = []
    if wanted is not None and good is not None and good < wanted and wanted - good >= agreed.percent / 100 * wanted:
        found.append("behind")
    if stood_s >= 60 * agreed.stop_min:
        found.append("stood")
    return found


def alarm(answers: Answers, station: str, agreed: Agreed, codes: Sequence[str], now: int) -> dict[str, Any]:
    """The alarm of a moment in words, and whether somebody muted it."""
    limits = {"percent": agreed.percent, "stop_min": agreed.stop_min}
    said = [_CALLS[code] for code in codes]
    until = muted_until(answers, station, now)
    return {
        "on": bool(codes) and until is None,
        "codes": list(codes),
        "ja": "".join(words.ja.format(**limits) for words in said),
        "en": " ".join(words.en.format(**limits) for words in said),
        "muted_until": None if until is None else rfc3339(until, answers.line.zone),
        "agreed": limits,
    }


def muted_until(answers: Answers, station: str, now: int) -> int | None:
    """Until when somebody muted a station's alarm; None where nobody did."""
    said = answers.shelf.entries("mute", now - 3 * HOUR_NS, now + 1)
    mine = [entry for entry in said if entry.body.get("station") == station]
    until = max(mine, key=lambda entry: entry.made).body["until"] if mine else 0
    return int(until) if until > now else None
