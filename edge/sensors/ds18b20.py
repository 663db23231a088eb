"""Wiring: VDD (red) to 3V3 (header pin 1), GND (black) to GND, DQ (yellow) to GPIO4 (pin 7), and a 4.7 kΩ resistor
between DQ and 3V3, one for all probes together.

    [stations.washer.sensors.tank]
    type = "ds18b20"
    data_pin = 4
    every_s = 10.0

A waterproof temperature probe; many of them may hang on the same three wires. With several, each sensor names its own:
``probe = "28-0316a2795ad1"``, the number that `ls /sys/bus/w1/devices` shows (warm one by hand to see which it is). A
probe is found again within ten seconds of being plugged in.

The Pi's kernel drives the wire: write ``dtoverlay=w1-gpio,gpiopin=4`` into /boot/firmware/config.txt and restart.
``data_pin`` only tells the wiring picture which pin that is. A reading takes 0.75 s for each probe.

85 °C is what a probe says that lost its supply and has not measured since: refused, unless the temperature was near it
before. So are 127.94 °C (too little supply) and an answer of zeros, whose checksum is right by chance. A probe wired
the wrong way round gets hot within seconds: pull it out at once. Not done: setting the resolution (as delivered, 12
bits), alarms, and parasite power (always wire VDD).

Source: Maxim DS18B20, 19-7487 rev. 6: table 1 (temperature and data), figure 9 (scratchpad and power-up values), CRC
generation. Linux, Documentation/w1/slaves/w1_therm.rst (the two lines of ``w1_slave``).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import Value
from contract.words import Words
from edge.board import Board, OneWireBus
from edge.handles import Handle, Knob, Push
from edge.sensors import Expect, Polled

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("温度プローブ(DS18B20)", "Temperature probe (DS18B20)")
ABOUT_JA = """\
防水の温度プローブです。洗浄液や油、冷蔵庫の中に入れて使います。同じ3本の線に、何本もつなげます。

気をつけること: 赤は 3V3、黒は GND、黄は DQ です。逆につなぐと数秒で熱くなり、やけどをします。熱くなったら、
すぐに抜いてください。DQ と 3V3 の間に 4.7 kΩ を1つ入れます。2本以上のときは、
probe に番号を書きます(手で温めると、どれか分かります)。

見えないこと: 1回の測定に0.75秒かかり、それより速い変化は見えません。
85 °C と 127.94 °C は電源の不良のときに出る値なので、温度としては送りません(85 °C は、
直前の温度が近いときだけ送ります)。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (Measure("temperature", Words("温度", "temperature"), "°C", low=-55, high=125, decimals=2),)
PARTS = (Part("ds18b20-probe", 1), Part("resistor-4k7", 1), Part("wire-f-f", 3))
TERMINALS = (
    Wire("VDD", "3V3", note=Words("赤。逆につなぐと熱くなる", "red; it gets hot if turned round")),
    Wire("GND", "GND", note=Words("黒", "black")),
    Wire(
        "DQ",
        "pin",
        setting="data_pin",
        note=Words("黄。3V3 との間に 4.7 kΩ を1本", "yellow; one 4.7 kΩ between it and 3V3"),
    ),
)

FAMILY: Final = "28-"
FLOATING: Final = "00-"
"""What the kernel finds on a wire that nothing pulls up."""
FILE: Final = "w1_slave"
POWER_UP, NO_POWER = 0x0550, 0x07FF
NEAR_K: Final = 5.0
"""So near to 85 °C the reading before must have been for 85 °C to be believed."""

LINES = re.compile(
    r"(?P<heard>(?:[0-9a-f]{2} ){9}): crc=(?P<crc>[0-9a-f]{2}) (?P<verdict>YES|NO)\n(?:[0-9a-f]{2} ){9}t=-?\d+\n?"
)


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One probe on the wire."""

    data_pin: int = setting(Words("DQ のピン番号(BCM)", "BCM pin of DQ"), "shared_pin", default=4)
    probe: str | None = setting(
        Words(
            'プローブの番号("28-0316a2795ad1" の形。1本だけなら省略)',
            'the probe\'s number (like "28-0316a2795ad1"; may be left out where there is one)',
        ),
        "text",
        default=None,
        form="28-[0-9a-f]{12}",
    )
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=10.0, unit="s", low=2, high=3600)

    def open(self, board: Board) -> Polled:
        """Find the probe. Raises SensorError if it is not there, or if it is not clear which one is meant."""
        wire = board.one_wire()
        return _Probe(wire, which(self.probe, wire.devices()))


class _Probe:
    def __init__(self, wire: OneWireBus, probe: str) -> None:
        self._wire, self._probe = wire, probe
        self._before: float | None = None

    def read(self) -> Mapping[str, Value]:
        try:
            told = self._wire.read(self._probe, FILE)
        except OSError as error:
            raise _gone(self._probe, str(error)) from error
        self._before = temperature(scratchpad(told, self._probe), self._probe, self._before)
        return {"temperature": self._before}

    def close(self) -> None:
        """Nothing to give back: the wire is the kernel's."""


