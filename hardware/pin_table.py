"""The pin table of one Pi: each used pin of the header, both ways of counting, and what hangs on it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contract.words import Words
from hardware.paper import GENERATED, csv
from hardware.wiring import Device, Join, PiWiring
from hardware.wiring_layout import Sheet, layout, on_lanes

HEAD = (
    Words("ヘッダー", "header pin"), Words("BCM", "BCM"), Words("働き", "function"), Words("部品", "device"),
    Words("種類", "type"), Words("端子", "terminal"), Words("間に入れるもの", "through"), Words("注意", "note"),
)  # fmt: skip


_MARKS = re.compile(r"[\\`*\[\]<>|~#]|(?<![^\W_])_|_(?![^\W_])")


@dataclass(frozen=True, slots=True)
class Row:
    """One end of a wire. ``header`` is empty where it does not end at the header."""

    header: str
    bcm: str
    function: str
    device: str
    kind: Words
    terminal: str
    through: Words
    note: Words

    def cells(self) -> tuple[str, ...]:
        """As shown: Japanese, with English behind where the two differ."""
        said = [_shown(words) for words in (self.kind, self.through, self.note)]
        return (self.header, self.bcm, self.function, self.device, said[0], self.terminal, said[1], said[2])


def rows(wiring: PiWiring) -> tuple[Row, ...]:
    """By header pin as the picture has them, then what ends elsewhere."""
    sheet = layout(wiring)
    at_header = sorted(_at_header(sheet), key=lambda found: (found[0], found[1].device))
    return (*(row for _, row in at_header), *_elsewhere(wiring))


def _at_header(sheet: Sheet) -> Iterator[tuple[int, Row]]:
    pins = {(lane.side, lane.net): lane.pin for lane in sheet.lanes}
    for placed in sheet.placed:
        for join, _ in on_lanes(placed):
            pin = pins[placed.side, join.goal.net]
            yield pin, _row(placed.device, join, str(pin))


def _elsewhere(wiring: PiWiring) -> Iterator[Row]:
    for device, join in wiring.joins:
        if join.refused:
            yield _row(device, join, Words("つながない", "not connected").say("ja"))
        elif not join.goal.headers:
            yield _row(device, join, "")
    for device in wiring.devices:
        for side in device.machine_side:
            where = Words("機械側", "machine").say("ja")
            note = side.note or Words("", "")
            to = Words(f"{side.to.ja} {note.ja}".strip(), f"{side.to.en} {note.en}".strip())
            yield Row("", "", where, device.shown, device.kind.title, side.terminal, Words("", ""), to)


def _row(device: Device, join: Join, header: str) -> Row:
    goal, entry = join.goal, join.through or join.pull_up
    through = entry.title if entry else Words("", "")
    if join.pull_up is not None:
        through = Words(f"{through.ja}を 3V3 との間に", f"{through.en} to 3V3")
    function = goal.net if goal.is_supply else goal.function
    if not goal.headers and goal.said:
        function = goal.said.ja
    bcm = "" if goal.bcm is None else f"GPIO{goal.bcm}"
    return Row(
        header, bcm, function, device.shown, device.kind.title, join.terminal, through, join.note or Words("", "")
    )


def _shown(words: Words) -> str:
    return words.ja if words.en in ("", words.ja) else f"{words.ja} / {words.en}"


def markdown(wiring: PiWiring, title: Words) -> str:
    """The table as Markdown, with the banner."""
    head = [_shown(words) for words in HEAD]
    lines = [head, ["---"] * len(head), *(row.cells() for row in rows(wiring))]
    body = "\n".join(f"| {' | '.join(plain(cell) for cell in line)} |" for line in lines)
    return f"<!-- {GENERATED.en} -->\n\n# ピン表 {plain(title.ja)} {wiring.agent} / Pins of {wiring.agent}\n\n{body}\n"


CSV_HEAD = csv([[_shown(words) for words in HEAD]])
"""How the table for Excel begins."""


def plain(text: str) -> str:
    """A text in one row of Markdown as it stands, with nothing in it that Markdown or HTML would take for its own."""
    return _MARKS.sub(r"\\\g<0>", " ".join(text.split()).replace("&", "&amp;"))


def as_csv(wiring: PiWiring) -> str:
    """The table for Excel."""
    return CSV_HEAD + csv(row.cells() for row in rows(wiring)).removeprefix("\ufeff")


def html_rows(found: Sequence[Row]) -> list[tuple[str, ...]]:
    """The columns a person needs beside the picture."""
    return [(row.header, row.bcm or row.function, row.device, row.terminal) for row in found]
