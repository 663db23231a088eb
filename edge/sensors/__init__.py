"""The sensors: one file each, and the agreement they keep.

A module `edge/sensors/<type>.py` is the manifest of the sensor ``type = "<type>"``. Its top level imports only the standard
library, `contract` and `edge.board`/`edge.clock`/`edge.debounce`; anything else is imported inside ``open``. It holds:

- a docstring that begins with the wiring, then six lines of line.toml that run, then each setting;
- ``TITLE`` (Words), ``MEASURES`` (tuple of Measure), ``PARTS`` (tuple of Part), ``TERMINALS`` (tuple of Wire);
- a frozen, keyword-only dataclass ``Sensor`` whose fields are its settings, each made by ``contract.catalogue.setting``;
- ``Sensor.open(board) -> Polled`` (``STYLE = "polled"``) or ``Sensor.listen(board, tell) -> Listening`` (``STYLE = "event"``);
  both raise SensorError when nothing answers. A polled sensor also has the setting ``every_s``;
- ``rehearse(sensor, bench)``: yields steps: moves the bench, and says what must then be read.

``tell(measure, value, at_ns)`` hands a reading to the agent, ``at_ns`` in the board clock's monotonic nanoseconds. For a
measure of kind ``total`` the value is the *increment* since the sensor's last tell: the agent keeps the running total of
its stream, so that a device's own total, a restart and a new stream are never taken for pieces.

A trainee's own sensor, in ``DIR/sensors/<type>.py``, keeps the same agreement and is found the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from contract.reading import Value


class Tell(Protocol):
    """How a sensor hands a reading over."""

    def __call__(self, measure: str, value: Value, at_ns: int) -> None:
        """``value`` of ``measure`` as it was at ``at_ns`` (monotonic). Thread-safe, quick, never raises."""


class Polled(Protocol):
    """An open sensor that is asked."""

    def read(self) -> Mapping[str, Value]:
        """All its measures now. Raises SensorError (or any OSError) when it does not answer."""

    def close(self) -> None:
        """Give pins and ports back."""


class Listening(Protocol):
    """An open sensor that speaks by itself. ``health`` counts what a technician wants to know (rejected glitches …)."""

    def health(self) -> Mapping[str, int]:
        """Counters by name, for example ``{"glitches": 3}``."""

    def close(self) -> None:
        """Stop speaking, give pins and ports back."""


@dataclass(frozen=True, slots=True)
class Expect:
    """One step of a rehearsal: after the bench was moved and ``wait_s`` passed, exactly these must have been read.

    A total is given as the increments' sum. ``error`` True: the sensor must have been reported broken instead.
    """

    said: str
    values: Mapping[str, Any] = field(default_factory=dict)
    wait_s: float = 0.0
    tolerance: float = 0.0
    error: bool = False
