"""What agents say of themselves, and two programs with one id."""

import json

import pytest

from collector.agents_heard import STRANGERS, AgentsHeard


class Hand:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_agent_that_was_never_heard_is_unknown() -> None:
    assert AgentsHeard().agents(["pi-1"]) == [
        {"agent": "pi-1", "state": "unknown", "at": None, "backlog": None, "dropped": None, "conflict": False}
    ]


def test_the_last_word_counts_and_what_is_no_word_does_not() -> None:
    heard = AgentsHeard()
    heard.hear("pi-1", b'{"state":"online","at":7,"backlog":3,"agent":"pi-9"}', retained=True)
    for nonsense in (b"", b"[1]", b"nope", b"\xff"):
        heard.hear("pi-1", nonsense, retained=False)
    (said,) = heard.agents(["pi-1"])
    assert (said["agent"], said["state"], said["backlog"]) == ("pi-1", "online", 3)


def test_connections_that_end_at_once_twice_a_minute_are_a_conflict() -> None:
    hand = Hand()
    heard = AgentsHeard(hand)
    said = []
    for state in (b"online", b"offline", b"online", b"offline"):
        hand.now += 2
        said.append(heard.hear("pi-1", b'{"state":"%b"}' % state, retained=False))
    assert said == [False, False, False, True]
    assert heard.agents([])[0]["conflict"]
    hand.now += 61
    assert not heard.agents([])[0]["conflict"]


def test_long_connections_and_retained_words_are_no_conflict() -> None:
    hand = Hand()
    heard = AgentsHeard(hand)
    for state in (b"online", b"offline") * 3:
        hand.now += 11
        heard.hear("pi-1", b'{"state":"%b"}' % state, retained=False)
        heard.hear("pi-1", b'{"state":"offline"}', retained=True)
    assert not heard.agents([])[0]["conflict"]


def test_an_agent_that_repeats_its_state_did_not_begin_anew() -> None:
    now = [0.0]
    heard = AgentsHeard(lambda: now[0])
    for begin in (0.0, 30.0):
        for at in (begin, begin + 10.0, begin + 20.0):
            now[0] = at
            heard.hear("pi-1", b'{"state":"online"}', retained=False)
        now[0] = begin + 22.0
        assert not heard.hear("pi-1", b'{"state":"offline"}', retained=False)


def test_an_agent_that_says_goodbye_was_not_thrown_out_by_another() -> None:
    now = [0.0]
    heard = AgentsHeard(lambda: now[0])
    for begin in (0.0, 10.0, 20.0):
        now[0] = begin
        heard.hear("pi-1", b'{"state":"online"}', retained=False)
        now[0] = begin + 4.0
        assert not heard.hear("pi-1", b'{"state":"offline","clean":true}', retained=False)


