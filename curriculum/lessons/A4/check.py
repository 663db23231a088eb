"""The sensor is found wherever it sits, known for what it is, and missed without a crash; units are as named.

The chips are the kit's own models (`edge.sensors.bme280`), which answer register by register as the real ones do.
"""

import re

from contract.words import Words
from curriculum.checking import Miss, Work
from edge.sensors.bme280 import BME280, BMP280, Chip

SOMETHING_ELSE = 0x61
"""The id of a BME680, which sits at the same addresses and counts otherwise."""
NOBODY = (None, None)
LETTER_O = re.compile(r"[oO][xX]\d+")


def check(work: Work) -> None:
    _plug(work, 0x76, BME280)
    _started(work)
    _found(work, "only-one-address", {0x76: BME280}, (0x76, "BME280"))
    _found(work, "only-one-address", {0x77: BME280}, (0x77, "BME280"))
    _found(work, "which-chip", {0x76: BMP280}, (0x76, "BMP280"))
    _found(work, "which-chip", {0x77: SOMETHING_ELSE}, NOBODY)
    _found(work, "no-answer", {}, NOBODY)
    _row(work, "pa-or-hpa", (25.0825, 100653.27, 41.23), {"temp_c": 25.1, "press_hpa": 1006.5, "hum_pct": 41.2})
    _row(work, "missing-is-none", (21.46, 98012.0, None), {"temp_c": 21.5, "press_hpa": 980.1, "hum_pct": None})
    _row(work, "missing-is-none", (None, None, None), {"temp_c": None, "press_hpa": None, "hum_pct": None})
    _row(work, "missing-is-none", (0.0, 101330.0, 0.0), {"temp_c": 0.0, "press_hpa": 1013.3, "hum_pct": 0.0})
    told = work.call(work.name("to_row"), 25.0825, 100653.27, None)
    work.saw = Words(
        f"0x76 でも 0x77 でもセンサーを見つけ、返事がなくても止まりませんでした。100653.27 Pa は {told['press_hpa']} hPa、"
        f"測れない湿度は {told['hum_pct']}。",
        f"the sensor was found at 0x76 and at 0x77, and nothing broke off without one. 100653.27 Pa are "
        f"{told['press_hpa']} hPa; humidity that is not measured is {told['hum_pct']}.",
    )


def _started(work: Work) -> None:
    try:
        work.start()
    except Miss as miss:
        cause = miss.__cause__
        if isinstance(cause, NameError) and LETTER_O.fullmatch(str(cause.name)):
            digits = Words("0x77(0 はゼロ)", "0x77, with a zero")
            raise _instead(miss, "address-in-hex", digits, miss.actual) from cause
        raise


def _instead(miss: Miss, hint: str, expected: Words, actual: Words) -> Miss:
    told = Miss(hint, expected, actual, miss.row)
    told.technical = miss.technical
    return told


def _plug(work: Work, address: int, number: int) -> None:
    chip = Chip(work.board.clock, chip=number)
    chip.temperature, chip.humidity, chip.pressure = 23.4, 45.6, 1008.7
    work.board.put_i2c_chip(address, chip)


def _found(work: Work, hint: str, chips: dict[int, int], wanted: tuple[object, object]) -> None:
    for address in (0x76, 0x77):
        work.board.put_i2c_chip(address, None)
    for address, number in chips.items():
        _plug(work, address, number)
    where = "、".join(f"0x{address:02x} に{_who(number).ja}" for address, number in chips.items()) or "センサーなし"
    there = ", ".join(f"{_who(number).en} at 0x{address:02x}" for address, number in chips.items()) or "no sensor"
    expected = Words(f"{where}のとき、find は {_told(wanted)}", f"with {there}, find gives {_told(wanted)}")
    try:
        got = work.call(work.name("find"), work.board.bus())
    except Miss as miss:
        if isinstance(miss.__cause__, TypeError) and "BaseException" in str(miss.__cause__):
            named = Words("except の後は、気づきの名前", "after except, the name of what Python raises")
            raise _instead(miss, "no-answer", named, Words("名前ではないもの", "no such name")) from miss.__cause__
        if not isinstance(miss.__cause__, OSError):
            raise
        silent = Words(
            "センサーの返事がなくて、途中で止まった", "the sensor does not answer, and the program broke off"
        )
        raise _instead(miss, "no-answer", expected, silent) from miss.__cause__
    if _plain(got) != wanted:
        hint = "address-in-hex" if hint == "only-one-address" and {76, 77} & {*_addresses(work)} else hint
        raise Miss(hint, expected, Words(f"find は {_told(got)}", f"find gives {_told(got)}"))


def _addresses(work: Work) -> tuple[object, ...]:
    kept = work.name("ADDRESSES")
    return tuple(kept) if isinstance(kept, list | tuple) else (kept,)


def _who(number: int) -> Words:
    names = {BME280: "BME280", BMP280: "BMP280"}
    other = Words(f"別の部品(番号 0x{number:02x})", f"another chip (id 0x{number:02x})")
    return Words(names[number], f"a {names[number]}") if number in names else other


def _plain(got: object) -> object:
    return tuple(got) if isinstance(got, list) else got


def _told(got: object) -> str:
    match got:
        case (int(address), name):
            return f"(0x{address:02x}, {name})"
    return repr(got)


def _row(work: Work, hint: str, air: tuple[object, ...], wanted: dict[str, float | None]) -> None:
    got = work.call(work.name("to_row"), *air)
    told = Words(f"温度・気圧・湿度が {air} のとき", f"with temperature, pressure, humidity {air}")
    for key, value in wanted.items():
        have = got.get(key, "?") if isinstance(got, dict) else got
        if have != value or (have is None) != (value is None):
            raise Miss(
                hint,
                expected=Words(f"{told.ja}、{key} は {value}", f"{told.en}, {key} is {value}"),
                actual=Words(f"{key} は {have}", f"{key} is {have}"),
            )
