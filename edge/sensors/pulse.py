"""Wiring: a contact (limit switch, reed switch, relay, photo-coupler) between GPIO17 (header pin 11) and GND.

    [stations.washer.sensors.done]
    type = "pulse"
    pin = 17
    active = "low"
    debounce_ms = 20
    role = "cycle"

Counts closings: one ``count`` for each time the contact goes on, dated at its first touch. The Pi's own pull-up holds
the pin high while the contact is open, so no resistor is needed. A 24 V signal never goes to a pin: it needs a
photo-coupler.

``through = "photocoupler"`` draws and prices that one instead of a dry contact; what is read is the same.

A pulse shorter than ``debounce_ms`` is a glitch and is counted as such in the agent's health; a part that passes faster
needs a smaller value (a photo-coupler does not bounce: 1 is enough, and fractions are fine).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure
from contract.words import Words
from edge.board import Board
from edge.contact import ContactSettings
from edge.contact_wiring import CONTACT_PARTS, CONTACT_WIRES, through
from edge.debounce import Change
from edge.sensors import Expect, Listening, Tell

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("パルス(個数を数える)", "Pulse (counts pieces)")
ABOUT_JA = """\
接点が閉じた回数を数えます。リミットスイッチ、リードスイッチ、リレーの信号から、
できた個数と完成間隔が分かります。

気をつけること: 24 V を直接ピンに入れないでください。間にフォトカプラを入れ、
through = "photocoupler" と書きます(配線図と部品表が変わります)。
接点は閉じるときに細かくはねる(チャタリング)ので、はね止め(debounce_ms)で1回にまとめます。速く通る品物では、
この値を小さくします。

見えないこと: 線が外れると、何も来ないのと同じに見えます。debounce_ms より短い信号は数えず、
glitches に数えます。良品か不良品かも分かりません。
"""
STYLE: Literal["event"] = "event"
MEASURES = (Measure("count", Words("個数", "count"), kind="total", low=0, decimals=0),)
PARTS = CONTACT_PARTS
TERMINALS = CONTACT_WIRES


@dataclass(frozen=True, kw_only=True)
class Sensor(ContactSettings):
    """One contact that closes once a piece."""

    through: str = through("contact")

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Start counting. Raises SensorError if the pin cannot be had."""

        def changed(change: Change) -> None:
            if change.active:
                tell("count", 1, change.at_ns)

        return self.contact(board, changed)


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """Three parts pass, bouncing; then lightning strikes near the wire."""
    on, wait_s = sensor.on_level, sensor.settle_s
    bench.drive(sensor.pin, not on)
    yield Expect(Words("まだ何も通らない", "nothing has passed yet"), wait_s=wait_s)
    for _ in range(3):
        bench.bounce(sensor.pin, on)
        yield Expect(Words("1個が接点を押す", "a piece closes the contact"), {"count": 1}, wait_s)
        bench.bounce(sensor.pin, not on)
        yield Expect(Words("離れても数えない", "leaving is not counted"), wait_s=wait_s)
    if sensor.debounce_ms >= 2:
        bench.bounce(sensor.pin, not on, edges=4, within_ms=1.0)
        yield Expect(Words("一瞬のノイズは数えない", "a glitch is not counted"), wait_s=wait_s)
