"""Wiring: 5V(DC) to 5V (header pin 2), GND to GND, TX through a divider to GPIO15 (pin 10, RXD); coil to ANT1 and ANT2.

    [stations.press.sensors.die]
    type = "rdm6300"
    port = "/dev/serial0"
    role = "product"

Reads 125 kHz cards and key fobs (EM4100, TK4100) from a few centimetres and tells which, as text. With a role it names
a product (write the card's number among the product's ``codes``), a stop's reason, a lot or a mode; for these say what
each card means: ``names = "0008075634 = setup, 0003808980 = changeover"``. Others are told by their number.

The reader repeats the same card about fifteen times a second while it lies there; it is told once, when it comes. It
has gone when it was not heard for ``gone_s``; laid down again, it is told again. Another card is told at once. Two
cards at the same time disturb each other and neither is read. A card that lies there while the agent starts is told.

``number``: ``printed`` is the decimal number that is printed on most cards (0008075634: ten digits, of the last four
bytes); ``hex`` is all five bytes (6F007B3972), which tells apart cards of different makers that bear the same number.
Such a card can be copied with cheap tools: it is good for naming things, not for locking them. A card given to a person
is personal data: give the cards to dies, boxes and reasons where that will do, else see ``privacy``.

TX may give 5 V, the Pi takes 3.3 V: put 1 kΩ between TX and GPIO15 and 2 kΩ between GPIO15 and GND, or use a USB
adapter that takes 5 V (port = "/dev/ttyUSB0"). Keep the coil away from metal and from motor cables. Switch the serial
port on and its login shell off (``sudo raspi-config``, Interface Options, Serial Port). What hangs behind a wire that
came off is not noticed, as a reader without a card is silent.

Source: RDM6300 specification (Itead), "RS232 interface format": 9600 8N1, 02, ten digits, checksum, 03.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.reading import NS_PER_S
from contract.words import Words
from edge.board import Board
from edge.card_names import names_of
from edge.handles import Handle, Push, Typed
from edge.sensors import Expect, Listening, Tell
from edge.serial_lines import PortSettings, SerialFrames

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("RFID カード(RDM6300、125 kHz)", "RFID cards (RDM6300, 125 kHz)")
ABOUT_JA = """\
125 kHz のカードやキーホルダー(EM4100 など)を数センチの近さで読み、番号を1回送ります。型、箱、
停止の理由などに付ける名札として使います。

気をつけること: TX は 5 V を出すことがあります。1 kΩ と 2 kΩ で分圧するか、
5 V を受けられる USB 変換器を使います。コイルは、金属やモーターの線から離します。番号は写し取れるので、
鍵の代わりにはなりません。人に持たせるカードは個人情報です。

