"""The check byte of Sensirion's and ASAIR's chips: CRC-8, polynomial x^8 + x^5 + x^4 + 1 (0x31), beginning with 0xFF.

Source: Sensirion SHT3x-DIS data sheet (version 5, May 2018), 4.12: CRC of 0xBEEF is 0x92; ASAIR DHT20 data sheet
(V1.0, May 2021), 7.4, for the AHT20's frame.
"""

POLYNOMIAL = 0x31


def crc8(data: bytes) -> int:
    """The check byte of ``data``; of ``data`` with its check byte behind it, 0."""
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ POLYNOMIAL if crc & 0x80 else crc << 1) & 0xFF
    return crc
