"""Wiring: one transistor or relay board input each: red GPIO12 (pin 32), amber GPIO13 (pin 33), green GPIO19 (pin 35).

    [stations.press.outputs.tower]
    type = "signal_light"
    red = 12
    amber = 13
    green = 19
    blink_s = 1.0

A stack light of one to four colours (積層信号灯). It is told a word, and its state is that word: ``off``, a colour
(``red``, ``amber``, ``green``, ``blue``), or a colour that blinks (``blink-red`` …). One colour is lit at a time. It is
off from the start until it is told, and off again when the agent ends. ``blink_s`` is one dark and one bright together.

A killed agent (``kill -9``) can switch nothing off: the Pi's kernel goes on driving the pin as it was, until the agent
starts again. With ``dtparam=strict_gpiod`` in /boot/firmware/config.txt the pin becomes an input instead, and the
board's resistor decides (from the kernel's sources; not tried on a Pi).

A stack light runs on 24 V: the Pi drives the inputs of a board with opto-isolators or relays, the board switches the
24 V, and no wire of the 24 V ever meets a pin. ``active = "low"`` is for boards that switch on at ground.

What a light on a machine means is the plant's own rule; where there is none, IEC 60073 and IEC 60204-1 have red for an
emergency or fault, amber for the abnormal, green for the normal, blue for what a person must do.

Not implemented: two colours at once, a buzzer in the tower (use ``buzzer``), towers on a serial line or a network.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from contract.catalogue import Part, Wire, setting
from contract.errors import PayloadError, SensorError
from contract.reading import Value
from contract.words import Words
from edge.board import Board
from edge.clock import Clock, Timer
from edge.outputs import Driven
from edge.switch_pin import SwitchPin

TITLE = Words("信号灯(積層表示灯)", "Stack light")
ABOUT_JA = """\
積層信号灯の色を1つ点けます。点滅(blink-red など)もできます。始まるときと終わるときは消えます。

気をつけること: 信号灯は 24 V で動きます。Pi が動かすのはフォトカプラやリレーの基板の入力だけで、
24 V の線は決してピンにつなぎません。色の意味は工場の決まりに合わせます。決まりがなければ、赤は非常や故障、
黄は異常、緑は正常、青は人の作業が要るときです。
エージェントが強制終了されると、Pi は直前の出力を出し続けます。
/boot/firmware/config.txt に dtparam=strict_gpiod を書いておくと、ピンは入力に戻り、
基板の抵抗が決めます(実機ではまだ試していません)。

見えないこと: 同時に2色は点けられません。球切れや線の外れは分かりません。点いていなくても、
state はその色になります。
"""
STATE: Literal["text"] = "text"
OFF: Final = "off"
BLINK: Final = "blink-"
COLOURS: Final = ("red", "amber", "green", "blue")
VALUES = (OFF, *COLOURS, *(BLINK + colour for colour in COLOURS))
PARTS = (Part("opto-output-board-4ch", 1), Part("wire-pair", 3))
TERMINALS = (
    *(Wire(f"IN{row}", "pin", setting=colour) for row, colour in enumerate(COLOURS, 1)),
    Wire("GND", "GND", note=Words("24 V 側の 0 V とは分ける", "apart from the 0 V of the 24 V side")),
    Wire(
        "COM",
        "24V",
        note=Words("信号灯の側。Pi のピンに決してつながない", "the light's side; never to a pin of the Pi"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Output:
    """One stack light; a colour without a pin is not there."""

    red: int | None = setting(Words("赤のピン番号(BCM)", "BCM pin of red"), "pin", default=None)
    amber: int | None = setting(Words("黄のピン番号(BCM)", "BCM pin of amber"), "pin", default=None)
    green: int | None = setting(Words("緑のピン番号(BCM)", "BCM pin of green"), "pin", default=None)
    blue: int | None = setting(Words("青のピン番号(BCM)", "BCM pin of blue"), "pin", default=None)
    active: str = setting(
        Words("点ける電圧", "level that lights it"), "choice", default="high", choices=("low", "high")
    )
    blink_s: float = setting(
        Words("点滅の1周期", "one dark and one bright"), "number", default=1.0, unit="s", low=0.2, high=10
    )

    def open(self, board: Board) -> Driven:
        """Take the pins, all dark. Raises SensorError if one cannot be had, or none is named."""
        lamps: dict[str, SwitchPin] = {}
        try:
            for colour in COLOURS:
                number = getattr(self, colour)
                if number is not None:
                    lamps[colour] = SwitchPin(board, number, self.active)
        except SensorError:
            for lamp in lamps.values():
                lamp.close()
            raise
        if not lamps:
            raise _no_colour()
        return _SignalLight(lamps, board.clock, self.blink_s)


class _SignalLight:
    def __init__(self, lamps: Mapping[str, SwitchPin], clock: Clock, blink_s: float) -> None:
        self._lamps, self._clock, self._blink_s = lamps, clock, blink_s
        self._timer: Timer | None = None
        self._is = OFF

    def judge(self, value: Value) -> None:
        self._colour(value)

    def set(self, value: Value) -> None:
        colour = self._colour(value)
        if value == self._is:
            return
        self._calm()
        for name, lamp in self._lamps.items():
            if name != colour:
                lamp.turn(False)
        if colour:
            self._lamps[colour].turn(True)
        self._is = str(value)
        if self._is.startswith(BLINK):
            self._timer = self._clock.every(self._blink_s / 2, _Blink(self._lamps[colour]), "edges")

    def state(self) -> Value:
        return self._is

    def close(self) -> None:
        self._calm()
        for lamp in self._lamps.values():
            lamp.close()

    def _colour(self, value: Value) -> str:
        """The colour a word lights; empty for off. Raises PayloadError."""
        if value == OFF:
            return ""
        colour = value.removeprefix(BLINK) if isinstance(value, str) else ""
        if colour not in self._lamps:
            some = ", ".join([OFF, *self._lamps, *(BLINK + name for name in self._lamps)])
            raise PayloadError(
                "output_value",
                Words(f"信号灯にできるのは {some} です: {value}", f"This light can be {some}, not {value}."),
            )
        return colour

    def _calm(self) -> None:
        timer, self._timer = self._timer, None
        self._is = OFF
        if timer:
            timer.cancel()


class _Blink:
    """Bright, dark, bright …; the first beat is the bright one that is there already."""

    def __init__(self, lamp: SwitchPin) -> None:
        self._lamp = lamp
        self._bright = False

    def __call__(self) -> None:
        self._bright = not self._bright
        self._lamp.turn(self._bright)


def _no_colour() -> SensorError:
    return SensorError(
        Words("信号灯の色のピンが一つもありません。", "The stack light has no pin for any colour."),
        Words("red = 12 のように、つないだ色のピンを書きます。", "Hint: name the pins of its colours, like red = 12."),
    )
