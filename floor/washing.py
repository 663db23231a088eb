"""The washing line: load 4 s + wash 20 s + unload 3 s by hand, then packing 18 s; a cart of buffer between.

    line = WashingLine(load(Path("hardware/lines/washing.toml"), catalogue), {"pi-1": bench, "pi-2": bench2}, clock,
                       seed=1, start_ns=clock.time_ns())
    line.start()
    line.improve(True)             # 「改善を導入」: the wash takes 3 s, the line goes from 27 to 18 s a piece
    line.truth.pieces("washer")

Which stations, pins and ports these are is read from the line: the first two stations of its flow; a sensor the line
has not is not moved. How long a product is washed follows from its ideal cycle there (less 7 s of handwork).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from contract.line import Line, Product
from contract.reading import NS_PER_S
from floor.hall import Doing, Hall
from floor.lots import Lots
from floor.post import Post
from floor.records import SetUp
from floor.shop import Shop
from floor.stock import Buffer, Material, Trays, Work
from floor.troubles import (
    BLOCKED,
    CHANGEOVER,
    NO_MATERIAL,
    PACKER_TROUBLES,
    STARVED,
    WASHER_TROUBLES,
)

LOAD_S, UNLOAD_S = 4.0, 3.0
USUAL_WASH_S = 20.0
OVER_IDEAL_S = 0.1
"""The median wash lies a little above the best one that can be repeated, which is what the ideal is."""
IMPROVED = 0.15
"""What is left of the wash: 20 s become 3 s."""
WEIGH_S, PACK_S = 6.0, 12.4
"""A little over 18 s together, a little under when the buffer is crowded."""
ROOM = 100
"""The buffer: five carts of twenty."""
TEST_PIECES = 2


@dataclass(frozen=True, slots=True)
class Recipe:
    """What washing and packing a product is like."""

    wash_s: float
    spread_s: float
    bad: float
    grams: float


def recipe(line: Line, station: str, product: Product, place: int) -> Recipe:
    """The recipe of the line's ``place``-th product: the first is the easy one, the others spread more."""
    own = product.stations.get(station)
    ideal_s = (own.ideal_cycle_s if own else None) or line.stations[station].ideal_cycle_s
    handwork_s = LOAD_S + UNLOAD_S
    wash_s = ideal_s - handwork_s if ideal_s and ideal_s > handwork_s + 1 else USUAL_WASH_S
    spread_s, bad = (0.25, 0.011) if place == 0 else (0.7, 0.019)
    return Recipe(wash_s + OVER_IDEAL_S, spread_s, bad, 123.45 - 36.15 * place if place < 3 else 20.0 + place)


