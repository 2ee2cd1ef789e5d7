"""Attention as one page for a browser: point at a word and see what it read.

The page fetches nothing and runs only its own script: its policy names style and script by their hashes, so that
whatever a sentence contains stays text. Words stand in the page as escaped text; the script is given numbers alone.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import escape
from importlib.resources import files
from string import Template

import numpy as np

from nmt.evaluation.heatmap import inline
from nmt.evaluation.picture import visible
from nmt.evaluation.readings import Reading, Sentence, Unit, direction

THOUSANDTHS = 1000  # weights are embedded as whole numbers: short, and exact enough to look at
TOLD, FEWEST = 3, 0.02  # a label names so many of the words that were read, and none that was read less
DOUBT = 0.5  # a word less sure is marked
ISOLATE, POP = "\u2068", "\u2069"  # Unicode's first-strong isolate, and its end


def page(sentences: Sequence[Sentence]) -> str:
    """A whole HTML document that shows the sentences, blank ones left out."""
    shown = [sentence for sentence in sentences if not sentence.blank]
    style, script = _file("page.css"), _file("page.js")
    return Template(_file("page.html")).substitute(
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        script=script,
        weights=_weights(shown),
        summary=_summary(shown),
        body="\n".join(map(_sentence, shown)),
    )


def _file(name: str) -> str:
    return files("nmt.evaluation").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _weights(sentences: Sequence[Sentence]) -> str:
    """JSON: for each sentence, unit and option the (T, S) weights in thousandths."""
    numbers = [
        [
            [np.rint(reading.weights * THOUSANDTHS).astype(int).tolist() for reading in unit.readings]
            for unit in sentence.units
        ]
        for sentence in sentences
    ]
    return json.dumps(numbers, separators=(",", ":"))


def _summary(sentences: Sequence[Sentence]) -> str:
    units = [unit.name for unit in sentences[0].units] if sentences else []
    count = f"{len(sentences)} sentence{'' if len(sentences) == 1 else 's'}"
    return _text(f"{count}, translated by {', '.join(units)}." if units else f"{count}.")


def _sentence(sentence: Sentence) -> str:
    units = "\n".join(_unit(unit, sentence) for unit in sentence.units)
    head = f"line-{sentence.number}"
    return (
        f'<article aria-labelledby="{head}"><h2 id="{head}">Line {sentence.number}</h2>\n'
        f'<div class="units">\n{units}\n</div></article>'
    )


def _unit(unit: Unit, sentence: Sentence) -> str:
    """One model's view of a sentence: the source on top, its translations below."""
    several = len(sentence.units) > 1
    kind = f" <small>{_text(unit.kind)}</small>" if unit.kind else ""
    parts = [f'<section class="unit" aria-label="{_text(unit.name)}">']
    parts += [f"<h3>{_text(unit.name)}{kind}</h3>"] if several else []
    if unit.readings:
        best = unit.readings[0]
        labels = [_source_label(best, i) for i in range(len(best.source))]
        if best.source:
            parts.append(_row("source", "Source", best.source, labels, unit.source_language))
        else:
            parts.append(f'<p dir="auto">{_text(sentence.text)}</p>')
        yardstick = next(other.readings[0] for other in sentence.units if other.readings)
        options = [_option(reading, rank, unit, yardstick) for rank, reading in enumerate(unit.readings, start=1)]
        parts += ["<ol>", *options, "</ol>"]
        parts += [f'<p class="warning">{_text(line)}</p>' for line in (unit.verdict.lines() if unit.verdict else [])]
    else:
        parts.append('<p class="note">No translation.</p>')
    return "\n".join([*parts, "</section>"])


def _option(reading: Reading, rank: int, unit: Unit, yardstick: Reading) -> str:
    score = f'<span class="score">score {reading.score:.2f}</span>'.replace("-", "−")
    several = f"{rank}. " if len(unit.readings) > 1 else ""
    if not reading.target:
        text = f'<p dir="auto">{_text(reading.text)}</p>' if reading.text else '<p class="note">No words.</p>'
        return f'<li><p class="facts">{several}{score}</p>{text}</li>'
    labels = [_target_label(reading, j) for j in range(len(reading.target))]
    row = _row("target", f"Translation {rank}", reading.target, labels, unit.target_language, reading, yardstick)
    drawn = f'<div class="scroll" tabindex="0" role="region" aria-label="Heat map {rank}">{inline(reading)}</div>'
    return (
        f'<li><p class="facts">{several}{score}</p>\n{row}\n<details><summary>Heat map</summary>{drawn}</details></li>'
    )


def _row(kind: str, name: str, words: Sequence[str], labels: Sequence[str], language: str, *readings: Reading) -> str:
    """A row of words, one stop of the Tab key; of a translation also its reading and the one it is compared with."""
    tongue = f' lang="{_text(language)}"' if language else ""
    marks = list(_marks(*readings)) if readings else [""] * len(words)
    confidence = readings[0].confidence if readings else []
    parts = [f'<div class="row {kind}" role="group" aria-label="{name}" dir="{direction(words)}"{tongue}>']
    for i, (word, label, mark) in enumerate(zip(words, labels, marks, strict=True)):
        sure = f'<span class="sure">{confidence[i]:.0%}</span>' if confidence else ""
        parts.append(
            f'<button type="button" class="word{mark}" tabindex="{-1 if i else 0}" aria-label="{escape(label)}">'
            f'<span class="weight"></span><bdi>{_text(word)}</bdi>{sure}</button>'
        )
    return "\n".join([*parts, "</div>"])


def _marks(reading: Reading, yardstick: Reading) -> Iterator[str]:
    """Classes of each target word: `doubt` where the model was not sure, `other` where the first option differs."""
    same: set[int] = set()
    for block in SequenceMatcher(None, yardstick.target, reading.target, autojunk=False).get_matching_blocks():
        same.update(range(block.b, block.b + block.size))
    for j, sure in enumerate(reading.confidence):
        yield (" doubt" if sure < DOUBT else "") + ("" if j in same else " other")


def _target_label(reading: Reading, j: int) -> str:
    """What a screen reader says of a target word: how sure, and what it read most."""
    read = _most(reading.weights[j], reading.source)
    return f"{_isolated(reading.target[j])}: {reading.confidence[j]:.0%} sure, read {read}"


def _source_label(reading: Reading, i: int) -> str:
    """What a screen reader says of a source word: for which words of the best translation it was read most."""
    column = reading.weights[:, i] if reading.target else np.zeros(0)
    return f"{_isolated(reading.source[i])}: read for {_most(column, reading.target)}"


def _most(weights: np.ndarray, words: Sequence[str]) -> str:
    best = [int(i) for i in np.argsort(-weights, kind="stable")[:TOLD] if weights[i] >= FEWEST]
    return ", ".join(f"{_isolated(words[i])} {weights[i]:.0%}" for i in best) or "no word"


def _isolated(word: str) -> str:
    """A word for the middle of a label, so that one from right to left does not turn the label around it."""
    return f"{ISOLATE}{visible(word)}{POP}"


def _text(text: str) -> str:
    """Text for content and for attributes in quotes, without what could steer its direction."""
    return escape(visible(text))
