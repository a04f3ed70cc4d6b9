"""`leaflets init`: by options, by questions in a real terminal, and never over somebody's work."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from leaflets.errors import BadInvocation
from leaflets.settings import EXAMPLE, HelpLine, load_settings
from scan_pipeline.cli import main
from scan_pipeline.init import help_line, looks_like_a_name


def call(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["--workspace", str(folder), "init", *options])


def test_options_alone_write_one_readable_file(tmp_path: Path) -> None:
    done = call(
        tmp_path / "out",
        *("--name", "Millsands Service", "--organisation", "Millsands Trust"),
        *("--opened-by", "A retired nurse", "--help-line", "Samaritans: 116 123"),
        *("--help-line", "Crisis team: 0114 496 0000 (9:00 to 17:00)"),
    )
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == str(tmp_path / "out" / "service.toml")
    assert "ring every help line" in done.stderr
    service = load_settings(tmp_path / "out")
    assert service.name == "Millsands Service"
    assert service.organisation == "Millsands Trust"
    assert service.box_opener == "A retired nurse"
    assert service.help_lines == (
        HelpLine(name="Samaritans", contact="116 123"),
        HelpLine(name="Crisis team", contact="0114 496 0000 (9:00 to 17:00)"),
    )
    assert not service.example
    text = (tmp_path / "out" / "service.toml").read_text(encoding="utf-8")
    assert text.count("\n#") >= 6, "commented for people"


def test_without_a_terminal_the_name_must_be_given_and_the_rest_is_said(tmp_path: Path) -> None:
    done = call(tmp_path)
    assert done.exit_code == 2
    assert "--name" in done.stderr
    assert not (tmp_path / "service.toml").exists()
    done = call(tmp_path, "--name", "Millsands")
    assert done.exit_code == 0
    assert "“A peer volunteer” opens the box" in done.stderr
    assert "help lines of the example stand" in done.stderr
    assert load_settings(tmp_path).organisation == "", "no poster of the invented organisation"


def test_what_is_there_is_never_replaced_unasked(tmp_path: Path) -> None:
    call(tmp_path, "--name", "First")
    before = (tmp_path / "service.toml").read_bytes()
    done = call(tmp_path, "--name", "Second")
    assert done.exit_code == 2
    assert "--force" in done.stderr
    assert (tmp_path / "service.toml").read_bytes() == before


def test_force_changes_what_is_given_keeps_the_rest_and_a_copy(tmp_path: Path) -> None:
    call(tmp_path, "--name", "First", "--opened-by", "A retired nurse")
    path = tmp_path / "service.toml"
    edited = path.read_text(encoding="utf-8").replace('"front desk"', '"reception"')
    edited = edited.replace('help_checked = ""', 'help_checked = "November 2026"')
    path.write_text(edited, encoding="utf-8")
    assert call(tmp_path, "--name", "Second", "--force").exit_code == 0
    service = load_settings(tmp_path)
    assert (service.name, service.box_opener) == ("Second", "A retired nurse")
    assert service.service_areas[0].label == "reception"
    assert service.help_checked == "November 2026"
    assert (tmp_path / "service.toml.bak").read_text(encoding="utf-8") == edited
    call(tmp_path, "--help-line", "New line: 0114 496 0001", "--force")
    assert load_settings(tmp_path).help_checked == "", "nobody has rung the new number"


def test_dry_run_shows_the_file_and_writes_nothing(tmp_path: Path) -> None:
    Image.new("L", (40, 20)).save(tmp_path / "mark.png")
    done = call(
        tmp_path / "out", "--name", "Millsands", "--logo", str(tmp_path / "mark.png"), "--dry-run"
    )
    assert done.exit_code == 0
    assert 'name = "Millsands"' in done.stdout
    assert 'logo = "logo.png"' in done.stdout
    assert not (tmp_path / "out").exists()


def test_a_logo_is_copied_beside_the_file_and_printed(tmp_path: Path) -> None:
    Image.new("RGB", (40, 20), "navy").save(tmp_path / "Our Mark.JPG")
    out = tmp_path / "out"
    logo = str(tmp_path / "Our Mark.JPG")
    assert call(out, "--name", "Millsands", "--logo", logo).exit_code == 0
    assert load_settings(out).logo == out / "logo.jpg"
    assert (out / "logo.jpg").read_bytes() == (tmp_path / "Our Mark.JPG").read_bytes()
    for same in (str(out / "logo.jpg"), logo):
        again = call(out, "--logo", same, "--force")
        assert again.exit_code == 0, again.output
        assert load_settings(out).logo == out / "logo.jpg"
    assert sorted(p.name for p in out.glob("logo*")) == ["logo.jpg"]


def test_another_logo_leaves_the_earlier_one_where_the_settings_of_before_name_it(
    tmp_path: Path,
) -> None:
    out, first = tmp_path / "out", logo(tmp_path)
    assert call(out, "--name", "Millsands", "--logo", str(first)).exit_code == 0
    kept = (out / "logo.png").read_bytes()
    for name, shade in (("logo-2.png", 90), ("logo-3.png", 180)):
        Image.new("L", (40, 20), shade).save(first)
        tried = call(out, "--logo", str(first), "--dry-run")
        assert f'logo = "{name}"' in tried.stdout and not (out / name).exists()
        assert call(out, "--logo", str(first), "--force").exit_code == 0
        assert load_settings(out).logo == out / name
        assert (out / name).read_bytes() == first.read_bytes()
    assert (out / "logo.png").read_bytes() == kept
    (out / "service.toml.bak").replace(out / "service.toml")
    assert load_settings(out).logo == out / "logo-2.png"


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--help-line", "no colon"], 2, "Name: number"),
        (["--help-line", "Samaritans:"], 2, "Name: number"),
        (["--help-line", "a: b"], 2, "nobody can ring or write to 'b'"),
        (["--opened-by", "Anita"], 2, "looks like somebody’s name"),
        (["--opened-by", "anita Patel"], 2, "looks like somebody’s name"),
        (["--opened-by", "Rose"], 2, "a role"),
        (["--name", " "], 2, "on one line"),
        (["--name", "عيادة"], 2, "printed letters"),
        (["--opened-by", "A friend 🙂"], 2, "🙂"),
        (["--logo", "missing.png"], 2, "no file called 'missing.png'"),
        (["--logo", __file__], 2, "not a PNG or JPEG"),
        (["--name", "Very long " * 30], 3, "too full"),
    ],
)
def test_what_cannot_be_printed_is_refused_before_anything_is_written(
    tmp_path: Path, options: list[str], code: int, says: str
) -> None:
    done = call(tmp_path / "out", "--name", "Millsands", *options)
    assert done.exit_code == code, done.output
    assert says in done.stderr
    assert "Traceback" not in done.output
    assert not (tmp_path / "out").exists()


def test_a_workspace_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = call(tmp_path / "file" / "out", "--name", "Millsands")
    assert done.exit_code == 6
    assert "cannot be written to" in done.stderr


@pytest.mark.parametrize(
    "opener", ["A peer volunteer", "Volunteer", "rose group lead", "Anita’s team"]
)
def test_a_role_is_not_taken_for_a_name(opener: str) -> None:
    assert looks_like_a_name(opener) is None


@pytest.mark.parametrize("contact", ["999", "www.example.org", "help@example.org", "NHS 111"])
def test_a_number_or_an_address_is_a_contact(contact: str) -> None:
    assert help_line(f"Night line: {contact}").contact == contact


@pytest.mark.parametrize("text", ["", ":", "a:", ":b", "no colon", "a: b"])
def test_a_help_line_needs_a_name_and_a_number(text: str) -> None:
    with pytest.raises(BadInvocation):
        help_line(text)


class Terminal:
    """The command in a real pseudo-terminal, answered as a person would."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.master, slave = pty.openpty()
        command = "import sys; from scan_pipeline.cli import main; main(sys.argv[1:])"
        self.process = subprocess.Popen(
            [sys.executable, "-c", command, "--workspace", str(folder), "init", *options],
            stdin=slave, stdout=slave, stderr=slave, close_fds=True,
        )  # fmt: skip
        os.close(slave)
        self.seen = ""
        self.heeded = 0  # what was waited for and found already; the rest may come in one piece

    def wait_for(self, words: str) -> None:
        end = time.monotonic() + 30
        while words not in self.seen[self.heeded :]:
            assert time.monotonic() < end, f"no {words!r} in {self.seen!r}"
            if select.select([self.master], [], [], 0.5)[0]:
                self.seen += self.read()
        self.heeded = self.seen.index(words, self.heeded) + len(words)

    def read(self) -> str:
        try:
            return os.read(self.master, 4096).decode("utf-8", "replace")
        except OSError as error:  # how a pseudo-terminal says that the program has ended
            raise AssertionError(f"it ended: {self.seen!r}") from error

    def answer(self, question: str, words: str) -> None:
        self.wait_for(question)
        os.write(self.master, f"{words}\n".encode())

    def finish(self) -> int:
        code = self.process.wait(30)
        os.close(self.master)
        return code


