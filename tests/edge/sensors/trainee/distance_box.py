"""Wiring: a distance box (HC-SR04 with a small computer) by its USB cable, here /dev/ttyACM0.

    [stations.washer.sensors.basket]
    type = "distance_box"
    port = "/dev/ttyACM0"
    empty_mm = 400

It prints the distance in millimetres ten times a second; ``filled`` is 1 while something is nearer than ``empty_mm``.
This is a trainee's own sensor: one file, nothing else touched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contract.catalogue import Measure, Part, Wire, setting
from contract.words import Words
from edge.board import Board
from edge.sensors import Expect, Tell
from edge.serial_lines import PortSettings, SerialLines

TITLE = Words("距離の箱", "Distance box")
STYLE = "event"
MEASURES = (
    Measure("distance", Words("距離", "distance"), "mm", low=20, high=4000, decimals=0),
    Measure("filled", Words("かごが入っている", "basket is there"), kind="level", low=0, high=1),
)
PARTS = (Part("distance-box", 1),)
TERMINALS = (Wire("USB", "USB"),)


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One box on one port."""

    port: str = setting(Words("シリアルポート", "serial port"), "port")
    empty_mm: float = setting(
        Words("空のときの距離", "distance when empty"), "number", default=400.0, unit="mm", low=20
    )

    def listen(self, board: Board, tell: Tell) -> "Box":
        """Start listening."""
        return Box(self, board, tell)


class Box:
    """The open box."""

    def __init__(self, settings: Sensor, board: Board, tell: Tell) -> None:
        self.settings, self.tell = settings, tell
        self.filled = -1
        self.garbage = 0
        self.lines = SerialLines(board, PortSettings(settings.port, 115_200), self.line)

    def line(self, line: bytes, at_ns: int) -> None:
        try:
            distance = int(line)
        except ValueError:
            self.garbage += 1
            return
        self.tell("distance", distance, at_ns)
        filled = int(distance < self.settings.empty_mm)
        if filled != self.filled:
            self.filled = filled
            self.tell("filled", filled, at_ns)

    def health(self) -> dict[str, int]:
        return {"garbage": self.garbage}

    def check(self) -> None:
        self.lines.check()

    def close(self) -> None:
        self.lines.close()


def rehearse(sensor: Sensor, bench: Any) -> Iterator[Expect]:
    """A basket comes and goes."""
    yield Expect("nothing yet")
    bench.type(sensor.port, b"812\n")
    yield Expect("no basket", {"distance": 812, "filled": 0})
    bench.type(sensor.port, b"120\n118\n")
    yield Expect("a basket", {"distance": (120, 118), "filled": 1})
    bench.type(sensor.port, b"???\n")
    yield Expect("garbage is nothing")
    bench.unplug(sensor.port)
    yield Expect("pulled out", error=True)
