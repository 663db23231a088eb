"""An MFRC522 and cards, from the data sheet (rev. 3.9) and ISO/IEC 14443-3 alone: every bit through the air.

Time inside the chip is what the SPI bus takes: 8 µs a byte and 20 µs between selections, so that a driver that does not
wait sees nothing yet. A frame takes 9.44 µs a bit (with parity), a card answers 86 µs after it, and where two cards say
different bits at one place there is a collision. Cards are state machines (figure 7 of the standard) fed by the field.
"""

from collections.abc import Callable, Sequence

from edge.clock import Clock

US_PER_BIT, FRAME_DELAY_US = 9.44, 86.0
Bits = list[int]


def bits_of(data: Sequence[int]) -> Bits:
    """Lowest bit first."""
    return [byte >> place & 1 for byte in data for place in range(8)]


def bytes_of(bits: Bits) -> list[int]:
    return [sum(bit << place for place, bit in enumerate(bits[i : i + 8])) for i in range(0, len(bits), 8)]


def crc_a(bits: Bits) -> Bits:
    """A 16-bit shift register that begins with 0x6363, lowest place first out."""
    register = bits_of([0x63, 0x63])
    for bit in bits:
        feedback = register.pop(0) ^ bit
        register.append(0)
        if feedback:
            for place in (15, 10, 3):  # 0x8408
                register[place] ^= 1
    return register


class TypeA:
    """A card: idle, ready, active or halted, at one of its cascade levels."""

    def __init__(self, uid: Sequence[int], sak: int = 0x08, bcc_error: int = 0) -> None:
        whole = list(uid)
        groups = []
        while len(whole) > 4:
            groups.append([0x88, *whole[:3]])
            whole = whole[3:]
        groups.append(whole)
        self._groups = [[*group, group[0] ^ group[1] ^ group[2] ^ group[3] ^ bcc_error] for group in groups]
        self._sak, self._level = sak, 0
        self.state = "off"

    def field(self, on: bool) -> None:
        """Power comes through the air."""
        if not on:
            self.state = "off"
        elif self.state == "off":
            self.state = "idle"

    def hear(self, frame: Bits) -> Bits | None:
        """What it modulates onto the field, or None."""
        if len(frame) == 7:
            return self._short(bytes_of(frame)[0])
        heard = bytes_of(frame)
        if self.state == "active":
            right = heard[:2] == [0x50, 0x00] and frame[16:] == crc_a(frame[:16])
            self.state = "halt" if right else "idle"
            return None
        if self.state != "ready" or heard[0] != 0x93 + 2 * self._level:
            return self._lost()
        group = self._groups[self._level]
        if heard[1] == 0x20 and len(frame) == 16:
            return bits_of(group)
        if heard[1] == 0x70 and heard[2:7] == group and frame[56:] == crc_a(frame[:56]):
            return self._selected()
        return self._lost()

    def _short(self, command: int) -> Bits | None:
        wakes = self.state in {0x52: ("idle", "halt"), 0x26: ("idle",)}.get(command, ())
        if not wakes:
            return self._lost()
        self.state, self._level = "ready", 0
        return bits_of([0x04 | (len(self._groups) - 1) << 6, 0x00])

    def _selected(self) -> Bits:
        more = self._level + 1 < len(self._groups)
        self.state = "ready" if more else "active"
        self._level += more
        answer = bits_of([0x04 if more else self._sak])
        return answer + crc_a(answer)

    def _lost(self) -> Bits | None:
        if self.state in ("ready", "active"):
            self.state = "idle"
        return None


