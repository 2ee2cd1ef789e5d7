"""The order of the house: who may import whom, how long things may be, and what has a docstring."""

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BASE = {"errors", "registry", "settings", "bounds", "files", "scripts"}
ALLOWED = {
    "errors": set(),
    "registry": {"errors"},
    "bounds": set(),
    "files": set(),
    "scripts": set(),
    "settings": {"errors"},
    "config": BASE,
    "config_file": {*BASE, "config"},
    "device": {"errors"},
    "text": BASE,
    "model": BASE,
    "search": {*BASE, "model"},
    "evaluation": BASE,
    "checkup": {*BASE, "text"},
    "weights": {"errors"},
    "checkpoint": {*BASE, "config_file", "text", "model", "weights"},
    "manifest": {"", "errors", "bounds", "checkpoint"},
    "training": {*BASE, "text", "model", "checkpoint", "device", "weights"},
    "transfer": {*BASE, "text", "model", "checkpoint", "weights"},
    "translator": {*BASE, "text", "search", "checkpoint", "device"},
    "aligner": {*BASE, "text", "model", "checkpoint", "device"},
    "rating": {*BASE, "text", "search", "translator"},
    "channel": {"rating", "translator"},
    "consensus": {*BASE, "evaluation", "translator"},
    "terminology": {*BASE, "text", "translator"},
    "documents": {*BASE, "text"},
    "segments": {*BASE, "text", "translator"},
    "bulk": {*BASE, "", "text", "checkpoint", "translator", "device"},
    "__main__": {"commands", "interrupt"},
    "interrupt": set(),
    "": set(),
}
ALLOWED["commands"] = {*ALLOWED} - {"__main__"}
"""Room -> rooms it may import, beside itself; "" is nmt/__init__.py. What is not named here may be imported by none."""

TREES = {
    path.relative_to(ROOT): ast.parse(path.read_text("utf-8"))
    for folder in ("nmt", "data", "tests", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
PACKAGE = {name_parts: tree for path, tree in TREES.items() if (name_parts := path.with_suffix("").parts)[0] == "nmt"}
MODULES = {".".join(parts).removesuffix(".__init__"): tree for parts, tree in PACKAGE.items()}
HEAVY = ("torch", "sentencepiece", "sacrebleu", "datasets", "numpy", "safetensors", "ray")


def room(module: str) -> str:
    return ([*module.split("."), ""])[1]


def imports(tree: ast.AST) -> Iterator[str]:
    """Modules of ours that are imported anywhere: at the top, in functions, for types."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.split(".")[0] == "nmt")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for name in node.names:
                if (node.module or "").split(".")[0] == "nmt":
                    inner = f"{node.module}.{name.name}"
                    yield inner if inner in MODULES else str(node.module)


def top_level(tree: ast.Module) -> ast.Module:
    """Only what runs when a module is imported, so without `if TYPE_CHECKING` and functions."""
    return ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])


@pytest.mark.parametrize("module", MODULES)
def test_dependencies_point_one_way(module: str) -> None:
    own = room(module)
    assert own in ALLOWED, f"{own} is a new room: say here what it may import"
    assert {room(other) for other in imports(MODULES[module])} <= ALLOWED[own] | {own}


def test_the_test_sees_imports_everywhere() -> None:
    source = (
        "import nmt.text\nif TYPE_CHECKING:\n    from nmt import config\ndef f():\n    from nmt.model import encoder"
    )
    assert set(imports(ast.parse(source))) == {"nmt.text", "nmt.config", "nmt.model.encoder"}


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {module: set(imports(top_level(tree))) - {module} for module, tree in MODULES.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_nothing_here_reads_the_corpus_folder() -> None:
    names = {alias.name for tree in MODULES.values() for node in ast.walk(tree) if isinstance(node, ast.Import)
             for alias in node.names}  # fmt: skip
    names |= {str(n.module) for tree in MODULES.values() for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not {name.split(".")[0] for name in names} & {"data", "tests", "cli", "benchmarks"}


@pytest.mark.parametrize("path", TREES, ids=str)
def test_files_and_functions_are_short(path: Path) -> None:
    assert len((ROOT / path).read_text("utf-8").splitlines()) <= 400
    functions = [n for n in ast.walk(TREES[path]) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [n.name for n in functions if (n.end_lineno or 0) - n.lineno >= 60] == []


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_says_what_it_is(name: str) -> None:
    module, tree = importlib.import_module(name), MODULES[name]
    silent = [] if ast.get_docstring(tree) else [name]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            silent += [] if ast.get_docstring(node) else [node.name]
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            members = [n for n in node.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
            kind = getattr(module, node.name)  # an override may lean on what its base says
            silent += [f"{node.name}.{n.name}" for n in members if not inspect.getdoc(getattr(kind, n.name))]
    assert silent == []


def test_help_needs_nothing_heavy() -> None:
    code = f"import sys, nmt.commands; sys.exit(' '.join(sorted(set(sys.modules) & set({HEAVY}))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stderr.strip() == ""
