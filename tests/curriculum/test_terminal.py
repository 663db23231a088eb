"""``kojo learn`` in the terminal: a learner's keys and saves, and what is answered."""

import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from contract.errors import NotAllowed
from contract.words import speaking
from curriculum.judge import Verdict, judge
from curriculum.learn import progress as progress_file
from curriculum.learn.japanese_rows import fold, letters, page, width
from curriculum.learn.keyboard import keys
from curriculum.learn.one_language import in_language
from curriculum.learn.own_folder import OwnFolder
from curriculum.learn.sayings import KEYS
from curriculum.learn.screen import PlainScreen, RichScreen, screen_for
from curriculum.learn.terminal import Session, watch
from curriculum.lesson import LESSONS, Lesson, load, load_all
from kojo.learn import in_order

Size = Callable[[], os.terminal_size]
A0, A1, A2, A3 = (load(LESSONS / id) for id in ("A0", "A1", "A2", "A3"))


@pytest.fixture(autouse=True)
def _in_japanese() -> Iterator[None]:
    with speaking("ja"):
        yield


def at_once(lesson: Lesson, file: Path) -> Verdict:
    """The judge in this process: quick."""
    return judge(lesson, file.read_text("utf-8") if file.exists() else None)


class Desk:
    """A session with what it has said."""

    def __init__(
        self, folder: Path, lessons: Sequence[Lesson] = (A0, A1, A2), size: Size | None = None, command: str = "kojo"
    ) -> None:
        self.out = io.StringIO()
        self.folder = folder
        self.opened: list[Path] = []
        self.session = Session(
            lessons,
            OwnFolder(folder),
            PlainScreen(self.out, size),
            judge=at_once,
            edit=self.opened.append,
            command=command,
        )

    def begin(self, id: str | None = None, keys: str = "n") -> "Desk":
        self.session.begin(id)
        self.type(keys)
        return self

    def type(self, keys: str) -> str:
        """What is said to these keys."""
        start = self.out.tell()
        for key in keys:
            self.session.key(key)
        return self.out.getvalue()[start:]

    def save(self, text: str) -> str:
        """What is said when the file is saved: two looks, as a writing editor is left to finish."""
        start = self.out.tell()
        self.session.own.file(self.session.lesson).write_text(text, "utf-8")
        assert not self.session.look()
        assert self.session.look()
        assert not self.session.look()
        return self.out.getvalue()[start:]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "kojo-learn")


def test_a_lesson_begins_with_its_sentence_its_questions_its_steps_and_the_file_to_mend(desk: Desk) -> None:
    desk.session.begin()
    said = desk.out.getvalue()
    assert "A0 はじめの一歩(20 分)" in said
    assert "課長に" in said
    assert "問1." in said
    assert "手順" not in said
    said = desk.type("123")
    assert "手順" in said
    assert str(desk.folder.resolve() / "A0_first.py") in said
    assert said.rstrip().endswith(KEYS.ja)
    assert desk.session.own.file(A0).read_text("utf-8") == in_language(A0.starter, "ja")
    assert desk.session.progress.of("A0").quiz == {"before": [0, 1, 2]}


def test_each_save_is_answered_and_each_h_shows_one_step_more(desk: Desk) -> None:
    desk.begin("A2")
    said = desk.save(A2.solution.replace("add_one\n", "add_one()\n"))
    assert "[赤]" in said
    assert "期待: 押す前 0 個" in said
    assert "実際: もう 1 個" in said
    assert "ヒント(1/3)" in said
    assert "ヒント(2/3)" not in said
    assert "ヒント(2/3): かっこ ()" in desk.type("h")
    assert "counter.add_one" in desk.type("h")
    assert "講師か隣の人" in desk.type("h")
    assert desk.session.progress.of("A2").hints == {"called-at-once": 3}


def test_the_same_mistake_again_keeps_the_step_and_another_begins_anew(desk: Desk) -> None:
    desk.begin("A2")
    desk.save(A2.solution.replace("add_one\n", "add_one()\n"))
    desk.type("h")
    assert "ヒント(2/3)" in desk.save(A2.solution.replace("add_one\n", "add_one() \n"))
    assert "ヒント(2/3)" not in desk.save(A2.solution.replace("(23)", "(16)"))


