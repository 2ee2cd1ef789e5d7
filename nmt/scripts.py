"""Scripts whose words no spaces set apart: Chinese, Japanese, Thai, Lao, Tibetan, Burmese and Khmer.

What looks for words has to look elsewhere in them: at characters, or at the pieces of a vocabulary.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

HAN = "\u2e80-\u2fd5\u3005-\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
KANA = "\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_THAI, _LAO, _TIBETAN = "\u0e01-\u0e3a\u0e40-\u0e4e", "\u0e81-\u0ece\u0edc-\u0edf", "\u0f40-\u0fbc"
_BURMESE, _KHMER = "\u1000-\u103f\u1050-\u108f\u109a-\u109d\ua9e0-\ua9ef\uaa60-\uaa7f", "\u1780-\u17d3"
UNSPACED = HAN + KANA + _THAI + _LAO + _TIBETAN + _BURMESE + _KHMER
"""Their letters, and the marks upon them, as what stands between the brackets of a regular expression."""

_ANY, _ANY_HAN, _ANY_KANA = (re.compile(f"[{some}]") for some in (UNSPACED, HAN, KANA))
_NOT_LAST, _NOT_FIRST = ("Ps", "Pi"), ("Pe", "Pf", "Po", "Pd", "Lm", "Mn", "Mc")
_LETTER = re.compile(rf"[\w{UNSPACED}]")
PLENTY = 500  # lines tell how a text is written
LEAST = 0.05  # share of kana by which Japanese is told from Chinese


def unspaced(character: str) -> bool:
    """Whether a character is a letter of such a script, or a mark upon one."""
    return bool(_ANY.match(character))


def any_unspaced(text: str) -> bool:
    """Whether a text has such a character."""
    return bool(_ANY.search(text))


def within_word(character: str) -> bool:
    """Whether a letter, digit, mark or underscore is part of a word that only ends where no such character follows."""
    return is_letter(character) and not unspaced(character)


def is_letter(character: str) -> bool:
    """Whether a character belongs to a word: a letter, a digit, a mark upon one, or an underscore."""
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


def join_sentences(texts: Iterable[str]) -> str:
    """Sentences one after another: with spaces between them, but for those that Chinese or Japanese end."""
    whole = ""
    for text in filter(None, texts):
        whole += (" " if whole and not closes(whole[-1]) else "") + text
    return whole


def closes(character: str) -> bool:
    """Whether no space follows a character that ends a word or sentence: Chinese and Japanese letters and marks."""
    wide = unicodedata.east_asian_width(character) in "WF"
    return wide and (unspaced(character) or unicodedata.category(character).startswith("P"))


def display_width(text: str) -> int:
    """Columns a terminal gives a text: two for East Asian wide characters, none for marks on others and unseen ones."""
    return sum(0 if _on_top(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _on_top(character: str) -> bool:
    """Whether it takes no column: a mark (those of Thai and Hindi have no combining class), or nothing to be seen."""
    return unicodedata.category(character) in ("Mn", "Me", "Cf") and character != "\u00ad"


def line_parts(text: str) -> list[str]:
    """A text cut wherever a line may end: after a space, and between letters of Chinese and Japanese.

    No line begins with a mark that closes, nor ends with one that opens (after UAX 14, its classes CL, NS and OP). Of a
    text that ends in a space the last part is empty.
    """
    ends = [
        i
        for i, (before, after) in enumerate(zip(text, (text + "\n")[1:], strict=True), start=1)
        if (after != " " if before == " " else closes(before) and closes(after) and _may_part(before, after))
    ]
    return [text[start:end] for start, end in pairwise([0, *ends, len(text)])]


def _may_part(before: str, after: str) -> bool:
    return unicodedata.category(before) not in _NOT_LAST and unicodedata.category(after) not in _NOT_FIRST


def bleu_tokenizer(lines: Sequence[str]) -> str | None:
    """The name of sacreBLEU's tokenizer that finds words in some lines, or takes characters for them; None: the usual.

    The usual one, 13a, takes a sentence without spaces for one word.
    """
    text = "\n".join(lines[:PLENTY])
    letters, unspaced_letters, han, kana = (len(some.findall(text)) for some in (_LETTER, _ANY, _ANY_HAN, _ANY_KANA))
    if unspaced_letters * 2 <= letters:
        return None
    return "zh" if han * 2 > letters and kana < LEAST * letters else "char"
