"""What of Markdown is text, and that what is written for it is read as it is meant."""

import pytest

from nmt.documents.markdown import Markdown


def texts(text: str) -> list[str]:
    return [segment.text for segment in Markdown(text.encode(), "a.md").segments()]


def shown(text: str, *translations: str) -> str:
    return Markdown(text.encode(), "a.md").rendered(translations).decode()


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("---\ntitle: a\n---\n# b\n", ["b"]),
        ("+++\na\n+++\nb", ["b"]),
        ("---\nunclosed\n", ["unclosed"]),
        ("# a *b* #\n## \n", ["a <x0>b</x0>"]),
        ("a\n==\nb\nc\n---\n", ["a", "b c"]),
        ("> a\n> b\n>\n> - c\n>   d\nlazy", ["a b", "c d lazy"]),
        ("1. a\n   * b\n\n\tc\n", ["a", "b", "c"]),
        ("- [ ] a\n- [x] b [^1] [^2]\n\n[^1]: c\n\n[^2]: d e", ["a", "b", "d e"]),
        ("| a | **b** |\n|---|:-:|\n| c \\| d | `e` |\n| a\n", ["a", "b", "c | d", "a"]),
        ("```\na\n```\n\n    b\n\n<div>c</div>\n\n[d]: e 'f'\n", []),
        ("a `b` c <b>d</b> <http://e.f> g<br>h", ["a <x0/> c <x1>d</x1> <x3/> g<x4/>h"]),
        ("a ![b](c 'd') [e ![f](g)](h)", ["a <x0/> <x1>e <x2/></x1>", "b", "f"]),
        ("***a** b* __c__ ~~d~~ e", ["<x0><x1>a</x1> b</x0> <x4>c</x4> <x6>d</x6> e"]),
        ("a\\* b &amp; c_d_e * f", ["a* b & c_d_e * f"]),
        ("a  \nb\\\nc", ["a<x0/>b<x1/>c"]),
        ("a ~~~b~~ *c **d*", ["a ~<x0>b</x0> *c *<x2>d</x2>"]),
        ("a [b] [c][] [D]\n\n[b]: x\n[d]: y", ["a <x0>b</x0> [c][] <x2>D</x2>"]),
        ("a\0b [^2] *c*", ["ab <x0/> <x1>c</x1>"]),
    ],
)
def test_blocks_are_units_with_their_inline_markup(text: str, right: list[str]) -> None:
    assert texts(text) == [one.replace("\0", "") for one in right] or "\ufffd" in "".join(texts(text))
    for end in ("\r\n", "\r"):
        content = text.replace("\n", end)
        document = Markdown(content.encode(), "a.md")
        assert len(document.segments()) == len(right)
        assert document.rendered([segment.text for segment in document.segments()]) == content.encode()


@pytest.mark.parametrize(
    ("text", "translation", "right"),
    [
        ("a", "1. b", "1\\. b"),
        ("a", "- b", "\\- b"),
        ("a", "# b", "\\# b"),
        ("a", "> b", "\\> b"),
        ("a", "*b*", "\\*b\\*"),
        ("a", "b * c", "b * c"),
        ("a", "[b](c)", "\\[b\\](c)"),
        ("a", "b_c_d", "b_c_d"),
        ("a", "<b>c", "\\<b\\>c"),
        ("a", "&amp;", "\\&amp;"),
        ("a", "    b", "b"),
        ("a", "===", "==="),
        ("# a", "b #", "# b \\#"),
        ("- a", "- b", "- \\- b"),
        ("| a |\n|---|\n", "b | c", "| b \\| c |\n|---|\n"),
        ("> a\n> b", "c", "> c"),
        ("a **b** c", "<x0>B</x0> A C", "**B** A C"),
        ("a _b_ c", "x<x0>B</x0>y", "x*B*y"),
        ("a **b** c", "A<x0> B </x0>C", "a **b** c"),  # no markup could say that
        ("a [b] c\n\n[b]: x", "<x0>B</x0>", "[B][b]\n\n[b]: x"),
        ("> a [b\n> c](d 'e\n> f')", "<x0>B</x0> A", "> [B](d 'e f') A"),
        ("> a  \n> b", "A<x0/>B", "> A  \n> B"),
        ("a ![b](c) d", "A <x0/>", "A ![b](c)"),
    ],
)
def test_what_is_written_is_read_as_it_is_meant(text: str, translation: str, right: str) -> None:
    document = Markdown(text.encode(), "a.md")
    translations = [translation, *[""] * (len(document.segments()) - 1)]
    assert document.rendered(translations).decode() == right
    kept = right == text and translation != "b | c"
    assert document.notes == (["a.md:1: not translated: its markup cannot be kept"] if kept else [])


def test_a_byte_order_mark_is_no_text() -> None:
    assert texts("\ufeff# a\n") == ["a"] and shown("\ufeff# a\n", "b") == "\ufeff# b\n"


@pytest.mark.parametrize("mark", ["[", "<b>", "*a ", "![a](", "` a"])
def test_a_paragraph_of_very_many_marks_stays_as_it_is(mark: str) -> None:
    page = f"# one\n\n{mark * 20_000}\n\ntwo\n"
    document = Markdown(page.encode(), "x.md")
    assert [segment.text for segment in document.segments()] == ["one", "two"]
    assert document.notes == ["x.md:3: not translated: more than 1,000 marks in one paragraph"]
    assert document.rendered(["eins", "zwei"]).decode() == page.replace("one", "eins").replace("two", "zwei")
