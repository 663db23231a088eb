"""What a script is wired to is read from its text: pins in and out, and the calls that a Pi 5 refuses."""

import pytest

from edge.script_wiring import PinUse, line_text, wiring_of

TUTORIAL = """
import RPi.GPIO as GPIO
BUTTON, LEDS = 11, [12, 13]
BUTTON = 11
LAMPS = [12, 13]
GPIO.setmode(GPIO.BOARD)
GPIO.setup(BUTTON, GPIO.IN, pull_up_down=GPIO.PUD_UP)
GPIO.setup(LAMPS, GPIO.OUT, initial=GPIO.LOW)
GPIO.add_event_detect(BUTTON, GPIO.FALLING, callback=print)
"""


def test_board_numbers_become_bcm_numbers() -> None:
    told = wiring_of(TUTORIAL)
    assert told.pins == (PinUse(17, False, "low"), PinUse(18, True), PinUse(27, True))
    assert told.rpi_row == 2
    assert told.calls == ((6, "setmode"), (7, "setup"), (8, "setup"), (9, "add_event_detect"))


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("from gpiozero import Button\nButton(17)", PinUse(17, False, "low")),
        ('import gpiozero\ngpiozero.Button("GPIO4", pull_up=False)', PinUse(4, False, "high")),
        ("from gpiozero import LED\nPIN = 23\nled = LED(pin=PIN, active_high=False)", PinUse(23, True, "low")),
        ("from RPi import GPIO\nGPIO.setup(5, GPIO.OUT)", PinUse(5, True)),
    ],
)
def test_the_usual_calls_are_known(text: str, use: PinUse) -> None:
    assert wiring_of(text).pins == (use,)


def test_what_is_no_pin_is_left_out() -> None:
    text = "import RPi.GPIO as G\nG.setup(99, G.IN)\nG.setup(f(), G.IN)\nsetup(3)\nG.setup(True, G.IN)\n"
    assert wiring_of(text).pins == ()
    assert wiring_of("print(1)").rpi_row is None


def test_a_line_of_them_says_which_is_which() -> None:
    told = line_text(wiring_of(TUTORIAL), 'lamp "a".py')
    assert 'name = "lamp \\"a\\".py"' in told
    assert "[stations.script.sensors.gpio17]" in told
    assert "[stations.script.outputs.gpio27]" in told
