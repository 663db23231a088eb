"""What is wrong in the sheets of a line taken together: names that do not meet, ids, hours that cannot be read."""

import re
from collections.abc import Iterator, Sequence

from contract.errors import Mistake
from contract.line_report import half_width, hint, suggest
from contract.topics import ID
from contract.words import Words
from curriculum.sheets.filled import Answers, Filled
from curriculum.sheets.line_words import breaks, id_of, weekdays

_STATIONS = Words("工程", "stations")


def mistakes_of(card: Filled, problems: Sequence[Filled], reasons: Filled | None) -> list[Mistake]:
    """All of them."""
    found = [*of_card(card), *_pins(card, problems)]
    for problem in problems:
        found += _of_problem(card, problem)
    return found + (of_reasons(reasons) if reasons is not None else [])


def station_of(card: Filled, name: str) -> str | None:
    """The id of the station that a sheet names, None where S20 has none of that name."""
    for number, step in enumerate(card.rows("steps"), 1):
        if name in (step.text("name"), step.text("id")):
            return step.text("id") or id_of(step.text("name")) or f"step-{number}"
    return None


def of_card(card: Filled) -> list[Mistake]:
    """S20 by itself."""
    found = [*_ids(card), *_shifts(card), *_steps(card), *_named(card)]
    if not card.rows("steps"):
        what = Words("工程が1つもありません。", "there is no station.")
        found.append(card.mistake(1, "steps", what, hint("[[steps]] に1つは書きます。", "write one at [[steps]].")))
    return found


def of_reasons(sheet: Filled) -> list[Mistake]:
    """S22 by itself."""
    found = _once(sheet, "reasons", "id") + _once(sheet, "reasons", "name")
    for row in sheet.rows("reasons"):
        if row.text("id") and not ID.fullmatch(row.text("id")):
            found.append(sheet.mistake(row.row_of("id"), "id(半角)", *_no_id(row.text("id"))))
    return found


def _pins(card: Filled, problems: Sequence[Filled]) -> Iterator[Mistake]:
    """A pin of one Pi that two S6 name."""
    agents = {station_of(card, step.text("name")): step.text("pi") or "pi-1" for step in card.rows("steps")}
    seen: dict[tuple[str, float], str] = {}
    for problem in problems:
        pin, agent = problem.answers.number("pin"), agents.get(station_of(card, problem.text("station")))
        if pin is None or agent is None:
            continue
        if (agent, pin) in seen:
            what = Words(
                f"{agent} の GPIO {pin:g} は {seen[agent, pin]} でも使っています。",
                f"GPIO {pin:g} of {agent} is used by {seen[agent, pin]} too.",
            )
            yield problem.mistake(problem.answers.row_of("pin"), "pin", what)
        seen.setdefault((agent, pin), problem.file)


def _of_problem(card: Filled, problem: Filled) -> Iterator[Mistake]:
    name, row = problem.text("station"), problem.answers.row_of("station")
    if station_of(card, name) is None:
        known = [step.text("name") for step in card.rows("steps")]
        what = Words(f"工程「{name}」は S20 にありません。", f"there is no station {name!r} on S20.")
        yield problem.mistake(row, "station", what, suggest(name, known, _STATIONS))
    pin = problem.answers.number("pin")
    if pin is not None and pin not in range(28):
        what = Words(f"GPIO {pin:g} はありません(0〜27)。", f"there is no GPIO {pin:g} (0 to 27).")
        yield problem.mistake(problem.answers.row_of("pin"), "pin", what)
    path = problem.text("kpi_path")
    phase = path.removeprefix("phases.").split(".")[0] if path.startswith("phases.") else "a"
    if path and (
        not ID.fullmatch(phase) or phase.startswith("_") or not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_-]+)*", path)
    ):
        tip = hint("cycle_time_s や phases.wash のように書きます。", "write it like cycle_time_s or phases.wash.")
        what = Words(f"「{path}」は kojo での名前ではありません。", f"{path!r} is no name of a figure.")
        yield problem.mistake(problem.answers.row_of("kpi_path"), "kpi_path", what, tip)


def _ids(card: Filled) -> Iterator[Mistake]:
    for key in ("site", "line"):
        if not ID.fullmatch(card.text(key)):
            yield card.mistake(card.answers.row_of(key), key, *_no_id(card.text(key)))
    for row in card.rows("steps"):
        for key in ("id", "pi"):
            if row.text(key) and not ID.fullmatch(row.text(key)):
                yield card.mistake(row.row_of(key), f"steps.{key}", *_no_id(row.text(key)))
    yield from _once(card, "steps", "name")
    yield from _once(card, "steps", "id")
    yield from _meeting(card)


