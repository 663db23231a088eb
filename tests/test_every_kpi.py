"""Runs over every file of kpi/definitions: the agreement of house.md section 4."""

import dataclasses
import inspect
import math
import re
from typing import Any

import pytest

from kpi.definition import UNITS, Definition
from kpi.definitions import all_definitions
from kpi.facts import Facts, Hours
from kpi.figures import figures

KNOWN = {field.name for field in dataclasses.fields(Facts)} | {
    name for name, _ in inspect.getmembers(Facts, lambda member: isinstance(member, property))
}
CONTRACT = """planned_time_s planned_busy_time_s actual_production_time_s produced_quantity scrap_quantity
rework_quantity good_quantity availability effectiveness quality_ratio first_pass_ratio oee kadoritsu utilization
takt_time_s plan_attainment progress_pieces throughput_per_h cycle_time_s phases ledger losses_s stops
labour_pieces_per_h coverage unplaced_quantity test_quantity produced_outside_planned idling_s"""

every = pytest.mark.parametrize("kpi", all_definitions().values(), ids=list(all_definitions()))

NOTHING_KNOWN = Facts(
    bucket_s=dict.fromkeys(("run", "minor_stop", "downtime", "planned_stop", "no_shift", "no_data"), 0.0),
    made=None,
    cycles_s=None,
    phase_times={},
    stop_parts=None,
    unplaced=None,
    tested=None,
    outside=None,
    idle_s=None,
    demand=None,
    regular_s=0.0,
    elapsed_planned_s=0.0,
    whole_planned_s=0.0,
    ideal_mean_s=None,
    people=1.0,
    excluded_losses=(),
    hours=Hours(),
)


def test_every_field_of_the_contract_has_its_file() -> None:
    assert sorted(all_definitions()) == sorted(CONTRACT.split())


@every
def test_it_says_what_it_is_in_both_languages(kpi: Definition) -> None:
    for words in (kpi.title, kpi.formula):
        assert re.search(r"[ぁ-んァ-ン一-龥]", words.ja), words.ja
        assert words.en.isprintable()
        assert not re.search(r"[ぁ-んァ-ン一-龥]", words.en)
    assert kpi.unit in UNITS
    assert kpi.better in ("higher", "lower", None)


@every
def test_its_definition_ends_with_its_source(kpi: Definition) -> None:
    assert len(kpi.words) > 60
    assert re.search(r"^Source: \S", kpi.words, re.MULTILINE)
    assert kpi.example.source


@every
def test_its_inputs_are_facts_or_other_kpis(kpi: Definition) -> None:
    assert kpi.inputs
    assert set(kpi.inputs) <= KNOWN | set(all_definitions())
    assert set(kpi.example.given) == set(kpi.inputs)


@every
def test_its_worked_example_gives_the_answer(kpi: Definition) -> None:
    assert_same(kpi.function(**kpi.example.given), kpi.example.answer)


@every
def test_it_is_pure(kpi: Definition) -> None:
    before = repr(kpi.example.given)
    assert_same(kpi.function(**kpi.example.given), kpi.function(**kpi.example.given))
    assert repr(kpi.example.given) == before


def test_what_cannot_be_known_is_null_and_never_zero() -> None:
    told = figures(NOTHING_KNOWN)
    always = {"ledger", "planned_time_s", "planned_busy_time_s", "phases"}
    assert {key for key, value in told.items() if value is not None} == always


def test_nobody_reads_kadouritsu_for_availability() -> None:
    titles = {key: kpi.title.ja for key, kpi in all_definitions().items()}
    assert titles["availability"] == "時間稼働率"
    assert "べきどうりつ" in titles["kadoritsu"]
    assert "のぎへん" in titles["utilization"]
    assert [key for key, title in titles.items() if title.startswith("稼働率")] == ["utilization"]


def assert_same(told: Any, answer: Any) -> None:
    if isinstance(answer, dict):
        assert set(told) == set(answer)
        for key, value in answer.items():
            assert_same(told[key], value)
    elif isinstance(answer, float):
        assert math.isclose(told, answer, rel_tol=1e-9), (told, answer)
    else:
        assert told == answer
