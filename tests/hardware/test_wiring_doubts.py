"""Every dangerous or doubtful connection is told, and a good line is told nothing."""

from typing import Any

import pytest

from contract.catalogue import OutputType, Part, SensorType, Setting, Wire
from contract.words import Words
from hardware.wiring_doubt import Doubt
from hardware.wiring_doubts import doubts
from tests.hardware.test_wiring import entry
from tests.hardware.wired import put_together, wired

PIN = Setting("pin", Words("", ""), "pin")
ADDRESS = Setting("address", Words("", ""), "i2c_address")
CHIP = Setting("chip", Words("", ""), "whole")
PORT = Setting("port", Words("", ""), "port")


def kind(*wires: Wire, parts: tuple[str, ...] = ("a",), settings: tuple[Setting, ...] = (PIN,)) -> SensorType:
    return SensorType("thing", Words("物", "thing"), "polled", (), settings, tuple(map(Part, parts)), wires)


def output(*wires: Wire) -> OutputType:
    return OutputType("thing", Words("物", "thing"), (PIN,), (Part("a"),), wires)


def codes(found: tuple[Doubt, ...]) -> list[tuple[str, str]]:
    return [(doubt.level, doubt.code) for doubt in found]


def of(what: Any, parts: dict[str, Any] | None = None, **told: Any) -> list[tuple[str, str]]:
    return codes(doubts(put_together({"x": (what, told)}, parts or {"a": entry("a")})))


def test_a_good_line_has_no_doubts() -> None:
    text = (
        '[stations.press.sensors.done]\ntype = "pulse"\npin = 17\n'
        '[stations.press.sensors.air]\ntype = "bme280"\n'
        '[stations.press.sensors.far]\ntype = "hcsr04"\ntrigger = 23\necho = 24\n'
        '[stations.press.sensors.card]\ntype = "rdm6300"\nport = "/dev/serial0"\n'
        '[stations.press.outputs.tower]\ntype = "signal_light"\nred = 12\namber = 13\ngreen = 19'
    )
    assert doubts(wired(text)) == ()


@pytest.mark.parametrize(("wire", "volts"), [("pin", 5.0), ("RXD", 5.0), ("SDA", 5.0), ("MISO", 12.0)])
def test_5_v_on_a_pin_is_a_danger(wire: Any, volts: float) -> None:
    found = of(kind(Wire("OUT", wire, setting="pin")), {"a": entry("a", terminal_v={"OUT": volts})}, pin=17)
    assert found == [("danger", "over_voltage")]


def test_24_v_beside_a_signal_is_a_danger_without_an_isolator() -> None:
    proximity = kind(Wire("brown", "24V"), Wire("black", "pin", setting="pin"))
    found = doubts(put_together({"x": (proximity, {"pin": 17})}, {"a": entry("a")}))
    assert codes(found) == [("danger", "over_voltage")]
    assert "24 V" in found[0].what.ja
    assert "フォトカプラー" in found[0].todo.ja
    assert of(proximity, {"a": entry("a", acts_as="isolator")}, pin=17) == []


def test_a_divider_among_the_parts_is_taken_to_be_for_the_5_v() -> None:
    parts = {"a": entry("a", terminal_v={"OUT": 5.0}), "d": entry("d", acts_as="divider")}
    assert of(kind(Wire("OUT", "pin", setting="pin"), parts=("a", "d")), parts, pin=17) == []


def test_a_resistor_alone_brings_nothing_down() -> None:
    parts = {"a": entry("a", terminal_v={"OUT": 5.0}), "r": entry("r", acts_as="resistor", ohm=1000.0)}
    wire = Wire("OUT", "pin", setting="pin", through="r")
    assert of(kind(wire, parts=("a", "r")), parts, pin=17) == [("danger", "over_voltage")]


