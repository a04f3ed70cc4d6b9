"""The layout: a public contract, the geometry rules of paper, and room for any service's words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations, pairwise
from math import hypot

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from leaflets.clear import printed_things, within
from leaflets.design import load_design
from leaflets.errors import BadTemplate
from leaflets.flow import run_box, wrapped
from leaflets.fonts import text_width_mm
from leaflets.geometry import Rect
from leaflets.layout import FieldLayout, PageLayout, SheetLayout, contract
from leaflets.settings import EXAMPLE, HelpLine, Service, ServiceArea
from leaflets.sheet import lay_out, layout_for
from scan_pipeline.cli import main

LAYOUT = layout_for("story", EXAMPLE)
PAGES = LAYOUT.pages
FOLD_MM = 148.5
Number = int | float


def told() -> dict[str, object]:
    return contract(LAYOUT)


def numbers(value: object) -> list[float]:
    assert isinstance(value, list)
    assert all(isinstance(v, Number) and not isinstance(v, bool) for v in value)
    return value


def test_the_contract_has_exactly_the_keys_and_types_that_are_public() -> None:
    said = json.loads(json.dumps(told()))
    assert list(said) == ["schema", "template", "version", "language", "pages"]
    assert said["schema"] == 1
    assert (said["template"], said["language"]) == ("story", "en")
    assert len(said["version"]) == 4
    assert [p["page"] for p in said["pages"]] == [1, 2]
    for page in said["pages"]:
        assert list(page) == ["page", "width_mm", "height_mm", "markers", "fields"]
        assert (page["width_mm"], page["height_mm"]) == (297.0, 210.0)
        for marker in page["markers"]:
            assert set(marker) == {"id", "quad_mm"}
            assert [len(numbers(corner)) for corner in marker["quad_mm"]] == [2, 2, 2, 2]
        for field in page["fields"]:
            check_field(field)


def check_field(field: dict[str, object]) -> None:
    keys = {
        "text": {"lines_mm"},
        "choice": {"multiple", "options"},
        "tick": set(),
        "comb": {"cells_mm"},
    }
    kind = field["kind"]
    assert isinstance(kind, str)
    assert set(field) == {"name", "kind", "box_mm"} | keys[kind]
    x, y, w, h = numbers(field["box_mm"])
    assert w > 0
    assert h > 0
    if kind == "text":
        lines = numbers(field["lines_mm"])
        assert lines == sorted(lines)
        assert all(y < line < y + h for line in lines), "lines_mm lie inside the box"
    if kind == "choice":
        assert isinstance(field["multiple"], bool)
        assert isinstance(field["options"], list)
        for option in field["options"]:
            assert set(option) == {"value", "box_mm"}
            left, top, wide, high = numbers(option["box_mm"])
            assert (wide, high) == (5.0, 5.0)
            assert x <= left <= left + wide <= x + w + 0.002
            assert y <= top <= top + high <= y + h + 0.002


def test_the_command_prints_the_contract() -> None:
    done = CliRunner().invoke(main, ["layout", "story", "--json"])
    assert json.loads(done.stdout) == json.loads(json.dumps(told()))
    assert done.stderr == ""


def test_the_fields_of_the_form_are_those_that_stories_are_made_of() -> None:
    kinds = {f.name: f.kind for f in PAGES[0].fields}
    assert kinds == {
        "story_title": "text", "story": "text", "visit_when": "choice", "handle": "text",
        "good": "text", "improve": "text", "feelings": "choice", "feelings_other": "text",
        "rating": "choice", "author_role": "choice", "service_area": "choice",
        "consent_display": "tick", "helped_by": "tick",
    }  # fmt: skip
    assert not PAGES[1].fields, "nothing is written on the outside"
    several = {f.name for f in PAGES[0].fields if f.multiple}
    assert several == {"feelings", "service_area"}


def test_fiducials_are_many_and_distinct_and_lie_well_inside() -> None:
    ids = [m.id for page in PAGES for m in page.markers]
    assert len(ids) == len(set(ids)) == 16
    for page in PAGES:
        for marker in page.markers:
            paper = Rect(x_mm=0, y_mm=0, w_mm=page.width_mm, h_mm=page.height_mm)
            assert within(marker.box, paper.grown(-12.0))


def test_all_words_have_12_pt_at_least() -> None:
    assert min(r.size_pt for p in PAGES for r in (*p.texts, *p.code_captions)) >= 12.0


def test_writing_lines_are_9_mm_apart_and_there_is_room_for_a_story() -> None:
    texts = {f.name: f for f in PAGES[0].fields if f.kind == "text"}
    for field in texts.values():
        assert [b - a for a, b in pairwise(field.lines_mm)] == pytest.approx(
            [9.0] * (len(field.lines_mm) - 1)
        )
    assert len(texts["story"].lines_mm) >= 15
    assert len(texts["good"].lines_mm) == len(texts["improve"].lines_mm) == 4
    assert texts["story"].box.w_mm >= 124


def tick_boxes(page: PageLayout) -> list[Rect]:
    return [o.box for f in page.fields for o in f.options] + [
        f.box for f in page.fields if f.kind == "tick"
    ]


def test_tick_boxes_have_room_around_them() -> None:
    squares = tick_boxes(PAGES[0])
    for a, b in combinations(squares, 2):
        (ax, ay), (bx, by) = a.centre_mm, b.centre_mm
        assert hypot(ax - bx, ay - by) >= 8.0 - 1e-6


def test_a_label_is_nearer_to_its_own_box_than_to_the_next() -> None:
    page = PAGES[0]
    labels = {r.text: run_box(r) for r in page.texts}
    for field in page.fields:
        for option, following in pairwise(field.options):
            label = labels[option.label]
            own = label.x_mm - option.box.right_mm
            assert 2 / 3 * option.box.w_mm <= own < 4.0
            if following.box.y_mm == option.box.y_mm:
                assert following.box.x_mm - label.right_mm >= 2 * own


def test_fields_lie_3_mm_apart_or_5_mm_side_by_side() -> None:
    for a, b in combinations([f.box for f in PAGES[0].fields], 2):
        above = max(a.y_mm, b.y_mm) - min(a.bottom_mm, b.bottom_mm)
        beside = max(a.x_mm, b.x_mm) - min(a.right_mm, b.right_mm)
        assert above >= 3.0 - 1e-6 or beside >= 5.0 - 1e-6


@pytest.mark.parametrize("page", PAGES)
def test_no_field_mark_or_word_lies_at_the_fold_or_the_edge_or_on_another(page: PageLayout) -> None:
    check_room(page)


def check_room(page: PageLayout) -> None:
    """Independent of the program's own check, and of the order of things."""
    bodies: list[tuple[str, Rect, float]] = [("mark", m.box, 1.5) for m in page.markers]
    bodies += [("code", b, 1.2) for b in page.code_boxes]
    bodies += [("text", run_box(r), 0.0) for r in page.texts if r.text]
    bodies += [("tick", b, 0.0) for b in tick_boxes(page)]
    bodies += [("field", f.box, 0.0) for f in page.fields if f.kind == "text"]
    bodies += [("code", run_box(r, "STORY1-WWWW-WWWW-W"), 0.0) for r in page.code_captions]
    for _, box, _ in bodies:
        assert box.right_mm <= FOLD_MM - 6 + 0.01 or box.x_mm >= FOLD_MM + 6 - 0.01
        assert box.x_mm >= 8 - 0.01
        assert box.y_mm >= 8 - 0.01
        assert box.right_mm <= page.width_mm - 8 + 0.01
        assert box.bottom_mm <= page.height_mm - 8 + 0.01
    for (one, a, quiet), (other, b, white) in combinations(bodies, 2):
        keep = max(quiet, white)
        assert not a.grown(keep - 0.02).overlaps(b), (one, a, other, b)
    for stroke in page.strokes:
        if stroke.x1_mm != FOLD_MM:
            line = Rect(
                x_mm=min(stroke.x1_mm, stroke.x2_mm), y_mm=min(stroke.y1_mm, stroke.y2_mm),
                w_mm=abs(stroke.x2_mm - stroke.x1_mm), h_mm=abs(stroke.y2_mm - stroke.y1_mm),
            )  # fmt: skip
            assert not line.overlaps(Rect(x_mm=FOLD_MM - 6, y_mm=0, w_mm=12, h_mm=210))
            for marker in page.markers:
                assert not line.overlaps(marker.box.grown(1.5))
            for code in page.code_boxes:
                assert not line.overlaps(code.grown(1.2))


