"""One device on the wiring picture: its box, its terminals, what sits in its wires, and the machine's side of it."""

from collections.abc import Iterable, Sequence

from hardware.parts import MachineSide
from hardware.wiring import Device, Goal, Join
from hardware.wiring_doubt import Doubt, by_device
from hardware.wiring_layout import A4, ROW, Placed, Widths, on_lanes
from hardware.wiring_pen import DANGER, DOUBT, GREY, INK, MACHINE, PAPER, THIN, Pen
from hardware.wiring_text import fitted, width

SYMBOL_W, SHORT_W, PULL_UP_W = 12.5, 8.0, 9.0
BESIDE_TITLES = 13.0
"""Room for a terminal's name where the device's own name stands beside it; below that it has the whole box."""
TITLE_ROW = 2.4
LEG_X = 9.4
"""So far from the box the two halves of a divider meet."""


_Title = tuple[str, float, dict[str, str]]

SENSOR, OUTPUT = "#f7faff", "#fffdf5"


class DevicePicture:
    """Draws devices; ``found`` are the findings of the whole Pi, in the order of their numbers.

    ``plain``: for a learner: what a device is, not its name in a line.toml.
    """

    def __init__(self, pen: Pen, found: Sequence[Doubt], widths: Widths = A4, *, plain: bool = False) -> None:
        self._pen = pen
        self._tag_w = widths.tag
        self._plain = plain
        self._told = by_device(found)
        self._numbers = {id(doubt): number for number, doubt in enumerate(found, 1)}

    def draw(self, placed: Placed) -> None:
        """The box, its terminals, the ends of its wires and what sits in them."""
        device = placed.device
        told = self._told.get(device.name, [])
        danger = any(doubt.level == "danger" for doubt in told)
        edge = {"stroke": DANGER, "stroke_width": 0.6} if danger else {"stroke": INK, "stroke_width": 0.35}
        fill = OUTPUT if device.is_output else SENSOR
        self._pen.box(placed.x, placed.y, placed.wide, placed.height, rx=1.2, fill=fill, **edge)
        titles = _plain_titles(device) if self._plain else _titles(device)
        titles_end = placed.y + 0.9 + len(titles) * TITLE_ROW
        for join, y in zip(device.joins, placed.ys, strict=True):
            if not join.leg:
                self._terminal(placed, join.terminal, y, BESIDE_TITLES if y - 2.0 < titles_end else placed.wide - 4)
            self._join(placed, join, y)
        self._pull_up(placed)
        self._titles(placed, titles)
        if device.machine_side:
            self._machine(placed)
        self._badges(placed, told)

    def _join(self, placed: Placed, join: Join, y: float) -> None:
        """The wire's name beside the box, and what sits in the wire."""
        away = -1 if placed.side == "right" else 1
        box, inner = placed.inner_x, placed.inner_x + away * self._tag_w
        if join.refused:
            self._refused(box, inner, y, join)
            return
        if not join.goal.headers:
            self._tag(box, inner, y, join)
            self._between(placed, join, y, away)
            return
        taken = self._between(placed, join, y, away)
        if self._plain and any(other.through for other in placed.device.joins):
            taken = max(taken, SHORT_W)  # the names of a device stand below each other, clear of its resistors
        x = box + away * (taken + 1.2)
        said, size = (_short_name(join.goal), 2.5) if self._plain else (_wire_name(join.goal), 2.1)
        fill = self._pen.colour(join.goal.function, join.goal.net)
        self._pen.text(said, size, x, y - 0.65, "start" if away > 0 else "end", fill=fill)

    def _between(self, placed: Placed, join: Join, y: float, away: int) -> float:
        """Draw what sits in a wire; gives how far from the box it reaches."""
        box = placed.inner_x
        if join.leg:
            node, upper = box + away * LEG_X, _upper_y(placed, join)
            self._pen.line([(box + away * 0.2, y), (node, y)], PAPER, 1.7)
            self._pen.line([(node, upper), (node, y)], INK, THIN)
            self._pen.circle(node, upper, 0.7)
            self._symbol(min(node, node + away * SHORT_W), y, SHORT_W, join)
            return LEG_X + SHORT_W
        if join.through is None:
            return PULL_UP_W if any(other.pull_up for other in placed.device.joins) else 0.0
        wide = SHORT_W if join.through.electrical.ohm else SYMBOL_W
        self._symbol(min(box, box + away * wide) + 0.6, y, wide - 1.2, join)
        return LEG_X if any(other.leg and other.terminal == join.terminal for other in placed.device.joins) else wide

    def _refused(self, box: float, inner: float, y: float, join: Join) -> None:
        middle = (box + inner) / 2
        self._pen.line([(box, y), (middle, y)], DANGER, 0.6, stroke_dasharray="0.8 0.6")
        for turn in (1, -1):
            self._pen.line([(middle - 1.2, y - 1.2 * turn), (middle + 1.2, y + 1.2 * turn)], DANGER, 0.8)
        beside = 2.0 if inner > box else -2.0
        said = f"{join.volts:g} V つながない"
        self._pen.text(
            said, 2.1, middle + beside, y + 0.7, "start" if inner > box else "end", fill=DANGER, font_weight="bold"
        )

    def _tag(self, box: float, inner: float, y: float, join: Join) -> None:
        """A socket or an inner end: named at the end of a short wire."""
        goal = join.goal
        colour = self._pen.colour(goal.function, goal.net)
        x = box + (SYMBOL_W if join.through else 3.0) * (1 if inner > box else -1)
        self._pen.line([(box, y), (x, y)], colour, THIN)
        left = min(x, inner)
        wide = abs(inner - x)
        self._pen.box(left, y - 1.35, wide, 2.7, rx=1.2, fill=PAPER, stroke=colour, stroke_width=0.3)
        said, size = fitted(_tag_name(goal), 2.1, wide - 1.2)
        self._pen.text(said, size, left + wide / 2, y + 0.7, "middle", fill=colour)

    def _symbol(self, x: float, y: float, wide: float, join: Join) -> None:
        entry = join.through
        assert entry is not None
        self._pen.box(x, y - 1.45, wide, 2.9, fill=PAPER, stroke=INK, stroke_width=0.35)
        acts = entry.electrical.acts_as
        said = {"divider": "分圧 ", "isolator": "絶縁"}.get(acts or "", "")
        shown = said + (entry.electrical.symbol or ("" if said else entry.id))
        shown, size = fitted(shown + ("Ω" if acts == "resistor" else ""), 1.9, wide - 0.8)
        self._pen.text(shown, size, x + wide / 2, y + 0.68, "middle", font_weight="bold")

    def _pull_up(self, placed: Placed) -> None:
        """A resistor from a data wire up to the device's own 3V3 wire."""
        supply = next((y for join, y in on_lanes(placed) if join.goal.net == "3V3"), None)
        for join, y in zip(placed.device.joins, placed.ys, strict=True):
            if join.pull_up is None or join.refused or supply is None:
                continue
            away = -1 if placed.side == "right" else 1
            x = placed.inner_x + away * 4.8
            self._pen.line([(x, supply), (x, y)], PAPER, 1.6)
            self._pen.line([(x, supply), (x, y)], self._pen.colour("3V3"), THIN)
            low, high = min(supply, y), max(supply, y)
            middle = high - 0.5 * ROW if high - low > ROW else (low + high) / 2
            self._pen.box(x - 3.5, middle - 1.25, 7.0, 2.5, fill=PAPER, stroke=INK, stroke_width=0.35)
            said, size = fitted(f"{join.pull_up.electrical.symbol}Ω", 1.9, 6.6)
            self._pen.text(said, size, x, middle + 0.68, "middle", font_weight="bold")
            for end in (supply, y):
                self._pen.circle(x, end, 0.6)

    def _terminal(self, placed: Placed, name: str, y: float, room: float) -> None:
        away = 1 if placed.side == "right" else -1
        said, size = fitted(name, 2.4, room, 1.7, cut="front")
        self._pen.text(
            said, size, placed.inner_x + away * 1.3, y + 0.85, "start" if away > 0 else "end", font_weight="bold"
        )

    def _titles(self, placed: Placed, titles: Sequence[_Title]) -> None:
        outer, anchor = (placed.x + placed.wide - 1.5, "end") if placed.side == "right" else (placed.x + 1.5, "start")
        y = placed.y + 2.65
        beside = 4.5 + max((width(join.terminal, 2.4) for join in placed.device.joins), default=0.0)
        for text, size, more in titles:
            said, size = fitted(text, size, placed.wide - (beside if self._plain else 18), 1.6)
            self._pen.text(said, size, outer, y, anchor, **more)
            y += TITLE_ROW

    def _machine(self, placed: Placed) -> None:
        """The other side: hatched, behind a barrier, with no wire to the Pi."""
        barrier = placed.machine_ys[0] - ROW / 2
        high = placed.y + placed.height - barrier
        self._pen.box(placed.x + 0.4, barrier, placed.wide - 0.8, high - 0.4, fill="#fbeffb", stroke="none")
        self._pen.line([(placed.x, barrier), (placed.x + placed.wide, barrier)], MACHINE, 0.5, stroke_dasharray="1.6 1")
        for side, y in zip(placed.device.machine_side, placed.machine_ys, strict=True):
            self._machine_terminal(placed, side, y)
        if placed.device.isolated:
            self._opto(placed, barrier)

    def _machine_terminal(self, placed: Placed, side: MachineSide, y: float) -> None:
        outer, anchor = (placed.x + placed.wide - 1.5, "end") if placed.side == "right" else (placed.x + 1.5, "start")
        room = placed.wide - (14 if placed.device.isolated else 4)
        said, size = fitted(f"{side.terminal}: {side.to.ja} / {side.to.en}", 2.1, room)
        self._pen.text(said, size, outer, y + 0.8, anchor, fill=MACHINE)

    def _opto(self, placed: Placed, barrier: float) -> None:
        """A light on the machine's side, a transistor on the Pi's, and only light between."""
        away = 1 if placed.side == "right" else -1
        x = placed.inner_x + away * 5.5
        self._pen.box(x - 3.6, barrier + 0.5, 7.2, 5.4, fill=PAPER, stroke=INK, stroke_width=0.3)
        low = barrier + 3.2
        self._pen.triangle(x - 2.6, low - 1, x - 2.6, low + 1, x - 0.9, low, fill=INK)
        self._pen.line([(x - 0.9, low - 1), (x - 0.9, low + 1)], INK, 0.3)
        for shift in (-0.6, 0.4):
            self._pen.line([(x - 0.3, low + shift), (x + 0.9, low + shift)], INK, 0.25)
            self._pen.line(
                [(x + 0.5, low + shift - 0.3), (x + 0.9, low + shift), (x + 0.5, low + shift + 0.3)], INK, 0.25
            )
        self._pen.line([(x + 1.4, low - 1.1), (x + 1.4, low + 1.1)], INK, 0.5)
        self._pen.line([(x + 1.4, low - 0.4), (x + 2.7, low - 1.3)], INK, 0.3)
        self._pen.line([(x + 1.4, low + 0.4), (x + 2.7, low + 1.3)], INK, 0.3)

    def _badges(self, placed: Placed, told: Iterable[Doubt]) -> None:
        """In the margin beside the box, with the number of the warning below."""
        x = placed.x + placed.wide + 3 if placed.side == "right" else placed.x - 3
        for row, doubt in enumerate(told):
            y = placed.y + 2.6 + row * 4.2
            fill = DANGER if doubt.level == "danger" else DOUBT
            self._pen.triangle(x - 2.2, y + 1.4, x + 2.2, y + 1.4, x, y - 2.4, fill=fill)
            self._pen.text(str(self._numbers[id(doubt)]), 2.0, x, y + 0.9, "middle", fill=PAPER, font_weight="bold")


