"""People who come by and press buttons one after the other: a call and its answer, clean hands and then the door."""

from contract.line import Sensor, Station
from contract.reading import NS_PER_S
from floor.hall import Doing, Hall
from floor.records import Press
from floor.stock import Work

EVERY_S = 260.0
PAUSE_S = 14.0
SHORTEST_S = 2.0
FORGETS = 0.15
"""Share of visits in which a button is left out."""


class Visits:
    """Buttons without a role, pressed in the order in which they stand in the line."""

    def __init__(self, hall: Hall, station: str) -> None:
        self.hall = hall
        self.station = station
        self.holding: Work | None = None
        self._chance = hall.random(f"{station}/visits")
        self._wires = [hall.contact(sensor) for sensor in buttons(hall.line.stations[station])]

    @classmethod
    def fits(cls, station: Station) -> bool:
        """It has such buttons, and counts nothing."""
        return bool(buttons(station)) and not station.with_role("cycle")

    def begin(self) -> None:
        """Let them come."""
        self.hall.do(self._come())

    def _come(self) -> Doing:
        chance = self._chance
        while True:
            yield self.hall.wait(int((SHORTEST_S + chance.expovariate(1 / EVERY_S)) * NS_PER_S))
            left_out = chance.randrange(len(self._wires)) if chance.random() < FORGETS else None
            for place, wire in enumerate(self._wires):
                if place != left_out:
                    wire.press(int(chance.uniform(0.2, 0.5) * NS_PER_S))
                    self.hall.truth.add(Press(self.station, wire.sensor.id, self.hall.now_ns, "", ""))
                yield self.hall.wait(int((SHORTEST_S + PAUSE_S * chance.lognormvariate(0.0, 0.6)) * NS_PER_S))


def buttons(station: Station) -> list[Sensor]:
    """The station's buttons that have no role."""
    return [sensor for sensor in station.sensors.values() if sensor.type == "button" and not sensor.role]
