"""The contact slip: printed, filled in, scanned, rung, and gone. It never becomes a story."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import papers
import pens
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from leaflets.design import read_design
from leaflets.errors import BadInvocation, BadTemplate
from leaflets.layout import PageLayout, contract
from leaflets.settings import EXAMPLE
from leaflets.sheet import lay_out, layout_for
from scan_pipeline import pipeline, report
from scan_pipeline.batch import Batch
from scan_pipeline.cli import main
from scan_pipeline.demo.fill import PX_PER_MM, blank_side
from scan_pipeline.demo.hands import make_hand
from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.demo.slip import DemoSlip, fill_slip
from scan_pipeline.desk.app import create_app
from scan_pipeline.page import Grey
from scan_pipeline.proof import prove
from scan_pipeline.reading import assemble, comb
from scan_pipeline.reading.recognise import recogniser
from scan_pipeline.store import Repository, open_store
from scan_pipeline.story import CombValue, PageReading
from scan_pipeline.worker import read_page

ROOT = Path(__file__).resolve().parent.parent
SLIP = (ROOT / "templates" / "contact.toml").read_text(encoding="utf-8")
PHONE = "07700900345"
SAM = DemoSlip(first_name="SAM", phone=PHONE, safe_time=("evening",), leave_message="no")
TOKEN, HOST = "a-token-for-this-test", {"base_url": "http://127.0.0.1:8000"}


SLIP_TABLES = ("contact_corrections", "contact_deletions", "contact_pages", "contacts")


@cache
def page() -> PageLayout:
    return layout_for("contact", EXAMPLE).page(1)


def filled(slip: DemoSlip, seed: int = 5, font: str = "Kalam") -> Grey:
    rng = np.random.default_rng(seed)
    blank = blank_side(layout_for("contact", EXAMPLE), EXAMPLE, 1)
    return fill_slip(blank, page(), slip, make_hand(rng, font), rng).image


@cache
def sams_slip() -> Grey:
    return distort(filled(SAM), PX_PER_MM, CONDITIONS["skew"], 5, layout=page()).image


def read(grey: Grey, folder: Path) -> PageReading:
    reading, _ = read_page(grey, forms=papers.forms(folder), engine=recogniser("ppocr"))
    assert isinstance(reading, PageReading), getattr(reading, "reason", "")
    return reading


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("slips")


# On paper


def written(folder: Path, text: str) -> Path:
    path = folder / "slip.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("groups = [5, 6]", "groups = [5, 5]", "add up to the 11 cells"),
        ('allows = "phone"', 'allows = "anything"', "key page.0.panel.1.item.3.allows"),
        ("cells = 11", "cells = 0", "key page.0.panel.1.item.3.cells"),
        ("cell_w_mm = 6.0\ngap_mm", "cell_w_mm = 4.0\ngap_mm", "item.2.cell_w_mm"),
        ('allows = "phone"', 'allows = "phone"\ncell_gap_mm = 1.0', "item.3.cell_gap_mm"),
        ('name = "phone"', 'name = "first_name"', "two fields are called 'first_name'"),
    ],
)
def test_a_mistake_in_a_comb_is_named(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in SLIP
    with pytest.raises(BadTemplate, match=re.escape(fault)):
        read_design(written(tmp_path, SLIP.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("cells = 14", "cells = 18", "'first_name' is too wide by"),
        ('name = "phone"', 'name = "phone"\ntop_mm = 46.0', "in each other"),
    ],
)
def test_cells_keep_clear_of_everything(tmp_path: Path, old: str, new: str, fault: str) -> None:
    text = SLIP.replace(old, new, 1)
    with pytest.raises(BadTemplate, match=fault):
        lay_out(read_design(written(tmp_path, text)), EXAMPLE)


def test_the_layout_says_where_every_cell_is() -> None:
    told = contract(layout_for("contact", EXAMPLE))
    (side,) = told["pages"]
    assert (side["width_mm"], side["height_mm"]) == (297.0, 210.0)
    phone = next(f for f in side["fields"] if f["name"] == "phone")
    assert phone["kind"] == "comb" and phone["allows"] == "phone"
    cells = phone["cells_mm"]
    assert len(cells) == 11 and {tuple(c[2:]) for c in cells} == {(6.0, 7.0)}
    gaps = [round(b[0] - a[0] - a[2], 3) for a, b in pairwise(cells)]
    assert gaps == [2.0] * 4 + [4.0] + [2.0] * 5
    x, y, w, h = phone["box_mm"]
    assert [x, y] == cells[0][:2] and x + w == pytest.approx(cells[-1][0] + 6.0) and h == 7.0


def test_the_slip_has_marks_of_its_own_far_from_the_edge() -> None:
    slips = page().markers
    stories = {m.id for side in papers.layout().pages for m in side.markers}
    assert len(slips) > 4 and not {m.id for m in slips} & stories
    assert max(m.id for m in slips) < 50
    for mark in slips:
        assert min(mark.box.x_mm, mark.box.y_mm) >= 12.0
        assert mark.box.right_mm <= 297 - 12 and mark.box.bottom_mm <= 210 - 12


def test_cells_are_printed_where_the_layout_says() -> None:
    blank = blank_side(layout_for("contact", EXAMPLE), EXAMPLE, 1)
    for field in page().fields:
        for cell in field.cells:
            x, y = round(cell.x_mm * PX_PER_MM), round(cell.centre_mm[1] * PX_PER_MM)
            assert blank[y, x - 2 : x + 3].min() < 110
            inside = cell.grown(-0.6)
            rows = slice(round(inside.y_mm * PX_PER_MM), round(inside.bottom_mm * PX_PER_MM))
            cols = slice(round(inside.x_mm * PX_PER_MM), round(inside.right_mm * PX_PER_MM))
            assert blank[rows, cols].min() == 255


def test_the_story_leaflet_is_the_same_form_as_before_there_were_combs() -> None:
    assert papers.layout().version == "SX0S"


# Reading


@pytest.mark.parametrize("condition", ["flat", "upside-down", "photo", "one-bit", "fold"])
def test_a_slip_comes_back_as_it_was_written(workspace: Path, condition: str) -> None:
    grey = distort(filled(SAM), PX_PER_MM, CONDITIONS[condition], 6, layout=page()).image
    if grey.ndim == 3:
        grey = np.asarray(cv2.cvtColor(grey, cv2.COLOR_RGB2GRAY), np.uint8)
    reading = read(grey, workspace)
    assert reading.template == "contact"
    for name, wanted in {"phone": PHONE, "first_name": "SAM"}.items():
        value = reading.fields[name]
        assert isinstance(value, CombValue)
        assert value.value == wanted
        assert [c.text for c in value.characters] == list(wanted)
        assert all(0 <= c.confidence <= 1 for c in value.characters)
        assert value.confidence == min(c.confidence for c in value.characters)
    assert reading.fields["safe_time"].value == ("evening",)
    assert reading.fields["leave_message"].value == "no"


def test_an_empty_comb_is_null_and_an_empty_slip_is_blank(workspace: Path) -> None:
    grey = distort(filled(DemoSlip(first_name="", phone="")), PX_PER_MM, CONDITIONS["skew"], 7)
    reading = read(grey.image, workspace)
    phone = reading.fields["phone"]
    assert isinstance(phone, CombValue)
    assert phone.value is None and not phone.review and phone.characters == ()
    assert assemble.is_blank(reading)


def test_a_number_that_black_and_white_has_lost_is_asked_for(workspace: Path) -> None:
    named = filled(replace(SAM, phone=""))
    grey, bits = (
        read(named, workspace),
        read(np.where(named < 128, 0, 255).astype(np.uint8), workspace),
    )
    assert grey.fields["phone"].value is None and not grey.fields["phone"].review
    assert bits.fields["phone"].value is None and bits.fields["phone"].review


def test_a_number_that_cannot_be_right_is_for_a_person(workspace: Path) -> None:
    short = read(filled(replace(SAM, phone="077009003")), workspace).fields["phone"]
    assert isinstance(short, CombValue) and short.value == "077009003" and short.review
    gap = read(filled(replace(SAM, phone="07700 90034")), workspace).fields["phone"]
    assert isinstance(gap, CombValue) and gap.review
    assert gap.characters[5].text == " " and gap.characters[5].review


def test_a_digit_struck_out_is_never_read_in_silence(workspace: Path) -> None:
    image = filled(SAM)
    cell = next(f for f in page().fields if f.name == "phone").cells[7]
    (x0, y0), _, (x1, y1), _ = (
        (round(x * PX_PER_MM), round(y * PX_PER_MM)) for x, y in cell.grown(-1).quad_mm
    )
    for k in range(4):
        cv2.line(image, (x0, y0 + 16 * k), (x1, y1 - 16 * k), (40,), 7)
    phone = read(image, workspace).fields["phone"]
    assert isinstance(phone, CombValue) and phone.review and phone.characters[7].review


def test_without_a_reader_a_written_comb_waits_for_a_person(workspace: Path) -> None:
    reading, _ = read_page(filled(SAM), forms=papers.forms(workspace))
    assert isinstance(reading, PageReading)
    phone = reading.fields["phone"]
    assert isinstance(phone, CombValue)
    assert phone.value is None and phone.review and len(phone.characters) == 11
    assert not assemble.is_blank(reading)


def test_strokes_over_the_outline_stay_whole_and_the_outline_goes(workspace: Path) -> None:
    image = blank_side(layout_for("contact", EXAMPLE), EXAMPLE, 1)
    phone = next(f for f in page().fields if f.name == "phone")
    cell = phone.cells[3]
    x, y = round(cell.centre_mm[0] * PX_PER_MM), round(cell.y_mm * PX_PER_MM)
    cv2.line(image, (x - 6, y - 14), (x + 6, y + 70), (30,), 6)  # out at the top
    _, placed = read_page(image, forms=papers.forms(workspace))
    assert placed is not None
    found = comb.cells(placed.grey, phone, placed.anchors, 0.2)
    assert [k for k, c in enumerate(found) if c.glyph is not None] == [3]
    glyph = found[3].glyph
    assert glyph is not None and not found[3].doubt
    tall_mm = glyph.shape[0] / 12
    assert 6.4 < tall_mm < 8.2  # the whole stroke is 84 pixels of 300 dpi: 7.1 mm
    assert glyph.shape[1] / 12 < 2.5


@pytest.mark.parametrize(
    ("allows", "text", "good"),
    [
        ("phone", "07700900123", True),
        ("phone", "02079460123", True),
        ("phone", "01632960999", True),
        ("phone", "7700900123", False),
        ("phone", "0770090012", False),
        ("phone", "99999999999", False),
        ("phone", "", False),
        ("postcode", "ZZZ99ZZ", False),
        ("postcode", "ZZ99ZZ", True),
        ("postcode", "Z99ZZ9", False),
        ("letters", "SAM", True),
        ("digits", "12", True),
    ],
)
def test_what_a_field_may_say(allows: str, text: str, good: bool) -> None:
    assert comb.fits(allows, text) is good


def test_a_postcode_tells_letters_from_digits_by_their_place() -> None:
    field = replace(next(f for f in page().fields if f.name == "phone"), allows="postcode")
    kinds = comb.ALLOWED["postcode"]
    looks = {"0": "0O", "1": "1I", "Z": "Z2", "I": "I1"}
    chances = np.full((6, 1, len(kinds)), 1e-4)
    for k, drawn in enumerate(["Z", "I", "1", "0", "Z", "I"]):
        for share, name in zip((0.45, 0.55), looks[drawn], strict=True):
            chances[k, 0, [kind[0] for kind in kinds].index(name)] = share
    cells = [comb.Cell(box=c, glyph=np.zeros((60, 30), np.uint8)) for c in field.cells[:6]]
    value = comb.judge(field, cells, chances, ())
    assert value.value is not None
    assert "".join("D" if c.isdigit() else "L" for c in value.value) in comb.POSTCODE
    assert value.value.endswith("ZI") and value.review  # such chances are no certainty


# From the scan to the call


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scans of a leaflet, a slip, and the same slip again, and the workspace they went into."""
    folder = tmp_path_factory.mktemp("box")
    papers.save(papers.filled(papers.WRITTEN, 4).image, folder / "story.png")
    papers.save(sams_slip(), folder / "slip.png")
    again = distort(filled(SAM), PX_PER_MM, CONDITIONS["skew"], 9, layout=page())
    papers.save(again.image, folder / "slip-again.png")
    outcomes = pipeline.scan(
        [folder / n for n in ("story.png", "slip.png", "slip-again.png")],
        workspace=folder / "w",
        workers=1,
    )
    (folder / "outcomes.json").write_text(
        json.dumps([*map(report.contract, found := list(outcomes)), Batch(found).summary()])
    )
    return folder


