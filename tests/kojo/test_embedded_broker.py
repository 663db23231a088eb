"""The embedded broker beside the server half: one that ends by itself is begun again."""

from pathlib import Path

from contract.broker import Broker
from kojo.embedded_broker import Embedded
from tests.servers import answers, free_port, wait_until


def test_a_broker_whose_thread_ended_is_begun_again(tmp_path: Path) -> None:
    port = free_port()
    embedded = Embedded(Broker("127.0.0.1", port, embedded=True), tmp_path, retry_s=0.05)
    embedded.start()
    try:
        wait_until(lambda: answers("127.0.0.1", port), what="it listens")
        embedded._broker.stop()
        wait_until(lambda: answers("127.0.0.1", port), what="it listens again")
        assert embedded.trouble is None
    finally:
        embedded.stop()
    assert not answers("127.0.0.1", port)