見えないこと: カードがないときは何も送ってこないので、線が外れても気づけません。
つないだら1枚かざして確かめてください。2枚同時には読めません。
"""
STYLE: Literal["event"] = "event"
MEASURES = (Measure("card", Words("カードの番号、またはその意味", "the card's number, or what it means"), kind="text"),)
PARTS = (
    Part("rdm6300", 1),
    Part("rfid-card", 1, Words("配るカードの数だけ", "as many as you hand out")),
    Part("resistor-divider", 1),
    Part("wire-f-f", 3),
)
TERMINALS = (
    Wire("5V(DC)", "5V"),
    Wire("GND", "GND"),
    Wire("TX", "RXD", through="resistor-divider", note=Words("5 V が出ることがある", "it may give 5 V")),
)

BAUD = 9600
STX, ETX = 0x02, 0x03
LENGTH = 14
DIGITS = frozenset(b"0123456789ABCDEF")
REPEATS_S = 0.065


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One reader on one port."""

    port: str = setting(Words("シリアルポート", "serial port"), "port")
    number: str = setting(
        Words("伝える番号(印字された10桁か、16進の全部か)", "which number: the printed one, or all of it in hex"),
        "choice",
        default="printed",
        choices=("printed", "hex"),
    )
    names: str | None = setting(
        Words("カードの意味(番号 = 言葉, …)", "what cards mean (number = text, …)"), "text", default=None
    )
    gone_s: float = setting(
        Words("離したと認めるまでの時間", "not heard for so long, it has gone"),
        "number",
        default=1.0,
        unit="s",
        low=0.2,
        high=60,
    )

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Start listening. Raises SensorError if the port cannot be had or ``names`` cannot be read."""
        return _Reader(self, board, tell)


class _Reader:
    def __init__(self, settings: Sensor, board: Board, tell: Tell) -> None:
        self._settings = settings
        self._tell = tell
        self._gone_ns = round(settings.gone_s * NS_PER_S)
        self._names = names_of(settings.names)
        self._here = b""
        self._heard_ns = 0
        self._cards = 0
        port = PortSettings(settings.port, BAUD)
        self._frames = SerialFrames(board, port, self._heard, start=bytes((STX,)), length=LENGTH, good=is_good)

    def health(self) -> Mapping[str, int]:
        return {"cards": self._cards, "garbage": self._frames.garbage}

    def check(self) -> None:
        self._frames.check()

    def close(self) -> None:
        self._frames.close()

    def _heard(self, frame: bytes, at_ns: int) -> None:
        card, before, before_ns = frame[1:11], self._here, self._heard_ns
        self._here, self._heard_ns = card, at_ns
        if card != before or at_ns - before_ns > self._gone_ns:
            self._cards += 1
            number = printed(card) if self._settings.number == "printed" else card.decode()
            self._tell("card", self._names.get(number, number), at_ns)


def is_good(frame: bytes) -> bool:
    """Whether it ends as it should, holds digits only, and its checksum is the XOR of the five bytes."""
    if frame[-1] != ETX or not DIGITS.issuperset(frame[1:-1]):
        return False
    one, two, three, four, five, check = bytes.fromhex(frame[1:-1].decode())
    return one ^ two ^ three ^ four ^ five == check


def printed(card: bytes) -> str:
    """The ten decimal digits printed on a card whose ten hexadecimal digits these are: its last four bytes."""
    return f"{int(card[2:], 16):010d}"


def frame_of(card: str) -> bytes:
    """What the reader says of a card with these ten hexadecimal digits."""
    check = 0
    for byte in bytes.fromhex(card):
        check ^= byte
    return bytes((STX,)) + f"{card}{check:02X}".encode() + bytes((ETX,))


def handles(sensor: Sensor, bench: "Bench", _: None) -> Iterator[Handle]:
    """A card is held to the reader for a second."""

    def hold(card: str) -> None:
        if len(card) != 10 or not DIGITS.issuperset(card.encode()):
            raise ValueError(card)
        now_ns = bench.clock.monotonic_ns()
        for turn in range(15):
            due_ns = now_ns + round(turn * REPEATS_S * NS_PER_S)
            bench.clock.at(due_ns, lambda: bench.type(sensor.port, frame_of(card)), lane="bench")

    for key, card in (("first", "6F007B3972"), ("second", "62E3086CED")):
        number = printed(card.encode())
        yield Push(key, Words(f"カード {number} をかざす", f"hold card {number} to it"), partial(hold, card))
    yield Typed("card", Words("16進10桁のカード", "a card, ten hexadecimal digits"), hold, ("0102030405",))


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """A card is laid down, lies there, is taken away and comes back; another one; a disturbed one; a pulled cable."""

    def number(card: str) -> str:
        said = card if sensor.number == "hex" else printed(card.encode())
        return names_of(sensor.names).get(said, said)

    def lies(card: str, times: int = 5) -> None:
        for _ in range(times):
            bench.type(sensor.port, frame_of(card))

    die, other, away_s = "6F007B3972", "62E3086CED", sensor.gone_s + REPEATS_S
    yield Expect(Words("カードはまだない", "no card yet"), wait_s=1.0)
    lies(die)
    yield Expect(
        Words("カードを置く: 何度届いても1回", "a card is laid down: told once"), {"card": number(die)}, REPEATS_S
    )
    lies(die)
    yield Expect(Words("まだ置いてある", "it still lies there"), wait_s=away_s)
    lies(die)
    yield Expect(Words("離して、また置いた", "taken away and laid down again"), {"card": number(die)}, REPEATS_S)
    lies(other)
    yield Expect(Words("別のカード", "another card"), {"card": number(other)}, away_s)
    bench.type(sensor.port, frame_of(die).replace(b"7B", b"7C"))
    bench.type(sensor.port, frame_of(die)[:9])
    yield Expect(Words("壊れた知らせは捨てる", "what is damaged is no card"))
    lies(die)
    yield Expect(Words("次のカードは読める", "the next card is read"), {"card": number(die)})
    bench.unplug(sensor.port)
    yield Expect(Words("USB 変換器ごと抜けた", "the whole adapter is pulled"), error=True)
    bench.plug(sensor.port)
    yield Expect(Words("つなぎ直した", "it is plugged in again"), wait_s=1.0)
    lies(other)
    yield Expect(Words("続きから読める", "and goes on"), {"card": number(other)})
