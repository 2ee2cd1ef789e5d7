"""Files of localization, versions 1.2 and 2."""

import pytest

from nmt.text.readers import Pair, read_corpus


def one(*units: str, target: str = 'target-language="de-DE"', source: str = "en-US") -> str:
    body = "\n".join(units)
    return (
        '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">\n'
        f'<file source-language="{source}" {target} original="x"><header/><body>\n{body}\n</body></file></xliff>'
    )


def two(*segments: str, attributes: str = "") -> str:
    body = "\n".join(f"<unit id='{n}' {attributes}>{segment}</unit>" for n, segment in enumerate(segments))
    return (
        '<?xml version="1.0"?>\n<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en" '
        f'trgLang="de"><file id="f">\n{body}\n</file></xliff>'
    )


def unit(source: str, target: str, attributes: str = "") -> str:
    return f'<trans-unit id="1" {attributes}><source>{source}</source>{target}</trans-unit>'


YES = unit("yes", "<target>ja</target>")


def test_both_versions_give_pairs_and_lines(write) -> None:
    write("x.xlf", one(YES, "<group>", YES + "</group>"))
    assert list(read_corpus("x.xlf", "en", "de")) == [Pair("yes", "ja", "x.xlf:3"), Pair("yes", "ja", "x.xlf:5")]
    segment = "<segment><source>yes</source><target>ja</target></segment>"
    write("x.xliff", two(segment + "<ignorable><source> </source></ignorable>\n" + segment))
    assert list(read_corpus("x.xliff", "", "")) == [Pair("yes", "ja", "x.xliff:3"), Pair("yes", "ja", "x.xliff:4")]


def test_units_without_a_translation_are_skipped_and_counted(write, sides, skipped) -> None:
    units = [
        YES,
        unit("a", ""),
        unit("b", "<target/>"),
        unit("c", '<target state="needs-translation">c</target>'),
        unit("d", '<target state="translated">D</target>'),
        unit("e", "<target>e</target>", 'translate="no"'),
    ]
    write("x.xlf", one(*units))
    assert sides("x.xlf") == [("yes", "ja"), ("d", "D")]
    assert skipped("x.xlf") == [
        *(f"untranslated x.xlf:{line}" for line in (4, 5, 6)),
        "not to be translated x.xlf:8",
    ]
    segment = "<segment><source>a</source><target>b</target></segment>"
    write("x.xlf", two(segment, attributes='translate="no"'))
    assert (sides("x.xlf"), skipped("x.xlf")) == ([], ["not to be translated x.xlf:3"])


def test_other_sources_and_targets_are_no_pair(write, sides) -> None:
    inner = '<seg-source><mrk mtype="seg">yes</mrk></seg-source><target>ja</target>'
    other = "<alt-trans><source>so</source><target>naja</target></alt-trans><note>no</note>"
    write("x.xlf", one(unit("yes", inner + other), unit("no", other)))
    assert sides("x.xlf") == [("yes", "ja")]
    matches = "<mtc:matches xmlns:mtc='m'><mtc:match><source>x</source><target>y</target></mtc:match></mtc:matches>"
    write("x.xlf", two(f"{matches}<segment><source>yes</source><target>ja</target></segment>"))
    assert sides("x.xlf") == [("yes", "ja")]


def test_a_prefix_is_no_matter(write, sides) -> None:
    text = one(YES).replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
    write("x.xlf", text)
    assert sides("x.xlf") == [("yes", "ja")]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('a <g id="1">b</g><x id="2"/> c', "a b c"),
        ('<bpt id="1">&lt;b&gt;</bpt>a<ept id="1">&lt;/b&gt;</ept>', "a"),
        ('a<x id="1" ctype="lb"/>b', "a b"),
        ('a <ph id="1">%s<sub>x</sub></ph> b', "a b"),
        ('<mrk mtype="seg">One.</mrk> <mrk mtype="seg">Two.</mrk>', "One. Two."),
        ('<pc id="1">a</pc><sc id="2"/>b<ec startRef="2"/><sm id="3"/>', "ab"),
        ('a<ph id="1" type="fmt" subType="xlf:lb"/>b', "a b"),
        ('a<cp hex="0001"/><cp hex="D800"/><cp hex="x"/>', "a\x01"),
    ],
)
def test_inline_codes_are_dropped(write, sides, text: str, plain: str) -> None:
    for make in (
        one(unit(text, "<target>t</target>")),
        two(f"<segment><source>{text}</source><target>t</target></segment>"),
    ):
        write("x.xlf", make)
        assert sides("x.xlf") == [(plain, "t")]


def test_languages_are_those_of_the_file_in_either_direction(write, sides, complaint, skipped) -> None:
    write("x.xlf", one(YES))
    for languages in (("", ""), ("en", "de"), ("EN-us", "de-DE"), ("en", ""), ("", "de")):
        assert sides("x.xlf", *languages) == [("yes", "ja")]
    assert sides("x.xlf", "de", "en") == [("ja", "yes")]
    assert complaint("x.xlf", "en", "fr") == (
        "x.xlf: is from en-US to de-DE, not from en to fr. Check --source and --target."
    )
    write("x.xlf", one(YES, target=""))
    assert sides("x.xlf", "en", "fr") == [("yes", "ja")]
    assert "from en-US to ?" in complaint("x.xlf", "it", "fr")
    write("x.xlf", one(YES).replace("</xliff>", one(YES, target='target-language="fr"').partition("\n")[2]))
    assert sides("x.xlf", "en", "fr") == [("yes", "ja")]
    assert skipped("x.xlf", "en", "fr") == ["in other languages x.xlf:3"]
    assert "is from en-US to de-DE; from en-US to fr, not" in complaint("x.xlf", "en", "it")


def test_what_is_no_xliff_or_dangerous_is_refused(write, complaint) -> None:
    write("x.xlf", "<html></html>")
    assert complaint("x.xlf") == "x.xlf:1: begins with <html>, not with <xliff>. Give another file."
    write("x.xlf", '<!DOCTYPE xliff [<!ENTITY a "b">]>' + one(YES))
    assert complaint("x.xlf").startswith("x.xlf:1: declares the entity 'a'")
    write("x.xlf", one(YES)[:-20])
    assert complaint("x.xlf").startswith("x.xlf:4: cut short")
