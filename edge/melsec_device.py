"""The bench's PLC: devices of a Mitsubishi CPU behind an MC protocol port, as a Q series CPU is shipped."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from edge.field_points import written
from edge.melsec import ASCII, BINARY, BIT_SYMBOLS, BITS, READ, WORD_SYMBOLS, WORDS, Code, Device, Place

if TYPE_CHECKING:
    from edge.bench import Bench

MEANT_BY = {code: symbol for symbol, code in (WORD_SYMBOLS | BIT_SYMBOLS).items()}
SIZES = {"D": 12_288, "ZR": 32_768, "R": 32_768, "SM": 2048, "SD": 2048, "F": 2048, "V": 2048}
"""Points of each kind; 8192 of the others (QnU, device settings as shipped)."""

BEYOND, UNKNOWN = 0xC056, 0xC059


class Plc:
    """Called with a frame it gives the answer. ``end_code`` not 0: it refuses everything with that.

    A frame in the other code is not answered, as on a real one.
    """

    def __init__(self, code: Code) -> None:
        self.code = code
        self.end_code = 0
        self.values: dict[str, dict[int, int]] = {}
        self._put_last: dict[Place, float] = {}

    def put(self, place: Place, value: float | str) -> None:
        """Let a measure be ``value``, in its own unit; a whole number beyond its form wraps."""
        device, point = place.device, place.point
        held = self.values.setdefault(device.symbol, {})
        if not isinstance(value, str):
            self._put_last[place] = value
        if point.of_bit:
            held[device.number] = int(bool(value))
        elif point.bit is not None:
            word = held.get(device.number, 0) & ~(1 << point.bit)
            held[device.number] = word | int(bool(value)) << point.bit
        else:
            for i, word in enumerate(written(point, value, low_byte_first=True)):
                held[device.number + i] = word

    def get(self, place: Place) -> float:
        """What a measure was last put to; 0 at first."""
        return self._put_last.get(place, 0.0)

    def __call__(self, told: bytes) -> bytes:
        """The answer to a frame, in the code it is set to."""
        if self.code == BINARY and told[:2] == b"\x50\x00":
            return self._binary(told)
        if self.code == ASCII and told[:4] == b"5000":
            return self._ascii(told.decode("ascii"))
        return b""

    def _binary(self, told: bytes) -> bytes:
        command, subcommand, count = (int.from_bytes(told[i : i + 2], "little") for i in (11, 13, 19))
        symbol = MEANT_BY.get(told[18], "")
        end, values = self._read(command, subcommand, count, symbol, int.from_bytes(told[15:18], "little"))
        if symbol in BIT_SYMBOLS:
            even = [*values, 0] if len(values) % 2 else values
            data = bytes(high << 4 | low for high, low in zip(even[::2], even[1::2], strict=True))
        else:
            data = b"".join(value.to_bytes(2, "little") for value in values)
        body = end.to_bytes(2, "little") + (told[2:7] + told[11:15] if end else data)
        return b"\xd0\x00" + told[2:7] + len(body).to_bytes(2, "little") + body

    def _ascii(self, told: str) -> bytes:
        command, subcommand, count = (int(told[i : i + 4], 16) for i in (22, 26, 38))
        symbol = told[30:32].rstrip("*")
        end, values = self._read(command, subcommand, count, symbol, Device.of(symbol + told[32:38]).number)
        data = "".join(f"{value:d}" if symbol in BIT_SYMBOLS else f"{value:04X}" for value in values)
        body = f"{end:04X}" + (told[4:14] + told[22:30] if end else data)
        return f"D000{told[4:14]}{len(body):04X}{body}".encode("ascii")

    def _read(self, command: int, subcommand: int, count: int, symbol: str, first: int) -> tuple[int, list[int]]:
        """The end code, and the values."""
        if self.end_code:
            return self.end_code, []
        if command != READ or subcommand != (BITS if symbol in BIT_SYMBOLS else WORDS) or not symbol:
            return UNKNOWN, []
        if first + count > SIZES.get(symbol, 8192):
            return BEYOND, []
        held: Mapping[int, int] = self.values.get(symbol, {})
        return 0, [held.get(number, 0) for number in range(first, first + count)]


def plc_at(bench: "Bench", where: str, code: Code) -> Plc:
    """The PLC at an address of the bench, the same for every sensor that reads it."""
    return bench.share(f"PLC at {where}", lambda _: Plc(code))
