"""Wiring: 3.3V to 3V3 (header pin 1), GND to GND, RST to 3V3, SCK to GPIO11 (pin 23), MOSI to GPIO10 (pin 19), MISO to
GPIO9 (pin 21), SDA (which is its chip select) to GPIO8 (pin 24, ``chip = 0``) or GPIO7 (pin 26, ``chip = 1``).

    [stations.washer.sensors.reader]
    type = "mfrc522"
    chip = 0
    role = "lot"

NFC cards and stickers (ISO 14443 type A: MIFARE, NTAG; 13.56 MHz) on an RC522 board: each time one is held to it, its
number is told once as ``card``, in small hexadecimal letters, as "04a1b2c3d4e5f6"; again only after it has gone for
``gone_s``. With a role it names a product (write the number among its ``codes``), a stop's reason, a lot or a mode; for
these say what each card means: ``names = "93d211ff = setup, 04a1b2c3d4e5f6 = production"``. Others are told by number.

Hold one card at a time: of two at once none is told, because which was meant? Not read at all are FeliCa (Suica and
other fare cards, company cards) and type B (driving licence, My Number card). Phones say another number each time,
which begins with 08, and are not told either. Numbers can be copied: a card is a label, not a key. A card given to a
person is personal data: give the cards to tools, boxes and reasons where that will do, else see ``privacy``.

Switch SPI on first (``sudo raspi-config``). Not done: the interrupt pin, reading or writing what is stored on a card,
and choosing one of several cards.

Source: NXP MFRC522, rev. 3.9; ISO/IEC 14443-3 (`edge.card_radio`). A number that begins with 08 is random: 6.5.4.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from operator import xor
from typing import TYPE_CHECKING, Final, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import NS_PER_S
from contract.words import Words
from edge import card_radio as rf
from edge.board import Board
from edge.card_names import names_of
from edge.card_radio import Garbled, Radio, TwoCards, with_crc
from edge.clock import Clock, Timer
from edge.handles import Handle, Push, Typed
from edge.sensors import Expect, Listening, Tell

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("NFCカード(RC522)", "NFC card (RC522)")
ABOUT_JA = """\
NFC のカードやシール(MIFARE、NTAG)をかざすと、番号を1回送ります。治具、箱、
停止の理由などに付ける名札として使います。

気をつけること: 1枚ずつかざします。2枚同時では、どちらも送りません。RST も 3V3 につなぎます。
番号は写し取れるので、鍵の代わりにはなりません。人に持たせるカードは個人情報です。
できるだけ物のほうに付けてください。

