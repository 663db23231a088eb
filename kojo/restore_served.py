"""`kojo restore` asked of the server that runs: checked first, then exchanged while nothing uses the store.

What is checked is a copy beside the store; until it has been tried nothing of the running server is touched. Then the
service answers 503, what receives ends in order, the files are renamed, and everything is opened again. Whatever fails
from then on, the files are renamed back and the server goes on with the store it had.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from collector.store import Store
from contract.errors import BackupError, InUse
from contract.line import Line
from contract.words import Words
from kojo.backup_file import STORE, read
from kojo.local_door import Hear
from kojo.moves import Moves
from kojo.progress import Relay
from kojo.restore import keep_papers, no_readings
from kojo.restore_check import aside_of, exchange, small_files, unpacked

log = logging.getLogger(__name__)


class Serving(Protocol):
    """What a restore asks of the server (`kojo.wire.Server`)."""

    line: Line

    def opened(self) -> Store:
        """Its store. Raises StoreAway while there is none."""

    def exchange(self, moves: Callable[[], Moves]) -> None:
        """Rename files while nothing uses the store, and open what is there then. Raises BackupError: all as before.

        ``moves`` is asked when the store is closed, with all that it leaves beside it.
        """

    def begin_anew(self) -> None:
        """Close everything that stands on the store and open it again."""


class Restoring:
    """The verb ``restore`` of a server on a directory. ``alone``: held by whoever copies or exchanges the store."""

    def __init__(self, server: Serving, directory: Path, alone: threading.Lock) -> None:
        self._server, self._directory, self._alone = server, directory, alone

    def __call__(self, asked: Mapping[str, Any], tell: Hear) -> Mapping[str, Any]:
        """Restore the backup of the question ``{"file", "replace"}``. Raises KojoError; then all is as it was."""
        if not self._alone.acquire(blocking=False):
            raise InUse(
                Words(
                    "ほかの kojo backup か kojo restore が動いています。",
                    "Another kojo backup or kojo restore is being done.",
                ),
                Words("終わってから、もう一度実行してください。", "Run this again when it is done."),
            )
        try:
            return self._restore(Path(asked["file"]), bool(asked["replace"]), Relay(tell))
        finally:
            self._alone.release()

    def _restore(self, file: Path, replace: bool, progress: Relay) -> Mapping[str, Any]:
        store, url = self._server.opened(), self._server.line.store_url
        manifest = read(file)
        made = manifest.made
        if STORE not in manifest.parts:
            if url.startswith("duckdb:"):
                raise no_readings(file)
            told = keep_papers(file, store, self._directory, url)
            self._server.begin_anew()
            said = Words(
                f"{made} の控え({file})のラインの版と記入を {url} に戻しました。",
                f"The versions of the line and the entries of the backup of {made} ({file}) are back in {url}.",
            )
            log.warning("%s", said)
            return told
        if not url.startswith("duckdb:"):
            raise BackupError(
                Words(
                    f"動いている kojo serve の保存先は {url} で、この控えはファイルの保存先のものです。",
                    f"The running server stores in {url}; this backup is of a store that is a file.",
                ),
                Words("別の --data を指してください。", "Name another --data."),
            )
        target = self._directory / url.partition(":")[2]
        with unpacked(file, target, replace, progress) as work:
            aside, small = aside_of(target), small_files(work, self._directory)
            progress.step(Words("受信を止めて置き換え、開き直しています", "Exchanging it while nothing is received"))
            self._server.exchange(lambda: exchange(work, self._directory, target, aside))
        log.warning(
            "%s",
            Words(
                f"{made} の控え({file})に置き換えました。前の保存ファイルは {aside} に残しました。",
                f"The store was replaced by the backup of {made} ({file}); what was there before lies in {aside}.",
            ),
        )
        return {"target": str(target), "aside": str(aside), "serving": True, "small": small}
