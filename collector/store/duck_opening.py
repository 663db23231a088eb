"""How the DuckDB file is opened so that a broken one never stops the collector: set aside, kept, said.

DuckDB keeps a log of its own beside the file while a transaction is young. One changed bit in it may show fewer rows
without a word, or end the process; so it is never believed: what it could hold is still in our journal, whose records
carry checksums, because a journal goes only when the file itself has everything (a checkpoint). The file's blocks carry
checksums too; `collector.store.duck_care` reads them all.
"""

import contextlib
import logging
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from collector.store import duck_rescue, duck_tables
from collector.store.duck_hold import FileHold
from collector.store.duck_trouble import cannot_open, failed, is_damage, newer
from collector.store.journal import records, sync_directory
from collector.store.record import decode
from contract.errors import KojoError, StoreError
from contract.words import Words

log = logging.getLogger(__name__)

Connect = Callable[[Path], Any]


class _Broken(Exception):
    """The file is not what was written."""


class Opening:
    """One start. ``care``: what had to be put right; ``falls``: numbers may have fallen, a new id is due."""

    def __init__(self, path: Path, connect: Connect, now_s: Callable[[], float] = time.time) -> None:
        self.path, self._connect, self._now_s = path, connect, now_s
        self.care: list[Words] = []
        self.falls = False
        self.set_aside_once = False
        self.is_final = False
        """What took the place of a broken file holds by now what the journals held."""
        self._renamed: list[tuple[Path, Path]] = []
        self._log, self._half = (path.with_name(path.name + more) for more in (".wal", ".rescue"))
        self.hold = FileHold(path)

    def say(self, ja: str, en: str, *, falls: bool = True, loud: bool = False) -> None:
        """Something had to be put right. ``loud``: readings may be gone, a person must look."""
        words = Words(ja, en)
        log.log(logging.ERROR if loud else logging.WARNING, "%s: %s", self.path, words)
        self.care.append(words)
        self.falls = self.falls or falls

    # ------------------------------------------------------------------ the file

    def take(self) -> Any:
        """A connection to a file of this version, whole as far as its catalogue goes; set aside what is not."""
        if self.hold.was == "opening" and self.path.exists() and not _opens_elsewhere(self.path):
            self._drop_what_kills()
        if not self.path.exists() and self._half.exists():
            self._half.rename(self.path)
        self._half.unlink(missing_ok=True)
        try:
            if not self._log.exists():
                return self._try()
            return self._without_log() or self._with_log()
        except _Broken as broken:
            self.set_aside(broken)
            return self._try()

    def _without_log(self) -> Any:
        """None where DuckDB's log must be read: it was left by version 1, whose journals went earlier."""
        kept = self._log.with_name(self._log.name + ".kept")
        self._log.rename(kept)
        connection = None
        try:
            connection = self._try(only_this_version=True)
        finally:
            if connection is None:
                kept.rename(self._log)
        kept.unlink(missing_ok=True)
        return connection

    def _with_log(self) -> Any:
        try:
            return self._try()
        except _Broken:
            self._rename_aside(self._log)
            self.say(
                "DuckDB の記録ファイルが壊れていたので、使わずに残しました。",
                "DuckDB's log was broken; it is kept and not used.",
            )
            return self._try()

    def _try(self, *, only_this_version: bool = False) -> Any:
        """A connection, None if ``only_this_version`` and it is older. Raises _Broken, or what a person must mend."""
        connection = None
        try:
            connection = self._connect(self.path)
            version = self._version(connection)
            if only_this_version and version != duck_tables.VERSION:
                connection.close()
                return None
            if version == 0:
                duck_tables.create(connection, secrets.token_hex(8), secrets.token_hex(4))
            elif version < duck_tables.VERSION:
                connection = self._migrated(connection, version)
            duck_tables.check_form(connection)
            duck_tables.tracks(connection)
            return connection
        except Exception as error:
            if connection is not None:
                connection.close()
            self._raise_unless_broken(error)
            raise _Broken(str(error)) from error

    def _version(self, connection: Any) -> int:
        """0: an empty file. Raises NewerStore."""
        said = duck_tables.meta(connection)
        version = int(said["schema"]) if said else 0
        if version > duck_tables.VERSION:
            raise newer(self.path, f"schema {version}")
        return version

    def _migrated(self, connection: Any, version: int) -> Any:
        """A connection to the file in the form of this version; a copy of it as it was is kept."""
        connection.execute("CHECKPOINT")
        connection.close()  # before the file is opened by us: to close that would take DuckDB's lock away
        copy = self.path.with_name(f"{self.path.name}.version-{version}")
        half = copy.with_name(f"{copy.name}.half")
        try:
            shutil.copyfile(self.path, half)
            half.replace(copy)
        except OSError as error:
            half.unlink(missing_ok=True)
            raise failed(self.path, error) from error
        connection = self._connect(self.path)
        duck_tables.migrate(connection, version)
        log.info(
            "%s",
            Words(
                f"保存ファイルを新しい形式(版 {duck_tables.VERSION})にしました。元のファイルは {copy.name} です。",
                f"The store now has schema version {duck_tables.VERSION}; the file as it was is kept as {copy.name}.",
            ),
        )
        return connection

    def _raise_unless_broken(self, error: Exception) -> None:
        if isinstance(error, KojoError):
            raise error
        if isinstance(error, OSError):
            raise failed(self.path, error) from error
        reason = cannot_open(self.path, error)
        if reason is not None:
            raise reason from error

    # ------------------------------------------------------------------ what is broken

    def set_aside(self, why: object, *, rescue: bool = True) -> None:
        """Rename the broken file; a new one holds what could still be read of it. Nobody has it open.

        Once in a start: raises StoreError where the file that took its place breaks, too. Then that is not the file's
        fault, and what was set aside is put back.
        """
        if self.set_aside_once:
            if not self.is_final:
                self._put_back()
            raise _breaks_again(self.path, why)
        self.set_aside_once = True
        if self._log.exists():
            self._rename_aside(self._log)
        unread = self._rescue() if rescue else None
        kept = self._rename_aside(self.path)
        if unread is not None:
            self._half.rename(self.path)
        else:
            self._half.unlink(missing_ok=True)
        sync_directory(self.path.parent)
        what = (
            Words("読める部分は新しいファイルに移しました。", "What can be read of it is in the new file.")
            if unread is not None
            else Words(
                "読める部分はありませんでした(なくなった件数は分かりません)。新しいファイルで始めます。",
                "Nothing of it can be read (how many readings it held is not known). A new file is begun.",
            )
        )
        restore = f"kojo restore {{}} --data {self.path.parent} --replace"
        self.say(
            f"保存ファイルが壊れていたので {kept} と名前を変えて残しました。{what.ja}"
            "エージェントにまだ残っている値(24時間分)は、もう一度送られて保存されます。"
            f"それより前の値は、控えがあれば「{restore.format('いちばん新しい控え')}」で戻せます。"
            f"{kept} を別の場所へ移すか消すと、確かめたことになり、この知らせは出なくなります。",
            f"The store was broken ({why}); it is kept as {kept}. {what.en} What agents still hold (24 hours) is sent "
            f"again and stored. What is older comes back from a backup: {restore.format('NEWEST-BACKUP')}. To end "
            f"this message, move or delete {kept}.",
            loud=True,
        )

    def _put_back(self) -> None:
        """Name everything again as this start found it; what was begun in its place goes where nothing was in it."""
        for old, kept in reversed(self._renamed):
            if kept.exists():
                kept.replace(old)
        self._half.unlink(missing_ok=True)
        sync_directory(self.path.parent)

    def _rescue(self) -> int | None:
        self._half.unlink(missing_ok=True)
        connection = self._connect(self._half)
        try:
            duck_tables.create(connection, secrets.token_hex(8), secrets.token_hex(4))
            broken = str(self.path).replace("'", "''")
            connection.execute(f"ATTACH '{broken}' AS broken (READ_ONLY)")
            return duck_rescue.rescue(connection)
        except Exception as error:
            if not is_damage(error):
                raise failed(self.path, error) from error
            log.debug("%s: %s", self.path, error)
            return None
        finally:
            connection.close()

    def _rename_aside(self, path: Path) -> str:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(self._now_s()))
        kept = path.with_name(f"{path.name}.broken-{stamp}")
        again = 1
        while kept.exists():
            again += 1
            kept = path.with_name(f"{path.name}.broken-{stamp}-{again}")
        with contextlib.suppress(FileNotFoundError):
            path.rename(kept)
            self._renamed.append((path, kept))
        return kept.name

    def _drop_what_kills(self) -> None:
        """The last start died while it opened the file, and so does a process that tries."""
        if self._log.exists():
            self._rename_aside(self._log)
            self.say(
                "DuckDB の記録ファイルを読むとプログラムが落ちるので、使わずに残しました。",
                "DuckDB's log ends the program that reads it; it is kept and not used.",
            )
            if _opens_elsewhere(self.path):
                return
        self.set_aside("it ends the program that reads it", rescue=False)

    # ------------------------------------------------------------------ journals

    def journals(self, folded: int, token: str) -> list[tuple[int, Path]]:
        """The journals that go on where the file ends, in order; those it has are removed, strange ones set aside."""
        found = self.path.parent.glob(f"{self.path.name}.journal.*")
        there = sorted((int(path.suffix[1:]), path) for path in found if path.suffix[1:].isdigit())
        going_on: list[tuple[int, Path]] = []
        for generation, path in there:
            if generation <= folded:
                path.unlink()
            elif generation == folded + len(going_on) + 1 and (going_on or _belongs(path, generation, token)):
                going_on.append((generation, path))
            else:
                kept = self._rename_aside(path)
                self.say(
                    f"途中の記録が保存ファイルと続いていないので、{kept} と名前を変えて残しました。",
                    f"A journal does not go on where the store ends; it is kept as {kept} and not used.",
                )
        if not there and self.hold.was == "open":
            self.say("途中の記録のファイルがありません。", "The journal beside the store is gone.")
        return going_on


def _breaks_again(path: Path, why: object) -> StoreError:
    return StoreError(
        Words(
            f"保存ファイル {path} が開けません。新しいファイルでも同じように失敗しました({why})。"
            "元のファイルは元の名前に戻してあり、中身は変えていません。",
            f"The store {path} cannot be opened, and a new file fails in the same way ({why}). The file is back under "
            "its name, unchanged.",
        ),
        Words(
            "ディスクと空き容量を確かめてください。続くときは、この文とデータの写しを開発者に送ってください。",
            "Check the disk and its room. If this goes on, send this text and a copy of the data folder to us.",
        ),
    )


def _belongs(path: Path, generation: int, token: str) -> bool:
    first = next(records(path, generation), None)
    return first is None or not token or decode(first).token == token


def _opens_elsewhere(path: Path) -> bool:
    """Whether a process that opens the file and reads all of it lives on; what it finds does not matter here."""
    code = "import sys; from collector.store.duck import try_out; try_out(sys.argv[1])"
    ran = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=False)
    return ran.returncode == 0
