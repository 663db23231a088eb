"""One station of a floor: who works there and when, its wires, and why it stands.

A station's own doing (`floor.washing.Washer`) is a SimPy process that goes through these verbs, so what holds for every
floor stands here once: nobody works in a break, a stop is told by some and not by others, one state at a time.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import simpy

from contract.line import RoleKind, Sensor
from contract.reading import NS_PER_S
from floor.contact import Contact
from floor.gauges import Bin, gauges
from floor.hall import Doing, Hall
from floor.people import Crew
from floor.records import Period, PeriodKind, Phase, Piece, PowerCut, Press, Verdict
from floor.shifts import Duty, Look, Roster
from floor.stock import Work
from floor.troubles import HANDOVER, POWER_CUT, REST, START_UP, Cause, Cut, Mains, Trouble, Troubles

BOTHER_S = 50.0
"""Nobody walks to a button for less."""
WRONG_BUTTON = 0.04
AFTERWARDS = 0.25
"""Share of reasons given only when it runs again."""
HURRY_AFTER_S = 120.0
HURRY_FOR_NS = 600 * NS_PER_S
CUT_EVERY_S = 300_000.0
RESET_S = (100.0, 260.0)
"""From power to work: longer than a Pi takes to boot."""


class Bell:
    """Something that may have changed: whoever waits looks again."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._waiting: simpy.Event | None = None

    def wait(self) -> simpy.Event:
        """Until it rings next, to be yielded."""
        if self._waiting is None:
            self._waiting = self._env.event()
        return self._waiting

    def ring(self) -> None:
        """Wake who waits."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.succeed()


class Post:
    """持ち場: one station, with its people, wires and troubles."""

    def __init__(self, hall: Hall, station: str, troubles: Sequence[Trouble], *, handwork_spread: float = 0.13) -> None:
        described = hall.line.stations[station]
        self.id = station
        self.station = described
        self.hall = hall
        self.roster = Roster(hall.line, described)
        self.bell = Bell(hall.env)
        self.chance = hall.random(f"{station}/chance")
        self._mains = hall.mains[station] = Mains(hall.random(f"{station}/mains"), CUT_EVERY_S)
        self._told = hall.random(f"{station}/told")
        self._crew = Crew(hall.name(f"{station}/crew"), handwork_spread)
        self._troubles = Troubles(hall.random(f"{station}/troubles"), troubles)
        self._duty: Duty | None = None
        self._hurry_until_ns = 0
        self._standing: list[tuple[PeriodKind, Cause]] = []
        for sensor in described.sensors.values():
            if sensor.role:
                hall.contact(sensor)
        self._running = self.contact("running")
        if self._running:
            self._running.closed = True
        self._gauges = gauges(hall, described)
        self._turning = False
        self._show_state()
        hall.do(self._ring_at_boundaries())

    def contact(self, kind: RoleKind, name: str = "") -> Contact | None:
        """The first contact of a role, None if the line has no such sensor."""
        sensors = (s for s in self.station.with_role(kind) if s.role and s.role.name == name)
        return next((self.hall.contact(sensor) for sensor in sensors), None)

    @property
    def look(self) -> Look:
        """What is meant now."""
        return self.roster.look(self.hall.now_ns)

    @property
    def hurried(self) -> bool:
        """Whether a stop is being made up for."""
        return self.hall.now_ns < self._hurry_until_ns

    def by_hand(self, median_s: float, chased: bool = False, element: str = "") -> Doing:
        """Handwork of that median, as long as this person takes now. ``element``: what a watcher calls it."""
        began_ns = self.hall.now_ns
        look = self.look
        median_s *= self.hall.pace.get(self.id, 1.0)
        yield self.hall.wait(
            self._crew.person(look).time_ns(median_s, look.duty, self.hall.now_ns, chased or self.hurried)
        )
        self._seen(element, began_ns)

    def be_there(self, standard_s: float = 0.0) -> Doing:
        """Come back when it is time to work, and a piece of so many seconds fits in before the break.

        A shift that is new begins with handing over, or with warming up.
        """
        while not self._may_begin(standard_s):
            yield from self._be_away()
        duty = self.look.duty
        if duty != self._duty:
            first, self._duty = self._duty is None, duty
            if duty and duty.name and (not first or self.hall.now_ns - duty.start_ns < 60 * NS_PER_S):
                yield from self._start_shift(duty)

    def until(self, ready: Callable[[], bool], cause: Cause) -> Doing:
        """Wait for a neighbour; who waits into a break goes for the break."""
        while not ready():
            self._stands("wait", cause)
            self._tell(cause)
            while not ready() and self.look.at_work:
                yield self.bell.wait()
            self._works()
            if not self.look.at_work:
                yield from self.be_there()

    def stand(self, cause: Cause, ns: int) -> Doing:
        """Stand for that cause for so long, whether anybody says why or not; then, if it has become a break, rest."""
        self._stands("stop", cause)
        self._tell(cause, ns)
        yield self.hall.wait(ns)
        self._works()
        if ns > HURRY_AFTER_S * NS_PER_S:
            self._hurry_until_ns = self.hall.now_ns + HURRY_FOR_NS
        yield from self.be_there()

    def toil(self, ns: int) -> Doing:
        """Work by hand that takes so long and is laid down for a break."""
        while ns > 0:
            yield from self.be_there()
            part_ns = min(ns, self.look.until_ns - self.hall.now_ns)
            yield self.hall.wait(part_ns)
            ns -= part_ns

    def trouble(self, worked_s: float, averted: Callable[[Cause], bool] = lambda _: False) -> Doing:
        """Whatever goes wrong in so many seconds of work, mostly nothing; not what is ``averted``."""
        struck = self._troubles.strike(worked_s)
        if struck is not None and not averted(struck.cause):
            yield from self.stand(struck.cause, self._troubles.length_ns(struck))
        also = self.hall.also.get(self.id)
        if also is not None and (kept_ns := also.due(self.hall.now_ns)) is not None:
            yield from self.stand(also.cause, kept_ns)

    def set_up(self, cause: Cause, doing: Doing) -> Doing:
        """One stop for that cause around everything ``doing`` does."""
        self._stands("stop", cause)
        self._tell(cause)
        yield from doing
        self._works()

    def phase(self, name: str, wire: Contact | None, work: Work, ns: int) -> Doing:
        """The machine's own step of so long, once more from the start after each power cut."""
        if (pace := self.hall.pace.get(self.id, 1.0)) != 1.0:
            ns = int(ns * pace)
        while (cut := self._mains.cut(ns / NS_PER_S)) is not None:
            yield from self._cut_off(name, wire, work, int(ns * cut.part), cut)
        began_ns = self.hall.now_ns
        if wire:
            wire.close()
        self._turns(True)
        yield self.hall.wait(ns)
        self._turns(False)
        if wire:
            wire.open()
        work.began_ns, work.ended_ns = began_ns, self.hall.now_ns
        self.hall.truth.add(Phase(self.id, name, work.number, began_ns, work.ended_ns))
        self._seen(name, began_ns)

    def pass_out(self, wire: Contact | None, work: Work, counted: bool = True) -> None:
        """The piece touches the cycle contact, and is known as made here, of a part out of the bin."""
        for gauge in self._gauges:
            if isinstance(gauge, Bin) and not work.rework:
                gauge.take()
        if counted and wire:
            wire.press(int(self.chance.uniform(0.2, 0.4) * NS_PER_S))
        self.hall.truth.add(
            Piece(
                self.id, work.number, self.hall.now_ns, work.product, work.good, work.test, work.rework, counted,
                work.began_ns, work.ended_ns,
            )
        )  # fmt: skip

    def judge(self, work: Work, verdict: Literal["scrap", "rework"]) -> None:
        """Somebody finds the piece bad and, in passing, throws it through the switch that counts them."""
        wire = self.contact(verdict)
        pressed = wire is not None
        delay_ns = int(self.chance.uniform(0.8, 2.5) * NS_PER_S)

        def found() -> None:
            if wire:
                wire.press(int(self.chance.uniform(0.2, 0.4) * NS_PER_S))
            self.hall.truth.add(Verdict(self.id, work.number, self.hall.now_ns, verdict, pressed))

        self.hall.after(delay_ns, found)

    def say(self, role: RoleKind, *words: str, after_s: float = 0.0) -> None:
        """Press the button of that role which says one of these words, or show its code or card, if there is one."""
        for sensor in self.station.with_role(role):
            if sensor.says in words:
                self.hall.after(int(after_s * NS_PER_S), partial(self._press, sensor, role))
                return
            reader = self.hall.reader(sensor)
            if reader is not None and (word := reader.word(words)):
                self.hall.after(int(after_s * NS_PER_S), partial(self._show, sensor, role, word))
                return

    def _show(self, sensor: Sensor, role: str, word: str) -> None:
        reader = self.hall.reader(sensor)
        if reader is not None:
            reader.show(word)
            self.hall.truth.add(Press(self.id, sensor.id, self.hall.now_ns, role, word))

    def _press(self, sensor: Sensor, role: str) -> None:
        self.hall.contact(sensor).press(int(self._told.uniform(0.15, 0.5) * NS_PER_S))
        self.hall.truth.add(Press(self.id, sensor.id, self.hall.now_ns, role, sensor.says or ""))

    # -- being there -------------------------------------------------------------------------------------------------

    def _may_begin(self, standard_s: float) -> bool:
        look = self.look
        if not look.at_work:
            return False
        left_ns = look.until_ns - self.hall.now_ns
        return left_ns >= standard_s * NS_PER_S or self.roster.look(look.until_ns).at_work

    def _be_away(self) -> Doing:
        """Away from now until the next work; from a break a little later than the bell."""
        look = self.look
        if look.at_work:
            look = self.roster.look(look.until_ns)
        kind: PeriodKind = "break" if look.kind == "work" else look.kind
        self._stands(kind, REST)
        while look.kind == kind:
            yield self.hall.wait(look.until_ns - self.hall.now_ns)
            look = self.look
        if kind == "break" and look.at_work:
            yield self.hall.wait(self._crew.person(look).late_ns())
        self._works()

    def _start_shift(self, duty: Duty) -> Doing:
        before = self.roster.look(duty.start_ns - 1)
        if before.kind == "no_shift":
            yield from self.stand(START_UP, int(self.chance.uniform(180, 420) * NS_PER_S))
        else:
            yield from self.stand(HANDOVER, int(self.chance.uniform(50, 170) * NS_PER_S))

    def _ring_at_boundaries(self) -> Doing:
        while True:
            yield self.hall.wait(self.look.until_ns - self.hall.now_ns)
            self.bell.ring()

    def _seen(self, element: str, began_ns: int) -> None:
        if element and self.hall.watcher is not None:
            self.hall.watcher(self.id, element, began_ns, self.hall.now_ns)

    def _cut_off(self, name: str, wire: Contact | None, work: Work, worked_ns: int, cut: Cut) -> Doing:
        """The step begins and power fails in it; what was begun is lost."""
        hall = self.hall
        began_ns = hall.now_ns
        if wire:
            wire.close()
        self._turns(True)
        yield hall.wait(worked_ns)
        self._turns(False)
        cut_ns = hall.now_ns
        with_pi = hall.power(self.id, False, cut.with_pi)
        if wire:
            wire.open()
        hall.truth.add(Phase(self.id, name, work.number, began_ns, cut_ns, whole=False))
        reset_ns = int(self.chance.uniform(*RESET_S) * NS_PER_S)
        self._stands("stop", POWER_CUT)
        yield hall.wait(cut.off_ns)
        hall.power(self.id, True, with_pi)
        hall.truth.add(PowerCut(self.id, cut_ns, hall.now_ns, with_pi))
        self._tell(POWER_CUT, reset_ns)
        yield hall.wait(reset_ns)
        self._works()
        yield from self.be_there()

    # -- standing ----------------------------------------------------------------------------------------------------

    def _stands(self, kind: PeriodKind, cause: Cause) -> None:
        """A new state; what it comes into (a break into a set-up) goes on after it."""
        self.hall.truth.works(self.id, self.hall.now_ns)
        self._standing.append((kind, cause))
        self._say_state()

    def _works(self) -> None:
        self.hall.truth.works(self.id, self.hall.now_ns)
        self._standing.pop()
        self._say_state()

    def _turns(self, turning: bool) -> None:
        self._turning = turning
        self._show_state()

    def _show_state(self) -> None:
        kind, cause = self._standing[-1] if self._standing else (None, REST)
        for gauge in self._gauges:
            gauge.see(kind, cause, self._turning)

    def _say_state(self) -> None:
        """Tell the truth, and let the contact of a running lamp and everything else that shows it follow."""
        self._show_state()
        if self._standing:
            kind, cause = self._standing[-1]
            self.hall.truth.stands(Period(self.id, kind, self.hall.now_ns, None, cause.id, cause.loss))
        if self._running and self._running.closed == bool(self._standing):
            (self._running.open if self._standing else self._running.close)()

    def _tell(self, cause: Cause, ns: int | None = None) -> None:
        """Perhaps somebody will press the reason: during the stop, or (of a known length) when it has just ended."""
        told = self._told
        if (ns is not None and ns < BOTHER_S * NS_PER_S) or told.random() >= cause.told:
            return
        button = self._button(cause)
        if button is None:
            return
        afterwards = ns is not None and told.random() < AFTERWARDS
        after_s = BOTHER_S + told.expovariate(1 / 60) if ns is None else told.uniform(0.2, 0.8) * ns / NS_PER_S
        if afterwards and ns is not None:
            self.hall.truth.pressed(self.id, button.says or "")
            after_s = ns / NS_PER_S + told.uniform(1.0, 3.0)
        begun_ns = self._begun_ns

        def tell() -> None:
            if self._begun_ns == begun_ns:
                self.hall.truth.pressed(self.id, button.says or "")
            if afterwards or self._begun_ns == begun_ns:
                self._press(button, "reason")

        self.hall.after(int(after_s * NS_PER_S), tell)

    @property
    def _begun_ns(self) -> int:
        """Since when it has stood for what it stands for, 0 while it works."""
        lasting = self.hall.truth.lasting(self.id)
        return lasting.start_ns if lasting else 0

    def _button(self, cause: Cause) -> Sensor | None:
        """The button somebody would press for that cause, in one case of 25 just any."""
        buttons = self.station.with_role("reason")
        if buttons and self._told.random() < WRONG_BUTTON:
            return self._told.choice(buttons)
        for reason in cause.reasons:
            for button in buttons:
                if button.says == reason:
                    return button
        reasons = self.hall.line.reasons
        return next((b for b in buttons if b.says in reasons and reasons[b.says or ""].loss == cause.loss), None)