def test_saving_without_a_change_is_a_save(desk: Desk) -> None:
    desk.begin("A0")
    assert "空欄が残っています" in desk.save(A0.starter)


def test_a_file_still_being_written_is_left_alone(desk: Desk) -> None:
    desk.begin("A0")
    file = desk.session.own.file(A0)
    file.write_text("", "utf-8")
    assert not desk.session.look()
    file.write_text(A0.solution, "utf-8")
    assert not desk.session.look()
    assert desk.session.look()
    assert desk.session.verdict is not None
    assert desk.session.verdict.green


def test_green_shows_what_was_printed_asks_again_and_names_the_next_lesson(desk: Desk) -> None:
    desk.begin("A0", keys="111")
    said = desk.save(A0.solution)
    assert "[緑]" in said
    assert "私の工程は 検査" in said
    assert "どこまでできたか" in said
    assert "同じ3問をもう一度" in said
    said = desk.type("231")
    assert "3 / 3 問(始める前は 1 問)" in said
    assert "次は A1 あんどんランプ。n で進みます。" in said
    assert "A1 あんどんランプ(55 分)" in desk.type("n")
    assert "○ A0" in desk.type("nl")


def test_a_choice_that_is_not_there_is_asked_again(desk: Desk) -> None:
    desk.session.begin("A0")
    assert "問1." in desk.type("9")
    assert "問2." in desk.type("1")


def test_a_save_in_the_middle_of_the_questions_is_answered_as_a_save(desk: Desk) -> None:
    desk.session.begin("A0")
    assert "[緑]" in desk.save(A0.solution)


def test_another_key_during_the_first_questions_is_told_and_they_go_on(desk: Desk) -> None:
    desk.session.begin("A0")
    for key in "szrb\x13":
        said = desk.type(key)
        assert "3問の途中です" in said
        assert "問1." in said
    assert "手順" not in desk.type("12")
    assert "問3." in desk.type("l")
    assert "手順" in desk.type("1")
    assert desk.session.progress.of("A0").quiz == {"before": [0, 1, 0]}


def test_h_and_c_answer_while_a_question_waits(desk: Desk) -> None:
    desk.begin("A0", keys="111")
    desk.save(A0.solution)
    desk.save(A0.starter)
    said = desk.type("h")
    assert "ヒント(2/3)" in said
    assert said.rstrip().splitlines()[-4].startswith("問1.")
    desk.session.own.file(A0).write_text(A0.solution, "utf-8")
    said = desk.type("c")
    assert "[緑]" in said
    assert said.rstrip().splitlines()[-4].startswith("問1.")
    assert "ヒントはありません" in desk.type("h")
    assert "次は A1" in desk.type("231")


def test_n_skips_the_questions_and_not_the_lesson(desk: Desk) -> None:
    desk.session.begin("A0")
    assert "手順" in desk.type("n")
    assert desk.session.lesson is A0
    desk.save(A0.solution)
    assert "次は A1" in desk.type("n")
    assert desk.session.lesson is A0


def test_a_save_during_the_closing_questions_is_answered_and_they_go_on(desk: Desk) -> None:
    desk.begin("A0", keys="111")
    desk.save(A0.solution)
    desk.type("2")
    said = desk.save(A0.solution)
    assert "[緑]" in said
    assert said.rstrip().splitlines()[-4].startswith("問2.")
    assert "3 / 3 問" in desk.type("31")
    assert desk.session.progress.of("A0").quiz == {"before": [0, 0, 0], "after": [1, 2, 0]}


def test_a_red_save_during_the_first_questions_is_answered_and_they_go_on_to_the_steps(desk: Desk) -> None:
    desk.session.begin("A0")
    said = desk.save(A0.starter + "\n")
    assert "[赤]" in said
    assert "問1." in said
    assert "手順" in desk.type("123")
    assert desk.session.progress.of("A0").tries == 1


