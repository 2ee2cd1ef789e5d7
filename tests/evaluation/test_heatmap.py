"""Heat maps: well-formed, complete, and as dark as the weights."""

import struct
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from nmt.errors import NmtError
from nmt.evaluation.heatmap import png, svg
from nmt.evaluation.readings import Sentence, Unit

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>x</script> & \"quoted' \x00\x1b[2J \ud800 \ufffe ]]> &#0; \u202eevil"


def texts(document: str) -> list[str]:
    return [(node.text or "").strip("\u200f") for node in ElementTree.fromstring(document).iter(f"{SVG}text")]


def test_every_word_is_text_beside_its_row_or_above_its_column(make_sentence) -> None:
    sentence = make_sentence("a dog بيت sleeps.", ["der Hund 犬", "Hund"], ["البيت."])
    drawn = texts(svg(sentence))
    for unit in sentence.units:
        for reading in unit.readings:
            assert {*reading.source, *reading.target} <= set(drawn)
    assert [text for text in drawn if "score" in text] == [
        "unit0, 1 (score -0.50)", "unit0, 2 (score -0.50)", "unit1 (score -0.50)",
    ]  # fmt: skip
    assert not any("score" in text for text in texts(svg(make_sentence("a", ["b"]))))


def test_a_cell_is_as_opaque_as_its_weight(make_sentence) -> None:
    sentence = make_sentence("a b c d", ["w x y z v"])
    weights = sentence.units[0].readings[0].weights
    cells = next(g for g in ElementTree.fromstring(svg(sentence)).iter(f"{SVG}g") if g.get("class") == "cells")
    drawn = np.zeros_like(weights)
    for cell in cells:
        size = float(cell.get("width", 0))
        drawn[round(float(cell.get("y", 0)) / size), round(float(cell.get("x", 0)) / size)] = cell.get("fill-opacity")
    assert np.allclose(drawn, weights, atol=0.006)


def test_whatever_a_sentence_holds_the_picture_is_well_formed(make_sentence) -> None:
    document = svg(make_sentence(HOSTILE, [HOSTILE, "x"]))
    root = ElementTree.fromstring(document.encode("utf-8"))
    assert not list(root.iter(f"{SVG}script")) and not set(document) & set("\x00\x1b\ud800\ufffe\u202e")
    assert "<script>x</script>" in "".join(texts(document))


def test_what_is_drawn_lies_in_the_picture(make_sentence) -> None:
    root = ElementTree.fromstring(svg(make_sentence("a dog sleeps " + "long" * 20, ["x " + "lang" * 20])))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    assert width > 2 * 80 * 5 and height > 80 * 5  # both long words have room, the one above the columns on its slant


def test_a_text_without_words_is_a_line(unsplit) -> None:
    sentence = Sentence(1, "x", [Unit("m", [unsplit, unsplit._replace(text="w" * 20_000)])])
    assert "so many words" in texts(svg(sentence)) and max(map(len, texts(svg(sentence)))) < 200


def test_a_png_is_as_large_as_the_picture_asks(make_sentence) -> None:
    pytest.importorskip("resvg_py")
    sentence = make_sentence("a dog sleeps.", ["ein Hund schläft."])
    pixels, root = png(sentence), ElementTree.fromstring(svg(sentence))
    assert pixels.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", pixels[16:24])
    assert abs(width - 3 * int(root.get("width", 0))) <= 3 and abs(height - 3 * int(root.get("height", 0))) <= 3


def test_a_huge_png_stays_in_bounds(make_sentence) -> None:
    pytest.importorskip("resvg_py")
    width, height = struct.unpack(">II", png(make_sentence("a " * 299 + "a", ["b"]))[16:24])
    assert 1000 < width <= 8001 and height >= 50


def test_without_its_library_a_png_names_the_remedy(make_sentence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(NmtError, match=r"--format png: needs the resvg_py library\. Run `pip install resvg-py`, or"):
        png(make_sentence("a", ["b"]))


def test_without_fonts_a_png_says_so_instead_of_losing_its_words(
    make_sentence, monkeypatch: pytest.MonkeyPatch
) -> None:
    resvg = pytest.importorskip("resvg_py")
    monkeypatch.setattr(resvg, "svg_to_bytes", lambda **_: b"blank")
    with pytest.raises(NmtError, match=r"none of these fonts is here: .* Install one, or take --format svg"):
        png(make_sentence("a", ["b"]))
