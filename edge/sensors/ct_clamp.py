"""Wiring: the clamp's two wires across the burden resistor; one end of it to the converter's input, the other to the
middle of two 10 kilo-ohm resistors between 3V3 (header pin 1) and GND, with 10 uF from that middle to GND; the
converter as `ads1115` or `mcp3008` says.

    [stations.press.sensors.motor]
    type = "ct_clamp"
    converter = "mcp3008"
    channel = 0
    idle_a = 0.5
    run_a = 4.0
    role = "running"

The current of a machine, without opening a circuit: the clamp goes round ONE conductor (two together give 0), fitted by
a qualified electrician with the machine switched off. Never take the burden away while current flows. ``ratio`` is the
clamp's primary over secondary current: 2000 for 100 A : 50 mA. For a clamp with its resistor inside, 30 A : 1 V, write
``ratio = 30`` and ``burden_ohm = 1``, and put in none. 33 ohm with 2000 reads up to 70 A at 3.3 V; below 0.3 A it is
noise (wind the conductor through n times and divide ``ratio`` by n).

``current`` is the true RMS, without its direct part, of 200 ms: 10 periods of 50 Hz, 12 of 60 Hz, so it is right in all
of Japan. ``zone`` is "off", "idle" from ``idle_a`` and "running" from ``run_a`` on; a zone is left downwards only when
the current is ``hysteresis`` below its limit, and a change counts once it has lasted ``hold_s`` (dated at its
beginning). ``running`` is 1 in the zone "running". Both are told at each change and again every 60 s.

An MCP3008 takes 101 samples in that time and sees harmonics up to the 50th: it is the better one. An ADS1115 takes 67,
each the mean of 1.2 ms: a sine is read 0.6 % low (60 Hz: 0.8 %), an inverter's current up to 9 % low, and for the 0.2 s
no other sensor can use that chip. A burst that a busy Pi stretched is left out and counted (``late``), as is one cut
off at the converter's limits (``clipped``: choose a smaller burden). A clamp that is not plugged in reads 0 A and
cannot be told from a machine that is off. Not implemented: power, energy, phase.

Source: IEC 61000-4-30 (windows of 10 and 12 periods); YHDC SCT-013-000 (100 A : 50 mA, 2000 turns); SBAS444D, 8.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import pi, sin, sqrt
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import NS_PER_S
from contract.words import Words
from edge.analogue import CONVERTER_PARTS, CONVERTER_TERMINALS, WINDOW_NS, ConverterSettings, Wave, burst, true_rms
from edge.board import Board
from edge.clock import Clock
from edge.handles import Handle, Knob
from edge.paced import Paced
from edge.sensors import Expect, Listening, Tell

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("電流クランプ(運転・空転・停止)", "Current clamp (running, idle, off)")
ABOUT_JA = """\
機械の電線を切らずに電流を測り、運転(running)、空転(idle)、停止(off)を見分けます。信号の出ない古い機械でも、
動きが見えます。

気をつけること: クランプは1本の線だけを挟みます(2本まとめて挟むと 0 になります)。取り付けは、
機械の電源を切ってから、電気工事の資格のある人が行います。電流が流れている間は、負担抵抗を外さないでください。
idle_a と run_a は、停止、空転、加工中の値を見てから決めます。

