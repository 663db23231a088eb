"""What is to be bought for a line, team by team, in yen, and against each team's budget.

A device is counted to the team of its station, a Pi with its set to the team of its first station. Packs are bought
whole. A price nobody looked up is marked as an estimate.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from contract.line import Line, Team
from contract.words import Words
from hardware.paper import both, csv, page, table
from hardware.parts import GROUPS, PartEntry
from hardware.wiring import PiWiring
from hardware.wiring_layout import layout

PI_SET: Mapping[str, int] = {
    "pi-4": 1, "microsd": 1, "pi-supply": 1, "pi-case": 1, "lan-cable": 1, "ribbon-terminal": 1,
}  # fmt: skip
"""What every Pi needs. Another board than a Pi 4 is bought with its own supply: see the alternatives."""

JOINED = "terminal-strip"
NOBODY = Team("", "班なし", ())
ESTIMATED = Words("見積もり", "estimate")


@dataclass(frozen=True, slots=True)
class Item:
    """So many pieces of a part for a team. ``entry`` None: the parts file does not know it, and it has no price."""

    id: str
    entry: PartEntry | None
    pieces: int
    used_by: tuple[str, ...]

    @property
    def packs(self) -> int:
        """Packs to buy."""
        return -(-self.pieces // (self.entry.price.pack if self.entry else 1))

    @property
    def yen(self) -> int | None:
        """Together, tax included."""
        return self.packs * self.entry.price.yen if self.entry else None


@dataclass(frozen=True, slots=True)
class TeamList:
    """One team's list."""

    team: Team
    items: tuple[Item, ...]

    @property
    def yen(self) -> int:
        """What is known of the sum."""
        return sum(item.yen or 0 for item in self.items)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Parts without a price."""
        return tuple(item.id for item in self.items if item.entry is None)

    @property
    def over(self) -> int:
        """Yen beyond the budget; 0 where there is none or it is kept."""
        budget = self.team.budget_yen
        return max(self.yen - budget, 0) if budget is not None else 0


@dataclass(slots=True)
class _Heap:
    """Pieces being counted."""

    pieces: int = 0
    used_by: list[str] = field(default_factory=list)


def team_lists(line: Line, wirings: Sequence[PiWiring], parts: Mapping[str, PartEntry]) -> tuple[TeamList, ...]:
    """A list for each team of the line, and one for stations without a team; teams without parts are there too."""
    heaps: dict[str, dict[str, _Heap]] = {team.id: {} for team in (*line.teams, NOBODY)}
    for wiring in wirings:
        for station, part, count, user in _needed(wiring):
            heap = heaps[team_of(line, station).id].setdefault(part, _Heap())
            heap.pieces += count
            if user not in heap.used_by:
                heap.used_by.append(user)
    return tuple(
        TeamList(team, _items(heaps[team.id], parts)) for team in (*line.teams, NOBODY) if team.id or heaps[team.id]
    )


def team_of(line: Line, station: str) -> Team:
    """Who builds a station."""
    return next((team for team in line.teams if station in team.stations), NOBODY)


def _needed(wiring: PiWiring) -> Iterator[tuple[str, str, int, str]]:
    """Station, part, how many, and for what."""
    adapters = set()
    for device in wiring.devices:
        for part in device.parts:
            if part.id in device.known and device.known[part.id].electrical.acts_as == "adapter" and device.place:
                if (part.id, device.place) in adapters:
                    continue  # several devices on one field bus
                adapters.add((part.id, device.place))
            yield device.station, part.id, part.count, device.name
    first = wiring.stations[0].id
    for id, count in PI_SET.items():
        yield first, id, count, wiring.agent
    joined = sum(1 for lane in layout(wiring).lanes if len(lane.ys) > 1)
    if joined:
        yield first, JOINED, joined, wiring.agent


def _items(heap: Mapping[str, _Heap], parts: Mapping[str, PartEntry]) -> tuple[Item, ...]:
    groups = list(GROUPS)
    items = [Item(id, parts.get(id), counted.pieces, tuple(counted.used_by)) for id, counted in heap.items()]
    return tuple(sorted(items, key=lambda item: (groups.index(item.entry.group) if item.entry else 99, item.id)))


CSV_HEAD = (
    "班 team", "部品 id", "品名", "part", "仕様", "specification", "例 example", "要る数 pieces", "買う数 packs",
    "1パックの個数 per pack", "単価(円・税込) yen", "金額(円) total", "値段を調べた日 price of", "出典 source",
    "代わり1 alternative", "代わり2 alternative", "使う所 used by",
)  # fmt: skip


def as_csv(lists: Iterable[TeamList]) -> str:
    """For Excel; after each team its sum and its budget."""
    rows: list[Sequence[object]] = [CSV_HEAD]
    for told in lists:
        rows.extend(_csv_row(told.team, item) for item in told.items)
        rows.append((told.team.name, "", "合計", "total", *[""] * 7, told.yen))
        if told.team.budget_yen is not None:
            rows.append((told.team.name, "", "予算", "budget", *[""] * 7, told.team.budget_yen))
            rows.append((told.team.name, "", "残り", "left", *[""] * 7, told.team.budget_yen - told.yen))
    return csv(rows)


def _csv_row(team: Team, item: Item) -> Sequence[object]:
    entry, used = item.entry, " ".join(item.used_by)
    if entry is None:
        return (
            team.name,
            item.id,
            "parts.toml にありません",
            "not in parts.toml",
            *[""] * 3,
            item.pieces,
            *[""] * 8,
            used,
        )
    price = entry.price
    source = ESTIMATED.ja if price.estimated else price.source
    return (
        team.name, item.id, entry.title.ja, entry.title.en, entry.spec.ja, entry.spec.en, entry.example, item.pieces,
        item.packs, price.pack, price.yen, item.yen or 0, price.on.isoformat(), source, *entry.alternatives, used,
    )  # fmt: skip


def as_html(lists: Sequence[TeamList], title: Words) -> str:
    """To print, team by team."""
    body: list[str] = [
        "<p>仕様が先で、品名は一例です。同じ仕様ならどの店のものでも構いません。「見積もり」は店の値段を見ていない値です。"
        "買う前に確かめ、払った値段は parts.toml に書くと次から使われます。<br><span class='en'>The specification "
        "counts; products are examples. An estimate is nobody's offer: check before buying, and put what you paid into "
        "parts.toml.</span></p>"
    ]
    for told in lists:
        body += _team(told)
    whole = sum(told.yen for told in lists)
    body.append(f"<h2>ライン全体 <span class='en'>the whole line</span>: {whole:,} 円</h2>")
    return page(Words(f"部品表 {title.ja}", f"Parts list, {title.en}"), body, across=True)


def _team(told: TeamList) -> Iterator[str]:
    yield f"<h2>{escape(told.team.name)}{f' ({escape(told.team.id)})' if told.team.id else ''}</h2>"
    if not told.items:
        yield "<p>この班の部品はありません。<span class='en'>Nothing to buy.</span></p>"
        return
    head = ["部品 part", "仕様 specification", "例 / 代わり example / others", "数", "単価", "円", "調べた日・出典"]
    rows = [_html_row(item) for item in told.items]
    yield table(head, [*rows, *_sums(told)], right=(3, 4, 5), sums=len(_sums(told)))
    if told.unpriced:
        yield f"<p class='over'>値段が分からない部品 / no price known: {escape(', '.join(told.unpriced))}</p>"


def _sums(told: TeamList) -> list[tuple[str, ...]]:
    def row(said: str, yen: str) -> tuple[str, ...]:
        return (said, "", "", "", "", yen, "")

    sums = [row("合計 total", f"{told.yen:,}")]
    if told.team.budget_yen is not None:
        left = told.team.budget_yen - told.yen
        shown = f"{left:,}" if left >= 0 else f"<span class='over'>{left:,}</span>"
        said = "残り left" if left >= 0 else "<span class='over'>予算を超えています over the budget</span>"
        sums += [row("予算 budget", f"{told.team.budget_yen:,}"), row(said, shown)]
    return sums


def _html_row(item: Item) -> tuple[str, ...]:
    used = f"<br><small>{escape(', '.join(item.used_by))}</small>"
    entry = item.entry
    if entry is None:
        return (f"{escape(item.id)}{used}", "parts.toml にありません", "", str(item.pieces), "?", "?", "")
    price = entry.price
    pack = f"<br><small>{price.pack} 個入り × {item.packs}</small>" if price.pack > 1 else ""
    source = both(ESTIMATED) if price.estimated else f"<small>{escape(price.source)}</small>"
    return (
        f"{both(entry.title)}{used}",
        both(entry.spec),
        f"{escape(entry.example)}<br><small>{'、'.join(map(escape, entry.alternatives))}</small>",
        f"{item.pieces}{pack}",
        f"{price.yen:,}",
        f"{item.yen:,}",
        f"<span class='day'>{price.on.isoformat()}</span><br>{source}",
    )
