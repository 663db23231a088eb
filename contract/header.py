"""The 40-pin header of a Raspberry Pi: which header pin a BCM number is.

Source: Raspberry Pi documentation, "GPIO and the 40-pin header"; the same on every model since the B+.
"""

HEADER_PIN = {
    0: 27, 1: 28, 2: 3, 3: 5, 4: 7, 5: 29, 6: 31, 7: 26, 8: 24, 9: 21, 10: 19, 11: 23, 12: 32, 13: 33,
    14: 8, 15: 10, 16: 36, 17: 11, 18: 12, 19: 35, 20: 38, 21: 40, 22: 15, 23: 16, 24: 18, 25: 22, 26: 37, 27: 13,
}  # fmt: skip
"""Header pin of each BCM number."""

BCM = {header: bcm for bcm, header in HEADER_PIN.items()}
"""BCM number of each header pin that is a GPIO."""

I2C_PINS = {0: {"SDA": 0, "SCL": 1}, 1: {"SDA": 2, "SCL": 3}}
"""BCM numbers of the I2C buses."""

SPI_PINS = {
    0: {"MOSI": 10, "MISO": 9, "SCLK": 11, "CE0": 8, "CE1": 7},
    1: {"MOSI": 20, "MISO": 19, "SCLK": 21, "CE0": 18, "CE1": 17},
}
"""BCM numbers of the SPI buses. The kernel takes both CE lines of a bus, whichever is used."""

UART_PINS = {"TXD": 14, "RXD": 15}
"""BCM numbers of the serial port on the header."""

UART_PORTS = ("/dev/serial0", "/dev/ttyAMA0", "/dev/ttyS0")
"""Names under which the serial port on the header is opened."""