見えないこと: 0.3 A より小さい電流は雑音に埋もれます。クランプが抜けていても 0 A と読めるので、
停止と見分けられません。何個できたか、良品かどうかも、電流からは分かりません。
"""
STYLE: Literal["event"] = "event"
MEASURES = (
    Measure("current", Words("電流", "current"), "A", low=0, high=1000, decimals=2),
    Measure("zone", Words("電流の区分", "zone of the current"), kind="text"),
    Measure("running", Words("運転中", "running"), kind="level", low=0, high=1, decimals=0),
)
BURDEN_OHM = 33.0
"""Another one is the clamp's own, or bought by whoever chose it."""
PARTS = (
    Part("ct-clamp-100a", 1),
    Part("resistor-33", 1, Words("負担抵抗(1 %)", "burden (1 %)"), when=("burden_ohm", BURDEN_OHM)),
    Part("resistor-10k", 2, Words("中点を作る", "they make the middle")),
    Part("capacitor-10uf", 1, Words("中点を静かにする", "it keeps the middle quiet")),
    *CONVERTER_PARTS,
)
TERMINALS = (
    Wire("CT 1", "AIN", setting="channel", note=Words("負担抵抗の一端", "one end of the burden")),
    Wire(
        "CT 1–2",
        "across",
        through="resistor-33",
        when=("burden_ohm", BURDEN_OHM),
        note=Words(
            "33 Ω を CT の 1 と 2 の間に。外したまま電流を流さない(抵抗内蔵のクランプには付けない)",
            "33 ohm between CT 1 and 2; no current while it is off (none where the clamp has its own)",
        ),
    ),
    Wire("R1", "3V3", through="resistor-10k", note=Words("もう一方は CT 2 へ", "its other end to CT 2")),
    Wire("CT 2", "GND", through="resistor-10k"),
    Wire(
        "CT 2–GND",
        "across",
        through="capacitor-10uf",
        note=Words(
            "10 µF を CT 2 と GND の間に。白い帯が GND の側", "10 uF between CT 2 and GND, the white stripe to GND"
        ),
    ),
    *CONVERTER_TERMINALS,
)

OFF, IDLE, RUNNING = "off", "idle", "running"
ZONES = (OFF, IDLE, RUNNING)
REPEAT_NS = 60 * NS_PER_S
NEAR_END_V = 0.02
"""So near to GND or the supply a wave is cut off."""
MIDDLE = (0.3, 0.7)
"""Where the mean lies, in parts of the supply, if the two resistors are there."""
TOO_MANY_LATE = 30


