"""A quote that swallows the rest of a CSV is found, and one that is closed is not."""

import pytest

from contract.open_quote import open_quote


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("", None),
        ("a,b\r\n1,2\r\n", None),
        ('a,"b\r\nc"\r\n1,2', None),
        ('a,5"\n1,2\n', None),
        ('a,"say ""no"""', None),
        ('a,b\n1,"2\n3,4\n', 2),
        ('a,"b\nc"\n\n1,"2', 4),
        ('"', 1),
        ('a,"3:b\n"c\nd",1\n', 1),
        ('a,"2,400"円\n', 1),
    ],
)
def test_an_open_quote_is_found_by_its_row(text: str, row: int | None) -> None:
    assert open_quote(text, ",") == row
