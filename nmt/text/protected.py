"""What a translation must not change: placeholders, addresses, numbers.

Placeholders as they stand in texts to be localised: `{name}`, `{{name}}`, `${name}`, `%s`, `%1$s`, `%(count)d`, `%.2f`.
"""

import re
from collections import Counter

from nmt.scripts import UNSPACED, is_letter
from nmt.text.phrases import count
from nmt.text.terms import Span

_W = rf"[^\W{UNSPACED}]"  # a letter of a word that does not end where a letter of another script follows
_WIDE = "\u3000-\u3004\u3008-\u303f\uff00-\uff65"  # punctuation between such letters, and wide forms of Latin ones

PATTERNS = {
    "address": rf"(?:https?://|ftp://|www\.)[^\s<>\"{UNSPACED}{_WIDE}]*[^\s<>\".,;:!?)\]}}'»“”{UNSPACED}{_WIDE}]",
    "mail": rf"(?<!{_W})(?<![.+-])(?:{_W}|[.+-])+@(?:{_W}|-)+(?:\.(?:{_W}|-)+)*\.{_W}+",
    "braces": r"\{\{[^{}]*\}\}|\$?\{[^{}]*\}",
    "percent": r"%(?:\d+\$|\([^()\s]*\))?[-+#0]*\d*(?:\.\d+)?[sdifuxXgGeEcorb@]" rf"(?!{_W})",
    "number": rf"(?<!{_W})(?<![.,])\d+(?:[.,:]\d+)*(?!{_W})",
}
"""What is protected; of two that begin at one place the first counts. No flag is a space: `50 % of` holds none."""

_ANY = re.compile("|".join(f"(?:{pattern})" for pattern in PATTERNS.values()))


def find_protected(line: str) -> list[Span]:
    """Stretches of a tidy line that its translation must hold as they are, after a space if they stand after one.

    A form that begins with a space may also begin a text.
    """
    found = []
    for match in _ANY.finditer(line):
        apart = not is_letter(match[0][0]) and line[max(0, match.start() - 1) : match.start()] in ("", " ")
        found.append(Span(*match.span(), (" " * apart + match[0],)))
    return found


def as_often(line: str, spans: list[Span]) -> list[Span]:
    """Spans that are kept as they are, and more of those that other spans contain.

    A translation must hold `3` and `3.5` for a line that does; without this it might hold `3.5` alone, which contains
    the other. What is repeated stands where the span does that contains it.
    """
    found = list(spans)
    for forms, own in Counter(span.forms for span in spans).items():
        if (more := count(line, forms) - own) > 0:
            around = [span for span in spans if span.forms != forms and count(span.forms[0], forms)]
            found += [span._replace(forms=forms) for span in around[:more]]
    return found


def nothing_else(line: str, spans: list[Span]) -> bool:
    """Whether a line has spans, and no letter outside of them: there is nothing to translate."""
    outside, place = list[str](), 0
    for span in sorted(spans):
        outside.append(line[place : span.start])
        place = span.end
    return bool(spans) and not any(map(is_letter, "".join([*outside, line[place:]])))
