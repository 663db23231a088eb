import pytest

from contract.broker import Broker
from contract.errors import LineError


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("embedded", Broker("127.0.0.1", 1883, embedded=True)),
        ("embedded:2883", Broker("127.0.0.1", 2883, embedded=True)),
        ("embedded:pi-1.local:8883", Broker("pi-1.local", 8883, tls=True, embedded=True)),
        ("embedded:[fe80::1]:8883", Broker("fe80::1", 8883, tls=True, embedded=True)),
        ("mqtt://192.168.1.5", Broker("192.168.1.5", 1883)),
        ("mqtt://host:1884", Broker("host", 1884)),
        ("mqtts://host", Broker("host", 8883, tls=True)),
        ("mqtts://[::1]:8884/", Broker("::1", 8884, tls=True)),
    ],
)
def test_every_form_of_the_address_is_understood(url: str, broker: Broker) -> None:
    assert Broker.of(url) == broker


@pytest.mark.parametrize(
    "url",
    [
        "", "embedded:", "embedded:x", "embedded:0", "embedded:70000", "embedded:host:", "embeddedd", "host:1883",
        "http://host", "mqtt://", "mqtt://host:0", "mqtt://host:99999", "mqtt://host:x", "mqtt://host/topic",
        "mqtt://host?x=1", "mqtt://[::1", "mqtt://ho st", "embedded:１883",
    ],
)  # fmt: skip
def test_a_wrong_address_is_refused_with_the_forms_it_may_have(url: str) -> None:
    with pytest.raises(LineError) as refused:
        Broker.of(url)
    (mistake,) = refused.value.mistakes
    assert mistake.where == "mqtt.url"
    assert mistake.hint is not None
    assert "embedded" in mistake.hint.en


@pytest.mark.parametrize("url", ["mqtt://pi:geheim@host", "mqtts://pi@host:8883", "embedded:pi:geheim@host:8883"])
def test_a_secret_in_the_address_is_a_mistake_and_is_not_repeated(url: str) -> None:
    with pytest.raises(LineError) as refused:
        Broker.of(url)
    assert "secrets.toml" in refused.value.say("en")
    assert "geheim" not in refused.value.say("en")
    assert "geheim" not in refused.value.say("ja")


def test_only_an_embedded_broker_with_a_host_is_open_to_the_lan() -> None:
    assert Broker.of("embedded:host:8883").is_open_to_lan
    assert not Broker.of("embedded:8883").is_open_to_lan
    assert not Broker.of("mqtts://host").is_open_to_lan


def test_an_address_is_said_as_a_url() -> None:
    assert str(Broker.of("mqtts://[::1]")) == "mqtts://[::1]:8883"
    assert str(Broker.of("embedded")) == "mqtt://127.0.0.1:1883"


@pytest.mark.parametrize(
    ("url", "binds", "from_here"),
    [
        ("embedded", "127.0.0.1", "mqtt://127.0.0.1:1883"),
        ("embedded:localhost:8883", "127.0.0.1", "mqtts://127.0.0.1:8883"),
        ("embedded:127.0.0.2:8883", "127.0.0.2", "mqtts://127.0.0.2:8883"),
        ("embedded:[::1]:8883", "::1", "mqtts://[::1]:8883"),
        ("embedded:192.168.1.5:8883", None, "mqtts://127.0.0.1:8883"),
        ("embedded:pc.local:8883", None, "mqtts://127.0.0.1:8883"),
        ("mqtts://pc.local", None, "mqtts://pc.local:8883"),
    ],
)
def test_a_broker_with_a_name_listens_everywhere_and_is_reached_without_it(
    url: str, binds: str | None, from_here: str
) -> None:
    assert Broker.of(url).binds == binds
    assert str(Broker.of(url).from_here) == from_here
