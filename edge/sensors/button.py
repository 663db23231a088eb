"""Wiring: a push button between GPIO5 (header pin 29) and GND.

    [stations.washer.sensors.changeover]
    type = "button"
    pin = 5
    says = "changeover"
    role = "reason"

Tells ``count``, one for each press, and ``pressed``: 1 at the press and 0 at the release; or, with ``says``, that text
at each press (a stop's reason, a product's code, a lot, a mode). Both are dated at the first touch of the finger.

Of a button with four legs, the two that are far apart belong together: use two that stand side by side.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.words import Words
from edge.board import Board
from edge.contact import ContactSettings
from edge.debounce import Change
from edge.sensors import Expect, Listening, Tell

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("押しボタン", "Push button")
ABOUT_JA = """\
作業者がボタンを押したことを伝えます。停止の理由、段取り、呼び出し、品番の切り替えなどに使えます。時刻は、
指が最初に触れた瞬間です。

気をつけること: 足が4本のボタンは、離れている2本が中でつながっています。隣り合う2本を使ってください。

見えないこと: 線が外れたボタンは、押されていないボタンと同じに見えます。つないだら一度押して確かめてください。
誰が押したかも分かりません。
"""
STYLE: Literal["event"] = "event"
MEASURES = (
    Measure("count", Words("押した回数", "presses"), kind="total", low=0, decimals=0),
    Measure(
        "pressed",
        Words("押されているか、その意味", "pressed, or what it says"),
        kind="level",
        low=0,
        high=1,
        decimals=0,
    ),
)
PARTS = (Part("push-button", 1), Part("wire-pair", 1))
TERMINALS = (
    Wire("1", "pin", setting="pin", note=Words("4本足は隣り合う2本を使う", "of four legs use two side by side")),
    Wire("2", "GND"),
)


@dataclass(frozen=True, kw_only=True)
class Sensor(ContactSettings):
    """One button under one finger."""

    says: str | None = setting(Words("押したときに伝える言葉", "the text told at each press"), "text", default=None)

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Start telling. Raises SensorError if the pin cannot be had."""

        def changed(change: Change) -> None:
            if change.active:
                tell("count", 1, change.at_ns)
            if self.says is None:
                tell("pressed", int(change.active), change.at_ns)
            elif change.active:
                tell("pressed", self.says, change.at_ns)

        return self.contact(board, changed)


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """It is pressed twice."""
    on, wait_s = sensor.on_level, sensor.settle_s
    bench.drive(sensor.pin, not on)
    yield Expect(Words("まだ押していない", "not pressed yet"), wait_s=wait_s)
    for _ in range(2):
        bench.bounce(sensor.pin, on)
        pressed = 1 if sensor.says is None else sensor.says
        yield Expect(Words("押す", "pressed"), {"count": 1, "pressed": pressed}, wait_s)
        bench.bounce(sensor.pin, not on)
        yield Expect(Words("離す", "released"), {"pressed": 0} if sensor.says is None else {}, wait_s)
