"""What the parts list counts beyond a type's usual parts: straps of addresses, burdens that a clamp brings along."""

import pytest

from hardware.parts_list import team_lists
from tests.hardware.wired import kit_parts, line_of, wired


def pieces(text: str) -> dict[str, int]:
    (told,) = team_lists(line_of(text), [wired(text)], kit_parts())
    return {item.id: item.pieces for item in told.items}


@pytest.mark.parametrize(("type", "usual", "strapped"), [("bme280", "0x76", "0x77"), ("sht31", "0x44", "0x45"),
                                                         ("bh1750", "0x23", "0x5c")])  # fmt: skip
def test_the_strap_of_an_address_is_one_wire_more(type: str, usual: str, strapped: str) -> None:
    text = '[stations.press.sensors.air]\ntype = "{}"\naddress = {}\n'
    assert pieces(text.format(type, usual))["wire-f-f"] == 4
    assert pieces(text.format(type, strapped))["wire-f-f"] == 5


def test_a_clamp_with_its_own_burden_is_not_priced_with_another_one() -> None:
    clamp = '[stations.press.sensors.motor]\ntype = "ct_clamp"\nconverter = "mcp3008"\nchannel = 0\n'
    assert pieces(clamp)["resistor-33"] == 1
    clamp += "ratio = 30\nburden_ohm = 1\n"
    own = pieces(clamp)
    assert "resistor-33" not in own
    assert own["ct-clamp-100a"] == 1
    drawn = [join.through.id for device in wired(clamp).devices for join in device.joins if join.through]
    assert "resistor-33" not in drawn
