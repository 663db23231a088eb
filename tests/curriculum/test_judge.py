"""A learner's file judged: green, or the first thing amiss with the hint that helps."""

import os
import select
import sys
from pathlib import Path

import pytest

from curriculum.judge import Verdict, judge
from curriculum.judge_apart import LONGEST_BYTES, judge_apart
from curriculum.lesson import LESSONS, Lesson, general_hints, load

COUNTER = load(LESSONS / "A2")
FIRST = load(LESSONS / "A0")


def with_row(row: str) -> str:
    return COUNTER.solution + row


def test_the_solution_is_green_and_says_what_it_printed() -> None:
    verdict = judge(COUNTER, COUNTER.solution)
    assert verdict.green
    assert verdict.printed.startswith("1 個\n2 個\n")
    done, saw = verdict.say(COUNTER, lang="ja").splitlines()
    assert done == "できました。答え合わせは緑です。"
    assert saw.startswith("答え合わせで見たこと: 6回押して")
    assert saw.endswith("count は 6。1回に 1 個です。")


def test_a_miss_is_told_as_expected_actual_and_as_many_hints_as_asked_for() -> None:
    verdict = judge(COUNTER, COUNTER.solution.replace("add_one\n", "add_one()\n"))
    assert verdict.hint == "called-at-once"
    told = verdict.say(COUNTER, 2, "ja").splitlines()
    assert [line.partition(":")[0] for line in told] == ["期待", "実際", "ヒント(1/3)", "ヒント(2/3)"]
    assert verdict.say(COUNTER, 0, "en").splitlines() == ["Expected: before any press 0", "Actual: already 1"]


@pytest.mark.parametrize(
    ("text", "hint", "place"),
    [
        (None, "missing-file", (None, None)),
        ("", "empty-file", (None, None)),
        ("# 何もない\n", "empty-file", (None, None)),
        ('station = "___"\n', "blank", (1, None)),
        ("station = ＿＿＿\n", "blank", (1, None)),
        ('station = "検査___"\n', "blank", (1, None)),
        ("station = “検査”\n", "full-width", (1, 11)),
        ('station = "検査”\n', "full-width", (1, 14)),
        ('station　= "検査"\n', "full-width", (1, 8)),
        ('station = "検査"\nprint（station）\n', "full-width", (2, 6)),
        ('station = "検査"、\n', "full-width", (1, 15)),
        ('station = "検査\n', "syntax", (1, 11)),
        ('print("検査"\n', "syntax", (1, 6)),
        ("if True\n    station = 1\n", "syntax", (1, 8)),
        ('station = "a"\0\n', "syntax", (None, None)),
    ],
)
def test_what_stands_where_python_cannot_read_it(
    text: str | None, hint: str, place: tuple[int | None, int | None]
) -> None:
    verdict = judge(FIRST, text)
    assert (verdict.hint, (verdict.row, verdict.column)) == (hint, place)
    assert "Traceback" not in verdict.say(FIRST, 3, "ja") + verdict.say(FIRST, 3, "en")


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ('x = {\n    "a": 1\n    "b": 2,\n}\n', (2, None), "この行の終わりに、半角のコンマ , がありません"),
        ('print("a" station)\n', (1, None), "値と値の間に、半角のコンマ , がありません"),
        ("for a in b:\nprint(a)\n", (2, 1), "この行の頭を、上の for の行(1行目)より4文字右へ動かします"),
        ("def f():\nreturn 1\n", (2, 1), "この行の頭を、上の def の行(1行目)より4文字右へ動かします"),
        ("for a in b:\n", (1, 12), "この for の行の下に、中の行がありません"),
        ("x = {\n    'a': (1 + 2,\n}\n", (3, 1), "2行目の ( が閉じていません(かっこの組が合いません)"),
    ],
)
def test_python_s_place_is_told_where_it_is_the_place_to_mend(text: str, at: tuple[int, int | None], said: str) -> None:
    verdict = judge(FIRST, text)
    assert (verdict.row, verdict.column) == at
    assert verdict.actual is not None
    assert verdict.actual.ja == said


