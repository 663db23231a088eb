"""The registers of an MFRC522, and the ISO 14443 type A cards in front of it: what the reader `mfrc522` stands on.

Source: NXP MFRC522, rev. 3.9: 8.1.2 (SPI), 9 (registers), 10.3 (commands); ISO/IEC 14443-3: 6 (frames, states, UID), B
(CRC_A).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Final

from contract.errors import SensorError
from contract.words import Words
from edge.board import SPIDevice

COMMAND, COM_IRQ, ERROR, FIFO_DATA, FIFO_LEVEL, CONTROL, BIT_FRAMING = 0x01, 0x04, 0x06, 0x09, 0x0A, 0x0C, 0x0D
MODE, TX_CONTROL, TX_ASK = 0x11, 0x14, 0x15
T_MODE, T_PRESCALER, T_RELOAD_H, T_RELOAD_L, VERSION = 0x2A, 0x2B, 0x2C, 0x2D, 0x37
IDLE, TRANSCEIVE, SOFT_RESET = 0x00, 0x0C, 0x0F
RX_IRQ, TIMER_IRQ, ALL_IRQ, FLUSH, START_SEND, ANTENNA = 0x20, 0x01, 0x7F, 0x80, 0x80, 0x03
COLLISION: Final = 0x08
SETTINGS: Final = (
    (T_MODE, 0x80),  # TAuto: the timer starts when a frame has been sent
    (T_PRESCALER, 0xA9),  # 13.56 MHz / (2 x 169 + 1) = 40 kHz
    (T_RELOAD_H, 0),
    (T_RELOAD_L, 40),  # 1 ms: a card answers within 0.1 ms or not at all
    (TX_ASK, 0x40),  # 100 % ASK, as type A wants it
    (MODE, 0x3D),
    (TX_CONTROL, 0x80 | ANTENNA),
)
WUPA, HLTA, CASCADE_TAG, CASCADE_BIT = 0x52, bytes([0x50, 0x00]), 0x88, 0x04
LEVELS: Final = (0x93, 0x95, 0x97)
NOT_THERE: Final = (0x00, 0xFF)
POLLS: Final = 500
"""So often a frame's end is asked for; a working chip ends within 3 ms, the first hundred or so."""


class Garbled(Exception):
    """A card that is just coming or going, or more than one: nothing that could be told."""


class TwoCards(Garbled):
    """More than one card answers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a card said: whole bytes, the bits of the last one (0: all eight), the chip's ErrorReg."""

    data: bytes
    last_bits: int
    error: int

    def whole(self, length: int) -> bytes:
        """Its bytes, if they are so many, whole and without error. Raises Garbled."""
        if self.error & COLLISION:
            raise TwoCards
        if self.error or self.last_bits or len(self.data) != length:
            raise Garbled
        return self.data


