"""What is at the pin of a contact: a dry contact straight to GND, or a photo-coupler before the machine's 24 V."""

from typing import Any

from contract.catalogue import Part, Wire, setting
from contract.words import Words

PHOTOCOUPLER, CONTACT = ("through", "photocoupler"), ("through", "contact")
"""For a Part or Wire of a sensor that has the setting :func:`through`."""

CONTACT_WIRES = (
    Wire(
        "NO",
        "pin",
        setting="pin",
        note=Words("接点の片側。24 V の信号は必ずフォトカプラーを通す", "one side; 24 V only through a photo-coupler"),
        when=CONTACT,
    ),
    Wire("COM", "GND", note=Words("接点のもう片側", "the other side of the contact"), when=CONTACT),
    Wire(
        "OUT", "pin", setting="pin", note=Words("フォトカプラーの出力", "the photo-coupler's output"), when=PHOTOCOUPLER
    ),
    Wire(
        "GND",
        "GND",
        note=Words("Pi 側の GND(機械の 0 V とはつながない)", "the Pi's ground, not the machine's 0 V"),
        when=PHOTOCOUPLER,
    ),
)
CONTACT_PARTS = (
    Part("limit-switch", 1, when=CONTACT),
    Part("photocoupler-board", 1, Words("24 V の信号を受ける", "it takes a signal of 24 V"), PHOTOCOUPLER),
    Part("wire-pair", 1),
)


def through(default: str) -> Any:
    """The setting that says what is at the pin: a dry contact, or a photo-coupler before the machine's 24 V.

    It changes what is drawn and bought, not how the pin is read.
    """
    said = Words(
        "ピンにつなぐもの(contact: 電圧のない接点を直接、photocoupler: 24 V の信号)。配線図と部品表が変わる",
        "what is at the pin (contact: a dry one, photocoupler: a 24 V signal); for the drawing and the parts list",
    )
    return setting(said, "choice", default=default, choices=("contact", "photocoupler"))
