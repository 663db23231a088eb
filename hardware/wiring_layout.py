"""Where everything lies on the wiring picture, in millimetres on an A4 sheet; no drawing here.

The header stands in the middle, devices on both sides. Between them each net (GND, 3V3, GPIO17 …) has one upright lane
of its own: what hangs on it reaches it level, from the header on one side, from the devices on the other. Header rows
and terminals lie on grids that never meet, so two nets cross at right angles or not at all, and never run over each
other.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from contract.header import HEADER_PIN
from hardware.wiring import Device, Function, Join, PiWiring

Side = Literal["left", "right"]
SIDES: tuple[Side, ...] = ("left", "right")

WIDTH, HEIGHT = 297.0, 210.0
MARGIN = 8.0
TOP, BOTTOM = 27.0, 30.0
"""Kept free for the title above and the legend and warnings below."""

PITCH = 7.6
"""From one header row to the next."""
ROW = PITCH / 2
"""From one terminal to the next; terminals lie a quarter of PITCH beside header rows."""
CROSS = 0.7
"""A wire to the other side leaves the header between two rows, so far beside their middle."""
HEADER_ROWS = 20
LONGEST_ROWS = 56
"""A column this long still reads on A4; beyond it even what shares a bus goes to the other side."""

HOLE_X, CELL_X, CELL_W = 3.2, 6.0, 17.0
"""From the header's middle: the holes, the inner edge of the name cells, and how wide those are."""
EDGE_X = CELL_X + CELL_W
LANES_FROM = EDGE_X + 2.5
BOX_W, TAG_W = 57.0, 27.0
PAD = 2.3
"""A box reaches so far above its first and below its last terminal."""
LANE = 3.0
"""From one upright to the next, where there is room."""


@dataclass(frozen=True, slots=True)
class Widths:
    """Of a device's box, of the room for a wire's name beside it, of a name cell of the header.

    ``whole`` is the sheet's width; None: what the lanes need, and everything on one side if it finds room there.
    """

    box: float = BOX_W
    tag: float = TAG_W
    cell: float = CELL_W
    whole: float | None = WIDTH


A4 = Widths()
NARROW = Widths(box=46.0, tag=20.0, cell=14.0, whole=None)
"""For a column beside a text: the letters stay, the room between them goes."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A device's box; ``ys`` are the heights of its joins, ``machine_ys`` those of the machine's terminals."""

    device: Device
    side: Side
    x: float
    y: float
    height: float
    ys: tuple[float, ...]
    machine_ys: tuple[float, ...]
    wide: float = BOX_W

    @property
    def inner_x(self) -> float:
        """The edge that faces the header."""
        return self.x if self.side == "right" else self.x + self.wide


