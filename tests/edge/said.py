"""What an error says, for tests."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from contract.errors import SensorError


@contextmanager
def said(pattern: str, kind: type[SensorError] = SensorError) -> Iterator[list[SensorError]]:
    """That kind of error, with words in English that match; it is in the list afterwards."""
    caught = list[SensorError]()
    with pytest.raises(kind) as error:
        yield caught
    caught.append(error.value)
    assert re.search(pattern, error.value.say("en")), error.value.say("en")
