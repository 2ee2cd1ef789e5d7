"""Messages of programs, as gettext keeps them."""

import sys

import pytest

from nmt.text.readers import Pair, read_corpus

PLURALS = {
    "de": "nplurals=2; plural=(n != 1);",
    "ja": "nplurals=1; plural=0;",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "ar": "nplurals=3; plural=n==0 ? 0 : n==1 ? 1 : 2;",
}


def po(*entries: str, language: str = "de", charset: str = "UTF-8") -> str:
    header = f'"Language: {language}\\n"\n' if language else ""
    plurals = f'"Plural-Forms: {PLURALS.get(language, "nonsense")}\\n"\n'
    head = f'msgid ""\nmsgstr ""\n{header}"Content-Type: text/plain; charset={charset}\\n"\n{plurals}'
    return "\n".join([head, *entries])


def entry(source: str, target: str, before: str = "") -> str:
    return f'{before}msgid "{source}"\nmsgstr "{target}"\n'


def test_messages_and_their_translations_are_pairs(write) -> None:
    long = '#: file.c:3\nmsgctxt "menu"\nmsgid ""\n"two "\n"parts\\n"\nmsgstr ""\n"zwei "\n"\\"Teile\\"\\n"\n'
    write("x.po", po(entry("yes", "ja"), long))
    assert list(read_corpus("x.po", "en", "de")) == [
        Pair("yes", "ja", "x.po:7"),
        Pair("two parts", 'zwei "Teile"', "x.po:10"),
    ]


def test_what_is_no_translation_is_skipped_and_counted(write, sides, skipped) -> None:
    write(
        "x.po",
        po(
            entry("a", "A", "#, fuzzy, c-format\n"),
            entry("b", ""),
            entry("c", "C", "#, c-format\n"),
            '#~ msgid "d"\n#~ msgstr "D"\n',
        ),
    )
    assert sides("x.po") == [("c", "C")]
    assert skipped("x.po") == ["fuzzy x.po:7", "untranslated x.po:11", "obsolete x.po:18"]


@pytest.mark.parametrize(
    ("language", "forms", "pairs"),
    [
        ("de", ["Datei", "Dateien"], [("file", "Datei"), ("files", "Dateien")]),
        ("ja", ["ファイル"], [("files", "ファイル")]),
        ("ru", ["файл", "файла", "файлов"], [("file", "файл"), ("files", "файла"), ("files", "файлов")]),
        ("ar", ["صفر", "ملف", "ملفات"], [("files", "صفر"), ("file", "ملف"), ("files", "ملفات")]),
        ("de", ["Datei", ""], [("file", "Datei")]),
        ("de", ["", ""], []),
        ("xx", ["a", "b"], [("file", "a"), ("files", "b")]),
    ],
)
def test_plurals_are_pairs(write, sides, language: str, forms: list[str], pairs: list) -> None:
    forms_written = "".join(f'msgstr[{number}] "{form}"\n' for number, form in enumerate(forms))
    write("x.po", po(f'msgid "file"\nmsgid_plural "files"\n{forms_written}', language=language))
    assert sides("x.po", "en", language) == pairs


def test_the_language_in_the_header_is_checked(write, sides, complaint) -> None:
    write("x.po", po(entry("yes", "ja"), language="de_AT"))
    for languages in (("en", "de"), ("", ""), ("en", "de-AT"), ("en", "")):
        assert sides("x.po", *languages) == [("yes", "ja")]
    assert sides("x.po", "de", "en") == [("ja", "yes")]
    assert complaint("x.po", "en", "fr") == (
        "x.po: its header says that it is a translation into de_AT, not fr. Check --source and --target."
    )
    write("x.po", po(entry("yes", "oui"), language=""))
    assert sides("x.po", "en", "fr") == [("yes", "oui")]
    write("x.po", entry("yes", "oui"))
    assert sides("x.po", "en", "fr") == [("yes", "oui")]


def test_only_a_line_feed_ends_a_line(write) -> None:
    write("x.po", po(entry("a\u2028b\x85c", "d\x0ce"), entry("yes", "ja")).replace("\n", "\r\n"))
    assert list(read_corpus("x.po", "en", "de")) == [
        Pair("a\u2028b\x85c", "d\x0ce", "x.po:7"),
        Pair("yes", "ja", "x.po:10"),
    ]


def test_charsets(write, sides, complaint) -> None:
    write("x.po", po(entry("green", "grün"), charset="ISO-8859-1").encode("latin-1"))
    assert sides("x.po") == [("green", "grün")]
    write("x.po", po(entry("green", "緑"), language="ja", charset="EUC-JP").encode("euc-jp"))
    assert sides("x.po", "en", "ja") == [("green", "緑")]
    write("x.po", po(entry("green", "grün"), charset="CHARSET"))
    assert sides("x.po") == [("green", "grün")]
    write(
        "x.po",
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=latin-1\\n"\n\nmsgid "a"\nmsgstr "\xfc"'.encode("latin-1"),
    )
    assert sides("x.po") == [("a", "ü")]
    write("x.po", po(entry("Content-Type: x; charset=latin-1", "ü")).replace("; charset=UTF-8", ""))
    assert sides("x.po") == [("Content-Type: x; charset=latin-1", "ü")]
    write("x.po", po(entry("green", "grün")).encode("latin-1"))
    assert complaint("x.po").startswith("x.po:8: not UTF-8 (byte 0xfc).")
    assert [pair.target for pair in read_corpus("x.po", "en", "de", lenient=True)] == ["gr\udcfcn"]
    for charset in ("none-such", "base64"):
        write("x.po", po(entry("green", "grün"), charset=charset))
        assert complaint("x.po").startswith(f"x.po: its charset, '{charset}', cannot be read.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('msgid "a\nmsgstr "b"', "x.po:1: a quote is missing, or one too many. Mend the line."),
        ('msgid "a"\nmsgstr "b" c', "x.po:2: a quote is missing"),
        ('msgid "a"\nmsgstr "b"c"', "x.po:2: a quote is missing"),
        ("msgid\n", "x.po:1: a quote is missing"),
        ('msgid "a"\nmsgstr "b"\nnonsense\n', "x.po:3: not what gettext writes. Mend the file; msgfmt -c tells more."),
        ('msgstr "b"\n', "x.po:1: not what gettext writes."),
        ('msgid "a"\nmsgstr[x] "b"\n', "x.po:2: not what gettext writes."),
    ],
)
def test_what_gettext_does_not_write_is_placed(write, complaint, text: str, message: str) -> None:
    write("x.po", text)
    assert complaint("x.po").startswith(message)


def test_a_text_is_never_taken_for_the_name_of_a_file(write, complaint) -> None:
    write("y.po", po(entry("yes", "ja")))
    write("x.po", "y.po")
    assert complaint("x.po").startswith("x.po:1: not what gettext writes.")


def test_without_the_library_the_remedy_is_named(write, complaint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polib", None)
    write("x.po", "")
    assert complaint("x.po") == "x.po: needs the polib library. Run `pip install polib`."
