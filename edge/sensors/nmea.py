"""Wiring: a USB receiver to a USB port of the Pi; a 3.3 V module: TX to GPIO15 (pin 10, RXD), VCC to 3V3, GND to GND.

    [stations.forklift.sensors.place]
    type = "nmea"
    port = "/dev/ttyACM0"
    every_s = 10.0

Where a vehicle or a container is: latitude, longitude, speed, satellites in use and the level of the fix, from any GNSS
receiver (GPS, みちびき …) that prints NMEA 0183, as they all do from the factory (9600 bps; USB ones take any).

**Where a vehicle is, its driver is.** Positions and speeds of an identifiable person are personal data. Tell those
concerned what for, leave it out where distance or standstill is enough (``position = false`` tells no latitude and
longitude), keep it no longer than needed, and set ``privacy = "person"`` for the station.

Without a fix there is no latitude, longitude or speed: nothing is told for them, not 0 and not the last one. ``fix`` is
told all the same: 0 none, 1 satellites alone, 2 with corrections (SBAS), 4 and 5 RTK, 6 dead reckoned, 7 set by hand, 8
simulated. Only 1 to 5 count as a position, and only if RMC says "A", too. A sentence older than three seconds is
not told; a receiver that says neither RMC nor GGA for five seconds is an error. Under a steel roof there is no fix.

Speed is in km/h; standing still it reads up to about 1. Not implemented: height, course, time (the Pi's clock is not
set by it), sentences other than RMC and GGA, binary protocols, setting the receiver up.

Source: NMEA 0183 as in u-blox 8 / M8 Receiver description UBX-13003221 R25, "NMEA protocol": frame, position fix flags,
GGA, RMC.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import NS_PER_S, Value
from contract.words import Words
from edge.board import Board
from edge.handles import Handle, Knob, Push
from edge.sensors import Expect, Polled
from edge.serial_lines import PortSettings, SerialLines

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("位置(GNSS、NMEA 0183)", "Position (GNSS, NMEA 0183)")
ABOUT_JA = """\
フォークリフトやコンテナの位置と速さを、GNSS(GPS、みちびきなど)の受信機で読みます。

気をつけること: 車の位置は、運転する人の位置です。何のために使うかを本人に説明し、
工程に privacy = "person" を付け、必要な間だけ残します。動いているかどうかで足りるなら、
position = false にします。

見えないこと: 鉄の屋根の下では測位できません。そのときは 0 も前の値も送らず、fix が 0 になります。
止まっていても、速さは 1 km/h くらいまで揺れます。
"""
STYLE: Literal["polled"] = "polled"
MEASURES = (
    Measure("latitude", Words("緯度", "latitude"), "°", low=-90, high=90, decimals=6),
    Measure("longitude", Words("経度", "longitude"), "°", low=-180, high=180, decimals=6),
    Measure("speed", Words("速さ", "speed"), "km/h", low=0, high=200, decimals=1),
    Measure("satellites", Words("使っている衛星の数", "satellites in use"), "", low=0, high=99, decimals=0),
    Measure("fix", Words("測位の段階(0 は測位できない)", "level of the fix (0: none)"), "", low=0, high=9, decimals=0),
)
PARTS = (Part("gnss-receiver", 1),)
TERMINALS = (Wire("USB", "USB", note=Words("空の見える所にアンテナを置く", "the antenna where it sees the sky")),)

KM_PER_NAUTICAL_MILE = 1.852
SENTENCE = re.compile(rb"\$([A-Z0-9]{2})(RMC|GGA),([ -)+-~]*)\*([0-9A-Fa-f]{2})")
RMC, GGA = b"RMC", b"GGA"
ANGLE = re.compile(r"(\d{2,3})([0-5]\d(?:\.\d*)?)")
"""Whole degrees and minutes: 4807.038 is 48° 07.038'."""

A_POSITION = frozenset((1, 2, 3, 4, 5))
"""Qualities of GGA that are a position found by satellites now."""
NO_POSITION = frozenset("NEMS")
"""Modes of RMC that are none: not valid, estimated, by hand, simulated."""

