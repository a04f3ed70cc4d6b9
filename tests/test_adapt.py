"""Learning from confirmed stories: what is learned, what never is, and that it helps."""

from __future__ import annotations

import errno
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import made_stories
import numpy as np
import papers
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.adapt.measure import compared, read, taught
from benchmarks.adapt.writers import Leaflet, leaflets, service_words
from leaflets.errors import StorageFailure
from leaflets.settings import EXAMPLE, write_settings
from scan_pipeline import pipeline
from scan_pipeline.cli import main
from scan_pipeline.learning.adapt import learn
from scan_pipeline.learning.calibrate import fitted
from scan_pipeline.learning.learned import (
    LEARNED_FILE,
    Known,
    Learned,
    known_here,
    load_learned,
    local_words,
    save_learned,
)
from scan_pipeline.learning.pairs import Pair, aligned, field_pairs, lessons
from scan_pipeline.learning.words import _is_near, own_words
from scan_pipeline.reading.language.lexicon import english
from scan_pipeline.reading.recognise.confidence import CAUTIOUS, corrected
from scan_pipeline.store import open_store
from scan_pipeline.story import FieldValue, LineReading, TextValue, WordReading

BY = "a volunteer"
LEARNING = replace(EXAMPLE, words=(), learn=True, example=False)


def text(*lines: Sequence[tuple[str, float]]) -> TextValue:
    made = tuple(
        LineReading(
            text=" ".join(w for w, _ in line),
            confidence=0.5,
            words=tuple(WordReading(text=w, confidence=c, by_table=c) for w, c in line),
        )
        for line in lines
    )
    words = " ".join(line.text for line in made)
    return TextValue(text=words, confidence=0.5, review=True, lines=made, quad_px=())


def line(words: str, sure: float = 0.5) -> TextValue:
    return text([(word, sure) for word in words.split()])


def confirmed(workspace: Path, number: int, worry: bool = False, **fields: tuple[str, str]) -> str:
    """A story in the store, by field what was read and what a person says; its name."""
    values: dict[str, FieldValue] = {name: line(was) for name, (was, _) in fields.items()}
    page = replace(made_stories.reading(ink=b"%d" % number), fields=values)
    with open_store(workspace) as repo:
        story = repo.record(made_stories.outcome(number, read=page)).story_id
        assert story
        for name, (_, said) in fields.items():
            repo.correct(story, name, said, BY)
        repo.confirm(story, BY, worry=worry)
    return story


def learned_from(workspace: Path) -> Learned:
    with open_store(workspace) as repo:
        return learn(repo.stories(), LEARNING)


