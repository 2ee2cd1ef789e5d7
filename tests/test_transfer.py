"""A training that begins from a model: the same function at first, with room for more pieces."""

import re
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from nmt.checkpoint import ModelFolder, Tokenizers
from nmt.errors import ConfigError, DataError, ModelFolderError
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import BOS, EOS, Config
from nmt.settings import Tokenizer as Settings
from nmt.text.tokenizer import KINDS, SPACE, Tokenizer, train_tokenizer
from nmt.transfer import MANY, Lender, Parent, grow, misfit

OLD = ["one two three.", "two houses stand here", "the old tree falls! down", "here, one house fell", "Who is there?"]
NEW = (Path(__file__).parents[1] / "data" / "train.de").read_text("utf-8").splitlines()[:200]
ASKED = ["one house", "Äpfel fallen", "", "the end?", f"a {SPACE} b", "👍"]


@pytest.fixture(scope="module", params=KINDS)
def small(request: pytest.FixtureRequest) -> Tokenizer:
    return train_tokenizer(OLD, Settings(kind=request.param, size=300), lambda text: None)


def test_a_grown_vocabulary_keeps_its_numbers_and_spells_the_new_text_in_fewer_pieces(
    small: Tokenizer,
) -> None:
    grown = grow(small, NEW, Settings(size=small.size + 12), pytest.fail)
    assert grown.size == small.size + 12
    assert grown.pieces(range(small.size)) == small.pieces(range(small.size))
    assert len(set(grown.pieces(range(grown.size)))) == grown.size
    shorter = [sum(map(len, each.encode_all(NEW))) for each in (grown, small)]
    assert shorter[0] < shorter[1]
    for text in ASKED + OLD + NEW[:20]:
        assert grown.decode(grown.encode(text)) == text


def test_it_grows_by_what_there_is(small: Tokenizer) -> None:
    said: list[str] = []
    wanted = Settings(size=small.size + 5000)
    grown = grow(small, NEW, wanted, said.append)
    assert small.size < grown.size < wanted.size and f"{grown.size - small.size} new pieces, not 5000" in said[0]
    with pytest.raises(DataError):
        grow(small, [], wanted, said.append)


@pytest.mark.parametrize("fewer", [0, 5])
def test_a_vocabulary_that_is_as_large_already_stays_and_that_is_told(small: Tokenizer, fewer: int) -> None:
    said: list[str] = []
    assert grow(small, NEW, Settings(size=small.size - fewer), said.append) is small
    assert len(said) == 1 and said[0].startswith(f"The vocabulary has {small.size} pieces already")


@pytest.mark.parametrize("joint", ["true", "false"])
def test_a_training_tells_of_a_vocabulary_that_does_not_fit_wherever_the_text_is(
    family, monkeypatch, joint: str
) -> None:
    monkeypatch.setattr("nmt.transfer.JUDGED", 20)
    parent, config = family(f"tokenizer.joint={joint}")
    for text, told in ((OLD * 60 + NEW + NEW, 1), (OLD * 60, 0)):
        said: list[str] = []
        backwards = text if config.tokenizer.joint else [line[::-1] if line in OLD else line for line in text]
        parent.tokenizers(config, [text, backwards], said.append)
        assert len(said) == told


@pytest.mark.parametrize("kind", KINDS)
def test_a_vocabulary_that_does_not_fit_the_text_is_told_with_one_that_does(kind: str) -> None:
    own = Settings(kind=kind, size=300)
    small = train_tokenizer(OLD, own, lambda text: None)
    assert misfit(Tokenizers(small, small), [OLD, OLD[:1]], own) == ""
    said = misfit(Tokenizers(small, small), [NEW, NEW], own)
    ratio, size = re.findall(r"in ([0-9.]+) times .* tokenizer\.size=([0-9]+) ", said)[0]
    assert float(ratio) > MANY and int(size) > own.size >= small.size
    alone = misfit(Tokenizers(small, small), [NEW, NEW], own, "leave it")
    assert f" in {ratio} times as many " in alone and alone.endswith("takes longer: leave it.")
    grown = grow(small, NEW, replace(own, size=int(size)), lambda text: None)
    assert misfit(Tokenizers(grown, grown), [NEW, NEW], replace(own, size=int(size))) == ""


@pytest.fixture
def family(make_config: Callable[..., Config], tmp_path: Path) -> Callable[..., tuple[Parent, Config]]:
    """A parent's folder with random weights, whose tokenizers know the old text, and its settings."""

    def make(*words: str) -> tuple[Parent, Config]:
        config = make_config("tokenizer.size=300", "data.source=en", "data.target=de", *words)
        sides = [OLD + OLD] if config.tokenizer.joint else [OLD, [line[::-1] for line in OLD]]
        made = [train_tokenizer(side, config.tokenizer, lambda text: None) for side in sides]
        folder, tokenizers = ModelFolder(tmp_path / "parent"), Tokenizers(made[0], made[-1])
        folder.create(config, tokenizers)
        torch.manual_seed(1)
        folder.save_weights(dict(folder.build(config, tokenizers).named_parameters()), {})
        return Parent.open(folder.path), config

    return make


