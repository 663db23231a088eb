"""What goes wrong between a board and a part, in the words of the floor; the bench and the real board say the same."""

from contract.errors import SensorError
from contract.words import Words


def pin_in_use(number: int, why: str = "") -> SensorError:
    """A pin that somebody else holds."""
    return SensorError(
        Words(f"GPIO{number} はほかで使われています。{why}", f"GPIO{number} is already in use. {why}".rstrip()),
        Words(
            "同じピンを2回使っていないか、ほかのプログラムが動いていないかを確認してください。",
            "Hint: see whether the pin is named twice, or another program holds it.",
        ),
    )


def pin_refused(number: int, why: str) -> SensorError:
    """A pin that cannot do what was asked."""
    return SensorError(
        Words(f"GPIO{number} を使えません({why})。", f"GPIO{number} cannot be used so: {why}."),
        Words(
            "BCM 番号は 0 から 27 です。GPIO2 と GPIO3 には常にプルアップがあります。",
            "Hint: BCM numbers are 0 to 27; GPIO2 and GPIO3 have a fixed pull-up.",
        ),
    )


def no_i2c_bus(bus: int, why: str) -> SensorError:
    """An I2C bus that is not switched on."""
    return SensorError(
        Words(f"I2C バス {bus} を開けません({why})。", f"I2C bus {bus} cannot be opened: {why}."),
        Words(
            "「sudo raspi-config」→ Interface Options → I2C を有効にして、再起動してください。",
            "Hint: switch it on with sudo raspi-config, Interface Options, I2C, then restart.",
        ),
    )


def no_chip(address: int, bus: int, why: str) -> SensorError:
    """An I2C address where nothing answers."""
    return SensorError(
        Words(
            f"I2C バス {bus} のアドレス 0x{address:02x} が応答しません({why})。",
            f"Nothing answers at address 0x{address:02x} of I2C bus {bus}: {why}.",
        ),
        Words(
            f"配線(3V3・GND・SDA・SCL)を確認し、「i2cdetect -y {bus}」でアドレスを確かめてください。",
            f"Hint: check the wires (3V3, GND, SDA, SCL) and look for the address with i2cdetect -y {bus}.",
        ),
    )


def no_spi_bus(bus: int, chip: int, why: str) -> SensorError:
    """An SPI bus that is not switched on."""
    return SensorError(
        Words(f"SPI バス {bus} の CE{chip} を開けません({why})。", f"SPI bus {bus} CE{chip} cannot be opened: {why}."),
        Words(
            "「sudo raspi-config」→ Interface Options → SPI を有効にして、再起動してください。",
            "Hint: switch it on with sudo raspi-config, Interface Options, SPI, then restart.",
        ),
    )


def no_one_wire(why: str) -> SensorError:
    """A 1-Wire bus that is not switched on."""
    return SensorError(
        Words(f"1-Wire を使えません({why})。", f"There is no 1-Wire bus: {why}."),
        Words(
            "/boot/firmware/config.txt に「dtoverlay=w1-gpio,gpiopin=4」と書いて、再起動してください。",
            "Hint: write dtoverlay=w1-gpio,gpiopin=4 into /boot/firmware/config.txt, then restart.",
        ),
    )


def no_port(port: str, why: str) -> SensorError:
    """A serial port that cannot be opened."""
    return SensorError(
        Words(f"シリアルポート {port} を開けません({why})。", f"The serial port {port} cannot be opened: {why}."),
        Words(
            "ケーブルを確認し、「ls /dev/ttyUSB* /dev/ttyACM*」でポートの名前を確かめてください。"
            "権限がないときは「sudo usermod -aG dialout $USER」です。",
            "Hint: check the cable, look for its name with ls /dev/ttyUSB* /dev/ttyACM*; "
            "for the right to use it: sudo usermod -aG dialout $USER.",
        ),
    )


def port_gone(port: str, why: str) -> SensorError:
    """A serial port that was there and went away."""
    return SensorError(
        Words(f"シリアルポート {port} がなくなりました({why})。", f"The serial port {port} has gone: {why}."),
        Words(
            "USB ケーブルと機器の電源を確認してください。つなぎ直せば、自動で再開します。",
            "Hint: check the USB cable and the device's power; it goes on by itself once it is back.",
        ),
    )
