"""What a column of a table may call its language: `en`, `eng`, `en-US`, `English`; `de`, `Deutsch`, `German`."""

import re
from functools import lru_cache

SIDES = (("source", "target"), ("src", "tgt"), ("src", "trg"))
"""What the two columns are called where no language is named."""

_CODE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]+)*")
_NAMES = """
ar ara arabic العربية | bg bul bulgarian български | ca cat catalan català | cs ces cze czech čeština
da dan danish dansk | de deu ger german deutsch | el ell gre greek ελληνικά | en eng english
es spa spanish español castellano | et est estonian eesti | fa fas per persian farsi فارسی | fi fin finnish suomi
fr fra fre french français | ga gle irish gaeilge | he heb hebrew עברית | hi hin hindi हिन्दी
hr hrv croatian hrvatski | hu hun hungarian magyar | id ind indonesian | is isl ice icelandic íslenska
it ita italian italiano | ja jpn japanese 日本語 | ko kor korean 한국어 | lt lit lithuanian lietuvių
lv lav latvian latviešu | mt mlt maltese malti | nl nld dut dutch nederlands | no nor norwegian norsk
pl pol polish polski | pt por portuguese português | ro ron rum romanian română | ru rus russian русский
sk slk slo slovak slovenčina | sl slv slovenian slovenščina | sr srp serbian српски | sv swe swedish svenska
th tha thai ไทย | tr tur turkish türkçe | uk ukr ukrainian українська | vi vie vietnamese | zh zho chi chinese 中文
"""
_CODES = {name: names[0] for names in map(str.split, re.split(r"[|\n]", _NAMES)) for name in names}


def columns(cells: list[str], source: str, target: str) -> tuple[int, int] | None:
    """The places of the source and the target column if a row is a header, else None.

    The languages' own codes count first, then names of sides, then other codes and names of the same languages,
    these only where each names exactly one column: a sentence is never taken for a header by a likeness.
    """
    names = [cell.strip().lower() for cell in cells]
    for left, right in ((source.lower(), target.lower()), *SIDES):
        if left in names and right in names and left != right:
            return names.index(left), names.index(right)
    wanted = [_language(code.lower()) for code in (source, target)]
    found = [[i for i, name in enumerate(names) if name and _language(name) == each] for each in wanted]
    if wanted[0] != wanted[1] and all(len(places) == 1 for places in found):
        return found[0][0], found[1][0]
    return None


@lru_cache(1024)  # a file has few languages, and asks for each text
def fit(asked: str, there: str) -> int:
    """How well the language of a text fits one that was asked for: 2 as the same, 1 as more or less exact, 0 not.

    `en` and `en-US` fit each other; `en-GB` and `en-US` do not, nor does anything fit a text of no language.
    """
    if not there:
        return 0
    left, right = (_subtags(code) for code in (asked, there))
    return 2 if left == right else int(left[0] == right[0] and (set(left) <= set(right) or set(left) >= set(right)))


def _subtags(code: str) -> list[str]:
    base, *more = re.split("[-_]", code.strip().lower())
    return [_CODES.get(base, base), *more]


def _language(name: str) -> str:
    """The two letters of a language for a name or a code of any kind; any other text is its own."""
    base = re.split("[-_]", name)[0] if _CODE.fullmatch(name) else name
    return _CODES.get(base, base)
