"""Who may look at the lessons, who may write at a desk, and who may see the board.

A learner joins with the class's code, a short one that all share and that is typed from the board, and gets a cookie of
its desk. A desk that is somebody's opens on another laptop with its key: it stands on the owner's page and on the
board, for the tutors. On the machine itself neither is asked. The board needs the viewer's token: `kojo pair --role
viewer` or the address said at the start (`kpi.tokens`). No code here runs on the server, so a desk's cookie opens that
desk only.
"""

import base64
import hashlib
import hmac
import secrets
import threading
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Final

from contract.whole_file import write_whole
from contract.words import Words
from curriculum.learn.desk import Desk
from curriculum.learn.guesses import Guesses
from edge.bench_guard import Asker, Refusal
from kojo.bench_door import Door, cookies
from kpi.access import Failures, HostRules, is_own_page
from kpi.problems import Problem
from kpi.tokens import Tokens

LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""No two of them look alike."""
CODE_LENGTH: Final = 6
"""Some 900 million codes: at the thousand tries a second that a machine of the hall can make, ten days of guessing."""
COOKIE_LIVES_S: Final = 90 * 86400


class LearnDoor(Door):
    """The door of `kojo learn --http`. ``data`` holds class.code and the tokens; ``now_s``: for waits."""

    def __init__(
        self,
        data: Path,
        tokens: Tokens,
        rules: HostRules | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(tokens, rules)
        self._tokens = tokens
        self._failures = Failures(time.time_ns)
        self._guesses = Guesses(now_s)
        self._one_key = threading.Lock()
        self.class_code = _class_code(data / "class.code")
        self.desk_cookie = self.cookie_name.replace("bench", "learn")

    def may_read(self, asker: Asker) -> bool:
        """Whether it is on this machine, or holds the viewer's token."""
        try:
            self.reader(asker)
        except Refusal:
            return False
        return True

    def enter(self, asker: Asker, code: object) -> None:
        """Whether it may take a desk. Raises Refusal: for a wrong class code, and for another site's page."""
        self._own_page(asker)
        if self.may_read(asker):
            return
        said = _plain(code) if isinstance(code, str) else ""
        if hmac.compare_digest(said.encode(), self.class_code.encode()):
            return
        self._count(asker)
        raise Refusal(
            403,
            "bad-class-code",
            Words("合言葉が違います。", "This is not the class's code."),
            Words(
                "講師の画面(前のスクリーン)に出ている6文字を入れてください。",
                "Type the six letters on the tutor's screen, at the front.",
            ),
        )

    def go_on(self, asker: Asker, desk: Desk, key: object) -> None:
        """Whether it may sit down at somebody's desk: with the desk's key. Raises Refusal.

        The desk's own browser needs none, nor does who may see the keys on the board anyway.
        """
        if self.desk_of(asker) == desk.id or self.may_read(asker):
            return
        said = _plain(key) if isinstance(key, str) else ""
        if said:
            with self._one_key:
                self._guesses.may_try(desk.id, asker.peer)
                if hmac.compare_digest(said.encode(), desk.key.encode()):
                    return
                self._guesses.wrong(desk.id, asker.peer)
        raise Refusal(
            403,
            "bad-desk-key" if said else "desk-key-needed",
            Words("席のカギが違います。", "This is not the desk's key.")
            if said
            else Words("席のカギ(4けたの数字)が要ります。", "The desk's key (four digits) is needed."),
            Words(
                "前に使っていたパソコンの、画面の右上に出ています。見られないときは、講師に聞いてください。",
                "It stands at the top right on the laptop used before. If that is off, ask the tutor.",
            ),
        )

    def _count(self, asker: Asker) -> None:
        try:
            self._failures.add(asker.peer)
        except Problem as problem:
            what = Words("合言葉の間違いが続きました。", "Wrong codes were given again and again.")
            raise Refusal(problem.status, problem.kind, what, problem.hint, problem.after_s) from problem

    def desk_of(self, asker: Asker) -> str | None:
        """The id of the desk whose cookie it shows; None if it shows none of ours."""
        shown = cookies(asker.headers.get("cookie", "")).get(self.desk_cookie, "")
        id, _, seal = shown.partition(".")
        return id if hmac.compare_digest(seal.encode(), self._seal(id).encode()) and id else None

    def writer_at(self, asker: Asker) -> str:
        """The id of the desk it may write at. Raises Refusal."""
        self._own_page(asker)
        id = self.desk_of(asker)
        if id is None:
            raise Refusal(
                401,
                "no-desk",
                Words("まだ席に着いていません。", "No desk was taken yet."),
                Words("番号かニックネームを入れて始めてください。", "Begin with a bench number or a nickname."),
            )
        return id

    def cookie(self, id: str) -> str:
        """The Set-Cookie header of a desk."""
        kept = f"Max-Age={COOKIE_LIVES_S}; Path=/; HttpOnly; SameSite=Strict"
        return f"{self.desk_cookie}={id}.{self._seal(id)}; {kept}"

    def _own_page(self, asker: Asker) -> None:
        self.visitor(asker)
        if not is_own_page(self._caller(asker)):
            raise Refusal(
                403, "other-site", Words("ほかのサイトからの書き込みは受け付けません。", "Another site may not write.")
            )

    def _seal(self, id: str) -> str:
        key = self._tokens.token("operator").encode()
        seal = hmac.new(key, f"kojo learn desk {id}".encode(), hashlib.sha256).digest()
        return base64.b32encode(seal[:20]).decode().lower()


def _class_code(file: Path) -> str:
    """The code in the file; a new one where there is none, or none that can be typed."""
    try:
        kept = _plain(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        kept = ""
    if len(kept) >= CODE_LENGTH:
        return kept
    made = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    write_whole(file, made + "\n")
    return made


def _plain(code: str) -> str:
    """A code as it was meant: full-width letters and capitals typed by who had the Japanese input on."""
    meant = "".join(unicodedata.normalize("NFKC", code[:64]).casefold().split())
    return meant.encode("utf-8", "replace").decode()  # half a character is nothing that can be compared
