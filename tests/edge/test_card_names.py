"""A card's number becomes what it means."""

import pytest

from contract.errors import SensorError
from edge.card_names import names_of


@pytest.mark.parametrize("written", [None, "", " , \n"])
def test_without_names_there_are_none(written: str | None) -> None:
    assert names_of(written) == {}


def test_names_stand_behind_their_numbers() -> None:
    written = "0008075634 = setup,6f007b3972=段取り・調整\n 04A2B3 = a=b ,"
    assert names_of(written) == {"0008075634": "setup", "6F007B3972": "段取り・調整", "04A2B3": "a=b"}


@pytest.mark.parametrize(
    "written", ["0008075634", "= setup", "1 = ", "1 = a, 1 = b", "ab = x, AB = y", "1=" + "x" * 257]
)
def test_what_is_no_such_list_is_said_with_an_example(written: str) -> None:
    with pytest.raises(SensorError) as error:
        names_of(written)
    assert "names" in error.value.say("ja")
    assert "changeover" in error.value.say("en")
