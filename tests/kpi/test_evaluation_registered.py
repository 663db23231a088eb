"""Written down beforehand, with a time stamp: the figure, its direction, its windows; and what the host ticked."""

from pathlib import Path
from typing import Any

import pytest

from contract.line import Since
from kpi.answers import Answers
from kpi.day_keeper import keep_figures
from kpi.desk import Desk
from tests.kpi.desks import Service
from tests.kpi.evaluations import (
    AFTER,
    BEFORE,
    DAY,
    FIRST,
    NOW,
    OF,
    SHIFT,
    SPLIT,
    ask,
    codes,
    make,
    noisy,
    service,
    span,
    values,
    washer,
    working_days,
)  # fmt: skip
from tests.kpi.lines import at, line
from tests.kpi.memory_store import MemoryStore

pytestmark = pytest.mark.slow

SAID = {"station": "washer", "kpi": "cycle_time_s", "before": BEFORE, "after": AFTER, "why": "治具を変える"}


@pytest.fixture
def desk(tmp_path: Path) -> Service:
    store = MemoryStore()
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 22.0, seed=2))
    return service(tmp_path, store)


def registered(desk: Service, when: int, **more: Any) -> Any:
    """What the service answers to a registration at a moment; it is asked again when all is over."""
    desk.now = when
    answer = desk.write("/evaluations", SAID | more)
    desk.now = NOW
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_what_was_registered_before_the_window_after_began_is_no_reference(desk: Service) -> None:
    said = registered(desk, at("9:00", SPLIT - DAY), direction="lower", by="佐藤")
    assert said["beforehand"]
    assert said["before_after_began"]
    assert said["direction"] == "lower"
    told = ask(desk)
    assert told["registered"]["id"] == said["id"]
    assert told["registered"]["made"] == "2026-11-01T09:00:00+09:00"
    assert told["registered"]["primary"]
    assert told["reference"] is False
    assert "参考" not in told["statement_ja"]
    assert not {"not_registered", "registered_late"} & set(codes(told))
    assert [one["id"] for one in desk.get("/evaluations")["evaluations"]] == [said["id"]]


def test_without_a_registration_it_is_for_reference(desk: Service) -> None:
    told = ask(desk)
    assert told["registered"] is None
    assert told["reference"] is True
    assert "参考: 事前に登録した評価ではありません。" in told["statement_ja"]
    assert "not_registered" in codes(told)


@pytest.mark.slow
def test_registered_while_the_window_after_ran_it_stays_a_reference_and_says_so(desk: Service) -> None:
    said = registered(desk, at("9:00", SPLIT + 3 * DAY))
    assert said["beforehand"]
    assert not said["before_after_began"]
    told = ask(desk)
    assert told["registered"]["id"] == said["id"]
    assert told["reference"] is True
    assert "registered_late" in codes(told)
    assert (
        f"注意点が {len(told['caveats'])} 件あります。参考: 登録は、後の期間が始まってからです。"
        in told["statement_ja"]
    )
    assert "For reference: this was registered after the window after had begun." in told["statement_en"]


@pytest.mark.slow
def test_registered_when_all_was_known_it_stays_a_reference(desk: Service) -> None:
    assert not registered(desk, NOW)["beforehand"]
    assert ask(desk)["reference"] is True


@pytest.mark.slow
def test_another_figure_or_other_windows_are_for_reference(desk: Service) -> None:
    registered(desk, at("9:00", SPLIT - DAY))
    assert ask(desk, "oee")["reference"] is True
    assert ask(desk, after=span(SPLIT, 13))["reference"] is True
    in_utc = f"{FIRST - DAY}T15:00:00Z/{SPLIT - DAY}T15:00:00Z"
    assert ask(desk, before=in_utc)["reference"] is False, "the same moments, written otherwise"


@pytest.mark.slow
def test_of_several_figures_the_first_one_registered_is_primary(desk: Service) -> None:
    registered(desk, at("9:00", SPLIT - 2 * DAY), kpi="oee")
    registered(desk, at("9:00", SPLIT - DAY))
    told = ask(desk)
    assert told["registered"]["primary"] is False
    assert told["registered"]["others"] == ["oee"]
    assert "not_primary" in codes(told)
    assert ask(desk, "oee")["registered"]["primary"] is True


