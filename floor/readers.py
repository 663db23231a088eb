"""Codes that are scanned, cards that are held to a reader: how a product, a lot or a mode is told without a button."""

from collections.abc import Callable, Sequence
from typing import Final

from contract.reading import NS_PER_S
from floor.contact import Time
from floor.models import Model

HELD_NS: Final = NS_PER_S
"""How long a card is held to the reader."""


class Scanner:
    """A bar code scanner with a serial port; ``send`` is its cable, None where nothing is plugged in."""

    def __init__(self, send: Callable[[bytes], None] | None) -> None:
        self._send = send

    def word(self, words: Sequence[str]) -> str:
        """Which of these words the order sheet has as a code: a product's first code, or its id where it has none."""
        return next(iter(words[1:2] or words), "")

    def show(self, word: str) -> None:
        """Scan it."""
        if self._send is not None:
            self._send(f"{word}\r\n".encode())


class CardReader:
    """An NFC reader with the cards that its ``names`` name: ``93d211ff = setup, …``."""

    def __init__(self, sensor_names: str, model: Model, time: Time) -> None:
        self._model = model
        self._time = time
        pairs = (pair.partition("=") for pair in sensor_names.split(",") if "=" in pair)
        self._numbers = {name.strip(): number.strip() for number, _, name in pairs}

    def word(self, words: Sequence[str]) -> str:
        """Which of these words there is a card for."""
        return next((word for word in words if word in self._numbers), "")

    def show(self, word: str) -> None:
        """Hold the card to the reader for a moment."""
        reader = self._model.part
        if reader is not None:
            reader.hold(self._numbers[word])
            self._time.after(HELD_NS, reader.hold)
