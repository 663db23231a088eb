"""The twelve themes: what a small factory can see with a sensor or two, each with a line that runs and what it costs.

    python -m curriculum.theme docs/themes.md     # the table of all twelve, written anew

A theme's folder has theme.toml, a page in both languages with the same seven headings, and line.toml, unless a line of
hardware/lines already is that theme. What it costs follows from that line and hardware/parts.toml; ``yen`` of
theme.toml is what we guessed before, to be held against it.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contract.catalogue import Catalogue
from contract.line import Line
from contract.line import load as load_line
from contract.words import Language, Words
from curriculum.course import LANGUAGES
from curriculum.datafile import DataFile
from curriculum.markdown import sections
from edge.sensors import catalogue
from hardware.parts import PartEntry
from hardware.parts import load as load_parts
from hardware.parts_list import PI_SET, Item
from hardware.wiring_derive import Plan
from hardware.wiring_doubts import doubts
from hardware.wiring_line import wirings

HERE = Path(__file__).parent
THEMES = HERE / "themes"
LINES = HERE.parent / "hardware" / "lines"
TEAM_YEN: Final = 200_000
"""What one team of course D may spend: a third of the 600,000 yen of the Akita model [A1]."""

HEADINGS: Final[Mapping[Language, tuple[str, ...]]] = {
    "ja": (
        "現場の問い", "何を測るか", "センサーと取り付け", "うまくいかない所", "動く数字", "数字のあとの行動",
        "安全と約束",
    ),
    "en": (
        "Question from the floor", "What is measured", "Sensor and where it is mounted", "What goes wrong",
        "Which figure moves", "The action that follows", "Safety and promises",
    ),
}  # fmt: skip
INTRO_JA = """\
小さな工場で、センサー1つか2つで始められることです。**12のテーマの選び方と並べ方は当キットの案です**
(秋田モデルの班のテーマは記録に見つかりませんでした [A1])。[J1] などは出典の印で、
一覧は docs/pack.md の「出典」にあります。

円は、見本のラインの部品表から `hardware/parts.toml` で計算しました。
{on} までの値段で、多くは見積もり、税込みです。

- 部品: そのテーマに要る物(Pi 一式を除く)。▲ は先の見積もりより高い、▽ は安い
- 見積もり: 先に考えた幅(これも当キットの見積もり)
- ライン全体: 見本のラインの全部。Pi・ケース・ケーブルも含む。どれも1班の上限 {team} 円に収まります
- ★: 難しさ

"""
LAST_JA = """
見本のラインは `kojo check`・`kojo derive` が通り、仮想の現場で動きます。
画面で見るには `kojo demo --line curriculum/themes/count/line.toml`(値は仮想データです)。
自分の工程に写すときは、名前・時間・ピンを書き直します。

控え(次の候補): 工具の持ち出し(NFC)、除雪・凍結の見張り、集塵機フィルターの差圧、設備パネルのカメラ読み取り。
"""
INTRO_EN = """
## English

What a small factory can begin with, a sensor or two each. **The choice of the twelve is ours**: no themes of the Akita
teams are on record [A1]. Yen follow from each example line and `hardware/parts.toml`, tax included, mostly estimates:
what the theme needs without the Pi set (▲ more, ▽ less than guessed), what we guessed before, and the whole line with
Pi, case and cables. All are within a team's {team} yen. Each line passes `kojo check` and `kojo derive` and runs on the
virtual floor: `kojo demo --line curriculum/themes/count/line.toml`.

"""
_KEYS = frozenset({"number", "title", "grade", "yen", "line", "devices", "figure", "caution"})


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme. ``devices``: those of the line it needs (``station/id``), all of them if none is named."""

    name: str
    number: int
    title: Words
    grade: int
    guessed_yen: tuple[int, int]
    line_file: Path
    devices: tuple[str, ...]
    figure: Words
    caution: Words
    pages: Mapping[Language, str]

    def page(self, lang: Language) -> Mapping[str, str]:
        """The page's text by heading."""
        return {section.title: section.body for section in sections(self.pages[lang]) if section.level == 2}


@dataclass(frozen=True, slots=True)
class Cost:
    """Yen, tax included: what the theme needs beside the Pis, and its whole line with Pis and all."""

    items: tuple[Item, ...]
    whole_yen: int
    pis: int

    @property
    def yen(self) -> int:
        """Of what the theme needs, without the Pi set. Raises ValueError where a part has no price."""
        if unpriced := [item.id for item in self.items if item.yen is None]:
            raise ValueError(f"no price of {', '.join(unpriced)}")
        return sum(item.yen or 0 for item in self.items)


def load_all(folder: Path = THEMES) -> tuple[Theme, ...]:
    """Every theme by its number. Raises LineError with every mistake of the first that has any."""
    found = (load(place) for place in folder.iterdir() if (place / "theme.toml").is_file())
    return tuple(sorted(found, key=lambda theme: theme.number))


def load(folder: Path) -> Theme:
    """The theme of a folder. Raises LineError with every mistake, NotThere, NotAllowed."""
    file = DataFile(folder / "theme.toml")
    raw = file.raw
    file.keys(raw, (), _KEYS)
    named = file.text(raw, (), "line", "")
    line_file = LINES / f"{named}.toml" if named else folder / "line.toml"
    if not line_file.is_file():
        file.tell(("line",), f"{line_file.name} がありません。", f"there is no {line_file.name}.")
    theme = Theme(
        folder.name, file.whole(raw, (), "number", least=1), file.words(raw, (), "title"),
        file.whole(raw, (), "grade", least=1), _range(file), line_file, file.texts(raw, (), "devices"),
        file.words(raw, (), "figure"), file.words(raw, (), "caution"),
        {lang: _page(file, folder / f"{lang}.md", lang) for lang in LANGUAGES},
    )  # fmt: skip
    file.end()
    return theme