def which(wanted: str | None, found: Sequence[str]) -> str:
    """The kernel's name of the probe that is meant. Raises SensorError."""
    probes = [name for name in found if name.startswith(FAMILY)]
    if wanted is not None:
        if wanted in probes:
            return wanted
        raise _not_there(wanted, probes)
    if len(probes) == 1:
        return probes[0]
    raise _several(probes) if probes else _none(found)


def scratchpad(told: str, probe: str) -> bytes:
    """The nine bytes behind the kernel's two lines. Raises SensorError where they cannot be believed."""
    lines = LINES.fullmatch(told)
    if lines is None:
        raise _gone(probe, repr(told[:60])) if not told.strip() else _garbled(probe, repr(told[:60]))
    heard = bytes.fromhex(lines["heard"])
    if lines["verdict"] != "YES" or crc(heard[:8]) != heard[8]:
        raise _garbled(probe, lines["heard"].strip())
    if not any(heard):
        raise _garbled(probe, Words("すべて 0", "all zeros").say())
    return heard


def temperature(heard: bytes, probe: str, before: float | None) -> float:
    """°C of a scratchpad (table 1: sixteenths of a degree, two's complement). Raises SensorError for no measurement.

    Byte 6 is 0x0C after power-up and 16 minus the four lowest bits after a conversion.
    """
    raw = int.from_bytes(heard[:2], "little", signed=True)
    celsius = raw / 16
    jumped = before is None or abs(celsius - before) > NEAR_K
    if raw == POWER_UP and (heard[6] == 0x0C or jumped):
        raise _not_measured(probe, "85 °C")
    if raw == NO_POWER:
        raise _not_measured(probe, "127.94 °C")
    if not -55 <= celsius <= 125:
        raise _garbled(probe, f"{celsius:g} °C")
    return celsius