def leaflets_command(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--workspace", str(workspace), *arguments])


# Pairs


def test_words_are_paired_with_those_they_look_like() -> None:
    got = ["i", "saw", "bron", "agh", "at", "the", "hause"]
    said = ["i", "saw", "bronagh", "today", "at", "the", "house"]
    pairs = {(i, j) for i, j in aligned(got, said)}
    assert (6, 6) in pairs and (2, 2) in pairs and (3, None) in pairs and (None, 3) in pairs


@given(st.lists(st.text("abc", min_size=1), max_size=6), st.lists(st.text("abc"), max_size=6))
def test_every_word_is_in_exactly_one_pair_and_in_order(read: list[str], said: list[str]) -> None:
    places = aligned(read, said)
    assert [i for i, _ in places if i is not None] == list(range(len(read)))
    assert [j for _, j in places if j is not None] == list(range(len(said)))


def test_a_line_written_anew_teaches_nothing() -> None:
    value = text([("the", 0.9), ("hause", 0.6)], [("zxq", 0.3), ("vvb", 0.2)])
    pairs = list(field_pairs(value, "The house\nnobody answered"))
    assert [(p.read, p.said) for p in pairs if p.read] == [("the", "the"), ("hause", "house")]
    assert pairs[1] == Pair(read="hause", said="house", by_table=0.6, doubted=True)
    assert not list(field_pairs(value, "")) or all(not p.read for p in field_pairs(value, ""))


# Words


def test_a_word_that_several_people_wrote_is_learned(tmp_path: Path) -> None:
    for number, was in enumerate(("Bron agh was kind", "saw Branagh there")):
        said = was.replace("Bron agh", "Bronagh").replace("Branagh", "Bronagh")
        confirmed(tmp_path, number, story=(was, said))
    found = learned_from(tmp_path)
    assert found.words == ("bronagh",) and found.stories == 2 and found.steps == ()


@pytest.mark.parametrize(
    ("reason", "stories"),
    [
        ("only one story has it", [("the Branagh way", "the Bronagh Bronagh way")]),
        ("a list has it", [("the hause is", "the house is")] * 2),
        ("it has a digit", [("bus x77q goes", "bus x77b goes")] * 2),
        ("it only ever ends what was written", [("thanks Branagh", "thanks Bronagh")] * 3),
        (
            "people write a neighbour of it more often",
            [("the hausf is", "the hous is")] * 2 + [("the house is", "the house is")] * 3,
        ),
    ],
)
def test_what_is_not_learned(tmp_path: Path, reason: str, stories: list[tuple[str, str]]) -> None:
    for number, story in enumerate(stories):
        confirmed(tmp_path, number, story=story)
    assert learned_from(tmp_path).words == (), reason


def test_a_word_that_the_machine_reads_well_is_not_kept(tmp_path: Path) -> None:
    for number in range(2):
        page = replace(
            made_stories.reading(ink=b"%d" % number), fields={"story": line("a Bronagh b", 0.95)}
        )
        with open_store(tmp_path) as repo:
            story = repo.record(made_stories.outcome(number, read=page)).story_id
            repo.confirm(str(story), BY, worry=False)
    assert learned_from(tmp_path).words == ()


def test_a_name_that_writers_go_by_is_never_learned(tmp_path: Path) -> None:
    for number in range(3):
        confirmed(
            tmp_path, number, story=("asked Branagh twice", "asked Bronagh twice"),
            handle=("Blue Xantha", "Blue Xanthe"),
        )  # fmt: skip
    assert learned_from(tmp_path).words == ("bronagh",)
    confirmed(tmp_path, 4, story=("it was", "it was"), handle=("Bronaph", "Bronagh"))
    assert learned_from(tmp_path).words == ()


def test_only_confirmed_stories_teach_and_one_taken_down_is_unlearned(tmp_path: Path) -> None:
    told = ("asked Branagh twice", "asked Bronagh twice")
    first = confirmed(tmp_path, 0, story=told)
    confirmed(tmp_path, 1, story=told)
    held = confirmed(tmp_path, 2, story=("at Skelbesk now", "at Skelbeck now"), worry=True)
    confirmed(tmp_path, 3, story=("at Skelbesk now", "at Skelbeck now"))
    assert learned_from(tmp_path).words == ("bronagh",), held
    with open_store(tmp_path) as repo:
        repo.withdraw(first, BY, "")
    assert learned_from(tmp_path).words == ()


def test_words_one_letter_apart() -> None:
    assert _is_near("hous", "house") and _is_near("house", "mouse") and _is_near("house", "ouse")
    assert not _is_near("house", "hues") and not _is_near("", "a" * 2)


# Confidences


def seen(chance: float, right: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    hits = np.zeros(count)
    hits[: round(right * count)] = 1.0
    return np.full(count, chance), hits


def at(steps: tuple[tuple[float, float], ...], chance: float) -> float:
    return float(corrected(np.array([chance]), steps)[0])


def test_few_words_change_next_to_nothing_and_many_all() -> None:
    few, many = fitted(*seen(0.85, 0.4, 10)), fitted(*seen(0.85, 0.4, 3000))
    assert 0.75 < at(few, 0.85) < 0.85
    assert at(many, 0.85) == pytest.approx(0.4, abs=0.03)
    assert at(many, 0.97) > 0.9


def test_more_sure_only_as_far_as_enough_words_prove() -> None:
    assert at(fitted(*seen(0.85, 1.0, 10)), 0.85) == pytest.approx(0.85, abs=1e-3)
    assert 0.85 < at(fitted(*seen(0.85, 1.0, 40)), 0.85) < 0.93
    assert 0.98 < at(fitted(*seen(0.85, 1.0, 3000)), 0.85) <= 0.99


@given(
    st.lists(st.tuples(st.floats(0.02, 0.995), st.booleans()), min_size=1, max_size=400),
    st.integers(1, 20),
)
def test_the_correction_always_rises_and_never_claims_more_than_was_seen(
    words: list[tuple[float, bool]], times: int
) -> None:
    table, right = np.array(words * times, np.float64).T
    steps = np.array(fitted(table, right))
    assert np.all(np.diff(steps[:, 0]) > 0) and np.all(np.diff(steps[:, 1]) >= 0)
    assert np.all((steps[:, 1] >= 0) & (steps[:, 1] <= np.maximum(steps[:, 0] + 1e-4, 0.99)))
    if not right.any():
        assert np.all(steps[:, 1] <= steps[:, 0] + 1e-4)


def test_without_steps_nothing_is_corrected() -> None:
    chances = np.array([0.1, 0.8])
    assert np.array_equal(corrected(chances, ()), chances)


def test_with_another_model_it_starts_with_more_doubt_and_follows_what_is_seen() -> None:
    few, many = fitted(*seen(0.95, 1.0, 10), CAUTIOUS), fitted(*seen(0.95, 1.0, 3000), CAUTIOUS)
    assert at(few, 0.95) < 0.9 < at(fitted(*seen(0.95, 1.0, 10)), 0.95)
    assert at(many, 0.95) > 0.98
    assert at(few, 0.85) <= at(CAUTIOUS, 0.85) + 0.02, "nothing was seen there"


def test_how_surely_a_model_reads_is_learned_from_its_own_readings_alone(tmp_path: Path) -> None:
    told = ("asked Branagh twice", "asked Bronagh twice")
    for number in range(2):
        confirmed(tmp_path, number, story=told)
    with open_store(tmp_path) as repo:
        ours = repo.stories()
    own = [replace(s, reading=replace(s.reading, reader="ppocr 0123")) for s in ours]
    known = [replace(s, reading=replace(s.reading, reader="ppocr")) for s in ours]
    for stories, name, counts in (
        (ours, "ppocr", True),  # kept before readings had a reader's name
        (known, "ppocr", True),
        (ours, "ppocr 0123", False),
        (own, "ppocr", False),
        (own, "ppocr 0123", True),
    ):
        pairs = [pair for lesson in lessons(stories, name) for pair in lesson.pairs if pair.read]
        assert len(pairs) == 6 and all((p.by_table is not None) == counts for p in pairs)
        assert own_words(lessons(stories, name), english()) == ("bronagh",), "words all the same"
    foreign = [replace(s, reading=replace(s.reading, by_letters=True)) for s in ours]
    assert lessons(foreign) == [], "words of another language would be put into English"


# Kept, shown, forgotten


def workspace_that_learns(tmp_path: Path) -> Path:
    write_settings(LEARNING, tmp_path / "service.toml")
    for number in range(2):
        confirmed(tmp_path, number, story=("asked Branagh twice", "asked Bronagh twice"))
    return tmp_path


def test_learning_is_off_until_the_settings_say_so(tmp_path: Path) -> None:
    for arguments in ((), ("--dry-run",)):
        result = leaflets_command(tmp_path, "adapt", *arguments)
        assert result.exit_code == 7 and "learn = true" in result.stderr
    assert not list(tmp_path.iterdir())


def test_what_was_learned_is_used_shown_and_forgotten(tmp_path: Path) -> None:
    place = workspace_that_learns(tmp_path)
    tried = leaflets_command(place, "adapt", "--dry-run")
    assert (
        tried.exit_code == 0
        and tried.stdout == "bronagh\n"
        and "Nothing was written" in tried.stderr
    )
    assert load_learned(place) is None
    assert leaflets_command(place, "adapt").exit_code == 0
    shown = leaflets_command(place, "adapt", "--show")
    assert shown.stdout == "bronagh\n" and "2 confirmed stories" in shown.stderr
    assert "bronagh" in known_here(place).words
    assert set(local_words(LEARNING)) < set(known_here(place).words)
    kept = json.loads((place / LEARNED_FILE).read_text("utf-8"))
    assert set(kept) == {"on", "stories", "words_seen", "words", "steps", "reader", "schema"}
    assert "asked" not in str(kept) and "S-20" not in str(kept)
    assert leaflets_command(place, "adapt", "--forget").exit_code == 0
    assert load_learned(place) is None and known_here(place).words == local_words(LEARNING)
    assert "Nothing was learned" in leaflets_command(place, "adapt", "--show").stderr


def test_switched_off_what_was_learned_is_not_used(tmp_path: Path) -> None:
    place = workspace_that_learns(tmp_path)
    assert leaflets_command(place, "adapt").exit_code == 0
    write_settings(replace(LEARNING, learn=False), place / "service.toml")
    assert known_here(place) == Known(words=local_words(LEARNING))


def test_a_damaged_file_is_said_and_can_be_forgotten(tmp_path: Path) -> None:
    place = workspace_that_learns(tmp_path)
    (place / LEARNED_FILE).write_text('{"words": "zebra', "utf-8")
    with pytest.raises(StorageFailure) as failure:
        known_here(place)
    assert "zebra" not in str(failure.value) and "--forget" in failure.value.remedy
    assert leaflets_command(place, "adapt", "--forget").exit_code == 0
    assert leaflets_command(place, "adapt").exit_code == 0


def test_one_thing_at_a_time(tmp_path: Path) -> None:
    assert leaflets_command(tmp_path, "adapt", "--show", "--forget").exit_code == 2


# The reader


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A leaflet in a hand that makes two words of a place."""
    story = replace(papers.WRITTEN, story="thank you Quernmore and thank you Anwen")
    return papers.save(papers.filled(story, 4).image, tmp_path_factory.mktemp("in") / "1.png")


def scanned(picture: Path, workspace: Path) -> TextValue:
    (outcome,) = pipeline.scan([picture], workspace=workspace)
    assert outcome.reading
    value = outcome.reading.fields["story"]
    assert isinstance(value, TextValue)
    return value


def test_words_in_the_settings_are_read_that_were_not_before(written: Path, tmp_path: Path) -> None:
    service = replace(EXAMPLE, words=(), example=False)
    write_settings(service, tmp_path / "without" / "service.toml")
    write_settings(
        replace(service, words=("Quernmore", "Anwen")), tmp_path / "with" / "service.toml"
    )
    before, after = (scanned(written, tmp_path / name).text for name in ("without", "with"))
    assert "quernmore" not in before.lower() and "anwen" not in before.lower()
    assert "quernmore" in after.lower() and "anwen" in after.lower()


def test_what_was_learned_changes_the_next_scan(written: Path, tmp_path: Path) -> None:
    write_settings(LEARNING, tmp_path / "service.toml")
    plain = scanned(written, tmp_path)
    assert plain.lines[0].words[0].confidence == plain.lines[0].words[0].by_table
    learned = learned_from(tmp_path)
    steps = ((0.0, 0.0), (1.0, 0.5))
    save_learned(tmp_path, replace(learned, words=("quernmore", "anwen"), steps=steps))
    with open_store(tmp_path / "again") as repo:
        (outcome,) = pipeline.scan([written], workspace=tmp_path, store=repo)
    assert outcome.reading
    value = outcome.reading.fields["story"]
    assert isinstance(value, TextValue) and "quernmore" in value.text.lower()
    for word in (w for row in value.lines for w in row.words):
        assert word.by_table is not None
        assert word.confidence == pytest.approx(word.by_table / 2, abs=1e-3)


def test_confirmed_leaflets_reduce_errors_on_the_next(tmp_path: Path) -> None:
    """The small form of `python -m benchmarks.adapt`: two lines of each leaflet."""
    some = (Leaflet(fields={"story": one.fields["story"][:2]}) for one in leaflets(36, 7))
    learned = taught(list(read(islice(some, 26))), tmp_path, nods=0.0)
    before, _, _, after = compared(some, learned)
    assert len(service_words() & set(learned.words)) >= 4 and learned.steps
    assert after.own_wrong < 0.7 * before.own_wrong and after.wer < before.wer
    assert after.silent_words <= before.silent_words + 1


def test_forgetting_in_a_folder_that_may_not_be_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    nothing = leaflets_command(tmp_path, "adapt", "--forget")
    assert nothing.exit_code == 0 and "Nothing was learned." in nothing.output
    (tmp_path / LEARNED_FILE).write_text("{}")
    kept = leaflets_command(tmp_path, "adapt", "--forget")
    assert kept.exit_code == 6 and "still there" in kept.output
    assert "Make room" not in kept.output
