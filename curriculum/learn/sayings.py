"""What the terminal says of a lesson, in words; where it goes is the screen's matter."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from contract.words import Words
from curriculum.judge import Verdict
from curriculum.learn.progress import When
from curriculum.learn.screen import Look
from curriculum.lesson import Lesson

MOST_ROWS_PRINTED = 12

KEYS = Words(
    "n:次 b:前 h:ヒント c:答え合わせ s:手順 w:配線 e:編集 l:一覧 r:戻す t:技術 q:終了",
    "n:next b:back h:hint c:check s:steps w:wiring e:edit l:list r:reset t:technical q:quit",
)
QUIZ: Mapping[When, Words] = {
    "before": Words(
        "始める前に3問。分からなくて構いません。番号を押します(n で3問ともとばす)。",
        "Three questions before you begin; it is fine not to know. Press a number (n: skip all three).",
    ),
    "after": Words(
        "同じ3問をもう一度。番号を押します(n で3問ともとばす)。",
        "The same three questions again. Press a number (n: skip all three).",
    ),
}
ONLY_NUMBERS = Words(
    "いまは3問の途中です。番号を押します(h でヒント、c で答え合わせ、n で3問ともとばす、q で終わる)。",
    "The three questions are not through yet: press a number (h: hint, c: check, n: skip all three, q: quit).",
)
MUST = Words(" 【必修】", " [must]")
LIST_LEGEND = Words(
    "【必修】は全員が進む課題、ほかは時間があれば進む課題です。\n"
    "並びは1日に進む順です。A3 が A2 のすぐ後でないのは、時間があれば進む課題だからです。",
    "[must]: for everybody; the others if there is time.\n"
    "In the order of the day: A3 does not follow A2 at once because it is for whoever has time.",
)
LEGEND = Words(f"○ 緑になった  ・ これから\n{LIST_LEGEND.ja}", f"○ green  ・ to come\n{LIST_LEGEND.en}")
NOT_CHECKED = Words("まだ答え合わせをしていません。保存するか、c を押します。", "Not checked yet: save, or press c.")
SURE: Mapping[str, Words] = {
    "n": Words(
        "まだ緑ではありません。もう一度 n で次へ。ほかのキーなら、ここに残ります。",
        "It is not green yet. Press n once more for the next lesson; with any other key you stay.",
    ),
    "r": Words(
        "もう一度 r で、最初のファイルに戻します。ほかのキーなら、今のままです。",
        "Press r once more to bring the starter back; with any other key your file stays.",
    ),
}
NOTHING_BEFORE = Words("これより前の課題はありません。", "There is no lesson before this one.")
GREEN = Words("緑です。ヒントはありません。", "It is green: no hint is needed.")
GREEN_GO_ON = Words("緑です。n で次の課題へ。", "It is green. n: the next lesson.")
NO_MORE_HINTS = Words(
    "ヒントはここまでです。講師か隣の人を呼びましょう。", "No more hints: ask the tutor, or your neighbour."
)
NOTHING_TECHNICAL = Words("技術の言葉は、まだありません。", "Nothing technical to say yet.")
NOT_WIRED = Words("この課題に配線はありません。", "Nothing is wired in this lesson.")
NOT_HERE = Words(
    "Ctrl+S は、ファイルを開いたエディターの窓で押します。",
    "Press Ctrl+S in the window of the editor that has the file.",
)
NO_EDITOR = Words("ここではエディターを開けません。", "No editor can be opened here.")
ALL_GREEN = Words("全部の課題が緑になりました。おつかれさまでした。", "Every lesson is green. Well done.")


def title(lesson: Lesson) -> Words:
    """``A2 生産カウンタ(40 分)``."""
    return Words(
        f"{lesson.id} {lesson.title.ja}({lesson.minutes} 分)",
        f"{lesson.id} {lesson.title.en} ({lesson.minutes} minutes)",
    )


def file_to_mend(file: object) -> Words:
    """Where the learner's file is, and what a save does."""
    return Words(
        f"直すファイル: {file}\n保存(Ctrl+S)すると、すぐに答え合わせをします。e を押すと、ここで開きます。",
        f"Your file: {file}\nSave it (Ctrl+S) and it is checked. Press e to open it here.",
    )


def starter_again(kept: object) -> Words:
    """After a reset; ``kept`` is where the file from before is, if there was one."""
    where = f"(前のファイルは {kept} に残しました)" if kept else ""
    where_en = f" (yours is kept: {kept})" if kept else ""
    return Words(f"最初のファイルに戻しました{where}。", f"The starter is there again{where_en}.")


