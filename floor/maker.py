"""One station that takes material, makes something of it and passes it out, in lots of the line's products.

A kind of work (`floor.press`, `floor.lathe`, `floor.handwork`) says what one piece takes; what holds for all of them
stands here once: lots and set-ups, troubles before or after the step, bad pieces, what the improvement averts.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from contract.line import Product, Station
from contract.reading import NS_PER_S
from floor.hall import Doing, Hall
from floor.lots import SIZES, Lots, Sizes
from floor.post import Post
from floor.records import SetUp
from floor.stock import Work
from floor.troubles import CHANGEOVER, Cause, Trouble


@dataclass(frozen=True, slots=True)
class Trade:
    """What a kind of work is like. ``adjust_s`` is what follows each of the ``tests`` pieces of a set-up."""

    troubles: Sequence[Trouble]
    handwork_spread: float = 0.13
    lots: Sizes = SIZES
    least_lot: int = 60
    set_up_s: float = 300.0
    tests: int = 0
    adjust_s: float = 50.0
    bad: float = 0.012
    averted: frozenset[Cause] = frozenset()
    """What the improvement averts, in ``AVERTED`` of the cases."""
    improved_set_up: float = 1.0
    """What is left of the set-up's handwork with the improvement."""


AVERTED = 0.7
OVER_IDEAL = 1.01
"""The usual piece lies a little above the best one that can be repeated, which is what the ideal is."""
USUAL_S = 30.0


class Maker(ABC):
    """See above."""

    TRADE: ClassVar[Trade]

    def __init__(self, hall: Hall, station: str) -> None:
        self.hall = hall
        self.post = Post(hall, station, self.TRADE.troubles, handwork_spread=self.TRADE.handwork_spread)
        self.holding: Work | None = None
        self.chance = hall.random(f"{station}/made")
        self._fate = hall.random(f"{station}/fate")
        self._lots = Lots(
            self._products(), hall.random(f"{station}/lots"), self.TRADE.lots, self.TRADE.least_lot, hall.mix
        )
        self._done = self.post.contact("cycle")

    @classmethod
    @abstractmethod
    def fits(cls, station: Station) -> bool:
        """Whether a station with these sensors is one of this kind."""

    @abstractmethod
    def _make(self, work: Work) -> Doing:
        """Everything between taking the material and passing the piece out."""

    def begin(self) -> None:
        """Announce what runs, and go to work."""
        self._say_product(0.5)
        self.post.say("mode", "production", after_s=1.5)
        self.hall.do(self._work())

    @property
    def ideal_s(self) -> float:
        """The ideal of the product that runs."""
        product = self._lots.product
        own = product.stations.get(self.post.id)
        return (own.ideal_cycle_s if own else None) or self.post.station.ideal_cycle_s or USUAL_S

    @property
    def usual_s(self) -> float:
        """What a piece usually takes."""
        return self.ideal_s * OVER_IDEAL

    def _products(self) -> tuple[Product, ...]:
        products = self.hall.line.products.values()
        return tuple(p for p in products if self.post.id in p.stations) or tuple(products) or (Product("", ""),)

    def _work(self) -> Doing:
        while True:
            yield from self.post.be_there(self.usual_s)
            if self._lots.done:
                yield from self._change_over()
            else:
                self._lots.one_less()
                yield from self._one(self._next())

    def _next(self, test: bool = False) -> Work:
        return Work(self.hall.truth.entered(), self._lots.product.id, test=test)

    def _one(self, work: Work) -> Doing:
        self.holding = work
        self.hall.improved_now()
        stuck_before = self._fate.random() < 0.5
        if stuck_before:
            yield from self.post.trouble(self.usual_s, self._averted)
        yield from self._make(work)
        if not stuck_before:
            yield from self.post.trouble(self.usual_s, self._averted)
        self._let_go(work)
        self.holding = None

    def _averted(self, cause: Cause) -> bool:
        return self.hall.improved and cause in self.TRADE.averted and self._fate.random() < AVERTED

    def _let_go(self, work: Work) -> None:
        """Out through the contact; what is bad is found here."""
        post, truth = self.post, self.hall.truth
        work.good = work.test or self._fate.random() >= self.TRADE.bad + self.hall.spoilt.get(post.id, 0.0)
        post.pass_out(self._done, work, counted=work.good or post.station.scrap_is_counted)
        if not work.good:
            post.judge(work, "scrap")
        truth.leaves("test" if work.test else "packed" if work.good else "scrapped")

    def _change_over(self) -> Doing:
        before, start_ns = self._lots.product.id, self.hall.now_ns
        self._lots.begin_next()
        self.post.say("mode", "setup", after_s=2.0)
        self._say_product(5.0)
        yield from self.post.set_up(CHANGEOVER, self._set_up())
        after, tests = self._lots.product.id, self.TRADE.tests
        self.hall.truth.add(SetUp(self.post.id, start_ns, self.hall.now_ns, before, after, tests))
        self.post.say("mode", "production", after_s=0.5)

    def _set_up(self) -> Doing:
        left = self.TRADE.improved_set_up if self.hall.improved_now() else 1.0
        yield from self.post.toil(self._about(self.TRADE.set_up_s * left, 0.25))
        for _ in range(self.TRADE.tests):
            yield from self._one(self._next(test=True))
            yield from self.post.toil(self._about(self.TRADE.adjust_s, 0.4))

    def _about(self, median_s: float, spread: float) -> int:
        return int(median_s * self._fate.lognormvariate(0.0, spread) * NS_PER_S)

    def _say_product(self, after_s: float) -> None:
        product = self._lots.product
        if product.id:
            self.post.say("product", product.id, *product.codes, after_s=after_s)
