"""Positions from NMEA sentences: recorded ones, damaged ones; no fix is no value."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from contract.reading import Value
from edge import rehearsal
from edge.bench import Bench, Settings
from edge.bench_clock import HandClock
from edge.handles import Knob, Push
from edge.sensors import Polled, modules
from edge.sensors.nmea import Fix, Motion, Sensor, checksum, framed, handles, sentence, values
from tests.edge.sensors.models.nmea import PER_DEGREE, Receiver

PORT = "/dev/ttyACM0"
START_NS = 1_795_000_000_000_000_000


class Yard:
    """A sensor on a bench, and the independent model at its port."""

    def __init__(self, **kwargs: Any) -> None:
        self.clock = HandClock(START_NS)
        self.bench = Bench(self.clock)
        self.held: Polled = Sensor(port=PORT, **kwargs).open(self.bench)
        self.receiver = Receiver(self.clock, lambda data: self.bench.type(PORT, data))

    def after(self, seconds: float) -> Mapping[str, Value]:
        self.clock.turn(seconds)
        return self.held.read()


@pytest.fixture
def yard() -> Iterator[Yard]:
    yard = Yard()
    yield yard
    yard.receiver.off()
    yard.bench.close()


def heard(*lines: bytes, **kwargs: Any) -> Mapping[str, Value]:
    """What is told after a receiver that is no model said these lines."""
    yard = Yard(**kwargs)
    yard.receiver.off()
    for line in lines:
        yard.bench.type(PORT, line + b"\r\n")
    told = yard.held.read()
    yard.bench.close()
    return told


# A ship's receiver (NOAA, ATOMIC 2020, file gps02003906), whose VTG said 18.83 km/h in the same second.
SHIP_GGA = b"$GPGGA,060000.00,1353.25162451,N,05445.30213512,W,2,06,1.2,2.9,M,-40.8,M,5.0,0138*76"
SHIP_RMC = b"$GPRMC,060000.00,A,1353.25162451,N,05445.30213512,W,10.17,70.52,080220,16.8,W,D*05"
# A u-blox LEA-4H while it found nothing (gpsd, test/daemon/uBlox-lea-4h.log).
COLD = (b"$GPRMC,,V,,,,,,,,,,N*53", b"$GPGGA,,,,,,0,00,99.99,,,,,,*48", b"$GPRMC,030806.00,V,,,,,,,,,,N*70")
# The example in every introduction.
BOOK_GGA = b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47"
BOOK_RMC = b"$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A"


def test_a_recorded_ship_is_where_it_was() -> None:
    told = heard(SHIP_GGA, SHIP_RMC)
    assert told["latitude"] == pytest.approx(13 + 53.25162451 / 60, abs=1e-7)
    assert told["longitude"] == pytest.approx(-(54 + 45.30213512 / 60), abs=1e-7)
    assert told["speed"] == pytest.approx(18.83, abs=0.01)
    assert (told["satellites"], told["fix"]) == (6, 2)


def test_the_example_of_every_introduction_is_read() -> None:
    assert heard(BOOK_GGA) == {"latitude": 48.1173, "longitude": pytest.approx(11.516667), "satellites": 8, "fix": 1}
    assert heard(BOOK_RMC) == {
        "latitude": 48.1173,
        "longitude": pytest.approx(11.516667),
        "speed": pytest.approx(41.4848),
    }


@pytest.mark.parametrize("line", COLD)
def test_a_recorded_receiver_without_a_fix_has_no_position(line: bytes) -> None:
    assert heard(line) == ({"satellites": 0, "fix": 0} if b"GGA" in line else {})


def test_the_position_is_left_out_where_the_line_says_so() -> None:
    assert heard(SHIP_GGA, SHIP_RMC, position=False).keys() == {"speed", "satellites", "fix"}


@pytest.mark.parametrize(
    ("quality", "mode", "found"),
    [(1, "A", 1), (2, "D", 1), (4, "R", 1), (5, "F", 1), (6, "E", 0), (7, "M", 0), (8, "S", 0), (1, "N", 0)],
)
def test_only_what_satellites_say_now_is_a_position(yard: Yard, quality: int, mode: str, found: int) -> None:
    yard.receiver.quality, yard.receiver.mode = quality, mode
    told = yard.after(40)
    assert told["fix"] == quality
    assert ("latitude" in told, "longitude" in told, "speed" in told) == (bool(found),) * 3


def test_both_sentences_must_agree_that_there_is_a_fix() -> None:
    good, bad = Fix(1, 8, 39.0, 140.0), Fix(0, 3, 39.0, 140.0)
    assert "latitude" not in values(good, Motion(False, 39.0, 140.0, 1.0))
    assert "speed" not in values(bad, Motion(True, 39.0, 140.0, 1.0))
    assert values(None, None) == {}


@pytest.mark.parametrize("talker", ["GP", "GN", "GL", "GA", "QZ", "BD"])
def test_every_constellation_is_heard(talker: str) -> None:
    assert heard(framed(f"{talker}GGA,1,3943.1,N,14006.1,E,1,08,1,1,M,1,M,,").strip())["fix"] == 1


def test_a_cold_start_a_drive_and_a_roof(yard: Yard) -> None:
    assert yard.after(10) == {"satellites": 1, "fix": 0}
    yard.receiver.north, yard.receiver.east = 39 * PER_DEGREE + 43_11700, 140 * PER_DEGREE + 6_14512
    yard.receiver.knots_100 = 648
    told = yard.after(30)
    assert told["latitude"] == pytest.approx(39 + 43.117 / 60, abs=1e-7)
    assert told["longitude"] == pytest.approx(140 + 6.14512 / 60, abs=1e-7)
    assert told["speed"] == pytest.approx(12.0, abs=0.01)
    yard.receiver.roof = True
    assert yard.after(10) == {"satellites": 0, "fix": 0}
    yard.receiver.roof = False
    yard.receiver.north = -33 * PER_DEGREE - 1
    assert yard.after(10)["latitude"] == pytest.approx(-33.00000017, abs=1e-7)


@settings(max_examples=6, deadline=None)
@given(st.integers(-90 * PER_DEGREE, 90 * PER_DEGREE), st.integers(-180 * PER_DEGREE, 180 * PER_DEGREE))
def test_every_place_on_earth_is_read_as_it_was_written(north: int, east: int) -> None:
    yard = Yard()
    yard.receiver.north, yard.receiver.east = north, east
    told = yard.after(40)
    yard.receiver.off()
    yard.bench.close()
    assert told["latitude"] == pytest.approx(north / PER_DEGREE, abs=1e-7)
    assert told["longitude"] == pytest.approx(east / PER_DEGREE, abs=1e-7)


def test_an_old_receiver_without_a_mode_is_understood(yard: Yard) -> None:
    yard.receiver.mode = None
    assert yard.after(40).keys() == {"latitude", "longitude", "speed", "satellites", "fix"}


def test_what_was_said_three_seconds_ago_is_not_told_and_silence_is_an_error(yard: Yard) -> None:
    assert yard.after(40) != {}
    yard.receiver.off()
    assert yard.after(3.5) == {}
    with pytest.raises(SensorError) as error:
        yard.after(2)
    assert PORT in error.value.say("ja")
    assert "baud" in error.value.say("en")


@settings(max_examples=40, deadline=None)
@given(st.integers(1, len(SHIP_GGA) - 1), st.integers(0, 6))
def test_a_single_wrong_bit_is_never_another_place(place: int, bit: int) -> None:
    damaged = bytearray(SHIP_GGA)
    damaged[place] ^= 1 << bit
    try:
        said = sentence(bytes(damaged))
    except ValueError:
        return
    assert said is None or bytes(damaged).upper() == SHIP_GGA  # a checksum may be written in small letters


@pytest.mark.parametrize("cut", range(1, len(BOOK_GGA), 7))
def test_a_cut_sentence_says_nothing_and_the_next_one_is_read(cut: int) -> None:
    assert heard(BOOK_GGA[:cut]) == {}
    assert heard(BOOK_GGA[cut:]) == {}
    assert heard(BOOK_GGA[:cut] + BOOK_GGA)["fix"] == 1


@pytest.mark.parametrize(
    "body",
    [
        "GPGGA,1,9107.038,N,01131.000,E,1,08,1,1,M,1,M,,",  # beyond the pole
        "GPGGA,1,4807.038,X,01131.000,E,1,08,1,1,M,1,M,,",
        "GPGGA,1,4860.000,N,01131.000,E,1,08,1,1,M,1,M,,",  # sixty minutes
        "GPGGA,1,48.1173,N,11.5167,E,1,08,1,1,M,1,M,,",  # decimal degrees
        "GPGGA,1,4807.038,N,18131.000,E,1,08,1,1,M,1,M,,",
        "GPGGA,1,4807.038,N,01131.000,E,-1,08,1,1,M,1,M,,",
        "GPGGA,1,4807.038,N,01131.000,E,1,x,1,1,M,1,M,,",
        "GPGGA,1,4807.038,N",
        "GPRMC,1,A,4807.038,N,01131.000,E,nan,1,1,1,W",
        "GPRMC,1,A,4807.038,N,01131.000,E,-5,1,1,1,W",
        "GPRMC,1,A,4807.038,N,01131.000,,5,1,1,1,W",
        "GPGSV,1,1,00",
        "PUBX,00,081350.00,4717.113210,N,00833.915187,E,546.589,G3,2.1,2.0,0.007",
    ],
)
def test_a_sentence_that_cannot_be_says_nothing_though_its_checksum_is_right(body: str) -> None:
    assert heard(framed(body).strip()) == {}


def test_a_checksum_is_required() -> None:
    assert heard(BOOK_GGA[:-3]) == {}
    assert checksum(BOOK_GGA[1:-3]) == 0x47


def test_binary_messages_between_the_sentences_do_no_harm() -> None:
    assert heard(b"\xb5\x62\x01\x07\x5c\x00" + bytes(range(92)) + BOOK_GGA)["fix"] == 1


def test_at_another_speed_it_is_an_error_after_five_seconds(yard: Yard) -> None:
    yard.bench.plug(PORT, Settings(115_200))
    with pytest.raises(SensorError):
        yard.after(20)


def test_a_pulled_cable_is_an_error(yard: Yard) -> None:
    yard.after(10)
    yard.bench.unplug(PORT)
    with pytest.raises(SensorError, match=PORT):
        yard.held.read()
    yard.held.close()
    yard.held.close()


def test_on_the_bench_it_can_be_driven_about_and_under_a_roof() -> None:
    yard = Yard()
    yard.receiver.off()
    knobs = {handle.key: handle for handle in handles(Sensor(port=PORT), yard.bench, None)}
    north, roof = knobs["latitude"], knobs["roof"]
    assert isinstance(north, Knob)
    assert isinstance(roof, Push)
    north.turn(39.5)
    assert yard.after(10)["latitude"] == pytest.approx(39.5)
    assert north.now() == 39.5
    roof.push()
    assert yard.after(10) == {"satellites": 0, "fix": 0}
    yard.bench.close()


@pytest.mark.parametrize("settings", [{"position": False}, {"every_s": 1.0, "baud": 115_200}])
def test_it_rehearses_with_other_settings_too(settings: dict[str, Any]) -> None:
    result = rehearsal.rehearse("nmea", modules()["nmea"], {"port": PORT, **settings})
    assert result.passed, result.say("en")