@dataclass(frozen=True, kw_only=True)
class Sensor(ConverterSettings):
    """One clamp round one conductor."""

    channel: int = setting(Words("変換器の入力", "the converter's input"), "channel", low=0, high=7)
    ratio: float = setting(
        Words("変流比(一次電流 ÷ 二次電流)", "ratio of the clamp (primary over secondary current)"),
        "number",
        default=2000.0,
        low=1,
        high=100_000,
    )
    burden_ohm: float = setting(
        Words("負担抵抗", "burden resistor"), "number", default=BURDEN_OHM, unit="ohm", low=0.1, high=1000
    )
    idle_a: float = setting(
        Words("これ以上なら空転", "idle from here on"), "number", default=0.5, unit="A", low=0.01, high=1000
    )
    run_a: float = setting(
        Words("これ以上なら運転", "running from here on"), "number", default=2.0, unit="A", low=0.02, high=1000
    )
    hysteresis: float = setting(
        Words("下がるときの余裕(割合)", "how far below a limit a zone is left (a part of it)"),
        "number",
        default=0.1,
        low=0,
        high=0.9,
    )
    hold_s: float = setting(
        Words("変わったと認めるまでの時間", "how long a change has to last"),
        "number",
        default=2.0,
        unit="s",
        low=0,
        high=600,
    )
    every_s: float = setting(Words("測る間隔", "measuring interval"), "number", default=2.0, unit="s", low=0.5, high=60)

    @property
    def amps_per_volt(self) -> float:
        """Primary current of one volt across the burden."""
        return self.ratio / self.burden_ohm

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Begin to measure. Raises SensorError."""
        if self.idle_a >= self.run_a:
            raise _wrong_limits(self)
        return _Clamp(self, board, tell)


@dataclass(frozen=True, slots=True)
class Change:
    """The current is in ``zone``, and has been since ``at_ns``."""

    zone: str
    at_ns: int


class Zones:
    """Currents in, changes of the zone out. Times are monotonic and do not fall.

    ``zone`` is the one believed (None before the first current), ``at`` the index of where the last current lay.
    """

    def __init__(self, settings: Sensor) -> None:
        self._limits = (settings.idle_a, settings.run_a)
        self._leave = 1 - settings.hysteresis
        self._hold_ns = round(settings.hold_s * NS_PER_S)
        self.at = 0
        self._since_ns = 0
        self.zone: str | None = None

    @property
    def settled(self) -> bool:
        """Whether no change dated before now can come."""
        return self.zone == ZONES[self.at]

    def heard(self, amps: float, at_ns: int) -> Change | None:
        """A current; the change that is believed now, if any. The first one is believed at once."""
        at = self._index(amps)
        if at != self.at or self.zone is None:
            self.at, self._since_ns = at, at_ns
        if self.settled or (self.zone is not None and at_ns - self._since_ns < self._hold_ns):
            return None
        self.zone = ZONES[at]
        return Change(self.zone, self._since_ns)

    def _index(self, amps: float) -> int:
        """0, 1 or 2: limits that are behind us are passed again only with the hysteresis."""
        return sum(
            amps >= (limit * self._leave if self.at > i and self.zone is not None else limit)
            for i, limit in enumerate(self._limits)
        )


class _Clamp:
    def __init__(self, settings: Sensor, board: Board, tell: Tell) -> None:
        self._settings, self._clock, self._tell = settings, board.clock, tell
        self._zones = Zones(settings)
        self._late = self._clipped = self._late_in_a_row = 0
        self._told_ns = 0
        self._converter = settings.converter_on(board, (settings.channel,))
        self._work = Paced(board.clock, self._measure())

    def health(self) -> Mapping[str, int]:
        return {"late": self._late, "clipped": self._clipped}

    def check(self) -> None:
        """What goes wrong is told where it happens."""

    def close(self) -> None:
        self._work.close()
        self._converter.close()

    def _measure(self) -> Iterator[float]:
        while True:
            begin_ns = self._clock.monotonic_ns()
            samples = yield from burst(self._converter, self._clock, self._settings.channel)
            wave = true_rms(samples)
            if wave is None:
                self._was_late()
            else:
                self._late_in_a_row = 0
                self._heard(wave, samples[0].at_ns + WINDOW_NS // 2)
            yield max(0.0, self._settings.every_s - (self._clock.monotonic_ns() - begin_ns) / NS_PER_S)

    def _heard(self, wave: Wave, at_ns: int) -> None:
        settings = self._settings
        amps = wave.rms * settings.amps_per_volt
        if not MIDDLE[0] < wave.mean / settings.supply < MIDDLE[1]:
            raise _no_middle(settings, wave.mean)
        if wave.lowest < NEAR_END_V or wave.highest > settings.supply - NEAR_END_V:
            self._clipped += 1  # at least so much flows: right for the zone, no figure for the current
        else:
            self._tell("current", amps, at_ns)
        change = self._zones.heard(amps, at_ns)
        if change is None and self._zones.settled and at_ns - self._told_ns >= REPEAT_NS:
            change = Change(ZONES[self._zones.at], at_ns)
        if change is not None:
            self._told_ns = at_ns
            self._tell("zone", change.zone, change.at_ns)
            self._tell("running", int(change.zone == RUNNING), change.at_ns)

    def _was_late(self) -> None:
        self._late += 1
        self._late_in_a_row += 1
        if self._late_in_a_row >= TOO_MANY_LATE:
            raise SensorError(
                Words(
                    f"この Pi は忙しすぎて、電流を測れません({TOO_MANY_LATE} 回続けて間に合いませんでした)。",
                    f"This Pi is too busy to measure the current: it came too late {TOO_MANY_LATE} times in a row.",
                ),
                Words(
                    "ほかのプログラムを止めるか、every_s を長くしてください。",
                    "Hint: stop other programs, or raise every_s.",
                ),
            )


def _wrong_limits(settings: Sensor) -> SensorError:
    return SensorError(
        Words(
            f"idle_a({settings.idle_a:g} A)は run_a({settings.run_a:g} A)より小さくします。",
            f"idle_a ({settings.idle_a:g} A) must be below run_a ({settings.run_a:g} A).",
        ),
        Words(
            "止めたとき、空転のとき、加工中の電流を見て、その間に決めます。",
            "Hint: look at the current when it is off, idle and at work, and choose limits between.",
        ),
    )


def _no_middle(settings: Sensor, mean: float) -> SensorError:
    name = settings.converter.upper()
    # no figure: it would differ each time, and each time be news
    lies = Words("低すぎます", "too low") if mean < settings.supply / 2 else Words("高すぎます", "too high")
    return SensorError(
        Words(
            f"{name} の入力 {settings.channel} の電圧が中点({settings.supply / 2:.2f} V)より{lies.ja}。",
            f"Input {settings.channel} of the {name} is {lies.en}: it should lie at {settings.supply / 2:.2f} V.",
        ),
        Words(
            "10 kΩ 2本の分圧と、クランプから入力への線を確認してください。MCP3008 の電源が来ていないときは 0 V です。",
            "Hint: check the two 10 kilo-ohm resistors and the wire from the clamp to the input. "
            "An MCP3008 without its supply reads 0 V.",
        ),
    )


# ---- the bench ----

SINE_RMS = sqrt(1 / 2)


@dataclass
class Load:
    """A conductor with ``current`` amps (RMS) in the clamp, at ``hz``; ``harmonics``: the nth's amplitude to the first.

    ``middle`` is what the two resistors make, None where they are not there.
    """

    settings: Sensor
    clock: Clock
    current: float = 0.0
    hz: float = 50.0
    harmonics: tuple[tuple[int, float], ...] = ()
    middle: float | None = 1.65

    def volts(self) -> float:
        """What the converter's input sees now."""
        if self.middle is None:
            return 0.0
        angle = 2 * pi * self.hz * (self.clock.monotonic_ns() % NS_PER_S) / NS_PER_S
        if not self.harmonics:  # sampled hundreds of thousands of times in a made day
            return self.middle + sin(angle) / SINE_RMS * self.current / self.settings.amps_per_volt
        parts = ((1, 1.0), *self.harmonics)
        rms = sqrt(sum(part * part for _, part in parts) / 2)
        wave = sum(part * sin(n * angle) for n, part in parts) / rms
        return self.middle + wave * self.current / self.settings.amps_per_volt


