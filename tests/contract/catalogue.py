"""A small catalogue for the tests of line.toml: no part of `edge` is needed to check a file."""

from contract.catalogue import Catalogue, Measure, OutputType, SensorType, Setting, Wire
from contract.words import Words

NOTHING = Words("", "")
CONTACT = (
    Setting("pin", Words("ピン番号(BCM)", "BCM pin number"), "pin"),
    Setting("active", Words("オンの電圧", "level when on"), "choice", default="low", choices=("low", "high")),
    Setting("pull", Words("抵抗", "resistor"), "choice", default=None, choices=("up", "down", "none")),
    Setting("debounce_ms", Words("静かな時間", "quiet time"), "number", "ms", 20.0, low=0, high=10_000),
    Setting("release_ms", Words("戻りの静かな時間", "quiet time back"), "number", "ms", None, low=0, high=10_000),
)
EVERY = Setting("every_s", Words("読む間隔", "how often"), "number", "s", 10.0, low=0.1, high=86_400)
PORT = Setting("port", Words("シリアルポート", "serial port"), "port")
BAUD = Setting("baud", Words("速さ", "speed"), "whole", default=9600, low=50, high=4_000_000)
COUNT = Measure("count", Words("個数", "count"), kind="total", low=0, decimals=0)
PRESSED = Measure("pressed", Words("押された", "pressed"), kind="level", low=0, high=1, decimals=0)
STATE = Measure("state", Words("状態", "state"), kind="level")


def _sensor(name: str, measures: tuple[Measure, ...], settings: tuple[Setting, ...], *wires: Wire) -> SensorType:
    return SensorType(name, NOTHING, "event", measures, settings, terminals=wires)


def _numbers(*keys: str) -> tuple[Measure, ...]:
    return tuple(Measure(key, Words(key, key)) for key in keys)


CATALOGUE = Catalogue(
    {
        "pulse": _sensor("pulse", (COUNT,), CONTACT, Wire("COM", "GND"), Wire("NO", "pin", setting="pin")),
        "level": _sensor("level", (STATE,), CONTACT),
        "button": _sensor(
            "button", (COUNT, PRESSED), (*CONTACT, Setting("says", Words("言葉", "says"), "text", default=None))
        ),
        "bme280": _sensor(
            "bme280",
            _numbers("temperature", "humidity", "pressure"),
            (
                Setting("address", NOTHING, "i2c_address", default=0x76, choices=("0x76", "0x77")),
                Setting("bus", NOTHING, "whole", default=1, low=0, high=1),
                EVERY,
            ),
            Wire("SDA", "SDA"),
            Wire("SCL", "SCL"),
        ),
        "adc": _sensor(
            "adc",
            _numbers("volts"),
            (Setting("address", NOTHING, "i2c_address"), Setting("channel", NOTHING, "whole", low=0, high=3), EVERY),
            Wire("SDA", "SDA"),
        ),
        "mcp3008": _sensor(
            "mcp3008",
            _numbers("volts"),
            (
                Setting("channel", NOTHING, "whole", low=0, high=7),
                Setting("chip", NOTHING, "whole", default=0, low=0, high=1),
                EVERY,
            ),
            Wire("CLK", "SCLK"),
            Wire("DIN", "MOSI"),
        ),
        "serial_line": _sensor(
            "serial_line",
            (),
            (PORT, BAUD, Setting("pattern", NOTHING, "pattern"), Setting("measures", NOTHING, "measures")),
        ),
        "scale_and": _sensor(
            "scale_and",
            (Measure("weight", Words("重さ", "weight"), "g"),),
            (
                PORT,
                BAUD,
                Setting("unit", NOTHING, "whole", default=1, low=1, high=99),
                Setting("stable_only", NOTHING, "flag", default=True),
                Setting("label", NOTHING, "text", default=""),
            ),
        ),
    },
    {
        "lamp": OutputType(
            "lamp",
            NOTHING,
            (
                Setting("pin", NOTHING, "pin"),
                Setting("active", NOTHING, "choice", default="high", choices=("low", "high")),
            ),
        )
    },
)
