"""The learner's own line.toml: read as `kojo check` reads it, then pressed on the bench, contact by contact.

The presses go through the kit's own sensor (`edge.sensors.pulse`), so its debounce and its pin are the real ones; what
becomes of them is the ledger's arithmetic for pieces and stops (contract section 4), small enough to be written here.
"""

import re
import unicodedata
from types import SimpleNamespace

import gpiozero

from contract.errors import LineError
from contract.line import Line
from contract.line_check import check as read
from contract.words import Words
from curriculum.checking import Miss, Work
from edge.sensors import catalogue, pulse

WIRED = 23
"""Where lesson A2 put the button."""
SHORTEST_S, LONGEST_S = 1.0, 3600.0
LONGEST_SHIFT_MIN = 16 * 60
LEFT = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
"""What is left of a blank: a _ that joins no letters and figures."""
OF_KEY = {
    "end": "clock-time",
    "start": "clock-time",
    "name": "a-name",
    "ideal_cycle_s": "seconds",
    "pin": "pin-number",
    "role": "role",
}


def check(work: Work) -> None:
    line = _read(work)
    _names(line, work)
    _hours(line, work)
    station, sensor = _counter(line, work)
    _ideal(station, work)
    _presses(work, station, sensor)


def _read(work: Work) -> Line:
    try:
        return read(work.text, catalogue(), work.file)
    except LineError as error:
        first = error.mistakes[0]
        raise Miss(
            OF_KEY.get(_key(work, first.row), "as-kojo-check"),
            expected=Words("kojo check が「よし」と言う", "kojo check says ok"),
            actual=Words(*("\n".join(mistake.say(lang) for mistake in error.mistakes) for lang in ("ja", "en"))),
            row=first.row,
        ) from error


def _names(line: Line, work: Work) -> None:
    titles = [station.name for station in line.stations.values()] + [one.name for one in line.products.values()]
    if not line.products:
        raise Miss("a-name", _NAMED, Words("品物(products)がありません", "there is no product"))
    if empty := [title for title in titles if not title.strip()]:
        raise Miss("a-name", _NAMED, Words(f"空の名前があります({empty[0]!r})", "a name is empty"), _row(work, "name"))
    if left := [title for title in titles if LEFT.search(unicodedata.normalize("NFKC", title))]:
        row = next((at for at, said in enumerate(work.text.splitlines(), 1) if left[0] in said), None)
        raise Miss(
            "a-name",
            _NAMED,
            Words(f"「{left[0]}」に空欄の _ が残っています", f"“{left[0]}” still has a _ of the blank"),
            row,
        )


def _hours(line: Line, work: Work) -> None:
    if not line.shifts:
        raise Miss("clock-time", Words("勤務が1つある", "there is a shift"), Words("ありません", "there is none"))
    hours = line.shifts[0].hours
    start, end = (at.hour * 60 + at.minute for at in (hours.start, hours.end))
    if (long := (end - start) % (24 * 60) or 24 * 60) > LONGEST_SHIFT_MIN:
        raise Miss(
            "clock-time",
            expected=Words("勤務は16時間まで", "a shift of 16 hours at most"),
            actual=Words(
                f"{start_end(hours)} は {long / 60:.1f} 時間", f"{start_end(hours)} are {long / 60:.1f} hours"
            ),
            row=_row(work, "end"),
        )


def start_end(hours):
    return f"{hours.start:%H:%M}-{hours.end:%H:%M}"


def _counter(line: Line, work: Work):
    pulses = [
        (station, sensor)
        for station in line.stations.values()
        for sensor in station.sensors.values()
        if sensor.type == "pulse"
    ]
    if not pulses:
        raise Miss(
            "as-kojo-check",
            expected=Words("押すたびに数えるセンサー(pulse)がある", "there is a pulse sensor"),
            actual=Words("ありません", "there is none"),
        )
    counting = [(station, sensor) for station, sensor in pulses if sensor.role and sensor.role.kind == "cycle"]
    if not counting:
        role = pulses[0][1].role
        raise Miss(
            "role",
            expected=Words("1回押すと1個できた、になる", "a press is a piece finished"),
            actual=Words(f"役割は {role or 'なし'}", f"its role is {role or 'none'}"),
            row=_row(work, "role"),
        )
    station, sensor = counting[0]
    if (pin := sensor.settings["pin"]) != WIRED:
        raise Miss(
            "pin-number",
            expected=Words(f"ボタンをつないだ GPIO{WIRED}", f"GPIO{WIRED}, where the button is"),
            actual=Words(f"GPIO{pin} を見ています", f"it watches GPIO{pin}"),
            row=_row(work, "pin"),
        )
    return station, sensor


def _ideal(station, work: Work) -> None:
    ideal = station.ideal_cycle_s
    if ideal is None or not SHORTEST_S <= ideal <= LONGEST_S:
        raise Miss(
            "seconds",
            expected=Words("1個の基準の秒数(1〜3600)", "the ideal seconds of a piece (1 to 3600)"),
            actual=Words(
                "ありません" if ideal is None else f"{ideal} 秒", "there is none" if ideal is None else f"{ideal} s"
            ),
            row=_row(work, "ideal_cycle_s"),
        )


def _presses(work: Work, station, sensor) -> None:
    """Four presses that bounce, three of them at the ideal pace and one after five times as long."""
    counts: list[int] = []

    def tell(_measure: str, value: int, at_ns: int) -> None:
        counts.extend([at_ns] * value)

    board = SimpleNamespace(clock=work.board.clock, pin=gpiozero.Device.pin_factory.pin)
    listening = pulse.Sensor(**sensor.settings).listen(board, tell)
    try:
        for wait_s in (0.0, station.ideal_cycle_s, station.ideal_cycle_s, 5 * station.ideal_cycle_s):
            work.board.turn(max(0.0, wait_s - 0.6))
            for level, after_s in ((False, 0.002), (True, 0.003), (False, 0.3), (True, 0.001), (False, 0.002)):
                work.board.drive(WIRED, level)
                work.board.turn(after_s)
            work.board.release(WIRED)
            work.board.turn(0.3)
    finally:
        listening.close()
    gaps = [(later - earlier) / 1e9 for earlier, later in zip(counts, counts[1:], strict=False)]
    stops = [gap - station.ideal_cycle_s for gap in gaps if gap > station.stop_after_s]
    if len(counts) != 4 or len(stops) != 1:
        raise Miss(
            "as-kojo-check",
            expected=Words("4回押して4個、間の停止が1回", "four presses are four pieces with one stop between"),
            actual=Words(f"{len(counts)}個、停止 {len(stops)}回", f"{len(counts)} pieces, {len(stops)} stops"),
        )
    work.saw = Words(
        f"「{station.name}」で4回押して {len(counts)} 個、間の停止は {stops[0]:.0f} 秒が {len(stops)} 回。",
        f"four presses at {station.name}: {len(counts)} pieces, and {len(stops)} stop of {stops[0]:.0f} s between them.",
    )


_NAMED = Words("工程と品物に名前がある", "the station and the product have names")


def _key(work: Work, row: int) -> str:
    rows = work.text.splitlines()
    return rows[row - 1].partition("=")[0].strip() if 0 < row <= len(rows) else ""


def _row(work: Work, key: str) -> int | None:
    rows = work.text.splitlines()
    return next((row for row in range(1, len(rows) + 1) if _key(work, row) == key), None)
