"""Wiring: VCC to 3V3 (header pin 1), GND to GND, DT (DOUT) to GPIO5 (pin 29), SCK to GPIO6 (pin 31); the load cell's
red to E+, black to E-, white to A-, green to A+.

    [stations.packer.sensors.bin]
    type = "hx711"
    data_pin = 5
    clock_pin = 6
    tare = 84210
    counts_per_g = 412.5

A load cell under a bin or a table. VCC never to 5V: DT would put it on the Pi's pin. Finding the two settings: leave
them out, read ``raw`` with nothing on it: that is ``tare``; put 1000 g on it: the difference divided by 1000 is
``counts_per_g`` (negative where it falls). Load cells drift with temperature and time: look at the empty one every
shift.

The chip measures ten times a second (80 with RATE high); five times a second its conversion is fetched, and a reading
is the newest one, without an average. ``input`` is A128 (the usual), A64 (for twice the signal) or B32 (the second
input).

A clock pulse longer than 60 µs sends the chip to sleep, and a busy Pi makes such pulses. A conversion with a pulse that
may have been one is thrown away, and the chip is put to sleep in earnest and woken, so that no half of one is ever
taken for a weight. When two seconds went by so, a Pi is reported that is too busy, or too slow. A value at either end
of the range is an overloaded cell or a broken wire. Not done: averages.

Source: Avia Semiconductor HX711 data sheet (English): "Serial Interface", table 3, figures 2 and 3, settling 400 ms.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import Value
from contract.words import Words
from edge import troubles
from edge.board import Board
from edge.clock import Clock, Timer
from edge.handles import Handle, Knob, Push
from edge.sensors import Expect, Polled

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("ロードセル(HX711)", "Load cell (HX711)")
ABOUT_JA = """\
箱や台の下に置いたロードセルで、重さを量ります。部品の残りや、出し入れが見えます。

気をつけること: VCC は 3V3 です(5V にすると、DT の 5 V が Pi に入ります)。
何も載せないときの raw を tare に書き、1000 g を載せて増えた分を 1000 で割って counts_per_g に書きます。
ロードセルは温度と時間でずれるので、勤務の交代ごとに、空のときの値を見てください。

見えないこと: 値は毎秒5回で、一瞬の動きは見えません。Pi が忙しくて途中までしか読めなかった値は捨てます。
取引や証明に使うはかりの代わりにはなりません。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (
    Measure("weight", Words("重さ", "weight"), "g", decimals=1),
    Measure("raw", Words("変換器の値", "the converter's value"), "", low=-(2**23), high=2**23 - 1, decimals=0),
)
PARTS = (Part("hx711", 1), Part("load-cell", 1), Part("wire-f-f", 4))
TERMINALS = (
    Wire("VCC", "3V3", note=Words("5V につながない", "never to 5V")),
    Wire("GND", "GND"),
    Wire("DT", "pin", setting="data_pin"),
    Wire("SCK", "pin", setting="clock_pin"),
)

