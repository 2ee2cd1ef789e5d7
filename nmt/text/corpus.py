"""From corpus words on the command line to encoded examples, with a count of what was left out."""

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nmt.config import Data
from nmt.errors import DataError
from nmt.text.batches import Examples, Ragged
from nmt.text.cleaning import Dropped, clean
from nmt.text.readers import Pair, read_corpus
from nmt.text.tokenizer import Tokenizer

SHORT = 10  # pieces; below, a ratio of lengths says nothing


@dataclass
class Corpus:
    """Cleaned pairs, what was dropped, and a hash of what was read."""

    names: list[str]
    pairs: list[Pair] = field(default_factory=list)
    dropped: Dropped = field(default_factory=Dropped)
    sha256: str = ""

    def sources(self) -> list[str]:
        """The source sides."""
        return [pair.source for pair in self.pairs]

    def targets(self) -> list[str]:
        """The target sides."""
        return [pair.target or "" for pair in self.pairs]


def load(names: Sequence[str], settings: Data) -> Corpus:
    """Read and clean one or several corpora.

    Raises:
        DataError: a corpus cannot be read, or nothing is left of it.
    """
    corpus, digest = Corpus(list(names)), hashlib.sha256()

    def hashed(pairs: Iterable[Pair]) -> Iterable[Pair]:
        for pair in pairs:
            digest.update(f"{pair.source}\n{pair.target}\n".encode("utf-8", "surrogatepass"))
            yield pair

    for name in names:
        corpus.pairs.extend(clean(hashed(read_corpus(name, settings.source, settings.target)), corpus.dropped))
    corpus.sha256 = digest.hexdigest()
    if not corpus.pairs:
        raise DataError(f"{' '.join(names)}: no pair to learn from. {corpus.dropped.report()} Give text on both sides.")
    return corpus


def hold_out(corpus: Corpus, settings: Data, seed: int) -> Corpus:
    """Move some pairs, at most a tenth, into a corpus of their own; no source sentence is left on both sides.

    Raises:
        DataError: there are too few distinct sentences for that.
    """
    distinct = sorted({pair.source for pair in corpus.pairs})
    count = min(settings.held_out, len(distinct) // 10)
    if count < 1:
        raise DataError(
            f"{' '.join(corpus.names)}: {len(distinct)} sentences are too few to hold some out. Give --dev CORPUS."
        )
    random.Random(seed).shuffle(distinct)
    chosen = set(distinct[:count])
    distinct_left = set(chosen)
    held = Corpus([f"{count} sentences held out from {' '.join(corpus.names)}"], sha256=corpus.sha256)
    kept = []
    for pair in corpus.pairs:
        if pair.source not in chosen:
            kept.append(pair)
        elif pair.source in distinct_left:
            distinct_left.remove(pair.source)
            held.pairs.append(pair)
        else:
            corpus.dropped.add("another translation of a held-out sentence", pair.origin)
    corpus.pairs = kept
    return held


def encode(corpus: Corpus, source: Tokenizer, target: Tokenizer, settings: Data) -> Examples:
    """Pieces of every pair that is neither too long nor too unequal in length; the others are counted as dropped.

    Raises:
        DataError: no pair is left.
    """
    examples = Examples(Ragged(), Ragged())
    kept = []
    for pair in corpus.pairs:
        ids, target_ids = source.encode(pair.source), target.encode(pair.target or "")
        shorter, longer = sorted((len(ids), len(target_ids)))
        if longer > settings.max_length:
            corpus.dropped.add(f"longer than {settings.max_length} pieces", pair.origin)
        elif longer > SHORT and longer > settings.max_ratio * max(1, shorter):
            corpus.dropped.add(f"lengths differ more than {settings.max_ratio:g} times", pair.origin)
        else:
            examples.source.append(ids)
            examples.target.append(target_ids)
            kept.append(pair)
    if not kept:
        raise DataError(
            f"{' '.join(corpus.names)}: no pair is left. {corpus.dropped.report()} Raise data.max_length, or mend it."
        )
    corpus.pairs = kept
    return examples
