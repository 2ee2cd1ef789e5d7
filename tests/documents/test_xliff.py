"""Which targets of an XLIFF file are filled, with what, and what is refused."""

from collections import Counter
from xml.etree import ElementTree

import pytest

from nmt.documents.xliff import Xliff
from nmt.errors import DataError

OLD = '<xliff version="1.2"><file source-language="en" target-language="de"><body>{}</body></file></xliff>'
NEW = '<xliff version="2.1" srcLang="en" trgLang="de"><file><unit>{}</unit></file></xliff>'
MADE = 'state="needs-review-translation" state-qualifier="mt-suggestion"'


def shown(content: str, *translations: str, language: str = "") -> str:
    return Xliff(content.encode(), "a.xlf", language).rendered(translations).decode()


def texts(content: str) -> list[str]:
    return [segment.text for segment in Xliff(content.encode(), "a.xlf").segments()]


@pytest.mark.parametrize(
    ("target", "open"),
    [
        ("", True),
        ("<target/>", True),
        ("<target> </target>", True),
        ('<target state="new">x</target>', True),
        ('<target state="needs-translation">x</target>', True),
        ("<target>a</target>", True),
        ("<target>x</target>", False),
        ('<target state="translated">a</target>', False),
        ('<target state="final">x</target>', False),
        ('<target state="needs-review-translation">x</target>', False),
        ('<target state="signed-off"/>', True),
    ],
)
def test_only_what_is_not_translated_is(target: str, open: bool) -> None:
    assert bool(texts(OLD.format(f"<trans-unit><source>a</source>{target}</trans-unit>"))) == open


@pytest.mark.parametrize(
    ("segment", "open"),
    [("", True), (' state="initial"', True), (' state="translated"', False), (' state="final"', False)],
)
def test_states_of_version_2(segment: str, open: bool) -> None:
    content = NEW.format(f"<segment{segment}><source>a</source>{'<target>b</target>' if segment else ''}</segment>")
    assert bool(texts(content)) == open
    if open:
        assert '<segment state="translated"><source>a</source><target>C</target></segment>' in shown(content, "C")


@pytest.mark.parametrize(
    "unit",
    [
        '<trans-unit translate="no"><source>a</source></trans-unit>',
        '<trans-unit approved="yes"><source>a</source></trans-unit>',
        '<group translate="no"><trans-unit><source>a</source></trans-unit></group>',
        "<trans-unit><source/></trans-unit>",
        '<trans-unit><source>a</source><target state="final">b</target><alt-trans/></trans-unit>',
        '<x:trans-unit xmlns:x="y"><x:source>a</x:source></x:trans-unit>',
    ],
)
def test_what_stays(unit: str) -> None:
    content = OLD.format(unit)
    assert texts(content) == [] and shown(content) == content


@pytest.mark.parametrize(
    ("unit", "translation", "right"),
    [
        ("<source>a</source>", "b &", f"<source>a</source><target {MADE}>b &amp;</target>"),
        (
            "\n <source>a</source>\n <note>n</note>",
            "b",
            f"\n <source>a</source>\n <target {MADE}>b</target>\n <note>n</note>",
        ),
        (
            "<source>a</source><target xml:lang='de' state='new'/>",
            "b",
            f"<source>a</source><target xml:lang='de' {MADE}>b</target>",
        ),
        (
            "<source>a</source><target y=\" state='new'\"/>",
            "b",
            f"<source>a</source><target y=\" state='new'\" {MADE}>b</target>",
        ),
        (
            "<source> a <x id='1'/> </source>",
            "b",
            f"<source> a <x id='1'/> </source><target {MADE}> b <x id='1'/> </target>",
        ),
        (
            "<source>a <g id='1'>b</g></source>",
            "c",
            f"<source>a <g id='1'>b</g></source><target {MADE}>c<g id='1'></g></target>",
        ),
    ],
)
def test_targets(unit: str, translation: str, right: str) -> None:
    wrapped = OLD.format(f"<trans-unit>{unit}</trans-unit>")
    assert shown(wrapped, translation) == OLD.format(f"<trans-unit>{right}</trans-unit>")


def test_what_has_no_words_is_copied_and_what_has_no_translation_left() -> None:
    content = OLD.format(
        "<trans-unit><source>1 <x id='1'/></source></trans-unit><trans-unit><source>a</source></trans-unit>"
    )
    assert shown(content, "").count("<target") == 1 and f"<target {MADE}>1 <x id='1'/></target>" in shown(content, "")