def _titles(device: Device) -> list[_Title]:
    """The id in the station's words, then what it is, in both languages, each with its size and how it looks.

    What people call it stands before what it is.
    """
    where = ", ".join(device.place)
    what = " · ".join(dict.fromkeys(filter(None, (device.called, device.kind.title.ja))))
    lines: list[_Title] = [(device.name, 2.6, {"font_weight": "bold"}), (what, 2.2, {})]
    if where and len(device.joins) < 3:
        lines.append((f"{where} · {device.kind.title.en}", 1.9, {"fill": GREY}))
    else:
        lines += [(text, 1.9, {"fill": GREY}) for text in (device.kind.title.en, where, _beside(device))]
    return [line for line in lines if line[0]]


def _plain_titles(device: Device) -> list[_Title]:
    return [(device.kind.title.ja, 2.6, {"font_weight": "bold"}), (device.kind.title.en, 2.1, {"fill": GREY})]


def _upper_y(placed: Placed, leg: Join) -> float:
    """The height of the wire that holds a divider's upper half."""
    ends = zip(placed.device.joins, placed.ys, strict=True)
    return next(y for join, y in ends if join.terminal == leg.terminal and not join.leg and join.goal.bcm is not None)


def _tag_name(goal: Goal) -> str:
    if goal.net in ("USB", "LAN"):
        return f"Pi の {goal.net}"
    return goal.said.ja if goal.said else goal.net


def _beside(device: Device) -> str:
    """Small parts that sit in none of the wires drawn, but between terminals: ``+ 33Ω, 10µF``."""
    drawn = {entry.id for join in device.joins for entry in (join.through, join.pull_up) if entry}
    small = [entry for entry, _, _ in device.electrical if entry.electrical.symbol and entry.id not in drawn]
    unit = {entry.id: "Ω" if entry.electrical.ohm else "" for entry in small}
    return f"+ {', '.join(entry.electrical.symbol + unit[entry.id] for entry in small)}" if small else ""


def _wire_name(goal: Goal) -> str:
    return goal.net if goal.is_supply else f"{_short_name(goal)} ({goal.headers[0]}番)"


def _short_name(goal: Goal) -> str:
    """Without the header pin's number."""
    return f"{goal.net} {goal.function}" if goal.function in ("SDA", "SCL") else goal.net
