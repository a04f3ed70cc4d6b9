"""Files from scanners and phones, good and bad: each gives pages or a clear sentence."""

from __future__ import annotations

import io
import os
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib import pdfencrypt
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from scan_pipeline.page import PageImage, PageSource, Unplaced
from scan_pipeline.reading import intake
from scan_pipeline.reading.intake import BadFile


@pytest.fixture
def grey() -> Image.Image:
    rng = np.random.default_rng(3)
    return Image.fromarray(rng.integers(0, 255, (700, 990), np.uint8).astype(np.uint8))


def pages_of(path: Path) -> list[PageSource]:
    found = intake.find_pages(path)
    assert isinstance(found, list), found
    return found


def loaded(source: PageSource) -> PageImage:
    page = intake.load_page(source)
    assert isinstance(page, PageImage), page
    return page


@pytest.mark.parametrize("suffix", ["png", "tif", "jpg"])
def test_a_picture_comes_in_as_it_is(tmp_path: Path, grey: Image.Image, suffix: str) -> None:
    path = tmp_path / f"page.{suffix}"
    grey.save(path, dpi=(200, 200), quality=100)
    page = loaded(pages_of(path)[0])
    assert page.grey.shape == (700, 990)
    assert page.dpi == pytest.approx(200, abs=1)
    if suffix != "jpg":
        np.testing.assert_array_equal(page.grey, np.asarray(grey))


def test_a_photograph_turned_by_its_phone_is_turned_back(tmp_path: Path) -> None:
    picture = np.full((600, 900), 255, np.uint8)
    picture[:50, :50] = 0
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn a quarter clockwise to look at it"
    Image.fromarray(picture).save(tmp_path / "photo.jpg", exif=exif, quality=95)
    page = loaded(pages_of(tmp_path / "photo.jpg")[0])
    assert page.grey.shape == (900, 600)
    assert page.grey[10, 580] < 60 and page.grey[10, 10] > 200


def test_every_page_of_a_tiff_is_found_black_and_white_too(tmp_path: Path) -> None:
    frames = [Image.new("1", (800, 600), k % 2) for k in range(3)]
    path = tmp_path / "fax.tif"
    frames[0].save(path, save_all=True, append_images=frames[1:], compression="group4")
    means = [float(loaded(source).grey.mean()) for source in pages_of(path)]
    assert means == [0.0, 255.0, 0.0]


@pytest.mark.parametrize("dpi", [150, 400])
def test_a_scan_in_a_pdf_keeps_its_own_resolution(tmp_path: Path, dpi: int) -> None:
    size = (round(8.27 * dpi), round(11.69 * dpi))
    rng = np.random.default_rng(1)
    picture = Image.fromarray(rng.integers(0, 255, size[::-1], np.uint8).astype(np.uint8))
    picture.save(tmp_path / "scan.pdf", resolution=dpi)
    page = loaded(pages_of(tmp_path / "scan.pdf")[0])
    assert page.grey.shape == size[::-1]
    assert page.dpi == pytest.approx(dpi, abs=2)


@pytest.mark.parametrize("how", ["plain", "packed", "packed-twice", "owner-locked"])
def test_a_jpeg_in_a_pdf_stays_as_it_is_and_is_known_again(
    tmp_path: Path, grey: Image.Image, how: str
) -> None:
    """A store knows its pictures by their bytes, whichever way those are taken out of a PDF."""
    path, jpeg = pdf_of_jpegs(tmp_path, grey)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        if how == "packed-twice":
            filters = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.DCTDecode])
            pdf.pages[0].Resources.XObject["/image"].write(zlib.compress(jpeg), filter=filters)
        modes = pikepdf.ObjectStreamMode
        pdf.save(
            path,
            object_stream_mode=modes.generate if how == "packed" else modes.disable,
            encryption=pikepdf.Encryption(owner="x", user="") if how == "owner-locked" else False,
        )
    page = loaded(pages_of(path)[0])
    assert (page.data, page.suffix, round(page.dpi or 0)) == (jpeg, ".jpg", 90)
    subprocess.run(["pdfimages", "-j", "-l", "1", path, tmp_path / "by"], check=True)
    assert (tmp_path / "by-000.jpg").read_bytes() == jpeg