BITS: Final = 24
EXTRA: Final = {"A128": 1, "B32": 2, "A64": 3}
"""Pulses behind the 24 bits, which choose input and gain of the next conversion (table 3)."""
LONGEST_PULSE_NS: Final = 60_000
SLEEPS_NS: Final = 1_000_000
SETTLING_NS: Final = 500_000_000
FETCH_S: Final = 0.2
SILENT_NS: Final = 2_000_000_000
"""So long without a whole conversion is a trouble: waking takes 0.4 s, then one comes every 0.1 s."""
LOWEST, HIGHEST = -0x800000, 0x7FFFFF


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One chip on two pins."""

    data_pin: int = setting(Words("DT のピン番号(BCM)", "BCM pin of DT"), "pin")
    clock_pin: int = setting(Words("SCK のピン番号(BCM)", "BCM pin of SCK"), "pin")
    input: str = setting(
        Words("入力と増幅率", "input and gain"), "choice", default="A128", choices=("A128", "A64", "B32")
    )
    tare: int = setting(
        Words("何も載っていないときの raw", "raw with nothing on it"), "whole", default=0, low=LOWEST, high=HIGHEST
    )
    counts_per_g: float | None = setting(
        Words("1 g あたりの raw の増え方(省略時: 重さは出さない)", "raw for each gram (left out: no weight is told)"),
        "number",
        default=None,
        low=-1_000_000,
        high=1_000_000,
    )
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=1.0, unit="s", low=0.5, high=3600)

    def open(self, board: Board) -> Polled:
        """Take both pins. Raises SensorError."""
        data = board.pin(self.data_pin)
        number = self.clock_pin
        try:
            clock = board.pin(number)
            clock.output_with_state(False)
            number = self.data_pin
            data.function = "input"
            data.pull = "up"
        except SensorError:
            data.close()
            raise
        except Exception as error:  # gpiozero's and lgpio's own errors have no common root
            data.close()
            clock.close()
            raise troubles.pin_refused(number, str(error)) from error
        return _Cell(self, data, clock, board.clock)

    def values(self, raw: int) -> dict[str, Value]:
        """What a conversion means."""
        if not self.counts_per_g:
            return {"raw": raw}
        return {"weight": (raw - self.tare) / self.counts_per_g, "raw": raw}


class _Cell:
    def __init__(self, settings: Sensor, data: Any, sck: Any, clock: Clock) -> None:
        self._settings, self._data, self._sck, self._clock = settings, data, sck, clock
        self._newest: int | None = None
        self._trouble: SensorError | None = None
        self._slow = False
        self._heard_ns = clock.monotonic_ns()
        self._asleep_ns: int | None = None
        self._settled_ns: int | None = None
        self._sleep()
        self._timer = clock.every(FETCH_S, self._fetch, lane="load cell")

    def read(self) -> Mapping[str, Value]:
        raw, self._newest = self._newest, None
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble
        if self._data is None:
            raise _silent(self._settings)
        if raw is None:
            if self._clock.monotonic_ns() - self._heard_ns > SILENT_NS:
                raise _too_slow(self._settings) if self._slow else _silent(self._settings)
            return {}
        if raw in (LOWEST, HIGHEST):
            raise _saturated(raw)
        return self._settings.values(raw)

    def close(self) -> None:
        self._timer.cancel()
        if self._sck is not None:
            self._sleep()
        pins, self._data, self._sck = (self._data, self._sck), None, None
        for pin in pins:
            if pin is not None:
                pin.close()

    def _fetch(self) -> None:
        if self._data is None:
            return
        now_ns = self._clock.monotonic_ns()
        if self._asleep_ns is not None:
            if now_ns - self._asleep_ns >= SLEEPS_NS:
                self._asleep_ns, self._sck.state = None, False
        elif not self._data.state:
            raw = self._shift_out()
            if raw is not None and self._data.state:
                self._heard_ns, self._slow = now_ns, False
                self._newest = raw if self._is_settled(now_ns) else None
            elif raw is not None:
                self._trouble = _stuck(self._settings)

    def _shift_out(self) -> int | None:
        """The conversion that is ready (after it DT is high); None if a pulse was too long."""
        value = 0
        for _ in range(BITS):
            if not self._pulse():
                return None
            value = value << 1 | bool(self._data.state)
        for _ in range(EXTRA[self._settings.input]):
            if not self._pulse():
                return None
        return signed(value)

    def _pulse(self) -> bool:
        """One pulse, high for as short as can be; False if it may have been long enough to put the chip to sleep."""
        began_ns = self._clock.monotonic_ns()
        self._sck.state = True
        self._sck.state = False
        if self._clock.monotonic_ns() - began_ns <= LONGEST_PULSE_NS:
            return True
        self._slow = True
        self._sleep()
        return False

    def _sleep(self) -> None:
        """Leave SCK high: the chip sleeps, and begins anew with input A at 128 when it falls."""
        self._sck.state = True
        self._asleep_ns = self._clock.monotonic_ns()
        self._settled_ns = self._asleep_ns if self._settings.input == "A128" else None

    def _is_settled(self, now_ns: int) -> bool:
        """Whether this conversion is of the input that is wanted: another one is chosen by the first reading."""
        if self._settled_ns is None:
            self._settled_ns = now_ns + SETTLING_NS
        return now_ns >= self._settled_ns


def signed(value: int) -> int:
    """24 bits as two's complement."""
    return value - (1 << BITS) if value >> BITS - 1 else value


def _silent(settings: Sensor) -> SensorError:
    return SensorError(
        Words(
            f"GPIO{settings.data_pin} の HX711 が応答しません(DT が下がりません)。",
            f"The HX711 at GPIO{settings.data_pin} does not answer: DT stays high.",
        ),
        Words(
            "VCC(3V3)・GND・DT・SCK の線と、DT と SCK が逆でないかを確認してください。",
            "Hint: check VCC (3V3), GND, DT and SCK, and that DT and SCK are not swapped.",
        ),
    )


def _stuck(settings: Sensor) -> SensorError:
    return SensorError(
        Words(
            f"GPIO{settings.data_pin} の HX711 の返事が壊れています(DT が下がったままです)。",
            f"The HX711 at GPIO{settings.data_pin} answers nonsense: DT stays low.",
        ),
        Words(
            "DT が GND に触れていないか、SCK の線が外れていないかを確認してください。",
            "Hint: see whether DT touches ground, or SCK has come off.",
        ),
    )


def _saturated(raw: int) -> SensorError:
    return SensorError(
        Words(f"ロードセルの値が振り切れています({raw})。", f"The load cell is beyond its range ({raw})."),
        Words(
            "載せすぎでなければ、E+・E-・A+・A- の線が外れていないかを確認してください。",
            "Hint: if it is not overloaded, look for a loose wire at E+, E-, A+ or A-.",
        ),
    )


def _too_slow(settings: Sensor) -> SensorError:
    return SensorError(
        Words(
            f"GPIO{settings.clock_pin} の SCK を速く動かせません(60 µs を超えると HX711 が眠ります)。",
            f"SCK at GPIO{settings.clock_pin} is too slow: beyond 60 µs the HX711 falls asleep.",
        ),
        Words(
            "この Pi のほかの負荷を減らすか、Pi 4 か 5 を使ってください。",
            "Hint: let this Pi do less beside it, or use a Pi 4 or 5.",
        ),
    )


