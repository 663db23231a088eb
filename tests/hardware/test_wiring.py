"""Where every wire ends; and that no dangerous voltage ever comes to a pin without something between."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.catalogue import Part, SensorType, Setting, Wire
from contract.header import HEADER_PIN
from contract.words import Words
from hardware.parts import PROTECTS, Electrical, PartEntry, Price
from hardware.wiring import Device, Join, PiWiring
from hardware.wiring_layout import layout
from tests.hardware.wired import put_together, wired

pytestmark = pytest.mark.slow

PRICE = Price(100, date(2026, 11, 1), "estimate")


def entry(id: str, **electrical: object) -> PartEntry:
    said = Words(id, id)
    return PartEntry(id, said, said, id, "sensor", PRICE, ("a", "b"), Electrical(**electrical))  # type: ignore[arg-type]


def joins(pi: PiWiring) -> dict[tuple[str, str], Join]:
    return {(device.name, join.terminal): join for device, join in pi.joins}


def ends(pi: PiWiring, device: str) -> dict[str, tuple[str, tuple[int, ...]]]:
    return {join.terminal: (join.goal.net, join.goal.headers) for of, join in pi.joins if of.name == device}


def test_a_contact_goes_to_its_pin_and_to_ground() -> None:
    pi = wired('[stations.press.sensors.done]\ntype = "pulse"\npin = 17')
    told = ends(pi, "press/done")
    assert told["NO"] == ("GPIO17", (11,))
    assert told["COM"][0] == "GND"


@pytest.mark.parametrize("type", ["level", "pulse"])
def test_what_lies_between_a_machine_and_a_pin_is_drawn_and_bought_as_the_settings_say(type: str) -> None:
    text = f'[stations.press.sensors.x]\ntype = "{type}"\npin = 27\nthrough = '
    dry, isolated = (wired(f'{text}"{through}"').devices[0] for through in ("contact", "photocoupler"))
    assert [(join.terminal, join.goal.net) for join in dry.joins] == [("NO", "GPIO27"), ("COM", "GND")]
    assert [(join.terminal, join.goal.net) for join in isolated.joins] == [("OUT", "GPIO27"), ("GND", "GND")]
    assert {part.id for part in dry.parts} == {"limit-switch", "wire-pair"}
    assert {part.id for part in isolated.parts} == {"photocoupler-board", "wire-pair"}
    assert (dry.isolated, dry.machine_side) == (False, ())
    assert isolated.isolated


def test_left_out_a_level_has_a_photo_coupler_and_a_pulse_a_contact() -> None:
    text = '[stations.press.sensors.{id}]\ntype = "{id}"\npin = {pin}\n'
    level, pulse = wired(text.format(id="level", pin=27) + text.format(id="pulse", pin=17)).devices
    assert (level.isolated, pulse.isolated) == (True, False)


def test_a_chip_goes_to_the_bus_its_settings_name() -> None:
    pi = wired('[stations.press.sensors.air]\ntype = "bme280"\naddress = 0x77')
    told = ends(pi, "press/air")
    assert (told["SDA"], told["SCL"]) == (("GPIO2", (3,)), ("GPIO3", (5,)))
    assert pi.devices[0].place == ("I2C 1 0x77",)


STRAPS = [
    ("ads1115", "channel = 0", "ADDR", {0x48: "GND", 0x49: "3V3", 0x4A: "GPIO2", 0x4B: "GPIO3"}),
    ("ct_clamp", 'channel = 0\nconverter = "ads1115"', "ADDR", {0x48: "GND", 0x49: "3V3"}),
    ("thermistor", 'channel = 0\nconverter = "ads1115"', "ADDR", {0x48: "GND", 0x4B: "GPIO3"}),
    ("signal_tower", "red = 0", "ADDR", {0x48: "GND", 0x4A: "GPIO2"}),
    ("adxl345", "", "SDO", {0x53: "GND", 0x1D: "3V3"}),
    ("bme280", "", "SDO", {0x77: "3V3"}),
    ("sht31", "", "ADDR", {0x45: "3V3"}),
    ("bh1750", "", "ADDR", {0x5C: "3V3"}),
    ("ina219", "", "A0", {0x41: "3V3", 0x45: "3V3"}),
    ("ina219", "", "A1", {0x44: "3V3", 0x45: "3V3"}),
]


@pytest.mark.parametrize(("type", "more", "terminal", "goes_to"), STRAPS, ids=[f"{one[0]} {one[2]}" for one in STRAPS])
def test_the_strap_of_a_chip_goes_where_its_address_needs_it(
    type: str, more: str, terminal: str, goes_to: Mapping[int, str]
) -> None:
    for address, net in goes_to.items():
        pi = wired(f'[stations.press.sensors.x]\ntype = "{type}"\n{more}\naddress = {address:#04x}')
        (strap,) = (join for _, join in pi.joins if join.terminal == terminal)
        assert strap.goal.net == net
        assert strap.note is not None
        assert f"0x{address:02x}" in strap.note.ja


def test_two_converters_are_strapped_apart() -> None:
    chip = '[stations.press.sensors.{id}]\ntype = "ads1115"\nchannel = 0\naddress = {address}\n'
    pi = wired(chip.format(id="a", address="0x48") + chip.format(id="b", address="0x49"))
    assert [joins(pi)[device, "ADDR"].goal.net for device in ("press/a", "press/b")] == ["GND", "3V3"]


def test_a_divider_stands_the_way_its_settings_say() -> None:
    for side, ntc, fixed in (("gnd", "GND", "3V3"), ("3v3", "3V3", "GND")):
        pi = wired(f'[stations.press.sensors.t]\ntype = "thermistor"\nchannel = 0\nside = "{side}"')
        told = ends(pi, "press/t")
        assert (told["NTC 2"][0], told["R"][0]) == (ntc, fixed)


def test_the_chip_select_is_the_one_its_settings_name() -> None:
    pi = wired('[stations.press.sensors.light]\ntype = "mcp3008"\nchannel = 0\nchip = 1')
    assert ends(pi, "press/light")["CS"] == ("GPIO7", (26,))


def test_sensors_behind_one_converter_are_one_device_with_its_wires_once() -> None:
    pi = wired(
        '[stations.press.sensors.light]\ntype = "mcp3008"\nchannel = 0\n'
        '[stations.press.sensors.heat]\ntype = "thermistor"\nchannel = 1\nconverter = "mcp3008"\n'
        '[stations.press.sensors.cold]\ntype = "thermistor"\nchannel = 2\nconverter = "ads1115"\n'
    )
    assert [device.name for device in pi.devices] == ["press/light, press/heat", "press/cold"]
    both = pi.devices[0]
    assert sum(join.goal.net == "GPIO11" for join in both.joins) == 1
    assert "heat NTC 1" in [join.terminal for join in both.joins]
    assert [(part.id, part.count) for part in both.parts if part.id == "mcp3008"] == [("mcp3008", 1)]


def test_an_external_sensor_hangs_on_no_pi() -> None:
    text = '[stations.press.sensors.esp]\ntype = "external"\nmeasures = { count = { kind = "total" } }'
    assert wired(text).devices == ()


def test_a_serial_device_on_usb_touches_no_pin_of_the_header() -> None:
    pi = wired('[stations.press.sensors.air]\ntype = "mhz19"\nport = "/dev/ttyUSB0"')
    assert all(join.goal.bcm is None for _, join in pi.joins)
    assert "ttyUSB0" in (joins(pi)["press/air", "Tx"].goal.said or Words("", "")).ja


def test_a_colour_that_is_not_wired_has_no_wires() -> None:
    tower = wired('[stations.press.outputs.tower]\ntype = "signal_light"\nred = 12\ngreen = 19').devices[0]
    assert {join.goal.bcm for join in tower.joins} == {12, 19, None}
    seen = wired('[stations.press.sensors.tower]\ntype = "signal_tower"\nred = 0').devices[0]
    assert not [join.terminal for join in seen.joins if join.terminal.startswith(("amber", "green", "ambient"))]


def test_the_echo_of_5_v_comes_through_two_resistors_that_meet_at_the_pin() -> None:
    pi = wired('[stations.press.sensors.far]\ntype = "hcsr04"\ntrigger = 23\necho = 24')
    upper, lower = (join for _, join in pi.joins if join.terminal == "ECHO")
    assert (upper.goal.net, upper.volts, upper.refused) == ("GPIO24", 5.0, False)
    assert (lower.goal.net, lower.leg) == ("GND", True)


def test_probes_on_one_bus_have_one_pull_up_between_them() -> None:
    probe = '[stations.press.sensors.p{n}]\ntype = "ds18b20"\nprobe = "28-00000000000{n}"\n'
    pi = wired("".join(probe.format(n=n) for n in (1, 2, 3)))
    assert [joins(pi)[f"press/p{n}", "DQ"].pull_up is not None for n in (1, 2, 3)] == [True, False, False]
    resistors = [part for device in pi.devices for part in device.parts if part.id.startswith("resistor")]
    assert sum(part.count for part in resistors) == 1


def test_a_pull_up_sits_on_the_data_wire() -> None:
    pi = wired('[stations.press.sensors.tank]\ntype = "ds18b20"')
    assert joins(pi)["press/tank", "DQ"].pull_up is not None


def test_the_machines_side_is_told_and_no_wire_of_the_pi() -> None:
    device = wired('[stations.press.sensors.run]\ntype = "level"\npin = 27').devices[0]
    assert device.isolated
    assert [side.terminal for side in device.machine_side] == ["IN+", "IN-"]


# ---- whatever a sensor's file says ----------------------------------------------------------------------------------

VOLTS = st.sampled_from([0.0, 1.8, 3.3, 5.0, 12.0, 24.0])
ACTS = st.sampled_from(
    ["isolator", "resistor", "pull_up", "divider", "level_shifter", "adapter", "relay", "light", None]
)
IDS = ("a", "b", "c")
TERMINALS = ("OUT", "SDA", "TX", "VCC")


@st.composite
def known(draw: st.DrawFn) -> Mapping[str, PartEntry]:
    """A parts file that says anything."""
    return {
        id: entry(
            id,
            acts_as=draw(ACTS),
            logic_v=draw(VOLTS),
            terminal_v=draw(st.dictionaries(st.sampled_from(TERMINALS), VOLTS, max_size=2)),
            ohm=draw(st.sampled_from([0.0, 330.0, 1000.0, 2000.0, 10_000.0])),
        )
        for id in IDS
    }


@st.composite
def kinds(draw: st.DrawFn) -> SensorType:
    """A manifest that says anything."""
    goals = ["3V3", "5V", "24V", "GND", "pin", "SDA", "SCL", "MOSI", "CE0", "TXD", "RXD", "USB", "LAN"]
    wires = draw(
        st.lists(
            st.builds(
                Wire,
                st.sampled_from(TERMINALS),
                st.sampled_from(goals),
                st.just("pin"),
                st.sampled_from(["", *IDS, "unheard-of"]),
            ),
            max_size=6,
        )
    )
    parts = tuple(Part(id) for id in draw(st.sets(st.sampled_from([*IDS, "unheard-of"]))))
    settings_ = (Setting("pin", Words("", ""), "pin"),)
    return SensorType("thing", Words("物", "thing"), "polled", (), settings_, parts, tuple(wires))


def bears(device: Device, join: Join, parts: Mapping[str, PartEntry]) -> bool:
    """Judged anew, from the manifest and the parts file alone."""
    own = [parts[part.id].electrical for part in device.parts if part.id in parts]
    highest = max((one.terminal_v.get(join.terminal, one.logic_v) for one in own), default=3.3)
    fed = any(wire.to == "24V" for wire in device.kind.terminals)
    if fed and not any(one.acts_as in ("isolator", "relay") for one in own):
        highest = 24.0
    if highest <= 3.3 or (join.through and join.through.electrical.acts_as in PROTECTS):
        return True
    lower = [j for j in device.joins if j.leg and j.terminal == join.terminal]
    if not join.through or not lower:
        return False
    top, bottoms = join.through.electrical.ohm, [j.through.electrical.ohm if j.through else 0.0 for j in lower]
    return top > 0 and all(bottom > 0 and highest * bottom / (top + bottom) <= 3.6 for bottom in bottoms)


@settings(max_examples=60, deadline=None)
@given(kinds(), known(), st.sampled_from(sorted(HEADER_PIN)))
def test_no_wire_brings_5_or_24_v_to_a_pin_without_a_divider_or_an_isolator(
    kind: SensorType, parts: Mapping[str, PartEntry], pin: int
) -> None:
    pi = put_together({"x": (kind, {"pin": pin})}, parts)
    for device, join in pi.joins:
        if join.goal.bcm is not None and not join.refused:
            assert bears(device, join, parts), join


@settings(max_examples=60, deadline=None)
@given(kinds(), known(), st.sampled_from(sorted(HEADER_PIN)))
def test_what_is_refused_and_what_is_24_v_is_not_drawn_to_the_header(
    kind: SensorType, parts: Mapping[str, PartEntry], pin: int
) -> None:
    pi = put_together({"x": (kind, {"pin": pin})}, parts)
    sheet = layout(pi)
    assert not [join for _, join in pi.joins if join.goal.net == "24V"]
    drawn = {(lane.net, y) for lane in sheet.lanes for y in lane.ys}
    assert {wire.terminal for wire in kind.terminals if wire.to == "24V"} <= {
        side.terminal for device in pi.devices for side in device.machine_side
    }
    for placed in sheet.placed:
        for join, y in zip(placed.device.joins, placed.ys, strict=True):
            reaches = (join.goal.net, y) in drawn
            assert reaches == (bool(join.goal.headers) and not join.refused)
