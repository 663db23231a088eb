"""Three rows after three calls, one heading, Japan's time, nothing for what was not measured, and Excel can read it."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from contract.words import Words
from curriculum.checking import Miss, Work

MODES = ("a", "w", "x", "r")
BOM = b"\xef\xbb\xbf"
JAPAN = timezone(timedelta(hours=9))
HEADING = ["time", "temp_c", "press_hpa", "hum_pct"]
MEASURED = (
    (datetime(2026, 4, 1, 9, 0, tzinfo=JAPAN), {"temp_c": 25.1, "press_hpa": 1006.5, "hum_pct": 41.2}),
    (datetime(2026, 4, 1, 0, 1, tzinfo=timezone.utc), {"temp_c": None, "press_hpa": 1006.4, "hum_pct": None}),
    (datetime(2026, 4, 1, 9, 2, tzinfo=JAPAN), {"temp_c": 0.0, "press_hpa": 1006.4, "hum_pct": 0.0}),
)
WANTED = [
    ["2026-04-01T09:00:00+09:00", "25.1", "1006.5", "41.2"],
    ["2026-04-01T09:01:00+09:00", "", "1006.4", ""],
    ["2026-04-01T09:02:00+09:00", "0.0", "1006.4", "0.0"],
]
OPENED_WRONGLY = (FileExistsError, FileNotFoundError, ValueError)
"""What Python says of mode "x", of "r", and of a letter that is no mode or one that cannot be written to."""


def check(work: Work) -> None:
    _opened(work, work.start, __file__=str(work.folder / work.file))
    path = _fresh(work.folder / "answers.csv")
    for when, row in MEASURED:
        _opened(work, work.call, work.name("append"), path, when, dict(row))
    rows = _rows(path)
    data = [row for row in rows if row != HEADING]
    if len(data) != len(MEASURED):
        raise _miss("mode", (f"3回書くと、値は {len(MEASURED)} 行", f"{len(MEASURED)} rows of values after three calls"),
                    (f"{len(data)} 行", f"{len(data)} rows"))  # fmt: skip
    _one_heading(rows, Words("新しいファイル", "a new file"))
    if not path.read_bytes().startswith(BOM):
        raise _miss("no-bom", ("Excel が文字コードを見分けるしるしで始まる", "the mark by which Excel knows the encoding"),
                    (f"始まりは {path.read_bytes()[:3]!r}", f"it begins with {path.read_bytes()[:3]!r}"))  # fmt: skip
    for got, wanted in zip(data, WANTED, strict=True):
        _cells(got, wanted)
    _goes_on(work)
    work.saw = Words(
        f"見出し1行と値 {len(data)} 行。温度がなかった行は {','.join(data[1])}",
        f"one heading and {len(data)} rows of values. The row without a temperature is {','.join(data[1])}",
    )


def _opened(work: Work, call: Callable[..., object], *args: object, **given: object) -> None:
    try:
        call(*args, **given)
    except Miss as miss:
        cause = miss.__cause__
        if isinstance(cause, OPENED_WRONGLY):
            why = type(cause).__name__
            actual = Words(f"開けませんでした({why})", f"it could not be opened ({why})")
        elif isinstance(cause, NameError) and str(cause.name) in MODES:
            actual = Words(f'{cause.name} の前後に " がありません', f"there are no quotes around {cause.name}")
        else:
            raise
        told = Miss("mode", Words("ファイルに行を書き足せる", "a row can be added to the file"), actual, miss.row)
        told.technical = miss.technical
        raise told from cause


def _fresh(path: Path) -> Path:
    path.unlink(missing_ok=True)
    return path


def _rows(path: Path) -> list[list[str]]:
    if not path.exists():
        raise _miss("mode", (f"{path.name} ができる", f"{path.name} is made"), ("ファイルがない", "there is no file"))
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    return [row for row in csv.reader(text.splitlines()) if row]


def _one_heading(rows: list[list[str]], where: Words) -> None:
    count = rows.count(HEADING)
    if count == 1 and rows[0] == HEADING:
        return
    raise _miss(
        "heading",
        (f"{where.ja}で、見出しは先頭に1回だけ", f"{where.en}: one heading, at the top"),
        (
            f"見出しは {count} 回、先頭の行は {','.join(rows[0])}",
            f"{count} headings; the first row is {','.join(rows[0])}",
        ),
    )


def _cells(got: list[str], wanted: list[str]) -> None:
    if got[:1] != wanted[:1]:
        raise _miss("time-zone", (f"時刻は {wanted[0]}", f"the time is {wanted[0]}"), (f"{got[0]}", f"{got[0]}"))
    if got != wanted:
        raise _miss(
            "missing-is-empty",
            (f"行は {','.join(wanted)}", f"the row is {','.join(wanted)}"),
            (",".join(got), ",".join(got)),
        )


def _goes_on(work: Work) -> None:
    """After a power cut the file is there already, with its heading."""
    path = _fresh(work.folder / "yesterday.csv")
    path.write_bytes(BOM + "\r\n".join([",".join(HEADING), ",".join(WANTED[0]), ""]).encode())
    work.call(work.name("append"), path, *MEASURED[2])
    _one_heading(_rows(path), Words("昨日からの続きのファイル", "a file that goes on from yesterday"))


def _miss(hint: str, expected: tuple[str, str], actual: tuple[str, str]) -> Miss:
    return Miss(hint, Words(*expected), Words(*actual))
