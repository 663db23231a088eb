"""WBGT estimated indoors from temperature and humidity alone, for the page of theme 6: a guide, not a measured WBGT.

    indoor_wbgt_c(30.0, 70.0)          # about 27.2
    air_c(28.0, 70.0)                  # at which temperature the estimate reaches 28
    limits("ja")

Indoors WBGT is 0.7 of the natural wet bulb temperature and 0.3 of the globe's (JIS Z 8504, ISO 7243). Taken here: the
wet bulb after Stull (2011; -1.0 to +0.65 K off) in the place of the natural one, and a globe as warm as the air, so no
sun, no furnace. In air that hardly moves the natural wet bulb lies higher: the true WBGT, too.
"""

from math import atan, sqrt
from typing import Final

from contract.words import Language

HUMIDITIES: Final = (60, 70, 80, 90)
RINGS_AT: Final = 27.0
"""One below the law's 28, for what the estimate may be off."""


def wet_bulb_c(air_c: float, humidity: float) -> float:
    """Stull, J. Appl. Meteor. Climatol. 50 (2011), eq. 1: air -20 to 50 °C, relative humidity 5 to 99 %, sea level."""
    found: float = (
        air_c * atan(0.151977 * sqrt(humidity + 8.313659)) + atan(air_c + humidity) - atan(humidity - 1.676331)
        + 0.00391838 * humidity**1.5 * atan(0.023101 * humidity) - 4.686035
    )  # fmt: skip
    return found


def indoor_wbgt_c(air_c: float, humidity: float, globe_c: float | None = None) -> float:
    """The estimate in °C; without a globe it is taken to be as warm as the air."""
    return 0.7 * wet_bulb_c(air_c, humidity) + 0.3 * (air_c if globe_c is None else globe_c)


def air_c(wbgt_c: float, humidity: float) -> float:
    """The temperature at which the estimate reaches so much, to a tenth of a degree below."""
    return next(tenth / 10 for tenth in range(600) if indoor_wbgt_c(tenth / 10 + 0.1, humidity) > wbgt_c)


def limits(lang: Language) -> str:
    """At which temperature the estimate is 27, by humidity."""
    found = [(humidity, air_c(RINGS_AT, humidity)) for humidity in HUMIDITIES]
    if lang == "ja":
        return (
            "WBGT の推定が 27 の気温: 湿度 "
            + "、".join(f"{humidity} % で {air:.1f} ℃" for humidity, air in found)
            + "。"
        )
    return "A WBGT of 27 is estimated at " + ", ".join(f"{air:.1f} °C ({humidity} %)" for humidity, air in found) + "."
