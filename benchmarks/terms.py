"""A glossary at work: how often its words appear, whether in their places, and what that does to other lines.

    python benchmarks/terms.py FOLDER --model runs/multi30k

FOLDER holds `val.en` and `val.de`. Two measurements with a model from English to German:

- 50 lines of our own in `terms/lines.en`, and in `terms/terms.tsv` German words that such a model never says unasked.
  A term is *in its place* where it has taken the place of the word that the model says by itself (`terms/usual.tsv`):
  that one is gone, and when it is put back for the wanted word, `nmt align` links it to the term (the wanted words
  themselves, hardly known to the model, it cannot judge).
- The validation set, with a glossary drawn from it: `--words` frequent English words that IBM Model 1 links to one
  German word (its inflections are the forms that share its first letters), so that a reference says what is right.
  Lines without a term must not change at all; the others are scored with and without the glossary, apart for lines
  whose reference keeps to the glossary, as a person's own texts would, and for those whose reference does not.

Prints one JSON object.
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from corpus import find
from measure import NMT, ROOT, machine, run, say, show

from nmt.evaluation.alignment import parse_pharaoh
from nmt.evaluation.ibm1 import train
from nmt.evaluation.metrics import score
from nmt.text.phrases import count
from nmt.text.terms import Finder, read_glossary
from nmt.text.words import plain, tokens_touched

OWN = ROOT / "benchmarks" / "terms"
Lines = list[str]


def main() -> None:
    """Measure both and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, required=True, help="English to German")
    parser.add_argument("--words", type=int, default=40, help="terms of the glossary drawn from the validation set")
    options = parser.parse_args()
    model = options.model.absolute()
    facts: dict[str, Any] = {"machine": machine(), "own_lines": own_lines(model)}
    facts["validation"] = validation(options.folder, model, options.words)
    show(facts)


def translated(model: Path, source: Lines, *words: str | Path) -> tuple[Lines, float]:
    """Translations, and the seconds they took, the start of the command included."""
    done = run([*NMT, "translate", model, "--threads", "1", *words], stdin="".join(f"{s}\n" for s in source).encode())
    return done.output.decode().removesuffix("\n").split("\n"), round(done.seconds, 1)


