"""The lessons in a real browser, judged by the Python that runs there; nothing comes from anywhere but our server."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from curriculum.judge import judge
from curriculum.learn.one_language import in_language
from curriculum.learn.python_kit import Pyodide, find_pyodide
from curriculum.learn.served import Lessons, open_lessons
from curriculum.lesson import LESSONS, load, load_all
from tests.browser import PATIENCE_MS
from tests.curriculum.learning import Watch
from tests.dashboards.conftest import WATCH_POLICY
from tests.servers import need

pytestmark = pytest.mark.browser

LAPTOP: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
WALL: ViewportSize = {"width": 1920, "height": 1080}
READY_MS = 120_000
"""10 MB of WebAssembly are compiled; a machine that does other things, too, takes its time."""
LONG_ROWS_GO_ON_BELOW = """() => {
  const [code, under, rows] = ["code", "under", "rows"].map((id) => document.getElementById(id));
  const tops = (of) => Array.from(of.children, (one) => one.getBoundingClientRect().top);
  const numbers = tops(rows);
  return code.scrollWidth <= code.clientWidth && under.scrollHeight <= code.scrollHeight + 1
    && tops(under).every((top, place) => Math.abs(top - numbers[place]) < 1);
}"""
"""Whether nothing is cut off at the right, and each number stands beside its row."""
A0_TO_A3 = {
    "A0": ["検査"],
    "A1": ["27", "22", "lamp.off()"],
    "A2": ["counter.add_one"],
    "A3": ["50", "t - last >= gap"],
}


@pytest.fixture(scope="module")
def pyodide() -> Pyodide:
    found = find_pyodide()
    if found is None:
        need("pyodide (make learn)")
        raise AssertionError
    return found


class Class:
    """A served class, and visitors who may go nowhere else."""

    def __init__(self, browser: Browser, page: Lessons, watch: Watch) -> None:
        self.browser, self.page, self.watch = browser, page, watch
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.home = f"http://127.0.0.1:{page.port}"

    def visit(
        self,
        path: str = "/",
        size: ViewportSize = LAPTOP,
        headers: dict[str, str] | None = None,
        python: bool = True,
    ) -> Page:
        """A page in a browser of its own; without ``python`` that stays on its way, as in a hall whose air is slow."""
        context = self.browser.new_context(
            viewport=size, reduced_motion="reduce", locale="ja-JP", extra_http_headers=headers or {}
        )
        context.route("**/*", self._only_home)
        if not python:
            context.route("**/learn/worker.js", lambda route: None)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(WATCH_POLICY)
        page.on("console", lambda said: self._complain(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.goto(self.home + path)
        return page

    def seated(self, label: str, path: str = "/", size: ViewportSize = LAPTOP, python: bool = True) -> Page:
        """Somebody who has taken a desk."""
        page = self.visit(path, size, python=python)
        page.get_by_label("席の番号").fill(label)
        page.get_by_role("button", name="始める").click()
        page.locator("#work").wait_for()
        return page

    def _only_home(self, route: Any) -> None:
        if route.request.url.startswith(self.home + "/"):
            route.continue_()
        else:
            self.elsewhere.append(route.request.url)
            route.abort()

    def _complain(self, said: str) -> None:
        self.complaints.append(said)


@pytest.fixture(scope="module")
def taught(browser: Browser, pyodide: Pyodide, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    watch = Watch()
    page = open_lessons("127.0.0.1:0", tmp_path_factory.mktemp("class"), pyodide=pyodide, now_s=watch)
    page.start()
    yield Class(browser, page, watch)
    page.stop()


@pytest.fixture
def lessons(taught: Class) -> Iterator[Class]:
    """The class; nobody of it may go elsewhere or complain."""
    taught.complaints.clear()
    yield taught
    assert taught.elsewhere == []
    assert taught.complaints == []


@pytest.fixture(scope="module")
def learner(taught: Class) -> Page:
    """Desk 3, for all tests that need the browser's Python: making that ready takes long."""
    return taught.seated("3", "/?limit_ms=30000")


def put(page: Page, old: str, new: str) -> None:
    """Mark the first ``old`` after the cursor and type ``new``, as a hand does."""
    page.evaluate(
        """old => {
          const code = document.getElementById("code");
          const at = code.value.indexOf(old, code.selectionStart);
          if (at < 0) throw new Error(`no ${old} in the file`);
          code.focus();
          code.setSelectionRange(at, at + old.length);
        }""",
        old,
    )
    page.keyboard.insert_text(new) if not new.isascii() else page.keyboard.type(new)


def write(page: Page, text: str) -> None:
    """All of the file anew."""
    page.locator("#code").fill(text)


