"""What holds for every format of documents: only text changes, and nothing raises but what a user can mend."""

import html
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import polib
import pytest
import srt
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nmt.documents.document import Document
from nmt.documents.formats import DOCUMENTS, format_of
from nmt.errors import DataError

FRAGMENTS = {
    ".txt": [
        "One line.\n",
        "\n",
        "  - an item\n",
        "1. first\n",
        "a b c " * 12 + "\nand so on to\nthe end\n",
        "\t\n",
        "42\n",
        "x\x0cy\u2028z\n",
        "<b>bold</b> %s\n",
        "no end",
        "\u2028\n",
        "nul \0\n",
    ],
    ".srt": [
        "1\n00:00:01,000 --> 00:00:02,500\nHello there,\nmy friend.\n\n",
        "2\n00:00:03,000 --> 00:00:04,000 X1:5\n<i>Who</i> is it?\n\n",
        "3\n00:00:05,000 --> 00:00:06,000\n- You?\n- {\\an8}No,\nme.\n\n",
        "\n",
        "4\n00:00:07,000 --> 00:00:08,000\n\n",
        "5\n00:00:09,000 --> 00:00:10,000\n<i>one\n<b>two</i></b>\n\n",
    ],
    ".html": [
        "<p>One <b>two</b>\n three</p>",
        "<ul><li>a<li>b &amp; c</ul>",
        "<pre> code </pre>",
        "<!-- no -->",
        "text ",
        "<img alt='a dog' src=x>",
        '<a title="b &lt; c" href="d">e</a>',
        "<code>f</code>",
        "<b>",
        "</i>",
        "<br>",
        "\n",
        "<script>'<p>g</p>'</script>",
        '<span translate="no">h <i>i</i></span>',
        "<td class=notranslate>j",
        "&nbsp;",
        "<title>k <b></title>",
        "</p>",
        "5 > 4 < 3 & &x;",
        "</>",
        "<table><tr><td>l",
        "<!doctype html>",
    ],
    ".md": [
        "# A *title* #\n\n",
        'Some **bold** and `code`,\n[a link](x "y").\n\n',
        "> quoted\n> twice\n\n",
        "- item\n- item\n\n",
        "| a | b |\n|---|---|\n| c d | e \\| f |\n\n",
        "```\ncode\n```\n",
        "    code\n\n",
        "<div>html</div>\n\n",
        "***\n",
        "\n",
        "Title\n=====\n\n",
        "1. one\n   two  \n   three\n",
        "![alt](src) tail\n\n",
        "[r] and [s][r]\n\n",
        "[r]: url\n\n",
        "a_b_c * d \\* &amp; <br> e\n\n",
        "_em_ *__both__*~~x~~\n\n",
        "text[^1]\n\n",
        "- [ ] to do\n",
    ],
    ".po": [
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n',
        '#: a.c:1\n#, c-format\nmsgid "%d one"\nmsgstr ""\n\n',
        'msgctxt "x"\nmsgid "two"\nmsgstr ""\n',
        'msgid "three"\nmsgstr "drei"\n\n',
        'msgid ""\n"a long line \\"quoted\\" "\n"of two\\n"\n"lines"\nmsgstr ""\n',
        'msgid "file"\nmsgid_plural "files"\nmsgstr[0] ""\nmsgstr[1] ""\n\n',
        '#~ msgid "old"\n#~ msgstr ""\n\n',
        '#, fuzzy\n#| msgid "was"\nmsgid "is"\nmsgstr ""\n\n',
    ],
    ".xlf": [
        "<trans-unit id='1'><source>One <g id='1'>two<x id='2'/></g> three</source></trans-unit>",
        "<trans-unit id='2'><source>a &amp; b</source><target state='final'>c</target></trans-unit>",
        "<!-- no -->",
        "<trans-unit id='3' translate='no'><source>d</source></trans-unit>",
        "\n  ",
        "<group><trans-unit id='4'><source>e<ph id='1'>&lt;br></ph></source>\n<target/></trans-unit></group>",
        "<trans-unit id='5'><source>f. g.</source><seg-source><mrk mtype='seg' mid='1'>f.</mrk> "
        "<mrk mtype='seg' mid='2'><it id='1' pos='open'/>g.</mrk></seg-source></trans-unit>",
        "<trans-unit id='6' xml:space='preserve'><source>h\n i<bpt id='1'/>j<ept id='1'/></source></trans-unit>",
        "<trans-unit id='7'><source><![CDATA[k <l>]]></source></trans-unit>",
    ],
}
"""What documents are made of; a format is tested once it has a line here."""

