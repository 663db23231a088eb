"""A table of a lesson's TOML file, read key by key: what is missing or of the wrong kind is noted, with its place."""

from collections.abc import Mapping
from typing import Any, TypeVar

from contract.words import Words

T = TypeVar("T")


class Table:
    """One table; ``where`` says which, ``wrong`` grows with every mistake and is shared with the tables inside."""

    def __init__(self, told: Mapping[str, Any], where: str, wrong: list[str] | None = None) -> None:
        self._told, self.where = told, where
        self.wrong: list[str] = [] if wrong is None else wrong

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; "" where there is none."""
        value = self._told.get(key, default)
        return value if isinstance(value, str) and value else self._bad(key, "a text", "")

    def number(self, key: str) -> int:
        """A whole number; 0 where there is none."""
        value = self._told.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else self._bad(key, "a number", 0)

    def truth(self, key: str, default: bool | None = None) -> bool:
        """True or false; False where there is none."""
        value = self._told.get(key, default)
        return value if isinstance(value, bool) else self._bad(key, "true or false", False)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; none where there is none."""
        value = self._told.get(key)
        good = isinstance(value, list) and all(isinstance(one, str) for one in value)
        return tuple(value) if good and value is not None else self._bad(key, "a list of texts", ())

    def words(self, key: str) -> Words:
        """``{ ja = "…", en = "…" }``."""
        return self._words(self._told.get(key), key)

    def many_words(self, key: str) -> tuple[Words, ...]:
        """A list of ``{ ja = "…", en = "…" }``."""
        value = self._told.get(key)
        if not isinstance(value, list):
            return self._bad(key, "a list of { ja, en }", ())
        return tuple(self._words(one, key) for one in value)

    def steps(self, *languages: str) -> tuple[Words, ...]:
        """The steps of a hint, told language by language."""
        by_language = [self.texts(language) for language in languages]
        if len({*map(len, by_language)}) != 1:
            self._bad("/".join(languages), "as many steps in one language as in the other", None)
        return tuple(Words(ja, en) for ja, en in zip(*by_language, strict=False))

    def tables(self, key: str) -> tuple["Table", ...]:
        """A list of tables; none where the key is not there."""
        value = self._told.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            return self._bad(key, "a list of tables", ())
        return tuple(Table(one, f"{self.where}: {key}[{place}]", self.wrong) for place, one in enumerate(value))

    def named_tables(self, key: str) -> dict[str, "Table"]:
        """Tables by their name, ``[key.name]``."""
        value = self._told.get(key)
        if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
            return self._bad(key, "tables", {})
        return {name: Table(one, f"{self.where}: {key}.{name}", self.wrong) for name, one in value.items()}

    def _words(self, value: object, key: str) -> Words:
        match value:
            case {"ja": str(ja), "en": str(en)} if ja and en:
                return Words(ja, en)
        return self._bad(key, "{ ja, en }", Words("", ""))

    def _bad(self, key: str, wanted: str, instead: T) -> T:
        self.wrong.append(f"{self.where}: {key} must be {wanted}")
        return instead