def test_two_resistors_that_leave_too_much_are_a_danger() -> None:
    parts = {
        "a": entry("a", terminal_v={"OUT": 5.0}),
        "r": entry("r", acts_as="resistor", ohm=1000.0),
        "s": entry("s", acts_as="resistor", ohm=10_000.0),
    }
    wires = (Wire("OUT", "pin", setting="pin", through="r"), Wire("OUT", "GND", through="s"))
    assert of(kind(*wires, parts=("a", "r", "s")), parts, pin=17) == [("danger", "over_voltage")]


def test_a_5_v_part_nobody_described_is_doubtful() -> None:
    own = kind(Wire("VCC", "5V"), Wire("OUT", "pin", setting="pin"), parts=("unheard-of",))
    assert of(own, pin=17) == [("check", "unknown_voltage")]


def test_a_floating_input_is_doubtful() -> None:
    assert codes(doubts(wired('[stations.press.sensors.b]\ntype = "button"\npin = 17\npull = "none"'))) == [
        ("check", "floating")
    ]
    assert doubts(wired('[stations.press.sensors.b]\ntype = "button"\npin = 17')) == ()


def test_the_boards_own_pull_up_wins_over_a_pull_down() -> None:
    text = '[stations.press.sensors.b]\ntype = "button"\npin = 3\nactive = "high"\npull = "down"'
    assert ("check", "fixed_pull_up") in codes(doubts(wired(text)))


def test_a_contact_to_ground_with_a_pull_down_never_changes() -> None:
    text = '[stations.press.sensors.b]\ntype = "button"\npin = 17\nactive = "high"'
    found = doubts(wired(text))
    assert codes(found) == [("check", "never_on")]
    assert found[0].todo.en.startswith('Write pull = "up"')
    assert 'active = "low"' in found[0].todo.en
    assert doubts(wired(f'{text}\npull = "up"')) == ()


def test_two_wires_on_one_pin_are_a_danger_and_two_probes_are_not() -> None:
    driven = output(Wire("IN", "pin", setting="pin"))
    both = {"x": (driven, {"pin": 17}), "y": (driven, {"pin": 17})}
    assert codes(doubts(put_together(both, {"a": entry("a")}))) == [("danger", "pin_twice")]
    bus = kind(Wire("SDA", "SDA"), Wire("SCL", "SCL"), settings=(ADDRESS,))
    mixed: dict[str, Any] = {"x": (driven, {"pin": 3}), "y": (bus, {"address": 0x29})}
    assert ("danger", "pin_twice") in codes(doubts(put_together(mixed, {"a": entry("a")})))
    probes = "".join(f'[stations.press.sensors.t{n}]\ntype = "ds18b20"\nprobe = "28-00000000000{n}"\n' for n in (1, 2))
    assert doubts(wired(probes)) == ()


def test_the_same_address_twice_is_a_danger() -> None:
    chip = kind(Wire("SDA", "SDA"), Wire("SCL", "SCL"), settings=(ADDRESS,))
    things = {"x": (chip, {"address": 0x44}), "y": (chip, {"address": 0x44}), "z": (chip, {"address": 0x45})}
    found = doubts(put_together(things, {"a": entry("a")}))
    assert codes(found) == [("danger", "address_clash")]
    assert "0x44" in found[0].what.en


def test_the_same_chip_select_and_the_same_port_twice_are_dangers() -> None:
    chip = kind(Wire("CLK", "SCLK"), Wire("CS", "CE0", setting="chip"), settings=(CHIP,))
    found = doubts(put_together({"x": (chip, {"chip": 1}), "y": (chip, {"chip": 1})}, {"a": entry("a")}))
    assert codes(found) == [("danger", "chip_clash")]
    serial = kind(Wire("TX", "RXD"), settings=(PORT,))
    both = {"x": (serial, {"port": "/dev/serial0"}), "y": (serial, {"port": "/dev/serial0"})}
    assert codes(doubts(put_together(both, {"a": entry("a")}))) == [("danger", "port_twice")]


