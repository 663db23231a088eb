"""Pages of `kpi.report` as a reader sees them: which elements, which words; and a service they are asked of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from contract.words import Words
from kpi.problems import Problem
from kpi.report.asking import Ask, Body
from tests.kpi.desks import Service

HARMLESS = frozenset(
    {"html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section", "div", "span", "p", "b",
     "h1", "h2", "ul", "li", "table", "tr", "th", "td", "svg", "defs", "pattern", "path", "g", "line", "rect", "circle",
     "text"}
)  # fmt: skip
"""What a page of ours is made of: nothing that runs, nothing that is fetched."""
JAPANESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]+")


@dataclass
class Page(HTMLParser):
    """A page taken apart."""

    html: str
    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._inside: list[str] = []
        self.feed(self.html)
        assert not [tag for tag in self._inside if tag != "meta"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self._inside.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._inside.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] != "style":
            self.words.append(data)
            if {"td", "th"} & set(self._inside):
                self.rows[-1][-1] += data

    @property
    def text(self) -> str:
        """All its words."""
        return " ".join(self.words)

    def row(self, first: str) -> list[str]:
        """The row that begins so."""
        return next(row for row in self.rows if row and row[0] == first)


def asker(service: Service, token: str | None = None) -> Ask:
    """Ask a service of these tests; what it refuses is a Problem."""

    def ask(path: str, parameters: Mapping[str, str]) -> Body:
        answer = service.ask(f"/api/v1{path}", params=dict(parameters), token=token)
        told: dict[str, Any] = answer.json()
        if answer.status_code != 200:
            raise Problem(answer.status_code, "told", Words(told["ja"], told["en"]))
        return told

    return ask
