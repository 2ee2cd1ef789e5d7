"""Text -> Translation: what the command line, validation and a server all use.

One line in, one translation out, in order. Lines are taken as they come: what waits is translated together, sorted by
length, so that a file is fast and a person who types is answered at once.
"""

import math
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch

from nmt.checkpoint import ModelFolder, Tokenizers, shared_tokenizers
from nmt.device import choose_device, use_threads
from nmt.errors import ConfigError, DataError, NmtError
from nmt.scripts import join_sentences
from nmt.search.ensemble import Ensemble
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.strategies import strategy_for
from nmt.settings import EOS, Search
from nmt.text.batches import pad
from nmt.text.cleaning import tidy
from nmt.text.demands import Demands, DemandsAutomaton
from nmt.text.requests import NOTHING, Request
from nmt.text.words import Alignment, Bounds, align, confidence, owners, pieces_of, tokens

WINDOW = 32  # batches that are sorted by length together
MANY_PARTS = 8  # a line cut into more is no sentence: it is translated quickly, so that it holds up no other
QUICK: dict[str, Any] = {"strategy": "beam", "beam": 1, "nbest": 1, "max_ratio": 1.0, "batch": 256}
ENDS = tuple(mark.encode() for mark in ".!?…;؟।")  # of sentences, before a space
WIDE_ENDS = tuple(mark.encode() for mark in "。！？")  # without one
KEPT_AUTOMATA = 64  # of demands: a batch's are at hand together

Item = TypeVar("Item")


class Part(NamedTuple):
    """What is searched."""

    ids: tuple[int, ...]  # source pieces
    demands: Demands = NOTHING  # what the translation must keep to
    places: tuple[tuple[int, ...], ...] = ()  # for each required entry the source pieces it translates


@dataclass(frozen=True)
class Option:
    """One of the translations of a line."""

    text: str
    score: float  # as the search ranks it; the mean over the parts of a line that was split
    steps: int  # of the search that found it: its pieces, and an EOS for each part
    _align: Callable[[Bounds], Alignment]
    _trust: Callable[[], list[float]]

    @cached_property
    def alignment(self) -> Alignment:
        """Which source words each word read; made when first asked for. See `nmt.text.words` for what a word is."""
        return self._align(owners)

    @cached_property
    def tokens(self) -> Alignment:
        """The same of tokens, which stand between spaces."""
        return self._align(tokens)

    @cached_property
    def confidence(self) -> list[float]:
        """How sure the model was of each target word, in [0, 1]; see `nmt.text.words.confidence`."""
        return self._trust()

    def with_tokens(self, text: str, count: Callable[[], Alignment]) -> "Option":
        """The same words in another text, whose tokens are counted in another way."""
        return replace(self, text=text, _align=lambda bounds: count() if bounds is tokens else self._align(bounds))


@dataclass(frozen=True)
class Translation:
    """A line and its translations, best first; a blank line has none."""

    source: str
    options: list[Option]
    parts: int = 1  # into how many a long line was split

    @property
    def text(self) -> str:
        """The best translation; blank for a blank line."""
        return self.options[0].text if self.options else ""


@dataclass
class _Line:
    """A line on its way: its parts as ids, and the hypotheses found for each."""

    source: str
    parts: list[Part]
    found: list[list[Hypothesis]]


