"""Every sensor plays through what its file says the world does to it, on the bench, in an instant, with nothing wired.

    for result in rehearse_all(Path("data/sensors")):
        print(result.say())

`kojo` offers it before the first wire is touched; the tests run it over every sensor; a trainee runs it over their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from contract.catalogue import Trouble, settings_of
from contract.errors import KojoError, MissingExtra
from contract.reading import NS_PER_S, Value
from contract.words import Language, Words
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.manifests import example
from edge.sensors import Expect, SensorModule, modules

START_NS = 1_795_000_000 * NS_PER_S
"""A Thursday in November 2026; any moment would do."""

MAX_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Failure:
    """One step that went otherwise than its file says."""

    step: int
    said: Words
    what: Words

    def say(self, lang: Language | None = None) -> str:
        """The step and what was otherwise, in one line."""
        return f"{self.step}. {self.said.say(lang)}: {self.what.say(lang)}"


@dataclass(frozen=True, slots=True)
class Result:
    """How one sensor's rehearsal went. ``lacks``: it could not be played here, for want of a package.

    ``scenes``: what happened at each step. ``told``: what it said at the steps at which it had to be reported broken.
    """

    type: str
    title: Words
    steps: int
    failures: tuple[Failure, ...] = ()
    lacks: Words | None = None
    told: tuple[Trouble, ...] = ()
    scenes: tuple[Words, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything went as its file says, and there was something."""
        return not self.failures and self.steps > 0

    def say(self, lang: Language | None = None) -> str:
        """One line if it passed, and one for each failure."""
        if self.passed:
            done = Words(f"合格({self.steps} 場面)", f"passed ({self.steps} steps)")
            return f"{self.type} {self.title.say(lang)}: {done.say(lang)}"
        if self.lacks is not None:
            unplayed = Words("未実施", "not played")
            return f"{self.type} {self.title.say(lang)}: {unplayed.say(lang)}: {self.lacks.say(lang)}"
        bad = Words("不合格", "failed")
        return "\n".join(
            [f"{self.type} {self.title.say(lang)}: {bad.say(lang)}", *(f.say(lang) for f in self.failures)]
        )


def rehearse_all(extra: Path | None = None) -> list[Result]:
    """Rehearse every sensor of the kit and of the folder ``extra``. Raises SensorFileError for a broken file."""
    return [rehearse(name, module) for name, module in sorted(modules(extra).items())]


def rehearse(name: str, module: SensorModule, settings: Mapping[str, Any] | None = None) -> Result:
    """Rehearse one sensor; ``settings`` are those of its docstring's example where none are given."""
    given = dict(example_settings(module) if settings is None else settings)
    bench = Bench(HandClock(START_NS))
    try:
        stage = _Stage(module, module.Sensor(**given), kinds(module, given), bench)
        steps, failures = stage.play()
        return Result(name, module.TITLE, steps, failures, told=tuple(stage.troubles), scenes=tuple(stage.scenes))
    except MissingExtra as missing:
        return Result(name, module.TITLE, 0, lacks=missing.words)
    finally:
        bench.close()


def example_settings(module: SensorModule) -> dict[str, Any]:
    """The settings of a docstring's example: its table without ``type`` and ``role``."""
    known = {setting.key for setting in settings_of(module.Sensor)}
    return {key: value for key, value in example(cast(ModuleType, module)).items() if key in known}


def kinds(module: SensorModule, settings: Mapping[str, Any]) -> dict[str, str]:
    """The kind of each measure; those of a ``measures`` table come from the settings."""
    table = settings.get("measures") or {}
    written = {key: getattr(m, "kind", None) or dict(m).get("kind", "number") for key, m in table.items()}
    return {measure.key: measure.kind for measure in module.MEASURES} | written