def test_a_terminal_is_asked_and_a_wrong_answer_is_asked_again(tmp_path: Path) -> None:
    Image.new("L", (40, 20)).save(tmp_path / "mark.png")
    out = tmp_path / "out"
    terminal = Terminal(out)
    terminal.answer("Name of the service", "Millsands")
    terminal.answer("Organisation", "")
    terminal.answer("Logo", str(tmp_path / "none.png"))
    terminal.wait_for("no file called")
    terminal.answer("Logo", f"'{tmp_path / 'mark.png'}'")
    terminal.answer("Who opens the box", "Anita")
    terminal.wait_for("looks like somebody")
    terminal.answer("Who opens the box", "A retired nurse")
    terminal.answer("Help line [Danger to life", "")
    terminal.answer("Help line [Mental health", "-")
    terminal.answer("Help line [Samaritans", "no number")
    terminal.wait_for("is not a help line")
    terminal.answer("Help line [Samaritans", "")
    terminal.answer("Help line [Shout", "-")
    terminal.answer("Another help line", "Night line: 0114 496 0002")
    terminal.answer("Another help line", "")
    terminal.wait_for("service.toml")
    assert terminal.finish() == 0
    service = load_settings(out)
    assert service.name == "Millsands"
    assert service.organisation == ""
    assert service.logo == out / "logo.png"
    assert service.box_opener == "A retired nurse"
    assert service.help_lines == (
        EXAMPLE.help_lines[0],
        EXAMPLE.help_lines[2],
        HelpLine(name="Night line", contact="0114 496 0002"),
    )


