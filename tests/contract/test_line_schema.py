"""The JSON schema for editors says what the checks say, as far as one key can tell."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from contract.errors import LineError
from contract.line_check import check
from contract.line_schema import schema
from edge.sensors import catalogue
from tests.contract.catalogue import CATALOGUE
from tests.contract.good_line import GOOD, changed
from tests.contract.test_line_mutated import mutated

SCHEMA = schema(CATALOGUE)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def as_json(value: Any) -> Any:
    """TOML's own dates and times as editors show them to a schema: as text."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if hasattr(value, "strftime"):
        return value.isoformat()[:5] if hasattr(value, "hour") and not hasattr(value, "day") else value.isoformat()
    return value


def places(text: str, validator: jsonschema.Draft7Validator = VALIDATOR) -> Iterator[str]:
    """Where the schema finds something wrong."""
    for error in validator.iter_errors(as_json(tomllib.loads(text))):
        yield ".".join(map(str, error.absolute_path))


def test_it_is_a_schema_and_json() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parents[2] / "hardware" / "lines").glob("*.toml")), ids=lambda file: file.name
)
def test_the_example_lines_are_right(file: Path) -> None:
    kits = jsonschema.Draft7Validator(schema(catalogue()))
    assert list(places(file.read_text("utf-8"), kits)) == []


def test_the_good_line_is_right() -> None:
    assert list(places(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('schema = 1\n', "", ""),
        ("schema = 1", "schema = 2", "schema"),
        ('site = "akita"', 'site = "Akita"', "site"),
        ("[mqtt]", "[mqt]", ""),
        ("mqtt://broker.local:1883", "tcp://broker.local", "mqtt.url"),
        ("retain_days = 400", "retain_days = 0", "store.retain_days"),
        ("max_readings = 1000", "max_readings = 1.5", "outbox.max_readings"),
        ("stop_min = 10", "stop_min = 61", "alarm.stop_min"),
        ("value = 0.85", "value = 85", "targets.0.value"),
        ('kpi = "kadoritsu"', 'kpi = "oe"', "targets.0.kpi"),
        ('["mon", "fri"]', "[]", "shifts.0.days"),
        ('start = "08:30"', 'start = "24:30"', "shifts.0.start"),
        ('["12:00-13:00"]', '["12:00"]', "shifts.0.breaks.0"),
        ('kind = "overtime"', 'kind = "over"', "calendar.0.kind"),
        ("quantity = 1200", "quantity = -1", "plan.0.quantity"),
        ("[products.a-100]\n", "[products.A]\n[products.a-100]\n", "products"),
        ('name = "洗浄機"\n', "", "stations.washer"),
        ("people = 0.5", "silence_after_s = 60", "stations.washer.silence_after_s"),
        ("pin = 17", "pin = 99", "stations.washer.sensors.done.pin"),
        ("pin = 27", "pinn = 27", "stations.washer.sensors.wash"),
        ('type = "pulse"', 'type = "puls"', "stations.washer.sensors.done.type"),
        ('type = "bme280"', 'type = "bme280"\naddress = 1', "stations.washer.sensors.air.address"),
        ('type = "lamp"', 'type = "lamp"\nrole = "cycle"', "stations.washer.outputs.andon"),
        ('role = "phase:wash"', 'role = "phase:"', "stations.washer.sensors.wash.role"),
        ('kind = "total"', 'kind = "totals"', "stations.packer.sensors.done.measures.count.kind"),
        ("temperature > 10", "temperature", "rules.0.when"),
        ('set = "washer/andon"', 'set = "andon"', "rules.0.set"),
    ],
)  # fmt: skip
def test_what_one_key_can_tell_is_told(old: str, new: str, where: str) -> None:
    assert where in list(places(changed(old, new)))


@given(mutated())
@settings(max_examples=40, deadline=None)
def test_what_the_checks_take_the_schema_takes(text: str) -> None:
    try:
        check(text, CATALOGUE)
    except LineError:
        return
    assert list(places(text)) == []
