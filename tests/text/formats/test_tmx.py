"""Translation memories: whose variants, what of a segment is text, and what a file may not ask for."""

import tracemalloc
from pathlib import Path

import pytest

from nmt.errors import DataError
from nmt.text.readers import Pair, read_corpus

BILLION = (
    '<!DOCTYPE tmx [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>\n"
)


def tmx(*units: str, head: str = "", root: str = "tmx") -> str:
    body = "\n".join(f"<tu>{unit}</tu>" for unit in units)
    return f'{head}<{root} version="1.4">\n<header srclang="en"/>\n<body>\n{body}\n</body></{root}>\n'


def tuv(language: str, text: str, attribute: str = "xml:lang") -> str:
    return f'<tuv {attribute}="{language}"><prop type="x">no</prop><note>no</note><seg>{text}</seg></tuv>'


EN, DE = tuv("en", "yes"), tuv("de", "ja")


def test_origins_are_lines_and_notes_are_no_text(write) -> None:
    write("x.tmx", tmx(EN + DE, DE + "\n" + EN))
    assert list(read_corpus("x.tmx", "en", "de")) == [Pair("yes", "ja", "x.tmx:4"), Pair("yes", "ja", "x.tmx:5")]
    assert next(read_corpus("x.tmx", "de", "en")) == Pair("ja", "yes", "x.tmx:4")


@pytest.mark.parametrize(
    ("there", "asked"),
    [("en", "en"), ("EN-us", "en"), ("en_US", "en-US"), ("en", "en-GB"), ("eng", "en"), ("en-Latn-US", "en-us")],
)
@pytest.mark.parametrize("attribute", ["xml:lang", "lang"])
def test_languages_fit_with_and_without_region(write, sides, there: str, asked: str, attribute: str) -> None:
    write("x.tmx", tmx(tuv(there, "yes", attribute) + tuv("DE-AT", "ja", attribute)))
    assert sides("x.tmx", asked) == [("yes", "ja")]


@pytest.mark.parametrize(
    ("variants", "asked", "chosen"),
    [
        (["en-US", "en-GB"], "en", "en-US"),
        (["en-US", "en"], "en", "en"),
        (["en-US", "EN-GB"], "en-gb", "EN-GB"),
        (["en", "en"], "en", "en"),
        (["fr", "eng"], "en", "eng"),
    ],
)
def test_of_several_variants_the_exact_one_then_the_first(
    write, sides, variants: list, asked: str, chosen: str
) -> None:
    units = "".join(tuv(each, f"{each} {number}") for number, each in enumerate(variants))
    write("x.tmx", tmx(units + DE))
    assert sides("x.tmx", asked) == [(f"{chosen} {variants.index(chosen)}", "ja")]


def test_two_variants_of_a_language_are_two_sides(write, sides) -> None:
    write("x.tmx", tmx(tuv("en-GB", "colour") + tuv("en-US", "color"), tuv("en-US", "gray") + tuv("en-GB", "grey")))
    assert sides("x.tmx", "en-GB", "en-US") == [("colour", "color"), ("grey", "gray")]
    assert sides("x.tmx", "en", "en-GB") == [("color", "colour"), ("gray", "grey")]
    assert sides("x.tmx", "en-GB", "en") == [("colour", "color"), ("grey", "gray")]


def test_a_unit_without_a_language_is_skipped_and_counted(write, sides, skipped) -> None:
    write("x.tmx", tmx(EN, EN + DE, DE, tuv("fr", "oui"), EN + tuv("de", "")))
    assert sides("x.tmx") == [("yes", "ja"), ("yes", "")]
    assert skipped("x.tmx") == ["without de x.tmx:4", "without en x.tmx:6", "without en x.tmx:7"]