def test_reset_keeps_what_was_there_however_often(desk: Desk) -> None:
    desk.begin("A0")
    for text in ("一", "二", "三"):
        desk.session.own.file(A0).write_text(text, "utf-8")
        assert "もう一度 r" in desk.type("r")
        assert desk.session.own.file(A0).read_text("utf-8") == text
        assert "残しました" in desk.type("r")
    backup = desk.folder / "backup"
    assert sorted(file.read_text("utf-8") for file in backup.iterdir()) == sorted(["一", "二", "三"])
    assert desk.session.own.file(A0).read_text("utf-8") == in_language(A0.starter, "ja")


def test_a_file_that_was_deleted_is_told_and_brought_back(desk: Desk) -> None:
    desk.begin("A0")
    desk.session.own.file(A0).unlink()
    assert not desk.session.look()
    assert desk.session.look()
    assert desk.session.verdict is not None
    assert desk.session.verdict.hint == "missing-file"
    assert "最初のファイルに戻しました。" in desk.type("r")


def test_what_a_learner_wrote_is_there_after_the_terminal_was_killed(desk: Desk) -> None:
    desk.begin("A2")
    desk.save(A2.solution.replace("add_one\n", "add_one()\n"))
    again = Desk(desk.folder).begin()
    assert again.session.lesson is A2
    assert "ヒント(1/3)" in again.out.getvalue()
    assert again.session.progress.of("A2").tries == 2


def test_a_progress_file_nobody_can_read_is_set_aside(desk: Desk) -> None:
    desk.begin("A2")
    for broken in ("{", "[]", '{"last": 1, "lessons": {"A0": {"colour": 3}}}'):
        (desk.folder / progress_file.FILE).write_text(broken, "utf-8")
        again = Desk(desk.folder)
        assert "読めなかった" in again.out.getvalue()
        assert again.session.progress.lessons == {}
    assert len([*desk.folder.glob("progress-unreadable*.json")]) == 3


@pytest.mark.parametrize(
    "steps",
    [
        '{"tries": "x"}',
        "null",
        '{"hints": {"blank": 1e999}}',
        '{"quiz": {"before": "x"}}',
        '{"tries": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"hints": {"\\ud800": 1}}',
        '{"tries": 1' + "0" * 400 + "}",
        '{"green": "yes"}',
    ],
    ids=["text", "null", "endless", "letters", "deep", "half-letter", "huge", "not-true"],
)
def test_spoilt_progress_is_set_aside_and_the_lesson_goes_on(desk: Desk, steps: str) -> None:
    desk.folder.mkdir(exist_ok=True)
    (desk.folder / progress_file.FILE).write_text('{"last": "A0", "lessons": {"A0": ' + steps + "}}", "utf-8")
    again = Desk(desk.folder).begin("A0")
    assert again.out.getvalue().count("読めなかった") == 1
    assert "[緑]" in again.save(A0.solution)
    assert progress_file.last(desk.folder) == "A0"


def test_a_folder_where_the_progress_should_be_is_set_aside(desk: Desk) -> None:
    (desk.folder / progress_file.FILE).mkdir()
    assert progress_file.last(desk.folder) == ""
    again = Desk(desk.folder).begin("A0")
    assert "読めなかった" in again.out.getvalue()
    assert (desk.folder / "progress-unreadable.json").is_dir()


def test_progress_that_cannot_be_kept_is_said_once_and_after_the_verdict(desk: Desk) -> None:
    desk.begin("A0")
    (desk.folder / progress_file.FILE).unlink()
    (desk.folder / progress_file.FILE).mkdir()
    said = desk.save(A0.solution)
    assert said.index("[緑]") < said.index("保存できません")
    assert "保存できません" not in desk.save(A0.solution + "\n")


def test_a_folder_that_is_gone_is_made_again_by_r(desk: Desk) -> None:
    desk.begin("A0")
    shutil.rmtree(desk.folder)
    assert not desk.session.look()
    assert desk.session.look()
    assert "最初のファイルに戻しました" in desk.type("r")
    assert desk.session.own.file(A0).read_text("utf-8") == in_language(A0.starter, "ja")


