"""What agents say of themselves, and two programs with one id."""

from collector.agents_heard import AgentsHeard


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