AROUND = {
    ".xlf": ('<?xml version="1.0"?>\n<xliff version="1.2"><file source-language="en" target-language="de"><body>',
             "</body></file></xliff>\n"),
    ".srt": ("0\n00:00:00,000 --> 00:00:00,500\nFirst.\n\n", ""),
}  # fmt: skip
KINDS = {".htm": ".html", ".xhtml": ".html", ".markdown": ".md", ".pot": ".po", ".xliff": ".xlf"}
FILLED = (".po", ".xlf")  # what is translated stands beside the original
MARKED = re.compile(r"</?x+\d+/?>")


@st.composite
def documents(draw: Callable[..., object], ending: str) -> bytes:
    middle = "".join(draw(st.lists(st.sampled_from(FRAGMENTS[ending]), max_size=8)))  # type: ignore[call-overload]
    before, after = AROUND.get(ending, ("", ""))
    text = before + middle + after
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + text.encode()


def read(ending: str, data: bytes) -> Document:
    return DOCUMENTS[ending](data, f"file{ending}")


def upper(text: str) -> str:
    return "".join(part if MARKED.fullmatch(part) else part.upper() for part in re.split(f"({MARKED.pattern})", text))


def bare(ending: str, data: bytes) -> str:
    """A document without capitals, layout, and escapes."""
    text = data.decode().lower()
    text = html.unescape(text).replace("[r][r]", "[r]") if ending in (".html", ".md") else text
    return re.sub(r"[\s\\>]" if ending == ".md" else r"[\s\0]", "", text)


def skeleton(ending: str, data: bytes) -> object:
    """What must be the same whatever is translated, as others read it."""
    text = data.decode().removeprefix("\ufeff")
    if ending == ".txt":
        return sum(not line.strip() for line in text.split("\n"))
    if ending == ".srt":
        return [(cue.index, cue.start, cue.end, cue.proprietary, len(re.findall("</?i>", cue.content)))
                for cue in srt.parse(text.replace("\r\n", "\n"))]  # fmt: skip
    if ending == ".po":
        return [(entry.msgid, entry.msgctxt, entry.msgid_plural, entry.obsolete) for entry in polib.pofile(text)]
    if ending == ".xlf":
        return Counter((element.tag, element.get("id")) for element in ElementTree.fromstring(text).iter())
    if ending == ".md":
        return [token.type for token in MarkdownIt().enable("table").parse(text)]
    found = list[tuple[object, ...]]()
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, pairs: found.append((tag, *(name for name, _ in pairs)))  # type: ignore
    reader.handle_endtag = lambda tag: found.append((tag,))  # type: ignore
    reader.handle_comment = lambda text: found.append((text,))  # type: ignore
    reader.feed(re.sub("<title>.*?</title>", "", text, flags=re.DOTALL | re.IGNORECASE))
    return Counter(found)


HOSTILE = st.lists(
    st.sampled_from(
        [
            "<x0>",
            "</x0>",
            "<x1/>",
            "<x0/>",
            "</x1>",
            "w",
            "W. ",
            " ",
            "\n",
            "\r",
            "\0",
            "&",
            "<",
            ">",
            '"',
            "'",
            "*",
            "_",
            "`",
            "[a](b)",
            "# ",
            "- ",
            "1. ",
            "|",
            "\\",
            "~~",
            "-->",
            "]]>",
            "\ud800",
            "\u2028",
            "%s",
            "{",
            "=",
            "<u>",
            "![",
            "1\n00:00:01,000 --> 00:00:02,000\n",
            'msgid "',
            "\x1b",
            "ü",
            "\t",
            "+",
            "&amp;",
        ]
    ),
    max_size=9,
).map("".join)


def test_every_ending_is_tested() -> None:
    assert {KINDS.get(ending, ending) for ending in DOCUMENTS} == {*FRAGMENTS}