def place(sensor: Sensor, bench: "Bench") -> Load:
    """Put the clamp round a conductor."""
    load = Load(sensor, bench.clock, middle=sensor.supply / 2)
    sensor.chip_on(bench).volts[sensor.channel] = load.volts
    return load


def handles(sensor: Sensor, _: "Bench", part: Load) -> Iterator[Handle]:
    """The current in the clamp, up to twice what running takes."""

    def turn(amps: float) -> None:
        part.current = amps

    yield Knob("current", Words("電流", "current"), 0.0, 2 * sensor.run_a, lambda: part.current, turn, "A")


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A press is switched on, works, idles, is switched off; 60 Hz, too; then the middle is missing."""
    load = place(sensor, bench)
    idle, run = (sensor.idle_a + sensor.run_a) / 2, 1.5 * sensor.run_a
    step = sensor.supply / 1024 * sensor.amps_per_volt
    first = {"current": 0.0, "zone": OFF, "running": 0}
    yield Expect(Words("止まっている", "it is off"), first, wait_s=0.75 * sensor.every_s, tolerance=step)
    for said, amps, hz, zone in (
        (Words("電源が入った", "it is switched on"), idle, 50.0, IDLE),
        (Words("加工している", "it is at work"), run, 50.0, RUNNING),
        (Words("西日本でも同じ", "the same at 60 Hz"), run, 60.0, ""),
        (Words("空転している", "it idles"), idle, 60.0, IDLE),
    ):
        load.current, load.hz = amps, hz
        readings = 2 + int(sensor.hold_s // sensor.every_s)
        told = {"zone": zone, "running": int(zone == RUNNING)} if zone else {}
        values = {"current": (amps,) * readings, **told}
        yield Expect(said, values, wait_s=readings * sensor.every_s, tolerance=step + 0.02 * amps)
    load.middle = None
    yield Expect(Words("中点の抵抗が外れた", "the middle is missing"), wait_s=sensor.every_s, error=True)