LETTERS = st.characters(
    min_codepoint=32, max_codepoint=0x17E, exclude_categories=("Cc", "Cf", "Zs", "Zl", "Zp")
)
ANY = st.characters(exclude_categories=("Cs",))


def phrase(words: int, alphabet: st.SearchStrategy[str] = LETTERS) -> st.SearchStrategy[str]:
    word = st.text(alphabet, min_size=1, max_size=14)
    return st.lists(word, min_size=1, max_size=words).map(" ".join)


@st.composite
def services(draw: st.DrawFn, alphabet: st.SearchStrategy[str] = LETTERS) -> Service:
    lines = st.builds(HelpLine, name=phrase(6, alphabet), contact=phrase(4, alphabet))
    labels = draw(st.lists(phrase(4, alphabet), min_size=1, max_size=12))
    return replace(
        EXAMPLE,
        name=draw(phrase(10, alphabet)),
        box_opener=draw(phrase(10, alphabet)),
        typist=draw(phrase(4, alphabet)),
        help_lines=tuple(draw(st.lists(lines, min_size=1, max_size=10))),
        help_checked=draw(st.just("") | phrase(2, alphabet)),
        service_areas=tuple(
            ServiceArea(value=f"area_{n}", label=label) for n, label in enumerate(labels)
        ),
        complaint_route=draw(st.just("") | phrase(30, alphabet)),
        other_formats=draw(st.just("") | phrase(30, alphabet)),
        take_down_route=draw(st.just("") | phrase(30, alphabet)),
        example=False,
    )