@dataclass(frozen=True, slots=True)
class Lane:
    """One net on one side: its upright at ``x``, the header pin, where it leaves the header, and its terminals."""

    net: str
    function: Function
    side: Side
    x: float
    pin: int
    exit_y: float
    ys: tuple[float, ...]

    @property
    def span(self) -> tuple[float, float]:
        """From the highest to the lowest point of the upright."""
        return min(self.exit_y, *self.ys), max(self.exit_y, *self.ys)

    @property
    def crosses(self) -> bool:
        """Whether its header pin is on the other side."""
        return side_of(self.pin) != self.side


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole picture. ``width`` and ``height`` keep A4's proportion; ``header_y`` is the top of the header."""

    wiring: PiWiring
    width: float
    height: float
    header_y: float
    placed: tuple[Placed, ...]
    lanes: tuple[Lane, ...]
    widths: Widths = A4

    @property
    def edge_x(self) -> float:
        """From the header's middle to its edge."""
        return CELL_X + self.widths.cell

    @property
    def lanes_from(self) -> float:
        """From the header's middle to the first upright."""
        return self.edge_x + LANES_FROM - EDGE_X

    @property
    def middle(self) -> float:
        """The header's middle."""
        return self.width / 2

    def row_y(self, pin: int) -> float:
        """The height of a header pin."""
        return self.header_y + PITCH * ((pin - 1) // 2 + 0.5)


def side_of(pin: int) -> Side:
    """Odd header pins are in the left column."""
    return "left" if pin % 2 else "right"


def layout(wiring: PiWiring, widths: Widths = A4) -> Sheet:
    """Place everything."""
    left, right = _sides(wiring.devices)
    if widths.whole is None and _rows(left + right) <= 2 * HEADER_ROWS:
        together = sorted(left + right, key=_height)
        left, right = (together, []) if _rows(left) >= _rows(right) else ([], together)
    rows = max(2 * HEADER_ROWS, _rows(left), _rows(right))
    height = HEIGHT + ROW * (rows - 2 * HEADER_ROWS)
    header_y = TOP + PITCH * ((rows - 2 * HEADER_ROWS) // 4)
    sheet = Sheet(wiring, 0.0, height, header_y, (), (), widths)
    nets = max(len({join.goal.net for device in side for join in device.joins}) for side in (left, right))
    width = 2 * (_beside_lanes(sheet) + LANE * nets) if widths.whole is None else widths.whole * height / HEIGHT
    sheet = replace(sheet, width=width)
    placed = [*_column(left, "left", sheet, rows), *_column(right, "right", sheet, rows)]
    lanes: list[Lane] = []
    for side in SIDES:
        lanes.extend(_lanes(side, placed, sheet, {lane.pin for lane in lanes}))
    return replace(sheet, placed=tuple(placed), lanes=tuple(lanes))


def _beside_lanes(sheet: Sheet) -> float:
    """What of half a sheet is not for lanes."""
    return MARGIN + sheet.widths.box + sheet.widths.tag + sheet.lanes_from


def rows_of(device: Device) -> int:
    """How many terminal rows its box has."""
    return max(len(device.joins), 2) + len(device.machine_side)


def _rows(devices: Sequence[Device]) -> int:
    return sum(rows_of(device) + 1 for device in devices)


def _sides(devices: Iterable[Device]) -> tuple[list[Device], list[Device]]:
    """Each device where most of its pins are; then moved over where a column is too long."""
    sides: dict[Side, list[Device]] = {"left": [], "right": []}
    for device in sorted(devices, key=lambda device: -abs(_leaning(device))):
        leaning = _leaning(device)
        shorter: Side = "left" if _rows(sides["left"]) <= _rows(sides["right"]) else "right"
        sides["left" if leaning < 0 else "right" if leaning > 0 else shorter].append(device)
    _balance(sides["left"], sides["right"])
    _balance(sides["right"], sides["left"])
    return tuple(sorted(side, key=_height) for side in sides.values())  # type: ignore[return-value]


def _balance(long: list[Device], short: list[Device]) -> None:
    """Move what leans least; what hangs on the same lines as others stays with them as long as the sheet can grow."""
    while _rows(long) > 2 * HEADER_ROWS:
        lonely = [device for device in long if not _shares(device, long)]
        movers = lonely or (long if _rows(long) > LONGEST_ROWS else [])
        mover = min(reversed(movers), key=lambda device: abs(_leaning(device)), default=None)
        if mover is None or _rows(short) + rows_of(mover) + 1 > max(_rows(long) - rows_of(mover) - 1, 2 * HEADER_ROWS):
            return
        long.remove(mover)
        short.append(mover)


def _shares(device: Device, others: Iterable[Device]) -> bool:
    mine = {join.goal.net for join in device.joins if not join.goal.is_supply}
    return any(mine & {join.goal.net for join in other.joins} for other in others if other is not device)


def _leaning(device: Device) -> float:
    """Below 0: its pins are on the left. Where the signals say nothing, the supply does."""
    signals = sum(1 if pin % 2 == 0 else -1 for pin in _signal_pins(device))
    supply = sum({"3V3": -0.5, "5V": 0.5}.get(join.goal.net, 0) for join in device.joins)
    return signals or supply


def _signal_pins(device: Device) -> list[int]:
    return [HEADER_PIN[join.goal.bcm] for join in device.joins if join.goal.bcm is not None]


def _height(device: Device) -> tuple[float, str]:
    """How far down the header its signals are; what has none comes last."""
    pins = _signal_pins(device)
    return (sum(pins) / len(pins) if pins else 99.0), device.name


def _column(devices: Sequence[Device], side: Side, sheet: Sheet, rows: int) -> Iterator[Placed]:
    """A column of boxes, each as near to its pins' height as the others allow; what has none is at the bottom."""
    first = TOP + PITCH / 4
    starts: list[int] = []
    free = 0
    for device in devices:
        pins = _signal_pins(device)
        wanted = (sheet.row_y(round(sum(pins) / len(pins))) - first) / ROW if pins else rows
        starts.append(max(free, round(wanted - rows_of(device) / 2)))
        free = starts[-1] + rows_of(device) + 1
    last = rows + 1
    for number in range(len(devices) - 1, -1, -1):
        starts[number] = min(starts[number], last - rows_of(devices[number]) - 1)
        last = starts[number]
    x = MARGIN if side == "left" else sheet.width - MARGIN - sheet.widths.box
    for device, start in zip(devices, starts, strict=True):
        yield _box(device, side, x, first + start * ROW, sheet.widths.box)


def _box(device: Device, side: Side, x: float, y: float, wide: float) -> Placed:
    upper = max(len(device.joins), 2)
    ys = tuple(y + number * ROW for number in range(len(device.joins)))
    machine = tuple(y + (upper + number) * ROW for number in range(len(device.machine_side)))
    return Placed(device, side, x, y - PAD, (rows_of(device) - 1) * ROW + 2 * PAD, ys, machine, wide)


def on_lanes(placed: Placed) -> Iterator[tuple[Join, float]]:
    """The joins of a box that go to the header, with their heights."""
    for join, y in zip(placed.device.joins, placed.ys, strict=True):
        if join.goal.headers and not join.refused:
            yield join, y


def _lanes(side: Side, placed: Iterable[Placed], sheet: Sheet, taken: Collection[int]) -> list[Lane]:
    """The nets of one side, ordered so that few wires cross. Pins ``taken`` by the other side are used last."""
    nets: dict[str, list[tuple[Join, float]]] = {}
    for box in placed:
        for join, y in on_lanes(box) if box.side == side else ():
            nets.setdefault(join.goal.net, []).append((join, y))
    lanes = [_lane(net, ends, side, sheet, taken) for net, ends in nets.items()]
    room = sheet.width / 2 - _beside_lanes(sheet)
    step = min(LANE, room / max(len(lanes), 1))
    ordered = enumerate(_ordered(lanes))
    away = 1 if side == "right" else -1
    return [replace(lane, x=sheet.middle + away * (sheet.lanes_from + number * step)) for number, lane in ordered]


def _lane(net: str, ends: Sequence[tuple[Join, float]], side: Side, sheet: Sheet, taken: Collection[int]) -> Lane:
    ys = tuple(y for _, y in ends)
    goal = ends[0][0].goal
    middle = sum(ys) / len(ys)
    pin = min(goal.headers, key=lambda pin: (pin in taken, side_of(pin) != side, abs(sheet.row_y(pin) - middle)))
    beside = 0.0
    if side_of(pin) != side:
        beside = -PITCH / 2 + (CROSS if side == "right" else -CROSS)
    return Lane(net, goal.function, side, 0.0, pin, sheet.row_y(pin) + beside, ys)


def _ordered(lanes: Sequence[Lane]) -> list[Lane]:
    """From the header outwards: an order in which exchanging or moving one lane gains nothing."""
    cost = {(a.net, b.net): crossings(a, b) for a in lanes for b in lanes}
    order: list[Lane] = []
    for lane in sorted(lanes, key=lambda lane: (-len(lane.ys), lane.exit_y)):
        order.insert(_best(order, lane, cost), lane)
    for _ in range(3):
        for lane in tuple(order):
            order.remove(lane)
            order.insert(_best(order, lane, cost), lane)
    return order


def _best(order: Sequence[Lane], lane: Lane, cost: Mapping[tuple[str, str], int]) -> int:
    def total(place: int) -> int:
        before = sum(cost[other.net, lane.net] for other in order[:place])
        return before + sum(cost[lane.net, other.net] for other in order[place:])

    return min(range(len(order) + 1), key=total)


def crossings(inner: Lane, outer: Lane) -> int:
    """How often two nets cross when ``inner`` is nearer to the header."""
    low, high = inner.span
    outer_low, outer_high = outer.span
    return int(low < outer.exit_y < high) + sum(outer_low < y < outer_high for y in inner.ys)
