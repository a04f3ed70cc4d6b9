"""Imports are law: the arrows point downward, stages do not know each other, SQL has one home."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READING = "scan_pipeline.reading"
# They call the stages, in order, and may know them all.
HELPERS = {
    "assemble",
    "choices",
    "writing",
    "lines",
    "beside",
    "beyond",
    "compare",
    "prints",
    "sentence",
    "highlight",
}
STAGE_OF = {  # one stage in several files
    "embedded": "intake",
    "register": "place",
    "lens": "place",
    "structure": "place",
    "measures": "marks",
    "outlines": "marks",
    "pens": "marks",
    "consent": "marks",
    "letters": "marks",
    "plain": "marks",
    "shapes": "marks",
    "unprinted": "marks",
}
MAY_USE = {("recognise", "language"), ("marks", "strokes")}


def modules(package: str) -> dict[str, ast.Module]:
    """Every module of a package, by dotted name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_text("utf-8"))
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def imports(name: str, tree: ast.Module) -> set[str]:
    """Dotted names that a module imports, relative ones resolved."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = name.split(".")[: -node.level] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            found |= {source} | {f"{source}.{alias.name}" for alias in node.names}
    return found


def test_the_print_shop_never_imports_the_reading_room() -> None:
    for name, tree in modules("leaflets").items():
        assert not [i for i in imports(name, tree) if i.split(".")[0] == "scan_pipeline"], name


def test_reading_stages_never_import_each_other() -> None:
    def stage(dotted: str) -> str:
        module = dotted.removeprefix(READING + ".").split(".")[0]
        return STAGE_OF.get(module, module)

    stages = {stage(n) for n in modules("scan_pipeline/reading")} - {"__init__"}
    for name, tree in modules("scan_pipeline/reading").items():
        if stage(name) in HELPERS:
            continue
        used = {stage(i) for i in imports(name, tree) if i.startswith(READING + ".")} & stages
        for other in used - {stage(name)}:
            assert (stage(name), other) in MAY_USE, f"{name} imports {other}"


def test_sql_lives_in_the_store_alone() -> None:
    for name, tree in {**modules("leaflets"), **modules("scan_pipeline")}.items():
        if not name.startswith("scan_pipeline.store"):
            used = {i.split(".")[0] for i in imports(name, tree)}
            assert not used & {"sqlalchemy", "alembic", "sqlite3"}, name


def test_every_dependency_is_in_the_lock_and_hashed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = {line.split("==")[0] for line in lock.splitlines() if "==" in line}
    for wanted in project["project"]["dependencies"]:
        name = wanted.split(">=")[0].strip().lower().replace("_", "-")
        assert name in locked, f"run `make lock`: {name} is not in requirements.lock"
    for block in lock.replace("\\\n", "").splitlines():
        assert block.startswith("#") or "--hash=sha256:" in block


def test_a_process_that_reads_loads_no_store() -> None:
    """Each would take half a second and 20 MB for it."""
    loaded = "import sys, scan_pipeline.worker; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True)
    assert done.stdout.split() == [b"False"]
