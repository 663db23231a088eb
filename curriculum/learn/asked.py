"""The questions of a lesson as they are asked at the terminal: one waits for its number, and all else stands back.

    questions = Questions(screen)
    questions.ask(lesson, steps, "before")
    questions.answer(2, steps, keep)

The last says which round is through, once it is.
"""

from collections.abc import Callable

from curriculum.learn import sayings
from curriculum.learn.progress import Steps, When
from curriculum.learn.quiz import Quiz
from curriculum.learn.screen import Screen
from curriculum.lesson import Lesson


class Questions:
    """The round of questions that is under way, if one is."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._quiz: Quiz | None = None

    @property
    def waiting(self) -> bool:
        """Whether a question waits for its answer."""
        return self._quiz is not None

    def drop(self) -> None:
        """Another lesson is opened: nothing waits any more."""
        self._quiz = None

    def ask(self, lesson: Lesson, steps: Steps, when: When) -> None:
        """Begin a round, unless the lesson has none or it was answered before."""
        if lesson.quiz and when not in steps.quiz:
            self._quiz = Quiz(lesson.quiz, when)
            self._screen.say(sayings.QUIZ[when], "title")
            self._screen.say(self._quiz.question)

    def answer(self, number: int | None, steps: Steps, keep: Callable[[], None]) -> When | None:
        """Take an answer, from 1; None skips what is left. Says which round is through now, if it is."""
        quiz = self._quiz
        assert quiz is not None
        if number is not None:
            quiz.answer(number)
            if not quiz.done:
                self._screen.say(quiz.question)
                return None
            steps.quiz[quiz.when] = quiz.answers
            keep()
        self._quiz = None
        if number is not None:
            for row in quiz.result(steps.quiz.get("before")):
                self._screen.say(row)
        return quiz.when

    def again(self) -> None:
        """Say the one that waits once more."""
        if self._quiz is not None:
            self._screen.say(self._quiz.question)

    def between(self, do: Callable[[], object]) -> None:
        """Do something meanwhile, and ask the question that was waiting once more."""
        asked = self._quiz
        do()
        if asked is self._quiz:
            self.again()
