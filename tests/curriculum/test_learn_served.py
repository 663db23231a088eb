"""`kojo learn --http` as a server: who may take a desk, who may write, who sees the board, and what is refused."""

import gzip
import http.client
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from curriculum.learn import python_kit
from curriculum.learn.calls import LearnHandler
from curriculum.learn.desks import MOST_TEXT
from curriculum.learn.served import (
    FIGURES,
    MOST_CONNECTIONS,
    MOST_OF_AN_ADDRESS,
    OF_A_BROWSER,
    Lessons,
    open_lessons,
)
from edge.bench_room import Room
from kpi.access import MOST_FAILURES
from kpi.tokens import Tokens

pytestmark = pytest.mark.slow

ELSEWHERE = "192.168.4.1:8010"
"""A Host header by which another machine calls us: there a code is asked."""
JOIN, DO, API = "/api/v1/learn/join", "/api/v1/learn/do", "/api/v1/learn"


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def kind(self) -> str:
        return str(self.json()["type"]).rpartition(":")[2]

    @property
    def cookie(self) -> str:
        return self.headers["Set-Cookie"].partition(";")[0]


class Class:
    """A served class, and a caller that says exactly what it is told to."""

    def __init__(self, data: Path) -> None:
        self.data, pyodide = data, data / "pyodide"
        pyodide.mkdir()
        for name in python_kit.PYODIDE_FILES:
            (pyodide / name).write_bytes(b"\0asm " * 400)
        self.page: Lessons = open_lessons("127.0.0.1:0", data, pyodide=python_kit.Pyodide(pyodide, "1.2.3"))
        self.page.start()

    def ask(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """One call; ``headers`` with _ for -. What is not a string is sent as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.page.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            named = {"Content-Type": "application/json"} | named
        connection.request(method, path, body, named)
        got = connection.getresponse()
        answer = Answer(got.status, dict(got.getheaders()), got.read())
        connection.close()
        return answer

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.ask(path, "POST", body, **headers)

    def joined(self, label: str = "1") -> str:
        """The cookie of a new desk."""
        return self.post(JOIN, {"label": label}).cookie

    def text(self, cookie: str, lesson: str = "A2") -> Any:
        return self.ask(f"{API}/lesson?id={lesson}", Cookie=cookie).json()["text"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    made = Class(tmp_path_factory.mktemp("data"))
    yield made
    made.page.stop()


def test_on_the_machine_itself_no_code_is_asked(served: Class) -> None:
    assert served.ask(API).json()["code_needed"] is False
    assert served.post(JOIN, {"label": "here"}).status == 200
    assert served.ask(API).json()["free"] == "1"
    assert served.post(JOIN, {"label": "1"}).status == 200
    assert served.ask(API).json()["free"] == "2"
    assert served.ask(API, Host=ELSEWHERE).json()["free"] == ""


def test_elsewhere_the_classs_code_is_asked_and_forgives_the_japanese_input(served: Class) -> None:
    assert served.ask(API, Host=ELSEWHERE).json()["code_needed"] is True
    assert served.post(JOIN, {"label": "e1"}, Host=ELSEWHERE).kind == "bad-class-code"
    code = served.page.guard.class_code
    typed = "".join(chr(ord(letter) + 0xFEE0) for letter in code.upper())
    assert served.post(JOIN, {"label": "e1", "code": f" {typed} "}, Host=ELSEWHERE).status == 200


def test_the_class_code_stays_over_a_restart_and_cannot_be_read_by_others(served: Class) -> None:
    file = served.data / "class.code"
    assert file.read_text().strip() == served.page.guard.class_code
    assert file.stat().st_mode & 0o077 == 0


def test_somebody_elses_desk_opens_elsewhere_with_its_key_alone(served: Class) -> None:
    code = served.page.guard.class_code
    mine = served.post(JOIN, {"label": "e7", "code": code}, Host=ELSEWHERE).cookie
    key = served.ask(API, Host=ELSEWHERE, Cookie=mine).json()["desk"]["key"]
    asked = {"label": "e7", "code": code}
    assert served.post(JOIN, asked, Host=ELSEWHERE).kind == "label-taken"
    for more, kind in (({}, "desk-key-needed"), ({"key": "0000"}, "bad-desk-key"), ({"key": 7}, "desk-key-needed")):
        refused = served.post(JOIN, asked | {"again": True} | more, Host=ELSEWHERE)
        assert (refused.status, refused.kind) == (403, kind)
        assert "Set-Cookie" not in refused.headers
    typed = "".join(chr(ord(digit) + 0xFEE0) for digit in key)
    assert served.post(JOIN, asked | {"again": True, "key": typed}, Host=ELSEWHERE).status == 200
    assert served.post(JOIN, asked | {"again": True}, Host=ELSEWHERE, Cookie=mine).status == 200
    assert served.post(JOIN, asked | {"again": True}).status == 200  # the server's own machine sees the board anyway
    told = {desk["label"]: desk["key"] for desk in served.ask(f"{API}/board").json()["desks"]}
    assert told["e7"] == key


def test_who_begins_anew_gets_the_file_back_that_was_there(served: Class) -> None:
    cookie = served.joined("32")
    ask = {"lesson": "A2"}
    assert served.post(DO, {"do": "before"} | ask, Cookie=cookie).json() == {"text": None}
    for text in ("x = 1", "x = 2"):
        kept = served.post(DO, {"do": "aside", "text": text} | ask, Cookie=cookie).json()["kept"]
    assert kept.startswith("before/")
    assert served.post(DO, {"do": "before"} | ask, Cookie=cookie).json() == {"text": "x = 2"}
    assert served.ask(f"{API}/lesson?id=A2", Cookie=cookie).json()["before"] is True


def test_a_whole_class_behind_one_router_is_let_in_and_others_still_find_a_place(served: Class) -> None:
    room, router = Room(MOST_CONNECTIONS, MOST_OF_AN_ADDRESS), "192.168.4.1"
    assert all(room.enter(router) for _ in range(30 * OF_A_BROWSER))
    while room.enter(router):
        pass
    assert all(room.enter("192.168.4.9") for _ in range(OF_A_BROWSER))
    assert all(room.enter("127.0.0.1") for _ in range(OF_A_BROWSER))
    assert served.page.connections == (MOST_CONNECTIONS, MOST_OF_AN_ADDRESS)


def test_who_guesses_codes_waits(tmp_path: Path) -> None:
    guessed = Class(tmp_path)
    try:
        asked = [
            guessed.post(JOIN, {"label": "g", "code": "x"}, Host=ELSEWHERE).status for _ in range(MOST_FAILURES + 1)
        ]
        assert set(asked[:-1]) == {403}
        assert asked[-1] == 429
        right = {"label": "g", "code": guessed.page.guard.class_code}
        assert guessed.post(JOIN, right, Host=ELSEWHERE).status == 200
    finally:
        guessed.page.stop()


def test_what_is_typed_at_a_desk_is_kept_at_that_desk_alone(served: Class) -> None:
    mine, other = served.joined("11"), served.joined("12")
    assert served.post(DO, {"do": "save", "lesson": "A2", "text": "x = 1"}, Cookie=mine).json() == {"done": True}
    assert served.text(mine) == "x = 1"
    assert served.text(other) is None
    had = served.ask(f"{API}/file?id=A2", Cookie=mine).json()
    assert had["text"] == "x = 1"
    assert served.ask(f"{API}/file?id=A2").json() == {"text": None, "version": None}
    saved = {"do": "save", "lesson": "A2", "text": "x = 2", "had": None, "by": "another"}
    told = served.post(DO, saved, Cookie=mine).json()
    assert (told["done"], told["other"]) == (True, "x = 1")
    assert served.post(DO, saved | {"text": "x = 3", "had": told["version"]}, Cookie=mine).json()["other"] is None
    assert served.ask(f"{API}/lesson?id=A2").json()["text"] is None


def test_without_a_cookie_or_with_a_forged_one_nothing_is_written(served: Class) -> None:
    cookie = served.joined("13")
    name, _, value = cookie.partition("=")
    id, _, seal = value.partition(".")
    other = served.joined("14").partition("=")[2].partition(".")[0]
    for forged in ("", f"{name}={id}.", f"{name}={other}.{seal}", f"{name}=.{seal}", f"{name}={id}.{seal}x", "x=\xe9"):
        answer = served.post(DO, {"do": "save", "lesson": "A2", "text": "bad"}, Cookie=forged)
        assert (answer.status, answer.kind) == (401, "no-desk")
    assert served.text(cookie) is None


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Sec_Fetch_Site": "cross-site"}, {"Host": "evil.example"}]
)
def test_another_sites_page_may_neither_write_nor_join(served: Class, headers: dict[str, str]) -> None:
    cookie = served.joined(f"x{len(headers)}{next(iter(headers))}")
    for path, body in ((DO, {"do": "save", "lesson": "A2", "text": "bad"}), (JOIN, {"label": "evil"})):
        assert served.post(path, body, Cookie=cookie, **headers).status in (401, 403, 421)
    assert served.text(cookie) is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"do": "save", "lesson": "A2", "text": "x" * (MOST_TEXT + 1)}, "too-large"),
        ({"do": "save", "lesson": "A2"}, "too-large"),
        ({"do": "save", "lesson": "../A2", "text": ""}, "no-lesson"),
        ({"do": "format", "lesson": "A2"}, "bad-do"),
        ({"do": ["save"], "lesson": "A2"}, "bad-do"),
        ({"do": "tried", "lesson": "A2", "green": False}, "no-hint"),
        ({"do": "tried", "lesson": "A2", "green": False, "hint": "nobody-knows"}, "no-hint"),
        ({"do": "hint", "lesson": "A2", "hint": "blank", "step": True}, "bad-step"),
        ({"do": "quiz", "lesson": "A2", "when": "during", "right": 1}, "bad-quiz"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(served: Class, body: dict[str, Any], kind: str) -> None:
    answer = served.post(DO, body, Cookie=served.post(JOIN, {"label": "r", "again": True}).cookie)
    assert 400 <= answer.status < 500
    assert answer.kind == kind
    assert answer.json()["ja"] != answer.json()["en"]


def test_a_body_beyond_all_bounds_is_not_even_read(served: Class) -> None:
    answer = served.post(JOIN, b"x" * (LearnHandler.most_body + 1), Content_Type="application/json")
    assert answer.status == 413


def test_the_board_is_for_who_was_let_in(served: Class) -> None:
    cookie = served.joined("21")
    for path in (f"{API}/board", f"{API}/figures.csv", f"{API}/door.svg"):
        assert served.ask(path).status == 200
        assert served.ask(path, Host=ELSEWHERE).status == 401
        assert served.ask(path, Host=ELSEWHERE, Cookie=cookie).status == 401
    code = Tokens(served.data, time.time_ns).pair_code("viewer")
    paired = served.ask(f"/pair?code={code}", Host=ELSEWHERE, Accept="text/html")
    assert (paired.status, paired.headers["Location"]) == (303, "/board")
    seen = served.ask(f"{API}/board", Host=ELSEWHERE, Cookie=paired.cookie)
    assert seen.json()["code"] == served.page.guard.class_code
    assert (
        served.ask(f"/pair?code={code}", Host=ELSEWHERE, Accept="text/html").headers["Location"]
        == "/board?pair=refused"
    )


def test_the_boards_cookie_is_no_desks(served: Class) -> None:
    code = Tokens(served.data, time.time_ns).pair_code("viewer")
    cookie = served.ask(f"/pair?code={code}", Accept="text/html").cookie
    assert served.post(DO, {"do": "open", "lesson": "A2"}, Cookie=cookie).status == 401


def test_the_finished_file_is_given_only_at_a_desk_and_noted(served: Class) -> None:
    cookie = served.joined("31")
    assert served.post(DO, {"do": "show", "lesson": "A2"}).status == 401
    assert "add_one" in served.post(DO, {"do": "show", "lesson": "A2"}, Cookie=cookie).json()["solution"]["ja"]


def test_pages_come_with_a_policy_that_lets_nothing_in_from_outside(served: Class) -> None:
    for path, kind in (("/", "text/html"), ("/board", "text/html"), ("/learn/worker.js", "text/javascript"),
                       ("/lessons/A2/wiring.svg", "image/svg+xml"), ("/css/colours.css", "text/css")):  # fmt: skip
        answer = served.ask(path)
        assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, kind)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "'wasm-unsafe-eval'" in policy
        assert "http" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_browsers_python_is_kept_by_the_browser_and_goes_packed_over_the_air(served: Class) -> None:
    plain = served.ask("/python/1.2.3/pyodide.asm.wasm")
    packed = served.ask("/python/1.2.3/pyodide.asm.wasm", Accept_Encoding="gzip, br")
    for answer in (plain, packed):
        assert answer.headers["Content-Type"] == "application/wasm"
        assert "immutable" in answer.headers["Cache-Control"]
    assert gzip.decompress(packed.body) == plain.body
    kit = served.ask(served.ask(API).json()["python"]["kit"])
    assert (kit.headers["Content-Type"], kit.body[:2]) == ("application/zip", b"PK")


@pytest.mark.parametrize(
    "path",
    ["/learn/../served.py", "/learn/%2e%2e/served.py", "/python/1.2.3/../../package.json", "/lessons/A2/solution.py",
     "/lessons/A2/check.py", "/desks", "/class.code", "/viewer.token", "/learn/learn.html"],
)  # fmt: skip
def test_nothing_beside_the_pages_is_served(served: Class, path: str) -> None:
    assert served.ask(path).status == 404


def test_at_the_end_the_figures_are_written_without_names(tmp_path: Path) -> None:
    made = Class(tmp_path)
    cookie = made.joined("秘密ちゃん")
    made.post(DO, {"do": "tried", "lesson": "A2", "green": True}, Cookie=cookie)
    made.page.stop()
    text = (tmp_path / FIGURES).read_text("utf-8")
    assert text.count("A2,") == 1
    assert "秘密" not in text


def test_the_command_serves_says_where_and_ends_in_order(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "kojo",
        "learn",
        "--lang",
        "ja",
        "--http",
        "127.0.0.1:0",
        "--data",
        str(tmp_path / "d"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        ready = program.stdout.readline()
        assert ready.startswith("ready http://127.0.0.1:")
        with urllib.request.urlopen(ready.removeprefix("ready ").strip(), timeout=30) as page:
            assert "工場ハック" in page.read().decode()
        program.terminate()
        _, said = program.communicate(timeout=60)
    assert program.returncode == 0
    assert "合言葉" in said
    assert "/pair?code=" in said
    assert "Traceback" not in said