class Translator:
    """A trained model with its tokenizers."""

    def __init__(self, model: Steps, tokenizers: Tokenizers, search: Search, device: torch.device) -> None:
        self.model, self.tokenizers, self.search, self.device = model, tokenizers, search, device
        strategy_for(search)  # an unknown one is told before anything is read
        self._automaton = lru_cache(KEPT_AUTOMATA)(self._make_automaton)

    @classmethod
    def load(
        cls, path: Path | Sequence[Path], search: Search | None = None, device: str = "auto", precision: str = "fp32"
    ) -> "Translator":
        """Open a model folder, or several whose models say every word together.

        Raises:
            ModelFolderError: one is missing, incomplete or damaged, or their vocabularies differ.
            ConfigError: the device is not there, or cannot compute in that precision.
        """
        folders, place = (
            [ModelFolder.open(p) for p in ([path] if isinstance(path, Path) else path)],
            choose_device(device),
        )
        tokenizers = shared_tokenizers(folders)
        models = [folder.model(place).computing_in(precision) for folder in folders]
        model = models[0] if len(models) == 1 else Ensemble(models)
        return cls(model, tokenizers, search or folders[0].config().search, place)

    def check(self, demands: Demands) -> None:
        """Look whether demands can be met, as far as that can be seen before a search.

        Raises:
            DataError: they contradict one another, or need more pieces than `search.max_source`.
            ConfigError: the search strategy cannot place required phrases.
        """
        if not demands:
            return
        needed = self._automaton(demands).needed_at_start
        if needed > self.search.max_source:
            raise DataError(
                f"prefix and required phrases need {needed} pieces; at most {self.search.max_source} "
                "(search.max_source) are taken. Shorten them."
            )
        if demands.require and self.search.strategy not in ("beam", "greedy"):
            raise ConfigError(
                f"required phrases need a beam, not search.strategy={self.search.strategy}. Leave out one of them."
            )

    def translate(
        self, lines: Sequence[str | Request], note: Callable[[str], None] = lambda text: None, first: int = 1
    ) -> list[Translation]:
        """Translate some lines; `note` is told of lines that had to be split, numbered from `first`.

        Raises:
            DataError, ConfigError: the demands of a line cannot be met; see `check`.
        """
        work = [self._split(*self.checked(line, number)) for number, line in enumerate(lines, start=first)]
        self._search([line for line in work if len(line.parts) <= MANY_PARTS], self.search)
        self._search([line for line in work if len(line.parts) > MANY_PARTS], replace(self.search, **QUICK))
        for number, line in enumerate(work, start=first):
            if len(line.parts) > 1:
                how = f"split in {len(line.parts)}" + (", searched greedily" if len(line.parts) > MANY_PARTS else "")
                note(f"line {number}: {len(line.source)} characters, {how}")
            if not all(line.found):
                note(f"line {number}: no translation meets its demands{'' if any(line.found) else ', it stays blank'}")
        return [self._finish(line) for line in work]

    def stream(
        self, lines: Iterable[str | Request], note: Callable[[str], None] = lambda text: None
    ) -> Iterator[Translation]:
        """Translate lines as they come, in order, without waiting for more of them.

        Raises:
            DataError, ConfigError: the demands of a line cannot be met, see `check`; told after the lines before it.
        """
        done = 0
        requests = (self.checked(line, number) for number, line in enumerate(lines, start=1))
        for window in waiting(requests, WINDOW * self.search.batch):
            yield from self.translate(window, note, first=done + 1)
            done += len(window)

    def checked(self, line: str | Request, number: int) -> Request:
        """A line as a request whose demands can be met, as far as can be seen.

        Raises:
            DataError, ConfigError: they cannot; the message gives the number of the line.
        """
        request = Request(line) if isinstance(line, str) else line
        try:
            self.check(request.demands)
        except NmtError as error:
            raise type(error)(f"line {number}: {error}") from None
        return request

    def _make_automaton(self, demands: Demands) -> DemandsAutomaton:
        return DemandsAutomaton(demands, self.tokenizers.target.surfaces)

    def _split(self, text: str, demands: Demands, places: tuple[range, ...] = ()) -> _Line:
        """Cut a long line. A prefix and required phrases are for the whole, so that only what is no sentence is cut.

        But phrases whose place is known are for the part that holds it.
        """
        source = tidy(text)
        if not source.strip():
            return _Line(text, [], [])
        ids, longest = self.tokenizers.source.encode(source), self.search.max_source
        unknown = [()] * len(demands.require)
        pieces = pieces_of(self.tokenizers.source, source, ids, places) if places else unknown
        whole = (demands.prefix or not all(pieces)) and len(ids) <= MANY_PARTS * longest
        parts = [ids] if whole else split(ids, longest, self._break_after)
        every = [replace(demands, prefix="", require=(), goes_on=bool(demands.forbid)) for _ in parts]
        every[-1] = replace(every[-1], goes_on=False)
        every[0] = replace(every[0], prefix=demands.prefix)
        made, begin = list[Part](), 0
        for some, own in zip(parts, every, strict=True):
            end = begin + len(some) if len(made) < len(parts) - 1 else math.inf
            here = [i for i, at in enumerate(pieces) if begin <= (at[0] if at else len(ids)) < end]
            held = replace(own, require=tuple(demands.require[i] for i in here))
            near = tuple(tuple(piece - begin for piece in pieces[i] if piece < end) for i in here)
            made.append(Part(tuple(some), held, near if any(near) else ()))
            begin += len(some)
        return _Line(text, made, [[] for _ in parts])

    def _break_after(self, ids: Sequence[int]) -> list[int]:
        """How good a place after each piece is for a cut: 2 at the end of a sentence, 1 before a new word, else 0."""
        tokenizer = self.tokenizers.source
        starts = [*(np.diff(owners(tokenizer, ids)) > 0), True]
        written = accumulate((tokenizer.spelled[piece] for piece in ids), lambda text, more: (text + more)[-4:])
        ends = [
            text.endswith(WIDE_ENDS) or (start and text.endswith(ENDS))
            for text, start in zip(written, starts, strict=True)
        ]
        return [2 if end else int(start) for end, start in zip(ends, starts, strict=True)]

    def _search(self, lines: list[_Line], search: Search) -> None:
        """Find hypotheses for every part; parts that are alike are translated once."""
        places: dict[Part, list[tuple[_Line, int]]] = {}
        for line in lines:
            for i, part in enumerate(line.parts):
                places.setdefault(part, []).append((line, i))
        threads = torch.get_num_threads() if self.device.type == "cpu" else 1
        batches: list[list[Part]] = []
        for demanded in (False, True):  # apart, so that the ones do not wait for the others
            parts = sorted((part for part in places if bool(part.demands) is demanded), key=lambda part: len(part.ids))
            size = min(search.batch, math.ceil(len(parts) / threads)) or 1
            batches += [parts[start : start + size] for start in range(0, len(parts), size)]
        for some, found in zip(batches, self._search_each(batches, search, threads), strict=True):
            for part, hypotheses in zip(some, found, strict=True):
                for line, i in places[part]:
                    line.found[i] = hypotheses

    def _search_each(self, batches: list[list[Part]], search: Search, threads: int) -> list[list[list[Hypothesis]]]:
        """Search every batch, several at a time with one thread each: they then never wait for one another."""
        strategy = strategy_for(search)

        def run(some: list[Part]) -> list[list[Hypothesis]]:
            source, mask = pad([[*part.ids, EOS] for part in some])
            automata = [self._automaton(part.demands) for part in some if part.demands]
            near = [automaton.in_groups(part.places) for automaton, part in zip(automata, some, strict=False)]
            return strategy(self.model, source.to(self.device), mask.to(self.device), search, automata, near)

        if threads == 1 or len(batches) < 2:
            return [run(some) for some in batches]
        use_threads(1)
        try:
            with ThreadPoolExecutor(threads) as pool:
                return list(pool.map(run, batches))
        finally:
            use_threads(threads)

    def _finish(self, line: _Line) -> Translation:
        found = [(part.ids, some) for part, some in zip(line.parts, line.found, strict=True) if some]
        if len(line.parts) > 1 and found:
            return Translation(line.source, [_join([self._option(ids, some[0]) for ids, some in found])], len(found))
        return Translation(line.source, [self._option(ids, hypothesis) for ids, some in found for hypothesis in some])

    def _option(self, source: Sequence[int], hypothesis: Hypothesis) -> Option:
        text = self.tokenizers.target.decode(hypothesis.pieces).replace("\n", " ").replace("\r", " ").strip(" ")
        both = (self.tokenizers.source, source), (self.tokenizers.target, hypothesis.pieces)
        return Option(
            text,
            hypothesis.score,
            len(hypothesis.pieces) + 1,
            lambda bounds: align(*both, hypothesis.attention, bounds),
            lambda: confidence(*both[1], hypothesis.log_probabilities),
        )


