"""The door of a running `kojo serve` for commands on the same machine: a socket in the data directory.

    DIR/serve.sock      mode 0600: who may read the data directory's files may knock, nobody else

One line of JSON asks, lines of JSON answer: ``{"still":…}`` every second while it takes, with what there is to tell of
how far it is; then ``{"done":…}`` or ``{"failed":{"ja","en",…}}``. docs/decisions/backup.md says why it is not HTTP.
"""

import contextlib
import json
import logging
import os
import queue
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from contract.errors import BackupError, KojoError
from contract.words import Words

log = logging.getLogger(__name__)

NAME = "serve.sock"
STILL_S = 1.0
PATIENCE_S = 30.0
"""A server that says nothing for so long is not waited for."""
LONGEST_LINE = 64 << 20

Hear = Callable[[Mapping[str, Any]], object]
"""Is told how far something is."""
Verb = Callable[[Mapping[str, Any]], Mapping[str, Any]]
LongVerb = Callable[[Mapping[str, Any], Hear], Mapping[str, Any]]


class LocalDoor:
    """Answers questions ``{"do": verb, …}`` asked in a data directory, each on a thread of its own.

    ``long``: verbs that tell how far they are.
    """

    def __init__(self, directory: Path, verbs: Mapping[str, Verb], long: Mapping[str, LongVerb] | None = None) -> None:
        self._directory = directory
        self._verbs: dict[str, LongVerb] = {name: _short_verb(verb) for name, verb in verbs.items()} | dict(long or {})
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._answering: list[threading.Thread] = []

    def open(self) -> None:
        """Begin to answer. Where the file system takes no sockets, that is said, and all else goes on."""
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            (self._directory / NAME).unlink(missing_ok=True)
            with _short(self._directory) as place:
                door.bind(place)
                os.chmod(place, 0o600)  # before listen: until then nobody can connect
            door.listen(4)
        except OSError as error:
            door.close()
            log.warning(
                "%s",
                Words(
                    f"{self._directory / NAME} を作れません({error.strerror})。動作中の kojo backup は使えません。",
                    f"{self._directory / NAME} cannot be made ({error.strerror}): no kojo backup while this runs.",
                ),
            )
            return
        self._socket = door
        self._thread = threading.Thread(target=self._answer_all, args=(door,), name="local door", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer no more; questions that are being answered are waited for."""
        door, self._socket = self._socket, None
        if door is None or self._thread is None:
            return
        with contextlib.suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for thread in self._answering:
            thread.join()
        door.close()
        (self._directory / NAME).unlink(missing_ok=True)

    def _answer_all(self, door: socket.socket) -> None:
        while self._socket is not None:
            try:
                caller, _ = door.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._answer_one, args=(caller,), name="local question", daemon=True)
            self._answering = [*(other for other in self._answering if other.is_alive()), thread]
            thread.start()

    def _answer_one(self, caller: socket.socket) -> None:
        with caller:
            caller.settimeout(PATIENCE_S)
            # Who asked may be gone before the answer is.
            with contextlib.suppress(OSError):
                self._answer(caller)

    def _answer(self, caller: socket.socket) -> None:
        try:
            asked = json.loads(_line(caller))
            verb = self._verbs[asked["do"]]
        except (ValueError, KeyError, TypeError):
            _say(caller, {"failed": _told(_not_understood())})
            return
        news: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=_run, args=(verb, asked, news), name="local verb", daemon=True).start()
        said: Mapping[str, Any] = {"still": True}
        gone = False
        while "still" in said:
            try:
                said = news.get(timeout=STILL_S)
            except queue.Empty:
                said = {"still": True}
            gone = gone or not _heard(caller, said)


def ask(directory: Path, question: Mapping[str, Any], hear: Hear = lambda _: None) -> Mapping[str, Any] | None:
    """Ask the server that runs in a data directory; None where none answers. Raises BackupError with what it says.

    ``hear`` is told how far it is.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.settimeout(PATIENCE_S)
        try:
            with _short(directory) as place:
                door.connect(place)
        except PermissionError as error:
            raise BackupError(
                Words(
                    f"動いている kojo serve に頼めません({directory / NAME} を開く権限がありません)。",
                    f"The running kojo serve cannot be asked: we may not open {directory / NAME}.",
                ),
                Words("kojo serve と同じ利用者で実行してください。", "Run this as the user that runs kojo serve."),
            ) from error
        except OSError:
            return None
        try:
            _say(door, question)
            return _final(door, hear)
        except (OSError, ValueError) as error:
            if isinstance(error, KojoError):
                raise
            raise BackupError(
                Words("動いている kojo serve の返事が途切れました。", f"The running kojo serve broke off: {error}."),
                Words("kojo serve の記録を見て、もう一度実行してください。", "See its log, then run this again."),
            ) from error


def _final(door: socket.socket, hear: Hear) -> Mapping[str, Any]:
    while True:
        said = json.loads(_line(door))
        if "still" in said:
            hear(said)
        if "done" in said:
            return dict(said["done"])
        if "failed" in said:
            told = said["failed"]
            hint = Words(told["hint_ja"], told["hint_en"]) if told.get("hint_ja") else None
            raise BackupError(Words(told["ja"], told["en"]), hint)


def _short_verb(verb: Verb) -> LongVerb:
    return lambda asked, _: verb(asked)


def _run(verb: LongVerb, asked: Mapping[str, Any], news: "queue.SimpleQueue[Mapping[str, Any]]") -> None:
    try:
        news.put({"done": verb(asked, lambda far: news.put({"still": True, **far}))})
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the answer
        news.put({"failed": _told(error)})


def _told(error: BaseException) -> dict[str, str]:
    if not isinstance(error, KojoError):
        log.error("a command could not be answered", exc_info=error)
        return {"ja": f"kojo serve の中で誤りが起きました({error!r})。", "en": f"kojo serve failed: {error!r}."}
    hint = {"hint_ja": error.hint.ja, "hint_en": error.hint.en} if error.hint else {}
    return {"ja": error.what.ja, "en": error.what.en, **hint}


def _not_understood() -> BackupError:
    return BackupError(
        Words(
            "動いている kojo serve が古く、この頼みを知りません。", "The running kojo serve does not know this command."
        ),
        Words("kojo serve を起動し直してください。", "Start kojo serve anew."),
    )


def _say(caller: socket.socket, said: Mapping[str, Any]) -> None:
    caller.sendall(json.dumps(said, ensure_ascii=False).encode() + b"\n")


def _heard(caller: socket.socket, said: Mapping[str, Any]) -> bool:
    """Whether who asked is still there."""
    try:
        _say(caller, said)
    except OSError:
        return False
    return True


def _line(caller: socket.socket) -> bytes:
    """One line. Raises OSError when the other side is gone or does not end it."""
    said = b""
    while not said.endswith(b"\n"):
        piece = caller.recv(1 << 16, socket.MSG_PEEK)
        if not piece:
            raise ConnectionError("the other side hung up")
        end = piece.find(b"\n")
        said += caller.recv(len(piece) if end < 0 else end + 1)
        if len(said) > LONGEST_LINE:
            raise ConnectionError("an endless line")
    return said


@contextlib.contextmanager
def _short(directory: Path) -> Iterator[str]:
    """The socket's path in few letters: a socket's name has room for 107, a data directory may be deeper."""
    if not sys.platform.startswith("linux"):
        yield str(directory / NAME)
        return
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{NAME}"
    finally:
        os.close(handle)
