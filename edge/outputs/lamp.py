"""Wiring: a relay or LED board's input at GPIO23 (header pin 16), its VCC at 5V or 3V3, its GND at GND.

    [stations.washer.outputs.andon]
    type = "lamp"
    pin = 23
    active = "high"

On for 1, off for 0. It is off from the start until it is told, and off again when the agent ends. ``active = "low"`` is
for relay boards that switch on when their input is pulled to ground; give those a pull-up resistor, so that they stay
off while the Pi starts.

A pin gives 3.3 V and a few milliamperes: enough for an LED with a resistor or a relay board's input, not for a lamp.
"""

from dataclasses import dataclass
from typing import Any

from contract.catalogue import Part, Wire, setting
from contract.errors import PayloadError
from contract.reading import Value
from contract.words import Words
from edge import troubles
from edge.board import Board
from edge.outputs import Driven

TITLE = Words("ランプ・リレー(オン・オフ)", "Lamp or relay (on or off)")
PARTS = (Part("relay-board", 1), Part("wire-pair", 2))
TERMINALS = (
    Wire("IN", "pin", setting="pin", note=Words("ランプを直接つながない", "never the lamp itself")),
    Wire("VCC", "5V", note=Words("基板の表示に合わせる(3V3 のものもある)", "as the board says; some want 3V3")),
    Wire("GND", "GND"),
)


@dataclass(frozen=True, kw_only=True)
class Output:
    """One pin that is on or off."""

    pin: int = setting(Words("ピン番号(BCM)", "BCM pin number"), "pin")
    active: str = setting(
        Words("オンにする電圧", "level that switches it on"), "choice", default="high", choices=("low", "high")
    )

    def open(self, board: Board) -> Driven:
        """Take the pin, off. Raises SensorError."""
        return _Lamp(board.pin(self.pin), self.pin, self.active == "high")


class _Lamp:
    def __init__(self, pin: Any, number: int, on_level: bool) -> None:
        self._pin = pin
        self._number = number
        self._on_level = on_level
        self._drive(False)

    def set(self, value: Value) -> None:
        if value not in (0, 1):
            raise PayloadError(
                "output_value", Words(f"ランプは 0 か 1 です: {value}", f"A lamp is 0 or 1, not {value}.")
            )
        self._drive(bool(value))

    def state(self) -> Value:
        if self._pin is None:
            return 0
        return int(bool(self._pin.state) == self._on_level)

    def close(self) -> None:
        pin, self._pin = self._pin, None
        if pin is not None:
            pin.state = not self._on_level
            pin.close()

    def _drive(self, on: bool) -> None:
        if self._pin is None:
            raise troubles.pin_refused(self._number, "closed")
        try:
            self._pin.output_with_state(on == self._on_level)
        except Exception as error:  # gpiozero's and lgpio's own errors have no common root
            raise troubles.pin_refused(self._number, str(error)) from error
