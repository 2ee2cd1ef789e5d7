"""What a translation must not change: placeholders, addresses, numbers.

Placeholders as they stand in texts to be localised: `{name}`, `{{name}}`, `${name}`, `%s`, `%1$s`, `%(count)d`, `%.2f`.
"""

import re

from nmt.text.phrases import count, is_letter
from nmt.text.terms import Span

PATTERNS = {
    "address": r"(?:https?://|ftp://|www\.)[^\s<>\"]*[^\s<>\".,;:!?)\]}'»“”]",
    "mail": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.\w+",
    "braces": r"\{\{[^{}]*\}\}|\$?\{[^{}]*\}",
    "percent": r"%(?:\d+\$|\([^()\s]*\))?[-+#0]*\d*(?:\.\d+)?[sdifuxXgGeEcorb@](?!\w)",
    "number": r"(?<![\w.,])\d+(?:[.,:]\d+)*(?!\w)",
}
"""What is protected; of two that begin at one place the first counts. No flag is a space: `50 % of` holds none."""

_ANY = re.compile("|".join(f"(?:{pattern})" for pattern in PATTERNS.values()))


def find_protected(line: str) -> list[Span]:
    """Stretches of a tidy line that its translation must hold as they are, after a space if they stand after one.

    A form that begins with a space may also begin a text.
    """
    found = []
    for match in _ANY.finditer(line):
        apart = not is_letter(match[0][0]) and line[: match.start()][-1:] in ("", " ")
        found.append(Span(*match.span(), (" " * apart + match[0],)))
    return found


def as_often(line: str, spans: list[Span]) -> list[Span]:
    """Spans that are kept as they are, and more of those that other spans contain.

    A translation must hold `3` and `3.5` for a line that does; without this it might hold `3.5` alone, which contains
    the other. What is repeated stands where the span does that contains it.
    """
    found = list(spans)
    for forms in dict.fromkeys(span.forms for span in spans):
        own = sum(span.forms == forms for span in spans)
        around = [span for span in spans if span.forms != forms and count(span.forms[0], forms)]
        found += [span._replace(forms=forms) for span in around[: max(0, count(line, forms) - own)]]
    return found


def nothing_else(line: str, spans: list[Span]) -> bool:
    """Whether a line has spans, and no letter outside of them: there is nothing to translate."""
    outside, place = "", 0
    for span in sorted(spans):
        outside += line[place : span.start]
        place = span.end
    return bool(spans) and not any(is_letter(character) for character in outside + line[place:])