def _range(file: DataFile) -> tuple[int, int]:
    found = file.raw.get("yen")
    if not isinstance(found, list) or len(found) != 2 or not 0 < found[0] <= found[1]:
        file.tell(("yen",), "[安いとき, 高いとき] を円で書きます。", "is [least, most] in yen.")
        return 0, 0
    return found[0], found[1]


def _page(file: DataFile, path: Path, lang: Language) -> str:
    text = path.read_text("utf-8") if path.is_file() else ""
    found = sections(text)
    if tuple(section.title for section in found if section.level == 2) != HEADINGS[lang]:
        file.tell((), f"{path.name} の見出しは {'、'.join(HEADINGS['ja'])} です。",
                  f"{path.name} has these headings: {', '.join(HEADINGS['en'])}.")  # fmt: skip
    elif hollow := [section.title for section in found if section.level == 2 and not section.body.strip()]:
        file.tell((), f"{path.name} の「{hollow[0]}」が空です。", f'{path.name}: "{hollow[0]}" is empty.')
    return text


def line_of(theme: Theme, types: Catalogue | None = None) -> Line:
    """The theme's line. Raises LineError with every mistake in it."""
    return load_line(theme.line_file, types or catalogue())


def planned(theme: Theme, types: Catalogue, parts: Mapping[str, PartEntry]) -> Plan:
    """The theme's line worked out: its wires, what is doubtful in them, its parts. Raises LineError."""
    line = line_of(theme, types)
    pis = wirings(line, types, parts)
    return Plan(line, pis, parts, {pi.agent: doubts(pi) for pi in pis})


def cost(theme: Theme, told: Plan) -> Cost:
    """What it costs on a line that was worked out. Raises ValueError for a device the line lacks."""
    devices = [device for pi in told.pis for device in pi.devices]
    wanted = set(theme.devices)
    if missing := wanted - {f"{station}/{id}" for device in devices for station, id in device.things}:
        raise ValueError(f"{theme.name}: no such device: {', '.join(sorted(missing))}")
    pieces: Counter[str] = Counter()
    for device in devices:
        if not wanted or wanted & {f"{station}/{id}" for station, id in device.things}:
            pieces.update({part.id: part.count for part in device.parts if part.id not in PI_SET})
    items = tuple(_item(id, count, told.parts) for id, count in sorted(pieces.items()))
    return Cost(items, sum(team.yen for team in told.lists), len(told.pis))


def _item(id: str, count: int, parts: Mapping[str, PartEntry]) -> Item:
    return Item(id, parts.get(id), count, ())


def costs_of(themes: Sequence[Theme]) -> Mapping[str, Cost]:
    """What each costs by the parts file of today, by its name."""
    types, parts = catalogue(), load_parts()
    return {theme.name: cost(theme, planned(theme, types, parts)) for theme in themes}


def table(themes: Sequence[Theme], costs: Mapping[str, Cost]) -> str:
    """docs/themes.md."""
    dates = [item.entry.price.on for told in costs.values() for item in told.items if item.entry]
    return "\n".join([*_japanese(themes, costs, str(max(dates))), *_english(themes, costs)]) + "\n"


def _japanese(themes: Sequence[Theme], costs: Mapping[str, Cost], on: str) -> Iterator[str]:
    yield "<!-- Generated by: python -m curriculum.theme docs/themes.md. Change curriculum/themes instead. -->\n"
    yield "# 12のテーマ / Twelve themes\n"
    yield "日本語が先、英語があとです。/ Japanese first, English below.\n"
    yield from INTRO_JA.format(on=on, team=f"{TEAM_YEN:,}").splitlines()
    yield "| # | テーマ | 現場の問い | 動く数字 | 部品 | 見積もり | ライン全体 | ★ | 気をつけること | 見本 |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for theme in themes:
        asked = theme.page("ja")[HEADINGS["ja"][0]].partition("—")[0].strip()
        yield _row(theme, costs[theme.name], "ja", asked, "円")
    yield from LAST_JA.splitlines()


def _english(themes: Sequence[Theme], costs: Mapping[str, Cost]) -> Iterator[str]:
    yield from INTRO_EN.format(team=f"{TEAM_YEN:,}").splitlines()
    yield "| # | theme | the floor asks | figure that moves | parts | guessed | whole line | ★ | mind | example |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for theme in themes:
        asked = theme.page("en")[HEADINGS["en"][0]].split('" ')[0].strip('"')
        yield _row(theme, costs[theme.name], "en", f'"{asked}"', "yen")


def _row(theme: Theme, told: Cost, lang: Language, asked: str, yen: str) -> str:
    low, high = theme.guessed_yen
    if theme.line_file.parent == LINES:
        line = f"[{theme.line_file.name}](../hardware/lines/{theme.line_file.name})"
    else:
        line = f"[line.toml](../curriculum/themes/{theme.name}/line.toml)"
    pis = f" (Pi × {told.pis})" if told.pis > 1 else ""
    mark = "" if low <= told.yen <= high else " ▲" if told.yen > high else " ▽"
    cells = (
        str(theme.number), f"[{theme.title.say(lang)}](../curriculum/themes/{theme.name}/{lang}.md)", asked,
        theme.figure.say(lang), f"{told.yen:,} {yen}{mark}", f"{low:,}–{high:,}", f"{told.whole_yen:,} {yen}{pis}",
        "★" * theme.grade, theme.caution.say(lang), line,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(table(every := load_all(), costs_of(every)), "utf-8")
