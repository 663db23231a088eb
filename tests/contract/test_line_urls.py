"""The store's file lies in the data directory, under a name that is nothing else there."""

import pytest

from contract.line_urls import _is_store_file


@pytest.mark.parametrize(
    "name",
    ["/etc/x.duckdb", "../x.duckdb", "a/../../x.duckdb", "..", ".", "operator.token", "secrets.toml", "line.toml",
     "collector.id", "serve.lock", "sensors/a.duckdb", "C:\\x.duckdb", "..\\x.duckdb", "Operator.Token"],
)  # fmt: skip
def test_a_name_outside_or_of_another_file_is_no_store(name: str) -> None:
    assert not _is_store_file(name)


@pytest.mark.parametrize("name", ["line.duckdb", "stores/our line.db", "洗浄.duckdb", "a..b.duckdb"])
def test_a_name_of_its_own_is(name: str) -> None:
    assert _is_store_file(name)