@pytest.fixture
def repo(box: Path, tmp_path: Path) -> Iterator[Repository]:
    import shutil

    shutil.copytree(box / "w", tmp_path / "w")
    with open_store(tmp_path / "w") as opened:
        yield opened


def everything(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


def test_a_slip_is_no_story_and_counts_once(box: Path, repo: Repository) -> None:
    story, slip, again, summary = json.loads((box / "outcomes.json").read_text())
    assert story["status"] == "read" and story["story"].startswith("S-")
    assert slip["status"] == "read" and slip["template"] == "contact"
    assert "story" not in slip and slip["contact"] == "C-001"
    assert slip["fields"]["phone"]["value"] == PHONE
    assert "".join(c["text"] for c in slip["fields"]["phone"]["characters"]) == PHONE
    assert len(slip["fields"]["phone"]["quad_px"]) == 4
    assert again["status"] == "duplicate" and again["contact"] == "C-001"
    assert summary == "1 new leaflet, 1 contact slip, 1 seen before."
    assert len(repo.stories()) == 1 and repo.stories()[0].reading.template == "story"
    (contact,) = repo.contacts()
    assert contact.answers["phone"] == PHONE


def test_the_ledger_accounts_for_slips_in_order_without_the_number(
    box: Path, tmp_path: Path, repo: Repository
) -> None:
    rows = repo.ledger()
    assert [Path(r.file).name for r in rows] == ["story.png", "slip.png", "slip-again.png"]
    assert [r.status for r in rows] == ["read", "read", "duplicate"]
    assert rows[1].story_id is None and "C-001" in rows[1].reason
    told = CliRunner().invoke(main, ["--workspace", str(tmp_path / "w"), "ledger", "--json"])
    assert told.exit_code == 0 and PHONE not in told.output and "SAM" not in told.output


def test_only_one_picture_of_a_slip_is_kept(repo: Repository, tmp_path: Path) -> None:
    kept = [p for p in (tmp_path / "w" / "originals").rglob("*") if p.is_file()]
    assert len(kept) == 2  # the story's and the slip's


def test_deleting_a_slip_leaves_nothing_of_it(repo: Repository, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    repo.correct_contact("C-001", "phone", "07700900999", "Ruth")
    assert repo.contact("c-1").answers["phone"] == "07700900999"
    picture = repo.original_path(repo.contacts()[0].image_sha256)
    before = everything(folder)
    assert PHONE.encode() in before and b"07700900999" in before
    repo.delete_contact("C-001", "Ruth")
    after = everything(folder)
    assert not picture.exists()
    assert PHONE.encode() not in after and b"07700900999" not in after
    assert repo.contacts() == []
    assert len(repo.stories()) == 1
    with pytest.raises(BadInvocation, match="no contact slip"):
        repo.contact("C-001")
    rows = repo.ledger()
    assert len(rows) == 3 and "done and deleted" in rows[1].reason


def test_a_deleted_slip_stays_deleted_when_its_file_is_scanned_again(
    box: Path, repo: Repository, tmp_path: Path
) -> None:
    repo.delete_contact("C-001", "Ruth")
    (outcome,) = pipeline.scan([box / "slip.png"], workspace=tmp_path / "w", workers=1, store=repo)
    assert outcome.status == "duplicate" and "deleted" in outcome.reason
    assert repo.contacts() == []
    assert len([p for p in (tmp_path / "w" / "originals").rglob("*") if p.is_file()]) == 1


def test_another_persons_slip_is_another_call(repo: Repository, tmp_path: Path) -> None:
    other = papers.save(filled(replace(SAM, phone="07700900346")), tmp_path / "other.png")
    (outcome,) = pipeline.scan([other], workspace=tmp_path / "w", workers=1, store=repo)
    assert outcome.status == "read" and outcome.contact_id == "C-002"
    assert len(repo.contacts()) == 2


def test_a_correction_needs_somebody_and_the_right_kind(repo: Repository) -> None:
    with pytest.raises(BadInvocation, match="answer for this"):
        repo.correct_contact("C-001", "phone", "07700900999", " ")
    with pytest.raises(BadInvocation, match="does not fit"):
        repo.correct_contact("C-001", "phone", True, "Ruth")
    with pytest.raises(BadInvocation, match="answer for this"):
        repo.delete_contact("C-001", "")
    assert repo.original_path(repo.contact("C-001").image_sha256).exists()


def test_the_rows_of_slips_are_never_altered(repo: Repository, tmp_path: Path) -> None:
    repo.correct_contact("C-001", "phone", "07700900999", "Ruth")
    with closing(sqlite3.connect(tmp_path / "w" / "leaflets.sqlite3")) as raw:
        for table in ("contacts", "contact_corrections", "contact_pages"):
            column = raw.execute(f"PRAGMA table_info({table})").fetchone()[1]
            with pytest.raises(sqlite3.IntegrityError, match="never altered"):
                raw.execute(f'UPDATE {table} SET "{column}" = "{column}"')


def test_a_workspace_from_before_there_were_slips_keeps_its_stories(
    repo: Repository, tmp_path: Path
) -> None:
    repo.close()
    with closing(sqlite3.connect(tmp_path / "w" / "leaflets.sqlite3")) as raw:
        for table in ("arrived", "awaited", "page_notes", *SLIP_TABLES):
            raw.execute(f"DROP TABLE {table}")
        raw.execute("UPDATE alembic_version SET version_num = '0001'")
        raw.commit()
    with open_store(tmp_path / "w") as opened:
        assert len(opened.stories()) == 1
        assert opened.contacts() == [] and len(opened.ledger()) == 1


def test_a_slip_that_cannot_be_placed_leaves_no_picture(tmp_path: Path) -> None:
    torn = sams_slip().copy()
    torn[:, : int(torn.shape[1] * 0.46)] = 255
    torn[: int(torn.shape[0] * 0.5)] = 255  # two marks are left
    (outcome,) = pipeline.scan(
        [papers.save(torn, tmp_path / "torn.png")], workspace=tmp_path / "w", workers=1
    )
    assert outcome.status == "unplaced" and "no picture of it was kept" in outcome.reason
    assert not [p for p in (tmp_path / "w" / "originals").rglob("*") if p.is_file()]


def test_a_leaflet_and_a_slip_in_one_picture_go_their_own_ways(tmp_path: Path) -> None:
    both = np.vstack([papers.filled(papers.WRITTEN, 4).image, filled(SAM)])
    outcomes = list(
        pipeline.scan(
            [papers.save(both, tmp_path / "both.png")], workspace=tmp_path / "w", workers=1
        )
    )
    assert [o.status for o in outcomes] == ["read", "read"]
    assert {o.reading.template for o in outcomes if o.reading} == {"story", "contact"}
    with open_store(tmp_path / "w") as repo:
        assert len(repo.stories()) == 1 and len(repo.contacts()) == 1
        repo.delete_contact("C-001", "Ruth")
        assert PHONE.encode() not in everything(tmp_path / "w")
    assert len([p for p in (tmp_path / "w" / "originals").rglob("*") if p.is_file()]) == 1


@pytest.mark.parametrize("slip_above", [True, False])
def test_a_slip_across_a_leaflet_is_in_no_picture_but_its_own(
    tmp_path: Path, slip_above: bool
) -> None:
    leaflet, slip = papers.filled(papers.WRITTEN, 4).image, filled(SAM)
    height, across = leaflet.shape[0], 420
    both = np.full((2 * height - across, leaflet.shape[1]), 255, np.uint8)
    for image, top in ((leaflet, height - across), (slip, 0))[:: 1 if slip_above else -1]:
        both[top : top + height] = image
    work = tmp_path / "w"
    files = [papers.save(slip, tmp_path / "slip.png"), papers.save(both, tmp_path / "both.png")]
    outcomes = list(pipeline.scan(files, workspace=work, workers=1))
    assert outcomes[0].contact_id == "C-001" and len(outcomes) == 3
    with open_store(work) as repo:
        repo.delete_contact("C-001", "Ruth")
        for contact in repo.contacts():
            repo.delete_contact(contact.id, "Ruth")
    kept = [p for p in (work / "originals").rglob("*") if p.is_file()]
    assert len(kept) == 1  # what the leaflet's own part shows
    picture = cv2.imread(str(kept[0]), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    shown = picture[: across - 60]  # nobody knows to the millimetre where a covered slip ends
    assert shown.min() == shown.max()  # nothing of the slip
    (row,) = [r for r in outcomes if not r.contact_id and r.image_sha256]
    said = (row.reason, *(row.reading.notices if row.reading else ()))
    assert any("its place is blank in the picture" in words for words in said)


@pytest.mark.parametrize("rows", [300, 900])
def test_a_slip_that_covers_a_part_of_a_leaflet_is_deleted_whole(tmp_path: Path, rows: int) -> None:
    slip, work = filled(SAM), tmp_path / "w"
    leaflet = papers.filled(papers.WRITTEN, 4).image.copy()
    leaflet[:rows] = slip[-rows:]
    files = [papers.save(slip, tmp_path / "1.png"), papers.save(leaflet, tmp_path / "2.png")]
    list(pipeline.scan(files, workspace=work, workers=1))
    with open_store(work) as repo:
        for contact in repo.contacts():
            repo.delete_contact(contact.id, "Ruth")
    (kept,) = (work / "originals").rglob("*.png")  # what is seen of the leaflet
    picture = cv2.imread(str(kept), cv2.IMREAD_GRAYSCALE)
    assert picture is not None and picture[:rows].min() > 200 and picture.min() < 100


def test_a_corner_of_a_slip_on_a_leaflet_leaves_no_picture(tmp_path: Path) -> None:
    leaflet = papers.filled(papers.WRITTEN, 4).image.copy()
    leaflet[:1200, -1700:] = filled(SAM)[-1200:, -1700:]  # two of its marks
    file = papers.save(leaflet, tmp_path / "corner.png")
    (outcome,) = pipeline.scan([file], workspace=tmp_path / "w", workers=1)
    assert outcome.status == "unplaced" and "one by one" in outcome.reason
    assert "no picture of it was kept" in outcome.reason
    assert not [p for p in (tmp_path / "w" / "originals").rglob("*") if p.is_file()]


# At the desk


@pytest.fixture
def client(repo: Repository, tmp_path: Path) -> FlaskClient:
    inside = create_app(repo, tmp_path / "w", TOKEN).test_client()
    inside.get(f"/?token={TOKEN}", **HOST)
    return inside


def csrf(client: FlaskClient) -> str:
    html = client.get("/calls/C-001", **HOST).get_data(as_text=True)
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found
    return found[1]


def test_the_first_page_says_how_many_wait_and_no_more(client: FlaskClient) -> None:
    html = client.get("/", **HOST).get_data(as_text=True)
    assert "People who asked for a call: 1" in html
    assert PHONE not in html and "SAM" not in html
    waiting = client.get("/calls", **HOST).get_data(as_text=True)
    assert "C-001" in waiting and PHONE not in waiting


def test_writing_beside_the_boxes_of_a_slip_comes_first(
    client: FlaskClient, repo: Repository, tmp_path: Path
) -> None:
    assert "Please read these first" not in client.get("/", **HOST).get_data(as_text=True)
    slip = filled(SAM).copy()
    pens.write(slip, "I am not safe at home", 190, 196, small_mm=4.0)
    file = papers.save(slip, tmp_path / "beside.png")
    assert len(list(pipeline.scan([file], workspace=tmp_path / "w", store=repo, workers=1))) == 1
    html = client.get("/", **HOST).get_data(as_text=True)
    assert "Please read these first: 1" in html and "/calls/C-002" in html


def test_the_slip_is_shown_beside_its_picture_and_can_be_corrected(
    client: FlaskClient, repo: Repository
) -> None:
    html = client.get("/calls/C-001", **HOST).get_data(as_text=True)
    assert PHONE in html and "SAM" in html and "S-20" not in html
    for name in (*repo.contact("C-001").reading.fields, ""):
        picture = client.get(f"/calls/C-001/picture/{name}".rstrip("/"), **HOST)
        assert picture.status_code == 200 and picture.mimetype == "image/jpeg"
    form = {"csrf": csrf(client), "by": "Ruth", "action": "save", "f-phone": "07700900111"}
    assert client.post("/calls/C-001", data=form, **HOST).status_code == 302
    assert repo.contact("C-001").answers["phone"] == "07700900111"


def test_done_deletes_and_says_so(client: FlaskClient, repo: Repository) -> None:
    form = {"csrf": csrf(client), "by": "Ruth", "action": "done"}
    unsaid = client.post("/calls/C-001", data=form, **HOST)
    assert unsaid.status_code == 422 and len(repo.contacts()) == 1
    nobody = client.post("/calls/C-001", data=form | {"by": "", "rung": "1"}, **HOST)
    assert nobody.status_code in {200, 422}
    if nobody.status_code == 422:
        gone = client.post("/calls/C-001", data=form | {"rung": "1"}, **HOST)
    else:
        gone = nobody
    told = gone.get_data(as_text=True)
    assert gone.status_code == 200 and "deleted for good" in told and "destroy the paper" in told
    assert repo.contacts() == []
    assert client.get("/calls/C-001", **HOST).status_code == 404
    assert client.get("/calls/C-001/picture", **HOST).status_code == 404
    assert "asked for a call" not in client.get("/", **HOST).get_data(as_text=True)


def test_no_poster_and_no_story_page_knows_a_slip(client: FlaskClient, repo: Repository) -> None:
    assert client.get("/confirm/C-001", **HOST).status_code == 404
    assert client.get("/answer/C-001", **HOST).status_code == 404
    assert client.get("/picture/C-001", **HOST).status_code == 404


# The commands


def test_the_slip_is_printed_proved_and_laid_out_like_the_leaflet(tmp_path: Path) -> None:
    run = CliRunner()
    pdf, work = tmp_path / "slips.pdf", ["--workspace", str(tmp_path / "w")]
    done = run.invoke(main, [*work, "print", "contact", "-o", str(pdf), "--copies", "3"])
    assert done.exit_code == 0, done.output
    assert pdf.read_bytes().count(b"/Type /Page\n") == 3
    assert b"Duplex" not in pdf.read_bytes()
    assert (tmp_path / "w" / "forms").is_dir()
    told = run.invoke(main, [*work, "layout", "contact", "--json"])
    assert json.loads(told.output)["template"] == "contact"
    blank = blank_side(layout_for("contact", EXAMPLE), EXAMPLE, 1)
    assert prove(blank, papers.forms(tmp_path / "w"), 300).sentence.startswith("This will work")