class Mfrc522:
    """``near`` are the cards in front of it; ``noise`` may turn bits of what comes back (it gets and gives bits)."""

    modes = (0,)
    max_hz = 10_000_000

    def __init__(self, clock: Clock, version: int = 0x92) -> None:
        self.near: list[TypeA] = []
        self.noise: Callable[[Bits], Bits] = lambda bits: bits
        self.version = version
        self.deaf = False
        self._clock = clock
        self._us = 0.0
        self.power_up()

    def power_up(self) -> None:
        self._registers = dict.fromkeys(range(0x40), 0)
        self._registers.update({0x01: 0x20, 0x04: 0x14, 0x0E: 0x80, 0x11: 0x3F, 0x14: 0x80, 0x37: self.version})
        self._fifo: list[int] = []
        self._due: list[tuple[float, Callable[[], None]]] = []
        self._ready_ns = self._clock.monotonic_ns() + 1_000_000
        for card in self.near:
            card.field(False)

    def transfer(self, data: bytes) -> bytes:
        self._us += 20.0 + 8.0 * len(data)
        while self._due and self._due[0][0] <= self._us:
            self._due.pop(0)[1]()
        first, rest = data[0], data[1:]
        assert not first & 1, "the lowest bit of an address is 0"
        if first & 0x80:
            assert rest[-1] == 0, "the last byte of a read is 0"
            addresses = [first, *rest[:-1]]
            assert all(address & 0x80 for address in addresses), "reading and writing in one selection"
            return bytes([0, *(self._get(address >> 1 & 0x3F) for address in addresses)])
        if not self.deaf:
            for value in rest:
                self._put(first >> 1, value)
        return bytes(len(data))

    def _get(self, register: int) -> int:
        if register == 0x01 and self._clock.monotonic_ns() < self._ready_ns:
            return self._registers[0x01] | 0x10
        if register == 0x09:
            return self._fifo.pop(0) if self._fifo else 0
        if register == 0x0A:
            return len(self._fifo)
        return self._registers[register]

    def _put(self, register: int, value: int) -> None:
        if self._clock.monotonic_ns() < self._ready_ns:
            assert register == 0x01, "written before the oscillator runs"
        if register == 0x09:
            assert len(self._fifo) < 64
            self._fifo.append(value)
        elif register == 0x0A:
            self._fifo = [] if value & 0x80 else self._fifo
        elif register == 0x04:
            self._registers[0x04] = self._registers[0x04] | value & 0x7F if value & 0x80 else (
                self._registers[0x04] & ~value
            )  # fmt: skip
        elif register == 0x01 and value & 0x0F == 0x0F:
            self.power_up()
        elif register not in (0x06, 0x0C, 0x37):
            self._registers[register] = value
        if register == 0x01 and value & 0x0F == 0:
            self._due = []
        if register == 0x14:
            for card in self.near:
                card.field(value & 3 == 3)
        if register == 0x0D and value & 0x80 and self._registers[0x01] & 0x0F == 0x0C:
            self._registers[0x0D] &= 0x7F
            self._send(value & 7)

    def _send(self, last: int) -> None:
        frame = bits_of(self._fifo)
        frame = frame[: len(frame) - 8 + last] if last else frame
        self._fifo = []
        sent_us = self._us + US_PER_BIT * (len(frame) + len(frame) // 8 + 2)
        modulated = self._registers[0x15] & 0x40 and self._registers[0x14] & 3 == 3
        answers = []
        for card in self.near:
            card.field(bool(self._registers[0x14] & 3 == 3))
            answer = card.hear(frame) if modulated else None
            if answer is not None:
                answers.append(answer)
        if answers:
            length = max(map(len, answers))
            end_us = sent_us + FRAME_DELAY_US + US_PER_BIT * (length + length // 8 + 2)
            self._due = [(end_us, lambda: self._receive(answers, length))]
        elif self._registers[0x2A] & 0x80:
            prescaler = (self._registers[0x2A] & 0x0F) << 8 | self._registers[0x2B]
            reload = self._registers[0x2C] << 8 | self._registers[0x2D]
            timeout_us = (reload + 1) * (2 * prescaler + 1) / 13.56
            assert timeout_us > FRAME_DELAY_US + 50, "gives up before a card can answer"
            self._due = [(sent_us + timeout_us, self._give_up)]

    def _receive(self, answers: list[Bits], length: int) -> None:
        heard = []
        collided = None
        for place in range(length):
            said = {answer[place] for answer in answers if place < len(answer)}
            if len(said) > 1 and collided is None:
                collided = place
            heard.append(0 if collided is not None and self._registers[0x0E] & 0x80 == 0 else max(said))
        heard = self.noise(heard)
        self._registers[0x06] = 0x08 if collided is not None else 0
        self._registers[0x0E] = self._registers[0x0E] & 0x80 | (0x20 if collided is None else (collided + 1) % 32)
        self._fifo = bytes_of(heard)
        self._registers[0x0C] = len(heard) % 8
        self._registers[0x04] |= 0x20 | (0x02 if collided is not None else 0)

    def _give_up(self) -> None:
        self._registers[0x04] |= 0x01
