"""Wiring: a buzzer board's IN at GPIO26 (header pin 37), its VCC at 3V3 (pin 17), its GND at GND (pin 39).

    [stations.cold.outputs.buzzer]
    type = "buzzer"
    pin = 26
    active = "high"
    pattern = "beep"
    longest_s = 600.0

It sounds for 1, in its pattern, and is still for 0; its state is 1 in the pauses of the pattern too. ``pattern``:
``steady``; ``beep``, 0.2 s of each second; ``slow``, 0.5 s of each second; ``fast``, 0.1 s of each 0.2 s; ``double``,
two of 0.1 s each second. ``longest_s``: after so long it is still by itself, until it is asked for anew; 0 = never. A
lamp beside it keeps telling what the buzzer was about.

A killed agent (``kill -9``) can switch nothing off: the Pi's kernel goes on driving the pin as it was, until the agent
starts again. With ``dtparam=strict_gpiod`` in /boot/firmware/config.txt the pin becomes an input instead, and the
board's resistor decides (from the kernel's sources; not tried on a Pi).

It must be an *active* buzzer: one that sounds by itself when it has power (passive ones want a tone, which this file
does not make), on a board with a transistor: a bare buzzer draws 30 mA, about twice what a pin may give.

Source: data sheet of a usual 5 V buzzer (CUI CT-1205CL, 2/2008, page 1: 30 mA at most); Raspberry Pi documentation,
"Raspberry Pi hardware", GPIO (no more than 16 mA from one pin); raspberrypi/linux, pull requests 6117 and 6150.
"""

from dataclasses import dataclass
from typing import Final, Literal

from contract.catalogue import Part, Wire, setting
from contract.reading import NS_PER_S, Value
from contract.words import Words
from edge.board import Board
from edge.clock import Clock, Timer
from edge.outputs import Driven
from edge.switch_pin import SwitchPin, on_or_off

TITLE = Words("ブザー", "Buzzer")
NAME: Final = Words("ブザー", "A buzzer")
ABOUT_JA = """\
異常や呼び出しを、音で知らせます。鳴り方は pattern で選びます。

気をつけること: 電源を入れるだけで鳴る「アクティブ型」を、トランジスター付きの基板で使います。
ブザーだけを直接ピンにつなぐと、ピンから取れる電流を超えます。鳴り続けないように longest_s を書き、
何の知らせかは横のランプで示してください。
エージェントが強制終了されると、Pi は直前の出力を出し続けます。
/boot/firmware/config.txt に dtparam=strict_gpiod を書いておくと、ピンは入力に戻り、
基板の抵抗が決めます(実機ではまだ試していません)。

見えないこと: 本当に鳴ったかどうかは分かりません。線が外れていても、state は 1 になります。
"""
STATE: Literal["level"] = "level"
VALUES = (0, 1)
PARTS = (Part("buzzer-board", 1), Part("wire-pair", 2))
TERMINALS = (
    Wire("IN", "pin", setting="pin", note=Words("ブザーを直接つながない", "never the buzzer itself")),
    Wire("VCC", "3V3", note=Words("基板の表示に合わせる(5V のものもある)", "as the board says; some want 5V")),
    Wire("GND", "GND"),
)

PATTERNS: Final = {
    "steady": (),
    "beep": (200, 800),
    "slow": (500, 500),
    "fast": (100, 100),
    "double": (100, 100, 100, 700),
}
"""Milliseconds on, off, on, off … over and over; none: on without a pause."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """One active buzzer."""

    pin: int = setting(Words("ピン番号(BCM)", "BCM pin number"), "pin")
    active: str = setting(
        Words("鳴らす電圧", "level that makes it sound"), "choice", default="high", choices=("low", "high")
    )
    pattern: str = setting(Words("鳴り方", "how it sounds"), "choice", default="beep", choices=tuple(PATTERNS))
    longest_s: float = setting(
        Words("続けて鳴る最長時間(0 = 限りなし)", "longest time it sounds (0 = no end)"),
        "number",
        default=600.0,
        unit="s",
        low=0,
        high=86400,
    )

    def open(self, board: Board) -> Driven:
        """Take the pin, silent. Raises SensorError."""
        return _Buzzer(SwitchPin(board, self.pin, self.active), board.clock, PATTERNS[self.pattern])


class _Buzzer:
    def __init__(self, pin: SwitchPin, clock: Clock, pattern: tuple[int, ...]) -> None:
        self._pin, self._clock, self._pattern = pin, clock, pattern
        self._timer: Timer | None = None
        self._sounds = False

    def judge(self, value: Value) -> None:
        on_or_off(value, NAME)

    def set(self, value: Value) -> None:
        sounds = on_or_off(value, NAME)
        if sounds == self._sounds:
            return
        self._calm()
        self._pin.turn(sounds)
        self._sounds = sounds
        if sounds and self._pattern:
            self._beat(self._clock.monotonic_ns(), 0)

    def state(self) -> Value:
        return int(self._sounds)

    def close(self) -> None:
        self._calm()
        self._pin.close()

    def _calm(self) -> None:
        timer, self._timer = self._timer, None
        self._sounds = False
        if timer:
            timer.cancel()

    def _beat(self, since_ns: int, step: int) -> None:
        """Wait for the end of a step of the pattern, then turn. Due by the pattern, so that it does not drift."""
        due_ns = since_ns + self._pattern[step] * NS_PER_S // 1000

        def turn() -> None:
            if self._sounds:
                following = (step + 1) % len(self._pattern)
                self._pin.turn(following % 2 == 0)
                self._beat(max(due_ns, self._clock.monotonic_ns() - NS_PER_S), following)

        self._timer = self._clock.at(due_ns, turn, "edges")