def _join(parts: list[Option]) -> Option:
    """Translations of the parts of a line, one after another."""
    score, steps = math.fsum(p.score for p in parts) / len(parts), sum(p.steps for p in parts)
    return Option(
        join_sentences(part.text for part in parts),
        score,
        steps,
        lambda bounds: _join_alignments([part.alignment if bounds is owners else part.tokens for part in parts]),
        lambda: [sure for part in parts for sure in part.confidence],
    )


def _join_alignments(parts: list[Alignment]) -> Alignment:
    weights = np.zeros((sum(len(part.target) for part in parts), sum(len(part.source) for part in parts)))
    row = column = 0
    for part in parts:
        height, width = part.weights.shape
        weights[row : row + height, column : column + width] = part.weights
        row, column = row + height, column + width
    return Alignment([w for part in parts for w in part.source], [w for part in parts for w in part.target], weights)


def split(ids: list[int], longest: int, break_after: Callable[[Sequence[int]], list[int]]) -> list[list[int]]:
    """Cut ids into parts of at most `longest`: after a sentence where one ends in the later half, else at a space."""
    parts = []
    while len(ids) > longest:
        quality = break_after(ids[: longest + 1])[:longest]
        half = longest // 2
        best = max(range(half, longest), key=lambda i: (quality[i], i))
        parts.append(ids[: best + 1])
        ids = ids[best + 1 :]
    return [*parts, ids]


def waiting(lines: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """Lines in lists of those that are there already, at least one and at most `most`; a thread reads ahead."""
    ready: queue.Queue[tuple[Item] | BaseException | None] = queue.Queue(maxsize=most)

    def read() -> None:
        try:
            for line in lines:
                ready.put((line,))
            ready.put(None)
        except BaseException as error:  # handed to the thread that asked
            ready.put(error)

    threading.Thread(target=read, daemon=True).start()
    while True:
        some: list[Item] = []
        end: BaseException | bool | None = False
        while len(some) < most:
            try:
                item = ready.get(block=not some)
            except queue.Empty:
                break
            if not isinstance(item, tuple):
                end = item
                break
            some.append(item[0])
        if some:
            yield some
        if isinstance(end, BaseException):
            raise end
        if end is None:
            return
