"""The teams' money as a page for the hall's screen, and as a table in a terminal."""

from contract.words import Language, Words
from curriculum.sheets.money import Money, Purse
from kpi.report.markup import Html, tag, width

RESERVE = Words("共通の予備", "shared reserve")
_HEAD = (
    Words("チーム", "team"),
    Words("使った", "spent"),
    Words("予定", "planned"),
    Words("残り", "left"),
    Words("予定の後", "left then"),
    Words("上限", "cap"),
)
_STYLE = """
body { margin: 0; padding: 3vh 4vw; color: #111; background: #fff;
  font: 2.2vw/1.4 "Noto Sans CJK JP", "BIZ UDPGothic", "Yu Gothic", "Meiryo", "Hiragino Sans", sans-serif; }
h1 { font-size: 3.4vw; margin: 0 0 2vh; } h1 small { font-size: 1.6vw; font-weight: 400; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 1.2vh 1vw; border-bottom: .15vw solid #999; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; } th small { display: block; font-weight: 400; }
td.bar { width: 26vw; } .track { border: .15vw solid #111; height: 3.2vh; display: flex; }
.spent { background: #333; } .planned { background: repeating-linear-gradient(135deg, #333 0 .3vw, #fff .3vw .8vw); }
.over { font-weight: 700; border: .3vw solid #111; } p { font-size: 1.7vw; }
@media (max-width: 700px) { body { font-size: 16px; } h1 { font-size: 22px; } p, h1 small { font-size: 14px; }
  td.bar, th.bar { display: none; } }
"""


def board(of: Money, made: str = "", refresh_s: int = 30) -> str:
    """The whole page; it loads itself again, so a file that is written anew is seen."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="refresh", content=refresh_s),
        tag("title", "チームのお金"),
        tag("style", Html(_STYLE)),
    )
    title = tag("h1", "チームのお金 ", tag("small", "the teams' money (S16)"))
    note = tag("p", f"円、税込み。濃い所が使った額、しまが予定。{made}")
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', title, table(of), note), lang='ja')}\n"


def table(of: Money) -> Html:
    """The table alone, for another page."""
    heads = (tag("th", one.ja, tag("small", one.en)) for one in _HEAD)
    rows = [_row(name, purse) for name, purse in of.teams.items()] + [_row(RESERVE.ja, of.reserve)]
    return tag("table", tag("tr", *heads, tag("th", class_="bar")), *rows)


def _row(name: str, purse: Purse) -> Html:
    whole = max(purse.cap, purse.spent + purse.planned, 1)
    track = tag(
        "div",
        tag("div", class_="spent", style=f"width: {max(0, purse.spent) / whole * 100:.1f}%"),
        tag("div", class_="planned", style=f"width: {max(0, purse.planned) / whole * 100:.1f}%"),
        class_="track",
    )
    cells = (tag("td", f"{yen:,}", class_="over" if yen < 0 else None) for yen in _yen(purse))
    return tag("tr", tag("td", name), *cells, tag("td", track, class_="bar"))


def _yen(purse: Purse) -> tuple[int, ...]:
    return purse.spent, purse.planned, purse.left, purse.left_then, purse.cap


def told(of: Money, lang: Language) -> str:
    """The same in a terminal, yen."""
    rows = [[one.say(lang) for one in _HEAD]]
    purses = [*of.teams.items(), (RESERVE.say(lang), of.reserve)]
    rows += [[name, *(f"{yen:,}" for yen in _yen(purse))] for name, purse in purses]
    wide = [max(width(row[n]) for row in rows) for n in range(len(_HEAD))]
    return "\n".join(
        row[0]
        + " " * (wide[0] - width(row[0]))
        + "".join("  " + " " * (w - width(c)) + c for c, w in zip(row[1:], wide[1:], strict=True))
        for row in rows
    )
