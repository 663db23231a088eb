"""The learner's own folder: the starter of each lesson, put there once, and never a file of the learner's lost.

A starter has the comments of the language spoken when it is put there. Until something is written into it, it changes
with the language; after that it is the learner's and stays as it is.

own = OwnFolder(Path("kojo-learn"))
own.begin(lesson)           # kojo-learn/A2_counter.py, if it is not there yet
own.reset(lesson)           # the starter again; what was there is in kojo-learn/backup/
"""

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from contract.errors import NotAllowed
from contract.whole_file import write_whole
from contract.words import Words, language
from curriculum.learn.one_language import LANGUAGES, in_language
from curriculum.learn.progress import free_name
from curriculum.lesson import Lesson

BACKUP = "backup"
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was at one look; equal if it was not saved since, even unchanged.

    ``content`` is a digest, None for no file; ``saved_ns`` its date.
    """

    content: bytes | None
    saved_ns: int = 0


class OwnFolder:
    """The folder; made if it is not there. Raises NotAllowed where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _not_written(path, error) from error

    def file(self, lesson: Lesson) -> Path:
        """Where the learner's file of a lesson is."""
        return self.path / lesson.file

    def begin(self, lesson: Lesson) -> bool:
        """Put the starter there unless there is a file already; whether it was put.

        A starter that is still as it was is put again if it is in the other language.
        """
        if self.file(lesson).exists():
            if self.is_starter(lesson) and not self._is(lesson, starter(lesson)):
                with contextlib.suppress(NotAllowed):  # then it is read in the language it has
                    self._put(lesson)
            return False
        self._put(lesson)
        return True

    def reset(self, lesson: Lesson) -> Path | None:
        """The starter again. Gives where the file that was there is kept now; None if there was none."""
        file, kept = self.file(lesson), None
        if file.exists():
            backup = self.path / BACKUP
            try:
                backup.mkdir(exist_ok=True)
                kept = free_name(backup / file.name)
                file.rename(kept)
            except OSError as error:
                raise _not_written(backup, error) from error
        self._put(lesson)
        return kept

    def is_starter(self, lesson: Lesson) -> bool:
        """Whether nothing has been written into it yet, whichever language it is in."""
        texts = (lesson.starter, *(in_language(lesson.starter, lang) for lang in LANGUAGES))
        return any(self._is(lesson, text) for text in texts)

    def _is(self, lesson: Lesson, text: str) -> bool:
        """Whether that is what stands in the file, whatever its rows end with."""
        return self.see(lesson).content in (_digest(text.encode()), _digest(text.replace("\n", "\r\n").encode()))

    def see(self, lesson: Lesson) -> Seen:
        """The file as it is now. Its content is read each time: dates are coarse on some cards and sticks."""
        try:
            if not self.file(lesson).is_file():  # a pipe would be waited for
                return Seen(None)
            with self.file(lesson).open("rb") as opened:
                return Seen(_digest(opened.read(MOST_BYTES)), os.fstat(opened.fileno()).st_mtime_ns)
        except OSError:
            return Seen(None)

    def _put(self, lesson: Lesson) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)  # somebody may have removed it meanwhile
            write_whole(self.file(lesson), starter(lesson), 0o644)
        except OSError as error:
            raise _not_written(self.path, error) from error


def starter(lesson: Lesson) -> str:
    """What a learner begins with, its comments in the language that is spoken."""
    return in_language(lesson.starter, language())


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _not_written(path: Path, error: OSError) -> NotAllowed:
    return NotAllowed(
        Words(f"{path} に書けません({error.strerror})。", f"{path} cannot be written: {error.strerror}."),
        Words("--folder で書けるフォルダーを選んでください。", "Hint: choose a folder you may write with --folder."),
    )