def crc(data: bytes) -> int:
    """The CRC of 1-Wire: x^8 + x^5 + x^4 + 1, lowest bit first, from 0."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8C if value & 1 else 0)
    return value


def _none(found: Sequence[str]) -> SensorError:
    floating = any(name.startswith(FLOATING) for name in found)
    return SensorError(
        Words("1-Wire に DS18B20 が見つかりません。", "No DS18B20 is found on the 1-Wire bus."),
        Words(
            "DQ と 3V3 の間に 4.7 kΩ の抵抗がありません。"
            if floating
            else "赤 3V3・黒 GND・黄 DQ と、DQ と 3V3 の間の 4.7 kΩ を確認してください。",
            "Hint: the 4.7 kΩ resistor between DQ and 3V3 is missing."
            if floating
            else "Hint: check red to 3V3, black to GND, yellow to DQ, and 4.7 kΩ between DQ and 3V3.",
        ),
    )


def _several(probes: Sequence[str]) -> SensorError:
    named = ", ".join(probes)
    return SensorError(
        Words(f"DS18B20 が {len(probes)} 本あります({named})。", f"There are {len(probes)} DS18B20: {named}."),
        Words(
            f'どれか一つを probe = "{probes[0]}" のように書いてください。手で温めると、どれか分かります。',
            f'Hint: name one, as probe = "{probes[0]}"; warm one by hand to see which it is.',
        ),
    )


def _not_there(wanted: str, probes: Sequence[str]) -> SensorError:
    named = ", ".join(probes)
    return SensorError(
        Words(f"プローブ {wanted} が見つかりません。", f"The probe {wanted} is not there."),
        Words(
            f"いまあるのは {named or 'なし'} です。配線と番号を確認してください。",
            f"Hint: found: {named or 'none'}. Check the wires and the number.",
        ),
    )


def _gone(probe: str, why: str) -> SensorError:
    return SensorError(
        Words(f"プローブ {probe} が応答しません({why})。", f"The probe {probe} does not answer: {why}."),
        Words("差し込みと線の長さを確認してください。", "Hint: check that it sits firmly, and how long its wire is."),
    )


def _garbled(probe: str, why: str) -> SensorError:
    return SensorError(
        Words(f"プローブ {probe} の返事が壊れています({why})。", f"The probe {probe} answers nonsense: {why}."),
        Words(
            "線を短く一本道にし、動力線から離し、4.7 kΩ を確認してください。",
            "Hint: one line without branches, away from power cables; check the 4.7 kΩ resistor.",
        ),
    )


def _not_measured(probe: str, what: str) -> SensorError:
    return SensorError(
        Words(
            f"プローブ {probe} は測定していません({what} は電源が切れたときの値です)。",
            f"The probe {probe} has not measured: {what} is what it says when its supply fails.",
        ),
        Words("赤い線(3V3)と GND を確認してください。", "Hint: check the red wire (3V3) and GND."),
    )


# ---- the bench ----


class Chip:
    """A DS18B20 behind the kernel's driver. Set ``temperature``; ``powered`` False: it cannot measure.

    ``spoils`` is a bit of the answer that noise turns round.
    """

    def __init__(self, temperature: float = 21.5) -> None:
        self.temperature = temperature
        self.powered = True
        self.spoils: int | None = None
        self._good = bytes(9)

    def file(self, name: str) -> str:
        """``w1_slave``: what was heard, the verdict, and what was last heard right."""
        if name != FILE:
            raise FileNotFoundError(2, "No such file or directory", name)
        heard = self._heard()
        right = crc(heard[:8]) == heard[8]
        self._good = heard if right else self._good
        milli = int(int.from_bytes(heard[:2], "little", signed=True) * 1000 / 16)
        verdict = "YES" if right else "NO"
        return f"{heard.hex(' ')} : crc={crc(heard[:8]):02x} {verdict}\n{self._good.hex(' ')} t={milli}\n"

    def _heard(self) -> bytes:
        raw = round(self.temperature * 16) if self.powered else POWER_UP
        count = 0x10 - (raw & 0x0F) if self.powered else 0x0C
        eight = raw.to_bytes(2, "little", signed=True) + bytes([0x4B, 0x46, 0x7F, 0xFF, count, 0x10])
        nine = bytearray([*eight, crc(eight)])
        if self.spoils is not None:
            nine[self.spoils // 8] ^= 1 << self.spoils % 8
        return bytes(nine)


USUAL: Final = "28-0316a2795ad1"


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Hang a probe on the wire: the one that is named, or one."""
    chip = Chip()
    bench.one_wire_chip(sensor.probe or USUAL, chip)
    return chip


def handles(_: Sensor, bench: "Bench", part: Chip) -> Iterator[Handle]:  # noqa: ARG001
    """The temperature around it; a red wire that comes off and is put back."""
    now, turn = partial(getattr, part, "temperature"), partial(setattr, part, "temperature")
    yield Knob("temperature", MEASURES[0].title, -40.0, 110.0, now, turn, "°C")
    yield Push("off", Words("赤い線が外れる", "take the red wire off"), partial(setattr, part, "powered", False))
    yield Push("on", Words("赤い線を戻す", "put the red wire back"), partial(setattr, part, "powered", True))


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A freezer, a hot tank, a spoilt bit, a supply that failed, a second probe, and no probe at all."""
    chip = place(sensor, bench)
    for said, celsius in (
        (Words("冷凍庫", "a freezer"), -24.5),
        (Words("洗浄槽", "a washing tank"), 60.125),
        (Words("熱い槽", "a hot tank"), 84.0),
        (Words("本当に 85 °C", "85 °C indeed"), 85.0),
    ):
        chip.temperature = celsius
        yield Expect(said, {"temperature": celsius}, wait_s=sensor.every_s)
    chip.spoils = 3
    yield Expect(Words("線に雑音が乗った", "noise on the wire"), error=True)
    chip.spoils, chip.powered = None, False
    yield Expect(Words("電源が切れて測れない", "its supply failed: 85 °C is no measurement"), error=True)
    chip.powered, chip.temperature = True, 20.0
    yield Expect(Words("直った", "it is well again"), {"temperature": 20.0})
    bench.one_wire_chip(sensor.probe or USUAL, None)
    yield Expect(Words("抜けた", "it was pulled out"), error=True)
    place(sensor, bench)
    bench.one_wire_chip("28-00000a0b0c0d", Chip(5.0))
    named = sensor.probe is not None
    said = Words("2本になった", "there are two now")
    yield Expect(said, {"temperature": 21.5} if named else {}, error=not named)
