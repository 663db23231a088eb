"""Wiring: a relay board's IN at GPIO6 (header pin 31), its VCC at 5V (pin 2), its GND at GND (pin 30).

    [stations.entry.outputs.door]
    type = "relay"
    pin = 6
    active = "low"
    safe = "off"
    min_s = 1.0

DANGER: trainees switch at most 24 V DC with it. Never 100 V or 200 V from the wall, and nothing whose movement can hurt
anyone: whoever has the electrician's licence builds that, in a closed box, with a fuse. A Pi, its rules and this relay
are no safety device: an emergency stop, a guard's lock or a two-hand control is never wired through them.

On for 1 (the relay's coil pulls, COM meets NO), off for 0. ``active = "low"`` is for boards that switch on when IN is
pulled to ground, as most do. From power on until the agent runs, the Pi itself pulls GPIO0 to GPIO8 up and the others
down: wire such a board to one of GPIO4 to GPIO8, a board with ``active = "high"`` to one of the others, or give IN a
resistor of 10 kΩ to its off side (3V3 or GND). A board that is fed with 5 V and pulls IN up to 5 V by itself needs a
jumper or a transistor between, because a pin of the Pi bears 3.3 V.

``safe`` is what the relay does at the start, at the end, and whenever no rule and nobody asks for anything else. With
the Pi without power the coil is off, whatever stands here: wire the load to NO or NC so that *off* is the safe side.
``min_s`` lies between any two switches, the start included, whoever asks: a compressor wants 180 s or more, a valve
one. ``longest_s`` ends what nobody ends (a door that stands open, a valve that fills); 0 = never.

A killed agent (``kill -9``) can switch nothing off: the Pi's kernel goes on driving the pin as it was, until the agent
starts again. With ``dtparam=strict_gpiod`` in /boot/firmware/config.txt the pin becomes an input instead, and the
board's resistor decides (from the kernel's sources; not tried on a Pi).

The coil draws 71 mA at 5 V, far more than a pin gives: never a bare relay at a pin, always a board with a transistor.

Source: data sheet of the SRD series (Songle SRD-05VDC-SL-C: coil 70 Ω ± 10 %, contact 10 A at 30 V DC; its rating for
mains voltage is the contact's, not a trainee's). BCM2835 ARM Peripherals, table 6-31 (pulls at reset).
"""

from dataclasses import dataclass
from typing import Final, Literal

from contract.catalogue import Part, Wire, setting
from contract.reading import Value
from contract.words import Words
from edge.board import Board
from edge.outputs import Driven
from edge.switch_pin import SwitchPin, on_or_off

TITLE = Words("リレー(24 V までの接点)", "Relay (a contact for up to 24 V)")
NAME: Final = Words("リレー", "A relay")
ABOUT_JA = """\
直流 24 V までの物(扉の錠、弁、表示灯など)を、接点で入れたり切ったりします。

気をつけること: 100 V や 200 V の物、動くと人にけがをさせる物には使いません。非常停止、安全柵の錠、両手操作は、
決してここを通しません。Pi と規則とリレーは、安全装置ではないからです。
Pi の電源が切れたときに安全な側になるように、NO か NC を選びます。リレーだけを直接ピンにつながず、
トランジスター付きの基板を使います。
エージェントが強制終了されると、Pi は直前の出力を出し続けます。
/boot/firmware/config.txt に dtparam=strict_gpiod を書いておくと、ピンは入力に戻り、
基板の抵抗が決めます(実機ではまだ試していません)。

見えないこと: 接点がくっついて離れなくなっても、線が外れても分かりません。state は、
ピンに何を出したかだけを示します。
"""
STATE: Literal["level"] = "level"
VALUES = (0, 1)
PARTS = (Part("relay-board", 1), Part("wire-pair", 2))
TERMINALS = (
    Wire("IN", "pin", setting="pin", note=Words("3.3 V で動く基板を選ぶ", "a board that switches at 3.3 V")),
    Wire("VCC", "5V", note=Words("基板の表示に合わせる", "as the board says")),
    Wire("GND", "GND"),
    Wire(
        "COM",
        "24V",
        note=Words(
            "接点側は 24 V DC まで。100 V・200 V は絶対につながない。安全装置ではありません",
            "the contact's side: 24 V DC at most, never mains voltage; it is no safety device",
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Output:
    """One relay."""

    pin: int = setting(Words("ピン番号(BCM)", "BCM pin number"), "pin")
    active: str = setting(
        Words(
            "オンにする電圧。low の基板は GPIO4〜8 へ(起動中に入らない)",
            "level that switches it on; a board with low belongs to GPIO4 to 8",
        ),
        "choice",
        default="low",
        choices=("low", "high"),
    )
    safe: str = setting(Words("安全側の状態", "its safe state"), "choice", default="off", choices=("off", "on"))
    min_s: float = setting(
        Words("切り替えの間に少なくとも空ける時間", "at least so long between two switches"),
        "number",
        default=1.0,
        unit="s",
        low=0,
        high=86400,
    )
    longest_s: float = setting(
        Words("安全側でない状態の最長時間(0 = 限りなし)", "longest time out of its safe state (0 = no end)"),
        "number",
        default=0.0,
        unit="s",
        low=0,
        high=86400,
    )

    def open(self, board: Board) -> Driven:
        """Take the pin, in the safe state. Raises SensorError."""
        return _Relay(SwitchPin(board, self.pin, self.active, on=self.safe == "on"))


class _Relay:
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
