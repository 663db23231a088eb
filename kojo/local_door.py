"""The door of a running `kojo serve` for commands on the same machine: a socket in the data directory.

    DIR/serve.sock      mode 0600: who may read the data directory's files may knock, nobody else

One line of JSON asks, lines of JSON answer: ``{"still":…}`` every second while it takes, then ``{"done":…}`` or
``{"failed":{"ja","en",…}}``. One question at a time. See docs/decisions/backup.md for why it is not HTTP.
"""

import contextlib
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
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

Verb = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class LocalDoor:
    """Answers questions ``{"do": verb, …}`` asked in a data directory; runs one verb at a time, on its own thread."""

    def __init__(self, directory: Path, verbs: Mapping[str, Verb]) -> None:
        self._directory, self._verbs = directory, verbs
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

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
        """Answer no more; a question that is being answered is waited for."""
        door, self._socket = self._socket, None
        if door is None or self._thread is None:
            return
        with contextlib.suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        door.close()
        (self._directory / NAME).unlink(missing_ok=True)

    def _answer_all(self, door: socket.socket) -> None:
        while self._socket is not None:
            try:
                caller, _ = door.accept()
            except OSError:
                return
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
        found: Future[Mapping[str, Any]] = Future()
        threading.Thread(target=_run, args=(verb, asked, found), name="local verb", daemon=True).start()
        gone = False
        while not found.done():
            with contextlib.suppress(TimeoutError):
                found.exception(STILL_S)
            gone = gone or not _still_there(caller)
        error = found.exception()
        if not gone:
            _say(caller, {"done": found.result()} if error is None else {"failed": _told(error)})


def ask(directory: Path, question: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Ask the server that runs in a data directory; None where none answers. Raises BackupError with what it says."""
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
            return _final(door)
        except (OSError, ValueError) as error:
            if isinstance(error, KojoError):
                raise
            raise BackupError(
                Words("動いている kojo serve の返事が途切れました。", f"The running kojo serve broke off: {error}."),
                Words("kojo serve の記録を見て、もう一度実行してください。", "See its log, then run this again."),
            ) from error


def _final(door: socket.socket) -> Mapping[str, Any]:
    while True:
        said = json.loads(_line(door))
        if "done" in said:
            return dict(said["done"])
        if "failed" in said:
            told = said["failed"]
            hint = Words(told["hint_ja"], told["hint_en"]) if told.get("hint_ja") else None
            raise BackupError(Words(told["ja"], told["en"]), hint)


def _run(verb: Verb, asked: Mapping[str, Any], found: "Future[Mapping[str, Any]]") -> None:
    try:
        found.set_result(verb(asked))
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the answer
        found.set_exception(error)


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


def _still_there(caller: socket.socket) -> bool:
    try:
        _say(caller, {"still": True})
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
