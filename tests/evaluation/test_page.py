"""The page: it says every word, fetches nothing, and runs nothing but its own script."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from nmt.evaluation.page import page
from nmt.evaluation.readings import Sentence, Unit

HOSTILE = [
    "</script><script>alert(1)</script>", '"><img/src=x/onerror=alert(1)>', "' onfocus=alert(1) x='", "<!--<script>",
    "]]>", "$body ${script} $$", "&lt;b&gt;", "\x00\x1b[2J", "\u202eevil\u2066", "</bdi></button></style><style>*{}",
]  # fmt: skip
LOADS = {"src", "href", "srcset", "action", "formaction", "data", "poster", "background", "xlink:href", "style"}
VOID = {"meta", "br"}


class Parsed(HTMLParser):
    """Tags with their attributes, and for each button the words in it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "bdi":
            self.words.append("")
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if "bdi" in self.open:
            self.words[-1] += data
        if self.open and self.open[-1] in self.inside:
            self.inside[self.open[-1]][-1] += data

    def having(self, name: str) -> list[dict[str, str]]:
        """Attributes of the elements of a class."""
        return [attributes for _, attributes in self.tags if name in attributes.get("class", "").split()]


@pytest.fixture
def sentences(make_sentence) -> list[Sentence]:
    return [
        make_sentence("A dog sleeps.", ["Ein Hund schläft.", "Der Hund schläft."], ["Hund schläft."], number=1),
        make_sentence("", [], [], number=2),
        make_sentence(" ".join(HOSTILE).replace("  ", " "), HOSTILE[:6], HOSTILE[6:], number=3),
        make_sentence("بيت كبير", ["בית גדול"], [], number=4),
    ]


def test_every_word_stands_in_the_page_as_text(sentences) -> None:
    expected = []
    for sentence in sentences:
        for unit in sentence.units:
            expected += [*unit.readings[0].source] if unit.readings else []
            expected += [word for reading in unit.readings for word in reading.target]
    shown = [re.sub("[\x00\x1b\u202e\u2066]", "\ufffd", word) for word in expected]
    assert Parsed(page(sentences)).words == shown


def test_no_sentence_breaks_out(sentences, make_sentence) -> None:
    parsed = Parsed(page(sentences))  # it raises where elements do not nest
    plain = Parsed(page([make_sentence("A dog", ["Hund"], ["Hunde"])]))
    assert len(parsed.inside["script"]) == 2 and len(parsed.inside["style"]) == 1
    assert {tag for tag, _ in parsed.tags} == {tag for tag, _ in plain.tags}
    assert {key for _, attributes in parsed.tags for key in attributes if key.startswith("on")} == set()
    assert parsed.inside["script"][1] == plain.inside["script"][1]


def test_the_page_fetches_nothing(sentences) -> None:
    text, parsed = page(sentences[:2]), Parsed(page(sentences))
    assert not re.search(r"https?:|//\w+\.|src=|href=|url\(|@import|@font-face|fetch\(|XMLHttp|innerHTML|eval\(", text)
    assert not [(tag, key) for tag, attributes in parsed.tags for key in attributes if key in LOADS]
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in parsed.tags}


def test_its_policy_allows_its_own_style_and_script_alone(sentences) -> None:
    parsed = Parsed(page(sentences))
    (policy,) = [a["content"] for tag, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    def own(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert rules == {
        "default-src": "'none'", "base-uri": "'none'", "form-action": "'none'",
        "style-src": own(parsed.inside["style"][0]), "script-src": own(parsed.inside["script"][1]),
    }  # fmt: skip


def test_the_script_is_given_the_weights_as_numbers(sentences) -> None:
    parsed = Parsed(page(sentences))
    data, shown = parsed.inside["script"][0], [s for s in sentences if not s.blank]
    assert not set(data) - set("0123456789[],")
    for sentence, units in zip(shown, json.loads(data), strict=True):
        for unit, options in zip(sentence.units, units, strict=True):
            for reading, weights in zip(unit.readings, options, strict=True):
                assert np.allclose(np.array(weights) / 1000, reading.weights, atol=0.0005001)


def test_rows_run_the_way_of_their_text_and_say_their_language(make_sentence) -> None:
    sentence = make_sentence("a big house", ["بيت كبير."])
    unit = sentence.units[0]._replace(source_language="en", target_language="ar")
    source, target = Parsed(page([sentence._replace(units=[unit])])).having("row")
    assert (source["dir"], source["lang"], target["dir"], target["lang"]) == ("ltr", "en", "rtl", "ar")


def test_each_row_is_one_stop_of_the_tab_key(sentences) -> None:
    parsed = Parsed(page(sentences))
    stops = [word for word in parsed.having("word") if word["tabindex"] == "0"]
    assert len(stops) == len(parsed.having("row")) > 10


def test_a_label_says_how_sure_and_what_was_read(make_sentence) -> None:
    sentence = make_sentence("a b", ["x y"])
    reading = sentence.units[0].readings[0]._replace(weights=np.array([[0.9, 0.1], [0, 0]]), confidence=[0.97, 0.4])
    parsed = Parsed(page([sentence._replace(units=[Unit("m", [reading])])]))
    labels = [re.sub("[\u2068\u2069]", "", word["aria-label"]) for word in parsed.having("word")]
    assert labels == [
        "a: read for x 90%", "b: read for x 10%", "x: 97% sure, read a 90%, b 10%", "y: 40% sure, read no word",
    ]  # fmt: skip
    assert ["doubt" in word["class"].split() for word in parsed.having("word")] == [False, False, False, True]


def test_words_that_differ_from_the_first_translation_are_marked(make_sentence) -> None:
    parsed = Parsed(page([make_sentence("a", ["ein Hund schläft", "der Hund schläft"], ["ein Kater"])]))
    marked = ["other" in word["class"].split() for word in parsed.having("word")]
    assert marked == [False] + 3 * [False] + [True, False, False] + [False] + [False, True]


def test_keys_and_both_themes_are_there(sentences) -> None:
    script, style = Parsed(page(sentences)).inside["script"][1], Parsed(page(sentences)).inside["style"][0]
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", "Escape"):
        assert f'"{key}"' in script
    for event in ("keydown", "focusin", "focusout", "pointerover", "click"):
        assert f'addEventListener("{event}"' in script
    assert "prefers-color-scheme: dark" in style and '[data-theme="dark"]' in style and "focus-visible" in style


def test_lines_without_words_and_no_lines_at_all(unsplit) -> None:
    long = Sentence(1, "many words", [Unit("m", [unsplit, unsplit._replace(text="")])])
    text = page([long])
    assert "so many words" in text and "No words." in text and ">many words<" in text
    assert "0 sentences." in page([]) and Parsed(page([])).inside["script"][0] == "[]"
