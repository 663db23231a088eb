"""Which sensors a station gets: by what S20 says it is seen by, and what S6 wants measured.

Pins and converter inputs are taken in a fixed order, one Pi at a time; a pin that S6 names comes first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from contract.line_report import hint
from contract.words import Words
from curriculum.sheets.filled import Answers, Filled
from curriculum.sheets.line_text import LineText

PINS = (17, 27, 22, 5, 6, 13, 19, 26, 23, 24, 25, 16, 20, 21, 12)
"""Free on every board, none of them of a bus (I2C 2 and 3, 1-Wire 4, SPI 7 to 11, serial 14 and 15)."""
INPUTS = CONVERTERS = 4
MOST_BUTTONS = 6
PHASE = "phases."
CYCLES = ("pulse", "button", "external")


@dataclass
class Board:
    """What is still free on one Pi."""

    taken: set[int] = field(default_factory=set)
    inputs: int = 0

    def pin(self, asked: int | None = None) -> int | None:
        """The pin that was asked for, or the next free one; None where there is none left."""
        found = asked if asked is not None else next((pin for pin in PINS if pin not in self.taken), None)
        if found is not None:
            self.taken.add(found)
        return found

    def channels(self, many: int) -> tuple[Sequence[int], int]:
        """So many inputs of one converter, and which one it is, from 0."""
        if self.inputs % INPUTS + many > INPUTS:
            self.inputs += -self.inputs % INPUTS
        first, self.inputs = self.inputs, self.inputs + many
        return range(first % INPUTS, first % INPUTS + many), first // INPUTS


@dataclass
class Sensors:
    """Writes the sensors of one station."""

    station: str
    out: LineText
    board: Board
    reasons: Sequence[tuple[str, str]]
    """(id, name) of the reasons that were agreed on."""
    lamps: Sequence[Answers]
    scrap_said: bool
    names: set[str] = field(default_factory=set)
    has_cycle: bool = False
    has_running: bool = False

    def seen_by(self, how: str, problems: Sequence[Filled]) -> None:
        """What S20 says; ``problems``: the S6 of the station, which may name the pin of the same signal."""
        if how in ("", "none"):
            self.out.decide(
                "この工程を何で見るかが S20 に書かれていません(見方が空欄)。センサーはまだありません",
                "S20 does not say what this station is seen by: it has no sensor yet",
            )
        elif how == "external":
            self._begin("done", "external", "ほかの機器(ESP32 など)が送る")
            self.out.pair("role", "cycle")
            self.out.rows.append('measures = { count = { kind = "total" } }')
            self.out.decide(
                "送る機器の数え方: total(積算)か event(1個ごと)か", "whether that device sends a total or events"
            )
            self.has_cycle = True
        else:
            same = [one.answers.number("pin") for one in problems if how in _SAME.get(one.text("sensor"), ())]
            pin = next((int(asked) for asked in same if asked is not None), None)
            _OF_S20[how](self, pin, "S20 の見方から")

    def measure(self, problem: Filled) -> None:
        """What one S6 wants."""
        kind = problem.text("sensor")
        why = f"S6「{problem.text('kpi')}」"
        asked = problem.answers.number("pin")
        pin = None if asked is None else int(asked)
        if kind in _PLAIN:
            self._begin(kind, kind, why)
        else:
            _OF_S6[kind](self, pin, why, problem)

    def _begin(self, name: str, type: str, remark: str) -> str:
        number, found = 2, name
        while found in self.names:
            found, number = f"{name}-{number}", number + 1
        self.names.add(found)
        self.out.head(f"stations.{self.station}.sensors.{found}", remark)
        self.out.pair("type", type)
        return found

    def _pin(self, asked: int | None, key: str = "pin") -> None:
        found = self.board.pin(asked)
        if found is None:
            what = Words("この Pi には空いたピンがもうありません。", "this Pi has no pin left.")
            self.out.refuse("agent", what, _OTHER_PI)
        else:
            self.out.pair(key, found, "S6 に書かれたピン" if asked is not None else "空いている順。配線の前に確かめる")

    # ---- counted and seen ----

    def contact(self, pin: int | None, why: str) -> None:
        self._cycle("pulse", pin, why)

    def press(self, pin: int | None, why: str) -> None:
        self._cycle("button", pin, why)

    def _cycle(self, type: str, pin: int | None, why: str) -> None:
        if self.has_cycle:
            self.out.remark(f"{why}: 完成の数は、上のセンサーをそのまま使います")
            return
        self._begin("done", type, why)
        self._pin(pin)
        self.out.pair("role", "cycle", "1回 = 完成1回" if type == "pulse" else "1押し = 完成1回")
        self.has_cycle = True

    def running(self, pin: int | None, why: str) -> None:
        if self.has_running:
            self.out.remark(f"{why}: 運転の信号は、上のセンサーをそのまま使います")
            return
        self._begin("run", "level", why)
        self._pin(pin)
        self.out.pair("role", "running", "1 = 運転中")
        self.has_running = True

    def tower(self, _: int | None, why: str) -> None:
        if any(name.startswith("tower") for name in self.names):
            self.out.remark(f"{why}: 上の信号灯のセンサーをそのまま使います")
            return
        self._begin("tower", "signal_tower", why)
        colours = dict.fromkeys(lamp.text("colour") for lamp in self.lamps if lamp.text("colour") != "other")
        lamps = tuple(colours) or ("red", "amber", "green")
        inputs, converter = self.board.channels(len(lamps))
        for colour, channel in zip(lamps, inputs, strict=True):
            self.out.pair(colour, channel, f"変換器 {_address(converter)} の入力")
        self._converter(converter)
        self._meanings()

    def _meanings(self) -> None:
        for lamp in self.lamps:
            how = "点滅" if lamp.text("how") == "blink" else "点灯"
            colour = {"red": "赤", "amber": "黄", "green": "緑"}.get(lamp.text("colour"), "ほかの色")
            self.out.remark(f"{colour} {how}: {_MEANINGS[lamp.text('meaning')]} {lamp.text('words')}")
        running = [
            one.text("colour")
            for one in self.lamps
            if one.text("meaning") == "running" and one.text("how") != "blink" and one.text("colour") != "other"
        ]
        if len(running) == 1 and not self.has_running:
            self.out.pair("running_lamp", running[0])
            self.out.pair("role", "running")
            self.has_running = True
        else:
            self.out.pair("running_lamp", "none")
            self.out.decide(
                'どの色の点灯が運転中かを現場できいて、running_lamp と role = "running" を書く',
                "ask which lamp means running, then write running_lamp and role",
            )

    def clamp(self, _: int | None, why: str) -> None:
        self._begin("amps", "ct_clamp", why)
        (channel,), converter = self.board.channels(1)
        self.out.pair("channel", channel, "変換器の入力")
        self._converter(converter)
        if not self.has_running:
            self.out.pair("role", "running")
            self.has_running = True
        self.out.decide(
            "idle_a と run_a(空転・運転とみなす電流)。1日測ってから決める。クランプは資格のある人が付ける",
            "idle_a and run_a, after a day of measuring; a qualified person fits the clamp",
        )

    def _converter(self, number: int) -> None:
        """The converter's address, where it is not the first one."""
        if number >= CONVERTERS:
            what = Words(
                f"この Pi の変換器(ADS1115)は {CONVERTERS} 個までで、入力がもうありません。",
                f"a Pi has {CONVERTERS} converters (ADS1115) at most, and no input is left.",
            )
            self.out.refuse("agent", what, _OTHER_PI)
        elif number:
            self.out.rows.append(f"address = {_address(number)}")

    # ---- what S6 alone wants ----

    def phase(self, pin: int | None, why: str, problem: Filled) -> None:
        path = problem.text("kpi_path")
        name = path.removeprefix(PHASE).split(".")[0] if path.startswith(PHASE) else ""
        self._begin(name or "work", "level", why)
        self._pin(pin)
        self.out.pair("role", f"phase:{name or 'work'}", problem.text("what"))
        if not name:
            self.out.decide(
                "要素の名前(work のまま)。S6 の「kojo での名前」に phases.wash のように書くと決まる",
                'the name of this phase ("work" so far): write phases.NAME on S6',
            )

    def reason(self, _: int | None, why: str, __: Filled) -> None:
        if not self.reasons:
            self.out.decide(
                "理由ボタンの言葉。S22 を現場と書いて、もう一度作る", "the reasons: fill in S22 with the floor"
            )
        for id, name in self.reasons[:MOST_BUTTONS]:
            self._begin(f"reason-{id}"[:32], "button", f"{why} {name}")
            self._pin(None)
            self.out.pair("role", "reason")
            self.out.pair("says", id)
        if len(self.reasons) > MOST_BUTTONS:
            rest = "、".join(name for _, name in self.reasons[MOST_BUTTONS:])
            self.out.decide(f"ボタンは {MOST_BUTTONS} つまで。付けなかった理由: {rest}", "at most six buttons")

    def call(self, pin: int | None, why: str, _: Filled) -> None:
        self._begin("call", "button", why)
        self._pin(pin)

    def scrap(self, pin: int | None, why: str, _: Filled) -> None:
        self._begin("scrap", "pulse", why)
        self._pin(pin)
        self.out.pair("role", "scrap", "1回 = 不良1個")
        if not self.scrap_said:
            self.out.decide(
                "不良品が完成の数に入るか(S20「不良の出方」)。既定は、入る(scrap_is_counted = true)",
                "whether a bad piece passes the counter too (S20); taken as yes",
            )

    def scale(self, _: int | None, why: str, __: Filled) -> None:
        self._begin("hx711", "hx711", why)
        self._pin(None, "data_pin")
        self._pin(None, "clock_pin")
        self.out.decide(
            "風袋と係数。空の時と、重さの分かる物を載せた時の値から決める", "tare and scale, with a known weight"
        )

    def other(self, _: int | None, why: str, problem: Filled) -> None:
        what = problem.text("what") or "書かれていません"
        self.out.decide(f"{why}を測るセンサー({what})。種類は kojo sensors で見られる", "the sensor: see kojo sensors")