def check(page: Page) -> Any:
    """Ctrl+S, and the answer to it."""
    page.locator("body[data-python=ready]").wait_for(timeout=READY_MS)
    page.evaluate("document.getElementById('answer').removeAttribute('data-verdict')")
    page.keyboard.press("Control+s")
    answer = page.locator("#answer:is([data-verdict=red], [data-verdict=green], [data-verdict=broken])")
    answer.wait_for(timeout=READY_MS)
    return page.locator("#answer")


def questions(id: str) -> list[str]:
    """What is asked after a lesson."""
    return [re.escape(question.asked.ja) for question in load(LESSONS / id).quiz]


def open_lesson(page: Page, id: str) -> None:
    page.locator("#lessons").get_by_role("link", name=re.compile(rf"^{id} ")).click()
    expect(page.locator("#title")).to_contain_text(f"{id} ")


def test_lessons_a0_to_a3_are_done_by_typing_and_the_board_shows_it(lessons: Class, learner: Page) -> None:
    page = learner
    expect(page.locator("#title")).to_contain_text("A0")
    expect(page.locator("#lessons .kind")).to_contain_text(["必修", "時間があれば"])
    for id, blanks in A0_TO_A3.items():
        if id == "A3":
            open_lesson(page, id)  # the day's order goes on with A4
        elif id == "A1":
            page.locator("#answer .next").click()
        elif id == "A2":
            page.locator("#answer").get_by_role("button", name="答えずに進む").click()
        expect(page.locator("#title")).to_contain_text(f"{id} ")
        answer = check(page)
        expect(answer).to_contain_text("まだ空欄があります")
        expect(answer).to_contain_text("ヒント(1/3)")
        answer.locator(".noticed button").click()
        for blank in blanks:
            put(page, "___", blank)
        page.evaluate("document.getElementById('answer').scrollTop = 999")
        expect(check(page).locator(".verdict")).to_have_text("緑です! できました")
        expect(answer.locator(".verdict")).to_be_in_viewport(ratio=1)
        expect(page.locator(f"#lessons a[href='#{id}']")).to_have_attribute("data-green", "yes")
        expect(answer.locator(".next")).to_be_hidden()
        if id == "A0":
            for question in answer.locator(".quiz-after fieldset").all():
                question.locator("input").first.check()
            answer.get_by_role("button", name="答える", exact=True).click()
            expect(answer.locator("p[data-quiz=after]")).to_contain_text("問 正解")
            expect(answer.locator(".why")).to_contain_text([re.compile(f"^[○△] {asked}") for asked in questions(id)])
    expect(page.locator("body")).to_have_attribute("data-kept", "kept")
    board = lessons.visit("/board", WALL)
    for id in A0_TO_A3:
        expect(board.locator(f"[data-lesson={id}] .green")).to_have_text("1組中1組が緑")
    board.get_by_role("button", name="講師用").click()
    expect(board.locator("#desks tbody tr")).to_have_text(re.compile(r"^3 カギ [0-9]{4}✓ 緑"))
    board.context.close()


def test_file_and_progress_are_there_after_a_reload_in_either_language(lessons: Class, learner: Page) -> None:
    page = learner
    page.reload()
    open_lesson(page, "A2")
    assert "= counter.add_one\n" in page.locator("#code").input_value()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#title")).to_have_text("A2 A production counter")
    expect(page.locator("#check")).to_contain_text("Save and check")
    put(page, "= counter.add_one", "= counter.add_one()")
    answer = check(page)
    expect(answer).to_contain_text("Expected")
    expect(answer).to_contain_text("Hint (1/3)")
    page.get_by_role("button", name="日本語").click()
    expect(answer).to_contain_text("ヒント(1/3)")


def test_what_beginners_do_is_said_kindly_with_its_place(lessons: Class, learner: Page) -> None:
    page = learner
    open_lesson(page, "A2")
    solution = load(LESSONS / "A2").solution
    row = solution.count("\n") + 1

    write(page, solution + "print(“できた”)\n")
    answer = check(page)
    expect(answer).to_have_attribute("data-hint", "full-width")
    expect(answer.locator(".noticed")).to_contain_text(f"{row}行目 7文字目")
    expect(page.locator("#rows .marked")).to_have_text(str(row))
    expect(page.locator("#under .full-width").first).to_have_text("“")

    write(page, solution.replace("class Counter:", "class Counter"))
    answer = check(page)
    expect(answer).to_have_attribute("data-hint", "syntax")
    expect(answer.locator("[data-said=actual]")).to_contain_text("行の終わりに : がありません")

    write(page, solution + "while True:\n    pass\n")
    answer = check(page)
    expect(answer).to_have_attribute("data-hint", "endless")
    expect(answer.locator(".noticed")).to_contain_text(f"{row}行目")

    write(page, solution + "open('no-such.csv')\n")
    answer = check(page)
    expect(answer.locator(".noticed")).to_contain_text(f"{row}行目")
    for step in (2, 3):
        answer.get_by_role("button", name=f"次のヒントを見る({step}/3)").click()
    expect(answer.locator(".hints li")).to_have_count(3)
    expect(answer.get_by_role("button", name="次のヒント")).to_have_count(0)
    expect(answer).not_to_contain_text("Traceback")


