"""`nmt bulk`: files -> their translation, in shards, by one process or by many on Ray; a job that can be gone on with.

A command of its own, because it promises other things than `nmt translate`: that reads a stream and answers each line
at once, this reads files, keeps what is done, and answers when all is.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from nmt import __version__
from nmt.commands.flags import Beam, Device, Precision, SearchSettings, check_precision
from nmt.commands.translation import note, refuse_files, search_of
from nmt.errors import ConfigError
from nmt.registry import Registry

if TYPE_CHECKING:
    from nmt.bulk.job import Job
    from nmt.bulk.run import Engine
    from nmt.bulk.worker import How


PATIENCE = 600.0  # seconds; a step takes milliseconds
Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Text, one sentence a line; also .gz, .bz2, .xz, .zst.")
]
Out = Annotated[Path, typer.Option(metavar="FOLDER", help="Where translation.txt goes, and what is done so far.")]
Threads = Annotated[
    int, typer.Option(min=0, max=4096, help="CPUs of a worker; 0 is one with ray, what torch takes without.")
]
ShardLines = Annotated[int, typer.Option(min=1, help="Lines that are translated and kept at a time.")]
Address = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Ray cluster.  [default: RAY_ADDRESS, or one on this machine]")
]
Workers = Annotated[int, typer.Option(min=0, help="Of ray; 0: as many as there is room for.")]
Patience = Annotated[
    float, typer.Option(min=1, help="Seconds of one step of a search, after which a worker of ray is taken for dead.")
]
Retries = Annotated[int, typer.Option(min=0, help="How often a shard is tried again whose worker died.")]


def run(
    model: Annotated[Path, typer.Argument(metavar="DIR", help="Model folder.")],
    files: Files,
    out: Out,
    engine: Annotated[str, typer.Option(help="local: this process; ray: many, here or on a cluster.")] = "local",
    beam: Beam = None,
    length_penalty: Annotated[float | None, typer.Option(help="Above 1 prefers longer translations.")] = None,
    set: SearchSettings = None,
    precision: Precision = "fp32",
    device: Device = "auto",
    threads: Threads = 0,
    shard_lines: ShardLines = 5000,
    join: Annotated[bool, typer.Option(help="Join the shards into translation.txt, or leave them.")] = True,
    address: Address = None,
    workers: Workers = 0,
    gpus: Annotated[float, typer.Option(min=0, help="Of each worker of ray.")] = 0,
    retries: Retries = 3,
    patience: Patience = PATIENCE,
) -> None:
    """Translate files into FOLDER, in shards that are kept as they are done.

    FOLDER/translation.txt has one line for every line of the files, in order: what `nmt translate` writes. The same
    command goes on where an earlier one was stopped, with the shards that are missing; another job is refused there.

    With --engine ray many processes translate, on this machine or on a cluster. Only this machine reads the files and
    writes FOLDER; the others need the same version of this program, and get the model from here.

    \b
    Example:
      nmt bulk model part-*.en.gz --out translated
      nmt bulk model big.en --out translated --engine ray
      nmt bulk model big.en --out translated --engine ray --address 10.0.0.1:6379 --threads 16 --shard-lines 50000
    """
    check_precision(precision)
    only = {"--address": address, "--workers": workers, "--gpus": gpus, "--patience": patience != PATIENCE}
    for name, value in only.items():
        if value and engine == "local":
            raise ConfigError(f"{name} is for --engine ray. Add it, or leave out {name}.")
    start = ENGINES[engine]
    refuse_files([model])
    if start is ray:
        from nmt.bulk.cluster import require_ray

        require_ray()
    settings = search_of(model, set or [], False, {"beam": beam, "length_penalty": length_penalty})
    from nmt.bulk.job import Job, facts, model_files
    from nmt.bulk.shards import survey
    from nmt.bulk.worker import How

    content = model_files(model)
    job = Job(out, [survey(path) for path in files], shard_lines)
    search = {f"search.{name}": value for name, value in asdict(settings).items()}
    own = facts(content, job.inputs, {**search, "precision": precision, "shard-lines": shard_lines})
    how = How(settings, precision, device, threads, patience)
    with job.open(own):
        _go_on(job, join, lambda left: start(model, content, how, Wanted(left, address, workers, gpus, retries)))


def _go_on(job: "Job", join: bool, start: "Callable[[int], AbstractContextManager[Engine]]") -> None:
    """Do what is left of a job; `start` makes an engine for so many shards."""
    from nmt.bulk.job import SHARDS
    from nmt.bulk.run import translate_missing

    if job.joined.exists():
        job.tidy()
        note(f"{job.joined}: is there already, with its {job.lines:,} lines.")
        return
    left, _ = job.left()
    note(f"{job.lines:,} lines in {job.shards:,} shards, of which {left:,} are to be translated.")
    if left:
        try:
            with start(left) as engine:
                translate_missing(job, engine, note)
        except KeyboardInterrupt:
            kept = job.shards - job.left()[0]
            note(f"Stopped; {kept:,} of {job.shards:,} shards are kept. The same command goes on from there.")
            raise
    if join:
        job.join()
    note(f"{job.joined if join else job.folder / SHARDS}: {job.lines:,} lines.")


class Wanted(NamedTuple):
    """What the flags say about workers."""

    shards: int  # that are missing: no more workers are of use
    address: str | None
    workers: int
    gpus: float
    retries: int


@contextmanager
def local(model: Path, content: Mapping[str, bytes], how: "How", wanted: Wanted) -> "Iterator[Engine]":
    """This process."""
    from nmt.bulk.run import alone
    from nmt.bulk.worker import Worker

    worker = Worker(model, how._replace(patience=0))  # whoever waits for this process can see that it hangs
    worker.start(__version__)
    yield alone(worker)


@contextmanager
def ray(model: Path, content: Mapping[str, bytes], how: "How", wanted: Wanted) -> "Iterator[Engine]":
    """Processes of Ray. The model is loaded here once too, so that what is wrong with it is told at once."""
    from nmt.bulk.cluster import Size, ray_workers
    from nmt.bulk.dispatch import Dispatch
    from nmt.bulk.worker import Worker

    how = how._replace(threads=max(1, how.threads))
    Worker(model, how._replace(device="cpu")).start(__version__)
    if how.device == "auto":
        how = how._replace(device="cuda" if wanted.gpus else "cpu")
    size = Size(wanted.workers, how.threads, wanted.gpus)
    with ray_workers(content, how, size, wanted.address or os.environ.get("RAY_ADDRESS")) as (crew, workers):
        yield Dispatch(crew, min(workers, wanted.shards), wanted.retries, note).run


ENGINES = Registry[Callable[..., "AbstractContextManager[Engine]"]]("engine", local=local, ray=ray)
