"""Which messages of a PO file are filled, how they are written, and what is refused."""

import polib
import pytest

from nmt.documents.po import Po
from nmt.errors import DataError


def shown(content: str, *translations: str) -> str:
    return Po(content.encode(), "a.po").rendered(translations).decode()


def texts(content: str) -> list[str]:
    return [segment.text for segment in Po(content.encode(), "a.po").segments()]


@pytest.mark.parametrize(
    ("content", "right"),
    [
        ('msgid "a"\nmsgstr ""\n', '#, fuzzy\nmsgid "a"\nmsgstr "B"\n'),
        ('#: x\n#, c-format\nmsgid "a"\nmsgstr ""', '#: x\n#, fuzzy, c-format\nmsgid "a"\nmsgstr "B"'),
        ('#, fuzzy\n#| msgid "z"\nmsgid "a"\nmsgstr ""\n', '#, fuzzy\n#| msgid "z"\nmsgid "a"\nmsgstr "B"\n'),
        (
            '#| msgid "z"\nmsgctxt "c"\nmsgid "a"\nmsgstr ""\n',
            '#, fuzzy\n#| msgid "z"\nmsgctxt "c"\nmsgid "a"\nmsgstr "B"\n',
        ),
        ('# c\r\nmsgid "a\\n"\r\nmsgstr ""\r\n', '# c\r\n#, fuzzy\r\nmsgid "a\\n"\r\nmsgstr "B\\n"\r\n'),
        ('msgctxt "c"\nmsgid ""\n"a"\nmsgstr   ""\n', '#, fuzzy\nmsgctxt "c"\nmsgid ""\n"a"\nmsgstr   ""\n"B"\n'),
        ('#, fuzzy\n#~ msgid "o"\n\nmsgid "a"\nmsgstr ""', '#, fuzzy\n#~ msgid "o"\n\n#, fuzzy\nmsgid "a"\nmsgstr "B"'),
        (
            'msgid "a" \nmsgstr "" \nmsgid "c"\nmsgstr "d"\n',
            '#, fuzzy\nmsgid "a" \nmsgstr "B" \nmsgid "c"\nmsgstr "d"\n',
        ),
    ],
)
def test_blank_messages_are_filled_and_fuzzy(content: str, right: str) -> None:
    assert texts(content) == ["a"] and shown(content, "B") == right


@pytest.mark.parametrize(
    "content",
    [
        'msgid "a"\nmsgstr "b"\n',
        '#, fuzzy\nmsgid "a"\nmsgstr "b"\n',
        'msgid ""\nmsgstr ""\n"Language: de\\n"\n',
        'msgid ""\nmsgstr ""\n',
        'msgid "12"\nmsgstr ""\n',
        "# only a comment\n",
        '#~ msgid "a"\n#~ msgstr ""\n',
    ],
)
def test_what_stays(content: str) -> None:
    assert texts(content) == [] and shown(content) == content


def test_plurals() -> None:
    content = 'msgid "one"\nmsgid_plural "many"\nmsgstr[0] ""\nmsgstr[1] "da"\nmsgstr[2] ""\n'
    assert texts(content) == ["one", "many"]
    assert shown(content, "EIN", "VIEL").endswith('msgstr[0] "EIN"\nmsgstr[1] "da"\nmsgstr[2] "VIEL"\n')
    assert shown(content, "EIN", "") == content
    only = 'msgid "one"\nmsgid_plural "many"\nmsgstr[0] ""\n'
    assert texts(only) == ["many"] and shown(only, "VIEL").endswith('msgstr[0] "VIEL"\n')


def test_lines_of_a_message_are_segments_and_long_ones_are_wrapped() -> None:
    words = "word " * 30
    content = f'msgid ""\n"Usage:\\n"\n"  -a, --all   {words}\\n"\n"\\n"\n"a \\"b\\"\\t\\\\ c"\nmsgstr ""\n'
    assert texts(content) == ["Usage:", f"-a, --all {words.strip()}", 'a "b" \\ c']
    written = shown(content, "BENUTZUNG:", f"-a {words.strip()}", 'A "B" \\ C')
    assert all(len(line) <= 80 for line in written.partition("msgstr")[2].split("\n"))
    assert polib.pofile(written)[0].msgstr == f'BENUTZUNG:\n  -a {words}\n\nA "B" \\ C'


@pytest.mark.parametrize("text", ['quote " \\ back', "tab\there", "é ü 中", "%s {0} %(a)d", " lead", "trail "])
def test_any_text_is_read_again(text: str) -> None:
    content = f'msgid "{polib.escape("Word" + text + "word")}"\nmsgstr ""\n'
    written = shown(content, *(line.replace("Word", "Wort") for line in texts(content)))
    assert polib.pofile(written)[0].msgstr.split() == ("Wort" + text + "word").split()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('msgid "a\nmsgstr ""\n', "a.po:1: no line of a PO file"),
        ('"a"\n', "a.po:1: no line of a PO file"),
        ('\nmsgid "a"\n', "a.po:2: a message without msgid or without msgstr"),
        ("hello\n", "a.po:1: no line of a PO file: hello"),
        ('msgid "a"\nmsgid "b"\nmsgstr ""\n', "a.po:2: a second msgid in one message"),
        (
            'msgid ""\nmsgstr "Content-Type: text/plain; charset=ISO-8859-1\\n"\n',
            "a.po: its charset is ISO-8859-1.*msgconv",
        ),
        (
            'msgid ""\nmsgstr "Content-Type: text/plain; charset=klingon\\n"\n',
            "a.po: the encoding 'klingon' is not known",
        ),
    ],
)
def test_what_is_refused(content: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        Po(content.encode(), "a.po")
    Po(b'msgid ""\nmsgstr "Content-Type: text/plain; charset=CHARSET\\n"\n', "a.pot")