@pytest.mark.parametrize("other", ["/dev/ttyAMA0", "/dev/ttyS0"])
def test_the_headers_one_port_under_two_names_is_a_danger(other: str) -> None:
    unit = Setting("unit", Words("", ""), "whole")
    serial = kind(Wire("TX", "RXD"), settings=(PORT, unit))
    both = {"x": (serial, {"port": "/dev/serial0", "unit": 1}), "y": (serial, {"port": other, "unit": 2})}
    (found,) = doubts(put_together(both, {"a": entry("a")}))
    assert (found.level, found.code) == ("danger", "port_twice")
    assert f"(/dev/serial0 = {other})" in found.what.en


def test_meters_on_one_pair_of_wires_are_meant() -> None:
    bus = kind(Wire("A", "USB"), settings=(PORT, Setting("unit", Words("", ""), "whole")))
    port = "/dev/ttyUSB0"
    both = {"x": (bus, {"port": port, "unit": 1}), "y": (bus, {"port": port, "unit": 2})}
    assert doubts(put_together(both, {"a": entry("a")})) == ()


def test_a_signal_on_a_pin_of_a_bus_in_use_is_a_danger() -> None:
    bus = kind(Wire("SDA", "SDA"), Wire("SCL", "SCL"), Wire("INT", "pin", setting="pin"), settings=(ADDRESS, PIN))
    assert of(bus, address=0x29, pin=2) == [("danger", "pin_twice"), ("danger", "reserved_pin")]
    assert of(bus, address=0x29, pin=4) == []


@pytest.mark.parametrize("pin", [0, 1, 14, 15])
def test_pins_that_speak_while_the_pi_starts_are_doubtful(pin: int) -> None:
    assert of(kind(Wire("OUT", "pin", setting="pin")), pin=pin) == [("check", "reserved_pin")]


def test_too_much_current_from_a_pin_and_from_all_of_them_is_a_danger() -> None:
    driven = output(Wire("IN", "pin", setting="pin"))
    assert of(driven, {"a": entry("a", pin_ma=20.0)}, pin=17) == [("danger", "pin_current")]
    many = {f"x{pin}": (driven, {"pin": pin}) for pin in (17, 27, 22, 23)}
    assert codes(doubts(put_together(many, {"a": entry("a", pin_ma=15.0)}))) == [("danger", "pins_current")]


@pytest.mark.parametrize(("rail", "ma"), [("3V3", 510.0), ("5V", 1300.0)])
def test_too_much_current_from_a_rail_is_a_danger(rail: Any, ma: float) -> None:
    assert of(kind(Wire("VCC", rail)), {"a": entry("a", ma=ma)}) == [("danger", "rail_current")]
    assert of(kind(Wire("VCC", rail)), {"a": entry("a", ma=100.0)}) == []


def test_a_relay_fed_from_the_pi_is_doubtful() -> None:
    found = doubts(wired('[stations.press.outputs.door]\ntype = "relay"\npin = 4\nactive = "low"'))
    assert codes(found) == [("check", "no_own_supply")]


@pytest.mark.parametrize(("pin", "active", "moves"), [(4, "high", True), (4, "low", False), (17, "low", True)])
def test_an_output_that_moves_while_the_pi_starts_is_doubtful(pin: int, active: str, moves: bool) -> None:
    found = doubts(wired(f'[stations.press.outputs.b]\ntype = "buzzer"\npin = {pin}\nactive = "{active}"'))
    assert codes(found) == [("check", "on_at_start")] * moves


def test_dangers_come_first_and_each_says_what_to_do() -> None:
    relay = kind(Wire("VCC", "5V"), parts=("r",))
    danger = kind(Wire("OUT", "pin", setting="pin"))
    parts = {"r": entry("r", own_supply=True, ma=80.0), "a": entry("a", logic_v=5.0)}
    found = doubts(put_together({"x": (relay, {}), "y": (replace_type(danger), {"pin": 17})}, parts))
    assert codes(found) == [("danger", "over_voltage"), ("check", "no_own_supply")]
    assert all(doubt.todo.ja and doubt.todo.en and doubt.device for doubt in found)


def replace_type(of: SensorType) -> SensorType:
    return SensorType("other", of.title, of.style, of.measures, of.settings, of.parts, of.terminals)