@pytest.mark.parametrize("ending", FRAGMENTS)
@settings(max_examples=40)
@given(data=st.data())
def test_what_comes_back_as_it_was_leaves_every_byte(ending: str, data: st.DataObject) -> None:
    content = data.draw(documents(ending))
    document = read(ending, content)
    texts = [segment.text for segment in document.segments()]
    assert document.rendered(["" for _ in texts]) == content or ending == ".xlf"  # what has no words is copied
    same = document.rendered(texts)
    assert all(text == text.strip(" ") and text and "\n" not in text for text in texts)
    if ending not in FILLED:
        assert same == content
        return
    again = read(ending, same)
    assert again.segments() == [] and again.rendered([]) == same


@pytest.mark.parametrize("ending", FRAGMENTS)
@settings(max_examples=40)
@given(data=st.data())
def test_only_text_changes(ending: str, data: st.DataObject) -> None:
    content = data.draw(documents(ending))
    document = read(ending, content)
    changed = document.rendered([upper(segment.text) for segment in document.segments()])
    if ending not in FILLED:
        assert bare(ending, changed) == bare(ending, content)
    assert [segment.line for segment in document.segments()] == sorted(segment.line for segment in document.segments())


@pytest.mark.parametrize("ending", FRAGMENTS)
@settings(max_examples=60)
@given(data=st.data())
def test_no_translation_breaks_what_is_around_it(ending: str, data: st.DataObject) -> None:
    content = data.draw(documents(ending))
    document = read(ending, content)
    changed = document.rendered([data.draw(HOSTILE) for _ in document.segments()])
    before, after = skeleton(ending, content), skeleton(ending, changed)
    if ending == ".xlf":
        assert isinstance(before, Counter) and isinstance(after, Counter)
        filled = read(ending, document.rendered(["w"] * len(document.segments())))
        assert before <= after <= skeleton(ending, filled.rendered([]))  # type: ignore[operator]
    else:
        assert after == before
    assert changed.startswith(b"\xef\xbb\xbf") == content.startswith(b"\xef\xbb\xbf")
    if b"\r\n" in content and ending != ".txt":
        assert changed.count(b"\n") == changed.count(b"\r\n")


@pytest.mark.parametrize("ending", FRAGMENTS)
@settings(max_examples=40)
@given(content=st.binary(max_size=40), data=st.data())
def test_no_bytes_raise_what_nobody_can_mend(ending: str, content: bytes, data: st.DataObject) -> None:
    whole = data.draw(documents(ending))
    place = data.draw(st.integers(0, len(whole)))
    for some in (content, whole[:place], whole[:place] + content + whole[place:]):
        try:
            document = read(ending, some)
        except DataError as error:
            assert str(error).startswith(f"file{ending}:") and "\n" not in str(error)
        else:
            document.rendered([upper(segment.text) for segment in document.segments()])


@pytest.mark.parametrize("ending", FRAGMENTS)
@pytest.mark.parametrize("content", ["", "\ufeff", "\n", "\ufeff\r\n"])
def test_what_is_empty_stays_empty(ending: str, content: str) -> None:
    if ending == ".xlf":
        with pytest.raises(DataError, match=r"file.xlf:\d: not XML"):
            read(ending, content.encode())
    else:
        document = read(ending, content.encode())
        assert document.segments() == [] and document.rendered([]) == content.encode()


@pytest.mark.parametrize("ending", [".txt", ".srt", ".md", ".html", ".po"])
def test_bytes_of_another_encoding_are_told_with_their_line(ending: str) -> None:
    with pytest.raises(DataError, match=rf"file{ending}:2: not UTF-8 \(byte 0xfc\). Convert the file to UTF-8"):
        read(ending, b"one\nM\xfcller\n")


@pytest.mark.parametrize(
    ("name", "says"), [("a.docx", "Endings: .po, .pot"), ("a.hmtl", "Endings: .po"), ("a", "Endings:")]
)
def test_other_endings_are_refused(name: str, says: str) -> None:
    with pytest.raises(DataError, match=rf"{name}: no document .*{says}"):
        format_of(Path(name))
    assert format_of(Path("A.HTML")) is DOCUMENTS[".html"]
