"""Translations that keep to a glossary, and leave alone what is not to be translated.

A line is translated freely first. Only where the translation lacks something is it searched again, with that required
near where its counterpart is read; so a line that needs nothing is translated as if there were no glossary. Tags are
taken out of the line before, and put back by what each word read.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nmt.errors import ConfigError, NmtError
from nmt.text.cleaning import tidy
from nmt.text.demands import Demands
from nmt.text.phrases import count
from nmt.text.protected import as_often, find_protected, nothing_else
from nmt.text.requests import Request
from nmt.text.tags import Node, Tagged, place_tokens, put_tags, split_tokens, take_tags, token_places
from nmt.text.terms import Finder, Span, Term, read_glossary, read_kept
from nmt.text.words import Alignment
from nmt.translator import WINDOW, Option, Translation, Translator, waiting

BEAM = 12  # hypotheses at least where something is required: it is shared out among those that have met as much
MOST = 1000  # terms and the like in a line: the search places far fewer
Note = Callable[[str], None]


@dataclass(frozen=True)
class _Prepared:
    """A line to translate: without tags, and with what its translation must hold."""

    line: str
    request: Request  # the text without tags, and what the user demands of it
    spans: list[Span]
    nodes: list[Node]
    copied: bool  # whether there is nothing in it to translate

    def missing(self, text: str) -> list[tuple[str, ...]]:
        """What a translation lacks, each as often as it does."""
        lacks = []
        for forms, times in Counter(span.forms for span in self.spans).items():
            lacks += [forms] * (times - count(text, forms, times))
        return lacks


class Terminology:
    """What is to be said in given words, and what is to stay as it is."""

    def __init__(self, glossary: Iterable[Term] = (), kept: Iterable[Term] = (), protect: bool = False) -> None:
        """Terms with their forms, terms that are kept as they are, and whether placeholders and the like are too.

        What is protected comes before what is kept, and that before the glossary, where they overlap.
        """
        self._glossary, self._kept, self.protect = Finder(glossary), Finder(kept), protect

    @classmethod
    def read(cls, glossary: Path | None, kept: Path | None, protect: bool) -> "Terminology | None":
        """Read files; None where nothing is asked for.

        Raises:
            DataError: a file cannot be read, or holds what is no term.
        """
        if not (glossary or kept or protect):
            return None
        return cls(read_glossary(glossary) if glossary else (), read_kept(kept) if kept else (), protect)

    def stream(
        self, translator: Translator, lines: Iterable[str | Request], note: Note = lambda text: None
    ) -> Iterator[Translation]:
        """Translate lines as they come, in order; see `Translator.stream`.

        Raises:
            DataError, ConfigError: what a user demands of a line cannot be met, or the search cannot place terms.
        """
        done = 0
        requests = (translator.checked(line, number) for number, line in enumerate(lines, start=1))
        for window in waiting(requests, WINDOW * translator.search.batch):
            yield from self.translate(translator, window, note, first=done + 1)
            done += len(window)

    def translate(
        self, translator: Translator, lines: Sequence[Request], note: Note = lambda text: None, first: int = 1
    ) -> list[Translation]:
        """Translate some lines; `note` is told of those that lack something in the end, numbered from `first`.

        Raises:
            DataError, ConfigError: see `stream`.
        """
        if translator.search.strategy not in ("beam", "greedy"):
            raise ConfigError(
                f"terms need a beam, not search.strategy={translator.search.strategy}. Leave it out, or --glossary, "
                "--keep and --protect."
            )
        work = [self._prepare(line, number, note) for number, line in enumerate(lines, start=first)]
        plain = [_with_text(one.request, "") if one.copied else one.request for one in work]
        found = translator.translate(plain, note, first)
        again = [i for i, one in enumerate(work) if any(one.missing(option.text) for option in found[i].options)]
        if again:
            requests = [self._demanding(translator, work[i]) for i in again]
            wider = replace(translator.search, beam=max(BEAM, translator.search.beam))
            searcher = Translator(translator.model, translator.tokenizers, wider, translator.device)
            for i, other in zip(again, searcher.translate(requests), strict=True):
                found[i] = _better(work[i], found[i], other)
        for number, (one, translation) in enumerate(zip(work, found, strict=True), start=first):
            if not one.copied and (lacks := one.missing(translation.text)):
                words = ", ".join(dict.fromkeys(f"'{'|'.join(forms[:3])}'" for forms in lacks))
                note(f"line {number}: its translation lacks {words:.200}: no translation with it was found")
        return [self._finish(one, translation) for one, translation in zip(work, found, strict=True)]

    def _prepare(self, line: Request, number: int, note: Note) -> _Prepared:
        text, nodes, excess = take_tags(line.text) if self.protect else Tagged(tidy(line.text), [])
        if excess:
            note(f"line {number}: {excess}: they are translated like words")
        kept = find_protected(text) if self.protect else []
        kept += self._kept.find(text, kept)
        copied = nothing_else(text, kept) or (bool(nodes) and not text.strip())
        copied = copied and not (text.strip() and line.demands)
        terms = [] if copied else self._glossary.find(text, kept)
        spans = [] if copied or len(kept) + len(terms) > MOST else as_often(text, kept) + terms
        if not copied and len(kept) + len(terms) > MOST:
            note(f"line {number}: more than {MOST:,} numbers, placeholders and terms: it is translated without them")
        return _Prepared(line.text, _with_text(line, text), spans, nodes, copied)

    def _demanding(self, translator: Translator, one: _Prepared) -> Request:
        """A request with all that can be required of it."""
        demands, text = one.request.demands, one.request.text

        def with_spans(spans: Sequence[Span]) -> Request:
            require = (*demands.require, *(span.forms for span in spans))
            places = (range(0),) * len(demands.require) + tuple(range(span.start, span.end) for span in spans)
            return Request(text, replace(demands, require=require), places)

        def possible(spans: Sequence[Span]) -> bool:
            try:
                translator.check(with_spans(spans).demands)
            except NmtError:
                return False
            return True

        spans = one.spans[: translator.search.max_source]  # each takes a piece
        if not possible(spans):
            spans = [span for span in spans if possible([span])]
            while spans and not possible(spans):
                spans = spans[: len(spans) // 2]
        return with_spans(spans)

    def _finish(self, one: _Prepared, translation: Translation) -> Translation:
        options = [_copy(one.request.text)] if one.copied else translation.options
        options = [_with_tags(one, option) for option in options] if one.nodes else options
        return Translation(one.line, options, translation.parts)


def _with_text(request: Request, text: str) -> Request:
    """The same request of another text; a blank one has no demands."""
    return request._replace(text=text, demands=request.demands if text.strip() else Demands())


def _better(one: _Prepared, free: Translation, other: Translation) -> Translation:
    """Translations with all that is required before others; what was found freely before what was searched for."""
    whole = [option for option in free.options if not one.missing(option.text)]
    texts = {option.text for option in whole}
    if whole and whole[0] is free.options[0]:
        every = whole + [option for option in other.options if option.text not in texts]
        return replace(free, options=every[: len(free.options)])
    if other.options and len(one.missing(other.text)) < len(one.missing(free.text)):
        return other
    return free


def _copy(text: str) -> Option:
    words = text.split(" ") if text else []
    alignment = Alignment(words, words, np.eye(len(words)))
    return Option(text, 0.0, len(words) + 1, lambda bounds: alignment, lambda: [1.0] * len(words))


def _with_tags(one: _Prepared, option: Option) -> Option:
    words, weights = option.text.split(" ") if option.text else [], option.tokens.weights
    width = max(1, weights.shape[1])
    if len(words) != len(weights):  # spaces that are no bounds of words: place by place
        weights = np.eye(width)[np.arange(len(words)) * width // max(1, len(words))]
    text = put_tags(one.nodes, words, weights)

    def counted() -> Alignment:
        """Tokens with the tags in them; what is but a tag has read nothing, and nothing has read it."""
        source, target = split_tokens(one.line), split_tokens(text)
        wide = np.zeros((len(target), len(source)))
        columns = token_places(one.line, one.request.text)[: weights.shape[1]]
        places = place_tokens(one.nodes, words, weights)
        said = [i for i, word in enumerate(words) if word]  # between two spaces stands no token
        np.add.at(wide, np.ix_([places[i] for i in said], columns), weights[said, : len(columns)])
        return Alignment(source, target, wide)

    return option.with_tokens(text, counted)
