"""Codes from a scanner that is a serial port and from one that types; Japanese ones too; none is guessed or cut."""

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge import rehearsal
from edge.bench import Settings
from edge.sensors import modules
from edge.sensors.barcode import Sensor, code_of, handles, scan
from tests.edge.sensors.models.barcode import kernel_events, serial_bytes
from tests.edge.sensors.stage import S, Stage

PORT = "/dev/ttyACM0"
KEYS = "/dev/input/by-id/usb-scanner-event-kbd"

sixty_four_bits = pytest.mark.skipif(struct.calcsize("l") != 8, reason="the model writes a 64-bit kernel's records")


def heard(*data: bytes, **kwargs: Any) -> tuple[list[Any], dict[str, int]]:
    """The codes told of what came out of a serial scanner, a second and a half apart, and the health afterwards."""
    stage = Stage()
    held = stage.listen(Sensor(port=PORT, **kwargs))
    for portion in data:
        stage.bench.type(PORT, portion)
        stage.clock.turn(1.5)
    health = dict(held.health())
    stage.bench.close()
    return stage.values("code"), health


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_any_usual_end_will_do(end: bytes) -> None:
    codes, health = heard(b"4901234567894" + end, b"A-100" + end + b"A-200" + end)
    assert codes == ["4901234567894", "A-100", "A-200"]
    assert health == {"codes": 3, "garbage": 0, "too_long": 0, "unfinished": 0}


def test_a_code_is_dated_when_its_end_arrives() -> None:
    stage = Stage()
    stage.listen(Sensor(port=PORT))
    stage.clock.turn(2)
    stage.bench.type(PORT, b"49012")
    stage.clock.turn(0.5)
    stage.bench.type(PORT, b"34\r\n")
    stage.bench.close()
    assert stage.told == [("code", "4901234", 2 * S + S // 2)]


def test_half_a_code_is_not_joined_to_the_next_one() -> None:
    codes, health = heard(b"49012", b"A-100\r")
    assert codes == ["A-100"]
    assert health["unfinished"] == 1


def test_the_same_code_is_told_again_unless_it_is_said_not_to() -> None:
    assert heard(b"A\r", b"A\r", b"B\r", b"A\r")[0] == ["A", "A", "B", "A"]
    assert heard(b"A\r", b"A\r", b"A\r", b"B\r", b"A\r", again_s=2)[0] == ["A", "B", "A"]


@pytest.mark.parametrize(
    ("line", "encoding", "code"),
    [
        ("治具①".encode(), "auto", "治具①"),
        ("治具①".encode("cp932"), "auto", "治具①"),  # NEC's ①, which plain Shift_JIS does not have
        ("㈱山形製作所 ブラケット".encode("cp932"), "auto", "㈱山形製作所 ブラケット"),
        ("部品 A".encode(), "utf-8", "部品 A"),  # with the wide space
        ("\ufeff部品".encode(), "auto", "部品"),  # a byte order mark before it
        (b"A-100", "shift_jis", "A-100"),
        ("ﾄｳ".encode("cp932"), "auto", "\u0133"),  # half-width katakana that is good UTF-8, too: hence the setting
        ("ﾄｳ".encode("cp932"), "shift_jis", "ﾄｳ"),
        (b"\xb5m", "latin-1", "µm"),
        (b"\x02A-100\x03", "auto", "A-100"),  # STX and ETX around it, as some are set
        (b"  A-100 \t", "auto", "A-100"),
        (b"0104901234567894\x1d21XYZ\x1e\x04", "auto", "0104901234567894␝21XYZ"),  # GS1, and an end of ISO 15434
        (b"A\tB", "auto", "A␉B"),
    ],
)
def test_a_text_is_read_as_the_setting_says(line: bytes, encoding: str, code: str) -> None:
    assert code_of(line, encoding) == code
    assert heard(line + b"\r", encoding=encoding)[0] == [code]


@pytest.mark.parametrize(
    ("line", "encoding"),
    [
        (b"A\x07B", "auto"),
        (b"A\x00B", "auto"),
        (b"A\x7fB", "auto"),
        (b"\x81", "auto"),  # half a character
        ("治具".encode("cp932"), "utf-8"),
        (b"A\x85B", "latin-1"),
        (b"\xff\xfe\xfd", "auto"),
    ],
)
def test_what_is_no_text_is_garbage_and_counted(line: bytes, encoding: str) -> None:
    codes, health = heard(line + b"\r", encoding=encoding)
    assert codes == []
    assert health["garbage"] == 1


@pytest.mark.parametrize(("many", "told", "too_long"), [(256, 1, 0), (257, 0, 1), (1024, 0, 1), (3000, 0, 1)])
@pytest.mark.parametrize("sign", ["9", "漢"])
def test_a_code_is_refused_whole_if_it_is_too_long(sign: str, many: int, told: int, too_long: int) -> None:
    codes, health = heard((sign * many).encode() + b"\r", b"A-100\r")
    assert codes == [sign * many] * told + ["A-100"]
    assert health["too_long"] == too_long


def test_empty_lines_are_nothing() -> None:
    codes, health = heard(b"\r\n\r\n \r")
    assert codes == []
    assert health["garbage"] == 0


JAPANESE = [chr(n) for n in (*range(0x3041, 0x3094), *range(0x30A1, 0x30F7), *range(0x2460, 0x2474))] + [
    bytes((lead, trail)).decode("cp932") for lead in range(0x89, 0x98) for trail in range(0x80, 0xFD, 5)
]
"""Kana, numbers in circles, kanji of the first level."""


@settings(max_examples=40, deadline=None)
@given(st.text(st.sampled_from([*JAPANESE, *"Aa0-_ "])), st.sampled_from(JAPANESE))
def test_a_japanese_label_comes_through_in_both_encodings_without_saying_which(text: str, one: str) -> None:
    label = one + text.strip()
    assert code_of(label.encode()) == label
    assert code_of(label.encode("cp932")) == label


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60))
def test_whatever_bytes_come_a_code_is_short_and_holds_no_control_character(line: bytes) -> None:
    try:
        code = code_of(line)
    except ValueError:
        return
    assert len(code) <= 60
    assert not any(ord(sign) < 0x20 for sign in code)


