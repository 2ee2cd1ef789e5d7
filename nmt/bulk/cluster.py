"""Workers on Ray (https://docs.ray.io): on this machine by a Ray of the command's own, or on a cluster that is there.

Why actors and not Ray Data: `ray.data.read_text` reads a file whole, cuts it by `str.splitlines`, which makes two lines
of one that holds U+2028 or a form feed, and stops at a byte that is not UTF-8. The rule of one line in, one line out
needs the cutting to be ours, and then little is left that Ray Data would do. Why not `ray.util.ActorPool`: when a
worker dies it neither says which shard that had, nor starts another.

Ray sends what goes between its own processes as pickles; no file of a model is one.
"""

import importlib
import importlib.util
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any, NamedTuple

from nmt import __version__
from nmt.bulk.dispatch import WorkerLost
from nmt.bulk.shards import Task
from nmt.bulk.worker import How, Result, Worker
from nmt.errors import ConfigError, NmtError

STORE = 80 * 2**20  # bytes of shared memory of a Ray of our own, beside the model; Ray wants 75 MiB at least
PATIENCE = 60.0  # seconds without news
KNOCK = 10.0  # seconds in which a cluster has to answer
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing leaves the machine
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else a warning; workers without a GPU are told to use the processor
}
OWN = {
    "RAY_AUTH_MODE": "token",  # it listens to the network, and would run what anybody sends
    "RAY_worker_niceness": "0",  # Ray's 15 would leave the work to whatever else the machine does
}
REASONS = {
    "low on memory": "its machine ran out of memory",
    "node has died": "its machine is gone",
    "node was terminated": "its machine is gone",
    "unavailable": "it cannot be reached",
}
"""What Ray's explanation of a lost worker holds -> what we say."""


class Size(NamedTuple):
    """What is wanted of a cluster."""

    workers: int  # 0: as many as it has room for
    cpus: int  # a worker
    gpus: float  # a worker


@contextmanager
def ray_workers(
    model: Mapping[str, bytes], how: How, size: Size, address: str | None
) -> Iterator[tuple["RayCrew", int]]:
    """A crew on the cluster at `address`, or on a Ray that is started here and stopped in the end, and its number.

    Raises:
        ConfigError: Ray is not installed, the cluster does not answer, or no machine of it has room for a worker.
    """
    own = {**OWN, "RAY_AUTH_TOKEN": os.environ.get("RAY_AUTH_TOKEN") or secrets.token_hex()} if address is None else {}
    ray = _ray({**QUIET, **own})
    place = _own_ray(ray, size, sum(map(len, model.values()))) if address is None else _cluster(ray, address)
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), place:  # Ray prints pages when a machine dies
        room = _room(ray, size) if address is None or not size.workers else 0  # a cluster may grow when it is asked to
        yield RayCrew(ray, ray.put(dict(model)), how, size), size.workers or room


class RayCrew:
    """Starts actors, one a process, and hears of them; see `nmt.bulk.dispatch.Crew`."""

    def __init__(self, ray: Any, model: Any, how: How, size: Size) -> None:
        """`model` is a reference to the files of a model."""
        self._ray, self._model, self._how = ray, model, how
        options = {"num_cpus": size.cpus, "num_gpus": size.gpus, "scheduling_strategy": "SPREAD", "max_restarts": 0}
        self._worker = ray.remote(**options)(Worker)

    def hire(self) -> tuple[Any, Any]:
        """An actor and the reference to its start."""
        actor = self._worker.remote(self._model, self._how)
        return actor, actor.start.remote(__version__)

    def give(self, hand: Any, task: Task) -> Any:
        """The reference to a result."""
        return hand.translate.remote(task)

    def wait(self, tickets: list[Any]) -> Any | None:
        """The first reference that is there."""
        ready, _ = self._ray.wait(tickets, num_returns=1, timeout=PATIENCE)
        return ready[0] if ready else None

    def result(self, ticket: Any) -> Result | None:
        """What is behind a reference."""
        errors = self._ray.exceptions
        try:
            value = self._ray.get(ticket)
        except errors.RayTaskError as error:
            if isinstance(error.cause, NmtError):
                raise error.cause from None
            raise WorkerLost(f"{type(error.cause).__name__}: {' '.join(str(error.cause).split()):.300}") from error
        except errors.RayError as error:
            raise WorkerLost(reason(str(error))) from None
        return value if isinstance(value, Result) else None

    def dismiss(self, hand: Any) -> None:
        """Make sure that it is gone."""
        with suppress(Exception):  # gone already, or not to be reached
            self._ray.kill(hand)


