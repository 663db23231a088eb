"""The embedded broker beside the server half: it begins as soon as its port is free."""

import threading
from pathlib import Path

from collector.embedded import EmbeddedBroker
from collector.embedded_accounts import no_accounts
from contract.broker import Broker
from contract.errors import BrokerError, InUse
from contract.topics import Topics
from contract.words import Words

RETRY_S = 5.0


class Embedded:
    """The embedded broker, tried again while its port is taken: nobody has to restart the server for that.

    ``trouble`` is why it does not listen, or None. Whoever has its port is not taken for it: that may be the broker of
    another collector, which tells the agents otherwise. ``accounts``: the folder of those `kojo derive` made, from
    ``line_file``. Raises NotAllowed for the LAN without accounts.
    """

    def __init__(
        self,
        address: Broker,
        accounts: Path,
        retry_s: float = RETRY_S,
        topics: Topics | None = None,
        line_file: Path | None = None,
    ) -> None:
        if address.tls and not accounts.is_dir():
            raise no_accounts(accounts, line_file)
        self._broker = EmbeddedBroker(address.host, address.port, tls=address.tls, accounts=accounts, topics=topics)
        self.trouble: Words | None = None
        self._retry_s = retry_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen now, or as soon as the port is free; a broker that ends by itself is begun again."""
        self._begin()
        self._thread = threading.Thread(target=self._keep, name="broker start", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._stopping.set()
        if self._thread:
            self._thread.join()
        self._broker.stop()

    def _begin(self) -> None:
        try:
            self._broker.start()
        except (InUse, BrokerError) as error:
            self.trouble = error.words
        else:
            self.trouble = None

    def _keep(self) -> None:
        while not self._stopping.wait(self._retry_s):
            if not self._broker.running:
                self._broker.stop()
                self._begin()
