"""Wiring: a contact (relay, lamp signal through a photo-coupler, door switch) between GPIO27 (header pin 13) and GND.

    [stations.washer.sensors.wash]
    type = "level"
    pin = 27
    active = "low"
    debounce_ms = 20
    role = "phase:wash"

Tells ``state``, 1 while the contact is on and 0 while it is off: at the start, at each change (dated at its first
touch), and again every 60 s so that silence can be told from stillness.

``through = "contact"`` draws and prices a dry contact (reed switch, door) straight between pin and GND instead of a
photo-coupler before a 24 V signal; what is read is the same.

A blinking lamp is "on" if ``release_ms`` is longer than the dark between two flashes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure
from contract.words import Words
from edge.board import Board
from edge.contact import NS_PER_MS, ContactSettings
from edge.contact_wiring import CONTACT_PARTS, CONTACT_WIRES, through
from edge.debounce import Change
from edge.sensors import Expect, Listening, Tell

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("レベル(オン・オフの状態)", "Level (on or off)")
ABOUT_JA = """\
接点がオンかオフかを伝えます。扉が開いている、洗浄中、運転中など、
続く状態に使います(個数を数えるのは pulse です)。始めと、変わったときと、60秒ごとに送ります。

気をつけること: 24 V を直接ピンに入れないでください。間にフォトカプラを入れます。
扉のリードスイッチのように電圧のない接点は、through = "contact" と書いて直接つなぎます。接点のはねは、
はね止め(debounce_ms)で取り除きます。点滅するランプは、release_ms を消えている時間より長くすると、
オンとして読めます。

見えないこと: 線が外れると、接点が開いているのと同じに見えます。つないだら、
オンとオフの両方を一度見て確かめてください。
"""
STYLE: Literal["event"] = "event"
MEASURES = (Measure("state", Words("状態", "state"), kind="level", low=0, high=1, decimals=0),)
PARTS = CONTACT_PARTS
TERMINALS = CONTACT_WIRES

REPEAT_S = 60.0
AGAIN_NS = 100 * NS_PER_MS
"""A repeat that falls into a bounce waits so long: a change dated before it may be coming."""


@dataclass(frozen=True, kw_only=True)
class Sensor(ContactSettings):
    """One contact whose state matters for as long as it lasts."""

    through: str = through("photocoupler")

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Start telling. Raises SensorError if the pin cannot be had."""
        return _Level(self, board, tell)


class _Level:
    def __init__(self, settings: Sensor, board: Board, tell: Tell) -> None:
        self._tell = tell
        self._clock = board.clock
        self._open = True
        self._contact = settings.contact(board, self._changed)
        self._timer = self._clock.every(REPEAT_S, self._repeat, lane="edges")

    def health(self) -> Mapping[str, int]:
        return self._contact.health()

    def check(self) -> None:
        self._contact.check()

    def close(self) -> None:
        self._open = False
        self._timer.cancel()
        self._contact.close()

    def _changed(self, change: Change) -> None:
        self._tell("state", int(change.active), change.at_ns)

    def _repeat(self) -> None:
        if not self._open:
            return
        now_ns = self._clock.monotonic_ns()
        if self._contact.settled:
            self._tell("state", int(self._contact.active), now_ns)
        else:
            self._clock.at(now_ns + AGAIN_NS, self._repeat)


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """The machine washes once, then the wire picks up noise, then nothing moves for two minutes."""
    on, wait_s = sensor.on_level, sensor.settle_s
    bench.drive(sensor.pin, not on)
    yield Expect(Words("はじめの状態を伝える", "the state at the start is told"), {"state": 0}, wait_s)
    bench.bounce(sensor.pin, on)
    yield Expect(Words("洗浄が始まる", "washing begins"), {"state": 1}, wait_s)
    bench.bounce(sensor.pin, not on)
    yield Expect(Words("洗浄が終わる", "washing ends"), {"state": 0}, wait_s)
    yield Expect(Words("変わらなくても60秒ごとに伝える", "told again every 60 s"), {"state": (0, 0)}, 2 * REPEAT_S)
    if sensor.debounce_ms >= 2:
        bench.bounce(sensor.pin, not on, edges=4, within_ms=1.0)
        yield Expect(Words("一瞬のノイズは状態ではない", "a glitch is no state"), wait_s=wait_s)