def test_a_missing_language_is_told_with_those_that_are_there(write, sides, complaint) -> None:
    write("x.tmx", tmx(tuv("en-US", "yes") + DE, tuv("de-CH", "ja") + EN))
    there = "There is de, de-CH, en, en-US: check --source and --target."
    assert complaint("x.tmx", "en", "fr") == f"x.tmx: holds no fr. {there}"
    assert complaint("x.tmx", "fr", "it") == f"x.tmx: holds no fr and no it. {there}"
    assert sides("x.tmx", "en-GB", "de-AT") == []  # both are there, but in no unit together
    assert complaint("x.tmx", "", "").startswith("x.tmx: which languages? Its first unit has de, en-US. Pass --source")


@pytest.mark.parametrize(
    ("segment", "text"),
    [
        ("a <hi>b</hi> c", "a b c"),
        ("a <hi type='x'><hi>b</hi></hi>c", "a bc"),
        ('Click <bpt i="1">&lt;b&gt;</bpt>here<ept i="1">&lt;/b&gt;</ept>.', "Click here."),
        ('one <ph x="1">{0}</ph> two', "one two"),
        ("<it pos='begin'>&lt;i&gt;</it>so", "so"),
        ("a<ph>&lt;a title='<sub>another text</sub>'&gt;</ph>b", "ab"),
        ("a<ph><sub>b<hi>c</hi><ph>d</ph></sub></ph>e", "ae"),
        ("one<ph>&lt;br/&gt;</ph>two", "one two"),
        ("one<ph type='lb'/>two", "one two"),
        ("one<ut>\\line </ut>two<ut>{\\cf1 </ut>s", "one twos"),
        ("\n   one\n   two  three\t", "one two three"),
        ("a\u00a0b \u2028c", "a\u00a0b \u2028c"),
        ("<![CDATA[a < b]]> &amp; &#x263A;", "a < b & ☺"),
        ("a<!-- no --><?pi no?>b", "ab"),
        ("", ""),
    ],
)
def test_what_of_a_segment_is_text(write, sides, segment: str, text: str) -> None:
    write("x.tmx", tmx(tuv("en", segment) + DE, EN + DE))
    assert sides("x.tmx") == [(text, "ja"), ("yes", "ja")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "koi8-r"])
def test_encodings(write, sides, encoding: str) -> None:
    word = "да" if encoding == "koi8-r" else "grün"
    head = f'<?xml version="1.0" encoding="{encoding.replace("-sig", "")}"?>'
    write("x.tmx", tmx(EN + tuv("de", word), head=head).encode(encoding))
    assert sides("x.tmx") == [("yes", word)]


def test_a_file_may_have_been_converted_since_it_said_its_encoding(write, sides) -> None:
    head = '<?xml version="1.0" encoding="UTF-16"?>'
    for encoding in ("utf-8", "utf-8-sig"):
        write("x.tmx", tmx(EN + tuv("de", "grün"), head=head).encode(encoding))
        assert sides("x.tmx") == [("yes", "grün")]


@pytest.mark.parametrize("encoding", ["shift_jis", "none-such", "base64", "idna"])
def test_an_encoding_that_cannot_be_read_is_named(write, complaint, encoding: str) -> None:
    write("x.tmx", tmx(EN + DE, head=f'<?xml version="1.0" encoding="{encoding}"?>'))
    assert complaint("x.tmx") == f"x.tmx: its encoding, '{encoding}', cannot be read. Convert it to UTF-8."


