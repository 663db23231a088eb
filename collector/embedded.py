"""The broker that comes with the kit: amqtt in a thread of its own, for one machine (``[mqtt] url = "embedded"``).

    broker = EmbeddedBroker("127.0.0.1", 1883)
    broker.start()
    broker.stop()

It speaks MQTT 3.1.1 on the loopback address and lets everybody in there. It keeps nothing: what it had in flight when
it stopped is sent again by the agents, because only the collector's confirmation ends their duty. Other machines reach
it only with TLS and the derived accounts (docs/decisions/accounts.md):

    EmbeddedBroker("192.168.1.5", 8883, tls=True, accounts=DIR / "broker")
"""

import asyncio
import contextlib
import ipaddress
import logging
import threading
from pathlib import Path
from typing import Any

from collector.elsewhere import DoorOfLine
from collector.embedded_accounts import Accounts, no_accounts
from collector.embedded_manners import Doorkeeper, OpenDoor, mannered_broker
from contract.broker import Broker
from contract.errors import BrokerError, InUse, MissingExtra
from contract.topics import Topics
from contract.words import Words

log = logging.getLogger(__name__)

START_WITHIN_S = 10.0
STOP_WITHIN_S = 10.0


class EmbeddedBroker:
    """The broker on ``host`` and ``port``. ``start`` and ``stop`` from any thread.

    Without ``tls`` only on a loopback address. With it for those who have an account: ``accounts`` is the folder where
    `kojo derive` put them. Raises NotAllowed otherwise, or where there are none. ``topics``: of the line; what comes
    under another is said, where accounts do not forbid it anyhow.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 1883,
        *,
        tls: bool = False,
        accounts: Path | None = None,
        topics: Topics | None = None,
    ) -> None:
        if (tls and accounts is None) or (not tls and not _is_loopback(host)):
            raise no_accounts()
        self._accounts = Accounts(accounts) if tls and accounts else None
        self._door: Doorkeeper = self._accounts or (DoorOfLine(topics) if topics else OpenDoor())
        self.host, self.port = host, port
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._up = threading.Event()
        self._trouble: BaseException | None = None

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._up.is_set() and self._thread is not None and self._thread.is_alive() and self._trouble is None

    def start(self) -> None:
        """Listen. Raises InUse where the port is taken, BrokerError, MissingExtra."""
        if self._thread is not None:
            return
        self._up.clear()
        self._trouble = None
        self._thread = threading.Thread(target=self._run, name="embedded broker", daemon=True)
        self._thread.start()
        listening = self._up.wait(START_WITHIN_S)
        if self._trouble is not None or not listening:
            trouble = self._trouble or TimeoutError("no answer")
            self._thread.join(STOP_WITHIN_S)
            self._thread = None
            raise self._explained(trouble)

    def stop(self) -> None:
        """Stop listening and cut every connection. May be called twice."""
        thread, loop, stop = self._thread, self._loop, self._stop
        if thread is None:
            return
        if loop is not None and stop is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(stop.set)
        thread.join(STOP_WITHIN_S)
        if self._thread is thread:  # else somebody has begun it again meanwhile
            self._thread = None

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 - whatever amqtt raises is told by start(), or logged
            self._trouble = error
            if self._up.is_set():
                log.error("%s", Words(f"内蔵ブローカーが止まりました: {error}", f"The embedded broker ended: {error}"))
        finally:
            self._up.set()

    async def _serve(self) -> None:
        broker = _broker(Broker(self.host, self.port, tls=self._accounts is not None), self._accounts, self._door)
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(_quiet)
        await broker.start()
        self._up.set()
        where = f"{self.host}:{self.port}"
        log.info("%s", Words(f"内蔵ブローカーが {where} で動いています。", f"The embedded broker listens on {where}."))
        watch = asyncio.create_task(broker.keep_door())
        await self._stop.wait()
        watch.cancel()
        await broker.shutdown()

    @property
    def _other_url(self) -> str:
        return f"embedded:{self.host}:{self.port + 1}" if self._accounts else f"embedded:{self.port + 1}"

    def _explained(self, trouble: BaseException) -> Exception:
        if isinstance(trouble, MissingExtra):
            return trouble
        where = f"{self.host}:{self.port}"
        if "in use" in str(trouble):
            return InUse(
                Words(f"{where} は別のプログラムが使用中です。", f"{where} is in use by another program."),
                Words(
                    "そのプログラム(mosquitto、別の kojo serve、実演など)を終わらせるか、line.toml の [mqtt] url を"
                    f"「{self._other_url}」のように変えて kojo serve を起動し直してください。",
                    "End that program (a mosquitto, another kojo serve, the demo), or change [mqtt] url in line.toml, "
                    f"like {self._other_url}, and start kojo serve anew.",
                ),
            )
        return BrokerError(
            Words(f"{where} で内蔵ブローカーを始められません。", f"No embedded broker on {where}: {trouble}")
        )


def _broker(address: Broker, accounts: Accounts | None, door: Doorkeeper) -> Any:
    try:
        from amqtt import broker, errors
        from amqtt.mqtt.connack import ConnackPacket
        from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
    except ImportError as error:
        raise MissingExtra("amqtt", "server") from error
    # amqtt reports each client's slip and each late acknowledgement as an error with its stack; what matters to the
    # floor is said by the subscriber and by the agents.
    for noisy in ("amqtt", "transitions"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    mannered = mannered_broker(broker.Broker, BrokerProtocolHandler, ConnackPacket, door, errors.AMQTTError)

    class Listening(mannered):  # type: ignore[misc,valid-type]
        """amqtt makes its own TLS context, and reads an address by its own rules; these are ours."""

        @staticmethod
        def _create_ssl_context(_listener: Any) -> Any:
            assert accounts is not None
            return accounts.context

        @classmethod
        def _split_bindaddr_port(cls, _bind: str, _port: int) -> tuple[str | None, int]:
            return address.binds if accounts else address.host, address.port

    listener = {"type": "tcp", "bind": "here", "ssl": accounts is not None}
    return Listening({"listeners": {"default": listener}, "plugins": {}})


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _quiet(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.debug("embedded broker: %s", context.get("message"))
