"""On the picture nothing lies on anything else, whatever hangs on the Pi."""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.line import Line, Output, Sensor, Station
from hardware.wiring import PiWiring
from hardware.wiring_layout import (
    BOX_W,
    EDGE_X,
    HEIGHT,
    LONGEST_ROWS,
    MARGIN,
    TAG_W,
    WIDTH,
    Sheet,
    crossings,
    layout,
    rows_of,
    side_of,
)
from hardware.wiring_line import wirings
from tests.hardware.wired import kit_parts, types, wired

pytestmark = pytest.mark.slow

Segment = tuple[str, float, float, float]
"""Net, the fixed coordinate, and from where to where."""

PINS = (4, 5, 6, 12, 13, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27)
ON_PINS = ("pulse", "level", "button", "lamp", "buzzer", "relay")
ON_BUSES = ("bme280", "sht31", "bh1750", "vl53l0x", "ads1115", "mcp3008", "max31855", "mhz19", "scale_and")


@st.composite
def pis(draw: st.DrawFn) -> PiWiring:
    """A Pi with anything on its pins and one of each of some on its buses."""
    sensors, outputs = {}, {}
    for pin in draw(st.lists(st.sampled_from(PINS), unique=True)):
        kind, id = draw(st.sampled_from(ON_PINS)), f"p{pin}"
        if kind in types().outputs:
            outputs[id] = Output("press", id, kind, told(kind, pin))
        else:
            sensors[id] = Sensor("press", id, kind, told(kind, pin), ())
    for kind in draw(st.lists(st.sampled_from(ON_BUSES), unique=True)):
        sensors[kind] = Sensor("press", kind, kind, told(kind, 0), ())
    station = Station("press", "プレス", "pi-1", sensors=sensors, outputs=outputs)
    (pi,) = wirings(Line("akita", "test", stations={"press": station}), types(), kit_parts())
    return pi


def told(kind: str, pin: int) -> dict[str, object]:
    of = types().sensors.get(kind) or types().outputs[kind]
    given = {"pin": pin, "port": "/dev/serial0", "channel": 0}
    return {one.key: given.get(one.key, one.default) for one in of.settings}


def uprights(sheet: Sheet) -> list[Segment]:
    return [(lane.net + lane.side, lane.x, *lane.span) for lane in sheet.lanes]


def levels(sheet: Sheet) -> Iterator[Segment]:
    for lane in sheet.lanes:
        away = 1 if lane.side == "right" else -1
        box = sheet.width - MARGIN - BOX_W if away > 0 else MARGIN + BOX_W
        for y, x in ((lane.exit_y, sheet.middle + away * EDGE_X), *((y, box) for y in lane.ys)):
            yield lane.net + lane.side, y, min(x, lane.x), max(x, lane.x)


def too_near(segments: Sequence[Segment], distance: float) -> list[tuple[Segment, Segment]]:
    return [
        (a, b)
        for a, b in combinations(segments, 2)
        if a[0] != b[0] and abs(a[1] - b[1]) < distance and a[2] < b[3] and b[2] < a[3]
    ]


@settings(max_examples=60, deadline=None)
@given(pis())
def test_wires_of_two_nets_never_run_over_each_other(pi: PiWiring) -> None:
    sheet = layout(pi)
    assert not too_near(uprights(sheet), 0.9)
    assert not too_near(list(levels(sheet)), 1.0)


@settings(max_examples=60, deadline=None)
@given(pis())
def test_boxes_lie_on_the_sheet_beside_each_other(pi: PiWiring) -> None:
    sheet = layout(pi)
    for a, b in combinations(sheet.placed, 2):
        assert a.side != b.side or a.y + a.height < b.y or b.y + b.height < a.y, (a.device.name, b.device.name)
    for placed in sheet.placed:
        assert 15 < placed.y < placed.y + placed.height < sheet.height - MARGIN - 3
    for lane in sheet.lanes:
        assert lane.x + 0.01 >= MARGIN + BOX_W + TAG_W or lane.side == "right"
        assert lane.x - 0.01 <= sheet.width - MARGIN - BOX_W - TAG_W or lane.side == "left"
        assert abs(lane.x - sheet.middle) > EDGE_X + 1


@settings(max_examples=60, deadline=None)
@given(pis())
def test_every_wire_reaches_its_pin_and_no_pin_serves_two_nets(pi: PiWiring) -> None:
    sheet = layout(pi)
    wanted = sum(bool(join.goal.headers) and not join.refused for _, join in pi.joins)
    assert sum(len(lane.ys) for lane in sheet.lanes) == wanted
    nets: dict[int, str] = {}
    for lane in sheet.lanes:
        assert nets.setdefault(lane.pin, lane.net) == lane.net


@settings(max_examples=30, deadline=None)
@given(pis())
def test_the_sheet_keeps_the_proportion_of_a4_and_stays_legible(pi: PiWiring) -> None:
    sheet = layout(pi)
    assert abs(sheet.width / sheet.height - WIDTH / HEIGHT) < 1e-9
    assert sheet.width <= WIDTH * 1.6


def test_the_same_line_gives_the_same_picture() -> None:
    text = '[stations.press.sensors.a]\ntype = "button"\npin = 17\n[stations.press.sensors.b]\ntype = "level"\npin = 27'
    assert layout(wired(text)) == layout(wired(text))


def test_odd_pins_are_on_the_left() -> None:
    assert (side_of(1), side_of(2), side_of(39), side_of(40)) == ("left", "right", "left", "right")


def test_probes_on_one_wire_stay_on_one_side() -> None:
    text = "".join(f'[stations.press.sensors.t{n}]\ntype = "ds18b20"\nprobe = "28-00000000000{n}"\n' for n in range(6))
    sheet = layout(wired(text))
    assert len({placed.side for placed in sheet.placed}) == 1
    assert sum(rows_of(placed.device) + 1 for placed in sheet.placed) <= LONGEST_ROWS


def test_lanes_are_in_an_order_where_no_exchange_of_two_helps() -> None:
    text = "".join(
        f'[stations.press.sensors.b{pin}]\ntype = "button"\npin = {pin}\n' for pin in (4, 17, 27, 22, 5, 6, 13, 19, 26)
    )
    lanes = [lane for lane in layout(wired(text)).lanes if lane.side == "left"]
    from_header = sorted(lanes, key=lambda lane: -lane.x)
    for inner, outer in pairwise(from_header):
        assert crossings(inner, outer) <= crossings(outer, inner)
