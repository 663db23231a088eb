"""``kojo calendar import``: a company's calendar, as CSV, into line.toml; all of it or nothing."""

import os
import shutil
from datetime import datetime
from pathlib import Path

from contract.calendar_block import composed, without
from contract.calendar_csv import Row, read
from contract.errors import LineError, Mistake, NotAllowed
from contract.line import Line, load
from contract.line_check import check
from contract.words import Words
from edge.sensors import catalogue

DEFAULT_BY = "kojo calendar import"


def import_calendar(source: Path, file: Path, data: Path, by: str | None, *, dry_run: bool) -> int:
    """Import one CSV file into one line file. Raises LineError with every mistake of either, NotThere, NotAllowed."""
    kinds = catalogue(data / "sensors")
    load(file, kinds)
    text, mark = _text(file)
    bare = without(text, source.name)
    line = check(bare, kinds, str(file), file)
    calendar = read(source, line)
    _appendable(line, bare, file)
    new = [row for row in calendar.rows if row.entry not in line.calendar]
    now = datetime.now(line.zone)
    why = f"会社カレンダー {source.name} を取り込み({len(new)} 件、{now:%Y-%m-%d %H:%M})"
    made = composed(bare, source.name, new, f"変更 {(by or DEFAULT_BY).replace(':', ' ')}: {why}")
    text_now = made.text if new else bare
    try:
        check(text_now, kinds, str(file), file)
    except LineError as error:
        raise LineError([_at_its_row(m, made.rows, str(source)) for m in error.mistakes]) from error
    _say(new, len(calendar.rows) - len(new), calendar.usual, calendar.unread)
    if dry_run:
        print(Words("試しなので、何も書いていません。", "Nothing is written: this was a trial."))
        return 0
    if _entries_of(text) == _entries_of(text_now):
        print(Words(f"{file} は変わりません。", f"{file} stays as it is."))
        return 0
    kept = _put(file, mark + text_now.encode())
    print(
        Words(
            f"{file} に書きました。前のものは {kept} にあります。kojo serve を起動し直すと有効になります。",
            f"Written to {file}; what was there is in {kept}. It is in force when kojo serve is started again.",
        )
    )
    return 0


def _entries_of(text: str) -> list[str]:
    """The rows of a text that are not only a comment: what it says, whenever it was imported."""
    return [row for row in text.splitlines() if row.strip() and not row.startswith("#")]


def _text(file: Path) -> tuple[str, bytes]:
    """The text of a line file, and its byte order mark; our own newlines are never put in the place of its own."""
    data = file.read_bytes()
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    try:
        return data[len(mark) :].decode("utf-8"), mark
    except UnicodeDecodeError as error:
        raise NotAllowed(
            Words(f"{file} は UTF-8 ではないので書き足せません。", f"{file} is not UTF-8, so nothing is added to it."),
            Words("エディターで UTF-8 として保存し直してください。", "Save it as UTF-8 in your editor."),
        ) from error


def _appendable(line: Line, text: str, file: Path) -> None:
    if line.calendar and "[[calendar]]" not in text.replace(" ", ""):
        what = Words("calendar = [ … ] の形には書き足せません。", "nothing can be added to calendar = [ … ].")
        tip = Words("ヒント: [[calendar]] の形に書き直します。", "Hint: write it as [[calendar]] tables.")
        raise LineError([Mistake(str(file), 1, "calendar", what, tip)])


def _at_its_row(mistake: Mistake, rows: dict[int, int], source: str) -> Mistake:
    """A mistake of the block, told of the row of the CSV it comes from."""
    if mistake.row not in rows:
        return mistake
    where = mistake.where.partition(".")[2]
    return Mistake(source, rows[mistake.row], where, mistake.what, mistake.hint)


def _put(file: Path, data: bytes) -> Path:
    """Put new content in the place of a file, whole or not at all; the former stays beside it."""
    real = file.resolve()
    kept, new = real.with_name(f"{real.name}.bak"), real.with_name(f"{real.name}.new")
    try:
        shutil.copy2(real, kept)
        with new.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        shutil.copymode(real, new)
        new.replace(real)
    except OSError as error:
        raise NotAllowed(
            Words(f"{file} に書けません({error.strerror})。", f"{file} cannot be written: {error.strerror}."),
            Words("フォルダーの権限と空きを確かめてください。", "Check the folder's rights and room."),
        ) from error
    return kept


_KINDS = {
    "holiday": Words("休日", "holidays"),
    "holiday_work": Words("休日出勤", "holiday work"),
    "overtime": Words("残業", "overtime"),
    "early": Words("早出", "early work"),
    "planned_stop": Words("計画停止", "planned stops"),
}


def _say(new: list[Row], there: int, usual: int, unread: tuple[str, ...]) -> None:
    counts = {kind: sum(row.entry.kind == kind for row in new) for kind in _KINDS}
    ja = "、".join(f"{_KINDS[kind].ja} {many}" for kind, many in counts.items() if many) or "なし"
    en = ", ".join(f"{many} {_KINDS[kind].en}" for kind, many in counts.items() if many) or "nothing"
    print(
        Words(
            f"取り込み: {ja}(すでにあるもの {there}、ふだんどおりの日 {usual})",
            f"import: {en} ({there} already there, {usual} days as usual)",
        )
    )
    if unread:
        print(Words(f"読まない列: {'、'.join(unread)}", f"columns not read: {', '.join(unread)}"))