class Washer:
    """Loads, washes, unloads: one person and one machine."""

    def __init__(self, hall: Hall, station: str, lots: Lots, recipes: Sequence[Recipe]) -> None:
        self.post = Post(hall, station, WASHER_TROUBLES, handwork_spread=0.14)
        self.trays = Trays()
        self.holding: Work | None = None
        self._hall = hall
        self._lots = lots
        self._recipes = recipes
        self._chance = hall.random(f"{station}/wash")
        self._fate = hall.random(f"{station}/fate")
        self._material = Material(hall, hall.random(f"{station}/material"), self.post.bell.ring)
        self._wash = self.post.contact("phase", "wash")
        self._done = self.post.contact("cycle")
        self._water = (date.min, 1.0)

    def begin(self, buffer: Buffer) -> None:
        """Announce what runs, and go to work."""
        self._buffer = buffer
        self._say_product(0.5)
        self.post.say("mode", "production", after_s=1.2)
        self._hall.do(self._work())

    def _work(self) -> Doing:
        while True:
            yield from self.post.be_there(self._standard_s)
            if self._lots.done:
                yield from self._change_over()
            elif not self._has_work():
                yield from self.post.until(self._has_work, NO_MATERIAL)
            else:
                yield from self._make(self._next())

    @property
    def _standard_s(self) -> float:
        wash_s = self._recipes[self._lots.place].wash_s
        return LOAD_S + UNLOAD_S + wash_s * (IMPROVED if self._hall.improved else 1.0)

    def _has_work(self) -> bool:
        return self.trays.has(self._lots.product.id) or bool(self._material)

    def _next(self, test: bool = False) -> Work:
        """What is washed next: rework of the running product first."""
        product = self._lots.product.id
        if not test and self.trays.has(product):
            return self.trays.take(product)
        self._material.take()
        if not test:
            self._lots.one_less()
        return Work(self._hall.truth.entered(), product, test=test)

    def _make(self, work: Work) -> Doing:
        post = self.post
        self.holding = work
        stuck_while_loading = self._fate.random() < 0.5
        if stuck_while_loading:
            yield from post.trouble(self._standard_s)
        yield from post.by_hand(LOAD_S, element="load")
        yield from post.phase("wash", self._wash, work, self._wash_ns())
        if not stuck_while_loading:
            yield from post.trouble(self._standard_s)
        if not work.test:
            yield from post.until(self._has_room, BLOCKED)
        yield from post.by_hand(UNLOAD_S, element="unload")
        self._let_go(work)
        self.holding = None

    def _has_room(self) -> bool:
        return not self._buffer.full

    def _wash_ns(self) -> int:
        today = self._recipes[self._lots.place]
        improved = self._hall.improved_now()
        median_s = today.wash_s * (IMPROVED if improved else 1.0) * self._water_today()
        spread_s = today.spread_s * (0.2 if improved else 1.0)
        wash_s = median_s + spread_s * max(-2.5, min(3.5, self._chance.gauss(0.0, 1.0)))
        return int(wash_s * NS_PER_S)

    def _water_today(self) -> float:
        """The water is a little warmer or colder from day to day."""
        duty = self.post.look.duty
        today = duty.date if duty else date.min
        if self._water[0] != today:
            self._water = today, Random(self._hall.name(f"water/{today}")).gauss(1.0, 0.003)
        return self._water[1]

    def _let_go(self, work: Work) -> None:
        """Out through the contact; some of the bad ones are seen at once."""
        post, truth = self.post, self._hall.truth
        usual = self._recipes[self._lots.place].bad + self._hall.spoilt.get(post.id, 0.0)
        bad = usual * (0.5 if work.rework else 1.0)
        work.good = self._fate.random() >= bad
        found = not work.good and not work.test and self._fate.random() < 0.6
        again = found and self._fate.random() < 0.35
        post.pass_out(self._done, work, counted=again or not found or post.station.scrap_is_counted)
        if work.test:
            truth.leaves("test")
        elif again:
            post.judge(work, "rework")
            self.trays.put(work)
        elif found:
            post.judge(work, "scrap")
            truth.leaves("scrapped")
        else:
            self._buffer.put(work)

    def _change_over(self) -> Doing:
        before, start_ns = self._lots.product.id, self._hall.now_ns
        self._lots.begin_next()
        self.post.say("mode", "setup", after_s=2.0)
        self._say_product(5.0)
        yield from self.post.set_up(CHANGEOVER, self._set_up())
        after = self._lots.product.id
        self._hall.truth.add(SetUp(self.post.id, start_ns, self._hall.now_ns, before, after, TEST_PIECES))
        self.post.say("mode", "production", after_s=0.5)

    def _set_up(self) -> Doing:
        yield from self.post.toil(int(430 * self._fate.lognormvariate(0.0, 0.25) * NS_PER_S))
        for _ in range(TEST_PIECES):
            yield from self.post.until(self._material.__bool__, NO_MATERIAL)
            yield from self._make(self._next(test=True))
            yield from self.post.toil(int(55 * self._fate.lognormvariate(0.0, 0.4) * NS_PER_S))

    def _say_product(self, after_s: float) -> None:
        product = self._lots.product
        self.post.say("product", product.id, *product.codes, after_s=after_s)