@pytest.mark.parametrize(
    ("text", "ja", "en"),
    [
        ("x = [1，2]\n", "半角のコンマ ,", "the half-width comma ,"),
        ("x = 6 ÷ 2\n", "半角のスラッシュ(割り算) /", "the half-width slash, to divide /"),
        ("x = 6 × 2\n", "半角のアスタリスク(掛け算) *", "the half-width asterisk, to multiply *"),
    ],
)
def test_a_sign_that_is_easily_overlooked_is_named(text: str, ja: str, en: str) -> None:
    verdict = judge(FIRST, text)
    assert verdict.expected is not None
    assert (verdict.expected.ja, verdict.expected.en) == (ja, en)


@pytest.mark.parametrize(
    "text",
    [
        'station = "全角（）と “引用符” は文字の中ならよい"[:5]\n',
        'station = "a"  # 注釈の中の （）“” と ___ も構わない\n',
        '"""長い\n（説明）“”\n"""\nstation = "a"\n',
        'station = "a"\nname = __name__\n',
        "station = 'it\\'s'\n",
        '工程 = "検査"\nstation = 工程\n',
    ],
)
def test_full_width_signs_inside_texts_and_remarks_are_nobodys_mistake(text: str) -> None:
    assert judge(FIRST, text).green


def test_a_value_nobody_had_thought_of_is_no_traceback() -> None:
    verdict = judge(COUNTER, with_row("del counter.count\n"))
    assert verdict.hint == "unexpected"
    assert "check.py" in verdict.technical


def test_what_a_handler_raises_at_a_press_is_told_with_its_row() -> None:
    verdict = judge(COUNTER, COUNTER.solution.replace("print(self", "prin(self"))
    assert (verdict.hint, verdict.row) == ("raised", 14)


@pytest.mark.parametrize("name", ["chime.ring", "add_one", "counter", "counter.add_on"])
def test_a_name_that_is_not_in_this_file_is_told_by_the_lesson_s_own_hint(name: str) -> None:
    verdict = judge(COUNTER, COUNTER.starter.replace("___", name))
    assert (verdict.hint, verdict.row) == ("whose-name", 25)
    assert "counter.add_one" in verdict.say(COUNTER, 3, "ja")


def test_a_handler_that_never_ends_is_stopped() -> None:
    verdict = judge(COUNTER, COUNTER.solution.replace("print(self.count", "while 1: pass\n        print(self.count"))
    assert (verdict.hint, verdict.row) == ("endless", 14)


def test_every_hint_of_every_lesson_has_three_steps_in_both_languages() -> None:
    for hint in general_hints().values():
        assert len(hint.steps) == 3
        assert all(step.ja and step.en for step in hint.steps)


# ---- in a process of its own


def apart(tmp_path: Path, text: str | bytes, within_s: float = 30.0, lesson: Lesson = COUNTER) -> Verdict:
    file = tmp_path / lesson.file
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return judge_apart(lesson, file, within_s)


def test_a_process_of_its_own_says_the_same(tmp_path: Path) -> None:
    lamp = load(LESSONS / "A1")
    verdict = apart(tmp_path, lamp.solution, lesson=lamp)
    assert verdict == judge(lamp, lamp.solution)
    assert "答え合わせで見たこと: 運転では緑だけ" in verdict.say(lamp, lang="ja")
    assert [*tmp_path.iterdir()] == [tmp_path / lamp.file]


@pytest.mark.slow
def test_a_file_that_is_not_there_or_no_text_is_told_kindly(tmp_path: Path) -> None:
    assert judge_apart(COUNTER, tmp_path).hint == "missing-file"
    in_shift_jis = apart(tmp_path, b"x = 1\n" + "# 生産\n".encode("shift_jis"))
    assert (in_shift_jis.hint, in_shift_jis.row) == ("not-utf8", 2)


@pytest.mark.slow
def test_a_file_from_windows_is_read_as_it_is_meant(tmp_path: Path) -> None:
    assert apart(tmp_path, b"\xef\xbb\xbf" + FIRST.solution.replace("\n", "\r\n").encode(), lesson=FIRST).green


