"""A cold store that warms while its door is open: people fetch things, now and then it is loaded for minutes.

Its air takes heat through the walls and, far more, through the open door; the compressor runs between two temperatures.
Each probe follows the air in its own time: the first sensor of the station on a shelf, the second by the door, the
third and all others in a bottle of water, for the goods. The improvement is a strip curtain. Nobody makes pieces here.
"""

from contract.line import Sensor, Station
from contract.reading import NS_PER_S
from floor.hall import Doing, Hall
from floor.records import Period, Phase, Press
from floor.stock import Work

OUTSIDE_C, START_C = 24.0, 4.2
OFF_C, ON_C = 3.0, 5.2
"""Where the compressor goes off and on."""
COOLS_C_S = 0.7 / 60
WALLS_S, DOOR_S, CURTAIN_S = 5 * 3600.0, 330.0, 1500.0
"""How long the heat takes to get in: through walls, the open door, the open door with a curtain."""
STEP_S = 2.0
LAGS_S = (25.0, 6.0, 2400.0)
GUST = 0.25
"""How much of the air outside a probe by the door feels while it is open."""
DRAUGHT_C = 0.02
LEAST_C = 0.02
FETCH_EVERY_S, FETCH_S = 260.0, 22.0
LOAD_EVERY_S, LOAD_S = 14_400.0, 560.0
WARM_C, WARM_FOR_S, SEEN_AFTER_S = 10.0, 300.0, 180.0
"""Too warm for so long rings the bell; so much later somebody says that it was seen."""

TOO_WARM = "too_warm"
"""The cause of the periods that the truth keeps of it."""


class ColdStore:
    """See above."""

    def __init__(self, hall: Hall, station: str) -> None:
        self.hall = hall
        self.station = described = hall.line.stations[station]
        self.holding: Work | None = None
        self.celsius = START_C
        self.open = False
        self._cooling = False
        self._times, self._warm_since_ns, self._rung = 0, 0, False
        self._chance = hall.random(f"{station}/people")
        self._rung_for = hall.random(f"{station}/rung_for")
        self._draught = hall.random(f"{station}/draught")
        self._probes = [hall.model(sensor) for sensor in probes(described)]
        self._at_probe = [START_C] * len(self._probes)
        doors = [s for s in described.sensors.values() if s.type == "level" and not s.role]
        self._door = hall.contact(doors[0]) if doors else None
        seen = [s for s in described.sensors.values() if s.type == "button" and not s.role]
        self._seen = hall.contact(seen[0]) if seen else None

    @classmethod
    def fits(cls, station: Station) -> bool:
        """Temperatures, and nothing that counts pieces."""
        return bool(probes(station)) and not station.with_role("cycle")

    def begin(self) -> None:
        """Let it live."""
        for probe in self._probes:
            probe.turn("temperature", START_C)
        self.hall.do(self._physics())
        self.hall.do(self._people())

    def _people(self) -> Doing:
        chance = self._chance
        while True:
            yield self.hall.wait(int((20.0 + chance.expovariate(1 / FETCH_EVERY_S)) * NS_PER_S))
            loads = chance.random() < FETCH_EVERY_S / LOAD_EVERY_S
            open_s = (LOAD_S if loads else FETCH_S) * chance.lognormvariate(0.0, 0.25 if loads else 0.5)
            yield from self._opened(open_s)

    def _opened(self, seconds: float) -> Doing:
        hall, began_ns = self.hall, self.hall.now_ns
        hall.improved_now()
        self._times += 1
        self.open = True
        if self._door:
            self._door.close()  # the sensor is active while the door is open
        yield hall.wait(int(seconds * NS_PER_S))
        if self._door:
            self._door.open()
        self.open = False
        hall.truth.add(Phase(self.station.id, "door", self._times, began_ns, hall.now_ns))

    def _physics(self) -> Doing:
        while True:
            yield self.hall.wait(int(STEP_S * NS_PER_S))
            self._warm()
            self._lag()
            self._watch()

    def _warm(self) -> None:
        """Two seconds of heat coming in and being taken out."""
        door_s = CURTAIN_S if self.hall.improved else DOOR_S
        rate = 1 / WALLS_S + (1 / door_s if self.open else 0.0)
        self._cooling = self.celsius > (OFF_C if self._cooling else ON_C)
        gained = (OUTSIDE_C - self.celsius) * rate - (COOLS_C_S if self._cooling else 0.0)
        self.celsius += STEP_S * gained

    def _lag(self) -> None:
        for place, probe in enumerate(self._probes):
            air = self.celsius + self._draught.gauss(0.0, DRAUGHT_C)
            if place == 1 and self.open:
                air += GUST * (OUTSIDE_C - air)
            lag_s = LAGS_S[min(place, len(LAGS_S) - 1)]
            self._at_probe[place] += (air - self._at_probe[place]) * min(1.0, STEP_S / lag_s)
            probe.turn("temperature", round(self._at_probe[place], 3), LEAST_C)

    def _watch(self) -> None:
        """Whoever is rung for comes and says so; the truth keeps from when to when it was too warm on the shelf."""
        now_ns, warm_for_ns = self.hall.now_ns, int(WARM_FOR_S * NS_PER_S)
        if self._at_probe[0] > WARM_C:
            self._warm_since_ns = self._warm_since_ns or now_ns
            if not self._rung and now_ns - self._warm_since_ns >= warm_for_ns:
                self._rung = True
                self.hall.after(int(SEEN_AFTER_S * self._rung_for.lognormvariate(0.0, 0.4) * NS_PER_S), self._say_seen)
            return
        if self._rung:
            self.hall.truth.add(Period(self.station.id, "stop", self._warm_since_ns, now_ns, TOO_WARM))
        self._warm_since_ns, self._rung = 0, False

    def _say_seen(self) -> None:
        if self._seen:
            self._seen.press(int(0.3 * NS_PER_S))
            sensor = self._seen.sensor
            self.hall.truth.add(Press(self.station.id, sensor.id, self.hall.now_ns, "", ""))


def probes(station: Station) -> list[Sensor]:
    """The station's thermometers, in the order of the line."""
    return [
        sensor for sensor in station.sensors.values() if sensor.measure("temperature") and sensor.type != "external"
    ]
