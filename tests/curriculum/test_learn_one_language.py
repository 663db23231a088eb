"""The comments of a lesson's program in one language."""

import ast

import pytest

from curriculum.learn.one_language import LANGUAGES, Lang, in_language, not_in_both
from curriculum.lesson import load_all

TEXT = """\
# 数えます。
# It counts.
n = 1  # 個数 / pieces
# 例 / example: n = "二"
# 日本語だけ
total = n  # 合計
"""


def test_each_language_has_its_own_rows_and_what_is_said_once_stays() -> None:
    assert in_language(TEXT, "ja") == (
        '# 数えます。\nn = 1  # 個数\n# 例 / example: n = "二"\n# 日本語だけ\ntotal = n  # 合計\n'
    )
    assert in_language(TEXT, "en") == (
        '# It counts.\nn = 1  # pieces\n# 例 / example: n = "二"\n# 日本語だけ\ntotal = n  # 合計\n'
    )


def test_a_title_keeps_its_number() -> None:
    assert in_language("# A3 チャタリング / Contact bounce", "en") == "# A3 Contact bounce"


def test_a_comment_of_one_language_alone_is_told_and_so_is_a_blank_that_one_of_them_does_not_number() -> None:
    assert [*not_in_both(TEXT)] == [
        'not said in en: # 例 / example: n = "二"',
        "not said in en: # 日本語だけ",
        "not said in en: total = n  # 合計",
    ]
    assert [*not_in_both("n = 1  # pieces\n")] == ["not said in ja: n = 1  # pieces"]
    assert [*not_in_both("# 空欄1: 数\n# the number\nn = ___\n")] == ["blanks 1 in ja, none in en"]
    assert [*not_in_both('# 空欄1: "検" など\n# Blank 1: "検", say\nn = "#品"\n\n# ----\nm = 1  # 数 / number\n')] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_lessons_program_changes_by_it(lang: Lang) -> None:
    for lesson in load_all():
        if lesson.file.endswith(".py"):
            for text in (lesson.starter, lesson.solution):
                assert ast.dump(ast.parse(in_language(text, lang))) == ast.dump(ast.parse(text))