# ---- the bench ----


class Chip:
    """An HX711 on its two pins. Set ``weight`` in g, or ``raw`` as input A gives it at gain 128."""

    CONVERTS_NS = 100_000_000
    STARTS_NS = 400_000_000

    def __init__(self, sensor: Sensor, bench: "Bench") -> None:
        self.raw = sensor.tare
        self._sensor, self._bench, self._clock = sensor, bench, bench.clock
        self._input, self._pulses, self._word, self._rose_ns = "A128", 0, 0, 0
        self._converting = True
        self._timer: Timer | None = None
        self.gone = False
        bench.attach(sensor.clock_pin, lambda at_ns, level: (self._rise if level else self._fall)(at_ns))
        self.power_up()

    @property
    def weight(self) -> float:
        """What lies on it, in g (0 without ``counts_per_g``)."""
        scale = self._sensor.counts_per_g
        return (self.raw - self._sensor.tare) / scale if scale else 0.0

    @weight.setter
    def weight(self, grams: float) -> None:
        self.raw = self._sensor.tare + round(grams * (self._sensor.counts_per_g or 0.0))

    def power_up(self) -> None:
        """The supply comes, or SCK falls after a sleep: input A at 128, the first conversion 400 ms later."""
        self._input, self._pulses = "A128", 0
        self._convert(self.STARTS_NS)

    def pull_out(self) -> None:
        """Nothing is connected any more."""
        self.gone = True
        self._bench.release(self._sensor.data_pin)

    def _convert(self, takes_ns: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._converting = True
        self._say(True)
        self._timer = self._clock.at(self._clock.monotonic_ns() + takes_ns, self._done, lane="bench")

    def _done(self) -> None:
        self._input = next((name for name, extra in EXTRA.items() if self._pulses == BITS + extra), self._input)
        self._pulses, self._converting = 0, False
        self._say(False)

    def _rise(self, at_ns: int) -> None:
        self._rose_ns = at_ns
        self._pulses += 1
        if self._pulses == 1:
            self._word = self._converted()
        if self._converting:
            if self._timer is not None:
                self._timer.cancel()  # it may be about to sleep
        elif self._pulses <= BITS:
            self._say(bool(self._word >> BITS - self._pulses & 1))
        else:
            self._converting = True
            self._say(True)

    def _fall(self, at_ns: int) -> None:
        if at_ns - self._rose_ns > LONGEST_PULSE_NS:
            self.power_up()
        elif self._converting:
            self._convert(self.CONVERTS_NS)

    def _converted(self) -> int:
        value = {"A128": self.raw, "A64": self.raw // 2, "B32": 0}[self._input]
        return min(HIGHEST, max(LOWEST, value)) & (1 << BITS) - 1

    def _say(self, level: bool) -> None:
        if not self.gone:
            self._bench.drive(self._sensor.data_pin, level)


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Wire an HX711 to its two pins."""
    return Chip(sensor, bench)


def handles(sensor: Sensor, _: "Bench", part: Chip) -> Iterator[Handle]:
    """What lies on it; more than it can bear."""

    def put(grams: float) -> None:
        part.weight = grams

    def turn(raw: float) -> None:
        part.raw = round(raw)

    if sensor.counts_per_g:
        most = min(10_000.0, (HIGHEST - abs(sensor.tare)) / abs(sensor.counts_per_g))
        yield Knob("weight", MEASURES[0].title, 0.0, most, lambda: part.weight, put, "g")
    else:
        yield Knob("raw", MEASURES[1].title, LOWEST, HIGHEST, lambda: part.raw, turn)
    yield Push("overload", Words("載せすぎ", "overload it"), lambda: turn(2**24))


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """An empty bin is filled and emptied, then overloaded, then a wire comes off."""
    chip = place(sensor, bench)
    part = {"A128": 1, "A64": 2, "B32": 0}[sensor.input]
    wait_s = max(sensor.every_s, 2.0)

    def at(raw: int) -> Mapping[str, Value]:
        chip.raw = raw
        return sensor.values(raw // part if part else 0)

    yield Expect(Words("電源が入ったばかり", "just powered up"))
    yield Expect(Words("まだ起きていない", "it is not awake yet"), wait_s=0.3)
    for said, raw in (
        (Words("空の箱", "an empty bin"), sensor.tare),
        (Words("部品が入った", "parts are in it"), sensor.tare + 123_456),
        (Words("持ち上げた", "it is lifted"), sensor.tare - 20_000),
    ):
        yield Expect(said, at(raw), wait_s=wait_s, tolerance=1e-9)
    if part:
        at(part * 2**24)
        yield Expect(Words("載せすぎ", "overloaded"), wait_s=wait_s, error=True)
    chip.raw = sensor.tare
    chip.pull_out()
    yield Expect(Words("DT が外れた", "DT came off"), wait_s=0.5)
    yield Expect(Words("返事がない", "it does not answer"), wait_s=3.0, error=True)
