"""What of a page is text, and where its translation goes."""

import pytest

from nmt.documents.html import Html
from nmt.errors import DataError


def texts(page: str) -> list[str]:
    return [segment.text for segment in Html(page.encode(), "page.html").segments()]


@pytest.mark.parametrize(
    ("page", "right"),
    [
        ("<title>a &amp; b</title><p>c<p>d", ["a & b", "c", "d"]),
        ("<p>a <b>b</b> c</p>", ["a <x0>b</x0> c"]),
        ("<p><b>a</b></p><p> <a href=x>a <i>b</i></a> </p>", ["a", "a <x0>b</x0>"]),
        ("<p>a <code>b <i>c</i></code> d</p>", ["a <x0/> d"]),
        ("<pre>a</pre><script>b</script><style>c</style><textarea>d</textarea><!-- e --><svg><text>f</text></svg>", []),
        ("<p translate=no>a <b>b</b></p><p class='x notranslate'>c</p>d", ["d"]),
        ("<div translate=no>a <div>b</div> c <p translate=yes>d</p></div>e", ["d", "e"]),
        ("<p>a <span translate=no>b</span> c", ["a <x0/> c"]),
        ("<ul translate=no><li>a<li>b</ul><ul><li translate=no>c<li>d</ul>", ["d"]),
        ("one.<br>two<br>three<br><br>four", ["one.", "two<x0/>three", "four"]),
        ("<img alt='a' title=b src=c><input placeholder='d' value='e'><p aria-label=f>g", ["a", "b", "d", "f", "g"]),
        ("<code title='a'>b</code><p translate=no title=c>d", []),
        ("<x0>a</x0> &lt;x0> <b>c</b> d", ["a", "<x0> <xx0>c</xx0> d"]),
        ("1 &ndash; 2 <b>3</b>", []),
        ("<p>a</b> <i>b</p>", ["a<x0/> <x1/>b"]),
        ("a &nbsp; b&#33; &unknown; &", ["a \xa0 b! &unknown; &"]),
        ("<a title='x > y'>b</a", ["x > y", "b"]),
    ],
)
def test_blocks_are_units_with_their_inline_tags(page: str, right: list[str]) -> None:
    assert texts(page) == right


@pytest.mark.parametrize(
    ("page", "translations", "right"),
    [
        ("<p>a\n b</p>", ["1 < 2 & 3"], "<p>1 &lt; 2 &amp; 3</p>"),
        ("<img alt=a title='b' src=c>", ['"x y"', "it's"], """<img alt="&quot;x y&quot;" title='it&#x27;s' src=c>"""),
        ("<p>a&nbsp;b</p><p>c</p>", ["d\xa0e", "f\xa0g"], "<p>d&nbsp;e</p><p>f\xa0g</p>"),
        ("<p>a <b title=t>b</b></p>", ["<x0>B</x0> A", "T"], '<p><b title="T">B</b> A</p>'),
        ("<p>a <b title=t>b</b></p>", ["", "T"], '<p>a <b title="T">b</b></p>'),
        ("<p>a <b>b</b> <i>c</i></p>", ["</x0>B<x0> C <x7/>", ], "<p>B C<b></b><i></i></p>"),
        ("<p>a <b>b</b> <i>c</i></p>", ["<x0><x2>B</x2> C</x0>"], "<p><b><i>B</i> C</b></p>"),
        ("<p>a <b>b</b> <i>c</i></p>", ["<x0><x2>B</x0></x2> C"], "<p>B C<b></b><i></i></p>"),
    ],
)  # fmt: skip
def test_translations_are_escaped_and_lose_no_tag(page: str, translations: list[str], right: str) -> None:
    assert Html(page.encode(), "page.html").rendered(translations).decode() == right


def test_the_page_says_its_new_language() -> None:
    page = b"<html class=x lang='en-US'><p lang=en>a"
    assert Html(page, "p.html", "de").rendered(["b"]) == b"<html class=x lang='de'><p lang=en>b"
    assert Html(page, "p.html").rendered(["b"]) == b"<html class=x lang='en-US'><p lang=en>b"


def test_other_encodings_are_kept_if_they_can_be() -> None:
    page = '<meta http-equiv=x content="text/html; charset=iso-8859-1"><p>Müller'.encode("latin-1")
    assert Html(page, "p.html").rendered(["Ünal → x"]) == page.replace(b"M\xfcller", b"\xdcnal &#8594; x")
    assert Html(b"\xef\xbb\xbf<meta charset=latin-1>\xc3\xa4", "p.html").segments()[0].text == "ä"
    for bad in ("utf-7", "rot13", "klingon", "utf-16"):
        with pytest.raises(DataError, match=rf"p.html: the encoding '{bad}' is not known here. Convert the file"):
            Html(f"<meta charset={bad}>a".encode(), "p.html")


def test_very_many_breaks_are_read_soon() -> None:
    assert len(texts("<p>" + "a <br> b " * 20_000)) == 1
