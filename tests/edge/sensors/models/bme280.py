"""A Bosch BME280 or BMP280 from its data sheet's registers and modes: it holds what the converters gave, no formula.

Sleeps after power-on; in normal mode the results stand in its registers 9.3 ms after ctrl_meas was written, and all at
once. ctrl_hum counts from the next write of ctrl_meas on; a BMP280 has neither it nor any humidity register.
"""

import errno

from edge.clock import Clock

ONCE_NS = 9_300_000


class Bosch:
    """``image`` is its calibration by register, ``t``, ``p``, ``h`` what the converters give."""

    def __init__(self, clock: Clock, image: dict[int, bytes], identity: int = 0x60) -> None:
        self.t, self.p, self.h = 519888, 415148, 26000
        self.written: list[tuple[int, int]] = []
        self._clock, self._image, self._identity = clock, image, identity
        self._at = 0
        self.power_on()

    def power_on(self) -> None:
        self._hum_next = self._hum = self._meas = self._config = 0
        self._since = 0
        self._results = {0xF7: 0x80000, 0xFA: 0x80000, 0xFD: 0x8000}

    @property
    def _humid(self) -> bool:
        return self._identity == 0x60

    def write(self, data: bytes) -> None:
        if len(data) == 1:
            self._at = data[0]
            return
        if len(data) % 2:
            raise OSError(errno.EREMOTEIO, "writes are pairs of register and value")
        for register, value in zip(data[::2], data[1::2], strict=True):
            self.written.append((register, value))
            self._set(register, value)

    def _set(self, register: int, value: int) -> None:
        match register:
            case 0xE0 if value == 0xB6:
                self.power_on()
            case 0xF2 if self._humid:
                self._hum_next = value & 7
            case 0xF4:
                self._meas, self._hum, self._since = value, self._hum_next, self._clock.monotonic_ns()
            case 0xF5 if self._meas & 3 == 0:
                self._config = value
            case _:
                raise AssertionError(f"0x{register:02x} is not to be written (now)")

    def read(self, length: int) -> bytes:
        if self._meas & 3 == 3 and self._clock.monotonic_ns() - self._since >= ONCE_NS:
            on = self._meas >> 5, self._meas >> 2 & 7, self._hum
            self._results = {
                0xFA: self.t if on[0] else 0x80000,
                0xF7: self.p if on[1] else 0x80000,
                0xFD: self.h if on[2] else 0x8000,
            }
        return bytes(self._byte(self._at + place) for place in range(length))

    def _byte(self, register: int) -> int:
        for start, held in self._image.items():
            if start <= register < start + len(held) and (self._humid or register < 0xA0):
                return held[register - start]
        if 0xF7 <= register <= 0xFC:
            first = 0xF7 if register < 0xFA else 0xFA
            return (self._results[first] << 4).to_bytes(3, "big")[register - first]
        if register in (0xFD, 0xFE) and self._humid:
            return self._results[0xFD].to_bytes(2, "big")[register - 0xFD]
        measuring = 0x08 * (self._meas & 3 != 0 and self._clock.monotonic_ns() - self._since < ONCE_NS)
        own = {0xD0: self._identity, 0xF2: self._hum_next, 0xF3: measuring, 0xF4: self._meas, 0xF5: self._config}
        return own.get(register, 0)
