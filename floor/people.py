"""How long people take: never twice the same, sometimes much longer, slower when tired, quicker when chased.

    person = Person(random, pace=1.03)
    person.time_ns(4.0, duty, now_ns, chased=False)      # about four seconds of handwork

The spread of one movement is log-normal (skewed to the right, as every time study shows); now and then something is
dropped. The rest of the factors are ours, chosen to be visible in a day and small against the work: they are what a
comparison of two days must not be fooled by.
"""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from contract.reading import NS_PER_S
from floor.shifts import Duty, Look

AFTER_LUNCH = 0.05
AFTER_LUNCH_NS = 40 * 60 * NS_PER_S
END_OF_SHIFT = 0.06
END_OF_SHIFT_FROM = 0.7
"""Share of the shift after which people tire."""
CHASED = 0.97
RELIEF = 1.09
"""Who relieves does not do it every day."""

LATEST_NS = 12 * 60 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at work: ``pace`` 1.1 takes a tenth longer than the standard, ``spread`` is the log-normal sigma."""

    random: Random
    pace: float = 1.0
    spread: float = 0.13
    slip: float = 0.012
    """Share of movements in which something is dropped, looked for, done again."""

    def time_ns(self, median_s: float, duty: Duty | None, now_ns: int, chased: bool = False) -> int:
        """How long handwork of that median takes this person now, in nanoseconds."""
        random = self.random
        taken_s = median_s * self.pace * random.lognormvariate(0.0, self.spread) * tiredness(duty, now_ns)
        if chased:
            taken_s *= CHASED
        if random.random() < self.slip:
            taken_s += random.expovariate(1 / (0.8 * median_s))
        return int(taken_s * NS_PER_S)

    def late_ns(self) -> int:
        """How much later than the bell a person is back at work."""
        return min(LATEST_NS, int(self.random.lognormvariate(3.3, 0.7) * NS_PER_S))


def tiredness(duty: Duty | None, now_ns: int) -> float:
    """Factor on handwork: heavy after lunch, for 40 minutes; growing over the last third of the shift."""
    if duty is None:
        return 1.0
    done = (now_ns - duty.start_ns) / (duty.end_ns - duty.start_ns)
    factor = 1.0 + END_OF_SHIFT * max(0.0, done - END_OF_SHIFT_FROM) / (1 - END_OF_SHIFT_FROM)
    lunch = duty.lunch
    if lunch and 0 <= (since := now_ns - lunch[1]) < AFTER_LUNCH_NS:
        factor += AFTER_LUNCH * (1 - since / AFTER_LUNCH_NS)
    return factor


@dataclass(slots=True)
class Crew:
    """Who works at a station: one person a shift, a little different from day to day, and one who relieves."""

    seed: str
    spread: float = 0.13
    _here: dict[tuple[str, date, bool], Person] = field(default_factory=dict)

    def person(self, look: Look) -> Person:
        """Who works there now."""
        duty = look.duty
        key = (duty.name, duty.date, look.relieved) if duty else ("", date.min, False)
        person = self._here.get(key)
        if person is None:
            person = self._call(*key)
            self._here = {key: person, **dict(list(self._here.items())[:3])}
        return person

    def _call(self, shift: str, day: date, relieved: bool) -> Person:
        usual = Random(f"{self.seed}/{shift}/{relieved}").gauss(1.0, 0.02)
        today = Random(f"{self.seed}/{shift}/{relieved}/{day}")
        pace = usual * today.gauss(1.0, 0.012) * (RELIEF if relieved else 1.0)
        return Person(today, pace=min(1.2, max(0.85, pace)), spread=self.spread)
