"""S20 with S6 and S22 becomes a line.toml: what the sheets say, with its source; the rest stands there to be decided.

    made = line_of([read(Path("s20.toml")), read(Path("s6.toml"))])
    made.text, made.open

Nothing is guessed: an ideal cycle that nobody measured is left out, a day's quantity is not split over two shifts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from contract.errors import LineError, NotThere
from contract.line_check import check
from contract.words import Words
from curriculum.sheets.filled import Answers, Filled
from curriculum.sheets.line_mistakes import mistakes_of, station_of
from curriculum.sheets.line_sensors import Board, Sensors
from curriculum.sheets.line_text import TO_DECIDE, LineText
from curriculum.sheets.line_wanted import crosses, ideal, plans, products, reasons_of, shifts
from curriculum.sheets.line_words import breaks, id_of
from edge.sensors import catalogue

CAP_YEN = 200_000
"""What one team may spend (curriculum 4.5)."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Made:
    """The file's text, and what is open in it."""

    text: str
    open: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Sheets:
    """The sheets a line is made of."""

    card: Filled
    problems: tuple[Filled, ...]
    reasons: Filled | None

    def of(self, station: str) -> list[Filled]:
        """The S6 of a station (its id)."""
        return [one for one in self.problems if station_of(self.card, one.text("station")) == station]


def line_of(sheets: Sequence[Filled], file: str = "line.toml") -> Made:
    """The line. Raises LineError with every mistake in the sheets, NotThere where S20 is missing."""
    known = _sorted(sheets)
    mistakes = mistakes_of(known.card, known.problems, known.reasons)
    if mistakes:
        raise LineError(mistakes)
    out = LineText()
    out.made_of(known.card)
    ids = _stations(known.card)
    _top(out, known.card)
    shifts(out, known.card)
    plans(out, known.card, ids)
    reasons = reasons_of(out, known.card, known.reasons)
    products(out, known.card, ids)
    _flow(out, list(ids.values()))
    boards: dict[str, Board] = {}
    for step in known.card.rows("steps"):
        _station(out, known, step, ids[step.text("name")], reasons, boards)
    _teams(out, known)
    _records(out, known.card)
    if out.wrong:
        raise LineError(out.wrong)
    try:
        check(out.text, catalogue(), file)
    except LineError as error:
        raise LineError(out.origins.told(error.mistakes, out.text.splitlines())) from error
    return Made(_begun(out), tuple(out.open))


def _sorted(sheets: Sequence[Filled]) -> Sheets:
    by: dict[str, list[Filled]] = {}
    for one in sheets:
        by.setdefault(one.form.id, []).append(one)
    wrong = next((one for one in sheets if one.form.id not in ("S20", "S6", "S22")), None)
    if wrong is not None or len(by.get("S20", ())) != 1 or len(by.get("S22", ())) > 1:
        said, example = "、".join(one.form.id for one in sheets), "kojo sheet line s20.toml s6.toml --to line.toml"
        raise NotThere(
            Words(f"line.toml は S20 1枚と、S6(何枚でも)、S22(1枚まで)から作ります。渡されたのは {said}。",
                  f"A line is made of one S20, any number of S6 and at most one S22; these are {said}."),
            Words(f"例: {example}", f"Like: {example}"),
        )  # fmt: skip
    return Sheets(by["S20"][0], tuple(by.get("S6", ())), next(iter(by.get("S22", ())), None))


def _stations(card: Filled) -> dict[str, str]:
    """Name of each station, and its id."""
    return {
        step.text("name"): step.text("id") or id_of(step.text("name")) or f"step-{n}"
        for n, step in enumerate(card.rows("steps"), 1)
    }


def _begun(out: LineText) -> str:
    """With the list of what is open above it."""
    many = len(out.open)
    head = [
        "# 帳票(S20・S6・S22)から作りました / made of the sheets. 書けることは全部 docs/line.md に。",
        f"# 「{TO_DECIDE}」は帳票から分からなかった所です({many} か所)。決めたら書き直し、その行を消します。",
    ]
    return "\n".join(head) + "\n" + out.text


def _top(out: LineText, card: Filled) -> None:
    out.pair("schema", 1)
    out.pair("site", card.text("site"), "会社の id")
    out.pair("line", card.text("line"), "ラインの id")
    out.pair("name", card.text("line_name"))
    out.pair("timezone", "Asia/Tokyo")
    starts = card.answers.time("day_starts")
    if starts is not None:
        out.pair("day_starts", f"{starts:%H:%M}", "1日の区切り")
    elif any(crosses(shift) for shift in card.rows("shifts")):
        out.decide(
            "day_starts(1日の区切り)。夜勤があるので、その終わりより後の時刻に",
            "day_starts: after the night shift ends",
        )
    out.head("mqtt")
    out.pair("url", "embedded", "この機械の中だけ。Pi が別なら docs/guide.md")


