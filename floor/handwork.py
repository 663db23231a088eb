"""Work by hand alone: assembly at a bench, and packing with a scale.

The improvement of the assembly is that parts lie where the hand finds them; that of the packing a better tape and box.
"""

from contract.line import Station
from floor.hall import Doing, Hall
from floor.maker import OVER_IDEAL, Maker, Trade
from floor.stock import Work
from floor.troubles import Cause, Trouble

NO_PARTS = Cause("no_parts", "starved", 0.7, ("no-parts", "no-material"))
REDO = Cause("done_again", "quality", 0.35, ("redo",))
TOOL = Cause("tool_trouble", "tool", 0.5, ("tool",))
ASKED = Cause("asked_away", "none", 0.0)
NO_GOODS = Cause("no_goods", "starved", 0.7, ("no-material", "no-parts"))
TAPE = Cause("tape_change", "tool", 0.4, ("tape",))
LABEL = Cause("label_again", "minor", 0.4, ("label",))

ASSEMBLY_TROUBLES = (
    Trouble(NO_PARTS, 4800.0, 260.0, 0.5, 60.0, 1200.0),
    Trouble(REDO, 2600.0, 70.0, 0.5, 20.0, 400.0),
    Trouble(TOOL, 9000.0, 150.0, 0.5, 30.0, 900.0),
    Trouble(ASKED, 5200.0, 90.0, 0.6, 15.0, 600.0),
)
PACKING_TROUBLES = (
    Trouble(NO_GOODS, 5000.0, 300.0, 0.5, 60.0, 1500.0),
    Trouble(TAPE, 2400.0, 60.0, 0.3, 25.0, 180.0),
    Trouble(LABEL, 3000.0, 40.0, 0.5, 10.0, 200.0),
)
STEPS = (0.27, 0.53, 0.20)
"""Of the ideal: fetching the parts, putting them together, looking at it."""
PARTS_AT_HAND = 0.55
"""What is left of the fetching when parts lie well."""
WEIGHED_AFTER, QUICKER_BOX = 0.45, 0.78
BOX_G, MORE_G, SPREAD_G = 1250.0, 1900.0, 4.0


class Assembly(Maker):
    """One person at a bench; what is finished is laid in a box."""

    TRADE = Trade(ASSEMBLY_TROUBLES, handwork_spread=0.16, set_up_s=240.0, bad=0.014)

    @classmethod
    def fits(cls, station: Station) -> bool:
        """Nothing but a switch that counts."""
        return bool(station.with_role("cycle"))

    def _make(self, work: Work) -> Doing:
        for place, part in enumerate(STEPS):
            left = PARTS_AT_HAND if place == 0 and self.hall.improved else 1.0
            yield from self.post.by_hand(part * left * self.ideal_s * OVER_IDEAL)
        work.began_ns = work.ended_ns = None


class Packing(Maker):
    """One person at a table: the box is filled, weighed and closed."""

    TRADE = Trade(
        PACKING_TROUBLES, handwork_spread=0.12, lots=((220, 40), (70, 15)), least_lot=20, set_up_s=70.0, bad=0.008
    )

    def __init__(self, hall: Hall, station: str) -> None:
        super().__init__(hall, station)
        scale = next(sensor for sensor in self.post.station.sensors.values() if sensor.type == "scale_and")
        self._scale = hall.scale(scale)

    @classmethod
    def fits(cls, station: Station) -> bool:
        """A switch that counts, and a scale."""
        return bool(station.with_role("cycle")) and any(s.type == "scale_and" for s in station.sensors.values())

    def _make(self, work: Work) -> Doing:
        yield from self.post.by_hand(WEIGHED_AFTER * self.usual_s, element="fill")
        self._scale.weigh(work.number, self._grams())
        left = QUICKER_BOX if self.hall.improved else 1.0
        yield from self.post.by_hand((1.0 - WEIGHED_AFTER) * left * self.usual_s, element="close")

    def _grams(self) -> float:
        """Boxes of later products are heavier."""
        return self.chance.gauss(BOX_G + MORE_G * self._lots.place, SPREAD_G)