def test_a_negative_that_its_pdf_turns_round_is_seen_as_it_shows(
    tmp_path: Path, grey: Image.Image
) -> None:
    path, _ = pdf_of_jpegs(tmp_path, grey)
    seen = loaded(pages_of(path)[0]).grey
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].Resources.XObject["/image"].Decode = pikepdf.Array([1, 0])
        pdf.save(path)
    assert np.array_equal(loaded(pages_of(path)[0]).grey, 255 - seen)


def test_a_pdf_whose_table_of_contents_is_lost_still_gives_its_scans(
    tmp_path: Path, grey: Image.Image
) -> None:
    path, jpeg = pdf_of_jpegs(tmp_path, grey)
    path.write_bytes(path.read_bytes().replace(b"startxref", b"stopped--"))
    one, other = (loaded(source).data.rstrip(b"\r\n") for source in pages_of(path))
    assert one == jpeg != other


@pytest.mark.parametrize(
    ("how", "shows"),
    [
        ("tick", True),
        ("note", True),
        ("in-a-form", True),
        ("unseen-words", False),
        ("under", False),
    ],
)
def test_what_was_put_on_a_scan_in_its_pdf_is_seen(
    tmp_path: Path, grey: Image.Image, how: str, *, shows: bool
) -> None:
    """Ticks made on a tablet are kept beside the picture, not in it."""
    path, jpeg = pdf_of_jpegs(tmp_path, grey)
    tick = b"q 1 0 0 rg 100 100 200 200 re f Q"
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        page = pdf.pages[0]
        if how == "note":
            form = pdf.make_stream(tick, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
            form.BBox = pikepdf.Array([0, 0, 700, 500])
            drawn = {"Type": pikepdf.Name.Annot, "Subtype": pikepdf.Name.Stamp, "AP": {"/N": form}}
            note = pikepdf.Dictionary(Rect=[0, 0, 700, 500], F=4, **drawn)
            page.obj.Annots = pikepdf.Array([pdf.make_indirect(note)])
        elif how == "in-a-form":
            form = pdf.make_stream(tick, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
            form.BBox = pikepdf.Array([0, 0, 700, 500])
            page.Resources.XObject["/Over"] = form
            page.contents_add(b"/Over Do")
        elif how == "unseen-words":
            page.contents_add(b"BT 3 Tr (hello) Tj ET")
        else:
            page.contents_add(tick, prepend=how == "under")
        pdf.save(path)
    page_image = loaded(pages_of(path)[0])
    assert (page_image.data != jpeg) == shows
    if shows:
        height, width = page_image.grey.shape
        part = page_image.grey[round(height * 0.5) : round(height * 0.7), round(width * 0.2) :]
        assert np.ptp(part[:, : round(width * 0.1)]) < 60  # red all over, where there was noise


@pytest.mark.parametrize("kind", ["flate", "run-length", "jpeg2000"])
def test_what_a_pdf_cannot_decode_is_not_taken_for_blank_paper(
    tmp_path: Path, grey: Image.Image, kind: str
) -> None:
    """Poppler leaves it white, and only complains."""
    buffer = io.BytesIO()
    grey.save(buffer, "JPEG2000")
    rows = np.asarray(grey).reshape(-1, 110)  # each as it is: 109 says that 110 bytes follow
    run_length = b"".join(b"\x6d" + row.tobytes() for row in rows) + b"\x80"
    data, name = {
        "flate": (zlib.compress(np.asarray(grey).tobytes()), pikepdf.Name.FlateDecode),
        "run-length": (run_length, pikepdf.Name.RunLengthDecode),
        "jpeg2000": (buffer.getvalue(), pikepdf.Name.JPXDecode),
    }[kind]
    path, _ = pdf_of_jpegs(tmp_path, grey)
    for file, part in ("whole.pdf", len(data)), ("cut.pdf", len(data) // 2):
        with pikepdf.open(path) as pdf:
            pdf.pages[0].Resources.XObject["/image"].write(data[:part], filter=name)
            pdf.save(tmp_path / file)
    whole, cut = (loaded(pages_of(tmp_path / name)[0]) for name in ("whole.pdf", "cut.pdf"))
    assert not whole.partial and np.ptp(whole.grey[-50:]) > 100
    assert cut.partial and np.ptp(cut.grey[-50:]) < 100


@pytest.mark.parametrize(("rows", "ends_early"), [(0, True), (40, True), (700, False)])
def test_a_fax_that_is_nearly_all_lost_is_not_taken_for_blank_paper(
    tmp_path: Path, grey: Image.Image, rows: int, ends_early: bool
) -> None:
    """Also one whose rows end in a valid end of page; white paper itself is a whole fax."""
    path, _ = pdf_of_jpegs(tmp_path, grey)
    white, data = Image.new("1", (grey.width, grey.height), 1), b""
    if rows:
        part = white.crop((0, 0, grey.width, rows))
        part.save(tmp_path / "fax.tif", compression="group4", strip_size=1_000_000)
        with Image.open(tmp_path / "fax.tif") as fax:
            (start,), (length,) = fax.tag_v2[273], fax.tag_v2[279]
        data = (tmp_path / "fax.tif").read_bytes()[start : start + length]
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        picture = pdf.pages[0].Resources.XObject["/image"]
        coded = pikepdf.Dictionary(K=-1, Columns=grey.width, Rows=grey.height)
        picture.write(data, filter=pikepdf.Name.CCITTFaxDecode, decode_parms=coded)
        picture.BitsPerComponent = 1
        pdf.save(path)
    assert loaded(pages_of(path)[0]).partial == ends_early


def test_strips_that_end_early_in_a_pdf_are_noticed(tmp_path: Path, grey: Image.Image) -> None:
    """A page in several pictures is rendered; poppler says nothing of a JPEG that is cut off."""
    path, jpeg = pdf_of_jpegs(tmp_path, grey)
    for file, part in ("whole.pdf", len(jpeg)), ("cut.pdf", len(jpeg) // 2):
        with pikepdf.open(path) as pdf:
            page = pdf.pages[0]
            strip = pdf.make_stream(jpeg[:part], page.Resources.XObject["/image"].stream_dict)
            page.Resources.XObject["/strip"] = strip
            page.contents_add(b"q 792 0 0 560 0 -280 cm /strip Do Q")
            pdf.save(tmp_path / file)
    whole, cut = (loaded(pages_of(tmp_path / name)[0]) for name in ("whole.pdf", "cut.pdf"))
    assert (whole.partial, cut.partial) == (False, True)


def pdf_of_jpegs(folder: Path, grey: Image.Image) -> tuple[Path, bytes]:
    """A PDF of two pages as a scanner writes it, and the picture of the first."""
    path = folder / "scan.pdf"
    other = Image.fromarray(np.roll(np.asarray(grey), 9, 0))
    grey.save(path, resolution=90, save_all=True, append_images=[other])
    with pikepdf.open(path) as pdf:
        return path, bytes(pdf.pages[0].Resources.XObject["/image"].read_raw_bytes())


def test_a_drawn_pdf_is_rendered(tmp_path: Path) -> None:
    path = tmp_path / "drawn.pdf"
    pen = canvas.Canvas(str(path), pagesize=A4)
    for _ in range(2):
        pen.rect(100, 100, 200, 200, fill=1)
        pen.showPage()
    pen.save()
    assert [loaded(s).grey.shape for s in pages_of(path)] == [(3508, 2481)] * 2


def test_a_photograph_of_an_iphone_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(__file__).parent / "resources" / "gradient.heic"
    (source,) = pages_of(path)
    small = intake.load_page(source)
    assert isinstance(small, Unplaced) and "128 by 128" in small.reason
    monkeypatch.setattr(intake, "MIN_SIDE_PX", 100)
    page = loaded(source)
    assert page.grey.shape == (128, 128) and page.grey.std() > 10


def test_see_through_paper_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (500, 500), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert loaded(pages_of(tmp_path / "clear.png")[0]).grey.min() == 255


def locked(path: Path) -> None:
    pen = canvas.Canvas(str(path), encrypt=pdfencrypt.StandardEncryption("secret"))
    pen.drawString(100, 100, "x")
    pen.save()


def half(path: Path, grey: Image.Image) -> None:
    grey.save(path, **({"resolution": 300} if path.suffix == ".pdf" else {}))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def test_bad_files_are_answered_with_what_to_do(tmp_path: Path, grey: Image.Image) -> None:
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "text.pdf").write_text("Dear Sir,\nthis is a letter.\n")
    (tmp_path / "noise.jpg").write_bytes(bytes(range(256)) * 20)
    locked(tmp_path / "locked.pdf")
    half(tmp_path / "cut.pdf", grey)
    said = {
        "empty.pdf": "empty",
        "text.pdf": "not a picture or PDF",
        "noise.jpg": "not a picture or PDF",
        "locked.pdf": "password",
        "cut.pdf": "damaged or cut off",
    }
    for name, words in said.items():
        found = intake.find_pages(tmp_path / name)
        assert isinstance(found, BadFile) and words in found.reason, (name, found)
    missing = list(intake.find_files([tmp_path / "nothing-here"]))
    assert isinstance(missing[0], BadFile)


def test_a_cut_off_picture_is_refused_not_guessed(tmp_path: Path, grey: Image.Image) -> None:
    half(tmp_path / "cut.jpg", grey)
    (source,) = pages_of(tmp_path / "cut.jpg")
    refused = intake.load_page(source)
    assert isinstance(refused, Unplaced) and "cut off" in refused.reason


@pytest.mark.parametrize("compression", ["tiff_lzw", "group4", None])
def test_a_tiff_of_several_pages_may_be_cut_off_anywhere(
    tmp_path: Path, grey: Image.Image, compression: str | None
) -> None:
    pages = [grey.convert("1") if compression == "group4" else grey] * 3
    whole = tmp_path / "whole.tif"
    pages[0].save(whole, save_all=True, append_images=pages[1:], compression=compression)
    data = whole.read_bytes()
    for share in range(1, 20):
        (tmp_path / "cut.tif").write_bytes(data[: len(data) * share // 20])
        found = intake.find_pages(tmp_path / "cut.tif")
        for source in [] if isinstance(found, BadFile) else found:
            assert isinstance(intake.load_page(source), Unplaced | PageImage)


@pytest.mark.parametrize(
    ("size", "words"), [((1, 1), "too small"), ((30_000, 30_000), "too large")]
)
def test_sizes_out_of_reason_are_refused_before_they_fill_the_memory(
    tmp_path: Path, size: tuple[int, int], words: str
) -> None:
    Image.new("1", size, 1).save(tmp_path / "odd.png")
    (source,) = pages_of(tmp_path / "odd.png")
    refused = intake.load_page(source)
    assert isinstance(refused, Unplaced) and words in refused.reason


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_only_files_are_opened(tmp_path: Path) -> None:
    """Not even to look: a pipe that nobody writes to would never answer."""
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", Path("/dev/zero")):
        found = intake.find_pages(path)
        assert isinstance(found, BadFile) and not found.there
        assert found.reason.startswith("This is not a file")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    (tmp_path / "open.png").touch()
    alone, among = list(intake.find_files([closed])), list(intake.find_files([tmp_path]))
    closed.chmod(0o700)
    for found in (alone[-1], among[-1]):
        assert isinstance(found, BadFile) and "may not be read" in found.reason
    assert among[0] == tmp_path / "open.png"


def test_folders_are_walked_in_order_and_other_files_are_named(tmp_path: Path) -> None:
    for name in ("b.png", "a.pdf", "notes.txt", "deep/c.JPG"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [p.name for p in intake.find_files([tmp_path]) if isinstance(p, Path)]
    assert found == ["a.pdf", "b.png", "c.JPG"]
    (passed,) = intake.passed_over([tmp_path])
    assert (passed.path, passed.reason) == (str(tmp_path / "notes.txt"), "not a picture or PDF")


def test_pictures_and_pdfs_are_known_by_what_is_in_them(tmp_path: Path, grey: Image.Image) -> None:
    grey.save(tmp_path / "phone2", "JPEG")
    grey.save(tmp_path / "phone3.webp", "JPEG")
    grey.save(tmp_path / "scan.dat", "PDF")
    grey.save(tmp_path / "scan.001", "TIFF")
    grey.save(tmp_path / "cut.bin", "JPEG")
    (tmp_path / "cut.bin").write_bytes((tmp_path / "cut.bin").read_bytes()[:12])
    (tmp_path / "figures.csv").write_text("a, b")
    found = [p for p in intake.find_files([tmp_path]) if isinstance(p, Path)]
    assert {p.name for p in found} == {"phone2", "phone3.webp", "scan.dat", "scan.001", "cut.bin"}
    assert isinstance(intake.find_pages(tmp_path / "cut.bin"), BadFile), "named, and in the ledger"
    for name, suffix in {"phone2": ".jpg", "phone3.webp": ".jpg", "scan.001": ".png"}.items():
        page = loaded(pages_of(tmp_path / name)[0])
        assert page.suffix == suffix, "kept under a name that other programs open"
        if suffix == ".jpg":
            assert page.data == (tmp_path / name).read_bytes()


def test_what_systems_leave_lying_about_is_not_talked_of(tmp_path: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._1.jpg", "__MACOSX/1.jpg", ".git/a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\0\0\0\1Bud1")
    assert list(intake.find_files([tmp_path])) == intake.passed_over([tmp_path]) == []


def test_a_hidden_picture_is_named_as_passed_over(tmp_path: Path, grey: Image.Image) -> None:
    grey.save(tmp_path / ".hidden.png")
    (tmp_path / "._1.png").write_bytes(b"what macOS leaves beside a file")
    (passed,) = intake.passed_over([tmp_path])
    assert passed.path.endswith(".hidden.png") and passed.reason.startswith("hidden")
    assert list(intake.find_files([tmp_path])) == []


def test_no_other_program_is_started_for_a_picture(tmp_path: Path, grey: Image.Image) -> None:
    grey.save(tmp_path / "drawing.eps")
    (passed,) = intake.passed_over([tmp_path])
    assert passed.path.endswith("drawing.eps")
    assert isinstance(intake.find_pages(tmp_path / "drawing.eps"), BadFile)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    head=st.sampled_from([b"", b"%PDF-1.4\n", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"II*\0"]),
    tail=st.binary(max_size=400),
)
def test_no_bytes_whatever_raise(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, tail: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "file.pdf"
    path.write_bytes(head + tail)
    found = intake.find_pages(path)
    if isinstance(found, BadFile):
        assert found.reason.endswith(".")
        return
    for source in found:
        assert isinstance(intake.load_page(source), Unplaced | PageImage)


def test_a_linked_or_hidden_folder_of_pages_is_named(tmp_path: Path, grey: Image.Image) -> None:
    scans, real = tmp_path / "scans", tmp_path / "real"
    for folder in (real, scans / ".today", scans / ".git"):
        folder.mkdir(parents=True)
    grey.save(real / "1.png")
    grey.save(scans / ".today" / "2.png")
    (scans / ".git" / "HEAD").write_text("no page")
    (scans / "linked").symlink_to(real)
    (scans / "loop").symlink_to(scans)
    assert list(intake.find_files([scans])) == []
    assert [(Path(left.path).name, left.reason) for left in intake.passed_over([scans])] == [
        (".today", intake.HIDDEN_FOLDER),
        ("linked", intake.LINKED_FOLDER),
        ("loop", intake.LINKED_FOLDER),
    ]
    assert list(intake.find_files([scans / "linked"])) == [scans / "linked" / "1.png"]