def test_a_folder_that_cannot_be_made_again_is_told_and_the_lesson_stays(desk: Desk) -> None:
    desk.begin("A0")
    shutil.rmtree(desk.folder)
    desk.folder.write_text("")
    assert "書けません" in desk.type("r")
    assert "書けません" in desk.type("nn")
    assert desk.session.lesson is A0


def test_progress_holds_no_name_and_no_text_of_the_learners(desk: Desk) -> None:
    desk.begin("A0")
    desk.save(A0.solution)
    told = json.loads((desk.folder / progress_file.FILE).read_text("utf-8"))
    assert told["lessons"]["A0"] == {"green": True, "tries": 1, "hints": {}, "quiz": {}}


@pytest.mark.parametrize("key", ["Ｈ", "h", "H"])
def test_a_key_typed_with_the_japanese_input_on_is_the_same_key(desk: Desk, key: str) -> None:
    desk.begin("A0")
    assert "まだ答え合わせをしていません" in desk.type(key)


def test_the_other_keys_do_what_they_say(desk: Desk) -> None:
    desk.begin("A0")
    assert "まだありません" in desk.type("t")
    assert "空欄" in desk.type("c")
    assert desk.type("t").startswith("つまり: 3行目に空欄が残っています\nPython は何も言っていません。")
    desk.save('print("工程" + 3)\n')
    assert desk.type("t").splitlines() == [
        "つまり: 文字と、文字でないものは + でつなげません(1行目)",
        "Python が言ったこと(英語のまま。覚えなくて構いません):",
        '  File "A0_first.py", line 1, in <module>',
        'TypeError: can only concatenate str (not "int") to str',
        "「line 1, in <module>」は「1行目、どの関数の中でもない所」と読みます。",
        KEYS.ja,
    ]
    assert "配線はありません" in desk.type("w")
    assert "手順" in desk.type("s")
    assert "・ A2" in desk.type("l")
    assert "○ 緑になった  ・ これから" in desk.type("l")
    assert "A2  生産カウンタ(40 分) 【必修】" in desk.type("l")
    desk.type("e")
    assert desk.opened == [desk.session.own.file(A0)]
    assert KEYS.ja in desk.type("z")
    assert "エディターの窓" in desk.type("\x13")
    assert not desk.session.key("q")
    assert not desk.session.key("\x04")


def test_next_goes_round_to_what_is_not_green_yet(desk: Desk) -> None:
    desk.begin("A2")
    assert "まだ緑ではありません。もう一度 n で次へ" in desk.type("n")
    assert "手順" in desk.type("s")
    assert "もう一度 n" in desk.type("n")
    assert desk.session.lesson is A2
    desk.type("n")
    assert desk.session.lesson is A0
    for lesson in (A0, A1, A2):
        desk.session.progress.of(lesson.id).green = True
    desk.save(A0.solution)
    desk.type("nn")
    assert desk.session.lesson is A1


def test_b_goes_back_the_way_that_was_come_and_then_in_the_order_of_the_lessons(desk: Desk) -> None:
    desk.begin("A2")
    assert "b で前にいた課題へ戻ります" in desk.type("l")
    desk.type("nnn")
    assert desk.session.lesson is A0
    desk.type("b")
    assert desk.session.lesson is A2
    desk.type("nb")
    assert desk.session.lesson is A1
    desk.type("nbn")
    assert desk.session.lesson is A0
    assert "これより前の課題はありません" in desk.type("b")


def test_the_program_is_named_as_it_was_called(tmp_path: Path) -> None:
    desk = Desk(tmp_path, command=".venv/bin/kojo").begin()
    assert ".venv/bin/kojo learn A0" in desk.type("l")


def test_when_all_is_green_it_says_so(desk: Desk) -> None:
    desk.begin("A0")
    for lesson in (A1, A2):
        desk.session.progress.of(lesson.id).green = True
    desk.save(A0.solution)
    assert "全部の課題が緑" in desk.type("n")