def _address(number: int) -> str:
    return f"0x{0x48 + number:02x}"


_OTHER_PI = hint(
    "S20 の Pi の欄で、工程を別の Pi(pi-2 など)に分けます。", "give some stations another Pi on S20, like pi-2."
)
_MEANINGS = {"running": "運転中", "stopped": "異常停止", "waiting": "待ち", "setup": "段取り", "other": "ほか"}
_SAME = {"count": ("pulse", "button"), "running": ("running",)}
"""What S6 wants measured, and what S20 calls the same signal."""
_PLAIN = ("bme280", "ds18b20", "vl53l0x", "adxl345")
_OF_S20: Mapping[str, Callable[[Sensors, int | None, str], None]] = {
    "pulse": Sensors.contact,
    "button": Sensors.press,
    "running": Sensors.running,
    "signal_tower": Sensors.tower,
    "ct_clamp": Sensors.clamp,
}
_OF_S6: Mapping[str, Callable[[Sensors, int | None, str, Filled], None]] = {
    "count": lambda of, pin, why, _: of.contact(pin, why),
    "running": lambda of, pin, why, _: of.running(pin, why),
    "signal_tower": lambda of, pin, why, _: of.tower(pin, why),
    "ct_clamp": lambda of, pin, why, _: of.clamp(pin, why),
    "phase": Sensors.phase,
    "reason": Sensors.reason,
    "call": Sensors.call,
    "scrap": Sensors.scrap,
    "hx711": Sensors.scale,
    "other": Sensors.other,
}
