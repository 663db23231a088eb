"""Whether what hangs on a Pi draws more current than its pins and supplies give.

Source: Raspberry Pi documentation, "GPIO and the 40-pin header" (16 mA a pin) and "Power supply" (Pi 4: 3 A, of which
0.6 A for the board and 1.2 A for USB); pinout.xyz, "3v3 Power" (500 mA since the Model B+). 50 mA for all pins together
is the figure usually given for the first models, and kept for all of them here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from contract.words import Words
from hardware.wiring import Device, PiWiring
from hardware.wiring_doubt import Doubt

PIN_MA, PINS_MA = 16.0, 50.0
"""From one pin, and from all of them together."""
RAIL_MA: Mapping[str, float] = {"3V3": 500.0, "5V": 1200.0}
"""What devices may draw from the header's supplies; 5V: of a 3 A supply less the board and USB."""


def currents(wiring: PiWiring) -> Iterator[Doubt]:
    """Pins, all pins together, and rails that are asked for too much."""
    rails: Counter[str] = Counter()
    pins = 0.0
    for device in wiring.devices:
        fed = {join.goal.net for join in device.joins} & RAIL_MA.keys()
        for entry, electrical, count in device.electrical:
            for rail in sorted(fed)[:1]:
                rails[rail] += electrical.ma * count  # type: ignore[assignment]
            pins += electrical.pin_ma * count
            if electrical.pin_ma > PIN_MA:
                yield _pin_current(device, entry.title, electrical.pin_ma)
    if pins > PINS_MA:
        yield Doubt(
            "danger",
            "pins_current",
            "",
            Words(f"出力ピンの電流が合わせて {pins:g} mA になります(全部で {PINS_MA:g} mA まで)。",
                  f"All outputs together draw {pins:g} mA from pins; {PINS_MA:g} mA is the most."),
            Words("トランジスターかリレー基板を通します。", "Use transistors or relay boards."),
        )  # fmt: skip
    for rail, ma in rails.items():
        if ma > RAIL_MA[rail]:
            yield _rail_current(rail, ma)


def _pin_current(device: Device, title: Words, ma: float) -> Doubt:
    return Doubt(
        "danger",
        "pin_current",
        device.name,
        Words(
            f"{title.ja} はピンから {ma:g} mA 取ります(1本 {PIN_MA:g} mA まで)。",
            f"The {title.en} draws {ma:g} mA from a pin that may give {PIN_MA:g}.",
        ),
        Words("トランジスターかリレー基板を通します。", "Put a transistor or a relay board between."),
    )


def _rail_current(rail: str, ma: float) -> Doubt:
    limit = RAIL_MA[rail]
    return Doubt(
        "danger",
        "rail_current",
        "",
        Words(
            f"{rail} から合わせて {ma:g} mA 取ります({limit:g} mA まで)。",
            f"{ma:g} mA are drawn from {rail}; {limit:g} mA is the most.",
        ),
        Words(
            "別の電源を用意し、GND だけを Pi とつなぎます。", "Use another supply and join only its GND with the Pi's."
        ),
    )
