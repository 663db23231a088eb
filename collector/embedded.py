"""The broker that comes with the kit: amqtt in a thread of its own, for one machine (``[mqtt] url = "embedded"``).

    broker = EmbeddedBroker("127.0.0.1", 1883)
    broker.start()
    broker.stop()

It speaks MQTT 3.1.1 on the loopback address and lets everybody in there. It keeps nothing: what it had in flight when
it stopped is sent again by the agents, because only the collector's confirmation ends their duty. Other machines reach
it only with TLS and the derived accounts (docs/decisions/embedded-broker.md).
"""

import asyncio
import contextlib
import ipaddress
import logging
import threading
from typing import Any

from contract.errors import BrokerError, InUse, MissingExtra, NotAllowed
from contract.words import Words

log = logging.getLogger(__name__)

START_WITHIN_S = 10.0
STOP_WITHIN_S = 10.0

_NEEDS_ACCOUNTS = NotAllowed(
    Words(
        "内蔵ブローカーを LAN に開くには、TLS とアカウントが必要です。",
        "The embedded broker listens on the LAN only with TLS and accounts.",
    ),
    Words(
        "先に「kojo derive」でアカウントを作るか、mosquitto を使うか、「embedded」(このPCだけ)にしてください。",
        "Make the accounts with `kojo derive` first, use a mosquitto, or write `embedded` (this machine only).",
    ),
)


class EmbeddedBroker:
    """The broker on ``host`` (a loopback address) and ``port``. ``start`` and ``stop`` from any thread.

    Raises NotAllowed for an address that others can reach, and for ``tls``: there are no accounts yet.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 1883, *, tls: bool = False) -> None:
        if tls or not _is_loopback(host):
            raise _NEEDS_ACCOUNTS
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
        broker = _broker(self.host, self.port)
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(_quiet)
        await broker.start()
        self._up.set()
        where = f"{self.host}:{self.port}"
        log.info("%s", Words(f"内蔵ブローカーが {where} で動いています。", f"The embedded broker listens on {where}."))
        await self._stop.wait()
        await broker.shutdown()

    def _explained(self, trouble: BaseException) -> Exception:
        if isinstance(trouble, MissingExtra):
            return trouble
        where = f"{self.host}:{self.port}"
        if "in use" in str(trouble):
            return InUse(
                Words(f"{where} は別のプログラムが使用中です。", f"{where} is in use by another program."),
                Words(
                    "別の mosquitto や kojo serve が動いていないか確かめるか、「embedded:1884」などに変えてください。",
                    "Look for another mosquitto or kojo serve, or change the port, for example `embedded:1884`.",
                ),
            )
        return BrokerError(
            Words(f"{where} で内蔵ブローカーを始められません。", f"No embedded broker on {where}: {trouble}")
        )


def _broker(host: str, port: int) -> Any:
    try:
        from amqtt.broker import Broker
    except ImportError as error:
        raise MissingExtra("amqtt", "server") from error
    # amqtt reports each client's slip and each late acknowledgement as an error with its stack; what matters to the
    # floor is said by the subscriber and by the agents.
    for noisy in ("amqtt", "transitions"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    plugins: dict[str, dict[str, bool]] = {
        "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
    }

    class Tidy(Broker):  # type: ignore[misc]
        """amqtt leaves the connection of a client that broke the protocol open for ever; this one closes it."""

        async def stream_connected(self, reader: Any, writer: Any, listener_name: str) -> None:
            try:
                await super().stream_connected(reader, writer, listener_name)
            except Exception as error:  # noqa: BLE001 - one bad client must not be noticed by the others
                log.debug("embedded broker: a client was dropped: %r", error)
            finally:
                writer.close()

    return Tidy({"listeners": {"default": {"type": "tcp", "bind": f"{host}:{port}"}}, "plugins": plugins})


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _quiet(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.debug("embedded broker: %s", context.get("message"))