def test_a_file_named_like_a_part_of_python_is_found(tmp_path: Path) -> None:
    (tmp_path / "gpiozero.py").write_text("")
    verdict = apart(tmp_path, COUNTER.solution)
    assert verdict.hint == "name-taken"
    assert "gpiozero.py" in str(verdict.actual)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "hint", "at"),
    [
        ("x = 10 ** 10 ** 9\n", "endless", 26),
        ("while True:\n    try:\n        x = 1\n    except:\n        pass\n", "endless", 26),
        ("button.wait_for_press()\n", "endless", 26),
    ],
)
def test_what_no_counting_of_rows_ends_is_ended_by_the_clock(tmp_path: Path, row: str, hint: str, at: int) -> None:
    verdict = apart(tmp_path, with_row(row), within_s=3.0)
    assert (verdict.hint, verdict.row) == (hint, at)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "hint"),
    [
        ("x = [0] * 10 ** 9\n", "raised-memory"),
        ("open('big', 'w').write('x' * 10 ** 7)\n", "too-large"),
        ("import os\nos._exit(0)\n", "exit"),
        ("import os\nopen('../verdict.json', 'w').write('{}')\nos._exit(0)\n", "exit"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "raised-memory"),
        ("import ctypes\nctypes.string_at(0)\n", "raised-memory"),
    ],
)
def test_whatever_the_file_does_whoever_asked_gets_a_verdict(tmp_path: Path, row: str, hint: str) -> None:
    assert apart(tmp_path, with_row(row)).hint == hint


def test_a_pipe_or_a_folder_in_the_files_place_is_told_and_not_waited_for(tmp_path: Path) -> None:
    for make, said in ((os.mkfifo, "特別なもの"), (os.mkdir, "フォルダー")):
        file = tmp_path / said / COUNTER.file
        file.parent.mkdir()
        make(file)
        verdict = judge_apart(COUNTER, file)
        assert verdict.hint == "missing-file"
        assert verdict.actual is not None
        assert said in verdict.actual.ja


def test_a_file_that_is_too_long_is_told_and_not_cut(tmp_path: Path) -> None:
    verdict = apart(tmp_path, with_row("# x\n" * (LONGEST_BYTES // 4)))
    assert verdict.hint == "too-long"
    assert len(verdict.say(COUNTER, 3, "ja").splitlines()) == 5


WAITS = "os.read(os.pipe()[0], 1)\n"
IN_ITS_OWN_SESSION = f"""
import os
if os.fork() == 0:
    os.setsid()
    os.open(PIPE, os.O_WRONLY)
    if os.fork() == 0:
        {WAITS}
    os._exit(0)
os.wait()
"""
IN_A_SHELL = "import os\nos.system('exec > ' + PIPE + ' 2>&1; nohup setsid sleep 600 &')\n"
BESIDE = "import subprocess\nsubprocess.Popen(['sleep', '600'], stdout=open(PIPE, 'w'))\n"
gets_out = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only its own group is ended")


@pytest.mark.parametrize(
    ("row", "hint", "within_s"),
    [
        pytest.param(BESIDE, None, 30.0, id="beside"),
        pytest.param(IN_ITS_OWN_SESSION, None, 30.0, marks=gets_out, id="own session"),
        pytest.param(IN_A_SHELL, None, 30.0, marks=[gets_out, pytest.mark.slow], id="nohup"),
        pytest.param(
            f"{IN_ITS_OWN_SESSION}os.kill(os.getpid(), 9)\n",
            "raised-memory",
            30.0,
            marks=[gets_out, pytest.mark.slow],
            id="killed",
        ),
        pytest.param(IN_ITS_OWN_SESSION + WAITS, "endless", 1.5, marks=[gets_out, pytest.mark.slow], id="out of time"),
    ],
)
def test_what_the_file_has_started_does_not_outlive_the_verdict(
    tmp_path: Path, row: str, hint: str | None, within_s: float
) -> None:
    pipe = tmp_path / "held"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert apart(tmp_path, with_row(row.replace("PIPE", repr(str(pipe)))), within_s).hint == hint
        ended, _, _ = select.select([reader], [], [], 30)  # its last writer is gone
        assert ended
        assert os.read(reader, 9) == b""
    finally:
        os.close(reader)


@pytest.mark.slow
def test_a_thread_that_never_ends_holds_nobody_up(tmp_path: Path) -> None:
    row = "import threading\ndef turn():\n    while True: pass\nthreading.Thread(target=turn).start()\n"
    assert apart(tmp_path, with_row(row)).green


@pytest.mark.slow
def test_what_the_file_writes_does_not_lie_about_afterwards(tmp_path: Path) -> None:
    assert apart(tmp_path, with_row("open('made.csv', 'w').write('1')\n")).green
    assert not (tmp_path / "made.csv").exists()