@pytest.mark.parametrize(
    ("source", "right"),
    [
        ("a <bpt id='1'>[</bpt>b<ept id='1'>]</ept> c", "a <x0>b</x0> c"),
        ("a <bx id='1' rid='7'/>b<ex id='2' rid='7'/> c", "a <x0>b</x0> c"),
        ("a <ph id='1'>x <sub>y</sub></ph> c", "a <x0/> c"),
        ("a <mrk mtype='protected'>b <g id='1'>c</g></mrk> d", "a <x0/> d"),
        ("a <mrk mtype='x-term'>b</mrk> d", "a <x0>b</x0> d"),
        ("a <g id='1'><bpt id='2'/>b</g><ept id='2'/> c", "a <x0><x1/>b</x0><x3/> c"),
        ("a <g id='1'/> b&#233;<![CDATA[<c>]]>", "a <x0/> bé<c>"),
    ],
)
def test_inline_elements_are_tags(source: str, right: str) -> None:
    content = OLD.format(f"<trans-unit><source>{source}</source></trans-unit>")
    assert texts(content) == [right]
    root = ElementTree.fromstring(shown(content, "Z. A"))
    tags = [Counter((tag.tag, tag.get("id")) for tag in root.find(f".//{name}") or []) for name in ("source", "target")]
    assert tags[0] == tags[1]


def test_version_2_pairs_codes_by_their_references() -> None:
    content = NEW.format(
        "<segment><source>a <sc id='1'/>b<ec startRef='1'/> <pc id='2'>c</pc><ph id='3'/> d</source></segment>"
    )
    assert texts(content) == ["a <x0>b</x0> <x2>c</x2><x4/> d"]


def test_segmented_units_stay_segmented() -> None:
    segments = "<mrk mtype='seg' mid='1'>a.</mrk> <mrk mtype='seg' mid='2'>b.</mrk>"
    content = OLD.format(f"<trans-unit><source>a. b.</source><seg-source> {segments}\n</seg-source></trans-unit>")
    assert texts(content) == ["a.", "b."]
    right = f"<target {MADE}> {segments.replace('a.', 'A.').replace('b.', 'B.')}\n</target></trans-unit>"
    assert shown(content, "A.", "B.") == content.replace("</trans-unit>", right)


def test_the_language_is_said_where_it_is_missing_and_told_where_it_differs() -> None:
    content = OLD.format("<trans-unit><source>a</source></trans-unit>")
    bare = content.replace(' target-language="de"', "")
    assert shown(bare, "b", language="de").startswith(
        '<xliff version="1.2"><file source-language="en" target-language="de">'
    )
    assert 'trgLang="fr"' in shown(
        NEW.format("<segment><source>a</source></segment>").replace(' trgLang="de"', ""), "b", language="fr"
    )
    assert Xliff(content.encode(), "a.xlf", "de_AT").notes == []
    assert Xliff(content.encode(), "a.xlf", "fr").notes == [
        "a.xlf:1: target-language is de, but the model translates to fr"
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "iso-8859-1", "utf-8-sig"])
def test_encodings_are_kept(encoding: str) -> None:
    declared = encoding.removesuffix("-be").removesuffix("-sig")
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    text = f'{mark}<?xml version="1.0" encoding="{declared}"?>' + OLD.format(
        "<trans-unit><source>ä</source></trans-unit>"
    )
    written = Xliff(text.encode(encoding), "a.xlf").rendered(["ü →"])
    arrow = "→" if "utf" in encoding else "&#8594;"
    assert written.decode(encoding) == text.replace("</source>", f"</source><target {MADE}>ü {arrow}</target>")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><xliff version="1.2">&a;</xliff>', "a.xlf: declares entities"),
        (
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xliff version="1.2">&a;</xliff>',
            "a.xlf: declares entities",
        ),
        ("<xliff version='1.2'>\n<file></xliff>", "a.xlf:2: not XML: mismatched tag"),
        ("<xliff version='1.2'>&a;</xliff>", "a.xlf:1: not XML: undefined entity"),
        ("<html/>", "a.xlf: no XLIFF of version 1 or 2"),
        ("<xliff version='3.0'/>", "a.xlf: no XLIFF of version 1 or 2"),
        ("<xliff version='1.2'>" + "<group>" * 300 + "</group>" * 300 + "</xliff>", "a.xlf: more than 200 elements"),
    ],
)
def test_what_is_refused(content: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        Xliff(content.encode(), "a.xlf")
