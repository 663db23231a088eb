"""The cost ledger (S16) as the teams' money: spent, planned, what is left of each team's cap and of the reserve.

    board = money(read(Path("s16.csv")))
    board.teams["A班"].spent, board.left("A班")

A row that cannot be read refuses the whole ledger: a total without it would be wrong. Tax is rounded down, row by row.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import floor

from contract.errors import LineError, Mistake
from contract.line import Line
from contract.line_report import half_width, hint, suggest
from contract.words import Words
from curriculum.sheets.filled import Answers, Filled

CAP_YEN = 200_000
RESERVE_YEN = 200_000
"""60 to 80 万円 of three teams: 3 x 20 and 0 to 20 in reserve (curriculum 4.5)."""
COMMON = ("共通", "全体", "共通予備", "予備", "-")
_TAX = {"in": 0, "10": 10, "8": 8}


@dataclass(frozen=True, slots=True)
class Item:
    """One row: what it costs with tax, yen; a return is negative."""

    row: int
    team: str
    what: str
    yen: int
    of_reserve: bool
    planned: bool


@dataclass(frozen=True, slots=True)
class Purse:
    """Yen of one team, or of the reserve."""

    cap: int
    spent: int = 0
    planned: int = 0

    @property
    def left(self) -> int:
        """Of the cap, when what is planned is not bought."""
        return self.cap - self.spent

    @property
    def left_then(self) -> int:
        """Of the cap, when all that is planned is bought."""
        return self.left - self.planned


@dataclass(frozen=True, slots=True)
class Money:
    """Every team's purse, and the shared reserve. ``remarks``: what does not agree, though it can be read."""

    teams: Mapping[str, Purse]
    reserve: Purse
    items: tuple[Item, ...] = ()
    remarks: tuple[Mistake, ...] = field(default=())


def money(sheet: Filled, line: Line | None = None, cap: int = CAP_YEN, reserve: int = RESERVE_YEN) -> Money:
    """The ledger's sums. ``line``: its teams' own budgets win over ``cap``. Raises LineError with every such row."""
    names = {key: team.name for team in line.teams for key in (folded(team.id), folded(team.name))} if line else {}
    mistakes = mistakes_of(sheet) + (_unknown(sheet, names) if names else [])
    if mistakes:
        raise LineError(mistakes)
    for row in sheet.rows():
        names.setdefault(folded(row.text("team")), half_width(row.text("team")))
    items = tuple(_item(row, names) for row in sheet.rows())
    caps = {team.name: team.budget_yen for team in line.teams} if line is not None else {}
    teams = {
        name: _purse(caps.get(name) or cap, [one for one in items if one.team == name and not one.of_reserve])
        for name in dict.fromkeys([*caps, *(one.team for one in items if folded(one.team) not in COMMON)])
    }
    return Money(
        teams, _purse(reserve, [i for i in items if i.of_reserve]), items, tuple(_remarks(sheet, items, teams))
    )


def folded(team: str) -> str:
    """A team's name as it is compared: whoever types ``Ａ 班`` or ``a班`` means A班."""
    return "".join(half_width(team).split()).casefold()


def _unknown(sheet: Filled, names: Mapping[str, str]) -> list[Mistake]:
    """Rows of teams that the line does not have."""
    found = []
    for row in sheet.rows():
        team = row.text("team")
        if folded(team) not in (*names, *COMMON):
            what = Words(f"チーム「{team}」は line.toml にありません。", f"there is no team {team!r} in line.toml.")
            near = suggest(team, dict.fromkeys(names.values()), Words("チーム", "teams"))
            found.append(sheet.mistake(row.row, "チーム", what, near))
    return found


def mistakes_of(sheet: Filled) -> list[Mistake]:
    """Rows that cannot be reckoned with."""
    return [mistake for row in sheet.rows() for mistake in _of_row(sheet, row)]


def _of_row(sheet: Filled, row: Answers) -> Iterator[Mistake]:
    count, price = row.number("count") or 0.0, row.number("price") or 0.0
    if count <= 0 or count != int(count):
        what = Words(f"数が {count:g} です。", f"the count is {count:g}.")
        yield sheet.mistake(
            row.row, "数", what, hint("1 以上の個数を書きます。返品は単価を - に。", "write 1 or more.")
        )
    if price != int(price):
        what = Words(f"単価が {price:g} 円です。", f"the price is {price:g} yen.")
        yield sheet.mistake(row.row, "単価", what, hint("円は整数です。", "yen are whole."))
    if folded(row.text("team")) in COMMON and row.text("purse") == "team":
        what = Words("チームが「共通」なのに、財布がチームです。", "the team is common, and the purse a team's.")
        yield sheet.mistake(row.row, "財布", what, hint("財布を 共通予備 にします。", "make the purse the reserve."))


def _item(row: Answers, names: Mapping[str, str]) -> Item:
    team = names[folded(row.text("team"))]
    net = round((row.number("count") or 0) * (row.number("price") or 0))
    tax = floor(abs(net) * _TAX[row.text("tax")] / 100)
    yen = net + (tax if net >= 0 else -tax)
    of_reserve = row.text("purse") == "reserve" or folded(team) in COMMON
    return Item(row.row, team, row.text("item"), yen, of_reserve, row.text("state") == "planned")


def _purse(cap: int, items: list[Item]) -> Purse:
    return Purse(cap, sum(i.yen for i in items if not i.planned), sum(i.yen for i in items if i.planned))


def _remarks(sheet: Filled, items: Iterable[Item], teams: Mapping[str, Purse]) -> Iterator[Mistake]:
    """Balances that were worked out by hand and do not agree; teams over their cap."""
    left = {name: purse.cap for name, purse in teams.items()}
    for row, one in zip(sheet.rows(), items, strict=True):
        if not one.of_reserve and not one.planned and one.team in left:
            left[one.team] -= one.yen
        said = row.number("left")
        if said is not None and one.team in left and not one.of_reserve and said != left[one.team]:
            what = Words(
                f"残額 {said:,.0f} 円と書いてありますが、計算では {left[one.team]:,} 円です。",
                f"{said:,.0f} yen are said to be left; by the rows it is {left[one.team]:,}.",
            )
            yield sheet.mistake(row.row, "残額", what)
    for name, purse in teams.items():
        if purse.left_then < 0:
            what = Words(
                f"{name}: 予定まで買うと上限を {-purse.left_then:,} 円超えます。",
                f"{name}: with what is planned it is {-purse.left_then:,} yen over its cap.",
            )
            yield sheet.mistake(1, "", what)
