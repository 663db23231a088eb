"""A lathe of many small lots: about a quarter of its time goes into set-ups, each with test pieces.

The improvement is 外段取り: tools and jaws are made ready while it still cuts, and what is left of a set-up is a third.
"""

from contract.line import Station
from contract.reading import NS_PER_S
from floor.hall import Doing
from floor.maker import OVER_IDEAL, Maker, Trade
from floor.stock import Work
from floor.troubles import Cause, Trouble

TOOL = Cause("tool_change", "tool", 0.6, ("tool",))
CHIPS = Cause("chips_wound_up", "minor", 0.3, ("chips", "jam"))
MATERIAL = Cause("no_material", "starved", 0.7, ("no-material",))
ALARM = Cause("spindle_alarm", "failure", 0.9, ("breakdown",))

TROUBLES = (
    Trouble(TOOL, 6000.0, 280.0, 0.3, 120.0, 900.0),
    Trouble(CHIPS, 2600.0, 45.0, 0.6, 8.0, 300.0),
    Trouble(MATERIAL, 20_000.0, 500.0, 0.4, 200.0, 1500.0),
    Trouble(ALARM, 120_000.0, 2400.0, 0.5, 900.0, 7200.0),
)
LOAD_S, UNLOAD_S = 9.0, 6.0
SPREAD = 0.003
"""Of one cut: the program is always the same."""


class Lathe(Maker):
    """Somebody loads and unloads; the program cuts."""

    TRADE = Trade(
        TROUBLES,
        lots=((14, 5),),
        least_lot=4,
        set_up_s=330.0,
        tests=1,
        adjust_s=70.0,
        bad=0.012,
        improved_set_up=0.34,
    )

    @classmethod
    def fits(cls, station: Station) -> bool:
        """It has a step of its machine, and says what it makes."""
        return all(station.with_role(kind) for kind in ("cycle", "phase", "product"))

    @property
    def _phase(self) -> str:
        role = self.post.station.with_role("phase")[0].role
        return role.name if role else ""

    def _make(self, work: Work) -> Doing:
        cut_s = max(1.0, self.ideal_s * OVER_IDEAL - LOAD_S - UNLOAD_S)
        cut_s *= 1.0 + SPREAD * max(-2.5, min(3.5, self.chance.gauss(0.0, 1.0)))
        yield from self.post.by_hand(LOAD_S, element="load")
        yield from self.post.phase(
            self._phase, self.post.contact("phase", self._phase), work, int(cut_s * NS_PER_S)
        )  # fmt: skip
        yield from self.post.by_hand(UNLOAD_S, element="unload")
