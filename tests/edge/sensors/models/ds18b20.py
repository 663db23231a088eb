"""A DS18B20 with the kernel's driver on top, written from the data sheet (19-7487) and w1_therm.rst alone.

The probe is registers in silicon: a conversion needs its supply to the end, and what is read is whatever the registers
hold. Its check is a shift register of eight flip-flops (figure "1-Wire CRC generator"). The kernel starts a conversion,
waits, reads nine bytes, and keeps the last right ones.
"""

from collections.abc import Callable

POWER_UP = [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10]


class Silicon:
    """``sixteenths`` is the temperature around it; ``supplied`` whether its supply lasts through a conversion."""

    def __init__(self, sixteenths: int = 400) -> None:
        self.sixteenths = sixteenths
        self.supplied = True
        self.held_low = False
        self._memory = list(POWER_UP)

    def reset(self) -> None:
        """The supply came back."""
        self._memory = list(POWER_UP)

    def convert(self) -> None:
        """What the registers hold 750 ms later: the temperature, if the supply lasted."""
        if not self.supplied:
            self.reset()
            return
        pattern = self.sixteenths & 0xFFFF
        self._memory[0], self._memory[1] = pattern & 0xFF, pattern >> 8
        self._memory[6] = 16 - (pattern & 15)

    def scratchpad(self) -> list[int]:
        """Nine bytes, lowest bit of each first on the wire."""
        if self.held_low:
            return [0] * 9
        flops = [0] * 8
        for byte in self._memory:
            for place in range(8):
                feedback = flops[7] ^ byte >> place & 1
                flops = [feedback, *flops[:7]]
                flops[4] ^= feedback
                flops[5] ^= feedback
        return [*self._memory, sum(bit << 7 - place for place, bit in enumerate(flops))]


class KernelFile:
    """``w1_slave`` of one probe. ``wire`` may spoil what is heard; ``cut``: nothing answers."""

    def __init__(self, probe: Silicon) -> None:
        self.wire: Callable[[list[int]], list[int]] = lambda nine: nine
        self.cut = False
        self._probe = probe
        self._kept = [0] * 9

    def file(self, name: str) -> str:
        assert name == "w1_slave"
        if self.cut:
            return ""  # the driver heard no presence: nothing was put into the page
        self._probe.convert()
        nine = self.wire(self._probe.scratchpad())
        check = Silicon()
        check._memory = nine[:8]
        found = check.scratchpad()[8]
        if found == nine[8]:
            self._kept = nine
        lines = [f"{_hex(nine)}: crc={found:02x} {'YES' if found == nine[8] else 'NO'}", f"{_hex(self._kept)}t=0"]
        pattern = nine[0] + 256 * nine[1]
        degrees = (pattern - 65536 if pattern >= 32768 else pattern) / 16
        return "\n".join([lines[0], lines[1].replace("t=0", f"t={int(degrees * 1000)}")]) + "\n"


def _hex(nine: list[int]) -> str:
    return "".join(f"{byte:02x} " for byte in nine)