def test_a_registration_that_could_never_match_is_refused(desk: Service) -> None:
    for wrong, status in (
        ({"direction": "higher"}, 422),
        ({"kpi": "takt_time_s"}, 422),
        ({"kpi": "beauty"}, 404),
        ({"kpi": "phases.rinse"}, 404),
        ({"station": "nobody"}, 404),
        ({"control": "washer"}, 422),
        ({"after": BEFORE}, 422),
        ({"after": "tomorrow"}, 422),
        ({"why": " "}, 422),
        ({"mood": "good"}, 422),
    ):
        answer = desk.write("/evaluations", SAID | wrong)
        assert answer.status_code == status, answer.text
    assert not desk.get("/evaluations")["evaluations"]


@pytest.mark.slow
def test_only_an_operator_registers(desk: Service) -> None:
    answer = desk.ask("/api/v1/evaluations", "POST", json=SAID, token=desk.tokens.token("viewer"))
    assert answer.status_code == 403


@pytest.mark.slow
def test_names_are_not_for_who_only_looks(desk: Service) -> None:
    registered(desk, at("9:00", SPLIT - DAY), by="佐藤")
    assert "by" not in desk.get("/evaluations")["evaluations"][0]
    assert "by" not in ask(desk)["registered"]


def test_yen_are_only_what_the_host_ticked_and_also_from_the_weak_end(desk: Service) -> None:
    said = {key: SAID[key] for key in ("station", "kpi", "before", "after")}
    tick = said | {"what": "overtime_saved", "document": "残業簿 2026-11", "yen_per_year": 480_000}
    kept = desk.write("/evaluations/effects", tick)
    assert kept.status_code == 201, kept.text
    assert kept.json()["title"]["ja"] == "減った残業"
    told = ask(desk)
    money = told["money"]
    assert money["yen_a_year"] == 480_000
    assert money["weak_yen_a_year"] == pytest.approx(480_000 * -told["difference"]["interval90"][1] / 3.0, rel=0.01)
    assert [one["document"] for one in money["effects"]] == ["残業簿 2026-11"]
    assert desk.get("/evaluations")["effects"][0]["what"] == "overtime_saved"
    assert desk.write("/evaluations/effects", tick | {"what": "hours"}).status_code == 422
    assert desk.write("/evaluations/effects", tick | {"yen_per_year": -1}).status_code == 422


@pytest.mark.slow
def test_days_whose_readings_are_past_keeping_count_with_what_was_kept(desk: Service, tmp_path: Path) -> None:
    whole = ask(desk), ask(desk, "oee")
    answers = Answers(Desk(desk.store, lambda: [(0, OF)], desk.ingest, desk.tokens, lambda: desk.now, live=False))
    assert keep_figures(answers, at("0:00", SPLIT)) > 0
    for rows in desk.store.rows.values():
        rows[:] = [row for row in rows if row[0] >= at("0:00", SPLIT)]
    for before, now in zip(whole, (ask(desk), ask(desk, "oee")), strict=True):
        assert values(now, "before") == values(before, "before")
        assert now["verdict"] == before["verdict"]
    by_cycle = ask(desk, by="cycle")
    assert by_cycle["before"]["n"] == 0
    assert {"readings_gone"} <= {one["reason"] for one in by_cycle["excluded"]}


@pytest.mark.slow
def test_a_kept_day_of_another_ideal_counts_only_where_no_ideal_enters(desk: Service, tmp_path: Path) -> None:
    changed = line(washer(since=(Since(FIRST + 7 * DAY, {"ideal_cycle_s": 10.0}),)), SHIFT)
    answers = Answers(Desk(desk.store, lambda: [(0, changed)], desk.ingest, desk.tokens, lambda: NOW, live=False))
    keep_figures(answers, at("0:00", FIRST + 6 * DAY))
    told = service(tmp_path, desk.store, changed)
    (oee, wash) = (ask(told, kpi) for kpi in ("oee", "phases.wash"))
    gone = [one["date"] for one in oee["excluded"] if one["reason"] == "readings_gone"]
    assert gone == [day.isoformat() for day in working_days()[:5]]
    assert wash["before"]["n"] == 10