FRESH_NS = 3 * NS_PER_S
SILENT_NS = 5 * NS_PER_S


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One receiver on one port."""

    port: str = setting(Words("シリアルポート", "serial port"), "port")
    every_s: float = setting(Words("読む間隔", "reading interval"), "number", default=10.0, unit="s", low=1, high=3600)
    position: bool = setting(
        Words("緯度・経度も伝える(運転する人の居場所でもある。個人情報)",
              "tell latitude and longitude, too (where the driver is: personal data)"),
        "flag",
        default=True,
    )  # fmt: skip
    baud: int = setting(Words("通信速度", "speed"), "whole", default=9600, unit="bps", low=4800, high=921_600)

    def open(self, board: Board) -> Polled:
        """Start listening. Raises SensorError if the port cannot be had."""
        return _Receiver(self, board)


@dataclass(frozen=True, slots=True)
class Fix:
    """What one GGA sentence says. ``latitude`` and ``longitude`` in degrees, None where it says none."""

    quality: int
    satellites: int
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Motion:
    """What one RMC sentence says: whether it is valid, the position, the speed in km/h."""

    valid: bool
    latitude: float | None
    longitude: float | None
    speed: float | None


class _Receiver:
    def __init__(self, settings: Sensor, board: Board) -> None:
        self._settings = settings
        self._clock = board.clock
        self._heard_ns = self._opened_ns = self._clock.monotonic_ns()
        self._fix: tuple[Fix, int] | None = None
        self._motion: tuple[Motion, int] | None = None
        self._lines = SerialLines(board, PortSettings(settings.port, settings.baud), self._line, end=None)

    def read(self) -> Mapping[str, Value]:
        self._lines.check()
        now_ns = self._clock.monotonic_ns()
        if now_ns - self._heard_ns > SILENT_NS:
            raise _silent(self._settings.port)
        fix = self._fix[0] if self._fix and now_ns - self._fix[1] <= FRESH_NS else None
        motion = self._motion[0] if self._motion and now_ns - self._motion[1] <= FRESH_NS else None
        told = values(fix, motion)
        if not self._settings.position:
            told = {key: value for key, value in told.items() if key not in ("latitude", "longitude")}
        return told

    def close(self) -> None:
        self._lines.close()

    def _line(self, line: bytes, at_ns: int) -> None:
        try:
            said = sentence(line)
        except ValueError:
            return
        if said is not None:
            self._heard_ns = at_ns
        if isinstance(said, Fix):
            self._fix = said, at_ns
        elif said is not None:
            self._motion = said, at_ns


def values(fix: Fix | None, motion: Motion | None) -> dict[str, Value]:
    """What is to be told of the newest GGA and the newest RMC."""
    found = (fix is None or fix.quality in A_POSITION) and (motion is None or motion.valid)
    where = fix or motion
    told: dict[str, Value] = {}
    if found and where is not None and where.latitude is not None and where.longitude is not None:
        told = {"latitude": where.latitude, "longitude": where.longitude}
    if found and motion is not None and motion.speed is not None:
        told["speed"] = motion.speed
    if fix is not None:
        told |= {"satellites": fix.satellites, "fix": fix.quality}
    return told


def sentence(line: bytes) -> Fix | Motion | None:
    """A GGA or RMC sentence; None for any other. Raises ValueError if its checksum or a field is wrong."""
    match = SENTENCE.fullmatch(line[max(0, line.rfind(b"$")) :])
    if match is None:
        return None
    if checksum(match[0][1:-3]) != int(match[4], 16):
        raise ValueError(line)
    fields = [field.strip() for field in match[3].decode("ascii").split(",")]
    if len(fields) < 11:
        raise ValueError(line)
    return _fix(fields) if match[2] == GGA else _motion(fields)


def checksum(body: bytes) -> int:
    """XOR of what stands between $ and *."""
    check = 0
    for byte in body:
        check ^= byte
    return check


def _fix(fields: list[str]) -> Fix:
    """time, latitude, N, longitude, E, quality, satellites …"""
    quality, satellites = int(fields[5] or 0), int(fields[6] or 0)
    if not (0 <= quality <= 9 and 0 <= satellites <= 99):
        raise ValueError(fields)
    return Fix(quality, satellites, _degrees(fields[1], fields[2], "NS", 90), _degrees(fields[3], fields[4], "EW", 180))


def _motion(fields: list[str]) -> Motion:
    """time, status, latitude, N, longitude, E, knots, course, date, variation, E, mode (since 2.3) …"""
    mode = fields[11] if len(fields) > 11 else "A"
    speed = float(fields[6]) * KM_PER_NAUTICAL_MILE if fields[6] else None
    if speed is not None and not 0 <= speed < 10_000:
        raise ValueError(fields[6])
    latitude, longitude = _degrees(fields[2], fields[3], "NS", 90), _degrees(fields[4], fields[5], "EW", 180)
    return Motion(fields[1] == "A" and mode not in NO_POSITION, latitude, longitude, speed)


def _degrees(angle: str, side: str, sides: str, most: int) -> float | None:
    if not angle and not side:
        return None
    match = ANGLE.fullmatch(angle)
    degrees = int(match[1]) + float(match[2]) / 60 if match else most + 1.0
    if degrees > most or side not in sides or len(side) != 1:
        raise ValueError(angle)
    return round(degrees if side == sides[0] else -degrees, 8)


def _silent(port: str) -> SensorError:
    return SensorError(
        Words(f"{port} の受信機から RMC も GGA も届きません。", f"The receiver on {port} sends neither RMC nor GGA."),
        Words("受信機のランプと通信速度(baud)を確認してください。GNSS の受信機でない機器のポートかもしれません。",
              "Hint: look at its lamp and its speed (baud); the port may be another device's."),
    )  # fmt: skip


# ---- the bench ----


class Vehicle:
    """A receiver on a vehicle, as the cable sees it; ``fix`` 0 is a roof over it."""

    def __init__(self) -> None:
        self.latitude, self.longitude, self.speed = 39.7186, 140.1024, 0.0
        self.satellites, self.fix = 9, 1

    def says(self) -> bytes:
        """The RMC and GGA sentences of this second."""
        north, east = _written(self.latitude, 2, "NS"), _written(self.longitude, 3, "EW")
        knots = f"{self.speed / KM_PER_NAUTICAL_MILE:.3f}"
        if not self.fix:
            return framed("GNRMC,,V,,,,,,,,,,N") + framed(f"GNGGA,,,,,,0,{self.satellites:02d},99.99,,,,,,")
        rmc = f"GNRMC,031500.00,A,{north},{east},{knots},,221126,,,A"
        gga = f"GNGGA,031500.00,{north},{east},{self.fix},{self.satellites:02d},0.9,12.0,M,38.0,M,,"
        return framed(rmc) + framed(gga)


def framed(body: str) -> bytes:
    """A sentence: $, the body, its checksum, CR LF."""
    return f"${body}*{checksum(body.encode('ascii')):02X}\r\n".encode("ascii")


def _written(degrees: float, digits: int, sides: str) -> str:
    whole, minutes = divmod(round(abs(degrees) * 60, 5), 60)
    return f"{int(whole):0{digits}d}{minutes:08.5f},{sides[degrees < 0]}"


def handles(sensor: Sensor, bench: "Bench", _: None) -> Iterator[Handle]:
    """The vehicle drives about, for half a minute after each move; a roof comes over it."""
    vehicle = Vehicle()

    def speaks(seconds: int = 30) -> None:
        now_ns = bench.clock.monotonic_ns()
        for second in range(seconds):
            bench.clock.at(now_ns + second * NS_PER_S, lambda: bench.type(sensor.port, vehicle.says()), lane="bench")

    def knob(key: str, title: Words, low: float, high: float, unit: str) -> Knob:
        def turn(value: float) -> None:
            setattr(vehicle, key, value)
            speaks()

        return Knob(key, title, low, high, lambda: float(getattr(vehicle, key)), turn, unit, live=False)

    def roof() -> None:
        vehicle.fix, vehicle.satellites = (0, 0) if vehicle.fix else (1, 9)
        speaks()

    yield knob("latitude", Words("緯度", "latitude"), 39.0, 41.0, "°")
    yield knob("longitude", Words("経度", "longitude"), 139.0, 142.0, "°")
    yield knob("speed", Words("速さ", "speed"), 0, 40, "km/h")
    yield Push("roof", Words("屋根の下に入る・出る", "drive under a roof, and out again"), roof)


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """It wakes without a fix, finds one, drives, goes under a roof, is unplugged and comes back."""
    vehicle = Vehicle()

    def told(**more: float) -> dict[str, float]:
        where = {"latitude": vehicle.latitude, "longitude": vehicle.longitude, "speed": vehicle.speed}
        kept = {key: value for key, value in where.items() if sensor.position or key == "speed"}
        return kept | {"satellites": vehicle.satellites, "fix": vehicle.fix} | more

    def speaks() -> None:
        bench.type(sensor.port, vehicle.says())

    yield Expect(Words("まだ何も届いていない", "nothing has come yet"), wait_s=1.0)
    vehicle.fix = 0
    speaks()
    yield Expect(Words("測位できていない", "no fix yet"), {"satellites": 9, "fix": 0})
    vehicle.fix = 1
    speaks()
    yield Expect(Words("止まっている", "it stands"), told(), tolerance=0.000001)
    vehicle.latitude, vehicle.longitude, vehicle.speed = 39.7201, 140.1033, 12.0
    bench.type(sensor.port, b"$GNGSV,1,1,00*65\r\n" + vehicle.says().replace(b"140", b"141"))
    yield Expect(Words("壊れた文は捨てる", "damaged sentences are not believed"), {}, wait_s=3.5)
    speaks()
    yield Expect(Words("走っている", "it drives"), told(), tolerance=0.001)
    vehicle.fix = 0
    speaks()
    yield Expect(Words("屋根の下: 位置は伝えない", "under a roof: no position"), {"satellites": 9, "fix": 0})
    yield Expect(Words("何も届かなくなった", "nothing comes any more"), wait_s=5.5, error=True)
    vehicle.fix = 1
    yield Expect(Words("開き直した", "opened again"))
    speaks()
    yield Expect(Words("続きから読める", "and goes on"), told(), tolerance=0.001)
    bench.unplug(sensor.port)
    yield Expect(Words("USB ケーブルが抜けた", "the USB cable is pulled"), error=True)