@given(service=services())
@settings(max_examples=60, deadline=None)
def test_any_service_fits_or_is_told_which_words_do_not(service: Service) -> None:
    try:
        laid = layout_for("story", service)
    except BadTemplate as refusal:
        assert refusal.exit_code == 3
        assert "service.toml" in refusal.remedy
        assert any(part in str(refusal) for part in ("too wide", "too full", "printed letters"))
        assert "\n" not in str(refusal)
        return
    for page in laid.pages:
        check_room(page)
    printed = " ".join(r.text for page in laid.pages for r in page.texts).split()
    for text in (service.name, service.other_formats, *(h.contact for h in service.help_lines)):
        for word in text.split():
            assert word in printed, "words are never cut"
    assert [
        o.label for f in laid.pages[0].fields if f.name == "service_area" for o in f.options
    ] == [a.label for a in service.service_areas]


SMALL = st.sampled_from("aeilnorstuvwm")


def short(most: int) -> st.SearchStrategy[str]:
    return st.text(SMALL, min_size=1, max_size=most)


@given(
    name=st.lists(short(12), min_size=1, max_size=5).map(" ".join),
    opener=st.lists(short(10), min_size=1, max_size=3).map(" ".join),
    lines=st.lists(st.builds(HelpLine, name=short(20), contact=short(18)), min_size=1, max_size=6),
    checked=st.just("") | short(14),
    labels=st.lists(short(10), min_size=1, max_size=8, unique=True),
)
@settings(max_examples=40, deadline=None)
def test_an_ordinary_service_always_fits(
    name: str, opener: str, lines: list[HelpLine], checked: str, labels: list[str]
) -> None:
    areas = tuple(ServiceArea(value=f"area_{n}", label=label) for n, label in enumerate(labels))
    laid = layout_for(
        "story",
        replace(
            EXAMPLE,
            name=name,
            box_opener=opener,
            help_lines=tuple(lines),
            help_checked=checked,
            service_areas=areas,
        ),
    )
    for page in laid.pages:
        check_room(page)


