"""The documents say what the program does: every command, every exit code, in our own words."""

from __future__ import annotations

import importlib
import re
from inspect import signature
from pathlib import Path

import click
import pytest

from leaflets import errors
from leaflets.errors import LeafletsError
from scan_pipeline.cli import main
from scan_pipeline.commands.ending import STOPPED, UNHEARD

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
OWN_TEXTS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "templates", "docs")),
    *(ROOT / name for name in ("leaflets", "scan_pipeline")),
]
# Words that we do not use of people. `privacy` is left out: it lists words that writers use.
NOT_OUR_WORDS = re.compile(r"\b(addicts?|abus(e|es|er|ers|ing)|junkies?|clean and sober)\b", re.I)
COMMANDS = sorted(main.commands) if isinstance(main, click.Group) else []


KINDS = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, LeafletsError)]


def own_files() -> list[Path]:
    kinds = {".md", ".py", ".toml", ".html"}
    found = [p for top in OWN_TEXTS for p in ([top] if top.is_file() else sorted(top.rglob("*")))]
    return [path for path in found if path.suffix in kinds and path.parent.name != "privacy"]


def test_the_command_is_a_group() -> None:
    assert isinstance(main, click.Group)
    assert set(COMMANDS) >= {"print", "layout", "scan", "desk", "respond", "posters", "demo"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help_and_the_readme_has_the_command(name: str) -> None:
    command = main.commands[name]
    assert command.help, f"{name} has no help"
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts[0]} has no help"
    assert f"| `leaflets {name}" in README, f"{name} is not in the README's table"


def test_the_readme_names_no_command_that_is_not_there() -> None:
    assert sorted(set(re.findall(r"^\| `leaflets (\w+)", README, re.M))) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_in_the_readme_exists(name: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `leaflets {name}"))
    options = {option for param in main.commands[name].params for option in param.opts}
    shown = set(re.findall(r"(?<![\w-])(--[a-z-]+|-o)\b", row.split("` |")[0]))
    assert shown <= options


def test_the_exit_codes_in_the_readme_are_those_of_the_program() -> None:
    rows = re.findall(r"^\| (\d+) \|\s*`?(\w*)`?\s*\|", README, re.M)
    kinds = [(str(e.exit_code), e.__name__) for e in KINDS]
    assert rows == [("0", ""), *kinds, (str(STOPPED), ""), (str(UNHEARD), "")]


def test_every_error_is_listed_once_with_a_code_and_a_remedy_of_its_own() -> None:
    assert len({e.exit_code for e in KINDS}) == len({e.remedy for e in KINDS}) == len(KINDS)
    assert [e.exit_code for e in KINDS] == list(range(1, len(KINDS) + 1))


def test_links_in_the_documents_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_our_own_texts_name_people_kindly() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in own_files()
        for match in NOT_OUR_WORDS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_every_kept_test_file_says_where_it_is_from() -> None:
    folder = ROOT / "tests" / "resources"
    table = (folder / "README.md").read_text(encoding="utf-8")
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "README.md":
            assert f"| `{path.relative_to(folder).as_posix()}` |" in table


def _benchmark(module: str) -> click.Command:
    try:
        loaded = importlib.import_module(f"{module}.__main__")
    except ModuleNotFoundError:
        loaded = importlib.import_module(module)
    assert isinstance(loaded.main, click.Command)
    return loaded.main


@pytest.mark.parametrize("file", sorted((ROOT / "benchmarks").rglob("*.py")), ids=str)
def test_every_benchmark_takes_the_options_that_it_declares(file: Path) -> None:
    if "@click.command" not in file.read_text(encoding="utf-8"):
        return
    module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
    command = _benchmark(module)
    assert command.callback is not None
    assert {option.name for option in command.params} == set(signature(command.callback).parameters)


@pytest.mark.parametrize("line", sorted(set(re.findall(r"python -m (benchmarks\.[^`]*)`", README))))
def test_the_benchmarks_of_the_readme_are_there(line: str, tmp_path: Path) -> None:
    module, *arguments = line.split()
    # Where the README says FOLDER, here is one.
    given = [str(tmp_path) if "FOLDER" in word else word for word in arguments]
    command = _benchmark(module)
    assert command.make_context(module, given).params
