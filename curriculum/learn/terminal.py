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

from contract.errors import NotAllowed
from contract.words import Words, language
from curriculum.judge import Verdict
from curriculum.judge_apart import judge_apart
from curriculum.learn import progress as progress_file
from curriculum.learn import sayings
from curriculum.learn.asked import Questions
from curriculum.learn.order import Order
from curriculum.learn.own_folder import OwnFolder, Seen
from curriculum.learn.progress import Steps
from curriculum.learn.screen import Screen
from curriculum.lesson import HINT_STEPS, Lesson

POLL_S = 0.15
"""So often the file is looked at."""

CTRL_D, CTRL_S = "\x04", "\x13"
ENTER = ("\r", "\n")
IN_A_QUIZ = ("h", "c")
"""Keys that also answer while a question waits."""

Judge = Callable[[Lesson, Path], Verdict]
Open = Callable[[Path], None]


class Session:
    """One learner at one terminal. ``lessons`` in the order they are learnt; ``edit`` opens the file in an editor;
    ``command``: how the program is called here.
    """

    def __init__(
        self,
        lessons: Sequence[Lesson],
        own: OwnFolder,
        screen: Screen,
        *,
        judge: Judge = judge_apart,
        edit: Open | None = None,
        wiring: Callable[[Lesson], Sequence[Words]] = lambda _: (),
        command: str = "kojo",
    ) -> None:
        self.lessons = {lesson.id: lesson for lesson in lessons}
        self.own, self._screen, self._judge, self._edit, self._wiring = own, screen, judge, edit, wiring
        self.progress, aside = progress_file.read(own.path)
        self.lesson = next(iter(lessons))
        self.verdict: Verdict | None = None
        self._judged = self._looked = Seen(None)
        self._steps_seen = 1
        self._questions = Questions(screen)
        self._order = Order([*self.lessons])
        self._told_not_kept = False
        self._command = command
        self._asked_twice = ""
        if aside is not None:
            self._screen.say(sayings.set_aside(aside))

    # ---- lessons

    def begin(self, id: str | None = None) -> None:
        """Open that lesson, else the one looked at last, else the first that is not green."""
        self.open(id or (self.progress.last if self.progress.last in self.lessons else self._next_id()))
        self._keys()

    def open(self, id: str) -> None:
        """Show a lesson, from its sentence to the keys."""
        self.own.begin(self.lessons[id])
        self.lesson, self.verdict, self._steps_seen = self.lessons[id], None, 1
        self._questions.drop()
        self._judged = self._looked = self.own.see(self.lesson)
        self.progress.last = id
        self._keep()
        self._screen.say(f"\n━━ {sayings.title(self.lesson)} ━━", "title")
        self._screen.page(self._page("intro").partition("\n")[2])  # the title is there already
        if self._steps.green:
            self._screen.say(sayings.GREEN_GO_ON, "green")
        self._questions.ask(self.lesson, self._steps, "before")
        if not self._questions.waiting:
            self._ready()

    def show_steps(self) -> None:
        """What to do, and where the file is."""
        self._screen.page(self._page("steps"))
        self._screen.say(sayings.file_to_mend(self.own.file(self.lesson).resolve()), "title")

    # ---- what happens

    def look(self) -> bool:
        """Check the file if it was saved since the last check; whether it was.

        Only once two looks have seen the same: an editor may be in the middle of writing it.
        """
        seen, before = self.own.see(self.lesson), self._looked
        self._looked = seen
        if seen == self._judged or seen != before:
            return False
        self._screen.rest()
        self._questions.between(self.check)
        self._keys()
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
        if verdict.printed:
            self._screen.say(sayings.printed(verdict), "faint")
        self._screen.verdict(f"{_now()}  {self.lesson.file}\n\n{self._told(verdict)}", verdict.green)
        self._keep()
        if verdict.green and not was_green:
            self._is_green_now()
        return verdict

    def key(self, typed: str) -> bool:
        """Do what a key asks for, and show the keys there are; False for the end."""
        key = unicodedata.normalize("NFKC", typed).lower()
        if key in ENTER:
            self._screen.more()
            return True
        if key in ("q", CTRL_D):
            return False
        self._screen.rest()
        again, self._asked_twice = self._asked_twice == key, ""
        asked = self._questions.waiting
        if not asked and not again and self._wants_to_be_sure(key):
            self._asked_twice = key
            self._screen.say(sayings.SURE[key], "hint")
            return True
        if not asked:
            self._do(self._does.get(key, lambda: None))
        elif key.isdecimal() or key == "n":
            self._answer(int(key) if key != "n" else None)
        elif key in IN_A_QUIZ:
            self._questions.between(lambda: self._do(self._does[key]))
        else:
            self._screen.say(sayings.ONLY_NUMBERS)
            self._questions.again()
        self._keys()
        return True

    def _wants_to_be_sure(self, key: str) -> bool:
        """Whether a key would lead away from what is not done, or put the learner's own file aside."""
        if key == "r":
            return self.own.file(self.lesson).exists() and not self.own.is_starter(self.lesson)
        return key == "n" and not self._steps.green

    def _do(self, asked: Callable[[], object]) -> None:
        """What a key asks for; where the folder cannot be written that is said, and the lesson goes on."""
        try:
            asked()
        except NotAllowed as error:
            self._screen.say(str(error))

    @property
    def _does(self) -> Mapping[str, Callable[[], object]]:
        return {
            "n": self._next,
            "b": self._back,
            "h": self._hint,
            "l": self._list,
            "c": self.check,
            "r": self._reset,
            "t": self._technical,
            "s": self.show_steps,
            "w": self._show_wiring,
            "e": self._open_editor,
            CTRL_S: lambda: self._screen.say(sayings.NOT_HERE),
        }

    # ---- keys

    def _next(self) -> None:
        here = self.lesson.id
        self.open(self._next_id())
        self._order.left(here)

    def _back(self) -> None:
        before = self._order.before(self.lesson.id)
        if before is None:
            self._screen.say(sayings.NOTHING_BEFORE)
        else:
            self.open(before)

    def _next_id(self) -> str:
        return self._order.after(self.lesson.id, self.progress.green, self.progress.last)

    def _hint(self) -> None:
        if self.verdict is None:
            self._screen.say(sayings.NOT_CHECKED)
        elif self.verdict.green:
            self._screen.say(sayings.GREEN if self._questions.waiting else sayings.GREEN_GO_ON, "green")
        elif self._steps_seen >= HINT_STEPS:
            self._screen.say(sayings.NO_MORE_HINTS)
        else:
            self._steps_seen += 1
            self._remember_hint()
            self._keep()
            self._screen.say(self.verdict.lines(self.lesson, self._steps_seen)[-1], "hint")

    def _list(self) -> None:
        for row, is_green in sayings.listed(self.lessons.values(), self.progress.green, self.lesson):
            self._screen.say(row, "green" if is_green else "plain")
        self._screen.say(sayings.LEGEND, "faint")
        self._screen.say(sayings.opened_by(self._command, self.lesson), "faint")

    def _reset(self) -> None:
        kept = self.own.reset(self.lesson)
        self._judged = self._looked = self.own.see(self.lesson)
        self.verdict, self._steps_seen = None, 1
        self._screen.say(sayings.starter_again(kept))

    def _technical(self) -> None:
        if self.verdict is None or not self.verdict.technical:
            self._screen.say(sayings.NOTHING_TECHNICAL)
        else:
            for words, look in sayings.technical(self.verdict):
                self._screen.say(words, look)

    def _show_wiring(self) -> None:
        wires = self._wiring(self.lesson)
        if not wires:
            self._screen.say(sayings.NOT_WIRED)
            return
        self._screen.page("\n".join(f"- {wire}" for wire in wires))
        self._screen.say(sayings.picture(self.lesson), "faint")

    def _open_editor(self) -> None:
        if self._edit is None:
            self._screen.say(sayings.NO_EDITOR)
        else:
            self._edit(self.own.file(self.lesson))

    # ---- questions

    def _answer(self, number: int | None) -> None:
        """Take an answer; None skips what is left."""
        through = self._questions.answer(number, self._steps, self._keep)
        if through == "before":
            self._ready()
        elif through == "after":
            self._say_next()

    def _ready(self) -> None:
        """The questions are through: what to do, and how the file stands if something was written before."""
        self.show_steps()
        if self.verdict is None and not self.own.is_starter(self.lesson):
            self.check()

    # ---- what is said

    def _is_green_now(self) -> None:
        self._screen.say(sayings.levels(self.lesson))
        self._questions.ask(self.lesson, self._steps, "after")
        if not self._questions.waiting:
            self._say_next()

    def _say_next(self) -> None:
        if self.progress.green >= {*self.lessons}:
            self._screen.say(sayings.ALL_GREEN, "green")
        else:
            self._screen.say(sayings.next_is(self.lessons[self._next_id()]), "green")

    def _told(self, verdict: Verdict) -> str:
        return "\n".join(map(str, verdict.lines(self.lesson, self._steps_seen)))

    def _keys(self) -> None:
        """The keys there are; while a question waits it says itself what may be pressed."""
        if not self._questions.waiting:
            self._screen.say(sayings.KEYS, "faint")

    def _page(self, name: str) -> str:
        return self.lesson.page(name, language())

    # ---- what is kept

    @property
    def _steps(self) -> Steps:
        return self.progress.of(self.lesson.id)

    def _remember_hint(self) -> None:
        hint = self.verdict.hint if self.verdict else None
        if hint is not None:
            self._steps.hints[hint] = max(self._steps_seen, self._steps.hints.get(hint, 0))

    def _keep(self) -> None:
        try:
            progress_file.keep(self.own.path, self.progress)
        except OSError as error:
            if not self._told_not_kept:
                self._screen.say(sayings.not_kept(error))
            self._told_not_kept = True


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
