"""What the scale prints."""

from random import Random

import pytest

from contract.line import Sensor
from edge.bench_clock import HandClock
from floor.records import Weighing
from floor.scale import Scale, printed
from floor.truth import Truth


@pytest.mark.parametrize(
    ("grams", "line"),
    [(123.45, b"ST,+00123.45  g\r\n"), (0.0, b"ST,+00000.00  g\r\n"), (-1.2, b"ST,-00001.20  g\r\n")],
)
def test_a_line_is_in_the_standard_format_of_a_and_d(grams: float, line: bytes) -> None:
    assert printed("ST", grams) == line


class Time:
    def __init__(self) -> None:
        self.clock = HandClock(0)

    @property
    def now_ns(self) -> int:
        return self.clock.monotonic_ns()

    def after(self, ns: int, action) -> None:  # type: ignore[no-untyped-def]
        self.clock.at(self.now_ns + ns, action)


def test_a_weight_sways_before_it_is_still() -> None:
    time, truth, sent = Time(), Truth(), list[bytes]()
    scale = Scale(Sensor("packer", "scale", "scale_and", {}, ()), sent.append, Random(2), time, truth)
    scale.weigh(7, 123.449)
    time.clock.turn(1.0)
    assert [line[:2] for line in sent] == [b"US"]
    time.clock.turn(1.0)
    assert sent[1] == b"ST,+00123.45  g\r\n"
    assert truth.of(Weighing) == [Weighing("packer", "scale", 7, 1_300_000_000, 123.45)]
