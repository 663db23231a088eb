"""Of a line made of sheets: what is wanted when. Shifts, plans, reasons for stops, products with their ideals."""

from collections.abc import Mapping

from curriculum.sheets.filled import Answers, Filled
from curriculum.sheets.line_text import LineText
from curriculum.sheets.line_words import breaks, id_of, weekdays


def shifts(out: LineText, card: Filled) -> None:
    """The weekly pattern."""
    out.title("勤務(S20)")
    if not card.rows("shifts"):
        out.decide(
            "勤務がありません。決まるまで、計画した時間が分からず、可動率(べきどうりつ)は出ません",
            "the shifts: without them no planned time",
        )
    for shift in card.rows("shifts"):
        start, end = shift.time("start"), shift.time("end")
        out.made_of(card, shift, "shifts")
        out.head("[shifts]")
        out.pair("name", shift.text("name"))
        out.pair("days", weekdays(shift.text("days")) or ())
        out.pair("start", f"{start:%H:%M}")
        out.pair("end", f"{end:%H:%M}", "翌日" if crosses(shift) else "")
        if shift.text("breaks"):
            out.pair("breaks", breaks(shift.text("breaks")) or ())
        else:
            out.decide('休憩が空欄です。あれば breaks = ["12:00-13:00"] のように', "the breaks, if there are any")
        if shift.text("regular") == "overtime":
            out.pair("regular", False, "残業")
            out.remark("毎日でない残業は、ここでなく [[calendar]] に日付で書きます")
        elif not shift.text("regular"):
            out.decide("定時か残業かが空欄です。定時として扱います", "whether it is regular; taken as regular")


def crosses(shift: Answers) -> bool:
    """Whether a shift ends on the next day."""
    start, end = shift.time("start"), shift.time("end")
    return start is not None and end is not None and end <= start


def plans(out: LineText, card: Filled, ids: Mapping[str, str]) -> None:
    """How many are wanted of one shift."""
    regular = [shift.text("name") for shift in card.rows("shifts") if shift.text("regular") != "overtime"]
    wanted = [(step.text("name"), "", step.number("needed"), step) for step in card.rows("steps")]
    known = {name for name, _, needed, _ in wanted if needed is not None}
    of_products = [
        (one.text("step"), one.text("code"), one.number("needed"), one)
        for one in card.rows("products")
        if one.text("step") not in known
    ]
    wanted = [one for one in (*wanted, *of_products) if one[2] is not None]
    out.title("計画(1直に何個ほしいか)")
    if not wanted:
        out.decide("必要数(個/日)がどこにも書かれていません。計画と進度は出ません", "how many are needed a day")
    for name, code, needed, row in wanted:
        count = round(needed or 0)
        out.made_of(card, row, "products" if code else "steps")
        if len(regular) != 1:
            what = f"{name}{f' {code}' if code else ''}: 1日 {count} 個を、どの直に何個か"
            out.decide(f"{what}。決めたら直ごとに [[plan]] を書く", f"how {count} a day are split over the shifts")
            continue
        out.head("[plan]")
        out.pair("station", ids[name])
        out.pair("shift", regular[0])
        out.pair("quantity", count, "S20 の必要数(個/日)")
        if code:
            out.pair("product", _product_ids(card)[code])


def reasons_of(out: LineText, card: Filled, sheet: Filled | None) -> list[tuple[str, str]]:
    """The reasons for stops; (id, name) of those that get a button."""
    out.title("停止の理由(現場の言葉で。S22)")
    agreed = sheet.rows() if sheet is not None else ()
    found = []
    for number, reason in enumerate(agreed, 1):
        id = reason.text("id") or id_of(reason.text("name")) or f"reason-{number}"
        if sheet is not None:
            out.made_of(sheet, reason, "reasons")
        out.head("[reasons]")
        out.pair("id", id)
        out.pair("name", reason.text("name"), f"入る例: {reason.text('inside')}" if reason.text("inside") else "")
        if reason.text("loss"):
            out.pair("loss", reason.text("loss"))
        elif reason.text("planned") != "yes":
            out.decide(f"「{reason.text('name')}」がどのロスか(S22 のロスが空欄)", "which loss this is (S22)")
        if reason.text("planned") == "yes":
            out.pair("planned", True)
        elif not reason.text("planned"):
            out.decide(f"「{reason.text('name')}」が計画停止か(S22 が空欄)", "whether it is planned (S22)")
        found.append((id, reason.text("name")))
    if sheet is None:
        out.decide("停止の理由。S22 を現場と書き、s22.csv を足してもう一度作る", "the reasons for stops: fill in S22")
    _planned(out, card, {name for _, name in found}, len(found))
    return found


def _planned(out: LineText, card: Filled, said: set[str], many: int) -> None:
    for number, stop in enumerate(card.rows("planned"), many + 1):
        if stop.text("what") in said:
            continue
        minutes = stop.number("minutes")
        when = f"{stop.text('when')} {f'{minutes:g} 分' if minutes is not None else ''}".strip()
        out.made_of(card, stop, "planned")
        out.head("[reasons]")
        out.pair("id", id_of(stop.text("what")) or f"planned-{number}")
        out.pair("name", stop.text("what"), f"S20 の計画停止: {when}" if when else "S20 の計画停止")
        out.pair("planned", True)


def _product_ids(card: Filled) -> dict[str, str]:
    codes = dict.fromkeys(one.text("code") for one in card.rows("products"))
    return {code: id_of(code) or f"product-{n}" for n, code in enumerate(codes, 1)}


def products(out: LineText, card: Filled, ids: Mapping[str, str]) -> None:
    """Every product with its own ideals and codes."""
    known = _product_ids(card)
    if not known:
        return
    out.title("品番(S20)")
    for code, id in known.items():
        rows = [one for one in card.rows("products") if one.text("code") == code]
        out.made_of(card, rows[0], "products")
        out.head(f"products.{id}")
        out.pair("name", next((one.text("name") for one in rows if one.text("name")), code))
        codes = [code, *(part for one in rows for part in one.text("codes").replace("、", " ").split())]
        out.pair("codes", list(dict.fromkeys(codes)))
        for one in rows:
            out.made_of(card, one, "products")
            out.head(f"products.{id}.stations.{ids[one.text('step')]}")
            ideal(out, one, f"{code} の{one.text('step')}")
    out.decide("品番が変わったことを何で知らせるか(ボタン、バーコード、カード)", "what tells a change of product")


_SOURCES = {"observed": "測った最良", "standard": "標準作業票", "maker": "機械の仕様", "guess": "推測"}


def ideal(out: LineText, of: Answers, whose: str) -> None:
    """The ideal cycle with its source, and the pieces of one count."""
    ideal, source = of.number("ideal_s"), of.text("source")
    if not ideal:
        out.decide(
            f"{whose}の基準CT(空欄)。S4 で測る。決まるまで可動率(べきどうりつ)と停止は出ません",
            "its ideal cycle: time it with S4",
        )
    else:
        out.pair("ideal_cycle_s", ideal, f"出所: {_SOURCES.get(source, '書かれていません')}(S20)")
        if source == "guess":
            out.decide(
                f"{whose}の基準CT {ideal:g} 秒は推測です。S4 で測って直す", "this ideal cycle is a guess: time it"
            )
        elif not source:
            out.decide(f"{whose}の基準CT {ideal:g} 秒の出所(S20 が空欄)", "where this ideal cycle comes from")
    per_count = of.number("per_count")
    if per_count is not None and per_count != 1:
        out.pair("pieces_per_count", int(per_count), "1回で数える個数")
