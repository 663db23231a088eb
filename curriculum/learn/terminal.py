"""``kojo learn`` in the terminal: shows a lesson, watches the learner's file, answers each save.

    session = Session(lessons, OwnFolder(Path("kojo-learn")), screen)
    session.open("A2")
    watch(session, key)

A save is answered with 期待 / 実際 / ヒント(1/3); each ``h`` shows one step more. What happened is kept after every
step, so a killed terminal goes on where it was.
"""

import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from contract.words import Words, language
from curriculum.judge import Verdict
from curriculum.judge_apart import judge_apart
from curriculum.learn import progress as progress_file
from curriculum.learn.own_folder import OwnFolder, Seen
from curriculum.learn.progress import Steps, When
from curriculum.learn.quiz import Quiz
from curriculum.learn.screen import Screen
from curriculum.lesson import HINT_STEPS, Lesson

POLL_S = 0.15
"""So often the file is looked at."""
MOST_ROWS_PRINTED = 12

Judge = Callable[[Lesson, Path], Verdict]
Open = Callable[[Path], None]


class Session:
    """One learner at one terminal. ``lessons`` in the order they are learnt; ``edit`` opens the file in an editor."""

    def __init__(
        self,
        lessons: Sequence[Lesson],
        own: OwnFolder,
        screen: Screen,
        *,
        judge: Judge = judge_apart,
        edit: Open | None = None,
        wiring: Callable[[Lesson], Sequence[Words]] = lambda _: (),
    ) -> None:
        self.lessons = {lesson.id: lesson for lesson in lessons}
        self.own, self._screen, self._judge, self._edit, self._wiring = own, screen, judge, edit, wiring
        self.progress, aside = progress_file.read(own.path)
        self.lesson = next(iter(lessons))
        self.verdict: Verdict | None = None
        self._judged = self._looked = Seen(None)
        self._steps_seen = 1
        self._quiz: Quiz | None = None
        if aside is not None:
            self._say(
                f"進み具合のファイルが読めなかったので、{aside} に残して新しく始めました。",
                f"The file of your progress could not be read: it is kept as {aside}, and a new one begun.",
            )

    # ---- lessons

    def begin(self, id: str | None = None) -> None:
        """Open that lesson, else the one looked at last, else the first that is not green."""
        self.open(id or (self.progress.last if self.progress.last in self.lessons else self._next_id()))

    def open(self, id: str) -> None:
        """Show a lesson, from its sentence to the keys."""
        self.lesson, self.verdict, self._steps_seen, self._quiz = self.lessons[id], None, 1, None
        self.own.begin(self.lesson)
        self._judged = self._looked = self.own.see(self.lesson)
        self.progress.last = id
        self._keep()
        title = Words(
            f"{id} {self.lesson.title.ja}({self.lesson.minutes} 分)",
            f"{id} {self.lesson.title.en} ({self.lesson.minutes} minutes)",
        )
        self._screen.say(f"\n━━ {title} ━━", "title")
        self._screen.page(self._page("intro").partition("\n")[2])  # the title is there already
        if self._steps.green:
            self._say("この課題は緑です。n で次の課題へ。", "This lesson is green. n: the next one.", "green")
        self._ask("before")
        if self._quiz is None:
            self._ready()

    def show_steps(self) -> None:
        """What to do, where the file is, and the keys."""
        self._screen.page(self._page("steps"))
        file = self.own.file(self.lesson).resolve()
        self._say(
            f"直すファイル: {file}\n保存(Ctrl+S)すると、すぐに答え合わせをします。e を押すと、ここで開きます。",
            f"Your file: {file}\nSave it (Ctrl+S) and it is checked. Press e to open it here.",
            "title",
        )
        self._keys()

    # ---- what happens

    def look(self) -> bool:
        """Check the file if it was saved since the last check; whether it was.

        Only once two looks have seen the same: an editor may be in the middle of writing it.
        """
        seen, before = self.own.see(self.lesson), self._looked
        self._looked = seen
        if seen == self._judged or seen != before:
            return False
        self._quiz = None
        self.check()
        return True

    def check(self) -> Verdict:
        """Check the file as it is now, and say what came of it."""
        self._judged = self._looked = self.own.see(self.lesson)
        before = self.verdict.hint if self.verdict else None
        self.verdict = verdict = self._judge(self.lesson, self.own.file(self.lesson))
        if verdict.hint != before:
            self._steps_seen = 1
        steps = self._steps
        steps.tries += 1
        was_green, steps.green = steps.green, steps.green or verdict.green
        self._remember_hint()
        self._say_printed(verdict)
        self._screen.verdict(f"{_now()}  {self.lesson.file}\n\n{self._told(verdict)}", verdict.green)
        self._keep()
        if verdict.green and not was_green:
            self._is_green_now()
        else:
            self._keys()
        return verdict

    def key(self, typed: str) -> bool:
        """Do what a key asks for; False for the end."""
        key = unicodedata.normalize("NFKC", typed).lower()
        if key == "q":
            return False
        if self._quiz is not None and (key.isdigit() or key == "n"):
            self._answer(key)
            return True
        if self._quiz is not None:
            self._end_quiz()
        does = self._does.get(key)
        if does is None:
            self._keys()
        else:
            does()
        return True

    @property
    def _does(self) -> Mapping[str, Callable[[], object]]:
        return {
            "n": self._next,
            "h": self._hint,
            "l": self._list,
            "c": self.check,
            "r": self._reset,
            "t": self._technical,
            "s": self.show_steps,
            "w": self._show_wiring,
            "e": self._open_editor,
        }

    # ---- keys

    def _next(self) -> None:
        self.open(self._next_id())

    def _next_id(self) -> str:
        """The first lesson after this one that is not green, else the first anywhere, else the one that follows."""
        ids = [*self.lessons]
        here = ids.index(self.lesson.id) if self.progress.last else -1
        behind = [*ids[here + 1 :], *ids[: here + 1]]
        red = [id for id in behind if id not in self.progress.green and id != self.progress.last]
        return red[0] if red else behind[0]

    def _hint(self) -> None:
        if self.verdict is None:
            self._say("まだ答え合わせをしていません。保存するか、c を押します。", "Not checked yet: save, or press c.")
            return
        if self.verdict.green:
            self._say("緑です。n で次の課題へ。", "It is green. n: the next lesson.", "green")
            return
        if self._steps_seen >= HINT_STEPS:
            self._say(
                "ヒントはここまでです。講師か隣の人を呼びましょう。", "No more hints: ask the tutor, or your neighbour."
            )
            return
        self._steps_seen += 1
        self._remember_hint()
        self._keep()
        self._screen.say(self.verdict.lines(self.lesson, self._steps_seen)[-1], "hint")

    def _list(self) -> None:
        for id, lesson in self.lessons.items():
            mark = "○" if id in self.progress.green else "・"
            here = Words("  ← いまここ", "  ← here") if lesson is self.lesson else Words("", "")
            minutes = Words(f"{lesson.minutes} 分", f"{lesson.minutes} min")
            self._screen.say(f"{mark} {id:<4}{lesson.title}({minutes}){here}", "green" if mark == "○" else "plain")
        self._say("kojo learn A2 のように、番号で開けます。", "Open one by its number: kojo learn A2", "faint")

    def _reset(self) -> None:
        kept = self.own.reset(self.lesson)
        self._judged = self._looked = self.own.see(self.lesson)
        self.verdict, self._steps_seen = None, 1
        where = f"(前のファイルは {kept} に残しました)" if kept else ""
        where_en = f" (yours is kept: {kept})" if kept else ""
        self._say(f"最初のファイルに戻しました{where}。", f"The starter is there again{where_en}.")
        self._keys()

    def _technical(self) -> None:
        if self.verdict is None or not self.verdict.technical:
            self._say("技術の言葉は、まだありません。", "Nothing technical to say yet.")
        else:
            self._screen.say(self.verdict.technical, "faint")

    def _show_wiring(self) -> None:
        wires = self._wiring(self.lesson)
        if not wires:
            self._say("この課題に配線はありません。", "Nothing is wired in this lesson.")
            return
        for wire in wires:
            self._screen.say(f"・{wire}")
        self._say(f"絵: {self.lesson.folder / 'wiring.svg'}(ブラウザーで開く)",
                  f"Picture: {self.lesson.folder / 'wiring.svg'} (open it in a browser)", "faint")  # fmt: skip

    def _open_editor(self) -> None:
        if self._edit is None:
            self._say("ここではエディターを開けません。", "No editor can be opened here.")
        else:
            self._edit(self.own.file(self.lesson))

    # ---- quiz

    def _ask(self, when: When) -> None:
        if self.lesson.quiz and when not in self._steps.quiz:
            self._quiz = Quiz(self.lesson.quiz, when)
            self._say(*_QUIZ[when], "title")
            self._screen.say(self._quiz.question)

    def _answer(self, key: str) -> None:
        quiz = self._quiz
        assert quiz is not None
        if key == "n":
            self._end_quiz()
            self._after_quiz(quiz.when)
            return
        if not quiz.answer(int(key)):
            self._screen.say(quiz.question)
            return
        if not quiz.done:
            self._screen.say(quiz.question)
            return
        self._steps.quiz[quiz.when] = quiz.answers
        self._keep()
        self._quiz = None
        for row in quiz.result(self._steps.quiz.get("before")):
            self._screen.say(row)
        self._after_quiz(quiz.when)

    def _after_quiz(self, when: When) -> None:
        if when == "before":
            self._ready()
        else:
            self._say_next()

    def _ready(self) -> None:
        """The questions are through: what to do, and how the file stands if something was written before."""
        self.show_steps()
        if not self.own.is_starter(self.lesson):
            self.check()

    def _end_quiz(self) -> None:
        self._quiz = None

    # ---- what is said

    def _is_green_now(self) -> None:
        told = Words("どこまでできたか(自分の目安)", "How far you are (for yourself)")
        rows = [f"  {number}. {level}" for number, level in enumerate(self.lesson.rubric, 1)]
        self._screen.say("\n".join([str(told), *rows]))
        self._ask("after")
        if self._quiz is None:
            self._say_next()

    def _say_next(self) -> None:
        if self.progress.green >= {*self.lessons}:
            self._say("全部の課題が緑になりました。おつかれさまでした。", "Every lesson is green. Well done.", "green")
        else:
            id = self._next_id()
            title = self.lessons[id].title
            self._say(f"次は {id} {title.ja}。n で進みます。", f"Next: {id} {title.en}. Press n.", "green")
        self._keys()

    def _told(self, verdict: Verdict) -> str:
        return "\n".join(map(str, verdict.lines(self.lesson, self._steps_seen)))

    def _say_printed(self, verdict: Verdict) -> None:
        rows = verdict.printed.splitlines()
        if rows:
            shown = rows[-MOST_ROWS_PRINTED:]
            more = [f"… ({len(rows) - len(shown)})"] if len(rows) > len(shown) else []
            head = str(Words("プログラムの表示:", "Your program printed:"))
            self._screen.say("\n".join([head, *more, *(f"  {row}" for row in shown)]), "faint")

    def _keys(self) -> None:
        self._screen.say(KEYS, "faint")

    def _page(self, name: str) -> str:
        return self.lesson.page(name, language())

    def _say(self, ja: str, en: str, look: str = "plain") -> None:
        self._screen.say(Words(ja, en), look)  # type: ignore[arg-type]

    # ---- what is kept

    @property
    def _steps(self) -> Steps:
        return self.progress.of(self.lesson.id)

    def _remember_hint(self) -> None:
        hint = self.verdict.hint if self.verdict else None
        if hint is not None:
            self._steps.hints[hint] = max(self._steps_seen, self._steps.hints.get(hint, 0))

    def _keep(self) -> None:
        progress_file.keep(self.own.path, self.progress)


KEYS = Words(
    "n:次 h:ヒント c:答え合わせ s:手順 w:配線 e:編集 l:一覧 r:戻す t:技術 q:終わる",
    "n:next h:hint c:check s:steps w:wiring e:edit l:list r:reset t:technical q:quit",
)
_QUIZ = {
    "before": ("始める前に3問。分からなくて構いません。番号を押します(n でとばす)。",
               "Three questions before you begin; it is fine not to know. Press a number (n: skip)."),
    "after": ("同じ3問をもう一度。番号を押します(n でとばす)。",
              "The same three questions again. Press a number (n: skip)."),
}  # fmt: skip


def watch(session: Session, key: Callable[[float], str | None], poll_s: float = POLL_S) -> None:
    """Answer saves and keys until ``q`` or the end of the keys; ``key(seconds)`` waits so long at most."""
    while True:
        typed = key(poll_s)
        if typed is None:
            _ = session.look() or session.look()
            return
        if typed and not session.key(typed):
            return
        session.look()


def _now() -> str:
    return time.strftime("%H:%M:%S")
