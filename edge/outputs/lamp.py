"""Wiring: a relay or LED board's input at GPIO23 (header pin 16), its VCC at 5V or 3V3, its GND at GND.

    [stations.washer.outputs.andon]
    type = "lamp"
    pin = 23
    active = "high"

On for 1, off for 0. It is off from the start until it is told, and off again when the agent ends. ``active = "low"`` is
for relay boards that switch on when their input is pulled to ground; give those a pull-up resistor, so that they stay
off while the Pi starts.

A killed agent (``kill -9``) can switch nothing off: the Pi's kernel goes on driving the pin as it was, until the agent
starts again. With ``dtparam=strict_gpiod`` in /boot/firmware/config.txt the pin becomes an input instead, and the
board's resistor decides (from the kernel's sources; not tried on a Pi).

A pin gives 3.3 V and a few milliamperes: enough for an LED with a resistor or a relay board's input, not for a lamp.
"""

from dataclasses import dataclass
from typing import Final, Literal

from contract.catalogue import Part, Wire, setting
from contract.reading import Value
from contract.words import Words
from edge.board import Board
from edge.outputs import Driven
from edge.switch_pin import SwitchPin, on_or_off

TITLE = Words("ランプ・リレー(オン・オフ)", "Lamp or relay (on or off)")
NAME: Final = Words("ランプ", "A lamp")
ABOUT_JA = """\
ランプやリレー基板を、つけたり消したりします。あんどんや呼び出し灯に使います。始まるときと終わるときは消えます。

気をつけること: ピンから取れるのは 3.3 V で数 mA です。抵抗付きの LED か、リレー基板の入力だけをつなぎます。
GND に引くと入る基板は active = "low" にし、Pi の起動中に入らないように、プルアップの抵抗を付けます。
エージェントが強制終了されると、Pi は直前の出力を出し続けます。
/boot/firmware/config.txt に dtparam=strict_gpiod を書いておくと、ピンは入力に戻り、
基板の抵抗が決めます(実機ではまだ試していません)。

見えないこと: 球切れや線の外れは分かりません。点いていなくても、state は 1 になります。
"""
STATE: Literal["level"] = "level"
VALUES = (0, 1)
PARTS = (Part("relay-board", 1), Part("wire-pair", 2))
TERMINALS = (
    Wire("IN", "pin", setting="pin", note=Words("ランプを直接つながない", "never the lamp itself")),
    Wire("VCC", "5V", note=Words("基板の表示に合わせる(3V3 のものもある)", "as the board says; some want 3V3")),
    Wire("GND", "GND"),
)


@dataclass(frozen=True, kw_only=True)
class Output:
    """One pin that is on or off."""

    pin: int = setting(Words("ピン番号(BCM)", "BCM pin number"), "pin")
    active: str = setting(
        Words("オンにする電圧", "level that switches it on"), "choice", default="high", choices=("low", "high")
    )

    def open(self, board: Board) -> Driven:
        """Take the pin, off. Raises SensorError."""
        return _Lamp(SwitchPin(board, self.pin, self.active))


class _Lamp:
    def __init__(self, pin: SwitchPin) -> None:
        self._pin = pin

    def judge(self, value: Value) -> None:
        on_or_off(value, NAME)

    def set(self, value: Value) -> None:
        self._pin.turn(on_or_off(value, NAME))

    def state(self) -> Value:
        return int(self._pin.is_on)

    def close(self) -> None:
        self._pin.close()
