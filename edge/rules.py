"""What the rules of line.toml ask for: readings in, settings out. Pure: it knows no clock, no pin and no link.

    book = Rulebook({1: rule}, now_ns)
    book.hear(series, 11.2, now_ns)
    book.asks                        # {1: None}: not yet
    book.look(book.next_ns(now_ns))  # five minutes later, nothing else heard
    book.asks                        # {1: 1.0}

A rule begins when its condition has held for ``for_s``, and ends when that is over (with ``until``: when that comes
true), yet not before ``hold_s`` and ``min_s``. A rule one of whose sensors is broken or silent ends at once, asks for
``lost`` if that is written and for nothing otherwise, and forgets all it had seen: what comes back begins anew.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from contract.catalogue import Kind
from contract.line import Condition, Rule
from contract.reading import NS_PER_S, Series, Value

Phase = Literal["unheard", "idle", "waiting", "holding", "lost"]

SHORTEST_S: Final = 0.1
"""A rule holds at least so long: whatever flickers, an output and the network see no more than ten of them a second."""

_HAPPENINGS: Final = ("total", "event", "text")
"""Kinds of which each reading is something that happened, not only those that differ from the one before."""


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)


class _Seen:
    """One condition over time. ``holds`` is None while nothing is known."""

    def __init__(self, condition: Condition, began_ns: int, silent_s: float | None) -> None:
        self.condition = condition
        self.silent_ns = None if silent_s is None else _ns(silent_s)
        self.holds: bool | None = None
        self.since_ns = self.heard_ns = began_ns
        self.is_broken = False

    def hear(self, value: Value, now_ns: int, at_ns: int, happened: bool) -> bool:
        """Whether it came true with this reading."""
        before, self.holds = self.holds, self.condition.holds(value)
        self.heard_ns = now_ns
        if self.holds and not before:
            self.since_ns = at_ns
        return self.holds and (happened or not before)

    def is_lost(self, now_ns: int) -> bool:
        """Whether its sensor is broken, or silent for too long."""
        return self.is_broken or (self.silent_ns is not None and now_ns - self.heard_ns >= self.silent_ns)


class Ruling:
    """One rule over time."""

    def __init__(self, rule: Rule, began_ns: int, silent_s: Callable[[Series], float | None]) -> None:
        self.rule = rule
        self.phase: Phase = "unheard"

        def seen(condition: Condition) -> _Seen:
            patience_s = silent_s(condition.series) if rule.silent_s is None else rule.silent_s
            return _Seen(condition, began_ns, patience_s)

        self._when = seen(rule.when)
        self._until = seen(rule.until) if rule.until else None
        self._after = seen(rule.after) if rule.after else None
        self._all = [one for one in (self._when, self._until, self._after) if one is not None]
        self._for_ns, self._min_ns = _ns(rule.for_s), _ns(max(rule.min_s, rule.hold_s, SHORTEST_S))
        self._after_ns = _ns(rule.after_s)
        self._begun_ns: int | None = None
        self._allowed_ns: int | None = None
        """When ``after`` came true; None once it was used."""
        self._answered = False
        """Whether ``until`` came true since it began."""
        self._armed = True
        """With ``until`` it begins once for each time that ``when`` comes true."""

    @property
    def asks(self) -> Value | None:
        """What its output should be; None: it asks for nothing."""
        return {"holding": self.rule.value, "lost": self.rule.lost}.get(self.phase)

    def hear(self, series: Series, value: Value, now_ns: int, at_ns: int, kind: Kind) -> None:
        """A reading, of the moment ``at_ns``."""
        happened = kind in _HAPPENINGS
        when, until, after = self._when, self._until, self._after
        if when.condition.series == series and when.hear(value, now_ns, at_ns, happened) and happened:
            self._armed = True
        if after is not None and after.condition.series == series and after.hear(value, now_ns, at_ns, happened):
            self._allowed_ns = at_ns
        if until is not None and until.condition.series == series:
            until.hear(value, now_ns, at_ns, happened)
            self._answered = self._answered or (self._begun_ns is not None and until.holds is True)
        self.look(now_ns)
        for seen in (until, after) if happened else ():
            if seen is not None and seen.condition.series == series:
                seen.holds = False
        if kind == "event" and when.condition.series == series:
            when.holds = False
            self.look(now_ns)

    def lose(self, station: str, sensor: str) -> None:
        """A sensor is broken."""
        for seen in self._of(station, sensor):
            seen.is_broken, seen.holds = True, None

    def find(self, station: str, sensor: str, now_ns: int) -> None:
        """A sensor that was broken works again; what it has read since it broke counts from now on."""
        for seen in self._of(station, sensor):
            if seen.is_broken:
                seen.is_broken, seen.heard_ns = False, now_ns

    def look(self, now_ns: int) -> None:
        """See what time has brought."""
        when = self._when
        lost = [seen for seen in self._all if seen.is_lost(now_ns)]
        for seen in lost:
            if not seen.is_broken:  # what a broken one reads waits until it is well
                seen.holds = None
        if lost:
            self._forget()
            self.phase = "lost"
            return
        if self._begun_ns is not None and self._is_over(now_ns, self._begun_ns):
            self._begun_ns, self._armed = None, self._until is None
        if self._begun_ns is None:
            self._armed = self._armed or when.holds is False
            if self._may_begin(now_ns):
                self._begun_ns, self._answered, self._allowed_ns = now_ns, False, None
                self._armed = self._until is None
        self.phase = self._phase_now()

    def next_ns(self, now_ns: int) -> int | None:
        """When to look again if nothing is heard until then; None: no need."""
        when = self._when
        times = [
            seen.heard_ns + seen.silent_ns for seen in self._all if seen.silent_ns is not None and not seen.is_broken
        ]
        if self._begun_ns is not None:
            times.append(self._begun_ns + self._min_ns)
        elif when.holds:
            times.append(when.since_ns + self._for_ns)
        return min((time for time in times if time > now_ns), default=None)

    def _is_over(self, now_ns: int, begun_ns: int) -> bool:
        ended = self._answered if self._until is not None else not self._when.holds
        return ended and now_ns >= begun_ns + self._min_ns

    def _may_begin(self, now_ns: int) -> bool:
        return (
            self._armed
            and self._when.holds is True
            and now_ns >= self._when.since_ns + self._for_ns
            and not (self._until is not None and self._until.holds)
            and (self._after is None or self._is_allowed(now_ns))
        )

    def _is_allowed(self, now_ns: int) -> bool:
        return self._allowed_ns is not None and now_ns - self._allowed_ns <= self._after_ns

    def _phase_now(self) -> Phase:
        if self._begun_ns is not None:
            return "holding"
        if self._when.holds is None:
            return "unheard"
        return "waiting" if self._when.holds and self._armed else "idle"

    def _forget(self) -> None:
        self._begun_ns = self._allowed_ns = None
        self._answered, self._armed = False, True

    def _of(self, station: str, sensor: str) -> list[_Seen]:
        named = [(seen, seen.condition.series) for seen in self._all]
        return [seen for seen, series in named if (series.station, series.sensor) == (station, sensor)]


class Rulebook:
    """Some rules by their numbers in the file, from 1. ``silent_s``: after how long a series counts as silent."""

    def __init__(
        self, rules: Mapping[int, Rule], began_ns: int, silent_s: Callable[[Series], float | None] = lambda _: None
    ) -> None:
        self.rulings = {number: Ruling(rule, began_ns, silent_s) for number, rule in rules.items()}
        self.series = frozenset(c.series for rule in rules.values() for c in rule.conditions)

    @property
    def asks(self) -> dict[int, Value | None]:
        """What each rule asks its output to be."""
        return {number: ruling.asks for number, ruling in self.rulings.items()}

    @property
    def phases(self) -> dict[int, Phase]:
        """Where each rule stands."""
        return {number: ruling.phase for number, ruling in self.rulings.items()}

    def hear(self, series: Series, value: Value, now_ns: int, at_ns: int | None = None, kind: Kind = "number") -> None:
        """A reading of the moment ``at_ns`` (left out: of now)."""
        for ruling in self.rulings.values():
            if any(c.series == series for c in ruling.rule.conditions):
                ruling.hear(series, value, now_ns, now_ns if at_ns is None else min(at_ns, now_ns), kind)

    def lose(self, station: str, sensor: str, now_ns: int) -> None:
        """A sensor is broken, or hangs."""
        for ruling in self.rulings.values():
            ruling.lose(station, sensor)
        self.look(now_ns)

    def find(self, station: str, sensor: str, now_ns: int) -> None:
        """It works again."""
        for ruling in self.rulings.values():
            ruling.find(station, sensor, now_ns)
        self.look(now_ns)

    def look(self, now_ns: int) -> None:
        """See what time has brought."""
        for ruling in self.rulings.values():
            ruling.look(now_ns)

    def next_ns(self, now_ns: int) -> int | None:
        """When to look again if nothing is heard until then; None: no need."""
        times = [ruling.next_ns(now_ns) for ruling in self.rulings.values()]
        return min((time for time in times if time is not None), default=None)
