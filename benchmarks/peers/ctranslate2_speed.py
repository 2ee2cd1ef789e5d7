"""CTranslate2's speed with a Transformer of random weights; runs in its own environment, called by translate_speed.py.

CTranslate2 takes no recurrent model, so a Transformer of our model's size stands for it. Its weights mean nothing: that
does not matter for speed as long as the length of the output is fixed. The request is one JSON object:

    {"model": FOLDER, "shape": {"size": 256, "inner": 1024, "heads": 4, "layers": 3}, "pieces": 5000,
     "sources": FILE of lists of ids, "steps": 17, "beam": 5, "workers": 2, "threads": 1, "latency_lines": 0}
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from ctranslate2.specs import TransformerSpec

SPECIAL = ["<unk>", "<blank>", "<s>", "</s>"]
LONGEST = 512  # positions
BATCH = 32  # sentences; its best on two cores


class RandomTransformer:
    """Fills the specification of a Transformer with random weights and counts them."""

    def __init__(self, shape: dict[str, int], pieces: int) -> None:
        self.size, self.inner, self.pieces = shape["size"], shape["inner"], pieces
        self.random, self.weights = np.random.default_rng(1), 0
        layers = (shape["layers"], shape["layers"])
        self.spec = TransformerSpec.from_config(layers, shape["heads"], pre_norm=True)
        for side in (self.spec.encoder, self.spec.decoder):
            # A source may have several streams of pieces, so that its embeddings are a list; a target has one.
            embeddings = side.embeddings if isinstance(side.embeddings, list) else [side.embeddings]
            embeddings[0].weight = self.matrix(pieces, self.size)
            side.position_encodings.encodings = np.zeros((LONGEST, self.size), np.float32)
            self.norm(side.layer_norm)
            for layer in side.layer:
                self.attention(layer.self_attention, [3, 1])
                if side is self.spec.decoder:
                    self.attention(layer.attention, [1, 2, 1])
                self.norm(layer.ffn.layer_norm)
                self.linear(layer.ffn.linear_0, self.inner, self.size)
                self.linear(layer.ffn.linear_1, self.size, self.inner)
        self.linear(self.spec.decoder.projection, pieces, self.size)

    def matrix(self, rows: int, columns: int) -> Any:
        """Weights that keep the variance of what they are applied to."""
        self.weights += rows * columns
        return (self.random.standard_normal((rows, columns)) / np.sqrt(columns)).astype(np.float32)

    def linear(self, layer: Any, outputs: int, inputs: int) -> None:
        """A matrix and a bias of zeros."""
        layer.weight, layer.bias = self.matrix(outputs, inputs), np.zeros(outputs, np.float32)

    def norm(self, layer: Any) -> None:
        """A layer norm that changes nothing."""
        layer.gamma, layer.beta = np.ones(self.size, np.float32), np.zeros(self.size, np.float32)

    def attention(self, layer: Any, widths: list[int]) -> None:
        """Projections whose outputs are so many times the size: question, keys and values may share one."""
        self.norm(layer.layer_norm)
        for projection, width in zip(layer.linear, widths, strict=True):
            self.linear(projection, width * self.size, self.size)

    def save(self, folder: Path) -> None:
        """Quantise to int8 and write; how many weights there are, with and without tied embeddings, beside it."""
        words = SPECIAL + [str(i) for i in range(len(SPECIAL), self.pieces)]
        self.spec.register_source_vocabulary(words)
        self.spec.register_target_vocabulary(words)
        self.spec.validate()
        self.spec.optimize(quantization="int8")
        folder.mkdir(parents=True, exist_ok=True)
        self.spec.save(str(folder))
        tied = self.weights - 2 * self.pieces * self.size
        (folder / "weights.json").write_text(json.dumps({"weights": self.weights, "weights_if_tied": tied}))


def main() -> None:
    """Answer one request."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--piece", type=json.loads, required=True)
    asked = parser.parse_args().piece
    folder = Path(asked["model"])
    if not (folder / "weights.json").exists():
        RandomTransformer(asked["shape"], asked["pieces"]).save(folder)
    ids = json.loads(Path(asked["sources"]).read_text())
    sources = [[*(str(max(len(SPECIAL), i)) for i in line), "</s>"] for line in ids]
    steps = asked["steps"]
    options = {"beam_size": asked["beam"], "max_decoding_length": steps, "min_decoding_length": steps}
    threads = {"inter_threads": asked["workers"], "intra_threads": asked["threads"]}
    translator = ctranslate2.Translator(str(folder), device="cpu", compute_type="int8", **threads)
    translator.translate_batch(sources[:64], max_batch_size=BATCH, **options)
    answer = json.loads((folder / "weights.json").read_text())
    if lines := asked["latency_lines"]:
        print(json.dumps(answer | {"seconds": [_once(translator, [line], options)[0] for line in sources[:lines]]}))
        return
    seconds, lengths = _once(translator, sources, {**options, "max_batch_size": BATCH})
    answer |= {"sentences_per_second": len(sources) / seconds, "pieces": sum(lengths) / len(lengths)}
    print(json.dumps(answer))


def _once(translator: Any, sources: list[list[str]], options: dict[str, Any]) -> tuple[float, list[int]]:
    started = time.perf_counter()
    results = translator.translate_batch(sources, **options)
    return time.perf_counter() - started, [len(result.hypotheses[0]) for result in results]


if __name__ == "__main__":
    main()
