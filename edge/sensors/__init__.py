"""The sensors: one file each, and the agreement they keep.

A module `edge/sensors/<type>.py` is the manifest of the sensor ``type = "<type>"``. Its top level imports only the
standard library, `contract` and the light files of `edge` (`board`, `clock`, `contact`, `handles`, `serial_lines` …);
anything else is imported inside ``open``. It holds:

- a docstring that begins with the wiring, then six lines of line.toml that run, then each setting;
- ``TITLE`` (Words), ``MEASURES`` (tuple of Measure), ``PARTS`` (tuple of Part), ``TERMINALS`` (tuple of Wire);
- a frozen, keyword-only dataclass ``Sensor`` whose fields are its settings, made by ``contract.catalogue.setting``;
- ``Sensor.open(board) -> Polled`` (``STYLE = "polled"``) or ``Sensor.listen(board, tell) -> Listening``
  (``STYLE = "event"``); both raise SensorError when nothing answers. A polled sensor also has the setting ``every_s``;
- ``rehearse(sensor, bench)``: a generator: moves the bench, and yields an Expect that says what must then be read;
- if the part sits on a bus, ``place(sensor, bench)`` puts its model there, as a person would plug it in, and gives it
  back;
- if it likes, ``handles(sensor, bench, part)``: what a person can take hold of on the bench's page (`edge.handles`:
  ``Knob``, ``Push``, ``Typed``), ``part`` being what ``place`` gave back. Without it each measure that has a range, and
  a number of its key's name on the part's model, is a knob (``chip.temperature = 23.0``); contacts on pins, serial
  lines, and pulling the part out need no word;
- if it likes, ``ABOUT_JA``: what a Japanese reader must know of it, three paragraphs (what for, what to mind, what it
  cannot see), for its page.

The indented TOML of the docstring is not decoration: its settings are the ones that are rehearsed and shown.

``tell(measure, value, at_ns)`` hands a reading to the agent, ``at_ns`` in the board clock's monotonic nanoseconds. For
a measure of kind ``total`` the value is the *increment* since the sensor's last tell: the agent keeps the running total
of its stream, so that a device's own total, a restart and a new stream are never taken for pieces.

**When a device goes away.** A polled sensor raises SensorError (or any OSError) from ``read()``. A listening one
cannot, so the agent calls ``check()`` about once a second, on the sensor's own lane, and ``check`` raises SensorError
if the device is gone. In both cases the agent closes it, reports it, and opens it again later (``close()`` never
raises, and may be called twice).

A trainee's own sensor, in ``DIR/sensors/<type>.py``, keeps the same agreement and is found the same way.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Protocol

from contract.catalogue import Catalogue, Measure, Part, SensorType, Wire, settings_of
from contract.reading import Value
from contract.words import Words
from edge import manifests


class Tell(Protocol):
    """How a sensor hands a reading over."""

    def __call__(self, measure: str, value: Value, at_ns: int) -> None:
        """``value`` of ``measure`` as it was at ``at_ns`` (monotonic). Thread-safe, quick, never raises."""


class Polled(Protocol):
    """An open sensor that is asked."""

    def read(self) -> Mapping[str, Value]:
        """All its measures now; empty while the first measurement is not done.

        Raises SensorError (or any OSError) when it does not answer.
        """

    def close(self) -> None:
        """Give pins and ports back."""


class Listening(Protocol):
    """An open sensor that speaks by itself. ``health`` counts what a technician wants to know (rejected glitches …)."""

    def health(self) -> Mapping[str, int]:
        """Counters by name, for example ``{"glitches": 3}``."""

    def check(self) -> None:
        """Raises SensorError if the device has gone since it was opened. Quick; called about once a second."""

    def close(self) -> None:
        """Stop speaking, give pins and ports back."""


@dataclass(frozen=True, slots=True)
class Expect:
    """One step of a rehearsal: after the bench was moved and ``wait_s`` passed, exactly these must have been read.

    A total is given as the increments' sum; any other measure of a listening sensor as its one value, or as a tuple of
    all its values in their order. What is not named must not have been read. ``tolerance`` is for numbers. ``error``
    True: the sensor must have been reported broken instead; it is opened again for the next step, as the agent would.
    """

    said: Words | str
    values: Mapping[str, Any] = field(default_factory=dict)
    wait_s: float = 0.0
    tolerance: float = 0.0
    error: bool = False


class SensorModule(Protocol):
    """What a sensor's file holds; the module itself is it."""

    __name__: str
    __doc__: str | None
    TITLE: Words
    MEASURES: tuple[Measure, ...]
    PARTS: tuple[Part, ...]
    TERMINALS: tuple[Wire, ...]
    STYLE: Literal["polled", "event"]
    Sensor: Any
    """The settings; ``Sensor(**settings).open(board)`` or ``.listen(board, tell)``."""

    def rehearse(self, sensor: Any, bench: Any) -> Iterator[Expect]:
        """What the world does to it, and what must then be read."""


def modules(extra: Path | None = None) -> Mapping[str, SensorModule]:
    """Every sensor's module by its type, those of the folder ``extra`` (``DIR/sensors``) included.

    Raises SensorFileError (a LineError) with every mistake of every file there, each with file and line.
    """
    return manifests.find(sys.modules[__name__], extra, _problems)


def catalogue(extra: Path | None = None) -> Catalogue:
    """Every sensor and output type, as `contract.line.load` and everybody else wants them."""
    from edge.outputs import types

    sensors = {name: sensor_type(name, module) for name, module in modules(extra).items()}
    return Catalogue(sensors=sensors, outputs=types())


def sensor_type(name: str, module: SensorModule) -> SensorType:
    """The catalogue's entry of one module."""
    return SensorType(
        type=name,
        title=module.TITLE,
        style=module.STYLE,
        measures=module.MEASURES,
        settings=settings_of(module.Sensor),
        parts=module.PARTS,
        terminals=module.TERMINALS,
        doc=(module.__doc__ or "").strip(),
        about_ja=manifests.about_ja(module),
    )


def _problems(module: ModuleType) -> Iterator[manifests.Problem]:
    style = getattr(module, "STYLE", None)
    if style not in ("polled", "event"):
        yield "STYLE", Words('STYLE は "polled" か "event" です。', 'STYLE is "polled" or "event"')
    verbs = {"event": ("listen",), "polled": ("open",)}.get(style or "", ())
    yield from manifests.problems(module, thing="Sensor", verbs=verbs)
    yield from manifests.measure_problems(module)
    settings = getattr(module, "Sensor", None)
    if style == "polled" and not hasattr(settings, "every_s"):
        yield "Sensor", Words("読む間隔 every_s がありません。", "a polled sensor has a setting every_s")
    if not callable(getattr(module, "rehearse", None)):
        yield "rehearse", Words("rehearse がありません。", "there is no rehearse(sensor, bench)")