def _flow(out: LineText, ids: Sequence[str]) -> None:
    if len(ids) > 1:
        out.title("流れ(S20 の順)")
    for one, following in pairwise(ids):
        out.head("[flow]")
        out.pair("from", one)
        out.pair("to", following)


def _station(
    out: LineText, known: Sheets, step: Answers, id: str, reasons: Sequence[tuple[str, str]], boards: dict[str, Board]
) -> None:
    name = step.text("name")
    out.made_of(known.card, step, "steps")
    out.title(f"工程: {name}")
    out.head(f"stations.{id}")
    out.pair("name", name, f"機械: {step.text('machine')}" if step.text("machine") else "")
    if not step.text("id") and id_of(name) is None:
        out.decide(f"「{name}」の id({id} のまま)。英字で短く", f"the id of this station ({id} so far)")
    agent = step.text("pi") or "pi-1"
    out.pair("agent", agent)
    if not step.text("pi"):
        out.decide("どの Pi で読むか(S20 が空欄なので pi-1)。離れていれば別の Pi に", "which Pi reads it (pi-1 so far)")
    ideal(out, step, name)
    _work(out, step)
    of_bad = next((one for one in known.card.rows("bad") if one.text("step") == name), None)
    if of_bad is not None and of_bad.text("counted"):
        out.pair("scrap_is_counted", of_bad.text("counted") == "yes", f"不良: {of_bad.text('leaves')}")
    if of_bad is not None and of_bad.text("back"):
        out.remark(f"手直しは「{of_bad.text('back')}」へ戻る")
    lamps = [lamp for lamp in known.card.rows("lamps") if lamp.text("step") == name]
    said = of_bad is not None and bool(of_bad.text("counted"))
    board = boards.setdefault(agent, _board(known, agent))
    sensors = Sensors(id, out, board, reasons, lamps, said)
    sensors.seen_by(step.text("seen_by"), known.of(id))
    for problem in known.of(id):
        out.made_of(problem)
        sensors.measure(problem)
    if not sensors.has_cycle:
        out.decide(
            f"「{name}」の完成を数えるセンサー。ないと個数も可動率(べきどうりつ)も出ません",
            "what counts the pieces of this station",
        )


def _board(known: Sheets, agent: str) -> Board:
    """A Pi whose pins that S6 names are kept for it."""
    steps = known.card.rows("steps")
    mine = {station_of(known.card, one.text("name")) for one in steps if (one.text("pi") or "pi-1") == agent}
    named = [one.answers.number("pin") for one in known.problems if station_of(known.card, one.text("station")) in mine]
    return Board({int(pin) for pin in named if pin is not None})


def _work(out: LineText, step: Answers) -> None:
    """Who works there, own breaks, set-ups."""
    people, shared = step.number("people"), step.text("shared")
    if people is not None:
        out.pair("people", people, f"掛け持ち: {shared}" if shared else "")
    elif shared:
        out.decide(f"人数。掛け持ち({shared})なら 0.5 のように分ける", "people: shared, so a part of one")
    if people is not None and people <= 1:
        out.decide(
            '一人で働く工程なら privacy = "person"(1回ごとの値を見せない)。働く人と決める(S11・S23)',
            'privacy = "person" where one identifiable person works: decide it with them',
        )
    if step.text("breaks"):
        out.pair("breaks", breaks(step.text("breaks")) or (), "この工程だけの休憩")
    if step.number("setups") is not None:
        each = step.number("setup_min")
        minutes = f"、1回 {each:g} 分" if each is not None else ""
        out.remark(f"段取り: 1日 {step.number('setups'):g} 回{minutes}(S20)")


def _teams(out: LineText, known: Sheets) -> None:
    names = dict.fromkeys(one.text("team") for one in known.problems if one.text("team"))
    if not names:
        return
    out.title("チーム(S6)")
    for number, name in enumerate(names):
        stations = dict.fromkeys(
            station_of(known.card, one.text("station")) or "" for one in known.problems if one.text("team") == name
        )
        out.made_of(next(one for one in known.problems if one.text("team") == name))
        out.head("[teams]")
        out.pair("id", f"team-{_LETTERS[number % 26]}")
        out.pair("name", name)
        out.pair("stations", list(stations))
        out.pair("budget_yen", CAP_YEN, "1チームの上限(決まり)")
    for one in known.problems:
        now, target = one.answers.number("now"), one.answers.number("target")
        said = f"{_shown(now)} → {_shown(target)} {one.text('unit')}"
        out.remark(f"{one.text('team')}: 「{one.text('station')}」の{one.text('kpi')} {said}({one.text('problem')})")


def _shown(value: float | None) -> str:
    return "?" if value is None else f"{value:g}"


def _records(out: LineText, card: Filled) -> None:
    if not card.rows("records"):
        return
    out.title("今日、記録しているもの(S20)。最初の1週間はこれと照らし合わせる")
    for one in card.rows("records"):
        out.remark(f"{one.text('what')}: {one.text('where')} {one.text('how_often')}")