@pytest.mark.slow
def test_somebody_new_gets_through_every_lesson_with_n_alone(tmp_path: Path) -> None:
    lessons = in_order(load_all())
    desk = Desk(tmp_path, lessons)
    desk.begin()
    for lesson in lessons:
        assert desk.session.lesson is lesson
        assert "[赤]" in desk.save(lesson.starter)
        assert "[赤]" in desk.save(lesson.mistakes[0].text)
        assert "ヒント(3/3)" in desk.type("hh")
        assert "[緑]" in desk.save(lesson.solution)
        said = desk.type("n")
        assert ("全部の課題が緑" in said) == (lesson is lessons[-1])
        desk.type("nn")
    assert desk.session.progress.green == {lesson.id for lesson in lessons}


def test_watching_answers_keys_and_saves_until_the_keys_end(desk: Desk) -> None:
    desk.begin("A0")

    def typed() -> Iterator[str | None]:
        yield ""
        desk.session.own.file(A0).write_text(A0.solution, "utf-8")
        yield from ("", "", "l", None)

    coming = typed()
    watch(desk.session, lambda _: next(coming))
    assert "[緑]" in desk.out.getvalue()
    coming = iter("lq")
    watch(desk.session, lambda _: next(coming))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(PermissionError, match="--folder"):
        OwnFolder(tmp_path / "taken")


def test_english_is_there_too(tmp_path: Path) -> None:
    with speaking("en"):
        desk = Desk(tmp_path).begin("A0")
        assert "A first step (20 minutes)" in desk.out.getvalue()
        assert "Expected: every blank" in desk.type("c")


def test_a_starter_is_in_the_language_spoken_and_changes_with_it_until_something_is_written(tmp_path: Path) -> None:
    ja, en = in_language(A3.starter, "ja"), in_language(A3.starter, "en")
    file = tmp_path / A3.file
    for lang, text in (("en", en), ("ja", ja), ("en", en)):
        with speaking(lang):  # type: ignore[arg-type]
            desk = Desk(tmp_path, [A3]).begin()
        assert file.read_text("utf-8") == text
        assert desk.session.progress.of("A3").tries == 0
    file.write_text(A3.starter.replace("\n", "\r\n"), "utf-8", newline="")
    assert Desk(tmp_path, [A3]).begin().session.verdict is None
    assert file.read_text("utf-8") == ja
    begun = ja.replace("GAP_MS = ___", "GAP_MS = 50")
    file.write_text(begun, "utf-8")
    with speaking("en"):
        desk = Desk(tmp_path, [A3]).begin()
        assert file.read_text("utf-8") == begun
        assert f"row {_row_of(begun, 'or ___')} still has a blank" in desk.out.getvalue()
        desk.type("rr")
        assert file.read_text("utf-8") == en
        assert f"row {_row_of(en, 'GAP_MS = ___')} still has a blank" in desk.type("c")
    assert (tmp_path / "backup" / A3.file).read_text("utf-8") == begun
    assert desk.session.progress.of("A3").tries == 2


def _row_of(text: str, piece: str) -> int:
    return next(number for number, row in enumerate(text.splitlines(), 1) if piece in row)


def test_a_starter_that_cannot_be_put_again_stays_in_the_language_it_has(tmp_path: Path) -> None:
    own, lesson = OwnFolder(tmp_path), replace(A0, file="n" * 240 + ".py")  # no room for a name beside it
    with pytest.raises(NotAllowed):
        own.begin(lesson)
    own.file(lesson).write_text(in_language(A0.starter, "ja"), "utf-8")
    with speaking("en"):
        assert not own.begin(lesson)
    assert own.is_starter(lesson)


def test_a_pipe_gets_plain_text() -> None:
    assert isinstance(screen_for(io.StringIO()), PlainScreen)