見えないこと: Suica や社員証などの FeliCa、運転免許証、マイナンバーカードは読めません。
スマートフォンは毎回番号が変わるので、送りません。
"""
STYLE: Literal["event"] = "event"
MEASURES = (Measure("card", Words("かざしたカード", "the card held to it"), kind="text"),)
PARTS = (
    Part("mfrc522", 1),
    Part("nfc-card", 1, Words("配るカードの数だけ", "as many as you hand out")),
    Part("wire-f-f", 7),
)
TERMINALS = (
    Wire("3.3V", "3V3", note=Words("5V につながない", "never to 5V")),
    Wire("GND", "GND"),
    Wire("RST", "3V3", note=Words("リセットしないため", "so that it is never reset")),
    Wire("SCK", "SCLK"),
    Wire("MOSI", "MOSI"),
    Wire("MISO", "MISO"),
    Wire("SDA", "CE0", setting="chip", note=Words("chip = 1 なら CE1", "CE1 where chip = 1")),
)

HZ: Final = 1_000_000
RANDOM: Final = "08"
"""So a number begins that a card makes up anew each time."""
STARTS_NS: Final = 50_000_000
SCAN_NS: Final = 150_000_000


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One reader."""

    chip: int = setting(
        Words("チップセレクト(CE0 か CE1)", "chip select (CE0 or CE1)"), "whole", default=0, low=0, high=1
    )
    bus: int = setting(Words("SPI バスの番号", "SPI bus"), "whole", default=0, low=0, high=1)
    names: str | None = setting(
        Words("カードの意味(番号 = 言葉, …)", "what cards mean (number = text, …)"), "text", default=None
    )
    gone_s: float = setting(
        Words("離したと認めるまでの時間", "not seen for so long, it has gone"),
        "number",
        default=1.0,
        unit="s",
        low=0.5,
        high=60,
    )

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Check that a reader answers, and begin. Raises SensorError, also if ``names`` cannot be read."""
        names = names_of(self.names)
        chip = board.spi(self.bus, self.chip, HZ)
        try:
            return _Reader(self, Radio(chip, f"SPI{self.bus} CE{self.chip}"), names, board.clock, tell)
        except BaseException:
            chip.close()
            raise


class _Reader:
    def __init__(self, settings: Sensor, radio: Radio, names: Mapping[str, str], clock: Clock, tell: Tell) -> None:
        self._radio, self._names, self._clock, self._tell = radio, names, clock, tell
        self._away_ns = round(settings.gone_s * NS_PER_S)
        self._counts = dict.fromkeys(("cards", "garbled", "two_cards", "random"), 0)
        self._shown: str | None = None
        self._trouble = ""
        self._seen_ns = 0
        self._set_up = False
        self._broken: SensorError | None = None
        self._open = True
        radio.reset()
        self._timer: Timer = self._in(STARTS_NS)

    def health(self) -> Mapping[str, int]:
        return dict(self._counts)

    def check(self) -> None:
        if self._broken is not None:
            raise self._broken
        if self._set_up:
            self._radio.check()

    def close(self) -> None:
        if self._open:
            self._open = False
            self._timer.cancel()
            self._radio.close()

    def _in(self, pause_ns: int) -> Timer:
        return self._clock.at(self._clock.monotonic_ns() + pause_ns, self._next, lane="cards")

    def _next(self) -> None:
        if not self._open:
            return
        try:
            if self._set_up:
                self._scan()
            else:
                self._radio.set_up()
                self._set_up = True
            self._timer = self._in(SCAN_NS)
        except SensorError as error:
            self._broken = error

    def _scan(self) -> None:
        now_ns = self._clock.monotonic_ns()
        try:
            number = self._radio.card()
        except Garbled as what:
            self._count("two_cards" if isinstance(what, TwoCards) else "garbled")
            self._seen_ns = now_ns  # something is there
            return
        if number is None:
            if now_ns - self._seen_ns >= self._away_ns:
                self._shown, self._trouble = None, ""
            return
        self._seen_ns, self._trouble = now_ns, ""
        if number != self._shown:
            self._shown = number
            self._say(number, now_ns)

    def _count(self, trouble: str) -> None:
        """Once for as long as it lasts. After a broken exchange a card answers only every second time."""
        self._counts[trouble] += trouble != self._trouble
        self._trouble = trouble

    def _say(self, number: str, at_ns: int) -> None:
        if len(number) == 8 and number.startswith(RANDOM):
            self._counts["random"] += 1
        else:
            self._counts["cards"] += 1
            self._tell("card", self._names.get(number.upper(), number), at_ns)


# ---- the bench ----


class Card:
    """A type A card in the field: which frames it answers, and how (ISO/IEC 14443-3, 6.3)."""

    def __init__(self, number: str) -> None:
        uid = bytes.fromhex(number)
        if len(uid) not in (4, 7, 10):
            raise ValueError(number)
        tagged = {4: [uid], 7: [b"\x88" + uid[:3], uid[3:]], 10: [b"\x88" + uid[:3], b"\x88" + uid[3:6], uid[6:]]}
        self.parts = [part + bytes([reduce(xor, part)]) for part in tagged[len(uid)]]
        self._level: int | None = None

    def hear(self, frame: bytes, last_bits: int) -> bytes | None:
        """Its answer to a frame, or None."""
        if last_bits == 7:
            awake, self._level = frame[0] == rf.WUPA, 0
            return bytes([0x44 if len(self.parts) > 1 else 0x04, 0x00]) if awake else None
        level = self._level
        if level is None or level >= len(self.parts) or frame[0] != rf.LEVELS[level]:
            self._level = None
            return None
        if frame[1] == 0x20:
            return self.parts[level]
        if frame != with_crc(frame[:-2]) or frame[2:7] != self.parts[level]:
            self._level = None
            return None
        self._level = level + 1
        return with_crc(bytes([rf.CASCADE_BIT if self._level < len(self.parts) else 0x08]))


class Chip:
    """An MFRC522 as the bus sees it. ``cards`` are in front of it; ``spoils``: a bit of each answer that is turned."""

    modes = (0,)
    max_hz = 10_000_000

    def __init__(self) -> None:
        self.cards: list[Card] = []
        self.spoils: int | None = None
        self.lose_power()

    def hold(self, *numbers: str) -> None:
        """Hold these cards to it, and take away those that were there."""
        self.cards = [Card(number) for number in numbers]

    def lose_power(self) -> None:
        """The supply fails for a moment: everything is as after a reset, the antenna off."""
        self._registers = bytearray(64)
        self._registers[rf.VERSION], self._registers[rf.TX_CONTROL] = 0x92, 0x80
        self._fifo = bytearray()

    def transfer(self, data: bytes) -> bytes:
        """8.1.2: the first byte says which register and whether to read; reading, each byte names the next one."""
        if not data[0] & 0x80:
            for value in data[1:]:
                self._write(data[0] >> 1, value)
            return bytes(len(data))
        return bytes([0, *(self._read(asked >> 1 & 0x3F) for asked in data[:-1])])

    def _read(self, register: int) -> int:
        if register == rf.FIFO_DATA:
            return self._fifo.pop(0) if self._fifo else 0
        return len(self._fifo) if register == rf.FIFO_LEVEL else self._registers[register]

    def _write(self, register: int, value: int) -> None:
        if register == rf.FIFO_DATA:
            self._fifo.append(value)
        elif register == rf.FIFO_LEVEL:
            self._fifo.clear()
        elif register == rf.COM_IRQ:
            self._registers[rf.COM_IRQ] &= ~value & 0x7F
        elif (register, value) == (rf.COMMAND, rf.SOFT_RESET):
            self.lose_power()
        elif register != rf.VERSION:
            self._registers[register] = value
        if register == rf.BIT_FRAMING and value & rf.START_SEND and self._registers[rf.COMMAND] == rf.TRANSCEIVE:
            self._transceive(value & 0x07)

    def _transceive(self, last_bits: int) -> None:
        frame, self._fifo = bytes(self._fifo), bytearray()
        on = self._registers[rf.TX_CONTROL] & rf.ANTENNA == rf.ANTENNA
        heard = [answer for card in self.cards if on and (answer := card.hear(frame, last_bits)) is not None]
        self._registers[rf.ERROR] = rf.COLLISION if len(set(heard)) > 1 else 0
        self._registers[rf.COM_IRQ] |= rf.RX_IRQ if heard else rf.TIMER_IRQ
        if heard:
            noise = 0 if self.spoils is None else 1 << self.spoils
            bits = int.from_bytes(heard[0], "little") ^ noise
            self._fifo = bytearray(bits.to_bytes(16, "little")[: len(heard[0])])


def place(sensor: Sensor, bench: "Bench") -> Chip:
    """Plug a reader in."""
    chip = Chip()
    bench.spi_chip(sensor.bus, sensor.chip, chip)
    return chip


EXAMPLES: Final = ("93d211ff", "04a1b2c3d4e5f6")


def handles(sensor: Sensor, bench: "Bench", part: Chip) -> Iterator[Handle]:  # noqa: ARG001
    """A card is held to the reader for a second; two at once; a supply that fails."""

    def hold(*numbers: str) -> None:
        part.hold(*numbers)  # raises ValueError for what is no number
        bench.clock.at(bench.clock.monotonic_ns() + NS_PER_S, part.hold, lane="bench")

    for number in EXAMPLES:
        yield Push(number, Words(f"カード {number} をかざす", f"hold card {number} to it"), partial(hold, number))
    yield Push("two", Words("2枚いっしょにかざす", "hold two cards to it at once"), partial(hold, *EXAMPLES))
    yield Typed(
        "card", Words("16進8桁・14桁・20桁のカード", "a card, 8, 14 or 20 hexadecimal digits"), hold, ("08192da2",)
    )
    yield Push("supply", Words("電源が一瞬切れる", "its supply fails for a moment"), part.lose_power)


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """Cards of each length come and go, two at once, a phone; then the supply fails and a wire comes off."""
    chip = place(sensor, bench)
    names, cards = names_of(sensor.names), (*EXAMPLES, "04112233445566778899")
    gone_s = sensor.gone_s + 0.5
    yield Expect(Words("まだ何もかざしていない", "nothing is held to it"), wait_s=1.0)
    for card in cards:
        said = names.get(card.upper(), card)
        chip.hold(card)
        yield Expect(Words("かざす", "a card is held to it"), {"card": said}, wait_s=0.5)
        yield Expect(Words("かざしたまま", "it stays there"), wait_s=10.0)
        chip.hold()
        yield Expect(Words("離す", "it is taken away"), wait_s=gone_s)
    chip.hold(cards[0])
    yield Expect(
        Words("もう一度かざす", "held to it again"), {"card": names.get(cards[0].upper(), cards[0])}, wait_s=0.5
    )
    chip.hold()
    yield Expect(Words("離す", "it is taken away"), wait_s=gone_s)
    chip.hold("93d211ff", "93d21100")
    yield Expect(Words("2枚いっしょは伝えない", "two at once are not told"), wait_s=2.0)
    chip.hold("08192da2")
    yield Expect(Words("スマートフォンは伝えない", "a phone is not told"), wait_s=2.0)
    chip.hold()
    chip.lose_power()
    yield Expect(Words("電源が一瞬切れた", "its supply failed for a moment"), error=True)
    yield Expect(Words("また使える", "it works again"), wait_s=1.0)
    bench.spi_chip(sensor.bus, sensor.chip, None)
    yield Expect(Words("線が外れた", "a wire came off"), error=True)