def test_what_is_typed_while_the_server_is_away_is_judged_and_sent_later(lessons: Class, learner: Page) -> None:
    page = learner
    open_lesson(page, "A0")
    page.context.set_offline(True)
    write(page, 'station = "away"\n')
    expect(check(page).locator(".verdict")).to_have_text("緑です! できました")
    expect(page.locator("#trouble")).to_contain_text("このパソコンに残り")
    page.context.set_offline(False)
    expect(page.locator("body")).to_have_attribute("data-kept", "kept")
    expect(page.locator("#trouble")).to_be_hidden()
    (desk,) = [desk for desk in lessons.page.desks.all() if desk.label == "3"]
    assert lessons.page.desks.text(desk, load(LESSONS / "A0")) == 'station = "away"\n'
    lessons.complaints[:] = [said for said in lessons.complaints if "ERR_INTERNET_DISCONNECTED" not in said]


def test_what_hangs_inside_one_row_is_ended_and_then_it_goes_on(lessons: Class) -> None:
    page = lessons.seated("5", "/?limit_ms=4000#A0")
    solution = load(LESSONS / "A0").solution
    row = solution.count("\n") + 1
    write(page, solution + "sum(range(10 ** 13))\n")
    answer = check(page)
    expect(answer).to_have_attribute("data-hint", "endless")
    expect(answer.locator("[data-said=actual]")).to_contain_text(f"{row}行目のあたり")
    write(page, solution)
    expect(check(page).locator(".verdict")).to_have_text("緑です! できました")
    page.context.close()


def test_a_desk_at_one_hint_for_five_minutes_is_named_on_the_board(lessons: Class) -> None:
    lesson = load(LESSONS / "A1")
    desk = lessons.page.desks.join("6", again=False)
    lessons.page.desks.tried(desk, lesson, green=False, hint="blank")
    lessons.watch.go(6)
    board = lessons.visit("/board?view=desks")
    expect(board.locator("#stuck")).to_contain_text("席 6: A1 同じヒントで 6 分")
    board.context.close()


def test_the_first_file_comes_back_and_the_own_one_too(lessons: Class) -> None:
    page = lessons.seated("8", "/#A0", python=False)
    put(page, '"___"', '"mine"')
    page.get_by_role("button", name="最初に戻す").click()
    page.get_by_role("button", name="やめる").click()
    assert "mine" in page.locator("#code").input_value()
    page.get_by_role("button", name="最初に戻す").click()
    page.get_by_role("button", name="取っておいて、最初に戻す").click()
    assert page.locator("#code").input_value() == in_language(load(LESSONS / "A0").starter, "ja")
    expect(page.locator("body")).to_have_attribute("data-kept", "kept")
    page.reload()  # only the server has it now
    page.get_by_role("button", name="前のファイルに戻す").click()
    expect(page.locator("#code")).to_have_value(re.compile("mine"))
    page.context.close()


def test_rows_are_indented_as_python_wants_it(lessons: Class) -> None:
    page = lessons.seated("10", "/#A0", python=False)
    page.locator("#code").fill("")
    page.keyboard.type("if x:")
    page.keyboard.press("Enter")
    page.keyboard.type("a")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("b")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("c")
    assert page.locator("#code").input_value() == "if x:\n    a\nb\n    c"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "code"
    page.context.close()


