"""An MCP3008 from its data sheet (DS21295D, section 5) alone, clock by clock: what stands on DOUT at each rising edge.

Its sampling capacitor is connected from the fourth clock after the start bit to the fifth, the comparator then finds
the bits one by one from the top; after B0 it shifts them out again from B1 upwards, then zeros.
"""

from collections.abc import Callable, Iterator


def nothing() -> float:
    return 0.0


class Mcp3008:
    """``inputs`` give volts now; ``unplugged``: DOUT hangs free and reads as the last bit that was on the bus."""

    modes = (0, 3)
    max_hz = 1_350_000

    def __init__(self, *inputs: Callable[[], float], vref: float = 3.3) -> None:
        self.inputs = [*inputs, *[nothing] * (8 - len(inputs))]
        self.vref = vref
        self.floating: int | None = None
        self.loose_at: int | None = None

    def transfer(self, data: bytes) -> bytes:
        clocks = [byte >> (7 - i) & 1 for byte in data for i in range(8)]
        if self.floating is not None:
            return bytes([self.floating] * len(data))
        out = [self._glitch(i, bit) for i, bit in enumerate(self._selected(iter(clocks)))]
        return bytes(sum(bit << (7 - i) for i, bit in enumerate(out[n : n + 8])) for n in range(0, len(out), 8))

    def _glitch(self, i: int, bit: int) -> int:
        return bit ^ (i == self.loose_at)

    def _selected(self, din: Iterator[int]) -> Iterator[int]:
        for bit in din:
            yield 0
            if bit:
                break
        else:
            return
        single = next(din)
        yield 0
        channel = 0
        for _ in range(3):
            channel = channel << 1 | next(din)
            yield 0
        assert single, "differential is not used"
        held = self.inputs[channel]()
        next(din)
        yield 0  # sampling
        next(din)
        yield 0  # the null bit
        found: list[int] = []
        for _ in range(10):
            next(din)
            trial = self._dac([*found, 1])
            found.append(int(held >= trial))
            yield found[-1]
        again = found[:-1][::-1]
        for _ in din:
            yield again.pop(0) if again else 0

    def _dac(self, bits: list[int]) -> float:
        return self.vref * sum(bit / (2 << i) for i, bit in enumerate(bits))
