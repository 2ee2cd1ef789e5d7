"""The pairs aligned by hand: well formed, within their sentences, complete, and of no corpus."""

from pathlib import Path

from nmt.evaluation.alignment import alignment_error, check_range, parse_gold

DATA = Path(__file__).parents[1] / "data"
ENGLISH, GERMAN, LINKS = (
    (DATA / f"aligned.{name}").read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    for name in ("en", "de", "gold")
)
GOLD = [parse_gold(line, f"aligned.gold:{number}") for number, line in enumerate(LINKS, start=1)]
MAY_STAND_ALONE = {"of", "their"}  # function words; everything else has a link, at least a possible one


def core(word: str) -> str:
    return word.strip(".,?!").lower()


def test_three_files_of_sixty_lines() -> None:
    assert len(ENGLISH) == len(GERMAN) == len(LINKS) == 60
    assert len({*ENGLISH}) == len({*GERMAN}) == 60
    for line in (*ENGLISH, *GERMAN):
        assert line == " ".join(line.split()) and line[0].isupper() and line.endswith((".", "?", "!"))
        assert 5 <= len(line.split()) <= 18


def test_links_are_in_order_once_and_within_their_sentences() -> None:
    for number, (line, gold, english, german) in enumerate(zip(LINKS, GOLD, ENGLISH, GERMAN, strict=True), start=1):
        check_range(gold.possible, len(english.split()), len(german.split()), f"aligned.gold:{number}")
        pairs = [tuple(map(int, word.replace("?", "-").split("-"))) for word in line.split(" ")]
        assert pairs == sorted(set(pairs)), number


def test_every_content_word_has_a_link() -> None:
    for number, (gold, english, german) in enumerate(zip(GOLD, ENGLISH, GERMAN, strict=True), start=1):
        for side, words in enumerate((english.split(), german.split())):
            alone = {core(words[k]) for k in {*range(len(words))} - {link[side] for link in gold.possible}}
            assert alone <= MAY_STAND_ALONE, (number, alone)


def test_most_links_are_sure() -> None:
    sure, possible = (sum(len(each) for each in kind) for kind in zip(*GOLD, strict=True))
    assert 0.7 < sure / possible < 0.9
    assert alignment_error([gold.sure for gold in GOLD], GOLD).error == 0


def test_words_spelled_alike_are_linked_surely() -> None:
    for gold, english, german in zip(GOLD, ENGLISH, GERMAN, strict=True):
        for i, word in enumerate(map(core, english.split())):
            for j, other in enumerate(map(core, german.split())):
                if word == other and len(word) > 5:  # Hamburg, restaurant; not "an" and "an"
                    assert (i, j) in gold.sure


def test_no_sentence_is_of_the_corpus() -> None:
    for name, own in (("en", ENGLISH), ("de", GERMAN)):
        for part in ("train", "dev", "test"):
            assert not {*own} & {*(DATA / f"{part}.{name}").read_text("utf-8").split("\n")}


def test_the_readme_tells_how_many() -> None:
    text = (DATA / "README.md").read_text("utf-8")
    sure, possible = (sum(len(each) for each in kind) for kind in zip(*GOLD, strict=True))
    assert f"{sure} sure and {possible - sure} possible links" in text