def reason(text: str) -> str:
    """Why a worker was lost, in a few words; Ray's explanations take paragraphs, and guess at more than is known."""
    known = text.partition("(1)")[0]
    return next((said for part, said in REASONS.items() if part in known), "its process died")


def require_ray() -> None:
    """Before any work.

    Raises:
        ConfigError: Ray is not installed.
    """
    if importlib.util.find_spec("ray") is None:
        raise ConfigError("--engine ray: needs Ray. Run `pip install ray`, or leave it out.")


def _ray(environment: Mapping[str, str]) -> Any:
    """The library, which looks at the environment when it is imported."""
    os.environ.update(environment)
    return importlib.import_module("ray")


@contextmanager
def _own_ray(ray: Any, size: Size, model: int) -> Iterator[None]:
    """Ray on this machine in a folder that is removed with it; who has not its secret token cannot use it."""
    short = "/tmp" if os.name == "posix" and Path("/tmp").is_dir() else None  # sockets may not have long names
    with tempfile.TemporaryDirectory(prefix="nmt-ray-", dir=short, ignore_cleanup_errors=True) as folder:
        try:
            _begin(ray, size, model, folder)
            yield
        finally:
            ray.shutdown()


def _begin(ray: Any, size: Size, model: int, folder: str) -> None:
    try:
        ray.init(
            address="local",
            num_cpus=size.workers * size.cpus or None,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
            object_store_memory=STORE + 2 * model,
            _temp_dir=folder,
        )
    except (OSError, RuntimeError, ValueError, AssertionError, ray.exceptions.RayError) as error:
        raise ConfigError(
            f"--engine ray: Ray does not start here: {_first(error)}. Leave it out, or give --address of a cluster."
        ) from None


def _first(error: Exception) -> str:
    """The first line of what a library says."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error).strip()
    return (said or type(error).__name__).splitlines()[0].rstrip(".: ")


@contextmanager
def _cluster(ray: Any, address: str) -> Iterator[None]:
    host, _, port = address.rpartition(":")
    try:
        if host and port.isdecimal() and "/" not in host:  # Ray would try for minutes
            socket.create_connection((host.strip("[]"), int(port)), KNOCK).close()
        ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (OSError, OverflowError, RuntimeError, ValueError, AssertionError, ray.exceptions.RayError) as error:
        raise ConfigError(
            f"--address {address}: no Ray cluster to be used there: {_first(error)}. Give HOST:PORT of its head."
        ) from None
    try:
        yield
    finally:
        ray.shutdown()


def _room(ray: Any, size: Size) -> int:
    """How many workers the machines have room for."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    each = [
        int(min([node.get("CPU", 0) // size.cpus, *([node.get("GPU", 0) // size.gpus] if size.gpus else [])]))
        for node in nodes
    ]
    if not sum(each):
        most = {name: max((node.get(name, 0) for node in nodes), default=0) for name in ("CPU", "GPU")}
        raise ConfigError(
            f"a worker takes {size.cpus} CPUs and {size.gpus:g} GPUs, and no machine has so many: at most "
            f"{most['CPU']:g} and {most['GPU']:g}. Lower --threads or --gpus."
        )
    return sum(each)
