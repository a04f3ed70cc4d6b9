"""The settings file: people write it, so everything that they may do to it is expected."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from leaflets.errors import BadTemplate, StorageFailure
from leaflets.fonts import missing_letters
from leaflets.settings import (
    EXAMPLE,
    HelpLine,
    Service,
    ServiceArea,
    load_settings,
    settings_text,
    write_settings,
)

LETTERS = [chr(c) for c in range(32, 0x2100) if not missing_letters(chr(c))]
WORDS = st.text(
    st.sampled_from(LETTERS) | st.sampled_from("\"'\\#=[]{}%\u00a0é—’“"), min_size=1, max_size=40
).filter(str.strip)
SENTENCE = st.just("") | st.lists(WORDS, min_size=1, max_size=3).map("\n".join)
VALUE = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)


@st.composite
def services(draw: st.DrawFn) -> Service:
    areas = draw(
        st.lists(
            st.tuples(VALUE, WORDS),
            min_size=1,
            max_size=5,
            unique_by=(lambda a: a[0], lambda a: a[1].casefold()),
        )
    )
    lines = st.builds(HelpLine, name=WORDS, contact=WORDS)
    return Service(
        name=draw(WORDS),
        organisation=draw(SENTENCE),
        logo=None,
        box_opener=draw(WORDS),
        typist=draw(WORDS),
        help_lines=tuple(draw(st.lists(lines, min_size=1, max_size=5))),
        help_checked=draw(SENTENCE),
        service_areas=tuple(ServiceArea(value=v, label=label) for v, label in areas),
        complaint_route=draw(SENTENCE),
        other_formats=draw(SENTENCE),
        take_down_route=draw(SENTENCE),
    )


@given(service=services())
@settings(max_examples=120, deadline=None)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, service: Service
) -> None:
    folder = tmp_path_factory.mktemp("service")
    write_settings(service, folder / "service.toml")
    assert load_settings(folder) == service
    assert settings_text(load_settings(folder), folder) == settings_text(service, folder)


def test_the_example_stands_before_any_set_up_and_is_marked_as_such(tmp_path: Path) -> None:
    assert load_settings(tmp_path) is EXAMPLE
    assert EXAMPLE.example
    write_settings(EXAMPLE, tmp_path / "service.toml")
    assert load_settings(tmp_path) == replace(EXAMPLE, example=False)


@pytest.mark.parametrize("start", ["\ufeff", ""])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_a_file_saved_by_notepad_is_read(tmp_path: Path, start: str, end: str) -> None:
    text = start + settings_text(EXAMPLE, tmp_path).replace("\n", end)
    (tmp_path / "service.toml").write_bytes(text.encode())
    assert load_settings(tmp_path) == replace(EXAMPLE, example=False)


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ('name = "Riverbank Example Clinic"', "name = 7", "name = 7", "key name"),
        ('name = "Riverbank Example Clinic"', 'name = " "', 'name = " "', "write something"),
        ('name = "Riverbank Example Clinic"', 'name = "a\\nb"', 'name = "a\\nb"', "on one line"),
        ('name = "Riverbank Example Clinic"', 'name = "عيادة"', 'name = "عيادة"', "“ع”"),
        ('name = "Riverbank Example Clinic"', 'name = "R 🙂"', 'name = "R 🙂"', "“🙂”"),
        ('name = "Riverbank Example Clinic"', 'name = "R\\tB"', 'name = "R\\tB"', r"U\+0009"),
        (
            'name = "Riverbank Example Clinic"',
            "",
            "# What the leaflets",
            "key name: this is missing",
        ),
        (
            'name = "Riverbank Example Clinic"',
            'nmae = "R"',
            'nmae = "R"',
            "key nmae: there is no such",
        ),
        ('name = "Riverbank Example Clinic"', 'name = "Riverbank', 'name = "Riverbank', "line 4"),
        ('typist = "the volunteer"', "typist = the volunteer", "typist = the volunteer", "line 12"),
        (
            'contact = "116 123"',
            "contact = 116123",
            "contact = 116123",
            r"key help_lines\.2\.contact",
        ),
        ('value = "groups"', 'value = "worker"', "[[service_areas]]", "'worker' is there twice"),
        (
            f'label = "{EXAMPLE.service_areas[1].label}"',
            f'label = "{EXAMPLE.service_areas[0].label.upper()}"',
            "[[service_areas]]",
            "the label '.*' is there twice",
        ),
        (
            'value = "groups"',
            'value = "Our groups"',
            'value = "Our groups"',
            r"key service_areas\.2\.value",
        ),
        (
            'logo = ""',
            'logo = "missing.png"',
            'logo = "missing.png"',
            "no file called 'missing.png'",
        ),
        ('logo = ""', 'logo = "service.toml"', 'logo = "service.toml"', "not a PNG or JPEG"),
        ('logo = ""', "logo = 1", "logo = 1", "key logo"),
    ],
)
def test_a_mistake_names_file_line_and_key(
    tmp_path: Path, old: str, new: str, at: str, says: str
) -> None:
    text = settings_text(EXAMPLE, tmp_path)
    assert text.count(old) == 1
    changed = text.replace(old, new)
    (tmp_path / "service.toml").write_text(changed, encoding="utf-8")
    with pytest.raises(BadTemplate, match=says) as refusal:
        load_settings(tmp_path)
    said = str(refusal.value)
    assert said.startswith("service.toml")
    line = int(re.findall(r"line (\d+)", said)[0])
    assert at in changed.splitlines()[line - 1]
    assert "Value error" not in said


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[[help_lines]", b""])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "service.toml").write_bytes(content)
    with pytest.raises(BadTemplate, match=r"^service\.toml"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"the volunteer", "the caf\u00e9".encode("latin-1"), "line 12: this has a letter that is"),
        (b'typist = "', b"typist = ", "line 12: words must stand in straight"),
        (b'typist = "the volunteer"', b"typist = 116 123", "line 12: words and numbers must stand"),
        (b"typist =", b"typist", "line 12: between the name and what it says"),
        (
            b'volunteer"\n\n# Whole',
            b"volunteer\n\n# Whole",
            "line 12: the quotation mark that ends",
        ),
        (b'typist = "the', b'typist = "the\\w', r"line 12: a \\ in quotes must be written twice"),
        (b"# Who types", b'name = "x"\n# Who types', "line 11: this name is there twice"),
    ],
)
def test_a_slip_of_the_pen_is_told_in_plain_words_with_its_line(
    tmp_path: Path, old: bytes, new: bytes, says: str
) -> None:
    good = settings_text(EXAMPLE, tmp_path).encode()
    assert good.count(old) == 1
    (tmp_path / "service.toml").write_bytes(good.replace(old, new))
    with pytest.raises(BadTemplate, match=says) as refusal:
        load_settings(tmp_path)
    for jargon in ("key/value", "statement", "codec", "Errno", "column"):
        assert jargon not in str(refusal.value)


@pytest.mark.parametrize("data", [b"%PDF-1.7\n%\xe2\xe3", "name = 'x'".encode("utf-16"), b"a\0b"])
def test_another_kind_of_file_in_its_place_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "service.toml").write_bytes(data)
    with pytest.raises(BadTemplate, match=r"service\.toml, line 1: this is no plain text"):
        load_settings(tmp_path)


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "service.toml").mkdir()
    with pytest.raises(BadTemplate, match=r"service\.toml cannot be read: "):
        load_settings(tmp_path)


def test_every_fault_is_listed(tmp_path: Path) -> None:
    text = settings_text(EXAMPLE, tmp_path)
    text = text.replace("typist =", "typits =").replace('contact = "999"', "contact = 999")
    (tmp_path / "service.toml").write_text(text.replace('"85258"', '""'), encoding="utf-8")
    with pytest.raises(BadTemplate) as refusal:
        load_settings(tmp_path)
    said = str(refusal.value).splitlines()
    assert len(said) == 4 and all(line.startswith("service.toml, line ") for line in said)
    for key in ("typits", "typist", "help_lines.0.contact", "help_lines.3.contact"):
        assert sum(f"key {key}:" in line for line in said) == 1


def test_help_lines_that_are_all_wrong_are_not_called_too_few(tmp_path: Path) -> None:
    text = settings_text(EXAMPLE, tmp_path).replace("contact =", "contcat =")
    (tmp_path / "service.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadTemplate) as refusal:
        load_settings(tmp_path)
    said = str(refusal.value).splitlines()
    assert len(said) == 8 and all("key help_lines." in line for line in said)
    none = re.sub(r"\[\[help_lines\]\]\n.*\n.*\n", "", text)
    (tmp_path / "service.toml").write_text("help_lines = []\n" + none, encoding="utf-8")
    with pytest.raises(BadTemplate, match="key help_lines: there is too little here"):
        load_settings(tmp_path)


def test_a_logo_beside_the_file_is_named_so_that_the_folder_can_be_moved(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    first.mkdir()
    Image.new("L", (30, 10)).save(first / "logo.png")
    write_settings(replace(EXAMPLE, logo=first / "logo.png"), first / "service.toml")
    assert 'logo = "logo.png"' in (first / "service.toml").read_text(encoding="utf-8")
    first.rename(second)
    assert load_settings(second).logo == second / "logo.png"


@pytest.mark.parametrize(
    "content", [b"not a picture", b"", b"\x89PNG\r\n\x1a\n cut off", b"GIF89a"]
)
def test_a_logo_that_cannot_be_opened_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "logo.png").write_bytes(content)
    write_settings(replace(EXAMPLE, logo=tmp_path / "logo.png"), tmp_path / "service.toml")
    with pytest.raises(BadTemplate, match=r"line 7, key logo: 'logo\.png' is not a PNG or JPEG"):
        load_settings(tmp_path)


def test_a_folder_that_may_not_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageFailure, match=r"service\.toml could not be written"):
        write_settings(EXAMPLE, tmp_path / "file" / "service.toml")
