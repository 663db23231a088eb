"""The bench's pins: gpiozero's mock pins, made to behave like the electrical thing.

`gpiozero.pins.mock.MockPin` remembers every change for ever, stamps it with the computer's own clock, forgets what is
wired to it when its pull changes, and stores ``bounce`` without using it. `BenchPin` keeps nothing unless asked
(:meth:`BenchPin.record`), takes its ticks from the bench's clock, lets an outside wire win over the pull, debounces
like lgpio does, and refuses what lgpio would refuse. Everything else is gpiozero's.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any

from gpiozero.exc import PinFixedPull, PinInvalidBounce, PinInvalidEdges, PinInvalidPull, PinInvalidState, PinSetInput
from gpiozero.pins.mock import MockFactory, MockPin

from contract.reading import NS_PER_S
from edge.clock import Clock, Timer

PI_4B_2GB = "b03115"
"""The board the bench pretends to be, unless GPIOZERO_MOCK_REVISION names another."""


class ShortCircuit(RuntimeError):
    """Two outputs on one wire: on a real board this costs the pin."""


class BenchPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin with a wire that a tester holds.

    bench.drive(17, False)      # the contact closes to ground
    bench.release(17)           # nothing connected: the pull decides

    A hand that takes the wire (``bench.take``) wins over what drives it meanwhile. ``changes`` counts the edges.

    An output with a ``frequency`` (PWM) has as its ``state`` the duty, 0.0 to 1.0; its level is high while that is over
    0, the pulses themselves are not played.
    """

    factory: "BenchFactory"
    _state: bool
    _function: str
    states: list[Any]

    def __init__(self, factory: "BenchFactory", info: Any) -> None:
        self.taken = False
        self.deaf = False
        self.changes = 0
        self.in_hand = False
        self._wire: bool | None = None
        self._hand: bool | None = None
        self._dated_ns: int | None = None
        self._to_come: Sequence[tuple[int, bool]] = ()
        self._frequency: float | None = None
        self._duty = 0.0
        self._record: Callable[[int, bool], None] | None = None
        self._attached: list[Callable[[int, bool], None]] = []
        self._told = False
        self._quiet: Timer | None = None
        super().__init__(factory, info)
        self._told = self._state

    @property
    def level(self) -> bool:
        """The voltage on the pin: True is 3.3 V."""
        return bool(self._state)

    def wire(self, level: bool | None, at_ns: int | None = None) -> None:
        """Put an outside voltage on the pin, or take it away (None: the pull decides). Raises ShortCircuit.

        ``at_ns``: when that was (monotonic), for whoever comes late to say so; the kernel would have dated it then.
        """
        if self._function == "output" and level is not None:
            raise ShortCircuit(f"{self!r} is an output; driving it from outside would burn it")
        if at_ns is None and not self.in_hand:
            self._to_come = ()
        self._wire, self._dated_ns = level, at_ns
        self._settle()
        self._dated_ns = None

    def take(self, level: bool | None, at_ns: int | None = None) -> None:
        """A hand takes the wire and holds it at ``level`` (None: pulled out). Raises ShortCircuit.

        What :meth:`wire` says meanwhile is kept, and is so again once the hand leaves. ``at_ns``: as there.
        """
        if self._function == "output" and level is not None:
            raise ShortCircuit(f"{self!r} is an output; driving it from outside would burn it")
        if at_ns is None:
            self._to_come = ()
        self.in_hand, self._hand, self._dated_ns = True, level, at_ns
        self._settle()
        self._dated_ns = None

    def leave(self) -> None:
        """The hand lets go of the wire."""
        self.in_hand, self._to_come = False, ()
        self._settle()

    def expect(self, edges: Sequence[tuple[int, bool]]) -> None:
        """Edges whose dates (monotonic ns, in order) are fixed, and that are put one by one, maybe late.

        From its date on whoever reads the pin sees a level, whether its edge was told yet or not: as with a kernel,
        whose events may come late where the voltage does not. They end with the next undated `wire` or `take`.
        """
        self._to_come = edges

    def drive_high(self) -> None:
        """The name gpiozero has for ``wire(True)``."""
        self.wire(True)

    def drive_low(self) -> None:
        """The name gpiozero has for ``wire(False)``."""
        self.wire(False)

    def record(self, keep: Callable[[int, bool], None] | None) -> None:
        """Call ``keep(monotonic_ns, level)`` at each change from now on; None stops it."""
        self._record = keep

    def attach(self, device: Callable[[int, bool], None]) -> None:
        """Let a device's model see each change, ``device(monotonic_ns, level)``, at once; it may move other pins."""
        self._attached.append(device)

    def close(self) -> None:
        """Give the pin back: an input that nobody listens to, with the pull it has by itself."""
        self._calm()
        self._bounce = self._frequency = None
        super().close()
        self._pull = self.info.pull or "floating"
        self._settle()
        self.taken = False

    def output_with_state(self, state: bool) -> None:
        """An output that starts as ``state``, or becomes it: without the moment of low in between."""
        if self._function != "output":
            self._function, self._wire, self.in_hand = "output", None, False
        self._become(bool(state))

    def clear_states(self) -> None:
        """No history to clear; gpiozero calls it at birth."""
        self._last_change = self.factory.ticks()
        self.states = []

    def _settle(self) -> None:
        """Let the voltage follow: the output, else a hand, else the wire, else the pull, else as it was."""
        if self._function == "output":
            return
        pulled = {"up": True, "down": False}.get(self._pull, self._state)
        outside = self._hand if self.in_hand else self._wire
        self._become(pulled if outside is None else outside)

    def _become(self, level: bool) -> None:
        if self._change_state(level):
            self._tell()

    def _change_state(self, value: bool) -> bool:
        if self._state == value:
            return False
        now_ns = self.factory.clock.monotonic_ns() if self._dated_ns is None else self._dated_ns
        self._state = value
        self.changes += 1
        self._last_change = now_ns / NS_PER_S
        if self._record is not None:
            self._record(now_ns, value)
        for device in self._attached:
            device(now_ns, value)
        return True

    def _get_state(self) -> bool | float:
        if self._frequency is not None:
            return self._duty
        to_come = self._to_come  # another thread may end them
        if not to_come or self._function == "output":
            return self._state
        now_ns = self.factory.clock.monotonic_ns()
        return next((level for at_ns, level in reversed(to_come) if at_ns <= now_ns), self._state)

    def _set_state(self, value: float) -> None:
        if self._function != "output":
            raise PinSetInput(f"cannot set state of pin {self!r}")
        if not 0 <= value <= 1:
            raise PinInvalidState(f"invalid state {value} for pin {self!r}")
        self._duty = float(value)
        self._change_state(value > 0)

    def _get_frequency(self) -> float | None:
        return self._frequency

    def _set_frequency(self, value: float | None) -> None:
        if value is None:
            if self._frequency is not None:
                self._frequency = None
                self._change_state(False)
            return
        if self._function != "output":
            raise PinSetInput(f"cannot set frequency of pin {self!r}: it is not an output")
        if value <= 0:
            raise ValueError(f"frequency must be greater than 0, not {value}")
        if self._frequency is None:
            self._duty = float(self._state)
        self._frequency = value

    def _set_function(self, value: str) -> None:
        was = self._function
        super()._set_function(value)
        if value == "output" and was != "output":
            self._become(False)  # gpio_claim_output starts low
        self._settle()

    def _set_pull(self, value: str) -> None:
        # gpiozero's own drives the pin to the pull, whatever is connected; here a wire wins.
        if self._function != "input":
            raise PinFixedPull(f"cannot set pull on non-input pin {self!r}")
        if self.info.pull and value != self.info.pull:
            raise PinFixedPull(f"{self!r} has a fixed pull resistor")
        if value not in ("floating", "up", "down"):
            raise PinInvalidPull("pull must be floating, up, or down")
        self._pull = value
        self._settle()

    def _set_bounce(self, value: float | None) -> None:
        if value is not None and value < 0:
            raise PinInvalidBounce("bounce must be 0 or greater")
        super()._set_bounce(value)

    def _set_edges(self, value: str) -> None:
        if value not in ("both", "rising", "falling"):
            raise PinInvalidEdges(f'invalid edges "{value}" for pin {self!r}')  # lgpio knows no "none"
        super()._set_edges(value)

    def _enable_event_detect(self) -> None:
        self._told = self._state

    def _disable_event_detect(self) -> None:
        self._calm()

    def _tell(self) -> None:
        """An edge: told at once, or with ``bounce`` once the level has held so long (as lgpio's debounce does)."""
        if self._function != "input" or self._when_changed is None:
            return
        if self.deaf:
            self._told = self._state
            return
        self._calm()
        if not self._bounce:
            self._tell_now()
            return
        clock = self.factory.clock
        due_ns = clock.monotonic_ns() + round(self._bounce * NS_PER_S)
        self._quiet = clock.at(due_ns, self._tell_if_settled, lane="bench")

    def _tell_if_settled(self) -> None:
        """Not while edges that are due by now were not put: each of these begins the wait anew."""
        if self._get_state() == self._state:
            self._tell_now()

    def _tell_now(self) -> None:
        if self._state == self._told:
            return
        self._told = self._state
        if self._when_changed is not None and self._edges in ("both", "rising" if self._state else "falling"):
            self._last_change = self.factory.ticks() if self._dated_ns is None else self._dated_ns / NS_PER_S
            try:
                self._call_when_changed()
            except Exception as error:
                if self.factory.raised is None:
                    raise
                self.factory.raised(error)

    def _calm(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
            self._quiet = None


class BenchFactory(MockFactory):  # type: ignore[misc]  # gpiozero has no types
    """A gpiozero pin factory on a clock: ``Button(17, pin_factory=bench.factory)`` works too.

    ``raised``: who is told what a handler of an edge raised; None: it is raised to whoever moved the pin.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.raised: Callable[[Exception], None] | None = None
        super().__init__(revision=os.environ.get("GPIOZERO_MOCK_REVISION", PI_4B_2GB), pin_class=BenchPin)

    def ticks(self) -> float:
        """The clock's monotonic time in seconds, as lgpio's are."""
        return self.clock.monotonic_ns() / NS_PER_S
