"""What the matrix products of a training alone would take: the yardstick of its efficiency.

    python benchmarks/products.py FOLDER [--preset FILE] [--set KEY=VALUE]...

One worker's share of some batches goes forward and backward while every product of two matrices is noted with its
shapes, dtype and layout; products with a vector are left out, for they are no work for a matrix unit. Then each shape
is multiplied again and again, by as many single-threaded workers side by side as the training has, with everything at
hand and nothing allocated. The sum is the least time the products could take here.
"""

import argparse
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from corpus import find
from measure import say, show
from ours import make_vocabulary, plan, tokens_per_batch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

LEAST_SECONDS = 0.03  # a shape is multiplied for at least so long
OPAQUE = ("mkldnn_rnn", "_thnn_fused", "_cudnn_rnn", "scaled_dot_product", "mkldnn_linear", "quantized")


class Product(NamedTuple):
    """(b, m, k) @ (b, k, n), and whether an operand lies turned in memory."""

    batch: int
    m: int
    k: int
    n: int
    dtype: torch.dtype
    turned: tuple[bool, bool]

    @property
    def operations(self) -> int:
        """Multiplications and additions."""
        return 2 * self.batch * self.m * self.k * self.n


class Recorder(TorchDispatchMode):
    """Notes every product of two matrices, and operations that may hide some."""

    def __init__(self) -> None:
        super().__init__()
        self.products: Counter[Product] = Counter()
        self.opaque: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        """Note, then do."""
        name = func.overloadpacket.__name__
        if name in ("mm", "bmm"):
            self._note(args[0], args[1])
        elif name in ("addmm", "baddbmm", "addmm_", "baddbmm_"):
            self._note(args[1], args[2])
        elif any(word in name for word in OPAQUE):
            self.opaque[name] += 1
        return func(*args, **(kwargs or {}))

    def _note(self, a: Tensor, b: Tensor) -> None:
        batch = a.shape[0] if a.dim() == 3 else 1
        m, k, n = a.shape[-2], a.shape[-1], b.shape[-1]
        if min(m, k, n) > 1:
            turned = (a.stride(-1) != 1, b.stride(-1) != 1)
            self.products[Product(batch, m, k, n, a.dtype, turned)] += 1


def main() -> None:
    """Count and time the products of a training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--preset", type=Path)
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--batches", type=int, default=6)
    parser.add_argument("--piece", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    asked = options.piece or {
        "folder": options.folder,
        "preset": options.preset,
        "settings": options.settings,
        "batches": options.batches,
    }
    facts = least_time(Path(asked["folder"]), asked["preset"], asked["settings"], asked["batches"])
    print(json.dumps(facts)) if options.piece else show(facts)


def least_time(folder: Path, preset: Path | None, settings: list[str], count: int) -> dict[str, Any]:
    """Seconds a target token that the products alone take, over some batches spread over an epoch."""
    from nmt.config import resolve
    from nmt.model.seq2seq import Seq2Seq

    size = resolve(str(preset) if preset else "medium", settings).config.tokenizer.size
    corpus = find(folder)
    vocabulary = make_vocabulary(corpus, size)
    config, batches = plan(corpus, preset, settings, vocabulary)
    workers = config.training.threads or torch.get_num_threads()
    torch.manual_seed(1)
    pieces = _pieces(vocabulary)
    model = Seq2Seq(config, pieces, pieces).train()
    rows = list(batches.epoch(0))
    recorder, tokens = Recorder(), 0
    for place in range(0, len(rows), max(1, len(rows) // count))[:count]:
        batch = batches.examples.batch(rows[place].tolist())
        tokens += int(batch.target_mask.sum())
        record(recorder, model, batch.part(0, min(workers, len(batch.source))), config)
    seconds = {product: times * duration(product, workers) for product, times in recorder.products.items()}
    total = sum(seconds.values())
    work = workers * sum(product.operations * times for product, times in recorder.products.items())
    return {
        "seconds_per_token": total / tokens,
        "tokens_per_second_of_products_alone": round(tokens / total),
        "million_operations_per_token": round(work / tokens / 1e6, 1),
        "gflops": round(work / total / 1e9, 1),
        "workers": workers,
        "dtypes": sorted({str(product.dtype).removeprefix("torch.") for product in seconds}),
        "shapes": len(seconds),
        "hidden_in": dict(recorder.opaque),  # not counted: the efficiency is then too low
        "tokens_per_batch": round(tokens_per_batch(batches), 1),
    }


def record(recorder: Recorder, model: Any, batch: Any, config: Any) -> None:
    """One share of a batch, forward and backward, on one thread."""
    from nmt.device import autocast, precision
    from nmt.training.loss import token_losses

    device, threads = torch.device("cpu"), torch.get_num_threads()
    torch.set_num_threads(1)
    name = precision(config.training.precision, device)
    try:
        with recorder, autocast(name, device):
            scores = model(batch.source, batch.source_mask, batch.target_in).scores
            token_losses(scores, batch.target_out, batch.target_mask, 0.1).sum().backward()
    finally:
        torch.set_num_threads(threads)


def duration(product: Product, workers: int) -> float:
    """Seconds of one product while all workers do the same side by side."""
    makers = [_multiplication(product) for _ in range(workers)]
    once = _side_by_side(makers, 2) / 2
    repeats = max(3, int(LEAST_SECONDS / max(once, 1e-7)))
    return _side_by_side(makers, repeats) / repeats


def _multiplication(product: Product) -> Callable[[], Any]:
    def operand(rows: int, columns: int, turned: bool) -> Tensor:
        shape = (columns, rows) if turned else (rows, columns)
        made = torch.rand(product.batch, *shape).to(product.dtype)
        made = made.transpose(1, 2) if turned else made
        return made if product.batch > 1 else made[0]

    a = operand(product.m, product.k, product.turned[0])
    b = operand(product.k, product.n, product.turned[1])
    out = torch.empty(*a.shape[:-1], product.n, dtype=product.dtype)
    multiply = torch.bmm if product.batch > 1 else torch.mm
    return lambda: multiply(a, b, out=out)


def _side_by_side(makers: list[Callable[[], Any]], repeats: int) -> float:
    """Wall seconds until all have multiplied so often, each in a thread of its own."""
    ready = threading.Barrier(len(makers) + 1)

    def work(multiply: Callable[[], Any]) -> None:
        torch.set_num_threads(1)
        multiply()
        ready.wait()
        for _ in range(repeats):
            multiply()

    threads = [threading.Thread(target=work, args=(multiply,)) for multiply in makers]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started


def _pieces(vocabulary: Path) -> int:
    from nmt.text.tokenizer import Tokenizer

    return Tokenizer.load(vocabulary).size


if __name__ == "__main__":
    say("counting and timing matrix products ...")
    main()
