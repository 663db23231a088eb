"""Who may do what at the broker, each cell of the table against the real mosquitto and against the embedded broker."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import MQTTv5

from tests.derived import SEEN, WITHIN_S, WITNESS, Kit, Visitor, derived_embedded, derived_mosquitto
from tests.who_may import BASE, DEEDS, PEOPLE, Deed, page

END = "who-may/end"
BROKERS = {"mosquitto": derived_mosquitto, "embedded": derived_embedded}


def _barriers() -> str:
    """Added to the derived list: a topic on which each says that it is done, and one that all hear."""
    return "".join(f"\nuser {who}\ntopic write {END}/{who}\ntopic read {END}\n" for who in PEOPLE)


class Floor:
    """A broker, everybody's tries, and what came of them: (account, deed) of those that succeeded."""

    def __init__(self, kit: Kit, witness: Visitor) -> None:
        self.kit, self.witness = kit, witness
        self.done: set[tuple[str, Deed]] = set()
        self.let_in: set[str] = set()
        self.odd: list[str] = []

    def try_everything(self) -> None:
        """Everybody tries everything; the witness sees what comes of it."""
        visitors = {who: self._enter(who) for who in PEOPLE}
        inside = {who: visitor for who, visitor in visitors.items() if visitor.let_in}
        self.let_in = set(inside)
        for who, visitor in inside.items():
            for place, deed in enumerate(DEEDS):
                if deed.access == "write":
                    visitor.say(deed.topic, f"{who} {place}")
            visitor.say(f"{END}/{who}")
            self.witness.waits_for(f"{END}/{who}")
        for place, deed in enumerate(DEEDS):
            if deed.access == "read":
                self.witness.say(deed.topic, f"read {place}")
        self.witness.say(END)
        for who, visitor in inside.items():
            visitor.waits_for(END)
            for place, deed in enumerate(DEEDS):
                heard = visitor.hears(deed.topic, f"read {place}")
                written = self.witness.hears(deed.topic, f"{who} {place}")
                if heard if deed.access == "read" else written:
                    self.done.add((who, deed))
            self.odd += [f"{who} {topic}" for topic, _ in visitor.heard if topic.startswith("$")]

    def _enter(self, who: str) -> Visitor:
        filters = ["#", "+/+/+/+/#", "$SYS/#", f"{BASE}/#", *(deed.topic for deed in DEEDS if deed.access == "read")]
        if who == "nobody":
            return Visitor(self.kit, None, filters)
        if who == "wrong":
            return Visitor(self.kit, "pi-1", filters, password="not-it")
        return Visitor(self.kit, who, filters)


@pytest.fixture(scope="module", params=[pytest.param("mosquitto", marks=pytest.mark.mosquitto), "embedded"])
def kit(request: pytest.FixtureRequest) -> Iterator[Kit]:
    """A broker with the derived files, and an account besides them that sees all."""
    with tempfile.TemporaryDirectory(prefix="who-may-") as folder:
        more = f"\nuser {WITNESS}\ntopic readwrite #\n" + _barriers()
        with BROKERS[str(request.param)](Path(folder), more_access=more) as kit:
            yield kit


@pytest.fixture(scope="module")
def witness(kit: Kit) -> Visitor:
    return Visitor(kit, WITNESS, ["#"], password=SEEN)


@pytest.fixture(scope="module")
def floor(kit: Kit, witness: Visitor) -> Floor:
    floor = Floor(kit, witness)
    floor.try_everything()
    return floor


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: f"{deed.access} {deed.topic}")
@pytest.mark.parametrize("who", PEOPLE)
def test_each_cell_of_the_table(floor: Floor, who: str, deed: Deed) -> None:
    assert ((who, deed) in floor.done) == (who in deed.allowed)


def test_without_an_account_or_with_a_wrong_password_nobody_comes_in(floor: Floor) -> None:
    assert floor.let_in == set(PEOPLE) - {"nobody", "wrong"}


def test_nobody_hears_the_brokers_own_topics(floor: Floor) -> None:
    assert not floor.odd


@pytest.mark.parametrize(("who", "topic"), [("pi-1", f"{BASE}/_agents/pi-2"), ("team-a", f"{BASE}/packer/done/count")])
def test_a_last_will_may_not_say_what_its_owner_may_not(kit: Kit, witness: Visitor, who: str, topic: str) -> None:
    die(kit, who, topic, "a forged will")
    die(kit, "pi-1", f"{BASE}/_agents/pi-1", "an honest will")
    witness.waits_for(f"{BASE}/_agents/pi-1", "an honest will")
    assert not witness.hears(topic, "a forged will")


def die(kit: Kit, who: str, topic: str, will: str) -> None:
    """Connect with a last will, and drop the line without a word (if the broker let that in)."""
    client = kit.client(who, prepare=lambda client: client.will_set(topic, will, 1, True), connect=False)
    greeted = threading.Event()
    client.on_connect = lambda *_: greeted.set()
    client.connect(kit.host, kit.port)
    client.loop_start()
    assert greeted.wait(WITHIN_S)
    line: Any = client.socket()
    if line is not None:
        line.shutdown(socket.SHUT_RDWR)
    client.loop_stop()


def test_a_newcomer_is_handed_only_the_retained_messages_that_are_for_it(kit: Kit, witness: Visitor) -> None:
    for agent in ("pi-1", "pi-2"):
        witness.say(f"{BASE}/_acks/{agent}", f"kept for {agent}", retain=True)
    collector = Visitor(kit, "_collector", [f"{BASE}/#"])
    collector.waits_for(f"{BASE}/_acks/pi-2", "kept for pi-2")
    narrow = Visitor(kit, "pi-1", [f"{BASE}/_set/washer/+", END])
    wide = Visitor(kit, "pi-1", ["#", END])
    wide.waits_for(f"{BASE}/_acks/pi-1", "kept for pi-1")
    witness.say(END)
    for visitor in (narrow, wide):
        visitor.waits_for(END)
    assert narrow.heard == [(END, b"1")], "what others subscribed to is not for it"
    assert not any("pi-2" in topic for topic, _ in wide.heard)


@pytest.mark.mosquitto
def test_a_shared_subscription_opens_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="who-may-") as folder:
        more = f"\nuser {WITNESS}\ntopic readwrite #\n" + _barriers()
        with derived_mosquitto(Path(folder), more_access=more) as kit:
            witness = Visitor(kit, WITNESS, password=SEEN)
            sharing = Visitor(kit, "_viewer", [f"$share/all/{BASE}/#", END], version=MQTTv5)
            witness.say(f"{BASE}/_acks/pi-1")
            witness.say(f"{BASE}/washer/done/count")
            witness.say(END)
            sharing.waits_for(f"{BASE}/washer/done/count")
            sharing.waits_for(END)
            assert not sharing.hears(f"{BASE}/_acks/pi-1")


def test_the_page_says_what_the_tests_assert() -> None:
    assert Path("docs/who-may-mqtt.md").read_text("utf-8") == page(), "make derive"
