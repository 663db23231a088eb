"""What is sent to another site or line is said once by the kit's own broker."""

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from collector.elsewhere import MOST, DoorOfLine
from collector.embedded import EmbeddedBroker
from contract.topics import Topics
from tests.servers import free_port, wait_until

OURS = Topics("akita", "wash")


def test_another_line_is_named_once_and_ours_with_it(caplog: pytest.LogCaptureFixture) -> None:
    door = DoorOfLine(OURS)
    for number in range(10):
        assert door.may(None, "write", f"kojo/v1/sendai/wash/washer/done/{number}")
    (said,) = caplog.messages
    assert "このラインは kojo/v1/akita/wash" in said
    assert "kojo/v1/sendai/wash/…" in said


@pytest.mark.parametrize("topic", ["kojo/v1/akita/wash/washer/done/count", "home/lamp", "kojo/v2/x/y/z"])
def test_ours_and_what_is_none_of_the_kits_is_not_said(topic: str, caplog: pytest.LogCaptureFixture) -> None:
    assert DoorOfLine(OURS).may(None, "write", topic)
    assert caplog.messages == []


def test_a_line_whose_id_begins_like_ours_is_another(caplog: pytest.LogCaptureFixture) -> None:
    DoorOfLine(OURS).may(None, "write", "kojo/v1/akita/wash2/washer/done/count")
    assert len(caplog.messages) == 1


def test_who_only_listens_is_not_said(caplog: pytest.LogCaptureFixture) -> None:
    assert DoorOfLine(OURS).may(None, "read", "kojo/v1/sendai/wash/washer/done/count")
    assert caplog.messages == []


def test_the_log_is_not_filled(caplog: pytest.LogCaptureFixture) -> None:
    door = DoorOfLine(OURS)
    for number in range(100):
        door.may(None, "write", f"kojo/v1/other-{number}/wash/washer/done/count\x1b")
    assert len(caplog.messages) == MOST


@pytest.mark.slow
def test_the_running_broker_says_it(caplog: pytest.LogCaptureFixture) -> None:
    broker = EmbeddedBroker("127.0.0.1", free_port(), topics=OURS)
    broker.start()
    sender = Client(CallbackAPIVersion.VERSION2, "sender")
    try:
        sender.connect(broker.host, broker.port)
        sender.loop_start()
        sender.publish("kojo/v1/sendai/wash/washer/done/count", b"1", qos=1)
        wait_until(lambda: any("kojo/v1/sendai/wash/…" in said for said in caplog.messages))
    finally:
        sender.disconnect()
        sender.loop_stop()
        broker.stop()
