"""The learner's file on the bench: what it finds there, and what is said of what goes wrong."""

import threading
from collections.abc import Iterator
from pathlib import Path

import gpiozero
import pytest

from curriculum.checking import Miss, Work


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    with Work("", tmp_path, "mine.py") as made:
        yield made


def run(work: Work, text: str) -> Work:
    work.text = text
    work.start()
    return work


def missed(work: Work, text: str) -> Miss:
    with pytest.raises(Miss) as told:
        run(work, text)
    return told.value


def test_a_learners_led_sits_on_the_bench_and_only_meanwhile(tmp_path: Path) -> None:
    before = gpiozero.Device.pin_factory
    with Work("from gpiozero import LED\nlamp = LED(17)\nlamp.on()\n", tmp_path) as work:
        work.start()
        assert work.board.level(17)
        assert work.board.is_output(17)
        assert work.board.pins_used == (17,)
        assert not work.board.used(27)
    assert gpiozero.Device.pin_factory is before


def test_a_button_is_pressed_and_held_without_any_thread(work: Work) -> None:
    before = threading.active_count()
    text = "from gpiozero import Button\nsaid = []\nb = Button(23, hold_time=2)\n"
    run(work, text + "b.when_pressed = lambda: said.append('press')\nb.when_held = lambda: said.append('held')\n")
    assert work.board.pull(23) == "up"
    work.board.drive(23, False)
    work.board.turn(1.9)
    assert work.name("said") == ["press"]
    work.board.turn(0.2)
    work.board.release(23)
    assert work.name("said") == ["press", "held"]
    assert threading.active_count() == before


def test_a_short_press_is_not_held_and_a_long_one_repeats_if_asked(work: Work) -> None:
    run(
        work,
        "from gpiozero import Button\nheld = []\nb = Button(23, hold_time=1, hold_repeat=True)\n"
        "b.when_held = lambda: held.append(b.held_time)\n",
    )
    work.board.drive(23, False)
    work.board.turn(0.5)
    work.board.release(23)
    work.board.turn(5)
    assert work.name("held") == []
    work.board.drive(23, False)
    work.board.turn(3.5)
    assert len(work.name("held")) == 3


def test_a_lamp_blinks_on_the_benchs_clock_until_it_is_told_otherwise(work: Work) -> None:
    run(work, "from gpiozero import LED\nlamp = LED(27)\nlamp.blink(on_time=0.5, off_time=0.5)\n")
    seen = []
    for _ in range(4):
        seen.append(work.board.level(27))
        work.board.turn(0.5)
    work.call(work.name("lamp").off)
    work.board.turn(10)
    assert seen == [True, False, True, False]
    assert not work.board.level(27)


def test_a_lamp_that_blinks_in_the_foreground_lets_the_benchs_time_pass(work: Work) -> None:
    before_ns = work.board.time_ns
    run(work, "from gpiozero import LED\nLED(27).blink(0.5, 0.5, n=3, background=False)\n")
    assert work.board.time_ns - before_ns >= 2_500_000_000


def test_what_the_bench_cannot_play_is_said(work: Work) -> None:
    miss = missed(work, "from gpiozero import PWMLED\nPWMLED(27).pulse()\n")
    assert miss.hint == "raised"
    assert "練習台" in miss.actual.ja


def test_sleeping_and_waiting_cost_no_real_time(work: Work) -> None:
    run(
        work,
        "import time\nfrom signal import pause\n"
        "start = time.time()\ntime.sleep(3600)\ngone = time.time() - start\npause()\n",
    )
    assert work.name("gone") == pytest.approx(3600)


