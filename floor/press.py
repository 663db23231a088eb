"""A press that runs by itself from the coil, and stands often and briefly: slugs that come up, misfeeds, a full chute.

The improvement is a better feed and a blow-off: seven of ten of its short stops do not happen.
"""

from contract.line import Station
from contract.reading import NS_PER_S
from floor.hall import Doing
from floor.maker import Maker, Trade
from floor.stock import Work
from floor.troubles import Cause, Trouble

SLUG = Cause("slug_pulled_up", "minor", 0.4, ("jam",))
MISFEED = Cause("misfeed", "minor", 0.35, ("jam",))
CHUTE = Cause("chute_full", "minor", 0.2, ("jam",))
COIL = Cause("coil_change", "starved", 0.7, ("no-material",))
DIE = Cause("die_change", "setup", 0.8, ("die-change", "changeover"))
OVERLOAD = Cause("overload", "failure", 0.9, ("breakdown",))

TROUBLES = (
    Trouble(SLUG, 420.0, 34.0, 0.6, 5.0, 300.0),
    Trouble(MISFEED, 560.0, 26.0, 0.6, 4.0, 240.0),
    Trouble(CHUTE, 1500.0, 12.0, 0.4, 4.0, 60.0),
    Trouble(COIL, 5400.0, 190.0, 0.25, 100.0, 600.0),
    Trouble(DIE, 14_000.0, 1300.0, 0.25, 700.0, 2700.0),
    Trouble(OVERLOAD, 60_000.0, 1500.0, 0.5, 600.0, 5400.0),
)
SPREAD = 0.004
"""Of one stroke: it is a machine."""


class Press(Maker):
    """A machine that works alone; a person puts right what stops it."""

    TRADE = Trade(TROUBLES, bad=0.006, averted=frozenset({SLUG, MISFEED}))

    @classmethod
    def fits(cls, station: Station) -> bool:
        """It says by itself whether it runs, as by its stack light."""
        return bool(station.with_role("cycle")) and bool(station.with_role("running"))

    def _make(self, work: Work) -> Doing:
        stroke_s = self.ideal_s * (1.003 + SPREAD * max(-0.7, min(3.0, self.chance.gauss(0.0, 1.0))))
        yield from self.post.phase("stroke", self.post.contact("phase", "stroke"), work, int(stroke_s * NS_PER_S))
