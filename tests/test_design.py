"""Templates: what they may say, and what a mistake in one says back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaflets.design import line_of, load_design, read_design, repeated, template_names
from leaflets.errors import BadInvocation, BadTemplate
from leaflets.settings import EXAMPLE
from leaflets.sheet import lay_out

ROOT = Path(__file__).resolve().parent.parent
STORY = (ROOT / "templates" / "story.toml").read_text(encoding="utf-8")


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "form.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_the_story_is_there_and_an_unknown_template_says_what_there_is() -> None:
    assert template_names() == ("contact", "story")
    assert load_design("story").template == "story"
    for name in ("stroy", "../story", "", "story.toml"):
        with pytest.raises(BadInvocation) as refusal:
            load_design(name)
        assert "story" in refusal.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "key", "at"),
    [
        ("language =", "langauge =", "langauge", "langauge"),
        ("width_mm = 297.0", 'width_mm = "wide"', "width_mm", "width_mm ="),
        ("schema = 1", "schema = 2", "schema", "schema"),
        ('template = "story"', 'template = "Story"', "template", "template ="),
        ("lines = 15", "lines = 0", "page.0.panel.0.item.3.lines", "lines ="),
        ("lines = 15", "lnes = 15", "page.0.panel.0.item.3.lnes", "lnes"),
        ('text = "Good, bad or both."', "text = 7", "page.1.panel.1.item.2.text", "text = 7"),
        ("size_pt = 44", "size_pt = 8", "page.1.panel.1.item.1.size_pt", "size_pt = 8"),
        ('"{take_down_route}"', '"{take_down}"', "page.1.panel.0.item.13.text", "{take_down}"),
        ('"{take_down_route}"', '"{typist.name}"', "page.1.panel.0.item.13.text", "{typist.name}"),
        ('"{take_down_route}"', '"{help_lines}!"', "page.1.panel.0.item.13.text", "{help_lines}!"),
        ('"{take_down_route}"', '"{typist"', "page.1.panel.0.item.13.text", '"{typist"'),
        ('kind = "ruler"', 'kind = "rulers"', "page.1.panel.0.item.16", "[[page.panel.item]]"),
        ('"Very good" }', '"" }', "page.0.panel.1.item.5.options.0.label", "options = ["),
        ('value = "poor"', 'value = "good"', "page.0.panel.1.item.5", "[[page.panel.item]]"),
        ('name = "good"', 'name = "story"', "", ""),
        ("inline = true\ngap_mm = 3.0", "inline = true\ncolumns = 3", "page.0.panel.0.item.4", ""),
    ],
)
def test_a_mistake_names_file_line_and_key(
    tmp_path: Path, old: str, new: str, key: str, at: str
) -> None:
    assert old in STORY
    text = STORY.replace(old, new, 1)
    with pytest.raises(BadTemplate) as refusal:
        read_design(written(tmp_path, text))
    said = str(refusal.value)
    found = re.match(r"form\.toml, line (\d+)(?:, key ([\w.]+))?: .", said)
    assert found, said
    assert (found[2] or "") == key
    line = text.splitlines()[int(found[1]) - 1]
    if at:
        assert at in line, f"line {found[1]} is {line!r}"
    assert "Value error" not in said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("size_pt = 44", "size_pt = 8", "this should be 12 or more"),
        ("size_pt = 44", 'size_pt = "big"', "this should be a number, without quotes"),
        ("lines = 15", "lines = 99", "this should be 30 or less"),
        ("lines = 15", "lines = 1.5", "this should be a whole number, without quotes"),
        ('kind = "lines"', 'kind = "linez"', "there is no kind 'linez'; choose one of 'text'"),
        ('kind = "ruler"', "", 'the kind is missing, such as kind = "text"'),
        ("inline = true", 'inline = "so"', "this should be true or false, without quotes"),
        ("schema = 1", "schema = 2", "this should be 1"),
    ],
)
def test_a_mistake_is_said_in_plain_words(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in STORY
    with pytest.raises(BadTemplate) as refusal:
        read_design(written(tmp_path, STORY.replace(old, new, 1)))
    assert words in str(refusal.value)


def test_every_mistake_is_said_in_our_own_words(tmp_path: Path) -> None:
    for number, line in enumerate(STORY.splitlines()):
        for said in ("{ a = 1 }", "[]", "-1", "1.5", "true", '""', "1979-05-27", "[[1]]"):
            lines = STORY.splitlines()
            lines[number] = re.sub(r"=.*", f"= {said}", line)
            try:
                read_design(written(tmp_path, "\n".join(lines)))
            except BadTemplate as refusal:
                assert not re.search(r"Input|valid|Tuple|should have|found using", str(refusal))


def test_a_label_that_is_too_long_is_sought_in_both_files(tmp_path: Path) -> None:
    text = STORY.replace('label = "Very good"', f'label = "{"Very good " * 60}"')
    with pytest.raises(BadTemplate) as refusal:
        lay_out(read_design(written(tmp_path, text)), EXAMPLE)
    assert "the boxes of" not in str(refusal.value)
    assert "templates/" in refusal.value.remedy


def test_of_several_faults_each_is_told(tmp_path: Path) -> None:
    text = STORY.replace("height_mm = 210.0", "").replace("crease_mm = 148.5", "")
    with pytest.raises(BadTemplate, match=r"key height_mm: .*\n.*key crease_mm: "):
        read_design(written(tmp_path, text))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (STORY.replace('"en"', '"en'), r"line 7"),
        (STORY + '\nschema = 1\n[[page]]\nname = "x"\nname = "y"\n', r"line \d+"),
        (b"\xff\xfe\x00", "form.toml"),
        ("", "line 1"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_with_its_line(
    tmp_path: Path, content: str | bytes, fault: str
) -> None:
    with pytest.raises(BadTemplate, match=fault) as refusal:
        read_design(written(tmp_path, content))
    assert str(refusal.value).startswith("form.toml")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match=r"nowhere\.toml"):
        read_design(tmp_path / "nowhere.toml")


@given(
    at=st.integers(0, len(STORY) - 1),
    length=st.integers(0, 60),
    put=st.text(st.sampled_from('[]{}"=\n a1.é#'), max_size=6),
)
@settings(max_examples=80, deadline=None)
def test_a_damaged_template_is_read_or_refused_but_never_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, at: int, length: int, put: str
) -> None:
    text = STORY[:at] + put + STORY[at + length :]
    try:
        design = read_design(written(tmp_path_factory.mktemp("form"), text))
    except BadTemplate as refusal:
        assert str(refusal).startswith("form.toml")
    else:
        assert design.page


def test_a_key_of_the_top_is_not_sought_in_the_tables_below() -> None:
    source = 'a = 1\n\n[[help]]\nname = "x"\n'
    assert line_of(source, ["name"]) == 1
    assert line_of(source, ["help", 0, "name"]) == 4
    assert line_of(source, ["help", 3, "name"]) == 1
    assert line_of(source, ["help"]) == 3


def test_repeated_finds_the_first_that_is_there_twice() -> None:
    assert repeated(["a", "b", "c"]) is None
    assert repeated(["a", "b", "c", "c", "b"]) == "c"
