"""Where a sentence ends and another begins, in a line of several."""

import re

_END = re.compile(r"(?P<mark>[.!?…।؟۔])[\"'”’»)\]]* |(?P<wide>[。！？])[。！？”’」』）】]* ?")
_OPENING = "\"'“„«‘¿¡([-–—"
_BEGIN = re.compile(rf"[{re.escape(_OPENING)}]*")
_ABBREVIATIONS = {
    "mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "no", "nr", "fig", "jr", "sr", "ca", "bzw", "bsp", "vgl", "abb",
    "str", "hr", "fr", "approx", "inc", "ltd", "co", "art", "vol", "pp", "al", "cf", "mme", "mlle", "sra", "av",
}  # fmt: skip
"""Words, without the full stop after them, that end no sentence though a capital may follow."""


def sentences(line: str) -> list[str]:
    """The sentences of a tidy line; `nmt.scripts.join_sentences` makes the line of them again.

    One ends at . ! ? or … before a space and what is no small letter, but not after an abbreviation, a single letter
    or an ordinal number. Where that is in doubt it does not end, for a translator takes two sentences as well. After
    the marks of Chinese and Japanese there is no space, and no doubt.
    """
    found, begin = list[str](), 0
    for match in _END.finditer(line):
        if match["wide"]:
            if match.end() < len(line):
                found.append(line[begin : match.end()].rstrip(" "))
                begin = match.end()
            continue
        letter = _BEGIN.match(line, match.end()).end()  # type: ignore[union-attr]  # it always matches
        following = line[letter : letter + 1]
        if not following or following.islower() or following.isspace():
            continue
        word = max(begin, line.rfind(" ", begin, match.start()) + 1)
        before = line[word : match.start()].lstrip(_OPENING)
        if match["mark"] == "." and (
            before.lower() in _ABBREVIATIONS or len(before) < 2 or before.isdigit() or "." in before
        ):
            continue
        found.append(line[begin : match.end() - 1])
        begin = match.end()
    return [*found, line[begin:]]