def test_at_the_wrong_speed_no_code_is_told() -> None:
    stage = Stage()
    stage.bench.plug(PORT, Settings(115_200))
    held = stage.listen(Sensor(port=PORT))
    stage.bench.type(PORT, b"4901234567894\r\n" * 20)
    assert stage.told == []
    assert held.health()["codes"] == 0
    stage.bench.close()


@pytest.mark.parametrize("port", [PORT, KEYS])
def test_a_scanner_that_is_pulled_out_is_told_by_check(port: str) -> None:
    stage = Stage()
    held = stage.listen(Sensor(port=port))
    held.check()
    stage.bench.unplug(port)
    with pytest.raises(SensorError, match=port):
        held.check()
    held.close()
    held.close()
    with pytest.raises(SensorError, match=port):
        stage.listen(Sensor(port=port))
    stage.bench.close()


# ---- the independent model ----


@pytest.mark.parametrize(
    ("text", "encoding", "prefix", "suffix"),
    [
        ("4901234567894", "utf-8", b"", b"\r"),
        ("A-100", "utf-8", b"\x02", b"\x03\r\n"),
        ("洗浄 1号機", "cp932", b"", b"\r\n"),
    ],
)
def test_a_serial_scanner_however_it_is_set_is_understood(
    text: str, encoding: str, prefix: bytes, suffix: bytes
) -> None:
    assert heard(serial_bytes(text, encoding, prefix, suffix))[0] == [text]


@sixty_four_bits
@settings(max_examples=30, deadline=None)
@given(st.text("".join(map(chr, range(0x21, 0x7F))), min_size=1, max_size=40))
def test_a_scanner_that_types_is_understood(text: str) -> None:
    stage = Stage()
    stage.listen(Sensor(port=KEYS))
    stage.clock.turn(9)
    stage.bench.type(KEYS, kernel_events(text, 7 * S))
    stage.bench.close()
    assert stage.told == [("code", text, 7 * S + 2 * len(text) * 2_000_000)]


@sixty_four_bits
def test_a_scanner_that_types_sends_the_separator_of_gs1() -> None:
    stage = Stage()
    held = stage.listen(Sensor(port=KEYS))
    stage.bench.type(KEYS, kernel_events("0104901\x1d21A", 0) + kernel_events("9" * 257, 0) + kernel_events("B", 0))
    assert stage.values("code") == ["0104901␝21A", "B"]
    assert held.health() == {"codes": 2, "garbage": 0, "too_long": 1, "unfinished": 0}
    stage.bench.close()


@pytest.mark.parametrize("layout", ["us", "jp"])
def test_the_bench_scans_as_either_kind(layout: str) -> None:
    for sensor in (Sensor(port=PORT), Sensor(port=KEYS, layout=layout)):
        stage = Stage()
        stage.listen(sensor)
        scan(sensor, stage.bench, 'A-100 "x"')
        stage.bench.close()
        assert stage.values("code") == ['A-100 "x"']
    with pytest.raises(ValueError, match="治"):
        scan(Sensor(port=KEYS), stage.bench, "治具")


def test_on_the_bench_a_code_is_typed_in() -> None:
    stage = Stage()
    stage.listen(Sensor(port=KEYS))
    (typed,) = handles(Sensor(port=KEYS), stage.bench, None)
    typed.send(typed.examples[0])
    stage.bench.close()
    assert stage.values("code") == [typed.examples[0]]


@pytest.mark.parametrize(
    "settings", [{"port": KEYS}, {"port": KEYS, "layout": "jp"}, {"again_s": 5.0, "encoding": "shift_jis"}]
)
def test_it_rehearses_with_other_settings_too(settings: dict[str, Any]) -> None:
    result = rehearsal.rehearse("barcode", modules()["barcode"], {"port": PORT, **settings})
    assert result.passed, result.say("en")