def scores(model: Seq2Seq, tokenizers: Tokenizers) -> torch.Tensor:
    """Of two sentences in the pieces of these tokenizers, which may be another model's."""
    source, target = tokenizers.source.encode(OLD[1]), tokenizers.target.encode(OLD[2])
    with torch.no_grad():
        out = model.eval()(
            torch.tensor([[*source, EOS]]), torch.ones(1, len(source) + 1).bool(), torch.tensor([[BOS, *target]])
        )
    return out.scores


TIES = [["model.tie=none"], ["model.tie=all"], ["model.tie=target"], ["tokenizer.joint=false"]]


@pytest.mark.parametrize("words", TIES, ids=" ".join)
def test_a_child_begins_as_its_parent_whatever_it_grows_by(family, make_config, words: list[str]) -> None:
    words = ["attention.align=soft", *words]  # the odds of a mixture's old pieces hang a little on the new ones
    parent, config = family(*words)
    old = parent.folder.tokenizers()
    model = parent.folder.model(torch.device("cpu"))
    bigger = make_config("tokenizer.size=309", "data.source=en", "data.target=de", *words)
    for wanted, grows in ((config, False), (bigger, True)):
        parent.check(wanted)
        tokenizers = parent.tokenizers(wanted, [NEW, NEW], lambda text: None)
        assert [each.size for each in tokenizers] == [309 if grows else each.size for each in old]
        assert (tokenizers.source is tokenizers.target) == config.tokenizer.joint
        torch.manual_seed(2)
        child = parent.child(wanted, tokenizers)
        assert torch.allclose(scores(child, old)[..., : old.target.size], scores(model, old), atol=1e-6)
        if grows:  # a new piece stands where those stood that it is made of
            piece = tokenizers.source.pieces([old.source.size])[0]
            spelled = old.source.encode(piece.removeprefix(SPACE))
            if piece.startswith(SPACE):
                mean = model.source_embedding.weight[spelled].mean(0)
                assert torch.allclose(child.source_embedding.weight[old.source.size], mean, atol=1e-6)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["encoder.size=8"], "where encoder.size is 4, not 8"),
        (["tokenizer.kind=bpe"], "where tokenizer.kind is 'unigram', not 'bpe'"),
        (["attention.copy=true"], "where attention.copy is False"),
        (["data.source=de", "data.target=en"], "translates en to de, not the other way"),
    ],
)
def test_a_child_of_another_shape_is_refused(family, make_config, words: list[str], says: str) -> None:
    parent, _ = family()
    with pytest.raises(ConfigError, match=says):
        parent.check(make_config("data.source=en", "data.target=de", *words))


def test_dropout_languages_and_schedules_are_the_childs_own(family, make_config) -> None:
    parent, _ = family()
    free = ["dropout.word=0.1", "training.lr=1", "data.source=fr", "data.target=de", "tokenizer.sampling=0.2"]
    parent.check(make_config(*free))


APART = ["tokenizer.joint=false", "model.tie=none"]


@pytest.mark.parametrize("languages", [("en", "de"), ("fr", "de"), ("", "")])
def test_pieces_are_lent_as_they_are(family, make_config, languages: tuple[str, str]) -> None:
    words = [*APART, *(f"data.{key}={each}" for key, each in zip(("source", "target"), languages, strict=True) if each)]
    parent, config = family(*APART)
    lender, wanted = Lender(parent.folder), make_config("tokenizer.size=300", *words)
    lender.check(wanted)
    same = lender.tokenizers(wanted, [OLD, OLD], lambda text: None)
    assert [each.model for each in same] == [each.model for each in parent.folder.tokenizers()]
    assert lender.settings() == {key: value for key, value in asdict(config.tokenizer).items() if key != "sampling"}


def test_a_joint_vocabulary_is_lent_to_the_other_direction_and_pieces_of_one_side_are_not(family, make_config) -> None:
    back = ["tokenizer.size=300", "data.source=de", "data.target=en"]
    Lender(family()[0].folder).check(make_config(*back))
    with pytest.raises(ConfigError, match=r"translates en to de\. Take a model of this direction"):
        Lender(family(*APART)[0].folder).check(make_config(*back, *APART))


def test_a_lender_of_no_languages_is_not_the_other_way_round(make_config, tmp_path: Path) -> None:
    config, folder = make_config("tokenizer.size=300", *APART), ModelFolder(tmp_path)
    folder.create(config, Tokenizers(*(train_tokenizer(OLD, config.tokenizer, lambda text: None) for _ in range(2))))
    Lender.open(tmp_path).check(config)


def test_a_lender_without_its_pieces_is_refused(family, make_config) -> None:
    parent, config = family()
    (parent.folder.path / "joint.model").unlink()
    with pytest.raises(ModelFolderError, match=r"joint\.model"):
        Lender(parent.folder).check(config)


def test_what_is_written_down_tells_parents_apart(family) -> None:
    parent, config = family()
    before = parent.facts()
    assert before["names"] == [str(parent.folder.path)] and len(before["sha256"]) == 64
    torch.manual_seed(5)
    parent.folder.save_weights(dict(parent.folder.build(config, parent.folder.tokenizers()).named_parameters()), {})
    assert parent.facts()["sha256"] != before["sha256"]


def test_a_child_is_not_built_that_its_parents_weights_do_not_fill(family) -> None:
    parent, config = family()
    boast = replace(config, encoder=replace(config.encoder, size=2000, layers=2))
    with pytest.raises(ModelFolderError, match=r"it holds [\d,]+ weights, but config\.toml wants more"):
        parent.child(boast, parent.folder.tokenizers())
