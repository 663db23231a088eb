"""The access list: one parser and one judge, held against the real mosquitto."""

import random
import subprocess
import tempfile
from pathlib import Path

import pytest
from paho.mqtt.client import MQTTv5

from contract.broker_access import AccessList, Grant, matches, parse
from contract.errors import LineError
from tests.derived import SEEN, WITNESS, Visitor, derived_mosquitto
from tests.servers import need


@pytest.mark.parametrize(
    ("filter", "topic", "fits"),
    [
        ("a/b", "a/b", True), ("a/b", "a/b/c", False), ("a/b/c", "a/b", False), ("a/+", "a/b", True),
        ("a/+", "a", False), ("a/+", "a/b/c", False), ("a/+/c", "a//c", True), ("a/#", "a", True),
        ("a/#", "a/b/c", True), ("a/#", "b", False), ("#", "a/b", True), ("#", "$SYS/x", False),
        ("+/x", "$SYS/x", False), ("$SYS/#", "$SYS/x", True), ("+", "a", True), ("+", "", True),
        ("a/#/b", "a/x/b", False), ("", "a", False),
    ],
)  # fmt: skip
def test_a_filter_holds_topics_as_mqtt_says(filter: str, topic: str, fits: bool) -> None:
    assert matches(filter, topic) == fits


LIST = AccessList(
    {
        "pi-1": (Grant("write", "a/+/x"), Grant("read", "b"), Grant("deny", "a/secret/#")),
        "all": (Grant("readwrite", "#"),),
    }
)


def test_what_is_not_allowed_is_refused_and_a_deny_wins() -> None:
    assert LIST.may("pi-1", "write", "a/1/x")
    assert not LIST.may("pi-1", "read", "a/1/x")
    assert not LIST.may("pi-1", "write", "a/secret/x")
    assert not LIST.may("stranger", "read", "b")
    assert LIST.may("all", "read", "anything/at/all")


def test_a_list_is_read_as_it_was_written() -> None:
    assert parse("# a remark\n\n" + LIST.text(), "access") == LIST


@pytest.mark.parametrize("line", ["topic a/b", "pattern read a/%u", "topic grant a", "usr pi-1", "topic read a"])
def test_a_line_that_is_not_understood_lets_nobody_in(line: str) -> None:
    with pytest.raises(LineError) as refused:
        parse(line + "\nuser pi-1\n", "access")
    assert [mistake.row for mistake in refused.value.mistakes] == [1]


LEVELS = ("a", "b", "c", "", "_set", "x y")
TOPICS = 60


def _random_list(dice: random.Random) -> tuple[AccessList, list[str]]:
    """Users with random grants, and topics near what they name."""
    topics = ["/".join(dice.choices(LEVELS, k=dice.randint(1, 4))) for _ in range(TOPICS)]
    topics = sorted({topic for topic in topics if topic})
    users = {}
    for number in range(8):
        grants = []
        for _ in range(dice.randint(1, 5)):
            levels = dice.choice(topics).split("/")
            for place in range(len(levels)):
                if dice.random() < 0.3:
                    levels[place] = "+"
            if dice.random() < 0.3:
                levels = [*levels[: dice.randint(0, len(levels))], "#"]
            filter = "/".join(levels).strip()
            if filter.strip() and not matches(filter, "end"):
                grants.append(Grant(dice.choice(["read", "write", "readwrite", "readwrite", "deny"]), filter))
        users[f"user-{number}"] = (*grants, Grant("readwrite", "end"))
    return AccessList(users), topics


@pytest.mark.mosquitto
@pytest.mark.parametrize("seed", [1, 2])
def test_our_judge_and_mosquitto_agree(seed: int) -> None:
    access, topics = _random_list(random.Random(seed))
    with tempfile.TemporaryDirectory(prefix="access-") as folder:
        text = f"\nuser {WITNESS}\ntopic readwrite #\n\n" + access.text()
        with derived_mosquitto(Path(folder), more_access=text, more_users=access.users) as kit:
            witness = Visitor(kit, WITNESS, ["#"], password=SEEN)
            visitors = {user: Visitor(kit, user, ["#"], password=SEEN, version=MQTTv5) for user in access.users}
            for user, visitor in visitors.items():
                for topic in topics:
                    visitor.client.publish(topic, user, 1)
                visitor.say("end", user)
                witness.waits_for("end", user)
            for topic in topics:
                witness.client.publish(topic, "witness", 1)
            witness.say("end", "witness")
            for visitor in visitors.values():
                visitor.waits_for("end", "witness")
            differ = [
                (user, topic)
                for user, visitor in visitors.items()
                for topic in topics
                if witness.hears(topic, user) != access.may(user, "write", topic)
                or visitor.hears(topic, "witness") != access.may(user, "read", topic)
            ]
            assert not differ
            assert any(access.may(user, "read", topic) for user in visitors for topic in topics)


@pytest.mark.mosquitto
def test_a_password_file_of_mosquitto_passwd_is_read(tmp_path: Path) -> None:
    from contract import broker_passwords

    file = tmp_path / "passwords"
    file.touch()
    subprocess.run([need("mosquitto_passwd"), "-b", str(file), "pi-1", "geheim"], check=True, timeout=30)
    kept = broker_passwords.parse(file.read_text("utf-8"))
    assert kept.let_in("pi-1", "geheim")
    assert not kept.let_in("pi-1", "geheimer")
