"""A company's calendar as it comes out of Excel: CSV in UTF-8 or Shift_JIS, with Japanese or English words.

    日付,区分,勤務,開始,終了,工程,備考
    2026/12/26,休日出勤,日勤,,12:00,,棚卸
    令和8年12月29日,休,,,,,年末年始

Only the date and the kind are needed; the columns may stand in any order, and others are left alone. Without a heading
they are date, kind, shift, start, end, stations. A list of holidays without a kind (that of the Cabinet Office,
「国民の祝日・休日」) is taken as holidays. Every mistake is shown at once, with file and row.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from contract.errors import LineError, Mistake, NotAllowed, NotThere
from contract.line import CalendarEntry, CalendarKind, Line
from contract.line_report import half_width, hint, suggest
from contract.line_times import time_of
from contract.open_quote import NEVER_CLOSED, open_quote
from contract.words import Words

MOST_BYTES = 1 << 20
MOST_ROWS = 10_000
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_COLUMNS = ("date", "kind", "shift", "start", "end", "stations", "note")
_HEADINGS: Mapping[str, str] = {
    **dict.fromkeys(("日付", "年月日", "月日", "日", "date", "day", "国民の祝日・休日月日"), "date"),
    **dict.fromkeys(("区分", "種別", "種類", "出休", "出休区分", "勤怠区分", "稼働区分", "kind", "type"), "kind"),
    **dict.fromkeys(("勤務", "直", "シフト", "勤務名", "shift"), "shift"),
    **dict.fromkeys(("開始", "開始時刻", "始業", "から", "start", "from"), "start"),
    **dict.fromkeys(("終了", "終了時刻", "終業", "まで", "end", "to"), "end"),
    **dict.fromkeys(("工程", "工程名", "設備", "対象", "station", "stations"), "stations"),
    **dict.fromkeys(("備考", "名称", "行事", "メモ", "内容", "祝日名", "note", "name", "国民の祝日・休日名称"), "note"),
}
_KINDS: Mapping[str, CalendarKind] = {
    **dict.fromkeys(("休日", "休", "祝日", "祭日", "公休", "休業", "休業日", "定休日", "会社休日", "休み"), "holiday"),
    **dict.fromkeys(("法定休日", "所定休日", "夏季休暇", "年末年始", "振替休日", "全休", "holiday", "off"), "holiday"),
    **dict.fromkeys(("休日出勤", "休出", "特別出勤", "holiday_work", "holiday work"), "holiday_work"),
    **dict.fromkeys(("残業", "定時後", "残業あり", "overtime"), "overtime"),
    **dict.fromkeys(("早出", "早出残業", "early"), "early"),
    **dict.fromkeys(("計画停止", "停止", "計画休止", "棚卸", "定期点検", "点検"), "planned_stop"),
    **dict.fromkeys(("planned_stop", "planned stop"), "planned_stop"),
}  # fmt: skip
_USUAL = frozenset(
    ("出勤", "出勤日", "出", "平日", "通常", "通常勤務", "稼働", "稼働日", "営業", "営業日", "勤務日", "振替出勤",
     "work", "workday", "working day", "normal")
)  # fmt: skip
"""Working days: nothing to say of them, unless the weekly pattern rests on that day."""

_ALL = frozenset(("", "全", "全直", "全部", "すべて", "全工程", "全員", "all", "-"))
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")
_ERA = re.compile(r"(令和|R|平成|H)([0-9]{1,2}|元)[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?", re.IGNORECASE)
_ERA_STARTS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
_WITHOUT = re.compile(
    r"\s+|\([月火水木金土日](曜日?|・祝|祝)?\)|\((mon|tue|wed|thu|fri|sat|sun)\)|0:00(:00)?$", re.IGNORECASE
)
_CLOCK = re.compile(r"([0-9]{1,2})(?::|時)([0-9]{2})?(?::00|分)?")
_KIND_WORDS = "休日、休日出勤、残業、早出、計画停止、出勤日"


@dataclass(frozen=True, slots=True)
class Row:
    """An entry, the row of the file it stands in, and what the file notes beside it."""

    entry: CalendarEntry
    row: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class CompanyCalendar:
    """What a file says: entries in the order of the file; days on which nothing differs; columns nobody reads."""

    rows: tuple[Row, ...]
    usual: int
    unread: tuple[str, ...]


def read(path: Path, line: Line) -> CompanyCalendar:
    """The calendar in a file, for a line. Raises LineError with every mistake, NotThere, NotAllowed."""
    try:
        data = path.read_bytes()
    except PermissionError as error:
        raise NotAllowed(Words(f"ファイル {path} を読む権限がありません。", f"We may not read {path}.")) from error
    except (OSError, ValueError) as error:
        raise NotThere(Words(f"ファイル {path} がないか、読めません。", f"{path} is not there, or no file.")) from error
    return parse(data, line, str(path))


def parse(data: bytes, line: Line, file: str = "calendar.csv") -> CompanyCalendar:
    """The calendar in the bytes of a CSV file. Raises LineError with every mistake."""
    return _Reader(line, file).read(data)


class _Reader:
    def __init__(self, line: Line, file: str) -> None:
        self._line = line
        self._file = file
        self._mistakes: list[Mistake] = []
        self._holidays = False
        self._shifts = {s.name: s.name for s in line.shifts}
        self._stations = {s.name: s.id for s in line.stations.values()} | {s: s for s in line.stations}

    def read(self, data: bytes) -> CompanyCalendar:
        """All rows; raises LineError where one is wrong."""
        rows = list(self._rows(self._text(data)))
        columns, unread, body = self._columns(rows)
        found: dict[CalendarEntry, Row] = {}
        usual = 0
        for number, cells in body:
            said = {name: cells[at] for name, at in columns.items() if at < len(cells)}
            entry = self._entry(number, said)
            usual += entry is None
            if entry is not None:
                found.setdefault(entry, Row(entry, number, said.get("note", "")[:64]))
        if self._mistakes:
            raise LineError(self._mistakes)
        return CompanyCalendar(tuple(found.values()), usual, unread)

    def _tell(self, row: int, where: str, what: Words, tip: Words | None = None) -> None:
        self._mistakes.append(Mistake(self._file, row, where, what, tip))

    def _wrong(self, what: Words, tip: Words | None = None, row: int = 1) -> LineError:
        return LineError([Mistake(self._file, row, "", what, tip)])

    def _text(self, data: bytes) -> str:
        if len(data) > MOST_BYTES:
            raise self._wrong(Words("1 MiB を超えています。", "It is larger than 1 MiB."))
        marks = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
        for encoding in (marks.get(data[:2], "utf-8-sig"), "cp932"):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise self._wrong(
            Words("文字コードが UTF-8 でも Shift_JIS でもありません。", "It is neither UTF-8 nor Shift_JIS."),
            hint("Excel で「CSV UTF-8」として保存し直してください。", 'save it anew in Excel as "CSV UTF-8".'),
        )

    def _rows(self, text: str) -> Iterator[tuple[int, list[str]]]:
        first = text.partition("\n")[0]
        between = "\t" if "\t" in first and "," not in first else ","
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=between)
        many = 0
        try:
            if (opens := open_quote(text, between)) is not None:
                raise self._wrong(*NEVER_CLOSED, row=opens)
            for cells in reader:
                plain = [half_width(cell) for cell in cells]
                if any(plain) and not plain[0].startswith("#"):
                    many += 1
                    yield reader.line_num, plain
                if many > MOST_ROWS:
                    what = Words(f"{MOST_ROWS} 行を超えています。", f"There are more than {MOST_ROWS} rows.")
                    raise self._wrong(what, row=reader.line_num)
        except csv.Error as error:
            what = Words(f"CSV として読めません({error})。", f"This is no CSV ({error}).")
            raise self._wrong(what, row=reader.line_num) from error

    def _columns(
        self, rows: Sequence[tuple[int, list[str]]]
    ) -> tuple[dict[str, int], tuple[str, ...], Sequence[tuple[int, list[str]]]]:
        if not rows:
            raise self._wrong(Words("中身がありません。", "There is nothing in it."))
        number, heads = rows[0]
        if date_of(heads[0]) is not None:
            return {name: at for at, name in enumerate(_COLUMNS)}, (), rows
        known = {at: _HEADINGS.get(_heading(head)) for at, head in enumerate(heads)}
        columns = {name: at for at, name in sorted(known.items(), reverse=True) if name is not None}
        unread = tuple(head for at, head in enumerate(heads) if known[at] is None and head)
        self._holidays = "kind" not in columns and any("祝日" in head or "holiday" in head.lower() for head in heads)
        missing = [] if "date" in columns else ["日付"]
        missing += [] if "kind" in columns or self._holidays else ["区分"]
        if missing:
            raise self._wrong(
                Words(f"{'と'.join(missing)}の列がありません。", f"There is no column {' and '.join(missing)}."),
                hint(
                    "1行目に 日付,区分,勤務,開始,終了,工程,備考 のような見出しを書きます。",
                    "the first row names the columns: date,kind,shift,start,end,stations,note",
                ),
                number,
            )
        return columns, unread, rows[1:]

    def _entry(self, row: int, said: Mapping[str, str]) -> CalendarEntry | None:
        """The entry of one row; None where nothing differs, or where it is wrong (which is told)."""
        day = date_of(said.get("date", ""))
        if day is None:
            self._tell(row, "date", *_no_date(said.get("date", "")))
        word = said.get("kind", "")
        if not self._holidays and not word:
            return None
        kind: CalendarKind | None = "holiday" if self._holidays else _KINDS.get(word.lower())
        usual = word.lower() in _USUAL
        if kind is None and not usual:
            self._tell(
                row, "kind", Words(f"区分「{word}」が分かりません。", f"the kind {word!r} is not known."), _kinds()
            )
        shift = self._named(row, "shift", said.get("shift", ""), self._shifts, Words("勤務", "shifts"))
        stations = self._many(row, said.get("stations", ""))
        start, end = (self._clock(row, key, said.get(key, "")) for key in ("start", "end"))
        if day is None or (kind is None and not usual):
            return None
        works = self._works(day, shift)
        if kind is None:
            return None if works else CalendarEntry(day, "holiday_work", shift, start, end, stations)
        if kind == "holiday" and not works:
            return None
        return CalendarEntry(day, kind, shift, start, end, stations) if self._times(row, kind, said) else None

    def _works(self, day: date, shift: str | None) -> bool:
        """Whether the weekly pattern works on a date; without shifts everything is worked."""
        mine = [s for s in self._line.shifts if shift in (None, s.name)]
        return not self._line.shifts or any(_WEEKDAYS[day.weekday()] in s.days for s in mine)

    def _times(self, row: int, kind: CalendarKind, said: Mapping[str, str]) -> bool:
        """Whether an entry has the times that its kind needs."""
        start, end = bool(said.get("start")), bool(said.get("end"))
        if kind == "overtime" and not end:
            self._tell(row, "end", Words("残業には終了の時刻が要ります。", "overtime needs an end."), _END)
        elif kind == "early" and (not start or end):
            what = Words("早出には開始の時刻だけを書きます。", "early work has a start, and no end.")
            self._tell(row, "start", what, hint("06:30 のように書きます。", "write it like 06:30"))
        elif kind == "holiday" and (start or end):
            what = Words("休日に時刻は書けません。", "a holiday has no times.")
            tip = hint("一部だけ止めるなら 計画停止 です。", "for a part of the day use planned_stop.")
            self._tell(row, "start", what, tip)
        elif kind == "planned_stop" and start != end:
            what = Words(
                "計画停止の時刻は、開始と終了の両方か、どちらもなしです。", "a planned stop has both times, or none."
            )
            self._tell(row, "end" if start else "start", what)
        else:
            return True
        return False

    def _named(self, row: int, where: str, word: str, known: Mapping[str, str], many: Words) -> str | None:
        if word.lower() in _ALL:
            return None
        plain = {half_width(name): name for name in known}
        if word not in plain:
            called = Words(f"「{word}」という{many.ja}はありません。", f"there is no {word!r} among the {many.en}.")
            self._tell(row, where, called, suggest(word, known, many))
            return None
        return known[plain[word]]

    def _many(self, row: int, words: str) -> tuple[str, ...] | None:
        listed = [word.strip() for word in re.split(r"[、;/|]", words) if word.strip()]
        found = [self._named(row, "stations", word, self._stations, Words("工程", "stations")) for word in listed]
        return tuple(dict.fromkeys(one for one in found if one is not None)) or None

    def _clock(self, row: int, where: str, word: str) -> time | None:
        if not word:
            return None
        match = _CLOCK.fullmatch(word)
        hour = int(match[1]) % 24 if match and int(match[1]) < 30 else 99
        found = time_of(f"{hour:02d}:{(match[2] or '00') if match else ''}")
        if found is None:
            what = Words(f"「{word}」は時刻ではありません。", f"{word!r} is no time of day.")
            self._tell(row, where, what, hint("08:30 のように書きます。", "write it like 08:30"))
        return found


_END = hint("19:15 のように書きます。", "write it like 19:15")


def date_of(text: str) -> date | None:
    """The date a text names, as Japanese companies write it: 2026/12/26, 令和8年12月26日, R8.12.26, 20261226."""
    plain = _WITHOUT.sub("", half_width(text))
    match, era = _DATE.fullmatch(plain), _ERA.fullmatch(plain)
    if match:
        year, month, day = (int(part) for part in match.groups() if part is not None)
    elif era:
        year = _ERA_STARTS[era[1].upper()] + (1 if era[2] == "元" else int(era[2]))
        month, day = int(era[3]), int(era[4])
    else:
        return None
    try:
        return date(year, month, day) if 2000 <= year <= 2199 else None
    except ValueError:
        return None


def _heading(head: str) -> str:
    return re.sub(r"[\s_]+|\(.*?\)", "", head).lower()


def _no_date(word: str) -> tuple[Words, Words]:
    tip = hint(
        "2026/12/26、2026-12-26、令和8年12月26日 のように、年から書きます。", "write it like 2026/12/26, with the year."
    )
    return Words(f"「{word}」は日付ではありません。", f"{word!r} is no date."), tip


def _kinds() -> Words:
    return hint(
        f"書けるのは {_KIND_WORDS} などです。",
        "holiday, holiday_work, overtime, early, planned_stop; or 休日, 休日出勤, 残業, 早出, 計画停止, 出勤日.",
    )