class Radio:
    """The chip's registers, and the cards behind them. Everything raises SensorError where the chip does not answer."""

    def __init__(self, chip: SPIDevice, where: str) -> None:
        self._chip, self._where = chip, where
        if self._read(VERSION) in NOT_THERE:
            raise _silent(where)

    def reset(self) -> None:
        """Everything as after power-on; ready 50 ms later."""
        self._write(COMMAND, SOFT_RESET)

    def set_up(self) -> None:
        """Timer, modulation, antenna; read back, so that a chip that hears nothing is noticed."""
        for register, value in SETTINGS:
            self._write(register, value)
        self.check()

    def check(self) -> None:
        """Raises SensorError if the chip has forgotten how it was set up, or is gone."""
        found = [self._read(register) for register in (VERSION, T_PRESCALER, T_RELOAD_L, TX_CONTROL)]
        if found[0] in NOT_THERE:
            raise _silent(self._where)
        if found[1:3] != [0xA9, 40] or found[3] & ANTENNA != ANTENNA:
            raise _forgot(self._where, bytes(found).hex(" "))

    def card(self) -> str | None:
        """The number of the card in front of it, or None. Raises Garbled."""
        if self._exchange(bytes([WUPA]), last_bits=7) is None:
            return None
        number = b""
        for level in LEVELS:
            five = self._asked(bytes([level, 0x20])).whole(5)
            if reduce(xor, five):  # the fifth byte is the exclusive or of the four before it (BCC)
                raise Garbled
            sak = self._asked(with_crc(bytes([level, 0x70]) + five)).whole(3)
            if with_crc(sak[:1]) != sak:
                raise Garbled
            if not sak[0] & CASCADE_BIT:
                self._exchange(with_crc(HLTA))  # to which silence is the answer; WUPA wakes it again
                return (number + five[:4]).hex()
            if five[0] != CASCADE_TAG:
                raise Garbled
            number += five[1:4]
        raise Garbled

    def close(self) -> None:
        """Give the chip back."""
        self._chip.close()

    def _asked(self, frame: bytes) -> Answer:
        answer = self._exchange(frame)
        if answer is None:
            raise Garbled
        return answer

    def _exchange(self, frame: bytes, last_bits: int = 0) -> Answer | None:
        """Send a frame (of its last byte ``last_bits``, 0: all) and hear the answer; None if there is none."""
        self._write(COMMAND, IDLE)
        self._write(COM_IRQ, ALL_IRQ)
        self._write(FIFO_LEVEL, FLUSH)
        self._write(FIFO_DATA, *frame)
        self._write(BIT_FRAMING, last_bits)
        self._write(COMMAND, TRANSCEIVE)
        self._write(BIT_FRAMING, START_SEND | last_bits)
        for _ in range(POLLS):
            happened = self._read(COM_IRQ)
            if happened & RX_IRQ:
                return Answer(self._fifo(), self._read(CONTROL) & 0x07, self._read(ERROR) & 0x1F)
            if happened & TIMER_IRQ:
                return None
        raise _forgot(self._where, "ComIrqReg")

    def _fifo(self) -> bytes:
        length = min(64, self._read(FIFO_LEVEL) & 0x7F)
        return bytes(self._transfer([0x80 | FIFO_DATA << 1] * length + [0])[1:]) if length else b""

    def _read(self, register: int) -> int:
        return self._transfer([0x80 | register << 1, 0])[1]

    def _write(self, register: int, *values: int) -> None:
        self._transfer([register << 1, *values])

    def _transfer(self, data: Sequence[int]) -> Sequence[int]:
        try:
            return self._chip.transfer(data)
        except OSError as error:
            raise _silent(self._where, str(error)) from error


def with_crc(frame: bytes) -> bytes:
    """A frame with its CRC_A behind it, low byte first (ISO/IEC 14443-3, B: x^16 + x^12 + x^5 + 1 from 0x6363)."""
    crc = 0x6363
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return frame + crc.to_bytes(2, "little")


def _silent(where: str, why: str = "") -> SensorError:
    because = f"({why})" if why else ""
    return SensorError(
        Words(f"{where} の RC522 が応答しません{because}。", f"The RC522 at {where} does not answer. {why}".rstrip()),
        Words(
            "3V3・GND・SCK・MOSI・MISO・SDA の線と、RST が 3V3 につながっていることを確認してください。",
            "Hint: check 3V3, GND, SCK, MOSI, MISO and SDA, and that RST is wired to 3V3.",
        ),
    )


def _forgot(where: str, why: str) -> SensorError:
    return SensorError(
        Words(
            f"{where} の RC522 が設定どおりに動いていません({why})。電源が一瞬切れたか、線がゆるんでいます。",
            f"The RC522 at {where} is not as it was set up ({why}): its supply failed, or a wire is loose.",
        ),
        Words("3V3・GND・MOSI・RST の線を確認してください。", "Hint: check the wires 3V3, GND, MOSI and RST."),
    )