def _meeting(card: Filled) -> Iterator[Mistake]:
    """Stations and products that differ on paper and get the same id; a product twice at one station."""
    seen: dict[str, Answers] = {}
    for row in card.rows("steps"):
        id = station_of(card, row.text("name")) or ""
        first = seen.setdefault(id, row)
        if first is not row and row.text("name") != first.text("name") and (not row.text("id") or not first.text("id")):
            tip = hint("id の欄に、別の半角の名前を書きます。", "write another id into the field id.")
            yield card.mistake(row.row_of("name"), "steps.name", *_same(row.text("name"), first.text("name"), id), tip)
    codes: dict[str, str] = {}
    places: dict[tuple[str, str], int] = {}
    for row in card.rows("products"):
        code, step = row.text("code"), row.text("step")
        kept = codes.setdefault(id_of(code) or code, code)
        if kept != code:
            tip = hint("どちらかの品番の書き方を変えます。", "write one of them differently.")
            yield card.mistake(row.row_of("code"), "products.code", *_same(code, kept, id_of(code) or code), tip)
        elif (code, step) in places:
            where = places[code, step]
            what = Words(
                f"品番「{code}」の「{step}」は {where} 行目にもあります。",
                f"{code!r} at {step!r} stands in row {where} too.",
            )
            yield card.mistake(
                row.row_of("code"), "products.code", what, hint("1行にまとめます。", "make one row of them.")
            )
        places.setdefault((code, step), row.row_of("code"))


def _same(one: str, other: str, id: str) -> tuple[Words]:
    return (
        Words(f"「{one}」と「{other}」の id が同じ({id})になります。", f"{one!r} and {other!r} get the same id, {id}."),
    )


def _no_id(said: str) -> tuple[Words, Words]:
    plain = id_of(half_width(said)) or "washer"
    return (
        Words(f"「{said}」は id になりません。", f"{said!r} is no id."),
        hint(f"半角の小文字と数字で書きます(例 {plain})。", f"small plain letters and digits, like {plain}."),
    )


def _once(sheet: Filled, table: str, key: str) -> list[Mistake]:
    seen: dict[str, int] = {}
    found = []
    for row in sheet.rows(table):
        name = row.text(key)
        if name and name in seen:
            what = Words(
                f"「{name}」が2回あります({seen[name]} 行目にも)。", f"{name!r} stands in row {seen[name]} too."
            )
            found.append(sheet.mistake(row.row_of(key), f"{table}.{key}", what))
        seen.setdefault(name, row.row_of(key))
    return found


def _shifts(card: Filled) -> Iterator[Mistake]:
    for row in card.rows("shifts"):
        if weekdays(row.text("days")) is None:
            what = Words(
                f"曜日「{row.text('days')}」が読めません。", f"the weekdays {row.text('days')!r} cannot be read."
            )
            tip = hint("月火水木金 や 月〜土 のように書きます。", "write them like mon-fri.")
            yield card.mistake(row.row_of("days"), "shifts.days", what, tip)
        yield from _breaks(card, row, "shifts")
    yield from _once(card, "shifts", "name")


def _breaks(card: Filled, row: Answers, table: str) -> Iterator[Mistake]:
    said = row.text("breaks")
    if said and breaks(said) is None:
        what = Words(f"休憩「{said}」が読めません。", f"the breaks {said!r} cannot be read.")
        tip = hint("10:00-10:10、12:00-13:00 のように書きます。", "write them like 10:00-10:10, 12:00-13:00.")
        yield card.mistake(row.row_of("breaks"), f"{table}.breaks", what, tip)


def _steps(card: Filled) -> Iterator[Mistake]:
    for table in ("steps", "products"):
        for row in card.rows(table):
            for key in ("per_count", "needed"):
                number = row.number(key)
                if number is not None and number != int(number):
                    what = Words(f"{number:g} は個数ではありません。", f"{number:g} is no number of pieces.")
                    yield card.mistake(row.row_of(key), f"{table}.{key}", what)
            yield from _breaks(card, row, table)


def _named(card: Filled) -> Iterator[Mistake]:
    """Tables that name a station of the card."""
    known = [step.text("name") for step in card.rows("steps")]
    for table in ("products", "lamps", "bad"):
        for row in card.rows(table):
            if row.text("step") not in known:
                what = Words(f"工程「{row.text('step')}」はありません。", f"there is no station {row.text('step')!r}.")
                tip = suggest(row.text("step"), known, _STATIONS)
                yield card.mistake(row.row_of("step"), f"{table}.step", what, tip)
