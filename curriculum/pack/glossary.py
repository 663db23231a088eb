"""The glossary as a paper prints it: the words of `curriculum.glossary`, what to mind said with the meaning."""

from dataclasses import dataclass

from contract.words import Language, Words
from curriculum.glossary import Term
from curriculum.glossary import glossary as terms

NO_READING = "-"


@dataclass(frozen=True, slots=True)
class Word:
    """One entry; ``yomi`` empty where the word reads itself; ``mark``: what is printed for its source."""

    ja: str
    yomi: str
    en: str
    meaning: Words
    mark: Words


def glossary() -> tuple[Word, ...]:
    """Every word. Raises LineError with every mistake of the file."""
    return tuple(_word(term) for term in terms())


def _word(term: Term) -> Word:
    yomi = "" if term.reading == NO_READING else term.reading
    return Word(term.word, yomi, term.en, Words(_told(term, "ja"), _told(term, "en")), term.source)


def _told(term: Term, lang: Language) -> str:
    stop = "。" if lang == "ja" else ". "
    return stop.join(filter(None, (term.meaning.say(lang), term.caution.say(lang))))