@given(service=services(ANY))
@settings(max_examples=30, deadline=None)
def test_no_text_whatever_ends_in_a_traceback(service: Service) -> None:
    try:
        laid = layout_for("story", service)
    except BadTemplate:
        return
    assert contract(laid)["schema"] == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": "Riverbank " * 40}, "Riverbank"),
        ({"name": "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 2}, "too wide"),
        ({"complaint_route": "Ask anybody at the front desk. " * 12}, "“Ask anybody"),
        (
            {"help_lines": tuple(HelpLine(name=f"Line {n}", contact="0") for n in range(12))},
            "“Line 0”",
        ),
        (
            {
                "service_areas": tuple(
                    ServiceArea(value=f"a{n}", label=f"the place {n}") for n in range(20)
                )
            },
            "“the place 0”",
        ),
    ],
)
def test_words_that_do_not_fit_are_named_in_one_sentence(
    changed: dict[str, object], words: str
) -> None:
    service = replace(EXAMPLE, **changed)  # type: ignore[arg-type]
    with pytest.raises(BadTemplate, match=words) as refusal:
        layout_for("story", service)
    assert "service.toml" in refusal.value.remedy
    assert len(str(refusal.value)) < 500


@pytest.mark.parametrize("name", ["عيادة", "Clinic 🙂", "Klinik\tEast", "诊所"])
def test_letters_that_the_face_does_not_have_are_refused_and_shown(name: str) -> None:
    with pytest.raises(BadTemplate, match="printed letters do not include"):
        layout_for("story", replace(EXAMPLE, name=name))


def test_the_version_changes_with_everything_that_is_printed_and_with_nothing_else() -> None:
    assert layout_for("story", replace(EXAMPLE, organisation="Another")).version == LAYOUT.version
    assert len(LAYOUT.version) == 4
    for changed in (
        replace(EXAMPLE, name="Another clinic"),
        replace(EXAMPLE, help_lines=EXAMPLE.help_lines[:3]),
        replace(EXAMPLE, service_areas=EXAMPLE.service_areas[:5]),
    ):
        assert layout_for("story", changed).version != LAYOUT.version


def test_the_version_is_the_same_in_another_process() -> None:
    code = (
        "from leaflets.sheet import layout_for; from leaflets.settings import EXAMPLE;"
        "print(layout_for('story', EXAMPLE).version)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == LAYOUT.version


def shifted(layout_name: str, **changes: object) -> SheetLayout:
    """The template with its first tick item changed."""
    design = load_design(layout_name)
    side = design.page[0]
    panel = side.panel[1]
    items = tuple(
        i.model_copy(update=changes) if getattr(i, "name", "") == "helped_by" else i
        for i in panel.item
    )
    panels = (side.panel[0], panel.model_copy(update={"item": items}))
    pages = (side.model_copy(update={"panel": panels}), design.page[1])
    return lay_out(design.model_copy(update={"page": pages}), EXAMPLE)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"x_mm": 156.0}, "mark 6 and the box|way"),
        ({"x_mm": 151.0}, "too near the fold"),
        ({"top_mm": 199.0}, "too near the edge"),
        ({"x_mm": 205.0, "top_mm": 180.0}, "way"),
    ],
)
def test_a_template_that_crowds_something_is_refused(
    changes: dict[str, object], fault: str
) -> None:
    assert shifted("story") == LAYOUT
    with pytest.raises(BadTemplate, match=fault):
        shifted("story", **changes)


def names(things: Iterable[FieldLayout]) -> list[str]:
    return [f.name for f in things]


def test_every_printed_thing_is_watched() -> None:
    watched = [thing.what for thing in printed_things(PAGES[0])]
    assert sum(w.startswith("mark ") for w in watched) == 8
    assert watched.count("a code") == 2
    assert watched.count("the words of the code") == 1
    for name in names(f for f in PAGES[0].fields if not f.options):
        assert f"the field {name!r}" in watched


@given(text=phrase(12), width=st.floats(20, 130), size=st.floats(12, 44), bold=st.booleans())
@settings(max_examples=100, deadline=None)
def test_wrapping_keeps_every_word_in_order(
    text: str, width: float, size: float, bold: bool
) -> None:
    lines = wrapped(text, size, width, bold=bold)
    assert " ".join(lines) == text
    for line in lines:
        assert text_width_mm(line, size, bold) <= width or " " not in line


@pytest.mark.parametrize("template", ["story", "contact"])
def test_a_role_that_begins_a_sentence_begins_with_a_capital(template: str) -> None:
    service = replace(EXAMPLE, box_opener="the peer lead", typist="a volunteer")
    said = " ".join(run.text for page in layout_for(template, service).pages for run in page.texts)
    assert "The peer lead" in said and "the peer lead" not in said
    if template == "story":
        assert "A volunteer types it." in said
