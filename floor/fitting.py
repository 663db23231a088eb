"""Which floor fits a line: the washing line as a whole, else for each station the work that its roles and sensors show.

    kind = fitting(line)                      # raises NotThere if nothing here could happen on that line
    floor = kind(line, benches, clock, seed=1, start_ns=clock.time_ns(), parts=parts)

| a station that has | is |
|---|---|
| counts, a machine's step and a product said | a lathe of many lots |
| counts, and a running sensor | a press |
| counts, and a scale | packing by hand |
| counts | assembly by hand |
| thermometers, and counts nothing | a cold store |
| buttons without a role, and counts nothing | people who come by |

Stations of such a floor do not wait for each other: only the washing line has a buffer.
"""

from typing import Final, Protocol

from contract.errors import NotThere
from contract.line import Line, Station
from contract.words import Words
from floor.cold_store import ColdStore
from floor.hall import Hall
from floor.handwork import Assembly, Packing
from floor.lathe import Lathe
from floor.press import Press
from floor.shop import Shop
from floor.stock import Work
from floor.visits import Visits
from floor.washing import WashingLine


class Place(Protocol):
    """What happens at one station."""

    holding: Work | None

    def __init__(self, hall: Hall, station: str) -> None:
        """Stand there."""

    @classmethod
    def fits(cls, station: Station) -> bool:
        """Whether this could happen at a station with these sensors."""

    def begin(self) -> None:
        """Go to work."""


PLACES: Final[tuple[type[Place], ...]] = (Lathe, Press, Packing, Assembly, ColdStore, Visits)


def place_at(station: Station) -> type[Place] | None:
    """What happens at a station: the first that fits, None where nothing here moves a sensor."""
    return next((place for place in PLACES if place.fits(station)), None)


class Workshop(Shop):
    """Every station of a line for itself."""

    def _furnish(self, hall: Hall) -> None:
        found = [(place_at(station), station.id) for station in hall.line.stations.values()]
        self._places = [place(hall, station) for place, station in found if place is not None]
        for place in self._places:
            place.begin()

    @property
    def in_process(self) -> int:
        """Pieces in hands and machines."""
        return sum(place.holding is not None for place in self._places)


def fitting(line: Line) -> type[Shop]:
    """The floor that fits a line. Raises NotThere where nothing here moves any of its sensors."""
    if WashingLine.fits(line):
        return WashingLine
    if any(place_at(station) for station in line.stations.values()):
        return Workshop
    raise NotThere(
        Words("このラインに合う仮想の現場はありません。", "No virtual floor fits this line."),
        Words(
            "個数を数えるセンサー(role = \"cycle\")か、温度計か、ボタンが要ります。",
            'It takes a sensor that counts pieces (role = "cycle"), a thermometer, or a button.',
        ),
    )  # fmt: skip