@pytest.mark.parametrize(
    "said",
    [
        b'{"state":"online","backlog":NaN}',
        b'{"state":"online","x":1e400}',
        b'{"state":"online","version":"\\ud800"}',
        b'{"state":"online","x":"' + b"x" * 70_000 + b'"}',
        b'{"state":"online","sensors":' + b'{"a":' * 17 + b"1" + b"}" * 18,
        b'{"state":' + b"[" * 700 + b"]" * 700 + b"}",
        b'{"state":"perhaps"}',
        b'{"state":{"state":"online"}}',
        b'{"state":"online","x":' + b"9" * 400 + b"}",
    ],
)
def test_what_no_page_could_show_is_not_heard_and_that_is_said_once(
    said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    heard = AgentsHeard(line=["pi-1"])
    heard.hear("pi-1", b'{"state":"online","backlog":3}', retained=False)
    for _ in range(3):
        assert not heard.hear("pi-1", said, retained=False)
    (shown,) = heard.agents(["pi-1"])
    assert shown["backlog"] == 3
    json.dumps(shown, allow_nan=False).encode()
    assert len(caplog.records) == 1


def test_only_an_agents_own_words_are_kept_and_only_of_their_kind() -> None:
    heard = AgentsHeard()
    said = {"state": "online", "at": "2026-11-18T00:00:00Z", "version": 7, "clock": "synced", "backlog": -1}
    said |= {"dropped": 2, "sensors": {"washer/done": {"state": "ok"}}, "odd": 1, "outbox": {"held": 3}}
    heard.hear("pi-1", json.dumps(said).encode(), retained=False)
    (shown,) = heard.agents([])
    assert shown == {
        "agent": "pi-1", "conflict": False, "state": "online", "at": "2026-11-18T00:00:00Z", "clock": "synced",
        "backlog": None, "dropped": 2, "sensors": {"washer/done": {"state": "ok"}}, "outbox": {"held": 3},
    }  # fmt: skip


def test_who_was_cut_off_was_well_until_it_last_said_so_not_since_its_connection_began() -> None:
    heard = AgentsHeard()
    began, later = "2026-11-18T00:00:00Z", "2026-11-18T03:00:00Z"

    def say(state: str, at: str, retained: bool = False, **more: bool) -> None:
        heard.hear("pi-1", json.dumps({"state": state, "at": at, **more}).encode(), retained)

    say("offline", began, retained=True)
    assert heard.agents([])[0]["well_until"] is None, "a will that was there when we came says nothing of its end"
    say("online", began)
    say("online", later)
    assert "well_until" not in heard.agents([])[0]
    say("offline", began)
    assert heard.agents([])[0]["well_until"] == later
    say("offline", later, clean=True)
    assert "well_until" not in heard.agents([])[0]


def test_a_thousand_invented_agents_leave_those_of_the_line_in_their_place() -> None:
    heard = AgentsHeard(line=["pi-1", "pi-2"])
    heard.hear("pi-1", b'{"state":"online","backlog":3}', retained=False)
    for number in range(1001):
        heard.hear(f"ghost-{number}", b'{"state":"online"}', retained=False)
    heard.hear("pi-2", b'{"state":"online","backlog":4}', retained=False)
    shown = heard.agents(["pi-1", "pi-2"])
    assert [one["backlog"] for one in shown[:2]] == [3, 4]
    assert len(shown) <= STRANGERS + 2
    assert not heard.hear("a/b", b'{"state":"online"}', retained=False)
    assert all(one["agent"] != "a/b" for one in heard.agents([]))


def test_words_published_on_one_live_connection_are_no_conflict() -> None:
    hand = Hand()
    heard = AgentsHeard(hand)
    for second in range(0, 8, 2):
        hand.now += 1
        for later, state in enumerate(("online", "offline")):
            said = {"state": state, "at": f"2026-11-18T00:00:0{second + later}Z"}
            assert not heard.hear("pi-1", json.dumps(said).encode(), retained=False)
    assert not heard.agents([])[0]["conflict"]


def test_two_agents_that_cut_each_other_off_are_a_conflict_by_their_last_wills() -> None:
    hand = Hand()
    heard = AgentsHeard(hand)
    said = []
    for second in range(0, 8, 2):
        hand.now += 1
        for state in ("online", "offline"):  # the last will was written when the connection was made
            told = {"state": state, "at": f"2026-11-18T00:00:0{second}Z"}
            said.append(heard.hear("pi-1", json.dumps(told).encode(), retained=False))
    assert said.count(True) == 1


@pytest.mark.parametrize(("rules", "kept"), [([{"rule": 1, "state": "holding"}], True), ([1], False), ({}, False)])
def test_where_rules_stand_is_passed_on_if_it_is_a_table(rules: object, kept: bool) -> None:
    heard = AgentsHeard()
    heard.hear("pi-1", json.dumps({"state": "online", "rules": rules}).encode(), retained=False)
    (said,) = heard.agents([])
    assert said.get("rules") == (rules if kept else None)
