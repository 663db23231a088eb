"""Wiring: VCC to 3V3 (header pin 1), GND to GND, CLK to GPIO11 (pin 23), DO to GPIO9 (pin 21), CS to GPIO8 (pin 24,
``chip = 0``) or GPIO7 (pin 26, ``chip = 1``); the thermocouple to T+ and T-.

    [stations.furnace.sensors.heat]
    type = "max31855"
    chip = 0
    every_s = 1.0

A thermocouple: hot things, -200 °C to 1350 °C for type K. The letter of the type is printed on the chip (MAX31855K is
for K) and must be the thermocouple's own. ``temperature`` is at its tip, ``cold_junction`` at the chip, which must not
be warmed by its neighbours. If the temperature falls when the tip is heated, T+ and T- are swapped. Switch SPI on first
(``sudo raspi-config``).

The chip notices a broken thermocouple and one that touches ground or the supply, and each is reported in its own words.
A tip welded to its sheath on an earthed machine counts as touching ground: take an insulated one. An answer of nothing
but zeros is no chip. Not done: correcting the thermocouple's curve (the chip takes it as straight: within ±2 °C for K
from -200 to 700 °C).

Source: Maxim MAX31855, 19-5793: tables 2 to 5 (memory map and examples), 100 ms at most for a conversion, 5 MHz.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import Value
from contract.words import Words
from edge.board import Board, SPIDevice
from edge.handles import Handle, Knob, Push
from edge.sensors import Expect, Polled

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("熱電対(MAX31855)", "Thermocouple (MAX31855)")
ABOUT_JA = """\
熱電対で高い温度を測ります(K 型で -200 から 1350 °C)。炉や金型、ヒーターに向いています。

気をつけること: チップに印刷された文字(MAX31855K なら K)と、熱電対の型をそろえます。
先端を温めて温度が下がるときは、T+ と T- が逆です。機械の金属に触れる所では、絶縁型(非接地型)を使います。
チップは熱い物から離してください。

見えないこと: 型の違う熱電対をつないでも、ずれた値が出るだけで、間違いとは分かりません。
熱電対の特性の曲がりは補正していません(K 型の -200 から 700 °C で ±2 °C 以内)。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (
    Measure("temperature", Words("先端の温度", "temperature at the tip"), "°C", low=-270, high=1800, decimals=2),
    Measure("cold_junction", Words("基板の温度", "temperature at the chip"), "°C", low=-40, high=125, decimals=2),
)
PARTS = (Part("max31855", 1), Part("thermocouple-k", 1), Part("wire-f-f", 5))
TERMINALS = (
    Wire("VCC", "3V3", note=Words("5V につながない", "never to 5V")),
    Wire("GND", "GND"),
    Wire("CLK", "SCLK"),
    Wire("DO", "MISO"),
    Wire("CS", "CE0", setting="chip", note=Words("chip = 1 なら CE1", "CE1 where chip = 1")),
)

HZ: Final = 1_000_000
OPEN, TO_GROUND, TO_SUPPLY, FAULT = 1 << 0, 1 << 1, 1 << 2, 1 << 16
ALWAYS_0 = 1 << 3 | 1 << 17
FAULTS = OPEN | TO_GROUND | TO_SUPPLY


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One chip with its thermocouple."""

    chip: int = setting(
        Words("チップセレクト(CE0 か CE1)", "chip select (CE0 or CE1)"), "whole", default=0, low=0, high=1
    )
    bus: int = setting(Words("SPI バスの番号", "SPI bus"), "whole", default=0, low=0, high=1)
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=1.0, unit="s", low=0.2, high=3600)

    def open(self, board: Board) -> Polled:
        """Take the chip. Raises SensorError."""
        return _Thermocouple(self, board.spi(self.bus, self.chip, HZ))


class _Thermocouple:
    def __init__(self, settings: Sensor, chip: SPIDevice) -> None:
        self._where = f"SPI{settings.bus} CE{settings.chip}"
        self._chip = chip

    def read(self) -> Mapping[str, Value]:
        try:
            answer = self._chip.transfer(bytes(4))
        except OSError as error:
            raise _garbled(self._where, str(error)) from error
        return temperatures(answer, self._where)

    def close(self) -> None:
        self._chip.close()


def temperatures(answer: Sequence[int], where: str) -> dict[str, float]:
    """°C at the tip and at the chip, from its 32 bits. Raises SensorError for a fault, or what cannot be an answer."""
    word = int.from_bytes(bytes(answer), "big")
    if word == 0:
        raise _silent(where)
    if len(answer) != 4 or word & ALWAYS_0 or bool(word & FAULT) != bool(word & FAULTS):
        raise _garbled(where, bytes(answer).hex(" "))
    for bit, error in ((OPEN, _open), (TO_GROUND, _to_ground), (TO_SUPPLY, _to_supply)):
        if word & bit:
            raise error(where)
    return {"temperature": signed(word >> 18, 14) / 4, "cold_junction": signed(word >> 4, 12) / 16}


def signed(bits: int, width: int) -> int:
    """The lowest ``width`` bits as two's complement."""
    value = bits & (1 << width) - 1
    return value - (1 << width) if value >> width - 1 else value


