"""``kojo learn --print``: each lesson as A4 for the learner (A2) and, apart from it, for the tutor (A2-tutor)."""

from collections.abc import Mapping
from pathlib import Path

from contract.errors import NotThere
from contract.words import Words, language
from curriculum.lesson import Lesson, load_all
from curriculum.lesson_paper import learners_paper
from curriculum.lesson_paper_tutor import tutors_paper
from hardware.parts import load as load_parts
from kojo.learn import found, in_order
from kojo.paper import found_browser
from kojo.paper_folder import Browser, put_papers


def print_lessons(
    id: str | None, to: Path, *, html: bool = False, replace: bool = False, browser: Browser = found_browser
) -> int:
    """Write both papers of one lesson, or of all, into a folder, in the language spoken.

    Raises NotThere for a lesson there is not or without a browser, NotAllowed where one is there already.
    """
    lessons = in_order(load_all())
    if not id and to.name.upper() in {lesson.id for lesson in lessons} and not to.exists():
        raise NotThere(
            Words(f"--print {to}: 置くフォルダーがありません。", f"--print {to}: no folder is named."),
            Words(
                f"課題は前に書きます: kojo learn {to} --print paper", f"The lesson first: kojo learn {to} --print paper"
            ),
        )
    wanted = (found(id, lessons),) if id else lessons
    names = [*(lesson.id for lesson in wanted), *(_of_tutors(lesson) for lesson in wanted)]
    put_papers(to, names, lambda: _papers(wanted), html=html, replace=replace, browser=browser)
    print(
        Words(
            "-tutor の付く紙には答えがあります。学習者に渡しません。",
            "Those with -tutor hold the answers: not for learners.",
        )
    )
    return 0


def _papers(lessons: tuple[Lesson, ...]) -> Mapping[str, str]:
    lang, parts = language(), load_parts()
    made = {lesson.id: learners_paper(lesson, lang, parts) for lesson in lessons}
    return made | {_of_tutors(lesson): tutors_paper(lesson, lang) for lesson in lessons}


def _of_tutors(lesson: Lesson) -> str:
    return f"{lesson.id}-tutor"
