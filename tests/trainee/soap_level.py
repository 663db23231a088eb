"""Wiring: VIN to 3V3 (header pin 1), GND to GND, SDA to GPIO2 (header pin 3), SCL to GPIO3 (header pin 5).

    [stations.washer.sensors.soap]
    type = "soap_level"
    address = 0x28
    full_mm = 300
    every_s = 5.0

How full the soap tank is, by a distance sensor in its lid that says millimetres in registers 0 and 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract.catalogue import Measure, Part, Wire, setting
from contract.words import Words
from edge.board import Board, I2CBus
from edge.sensors import Expect
from edge.troubles import no_chip

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("洗剤の残り", "Soap level")
STYLE = "polled"
MEASURES = (Measure("level", Words("残り", "what is left"), "%", low=0, high=100, decimals=1),)
PARTS = (Part("lid-distance-sensor", 1),)
TERMINALS = (Wire("VIN", "3V3"), Wire("GND", "GND"), Wire("SDA", "SDA"), Wire("SCL", "SCL"))


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One sensor in one lid."""

    address: int = setting(Words("I2C アドレス", "I2C address"), "i2c_address", default=0x28)
    full_mm: float = setting(Words("満タンの深さ", "depth when full"), "number", default=300.0, unit="mm", low=50)
    every_s: float = setting(Words("読む間隔", "read every"), "number", default=5.0, unit="s", low=0.1)

    def open(self, board: Board) -> "Lid":
        """Find it."""
        return Lid(self, board.i2c(1))


class Lid:
    """The open sensor."""

    def __init__(self, settings: Sensor, bus: I2CBus) -> None:
        self.settings, self.bus = settings, bus
        self.read()

    def read(self) -> dict[str, float]:
        address = self.settings.address
        try:
            high, low = self.bus.read_i2c_block_data(address, 0, 2)
        except OSError as error:
            raise no_chip(address, 1, str(error)) from error
        depth_mm = self.settings.full_mm - (high << 8 | low)
        return {"level": round(100.0 * depth_mm / self.settings.full_mm, 1)}

    def close(self) -> None:
        """Nothing to give back."""


def place(sensor: Sensor, bench: "Bench") -> "Chip":
    """Screw the lid on."""
    chip = Chip()
    bench.i2c_chip(1, sensor.address, chip)
    return chip


class Chip:
    """The sensor as the bus sees it: the air above the soap, in mm."""

    def __init__(self) -> None:
        self.air_mm = 75

    def write(self, data: bytes) -> None:
        """Only the register's number."""

    def read(self, length: int) -> bytes:
        return self.air_mm.to_bytes(2, "big")[:length]


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """The soap is used up, and the cable comes off."""
    chip = place(sensor, bench)
    yield Expect("three quarters", {"level": 75.0})
    chip.air_mm = 300
    yield Expect("empty", {"level": 0.0}, wait_s=sensor.every_s)
    bench.i2c_chip(1, sensor.address, None)
    yield Expect("the cable is off", error=True)
