"""The clock of a real machine: one thread for each lane, one more that watches ports.

    clock = SystemClock()
    clock.every(1.0, beat, "beats")
    clock.close()

What hangs or floods one lane leaves the others alone. An action that raises is logged and its lane goes on. Threads are
daemons, so that a sensor that hangs for ever does not keep the program from ending.
"""

import contextlib
import heapq
import logging
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from contract.reading import NS_PER_S
from contract.words import Words
from edge.clock import Action, Port

log = logging.getLogger(__name__)

REST_S = 1.0
"""So long a port is left alone after its action raised: a pulled cable stays "readable" for ever."""

NO_SELECT_S = 0.05
"""Where ports have no file number to wait on (Windows), they are looked at this often."""

_order = count()


class SystemClock:
    """A Clock with threads. Lanes begin when they are first named."""

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}
        self._lock = threading.Lock()
        self._watcher: _Watcher | None = None
        self._closed = False

    def time_ns(self) -> int:
        """Wall clock, nanoseconds since 1970 UTC."""
        return time.time_ns()

    def monotonic_ns(self) -> int:
        """Nanoseconds since the machine started, never stepped."""
        return time.monotonic_ns()

    def at(self, due_ns: int, action: Action, lane: str = "edges") -> "_Due":
        """Call once on ``lane`` at the monotonic time ``due_ns``."""
        return self._lane(lane).put(_Due(due_ns, action))

    def every(self, period_s: float, action: Action, lane: str) -> "_Due":
        """Call on ``lane`` now and then every ``period_s``; calls that were missed are left out."""
        period_ns = round(period_s * NS_PER_S)
        if period_ns <= 0:
            raise ValueError(f"a period of {period_s} s")
        return self._lane(lane).put(_Due(self.monotonic_ns(), action, period_ns))

    def watch(self, port: Port, action: Action, lane: str) -> "_Due | _Watch":
        """Call on ``lane`` whenever ``port`` has bytes, one call at a time."""
        if os.name == "nt":
            return self.every(NO_SELECT_S, action, lane)
        with self._lock:
            self._watcher = self._watcher or _Watcher()
            watcher = self._watcher
        return watcher.add(port, action, self._lane(lane))

    def close(self, within_s: float = 2.0) -> None:
        """End every lane, waiting at most ``within_s`` for what is being done; a hanging action is left behind."""
        with self._lock:
            self._closed = True
            lanes = list(self._lanes.values())
            watcher = self._watcher
        for lane in lanes:
            lane.end()
        deadline = time.monotonic() + within_s
        for lane in lanes:
            lane.join(max(0.0, deadline - time.monotonic()))
        if watcher:
            watcher.end(max(0.0, deadline - time.monotonic()))

    def _lane(self, name: str) -> "_Lane":
        with self._lock:
            lane = self._lanes.get(name)
            if lane is None:
                lane = self._lanes[name] = _Lane(name)
                if self._closed:
                    lane.end()
            return lane


@dataclass(eq=False, slots=True)
class _Due:
    due_ns: int
    action: Action
    period_ns: int = 0
    on: bool = True

    def cancel(self) -> None:
        self.on = False


class _Lane:
    """A thread with a list of what is due, in the order of time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._heap: list[tuple[int, int, _Due]] = []
        self._news = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=f"lane {name}", daemon=True)
        self._thread.start()

    def put(self, due: _Due) -> _Due:
        with self._news:
            if not self._ended:
                heapq.heappush(self._heap, (due.due_ns, next(_order), due))
                self._news.notify()
        return due

    def end(self) -> None:
        with self._news:
            self._ended = True
            self._heap.clear()
            self._news.notify()

    def join(self, within_s: float) -> None:
        if self._thread is not threading.current_thread():
            self._thread.join(within_s)

    def _run(self) -> None:
        while due := self._next():
            _do(due.action, self._name)
            if due.period_ns and due.on:
                late_ns = time.monotonic_ns() - due.due_ns
                due.due_ns += due.period_ns * (1 + late_ns // due.period_ns)
                self.put(due)
            # An action that was done must not keep what it holds alive until the next one comes.
            del due

    def _next(self) -> _Due | None:
        with self._news:
            while not self._ended:
                if not self._heap:
                    self._news.wait()
                    continue
                wait_ns = self._heap[0][0] - time.monotonic_ns()
                if not self._heap[0][2].on:
                    heapq.heappop(self._heap)
                elif wait_ns <= 0:
                    return heapq.heappop(self._heap)[2]
                else:
                    self._news.wait(wait_ns / NS_PER_S)
            return None


@dataclass(eq=False, slots=True)
class _Watch:
    port: Port
    number: int
    action: Action
    lane: _Lane
    forget: Callable[["_Watch"], None]
    on: bool = True

    def cancel(self) -> None:
        self.on = False
        self.forget(self)


class _Watcher:
    """One thread that waits on all ports. A port is not waited on while its action is being done."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._asleep, self._bell = socket.socketpair()
        self._selector.register(self._asleep, selectors.EVENT_READ)
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="ports", daemon=True)
        self._thread.start()

    def add(self, port: Port, action: Action, lane: _Lane) -> _Watch:
        watch = _Watch(port, port.fileno(), action, lane, self._forget)
        self._wait_on(watch)
        return watch

    def end(self, within_s: float) -> None:
        self._ended = True
        self._ring()
        self._thread.join(within_s)
        if not self._thread.is_alive():
            with self._lock:
                self._selector.close()
                self._asleep.close()
                self._bell.close()

    def _ring(self) -> None:
        with contextlib.suppress(OSError):
            self._bell.send(b".")

    def _wait_on(self, watch: _Watch) -> None:
        with self._lock:
            if not watch.on or self._ended:
                return
            # A number that is taken belonged to a port that was closed without being called off.
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.unregister(watch.number)
            with contextlib.suppress(KeyError, ValueError, OSError):
                self._selector.register(watch.number, selectors.EVENT_READ, watch)
        self._ring()

    def _forget(self, watch: _Watch) -> None:
        with self._lock, contextlib.suppress(KeyError, ValueError, OSError):
            if self._selector.get_key(watch.number).data is watch:
                self._selector.unregister(watch.number)

    def _run(self) -> None:
        while not self._ended:
            for key, _ in self._selector.select():
                if key.data is None:
                    self._asleep.recv(4096)
                    continue
                watch: _Watch = key.data
                self._forget(watch)
                watch.lane.put(_Due(time.monotonic_ns(), lambda watch=watch: self._serve(watch)))  # type: ignore[misc]

    def _serve(self, watch: _Watch) -> None:
        if not watch.on:
            return
        if _do(watch.action, "ports"):
            self._wait_on(watch)
        else:
            watch.lane.put(_Due(time.monotonic_ns() + round(REST_S * NS_PER_S), lambda: self._wait_on(watch)))


def _do(action: Action, lane: str) -> bool:
    try:
        action()
    except Exception:
        # Whatever one action does wrong, the others of its lane must still be called.
        log.exception(
            Words(f"「{lane}」の処理で予期しない誤りが起きました。", f"Something unexpected happened in {lane}.").say()
        )
        return False
    return True