@dataclass(slots=True)
class _Stage:
    """A sensor on the bench, opened when it is first expected to say something, opened again after a failure."""

    module: SensorModule
    sensor: Any
    kinds: Mapping[str, str]
    bench: Bench
    told: list[tuple[str, Value, int]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    scenes: list[Words] = field(default_factory=list)
    opened: Any = None

    def play(self) -> tuple[int, tuple[Failure, ...]]:
        failures = []
        steps = 0
        for expect in self.module.rehearse(self.sensor, self.bench):
            steps += 1
            said = _happened(expect)
            self.scenes.append(said)
            what = self._step(expect)
            self.told.clear()  # what the next move makes it say belongs to the next step
            if what is not None:
                failures.append(Failure(steps, said, what))
            if steps >= MAX_STEPS:
                break
        self._close()
        return steps, tuple(failures)

    def _step(self, expect: Expect) -> Words | None:
        """What was otherwise than expected, or None."""
        try:
            got = self._hear(expect.wait_s)
        except OSError as error:
            self._close()
            if expect.error and isinstance(error, KojoError):
                self.troubles.append(Trouble(_happened(expect), error.what, error.hint))
                return None
            if expect.error:
                return _not_ours(error)
            said = error.what if isinstance(error, KojoError) else Words(str(error), str(error))
            return Words(f"答えませんでした({said.ja})", f"it did not answer: {said.en}")
        if expect.error:
            self._close()
            return Words("壊れているのに、そう言いませんでした", "it is broken and did not say so")
        return self._compare(got, expect)

    def _hear(self, wait_s: float) -> dict[str, Any]:
        clock = cast(HandClock, self.bench.clock)
        if self.opened is None:
            self.opened = self._open()
        clock.turn(wait_s)
        if self.module.STYLE == "polled":
            return dict(self.opened.read())
        self.opened.check()
        clock.turn(0)
        return self._summed()

    def _open(self) -> Any:
        if self.module.STYLE == "polled":
            return self.sensor.open(self.bench)
        return self.sensor.listen(self.bench, lambda measure, value, at_ns: self.told.append((measure, value, at_ns)))

    def _summed(self) -> dict[str, Any]:
        heard: dict[str, Any] = {}
        for measure, value, _ in self.told:
            if self.kinds.get(measure) == "total":
                heard[measure] = heard.get(measure, 0) + value
            else:
                heard.setdefault(measure, []).append(value)
        return {key: tuple(value) if isinstance(value, list) else value for key, value in heard.items()}

    def _compare(self, got: Mapping[str, Any], expect: Expect) -> Words | None:
        late = [at_ns for _, _, at_ns in self.told if at_ns > self.bench.clock.monotonic_ns()]
        if late:
            return Words("まだ来ていない時刻の値です", "a reading is dated in the future")
        unknown = got.keys() - self.kinds.keys()
        if unknown:
            return Words(f"MEASURES にない値です: {sorted(unknown)}", f"not in MEASURES: {sorted(unknown)}")
        wanted = {key: _as_told(value, self._many(key)) for key, value in expect.values.items()}
        same = got.keys() == wanted.keys() and all(_near(got[k], wanted[k], expect.tolerance) for k in wanted)
        return None if same else Words(f"{wanted} のはずが {dict(got)}", f"expected {wanted}, got {dict(got)}")

    def _many(self, key: str) -> bool:
        return self.module.STYLE == "event" and self.kinds.get(key) != "total"

    def _close(self) -> None:
        if self.opened is not None:
            self.opened.close()
            self.opened = None


def _happened(expect: Expect) -> Words:
    return expect.said if isinstance(expect.said, Words) else Words(expect.said, expect.said)


def _as_told(value: Any, many: bool) -> Any:
    return (value,) if many and not isinstance(value, tuple) else value


def _near(got: Any, wanted: Any, tolerance: float) -> bool:
    if isinstance(wanted, tuple):
        return len(got) == len(wanted) and all(_near(g, w, tolerance) for g, w in zip(got, wanted, strict=True))
    if isinstance(wanted, str) or isinstance(got, str):
        return bool(got == wanted)
    return bool(abs(got - wanted) <= tolerance)


def _not_ours(error: OSError) -> Words:
    return Words(
        f"SensorError ではなく {type(error).__name__} でした", f"it raised {type(error).__name__}, not a SensorError"
    )