def test_in_colour_the_same_is_said_in_rows_that_fit() -> None:
    from rich.console import Console

    out = io.StringIO()
    screen = RichScreen(Console(file=out, width=60, force_terminal=True, color_system=None))
    for lesson in (A0, A1, A2):
        for name in ("intro", "steps"):
            screen.page(lesson.page(name, "ja"))
    screen.verdict("期待: とても長い一行。" * 8, green=False)
    screen.say("とても長い一行。" * 10, "hint")
    rows = out.getvalue().splitlines()
    assert max(sum(map(width, row)) for row in rows) <= 60
    assert "**" not in out.getvalue()
    assert "対角の2本" in out.getvalue()


# ---- a page longer than the screen


def test_a_page_stops_where_the_screen_is_full_and_enter_goes_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path, size=lambda: os.terminal_size((80, 24)))
    desk.session.begin("A0")
    said = desk.out.getvalue()
    assert said.splitlines()[-1] == "── Enter で続き ──"
    assert len(said.splitlines()) <= 24
    assert "問1." not in said
    assert "問1." in desk.type("\n")
    first = desk.type("123")
    assert first.splitlines()[-1] == "── Enter で続き ──"
    assert "## 5." not in first
    assert "## 5." in desk.type("\r")
    assert desk.type("\n") == ""


def test_another_key_or_a_save_shows_all_of_it_and_a_verdict_waits_for_nobody(tmp_path: Path) -> None:
    desk = Desk(tmp_path, [A3], size=lambda: os.terminal_size((80, 10)))
    desk.session.begin()
    said = desk.type("1")
    assert "今日使うデータ" in said
    assert said.index("今日使うデータ") < said.index("問2.")
    desk.type("n")
    said = desk.save(A3.solution)
    assert said.index("知っておくこと") < said.index("[緑]")
    assert "Enter" not in said


def test_in_colour_a_page_stops_too(tmp_path: Path) -> None:
    from rich.console import Console

    out = io.StringIO()
    console = Console(file=out, width=60, height=12, force_terminal=True, color_system=None)
    screen = RichScreen(console, stops=True)
    screen.page("\n\n".join("一二三四五六七八九十"))
    screen.verdict("期待: 何か", green=False)
    assert out.getvalue().splitlines()[-1] == "── Enter で続き ──"
    assert "十" not in out.getvalue()
    screen.more()
    assert "十" in out.getvalue()
    screen.rest()
    assert "期待: 何か" in out.getvalue()


# ---- rows of Japanese


def rows(text: str, columns: int, indent: int = 0) -> list[str]:
    return ["".join(letter for letter, _ in row) for row in fold(letters(text), columns, indent)]


def test_japanese_is_broken_between_letters_but_not_before_a_full_stop() -> None:
    assert rows("保存すると答え合わせ。", 20) == ["保存すると答え合わ", "せ。"]
    assert rows("あ「かっこ」です", 6) == ["あ", "「かっ", "こ」で", "す"]


def test_a_latin_word_stays_whole_and_goes_on_where_it_stands() -> None:
    assert rows("Ctrl+S で保存", 8) == ["Ctrl+S ", "で保存"]
    assert rows("値は GPIO23 です", 10) == ["値は ", "GPIO23 で", "す"]
    assert rows("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert rows("", 10) == [""]
    assert rows("・いろはにほへと", 8, 2) == ["・いろは", "  にほへ", "  と"]


def test_a_page_is_shown_without_its_signs() -> None:
    told = "# 題\n\n一行目の\n続き。\n次の文。\n\n- **太い**字\n- `x` は符号\n\n"
    told += "| a | b |\n| --- | --- |\n| 1 | 2 |\n\n> 話す\n\n```\nx = 1\n```\n"
    shown = ["".join(letter for letter, _ in row) for row in page(told, 40)]
    assert "|".join(shown) == "題||一行目の続き。|次の文。||・太い字|・x は符号||a · b|1 · 2||話す||x = 1"


def test_keys_come_from_lines_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "typed").write_text("n\n \x1b[C\x1bOHh\n")
    with (tmp_path / "typed").open() as typed:
        monkeypatch.setattr("sys.stdin", typed)
        with keys() as key:
            assert [key(0.01) for _ in range(3)] == ["n", "h", None]
