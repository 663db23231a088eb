"""``kojo sensors``: the sensor and output types there are, a trainee's own included; with a type, its page."""

import sys
from collections.abc import Collection
from pathlib import Path

from contract.catalogue import OutputType, SensorType, Trouble
from contract.errors import MissingExtra, NotThere
from contract.words import Words, language
from edge.sensors import catalogue
from hardware.sensor_page import page_in


def sensors(type: str | None, data: Path) -> int:
    """Print the list of types, or one type's page, in the language spoken. Raises NotThere for an unknown type."""
    kinds = catalogue(data / "sensors")
    known: dict[str, SensorType | OutputType] = {**kinds.sensors, **kinds.outputs}
    if type is None:
        widest = max(map(len, known))
        for some in (kinds.sensors, kinds.outputs):
            print(*(f"{name:<{widest}}  {known[name].title}" for name in sorted(some)), sep="\n", end="\n\n")
        print(Words("1つの説明は: kojo sensors TYPE", "The page of one: kojo sensors TYPE"))
        return 0
    check_type(type, known)
    print(page_in(known[type], language(), _told(type, data / "sensors")), end="")
    return 0


def _told(type: str, own: Path) -> tuple[Trouble, ...]:
    """What it says when something is wrong; nothing on a machine without the bench's packages, which then says so."""
    try:
        from edge.gone_wrong import told
    except MissingExtra as missing:
        print(missing, file=sys.stderr)
        return ()
    return told([type], own)[type]


def check_type(name: str, known: Collection[str]) -> None:
    """Raises NotThere for a type that is not among those known."""
    if name not in known:
        raise NotThere(
            Words(f"センサーの種類「{name}」はありません。", f'There is no sensor type "{name}".'),
            Words(f"あるもの: {', '.join(sorted(known))}", f"There are: {', '.join(sorted(known))}."),
        )