def test_a_chip_on_the_bus_answers_and_a_missing_one_gives_the_kernels_error(work: Work) -> None:
    class Chip:
        def write(self, data: bytes) -> None: ...

        def read(self, length: int) -> bytes:
            return b"\x60" * length

    work.board.put_i2c_chip(0x76, Chip())
    run(work, "from smbus2 import SMBus\nbus = SMBus(1)\nid = bus.read_byte_data(0x76, 0xD0)\n")
    assert work.name("id") == 0x60
    work.board.put_i2c_chip(0x76, None)
    with pytest.raises(Miss) as told:
        work.call(work.board.bus().read_byte_data, 0x76, 0xD0)
    assert told.value.actual.ja == "センサーの返事がありません(OSError 121)"


def test_what_is_printed_is_kept_and_too_much_is_refused(work: Work) -> None:
    run(work, "print('ok', 1, sep='-')\n")
    assert work.printed == "ok-1\n"
    assert missed(work, "while True:\n    print('x' * 1000)\n").hint == "too-much-printed"
    assert missed(work, "print('x' * 10_000_000)\n").row == 1


@pytest.mark.parametrize(
    ("text", "hint", "ja"),
    [
        (
            "countr = 1\nprint(counter)\n",
            "raised",
            "counter という名前は、まだ決まっていません(countr ではありませんか)",
        ),
        ("lamp = 1  # ランプ3\nランプ\n", "raised", "ランプ という名前は、まだ決まっていません"),
        ("ﾌﾟﾚｽ3\n", "raised", "プレス3 という名前は、まだ決まっていません"),
        ("1 + 'a'\n", "raised", "計算できない組み合わせです(intとstr)"),
        ("x = 5\nx()\n", "raised", "int は呼べません。() が余っています"),
        ("[][0]\n", "raised", "並びの外を見ました(空か、番号が大きすぎます)"),
        ("{}['a']\n", "raised", "表に 'a' という見出しがありません"),
        ("1 / 0\n", "raised", "0 で割りました"),
        ("None.x\n", "raised", "None(空)には x がありません"),
        ("'a'.uper()\n", "raised", "str に uper はありません(upper ではありませんか)"),
        ("import gpiozer\n", "raised", "gpiozer という部品(import)が見つかりません"),
        ("from gpiozero import Led\n", "raised", "gpiozero の中に Led がありません"),
        ("open('nowhere.csv')\n", "raised", "ファイル nowhere.csv がありません"),
        ("from gpiozero import LED\na = LED(17)\nb = LED(17)\n", "raised", "GPIO17 を2回使っています"),
        ("def f(a):\n    pass\nf()\n", "raised", None),
        ("int('x')\n", "raised", None),
        ("def f():\n    f()\nf()\n", "recursion", "関数が自分を呼び続けて止まりません"),
        ("import sys\nsys.exit()\n", "exit", "プログラムを途中で終わらせました"),
        ("raise MemoryError\n", "raised-memory", "メモリーを使い切りました"),
        ("input('名前')\n", "input", "input() で入力を待ちました(名前)"),
    ],
)
def test_what_python_notices_is_said_in_a_learners_words(work: Work, text: str, hint: str, ja: str | None) -> None:
    miss = missed(work, text)
    assert miss.hint == hint
    assert ja is None or miss.actual.ja == ja
    assert miss.row is not None
    assert "Traceback" not in miss.actual.ja + miss.actual.en
    assert "mine.py" in miss.technical


def test_an_endless_loop_ends_at_the_row_where_the_loop_begins(work: Work) -> None:
    miss = missed(work, "x = 0\nwhile True:\n    x += 1\n    x -= 1\n")
    assert (miss.hint, miss.row) == ("endless", 2)


def test_a_name_that_is_not_there_is_a_miss(work: Work) -> None:
    run(work, "counter = 1\n")
    assert work.name("counter") == 1
    with pytest.raises(Miss) as told:
        work.name("count")
    assert told.value.hint == "no-name"


def test_a_function_of_the_learners_is_called_with_what_it_is_given(work: Work) -> None:
    run(work, "def add(a, b=0):\n    return a + b\n")
    assert work.call(work.name("add"), 1, b=2) == 3