def linked(model: Path, source: Lines, target: Lines) -> list[set[tuple[int, int]]]:
    """Word links by `nmt align`: each target word with the word it most probably came from."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "pairs.tsv"
        table.write_text("".join(f"{s}\t{t}\n" for s, t in zip(source, target, strict=True)), encoding="utf-8")
        done = run([*NMT, "align", model, table, "--threshold", "1"])
    lines = done.output.decode().removesuffix("\n").split("\n")
    return [set(parse_pharaoh(line, f"line {number}")) for number, line in enumerate(lines, start=1)]


def holding(words: Lines, forms: tuple[str, ...]) -> set[int]:
    """Which words are a form, whatever punctuation stands around them."""
    return {place for place, word in enumerate(words) if count(word, forms)}


def own_lines(model: Path) -> dict[str, Any]:
    """Terms that appear, that are in their place, that are doubled: in all, and lines in which all are well."""
    say("50 lines of our own")
    source = (OWN / "lines.en").read_text(encoding="utf-8").splitlines()
    wanted, usual = (read_glossary(OWN / name) for name in ("terms.tsv", "usual.tsv"))
    usually = {term.source: term.forms for term in usual}
    finder = Finder(wanted)
    free, seconds_free = translated(model, source)
    found, seconds = translated(model, source, "--glossary", OWN / "terms.tsv")
    counts: Counter[str] = Counter()
    swapped = list(found)
    for number, line in enumerate(source):
        for span in finder.find(line):
            common = usually[line[span.start : span.end].lower()]
            swapped[number] = " ".join(
                common[0] + word[len(word.rstrip(".,!")) :] if count(word, span.forms) else word
                for word in swapped[number].split(" ")
            )
    links = linked(model, source, swapped)
    for number, line in enumerate(source):
        told, well, spans = found[number].split(" "), Counter[str](), finder.find(line)
        for span in spans:
            common = usually[line[span.start : span.end].lower()]
            places = {j for i, j in links[number] if i in tokens_touched(line, range(span.start, span.end))}
            twice = sum(other.forms == span.forms for other in spans)
            counts["said_without_glossary"] += count(free[number], span.forms, twice) >= twice
            well["appear"] += count(found[number], span.forms, twice) >= twice
            gone = not (holding(told, common) - holding(told, span.forms))
            well["in_place"] += gone and bool(holding(told, span.forms) & places)
        counts["terms"] += len(spans)
        counts.update(well)  # `+=` would forget what is zero
        for name in ("appear", "in_place"):
            counts[f"lines_{name}"] += well[name] == len(spans)
        if well["in_place"] < len(spans):
            say(f"  {line} -> {found[number]}")
    return {"lines": len(source), **counts, "seconds": seconds, "seconds_without_glossary": seconds_free}


def validation(folder: Path, model: Path, size: int) -> dict[str, Any]:
    """BLEU with and without a glossary whose right translations are known."""
    corpus = find(folder)
    source, reference = (corpus.lines(corpus.dev, language) for language in ("en", "de"))
    say("validation set")
    terms = drawn(source, reference, size)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "terms.tsv"
        path.write_text("".join(f"{word}\t{'|'.join(forms)}\n" for word, forms in terms.items()), encoding="utf-8")
        finder = Finder(read_glossary(path))
        free, seconds_free = translated(model, source)
        found, seconds = translated(model, source, "--glossary", path)
    spans = [finder.find(line) for line in source]
    touched = [number for number, some in enumerate(spans) if some]
    changed = [number for number in touched if free[number] != found[number]]
    kept = [number for number in touched if share([spans[number]], [reference[number]]) == 1]
    others = sorted({*touched} - {*kept})

    def both(numbers: list[int]) -> dict[str, Any]:
        told = [bleu([some[n] for n in numbers], [reference[n] for n in numbers]) for some in (free, found)]
        return {"lines": len(numbers), "bleu_without_and_with": told}

    return {
        "terms": len(terms),
        "lines": len(source),
        "lines_with_a_term": len(touched),
        "lines_without_a_term_that_changed": sum(free[n] != found[n] for n in {*range(len(source))} - {*touched}),
        "lines_that_changed": len(changed),
        "share_of_terms_by_itself": share(spans, free),
        "share_of_terms_with_glossary": share(spans, found),
        "bleu_without_glossary": bleu(free, reference),
        "bleu_with_glossary": bleu(found, reference),
        "changed": both(changed) if changed else None,
        "reference_keeps_to_it": both(kept) if kept else None,
        "reference_does_not": both(others) if others else None,
        "seconds": seconds,
        "seconds_without_glossary": seconds_free,
    }


def bleu(texts: Lines, reference: Lines) -> float:
    """Of the whole, by sacreBLEU with its defaults."""
    return round(score("bleu", texts, [reference]).value, 2)


def share(spans: list[list[Any]], texts: Lines) -> float:
    """Of the terms, how many stand in the translations in one of their forms."""
    hits = [bool(count(text, span.forms)) for some, text in zip(spans, texts, strict=True) for span in some]
    return round(sum(hits) / len(hits), 4)


def drawn(source: Lines, reference: Lines, size: int) -> dict[str, Lines]:
    """Frequent English words with the forms of the German word that a reference has for them nearly always."""
    sides = [[[plain(word) for word in line.split()] for line in lines] for lines in (source, reference)]
    spelled: dict[str, Counter[str]] = {}
    for line in reference:
        for word in line.split():
            bare = word.strip(".,;:!?\"'()„“")
            spelled.setdefault(plain(word), Counter())[bare] += 1
    seen: dict[str, Counter[str]] = {}
    for english, german, links in zip(*sides, train(sides[0], sides[1]).links, strict=True):
        for i, j in links:
            seen.setdefault(english[i], Counter())[german[j]] += 1
    frequent = Counter(word for words in sides[0] for word in words)
    terms: dict[str, Lines] = {}
    for word, times in frequent.most_common():
        (best, _), *_ = seen.get(word, Counter({"": 0})).most_common(1)
        family = [other for other in seen.get(word, ()) if len(best) > 3 and other[:4] == best[:4]]
        hits = sum(seen[word][other] for other in family) if family else 0
        if word.isalpha() and hits >= 0.85 * times:
            forms = [spelled[other].most_common(1)[0][0] for other in family if other in spelled]
            terms[word] = [form for form in dict.fromkeys(forms) if form]
        if len(terms) == size:
            break
    return terms


if __name__ == "__main__":
    main()
