"""One finding in the wiring of a Pi: how bad, about what, why, and what to do."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from contract.words import Words

Level = Literal["danger", "check"]
LEVELS: Mapping[Level, Words] = {
    "danger": Words("危険: つながないでください", "danger: do not connect"),
    "check": Words("確認してください", "please check"),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One finding. ``device`` is what it is about (empty: the Pi as a whole)."""

    level: Level
    code: str
    device: str
    what: Words
    todo: Words


def by_device(found: Iterable[Doubt]) -> dict[str, list[Doubt]]:
    """Findings by the device they are about."""
    told: dict[str, list[Doubt]] = defaultdict(list)
    for doubt in found:
        told[doubt.device].append(doubt)
    return dict(told)
