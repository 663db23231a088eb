"""What gpiozero does in threads, done on the bench's clock: holding a button, blinking a lamp.

A browser's Python has no threads, and a thread sleeps through real seconds while the bench's stand still. Within
:func:`on_the_clock` a ``Button``'s ``when_held`` and an ``LED``'s ``blink`` are due on the hand-turned clock instead.
"""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gpiozero import mixins, output_devices

from contract.reading import NS_PER_S
from edge.bench_clock import HandClock
from edge.clock import Timer


class NotOnTheBench(NotImplementedError):
    """Something of gpiozero that the bench cannot play."""


class _Hold:
    """Stands in for gpiozero's HoldThread: ``holding.set()`` is a press, and the clock does the waiting."""

    def __init__(self, clock: HandClock, button: Any) -> None:
        self._clock, self._button = clock, button
        self._due: Timer | None = None
        self.holding = self

    def set(self) -> None:
        self._wait()

    def clear(self) -> None:
        self.stop()

    def stop(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _wait(self) -> None:
        self.stop()
        due_ns = self._clock.monotonic_ns() + round(self._button.hold_time * NS_PER_S)
        self._due = self._clock.at(due_ns, self._held)

    def _held(self) -> None:
        button = self._button
        if button.closed or button._inactive_event.is_set():
            return
        if button._held_from is None:
            button._held_from = button.pin_factory.ticks()
        button._fire_held()
        if button.hold_repeat:
            self._wait()


class _Blink:
    """Stands in for the thread of ``LED.blink`` and ``Buzzer.beep``."""

    def __init__(self, clock: HandClock, target: Callable[..., None], args: tuple[Any, ...] = ()) -> None:
        if len(args) != 3:
            raise NotOnTheBench("fading and colours are not played by the bench")
        self._clock, self._device = clock, getattr(target, "__self__", None)
        self._on_s, self._off_s, self._left = args
        self._due: Timer | None = None

    def start(self) -> None:
        self._on()

    def stop(self, timeout: float = 10) -> None:  # noqa: ARG002 - the thread's
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def join(self, timeout: float | None = None) -> None:  # noqa: ARG002 - the thread's
        while self._due is not None:
            self._clock.turn(max(self._on_s, self._off_s))

    def _on(self) -> None:
        self._due = None
        if self._left == 0:
            return
        self._left = None if self._left is None else self._left - 1
        self._write(True, self._on_s, self._off)

    def _off(self) -> None:
        self._write(False, self._off_s, self._on)

    def _write(self, lit: bool, for_s: float, then: Callable[[], None]) -> None:
        if self._device is None or self._device.closed:
            self._due = None
            return
        self._device._write(lit)
        self._due = self._clock.at(self._clock.monotonic_ns() + round(for_s * NS_PER_S), then)


@contextmanager
def on_the_clock(clock: HandClock) -> Iterator[None]:
    """Within the block gpiozero's devices wait on ``clock`` and start no thread."""
    before = mixins.HoldThread, output_devices.GPIOThread
    mixins.HoldThread = lambda button: _Hold(clock, weakref.proxy(button))
    output_devices.GPIOThread = lambda target, args=(): _Blink(clock, target, args)
    try:
        yield
    finally:
        mixins.HoldThread, output_devices.GPIOThread = before