class Packer:
    """Weighs, packs, finds most of the bad ones that came through."""

    def __init__(self, hall: Hall, station: str, line: Line, recipes: Mapping[str, Recipe]) -> None:
        self.post = Post(hall, station, PACKER_TROUBLES, handwork_spread=0.10)
        self.holding: Work | None = None
        self._hall = hall
        self._line = line
        self._recipes = recipes
        self._product = ""
        self._fate = hall.random(f"{station}/fate")
        self._done = self.post.contact("cycle")
        scale = next((s for s in self.post.station.sensors.values() if s.type == "scale_and"), None)
        self._scale = hall.scale(scale) if scale else None

    def begin(self, buffer: Buffer, send_back: Callable[[Work], None]) -> None:
        """Go to work."""
        self._buffer = buffer
        self._send_back = send_back
        self._hall.do(self._work())

    def _work(self) -> Doing:
        while True:
            yield from self.post.be_there(WEIGH_S + PACK_S)
            if self._buffer.empty:
                yield from self.post.until(self._has_work, STARVED)
            else:
                yield from self._pack(self._buffer.take())

    def _has_work(self) -> bool:
        return not self._buffer.empty

    def _pack(self, work: Work) -> Doing:
        self.holding = work
        self._see_product(work.product)
        chased = self._buffer.crowded
        if self._scale:
            self._scale.weigh(work.number, self._grams(work))
        yield from self.post.by_hand(WEIGH_S, chased)
        yield from self.post.trouble(WEIGH_S + PACK_S)
        yield from self.post.by_hand(PACK_S, chased)
        work.began_ns = work.ended_ns = None
        self._let_go(work)
        self.holding = None

    def _see_product(self, product: str) -> None:
        if product != self._product:
            self._product = product
            described = self._line.products.get(product)
            self.post.say("product", product, *(described.codes if described else ()), after_s=1.0)

    def _grams(self, work: Work) -> float:
        """What is not clean is also heavier: oil and chips."""
        clean = self._fate.gauss(self._recipes[work.product].grams, 0.35)
        return clean if work.good else clean + self._fate.uniform(0.5, 2.5)

    def _let_go(self, work: Work) -> None:
        truth = self._hall.truth
        found = not work.good and self._fate.random() < 0.8
        again = found and self._fate.random() < 0.5
        self.post.pass_out(self._done, work, counted=again or not found or self.post.station.scrap_is_counted)
        if again:
            self.post.judge(work, "rework")
            self._send_back(work)
        elif found:
            self.post.judge(work, "scrap")
            truth.leaves("scrapped")
        else:
            truth.leaves("packed")


class WashingLine(Shop):
    """The whole floor. Stations whose agent has no bench happen in the truth only."""

    @classmethod
    def fits(cls, line: Line) -> bool:
        """Two stations, and the first of them has a machine's step."""
        if len(line.stations) < 2:
            return False
        first, second = _stations(line)
        return bool(line.stations[first].with_role("phase")) and bool(line.stations[second].with_role("cycle"))

    def _furnish(self, hall: Hall) -> None:
        line = hall.line
        washer, packer = _stations(line)
        products = tuple(line.products.values()) or (Product("", ""),)
        recipes = [recipe(line, washer, product, place) for place, product in enumerate(products)]
        self._washer = Washer(hall, washer, Lots(products, hall.random("lots"), mix=hall.mix), recipes)
        self._packer = Packer(hall, packer, line, dict(zip((p.id for p in products), recipes, strict=True)))
        self._buffer = Buffer(ROOM, self._ring)
        self._washer.begin(self._buffer)
        self._packer.begin(self._buffer, self._send_back)

    @property
    def in_process(self) -> int:
        """Pieces on the floor: in hands, in the machine, in the buffer, in the trays of rework."""
        holding = (self._washer.holding, self._packer.holding)
        return len(self._buffer) + len(self._washer.trays) + sum(work is not None for work in holding)

    def _ring(self) -> None:
        self._washer.post.bell.ring()
        self._packer.post.bell.ring()

    def _send_back(self, work: Work) -> None:
        self._washer.trays.put(work)
        self._washer.post.bell.ring()


def _stations(line: Line) -> tuple[str, str]:
    """The washing station and the one after it."""
    if line.flow:
        return line.flow[0].source, line.flow[0].target
    first, second, *_ = line.stations
    return first, second