@pytest.mark.parametrize(("answer", "code"), [("n", 2), ("", 2), ("y", 0)])
def test_a_terminal_is_asked_before_anything_is_changed(
    tmp_path: Path, answer: str, code: int
) -> None:
    call(tmp_path, "--name", "First", "--organisation", "Trust", "--opened-by", "A nurse")
    given = ("--name", "Second", "--organisation", "Trust", "--opened-by", "A nurse")
    terminal = Terminal(
        tmp_path, *given, "--help-line", "Samaritans: 116 123", "--logo", str(logo(tmp_path))
    )
    terminal.answer("Change it?", answer)
    terminal.wait_for("left as it was" if code else "ring every help line")
    assert terminal.finish() == code
    assert load_settings(tmp_path).name == ("First" if code else "Second")


def logo(folder: Path) -> Path:
    Image.new("L", (40, 20)).save(folder / "mark.png")
    return folder / "mark.png"


def test_help_lines_that_drop_out_are_named(tmp_path: Path) -> None:
    done = call(tmp_path, "--name", "Millsands", "--help-line", "Samaritans: 116 123")
    assert done.exit_code == 0 and len(load_settings(tmp_path).help_lines) == 1
    assert "not any more: Danger to life: 999; Mental health crisis: NHS 111" in done.stderr
    assert "Samaritans: 116 123;" not in done.stderr
    again = call(tmp_path, "--help-line", "The Samaritans: 116123", "--force")
    assert "not any more" not in again.stderr
    assert "not any more" not in call(tmp_path, "--name", "Other", "--force").stderr


@pytest.mark.parametrize(
    ("contact", "cautioned"),
    [("116 123", True), ("0114 999 0000", True), ("999", False), ("112 (day and night)", False)],
)
def test_help_lines_without_an_emergency_number_are_cautioned_about_last(
    tmp_path: Path, contact: str, cautioned: bool
) -> None:
    done = call(tmp_path, "--name", "Millsands", "--help-line", f"Help: {contact}")
    assert done.exit_code == 0
    last = done.stderr.splitlines()[-1]
    assert ("Caution" in last and "999 or 112" in last) == cautioned
