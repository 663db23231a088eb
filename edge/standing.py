"""What one output should be now, and who says so. Pure: it knows no clock, no pin and no link.

From the strongest to the weakest:

    a command with for_s          until its time is over, whatever the rules do meanwhile
    a command without             until the rules of this output ask for something else, or the link is lost
    the rules                     the one that stands first in the file, of those that ask for something
    the safe state

A rule of another Pi stands at its number, too, and never in the place of one of this Pi's: if both have the same number
(one of the two Pis has an older file, or somebody plays the Pi), this Pi's own goes first.

Between any two switches lies ``min_s``, whoever asks; between any two that rules make, ``rules_min_s`` too. After
``longest_s`` out of its safe state an output goes back to it, whatever ``rules_min_s`` says, until somebody or some
rule asks anew.
"""

from typing import Final, Literal

from contract.reading import NS_PER_S, Value

Who = Literal["safe", "rule", "command"]

RULES_GAP_S: Final = 0.1
"""Between two switches that rules make lies at least this: a rule that listens to its own output must not hum."""
_GAP_NS: Final = round(RULES_GAP_S * NS_PER_S)


class Standing:
    """One output's. Times are monotonic nanoseconds and never go back."""

    def __init__(self, *, min_s: float = 0.0, longest_s: float = 0.0, rules_min_s: float = 0.0) -> None:
        self.value: Value = 0
        """What it is."""
        self.by: Who = "safe"
        """Who said so."""
        self._min_ns = round(min_s * NS_PER_S)
        self._rules_min_ns = round(max(rules_min_s, RULES_GAP_S) * NS_PER_S)
        self._longest_ns = round(longest_s * NS_PER_S)
        self._rules: dict[tuple[int, bool], tuple[Value, int | None]] = {}
        """What each rule asks for, by its number and whether it is another Pi's, and until when (None: no end)."""
        self._held: tuple[Value, int] | None = None
        self._said: Value | None = None
        self._asked = 0
        """Counts how often somebody asked for something new."""
        self._ruled_ns: int | None = None
        self.opened(0, 0)

    def opened(self, safe: Value, now_ns: int) -> None:
        """The output was opened and is in its safe state. Commands are forgotten; the rules ask what they asked."""
        self.value = self._safe = safe
        self.by = "safe"
        self._held = self._said = None
        self._switched_ns = now_ns
        if self._ruled_ns is not None:
            self._ruled_ns = now_ns
        self._away_ns: int | None = None
        self._tired_of: int | None = None
        self._refused: tuple[int, Value] | None = None
        self._due: tuple[Value, Who] = safe, "safe"

    def closed(self, now_ns: int) -> None:
        """The output was closed, and is in its safe state."""
        self.opened(self._safe, now_ns)

    def command(self, value: Value, for_s: float | None, now_ns: int) -> None:
        """Somebody's word."""
        self._asked += 1
        if for_s is None:
            self._held, self._said = None, value
        else:
            self._held = value, now_ns + round(for_s * NS_PER_S)

    def rule(self, number: int, value: Value | None, now_ns: int, for_s: float | None = None) -> None:
        """What a rule asks for from now on; None: nothing. With ``for_s`` it is another Pi's, and must say so again."""
        before = self._ruled()
        which = number, for_s is not None
        if value is None:
            self._rules.pop(which, None)
        else:
            self._rules[which] = value, None if for_s is None else now_ns + round(for_s * NS_PER_S)
        self._mind_rules(before)

    def cut(self) -> None:
        """The link is lost: nobody can take back what was said without an end."""
        if self._said is not None:
            self._asked += 1
            self._said = None

    def due(self, now_ns: int) -> Value | None:
        """What it is to be set to now; None: nothing to do. Then say :meth:`done` or :meth:`refuse`."""
        wanted, by = self._wanted(now_ns)
        if wanted == self.value:
            self.by = by
            return None
        if now_ns < self._gate_ns(by) or self._refused == (self._asked, wanted):
            return None
        self._due = wanted, by
        return wanted

    def done(self, now_ns: int) -> None:
        """It is what was due."""
        wanted, by = self._due
        if self._is_ruled(by):
            self._ruled_ns = now_ns
        self._switched_ns = now_ns
        if wanted == self._safe:
            self._away_ns = None
        elif self._away_ns is None:
            self._away_ns = now_ns
        self.value, self.by = wanted, by

    def refuse(self) -> None:
        """It cannot be what was due: a command is forgotten, a rule is not heard until it asks for something else."""
        wanted, by = self._due
        if by != "command":
            self._refused = self._asked, wanted
        elif self._held is not None:
            self._held = None
        else:
            self._said = None

    def next_ns(self, now_ns: int) -> int | None:
        """When something may be due if nobody says anything until then; None: never."""
        wanted, by = self._wanted(now_ns)
        times = [end for _, end in self._rules.values() if end is not None]
        if self._held is not None:
            times.append(self._held[1])
        if wanted != self.value:
            times.append(self._gate_ns(by))
        if self._longest_ns and self._away_ns is not None:
            times.append(self._away_ns + self._longest_ns)
        return min((time for time in times if time > now_ns), default=None)

    def _wanted(self, now_ns: int) -> tuple[Value, Who]:
        self._expire(now_ns)
        if self._longest_ns and self._away_ns is not None and now_ns >= self._away_ns + self._longest_ns:
            self._tired_of, self._away_ns = self._asked, now_ns
        if self._tired_of == self._asked:
            return self._safe, "safe"
        if self._held is not None:
            return self._held[0], "command"
        if self._said is not None:
            return self._said, "command"
        ruled = self._ruled()
        return (self._safe, "safe") if ruled is None else (ruled, "rule")

    def _ruled(self) -> Value | None:
        return self._rules[min(self._rules)][0] if self._rules else None

    def _expire(self, now_ns: int) -> None:
        if self._held is not None and now_ns >= self._held[1]:
            self._held = None
        before = self._ruled()
        for which in [which for which, (_, end) in self._rules.items() if end is not None and now_ns >= end]:
            del self._rules[which]
        self._mind_rules(before)

    def _mind_rules(self, before: Value | None) -> None:
        """A change of what the rules ask for is news: it ends a command that has no end of its own."""
        if self._ruled() != before:
            self._asked += 1
            self._said = None

    def _gate_ns(self, by: Who) -> int:
        """Before this it must not switch."""
        gate_ns = self._switched_ns + self._min_ns
        if self._is_ruled(by) and self._ruled_ns is not None:
            is_tired = self._tired_of == self._asked
            gate_ns = max(gate_ns, self._ruled_ns + (_GAP_NS if is_tired else self._rules_min_ns))
        return gate_ns

    def _is_ruled(self, by: Who) -> bool:
        """Whether a switch to what ``by`` says is the rules' doing: no command begins with it, and none ends."""
        return "command" not in (self.by, by)
