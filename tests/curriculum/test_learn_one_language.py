"""The comments of a lesson's program in one language."""

import ast

import pytest

from curriculum.learn.one_language import Lang, in_language
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


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_no_lessons_program_changes_by_it(lang: Lang) -> None:
    for lesson in load_all():
        if lesson.file.endswith(".py"):
            for text in (lesson.starter, lesson.solution):
                assert ast.dump(ast.parse(in_language(text, lang))) == ast.dump(ast.parse(text))
