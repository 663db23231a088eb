"""That an agent came or went is said once each in the log of the collector."""

import json
import logging

import pytest

from collector.agents_heard import AgentsHeard
from collector.agents_log import MOST, WITHIN_S


class Floor:
    """An agent as the collector hears it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.heard = AgentsHeard(lambda: self.now, ("pi-1",))

    def says(self, state: str, agent: str = "pi-1", retained: bool = False, **more: object) -> None:
        self.now += 1.0
        self.heard.hear(agent, json.dumps({"state": state, **more}).encode(), retained)


@pytest.fixture
def floor(caplog: pytest.LogCaptureFixture) -> Floor:
    caplog.set_level(logging.INFO, "collector.agents_log")
    return Floor()


def test_coming_going_and_coming_back_are_one_line_each(floor: Floor, caplog: pytest.LogCaptureFixture) -> None:
    floor.says("online", backlog=0)
    floor.says("online", backlog=1234)
    floor.says("offline", backlog=0)
    floor.says("offline", retained=True)
    floor.says("online", backlog=2000)
    assert [said.levelno for said in caplog.records] == [logging.INFO, logging.WARNING, logging.INFO]
    assert "未確認 1,234 件" in caplog.messages[1]
    assert "未確認 2,000 件" in caplog.messages[2]


def test_who_ends_on_purpose_is_no_warning(floor: Floor, caplog: pytest.LogCaptureFixture) -> None:
    floor.says("online")
    floor.says("offline", clean=True, backlog=3)
    assert [said.levelno for said in caplog.records] == [logging.INFO, logging.INFO]


def test_an_agent_that_was_away_already_when_we_came_is_said(floor: Floor, caplog: pytest.LogCaptureFixture) -> None:
    floor.says("offline", retained=True)
    assert [said.levelno for said in caplog.records] == [logging.WARNING]


def test_one_that_comes_and_goes_does_not_fill_the_log(floor: Floor, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(100):
        floor.says("online")
        floor.says("offline")
    assert len(caplog.messages) == MOST + 1
    assert "何度も" in caplog.messages[-1]
    floor.now += WITHIN_S
    floor.says("online")
    assert len(caplog.messages) == MOST + 2, "that it is over, and how it stands"


def test_one_that_stays_at_last_is_said_though_nothing_changes_then(
    floor: Floor, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(10):
        floor.says("online")
        floor.now += 20.0
        floor.says("offline")
    floor.says("online")
    assert len(caplog.messages) == MOST + 1
    floor.now += WITHIN_S
    floor.says("online", backlog=7)
    floor.says("online", backlog=7)
    assert caplog.messages[MOST + 1 :] == ["エージェント pi-1 がつながりました(未確認 7 件)。"]


def test_two_with_one_id_are_told_to_stop_one_and_the_end_of_it_is_said(
    floor: Floor, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(10):
        floor.says("online")
        floor.says("offline")
    assert "片方を止めて" in caplog.messages[-1]
    assert "ネットワーク" not in caplog.messages[-1]
    floor.says("online")
    floor.now += 60.0
    floor.says("online", backlog=3)
    floor.says("online", backlog=3)
    assert caplog.records[-1].levelno == logging.INFO
    assert caplog.messages[-1].endswith("取り合いは終わりました。エージェント pi-1 がつながりました(未確認 3 件)。")


def test_strangers_are_not_logged(floor: Floor, caplog: pytest.LogCaptureFixture) -> None:
    floor.says("online", agent="somebody")
    assert caplog.messages == []
