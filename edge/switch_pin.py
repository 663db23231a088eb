"""One pin that is on or off: what lamps, relays, buzzers and stack lights are made of."""

from typing import Any

from contract.errors import PayloadError
from contract.reading import Value
from contract.words import Words
from edge import troubles
from edge.board import Board


class SwitchPin:
    """A pin as an output, ``on`` or off from its first moment. ``active`` is the level that is on.

    Raises SensorError if the pin cannot be had.
    """

    def __init__(self, board: Board, number: int, active: str, *, on: bool = False) -> None:
        self._pin: Any = board.pin(number)
        self._number = number
        self._on_level = active == "high"
        self._rest = on
        self.turn(on)

    @property
    def is_on(self) -> bool:
        """Whether it is on, read back from the pin; given back, it is as it was at first."""
        if self._pin is None:
            return self._rest
        return bool(self._pin.state) == self._on_level

    def turn(self, on: bool) -> None:
        """On or off. Raises SensorError."""
        if self._pin is None:
            raise troubles.pin_refused(self._number, "closed")
        try:
            self._pin.output_with_state(on == self._on_level)
        except Exception as error:  # gpiozero's and lgpio's own errors have no common root
            raise troubles.pin_refused(self._number, str(error)) from error

    def close(self) -> None:
        """As it was at first, and given back. May be called twice, never raises."""
        pin, self._pin = self._pin, None
        if pin is not None:
            try:
                pin.state = self._rest == self._on_level
                pin.close()
            except Exception:  # noqa: BLE001 - a pin that cannot be given back is nobody's any more
                pass


def on_or_off(value: Value, title: Words) -> bool:
    """0 or 1 as a truth. Raises PayloadError."""
    if isinstance(value, str) or value not in (0, 1):
        raise PayloadError(
            "output_value",
            Words(f"{title.ja}は 0 か 1 です: {value}", f"{title.en} is 0 or 1, not {value}."),
        )
    return bool(value)
