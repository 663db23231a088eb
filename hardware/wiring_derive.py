"""The part of `kojo derive` that makes the papers for building a line: pictures, pins, checklists, parts.

hardware/README.txt            what is what
hardware/wiring-pi-1.svg       the wiring picture of one Pi
hardware/pins-pi-1.md .csv     its pin table
hardware/checklist-pi-1.html   what to tick before the power goes on
hardware/parts.html .csv       what to buy, in yen, team by team
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contract.catalogue import Catalogue
from contract.line import Line
from contract.words import Words
from hardware import account_folder
from hardware.checklist import checklist
from hardware.paper import GENERATED
from hardware.parts import PartEntry, load
from hardware.parts_list import TeamList, as_csv, as_html, team_lists
from hardware.pin_table import as_csv as pins_csv
from hardware.pin_table import markdown
from hardware.wiring import PiWiring
from hardware.wiring_doubt import Doubt
from hardware.wiring_doubts import doubts
from hardware.wiring_line import wirings
from hardware.wiring_picture import picture

FOLDER = "hardware"
_OURS = {"wiring": ("wiring-*.svg",), "pins": ("pins-*.md", "pins-*.csv"), "checklist": ("checklist-*.html",)}


@dataclass(frozen=True, slots=True)
class Plan:
    """A line ready to be drawn: its Pis, what is doubtful in each, and the parts known."""

    line: Line
    pis: tuple[PiWiring, ...]
    parts: Mapping[str, PartEntry]
    found: Mapping[str, tuple[Doubt, ...]]

    @property
    def title(self) -> Words:
        """The line's name."""
        return Words(self.line.name or self.line.line, self.line.line)

    @property
    def lists(self) -> tuple[TeamList, ...]:
        """What each team buys."""
        return team_lists(self.line, self.pis, self.parts)


@dataclass(slots=True)
class Papers:
    """What was written, below the output directory."""

    folder: Path
    written: list[str] = field(default_factory=list)


def plan(line: Line, catalogue: Catalogue, data: Path | None = None) -> Plan:
    """Work the line out. Raises LineError where ``data``'s own parts.toml has mistakes."""
    parts = load(data)
    pis = wirings(line, catalogue, parts)
    return Plan(line, pis, parts, {pi.agent: doubts(pi) for pi in pis})


def write_pictures(told: Plan, out: Path) -> Papers:
    """A picture for each Pi. Raises MissingExtra without the drawing library."""
    return _each(told, out, "wiring", {".svg": lambda pi: picture(pi, told.found[pi.agent], told.title)})


def write_pins(told: Plan, out: Path) -> Papers:
    """A pin table for each Pi."""
    return _each(told, out, "pins", {".md": lambda pi: markdown(pi, told.title), ".csv": pins_csv})


def write_checklists(told: Plan, out: Path) -> Papers:
    """A checklist for each Pi."""
    pages = {".html": lambda pi: checklist(pi, told.found[pi.agent], told.title)}
    return _each(told, out, "checklist", pages)


def write_parts(told: Plan, out: Path) -> Papers:
    """The parts list of the line."""
    lists = told.lists
    return _papers(out, {"parts.html": as_html(lists, told.title), "parts.csv": as_csv(lists)})


def _each(told: Plan, out: Path, kind: str, pages: Mapping[str, Callable[[PiWiring], str]]) -> Papers:
    """Write one kind of paper for every Pi, and remove those of a Pi that is no longer in the line."""
    texts = {f"{kind}-{pi.agent}{end}": make(pi) for pi in told.pis for end, make in pages.items()}
    papers = _papers(out, texts)
    for pattern in _OURS[kind]:
        for file in papers.folder.glob(pattern):
            if file.name not in texts:
                file.unlink()
    return papers


def _papers(out: Path, texts: Mapping[str, str]) -> Papers:
    folder = out / FOLDER
    for name, text in {**texts, "README.txt": _README}.items():
        account_folder.write(folder / name, text)
    return Papers(folder, [*texts])


def said_of_parts(lists: Sequence[TeamList]) -> list[Words]:
    """A line for each team: its sum, its budget, what has no price."""
    said = []
    for told in lists:
        name, team = told.team.name, told.team
        if team.budget_yen is None:
            said.append(Words(f"  {name}: {told.yen:,} 円", f"  {team.id or 'no team'}: {told.yen:,} yen"))
        else:
            left = team.budget_yen - told.yen
            ja = f"残り {left:,} 円" if left >= 0 else f"予算を {told.over:,} 円超えています"
            en = f"{left:,} left" if left >= 0 else f"{told.over:,} over the budget"
            said.append(
                Words(
                    f"  {name}: {told.yen:,} 円 / 予算 {team.budget_yen:,} 円({ja})",
                    f"  {team.id}: {told.yen:,} of {team.budget_yen:,} yen, {en}",
                )
            )
        if told.unpriced:
            ids = ", ".join(told.unpriced)
            said.append(Words(f"    値段が分からない部品: {ids}(data/parts.toml に書けます)",
                              f"    no price known: {ids} (write them into data/parts.toml)"))  # fmt: skip
    return said


_README = f"""\
このフォルダーの紙({GENERATED.ja})

1. parts.html / parts.csv      買うもの。班ごとの合計と予算。CSV は Excel でそのまま開けます
2. wiring-<Pi>.svg             配線図。ブラウザーで開いて A4 横に印刷し、盤の扉に貼ります
3. pins-<Pi>.md / .csv         ピン表(ヘッダーの番号と BCM の番号)
4. checklist-<Pi>.html         電源を入れる前に印を付ける紙。▲ の警告を先に片付けます
自分の部品や払った値段は、出力フォルダー(--out)の parts.toml に書いて、もう一度 kojo derive。
line.toml を直したら作り直してください。手で書きこんだことは、作り直すと消えます。

----------------------------------------------------------------------------------------------------------------------
The papers in this folder. {GENERATED.en}

1. parts.html / parts.csv      what to buy, with each team's sum and budget; the CSV opens in Excel
2. wiring-<Pi>.svg             the wiring picture: open in a browser, print on A4 across, put on the cabinet's door
3. pins-<Pi>.md / .csv         the pin table, header pins and BCM numbers
4. checklist-<Pi>.html         to be ticked before the power goes on; deal with the warnings first
Parts of your own and prices you paid go into parts.toml in the output directory (--out); then run kojo derive again.
"""