def test_a_doctype_is_fine_and_never_fetched(write, sides, complaint, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tmx14.dtd", "evil.dtd"):
        write(name, '<!ENTITY nbsp "fetched">')
    monkeypatch.setattr("socket.socket", None)  # whoever asks for one fails
    for place in ("tmx14.dtd", "file:evil.dtd", "http://example.org/tmx14.dtd"):
        write("x.tmx", tmx(EN + DE, head=f'<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "{place}">'))
        assert sides("x.tmx") == [("yes", "ja")]
        write("x.tmx", tmx(tuv("en", "a&nbsp;b") + DE, head=f'<!DOCTYPE tmx SYSTEM "{place}">'))
        assert complaint("x.tmx").startswith("x.tmx:4: nothing says what '&nbsp;' stands for: no DTD is fetched.")


@pytest.mark.parametrize(
    "head",
    [
        BILLION,
        '<!DOCTYPE tmx [<!ENTITY a "b">]>\n',
        '<!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n',
        '<!DOCTYPE tmx [<!ENTITY % a SYSTEM "http://example.org/x.dtd"> %a;]>\n',
        '<!DOCTYPE tmx [<!ENTITY a PUBLIC "x" "y" NDATA gif>]>\n',
    ],
)
def test_entities_are_refused(write, complaint, head: str) -> None:
    write("x.tmx", tmx(tuv("en", "&j;" if head is BILLION else "&a;") + DE, head=head))
    assert complaint("x.tmx").startswith("x.tmx:1: declares the entity 'a', which is refused")
    write("x.tmx", tmx(EN + DE, head=head))
    assert complaint("x.tmx").startswith("x.tmx:1: declares the entity 'a', which is refused")


def test_no_other_file_is_included(write, complaint) -> None:
    write("secret", "a secret")
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="secret" parse="text"/>'
    for units in (tuv("en", include) + DE, f"{include}{EN}{DE}", f"{include}".replace(":xi", "").replace("xi:", "")):
        write("x.tmx", tmx(units))
        assert "include> is refused: no other file is read." in complaint("x.tmx")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.tmx:1: cut short (no element found). Fetch or write the file again."),
        (tmx(EN + DE, EN + DE)[:-30], "x.tmx:5: cut short"),
        (tmx(EN + DE, EN + "</tuv>" + DE), "x.tmx:5: damaged XML at column 85 (mismatched tag). Mend it, or export"),
        (tmx(EN + DE, "a & b"), "x.tmx:5: damaged XML at column 8 (not well-formed (invalid token))"),
        (tmx(EN + DE, "&#1;"), "x.tmx:5: damaged XML"),
        (tmx(EN, root="html"), "x.tmx:1: begins with <html>, not with <tmx>."),
        ("yes\tja\n", "x.tmx:1: damaged XML"),
        ("yes", "x.tmx:1: damaged XML at column 1 (syntax error)."),
    ],
)
def test_what_is_damaged_is_placed(write, complaint, text: str, message: str) -> None:
    write("x.tmx", text)
    assert complaint("x.tmx").startswith(message)


@pytest.mark.parametrize("damage", ["", "</tuv>", "&so;"])
def test_what_comes_before_the_damage_is_read(write, damage: str) -> None:
    whole = tmx(*[EN + DE] * 3000)
    write("x.tmx", whole[: len(whole) // 2] + damage + (whole[len(whole) // 2 :] if damage else ""))
    read = 0
    with pytest.raises(DataError, match=r"x\.tmx:150\d: "):
        for read, _ in enumerate(read_corpus("x.tmx", "en", "de"), start=1):  # noqa: B007
            pass
    assert 1490 < read <= 1500


def test_memory_does_not_grow_with_the_file() -> None:
    def peak(units: int) -> int:
        with Path("big.tmx").open("w", encoding="utf-8") as file:
            begin, end = tmx("\n").split("<tu>\n</tu>")
            file.write(begin)
            for number in range(units):
                file.write(f"<tu>\n{tuv('en', f'Sentence {number}.')}{tuv('de', f'Satz {number}.')}</tu>\n")
            file.write(end)
        tracemalloc.start()
        last = None
        for last in read_corpus("big.tmx", "en", "de"):  # noqa: B007
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert last == Pair(f"Sentence {units - 1}.", f"Satz {units - 1}.", f"big.tmx:{2 * units + 2}")
        return most

    small, large = peak(1_000), peak(10_000)
    assert large < 1.2 * small < 4_000_000
