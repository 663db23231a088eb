"""A weighing scale of A&D that prints by itself, in A&D's standard format.

    US,+00118.20  g      still swaying
    ST,+00123.45  g      stable

Two letters of header, a comma, nine characters of number with sign and point, three of unit, CR LF (A&D EK-L manual,
9-2 Data format).
"""

from collections.abc import Callable
from functools import partial
from random import Random

from contract.line import Sensor
from contract.reading import NS_PER_S
from floor.contact import Time
from floor.records import Weighing
from floor.truth import Truth

SWAYS_S = 0.4
STABLE_S = 1.3


class Scale:
    """One scale. ``send`` puts bytes on its cable; None where nothing is plugged in."""

    def __init__(
        self, sensor: Sensor, send: Callable[[bytes], None] | None, chance: Random, time: Time, truth: Truth
    ) -> None:
        self.sensor = sensor
        self._send = send
        self._chance = chance
        self._time = time
        self._truth = truth

    def weigh(self, number: int, grams: float) -> None:
        """A piece is put on: printed while it sways, and once when it is still."""
        swaying = grams * self._chance.uniform(0.90, 1.06)
        self._time.after(int(SWAYS_S * NS_PER_S), partial(self._print, "US", swaying))
        self._time.after(int(STABLE_S * NS_PER_S), partial(self._stable, number, round(grams, 2)))

    def _stable(self, number: int, grams: float) -> None:
        self._truth.add(Weighing(self.sensor.station, self.sensor.id, number, self._time.now_ns, grams))
        self._print("ST", grams)

    def _print(self, header: str, grams: float) -> None:
        if self._send is not None:
            self._send(printed(header, grams))


def printed(header: str, grams: float) -> bytes:
    """One line as the scale sends it, for weights below 100 kg."""
    return f"{header},{grams:+09.2f}  g\r\n".encode("ascii")