def test_a_pair_with_two_laptops_takes_the_same_desk(lessons: Class) -> None:
    first = lessons.seated("9", python=False)
    chip = first.locator("#desk").inner_text()
    code = lessons.page.guard.class_code
    elsewhere = {"X-Forwarded-For": "192.168.4.9"}  # not the server's machine
    second = lessons.visit(f"/?code={code}", headers=elsewhere, python=False)
    second.get_by_label("席の番号").fill("9")
    second.get_by_role("button", name="始める").click()
    expect(second.get_by_role("button", name="番号を入れ直す")).to_be_focused()
    second.get_by_text("自分たちの席の続きをする").click()
    second.get_by_label("席のカギ").fill("0000")
    second.get_by_role("button", name="続きから始める").click()
    expect(second.locator(".refused")).to_contain_text("席のカギが違います")
    second.get_by_label("席のカギ").fill(chip[-4:])
    second.get_by_role("button", name="続きから始める").click()
    expect(second.locator("#desk")).to_have_text(chip)
    expect(second.locator("#code")).to_have_value(re.compile("___"))
    second.route("**/file?id=*", lambda route: route.abort())  # it has not looked again before both have typed
    for page, said in ((first, "of the first"), (second, "of the second")):
        put(page, '"___"', f'"{said}"')
        page.keyboard.press("Control+s")
        expect(page.locator("body")).to_have_attribute("data-kept", "kept")
    second.unroute("**/file?id=*")
    expect(first.locator("#others")).to_be_hidden()
    expect(second.locator("#others")).to_contain_text("もう1台のパソコンで")
    second.get_by_role("button", name="もう1台のファイルを見る").click()
    second.get_by_role("button", name="これを使う").click()
    expect(second.locator("#code")).to_have_value(re.compile("of the first"))
    expect(second.locator("#others")).to_be_hidden()
    second.get_by_role("button", name="前のファイルに戻す").click()
    expect(second.locator("#code")).to_have_value(re.compile("of the second"))
    second.keyboard.press("Control+s")
    expect(second.locator("body")).to_have_attribute("data-kept", "kept")
    first.evaluate("dispatchEvent(new Event('focus'))")
    expect(first.locator("#code")).to_have_value(re.compile("of the second"))
    for page in (first, second):
        page.context.close()
    lessons.complaints[:] = [said for said in lessons.complaints if not re.search("40[39]|ERR_FAILED", said)]


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_nothing_is_cut_off(lessons: Class, size: ViewportSize) -> None:
    page = lessons.seated(f"w{size['width']}", "/#A2", size, python=False)
    expect(page.locator("#wiring-picture")).to_be_visible()
    assert page.evaluate("document.getElementById('wiring-picture').decode().then(() => true)")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if size == LAPTOP:
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    page.context.close()


def test_every_lesson_is_judged_there_as_it_is_here(lessons: Class) -> None:
    asked = [
        (lesson.id, text, judge(lesson, text).hint)
        for lesson in load_all()
        for text in (lesson.starter, lesson.solution, lesson.mistakes[0].text)
    ]
    page = lessons.visit()
    told = page.evaluate(
        """async asked => {
          const { Python } = await import("/learn/python.js");
          const { server } = await import("/learn/calls.js");
          const python = new Python((await server.told()).python, () => {}, 60000);
          const found = [];
          for (const [lesson, text] of asked) found.push((await python.check(lesson, text)).hint);
          return found;
        }""",
        [[id, text] for id, text, _ in asked],
    )
    assert told == [hint for _, _, hint in asked]
    page.context.close()


def test_without_the_browsers_python_the_page_says_what_to_install(browser: Browser, tmp_path: Path) -> None:
    served = open_lessons("127.0.0.1:0", tmp_path)
    served.start()
    visitors = Class(browser, served, Watch())
    try:
        page = visitors.seated("1", "/#A0")
        expect(page.locator("#answer")).to_contain_text("make learn")
        put(page, '"___"', '"kept"')
        page.keyboard.press("Control+s")
        expect(page.locator("body")).to_have_attribute("data-kept", "kept")
        page.context.close()
    finally:
        served.stop()
    assert visitors.complaints == []


def test_the_wiring_closes_with_escape_after_joining(lessons: Class) -> None:
    page = lessons.visit("/#A2", python=False)
    expect(page.locator("#dialog")).to_be_visible()
    for _ in range(2):
        page.keyboard.press("Escape")
        expect(page.locator("#dialog")).to_be_visible()
    page.get_by_label("席の番号").fill("esc")
    page.get_by_role("button", name="始める").click()
    page.locator("#wiring-large").click()
    expect(page.locator("#dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    page.context.close()


@pytest.mark.parametrize("id", ["A1", "A2", "A3"])
def test_the_first_blank_is_in_view_when_a_lesson_opens(lessons: Class, id: str) -> None:
    page = lessons.seated(f"blank {id}", f"/#{id}", python=False)
    paper = page.locator(".paper").bounding_box()
    blank = page.locator("#under .blank").first.bounding_box()
    answer = page.locator("#answer").bounding_box()
    assert paper
    assert blank
    assert answer
    assert paper["y"] <= blank["y"] <= paper["y"] + paper["height"] - blank["height"]
    assert answer["height"] < 100
    assert page.evaluate(LONG_ROWS_GO_ON_BELOW)
    said = page.locator("#code").input_value()
    assert said == in_language(load(LESSONS / id).starter, "ja")
    page.context.close()