def technical(verdict: Verdict) -> Iterator[tuple[Words | str, Look]]:
    """What was noticed in plain words, how to read what follows, and Python's own words as they are."""
    if verdict.actual is not None:
        is_told = not verdict.row or f"{verdict.row}行目" in verdict.actual.ja
        row = Words("", "") if is_told else Words(f"({verdict.row}行目)", f" (row {verdict.row})")
        yield Words(f"つまり: {verdict.actual.ja}{row.ja}", f"In short: {verdict.actual.en}{row.en}"), "plain"
    if verdict.technical.startswith(f"{verdict.hint}: expected "):  # the check's own note says the same once more
        yield (
            Words(
                "Python は何も言っていません。見つけたのは答え合わせです。",
                "Python said nothing: the check noticed it.",
            ),
            "plain",
        )
        return
    yield Words("Python が言ったこと(英語のまま。覚えなくて構いません):", "What Python said:"), "plain"
    yield verdict.technical, "faint"
    if places := [*dict.fromkeys(_FRAME.findall(verdict.technical))]:
        row, place = places[-1]
        inside = Words("どの関数の中でもない所", "outside of any function")
        if place != "<module>":
            inside = Words(f"{place} の中", f"inside {place}")
        yield (
            Words(
                f"「line {row}, in {place}」は「{row}行目、{inside.ja}」と読みます。",
                f"“line {row}, in {place}”: row {row}, {inside.en}.",
            ),
            "faint",
        )


_FRAME = re.compile(r"line (\d+), in (\S+)")


def set_aside(file: object) -> Words:
    """A progress file that could not be read."""
    return Words(
        f"進み具合のファイルが読めなかったので、{file} に残して新しく始めました。",
        f"The file of your progress could not be read: it is kept as {file}, and a new one begun.",
    )


def not_kept(error: OSError) -> Words:
    """The progress could not be written; said once, and the lesson goes on."""
    ja = f"進み具合を保存できません({error.strerror})。課題はこのまま続けられます。講師に知らせましょう。"
    en = f"Your progress cannot be kept ({error.strerror}). You can go on all the same; tell the tutor."
    return Words(ja, en)


def levels(lesson: Lesson) -> str:
    """The three levels of the rubric."""
    head = Words("どこまでできたか(自分の目安)", "How far you are (for yourself)")
    return "\n".join([str(head), *(f"  {number}. {level}" for number, level in enumerate(lesson.rubric, 1))])


def opened_by(command: str, lesson: Lesson) -> Words:
    """How a lesson in the list is opened."""
    return Words(
        f"b で前にいた課題へ戻ります。どの課題も、q で終わってから番号で開けます: {command} learn {lesson.id}",
        f"b: back to the lesson before. Any lesson opens by its number, after q: {command} learn {lesson.id}",
    )


def picture(lesson: Lesson) -> Words:
    """Where the picture of the wiring is."""
    file = lesson.folder / "wiring.svg"
    return Words(f"絵: {file}(ブラウザーで開く)", f"Picture: {file} (open it in a browser)")


def next_is(lesson: Lesson) -> Words:
    """Which lesson comes next."""
    return Words(
        f"次は {lesson.id} {lesson.title.ja}。n で進みます。", f"Next: {lesson.id} {lesson.title.en}. Press n."
    )


def listed(lessons: Iterable[Lesson], green: Collection[str], here: Lesson) -> Iterator[tuple[str, bool]]:
    """A row for each lesson, and whether it is green."""
    for lesson in lessons:
        is_green = lesson.id in green
        minutes = Words(f"({lesson.minutes} 分)", f" ({lesson.minutes} min)")
        at = Words("  ← いまここ", "  ← here") if lesson.id == here.id else ""
        must = MUST if lesson.must else ""
        yield f"{'○' if is_green else '・'} {lesson.id:<4}{lesson.title}{minutes}{must}{at}", is_green


def printed(verdict: Verdict) -> str:
    """The last rows of what the learner's program wrote; empty if it wrote nothing."""
    rows = verdict.printed.splitlines()
    if not rows:
        return ""
    shown = rows[-MOST_ROWS_PRINTED:]
    more = [f"  … ({len(rows) - len(shown)})"] if len(rows) > len(shown) else []
    head = str(Words("プログラムの表示:", "Your program printed:"))
    return "\n".join([head, *more, *(f"  {row}" for row in shown)])