def _open(where: str) -> SensorError:
    return SensorError(
        Words(f"{where} の熱電対がつながっていません(断線)。", f"The thermocouple at {where} is open."),
        Words(
            "T+ と T- のねじ、線が切れていないかを確認してください。",
            "Hint: check the screws of T+ and T-, and the wire for a break.",
        ),
    )


def _to_ground(where: str) -> SensorError:
    return SensorError(
        Words(f"{where} の熱電対が GND に触れています。", f"The thermocouple at {where} touches ground."),
        Words(
            "絶縁型(非接地型)の熱電対を使うか、先端を機械の金属から離してください。",
            "Hint: take an insulated (ungrounded) thermocouple, or keep its tip off the machine's metal.",
        ),
    )


def _to_supply(where: str) -> SensorError:
    return SensorError(
        Words(f"{where} の熱電対が電源(VCC)に触れています。", f"The thermocouple at {where} touches the supply."),
        Words(
            "線の被覆と、T+・T- の近くのはんだを確認してください。",
            "Hint: check the wire's insulation, and the solder beside T+ and T-.",
        ),
    )


def _silent(where: str) -> SensorError:
    return SensorError(
        Words(f"{where} の MAX31855 が応答しません(すべて 0)。", f"The MAX31855 at {where} says nothing but zeros."),
        Words("3V3・GND・DO・CS の線を確認してください。", "Hint: check the wires 3V3, GND, DO and CS."),
    )


def _garbled(where: str, why: str) -> SensorError:
    return SensorError(
        Words(
            f"{where} の MAX31855 の返事が壊れています({why})。", f"The MAX31855 at {where} answers nonsense: {why}."
        ),
        Words(
            "CLK・DO・CS の線を短くし、差し込みと、チップの種類を確認してください。",
            "Hint: keep CLK, DO and CS short, check that they sit firmly, and that it is this chip.",
        ),
    )


# ---- the bench ----


class Chip:
    """A MAX31855 as the bus sees it. ``fault`` is one of OPEN, TO_GROUND, TO_SUPPLY or 0; ``flips`` spoils that bit."""

    modes = (0,)
    max_hz = 5_000_000

    def __init__(self) -> None:
        self.temperature, self.cold_junction = 25.0, 22.0
        self.fault = 0
        self.flips: int | None = None

    def transfer(self, data: bytes) -> bytes:
        """32 bits, highest first; behind them zeros."""
        tip = (0 if self.fault else round(self.temperature * 4)) & 0x3FFF
        word = tip << 18 | (round(self.cold_junction * 16) & 0xFFF) << 4
        word |= FAULT | self.fault if self.fault else 0
        word ^= 0 if self.flips is None else 1 << self.flips
        return word.to_bytes(4, "big").ljust(len(data), b"\0")[: len(data)]


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug a MAX31855 in."""
    chip = Chip()
    bench.spi_chip(sensor.bus, sensor.chip, chip)
    return chip


def handles(_: Sensor, bench: "Bench", part: Chip) -> Iterator[Handle]:  # noqa: ARG001
    """Both temperatures; each of its faults, and none."""
    for measure, low, high in ((MEASURES[0], -100.0, 1300.0), (MEASURES[1], -20.0, 80.0)):
        now, turn = partial(getattr, part, measure.key), partial(setattr, part, measure.key)
        yield Knob(measure.key, measure.title, low, high, now, turn, measure.unit)
    for key, said, fault in (
        ("open", Words("断線", "break its wire"), OPEN),
        ("ground", Words("GND に触れる", "let it touch ground"), TO_GROUND),
        ("supply", Words("電源に触れる", "let it touch the supply"), TO_SUPPLY),
        ("well", Words("直す", "mend it"), 0),
    ):
        yield Push(key, said, partial(setattr, part, "fault", fault))


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A furnace, a freezer, each of the three faults, a loose wire, and no chip at all."""
    chip = place(sensor, bench)
    for said, tip, board in (
        (Words("炉の中", "in the furnace"), 845.25, 31.5),
        (Words("冷凍庫の中", "in the freezer"), -41.75, 12.0625),
        (Words("冬の屋外の基板", "the chip out in winter"), 3.0, -4.5),
    ):
        chip.temperature, chip.cold_junction = tip, board
        yield Expect(said, {"temperature": tip, "cold_junction": board}, wait_s=sensor.every_s)
    for said, fault in (
        (Words("断線した", "its wire is broken"), OPEN),
        (Words("機械の金属に触れた", "it touches the machine's metal"), TO_GROUND),
        (Words("電源に触れた", "it touches the supply"), TO_SUPPLY),
    ):
        chip.fault = fault
        yield Expect(said, error=True)
    chip.fault, chip.flips = 0, 17
    yield Expect(Words("線がゆるんでいる", "a wire is loose"), error=True)
    chip.flips = None
    yield Expect(Words("差し直した", "it sits firmly again"), {"temperature": 3.0, "cold_junction": -4.5})
    bench.spi_chip(sensor.bus, sensor.chip, None)
    yield Expect(Words("外れた", "it came off"), error=True)
