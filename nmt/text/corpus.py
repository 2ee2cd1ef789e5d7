"""From corpus words on the command line to ids, with a count of what was left out.

A training corpus is read as a stream, twice: `survey` looks at all of it and keeps a hash, counts and a few sentences;
`encoded` turns it into ids, a block at a time. Only a validation corpus is held in memory.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from nmt.errors import DataError
from nmt.settings import Data
from nmt.text.batches import Block, Examples, Ragged
from nmt.text.cleaning import Dropped, clean
from nmt.text.held_out import HoldOut, mark
from nmt.text.readers import Pair, read_corpus, refuse_pipes
from nmt.text.sample import Sample
from nmt.text.tokenizer import Tokenizer
from nmt.text.words import piece_links, tokens

SHORT = 10  # pieces; below, a ratio of lengths says nothing
SAMPLE = 100_000  # pairs are plenty for a vocabulary; more only cost memory
BLOCK = 8192  # pairs encoded together
NEWS = 1_000_000  # pairs; so often a long reading says how far it is
OTHERS = "another translation of a held-out sentence"


def _silent(text: str) -> None:
    """Say nothing."""


@dataclass
class Corpus:
    """Cleaned pairs in memory, what was dropped, and a hash of what was read."""

    names: list[str]
    pairs: list[Pair] = field(default_factory=list)
    dropped: Dropped = field(default_factory=Dropped)
    sha256: str = ""

    def __len__(self) -> int:
        return len(self.pairs)

    def sources(self) -> list[str]:
        """The source sides."""
        return [pair.source for pair in self.pairs]

    def targets(self) -> list[str]:
        """The target sides."""
        return [pair.target or "" for pair in self.pairs]

    def spread(self, most: int) -> tuple[list[str], list[str]]:
        """At most so many sources and their targets, evenly from all: each of several corpora has its share."""
        count = min(most, len(self.pairs))
        places = [number * len(self.pairs) // count for number in range(count)]
        sources, targets = self.sources(), self.targets()
        return [sources[place] for place in places], [targets[place] for place in places]


@dataclass
class Survey:
    """What one reading of a training corpus tells; the pairs themselves stay where they are."""

    names: list[str]
    settings: Data
    seed: int
    dropped: Dropped = field(default_factory=Dropped)
    sha256: str = ""
    cleaned: int = 0  # pairs with two sides, held-out ones among them
    sample: list[tuple[str, str]] = field(default_factory=list)  # none held out; all, in order, of a small corpus
    largest: int | None = None  # the largest mark of a held-out sentence (`nmt.text.held_out`)
    held: int = 0  # pairs held out
    linked: bool = False  # some have word alignments

    def __len__(self) -> int:
        """How many pairs there are to train on, before those of unfit lengths are left out."""
        return self.dropped.kept - self.held

    def pairs(self, note: Callable[[str], None] = _silent) -> Iterator[Pair]:
        """Read the corpus again, without what is held out; `note` hears now and then how far it is.

        Raises:
            DataError: it is not what it was.
        """
        digest, again = hashlib.sha256(), Dropped()
        for number, pair in enumerate(_read(self.names, self.settings, again, digest), start=1):
            if self.largest is None or mark(pair.source, self.seed) > self.largest:
                yield pair
            if number % NEWS == 0:
                note(f"Encoded {number:,} of {self.cleaned:,} pairs.")
        if digest.hexdigest() != self.sha256:
            raise DataError(
                f"{' '.join(self.names)}: changed while it was read. Let nobody write to it, and begin again."
            )


def load(names: Sequence[str], settings: Data) -> Corpus:
    """Read and clean one or several corpora into memory.

    Raises:
        DataError: a corpus cannot be read, or nothing is left of it.
    """
    corpus, digest = Corpus(list(names)), hashlib.sha256()
    corpus.pairs = list(_read(names, settings, corpus.dropped, digest))
    corpus.sha256 = digest.hexdigest()
    _refuse_nothing(names, corpus.dropped)
    return corpus


def fingerprint(names: Sequence[str], settings: Data, note: Callable[[str], None] = _silent) -> str:
    """The hash that `load` and `survey` give some corpora, in memory that does not grow with them.

    Raises:
        DataError: a corpus cannot be read.
    """
    digest = hashlib.sha256()
    for number, _ in enumerate(_read(names, settings, Dropped(), digest), start=1):
        if number % NEWS == 0:
            note(f"Read {number:,} pairs.")
    return digest.hexdigest()


def survey(
    names: Sequence[str], settings: Data, seed: int, hold_out: bool, note: Callable[[str], None] = _silent
) -> tuple[Survey, Corpus | None]:
    """Read a training corpus once, in memory that does not grow with it; hold some sentences out if asked to.

    What is held out is a corpus of its own: at most a tenth of the sentences, and none that is trained on as well.
    `note` hears now and then how far it is.

    Raises:
        DataError: a corpus cannot be read or can be read only once, nothing is left of it, or too little to hold out.
    """
    refuse_pipes(names, settings.source, settings.target)
    found, digest = Survey(list(names), settings, seed), hashlib.sha256()
    sample, holder = Sample[tuple[int, str, str]](SAMPLE, seed), HoldOut(settings.held_out, seed)
    for number, pair in enumerate(_read(names, settings, found.dropped, digest), start=1):
        sample.show((holder.show(pair) if hold_out else 0, pair.source, pair.target or ""))
        found.linked = found.linked or bool(pair.links)
        if number % NEWS == 0:
            note(f"Read {number:,} pairs.")
    found.sha256, found.cleaned = digest.hexdigest(), found.dropped.kept
    _refuse_nothing(names, found.dropped)
    held = None
    if hold_out:
        chosen = holder.choose(" ".join(names))
        found.largest, found.held = chosen.largest, len(chosen.pairs)
        found.dropped.add(OTHERS, chosen.first, chosen.others)
        title = f"{len(chosen.pairs)} sentences held out from {' '.join(names)}"
        held = Corpus([title], chosen.pairs, Dropped(len(chosen.pairs)), found.sha256)
    found.sample = [
        (source, target) for number, source, target in sample.items if found.largest is None or number > found.largest
    ]
    return found, held


class Encoded(NamedTuple):
    """Some pairs as ids, and the pairs."""

    source: Block
    target: Block
    links: Block  # of pieces, see `nmt.text.words.piece_links`; empty where a pair has none
    pairs: list[Pair]


def encoded(
    pairs: Iterable[Pair], tokenizers: tuple[Tokenizer, Tokenizer], settings: Data, dropped: Dropped, threads: int = 0
) -> Iterator[Encoded]:
    """Pieces of every pair that is neither too long nor too unequal in length, some thousand pairs at a time.

    The others are counted in `dropped`. `threads` share the work; 0 takes all processors.
    """
    dtype = id_type(tokenizers)
    rest = iter(pairs)
    while some := list(islice(rest, BLOCK)):
        sources = tokenizers[0].encode_all([pair.source for pair in some], threads)
        targets = tokenizers[1].encode_all([pair.target or "" for pair in some], threads)
        kept = []
        for place, (pair, source, target) in enumerate(zip(some, sources, targets, strict=True)):
            if reason := _unfit(len(source), len(target), settings):
                dropped.add(reason, pair.origin)
            else:
                kept.append(place)
        if kept:
            sides = [Block.of([side[place] for place in kept], dtype) for side in (sources, targets)]
            links = [_links(some[place], tokenizers, (sources[place], targets[place])) for place in kept]
            yield Encoded(sides[0], sides[1], Block.of(links), [some[place] for place in kept])


def _links(pair: Pair, tokenizers: tuple[Tokenizer, Tokenizer], ids: tuple[list[int], list[int]]) -> list[int]:
    if not pair.links:
        return []
    source, target = (tokens(tokenizer, side) for tokenizer, side in zip(tokenizers, ids, strict=True))
    return piece_links(pair.links, pair.origin, source, target)


def encode(corpus: Corpus, source: Tokenizer, target: Tokenizer, settings: Data) -> Examples:
    """Ids in memory of a corpus in memory, which loses the pairs that do not fit.

    Raises:
        DataError: no pair is left.
    """
    blocks = list(encoded(corpus.pairs, (source, target), settings, corpus.dropped))
    if not blocks:
        raise nothing_left(corpus.names, corpus.dropped)
    corpus.pairs = [pair for block in blocks for pair in block.pairs]
    return Examples(Ragged(block.source for block in blocks), Ragged(block.target for block in blocks))


def id_type(tokenizers: tuple[Tokenizer, Tokenizer]) -> type[np.generic]:
    """The smallest type of ours that holds all ids."""
    return np.uint16 if max(tokenizer.size for tokenizer in tokenizers) <= 2**16 else np.int32


def nothing_left(names: Sequence[str], dropped: Dropped) -> DataError:
    """The error of a corpus whose pairs are all unfit."""
    return DataError(f"{' '.join(names)}: no pair is left. {dropped.report()} Raise data.max_length, or mend it.")


def _unfit(source: int, target: int, settings: Data) -> str:
    """Why a pair of so many pieces is left out; "" if it is not."""
    shorter, longer = sorted((source, target))
    if longer > settings.max_length:
        return f"longer than {settings.max_length} pieces"
    if longer > SHORT and longer > settings.max_ratio * max(1, shorter):
        return f"lengths differ more than {settings.max_ratio:g} times"
    return ""


def _read(names: Sequence[str], settings: Data, dropped: Dropped, digest: Any) -> Iterator[Pair]:
    """Cleaned pairs of several corpora, one after another; the digest is told of all that is read."""

    def hashed(pairs: Iterable[Pair]) -> Iterator[Pair]:
        for pair in pairs:
            digest.update(f"{pair.source}\n{pair.target}\n".encode("utf-8", "surrogatepass"))
            if pair.links:
                digest.update(f"{pair.links}\n".encode("utf-8", "surrogatepass"))
            yield pair

    for name in names:
        pairs = read_corpus(name, settings.source, settings.target, skip=dropped.skip)
        yield from clean(hashed(pairs), dropped)


def _refuse_nothing(names: Sequence[str], dropped: Dropped) -> None:
    if not dropped.kept:
        raise DataError(f"{' '.join(names)}: no usable pair. {dropped.report()} Give text on both sides.")
