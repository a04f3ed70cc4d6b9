"""Readers to compare with: they are measured, never used. Each takes lines and returns readings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from scan_pipeline.page import Grey
from scan_pipeline.reading.language.lexicon import english
from scan_pipeline.reading.language.ngrams import Ngrams
from scan_pipeline.reading.language.search import Search
from scan_pipeline.reading.recognise.letters import greedy
from scan_pipeline.reading.recognise.model import ENGLISH, Model
from scan_pipeline.reading.recognise.picture import HEIGHT_PX, ready
from scan_pipeline.story import LineReading

Reader = Callable[[Grey], str]
FEW = 16


class Plain:
    """A way to read single lines, as an engine without confidences."""

    def __init__(self, name: str, reader: Reader) -> None:
        self.name, self._reader = name, reader

    def read(self, lines: Sequence[Grey]) -> list[LineReading]:
        return [LineReading(text=self._reader(line), confidence=0.0) for line in lines]


def steps() -> list[Plain]:
    """The reader built up one step at a time, from the model as it comes."""
    whole, cut, full = Model(alphabet=None), Model(), english()
    none = np.full(1, -1, np.int64)
    n = full.ngrams
    singles = Ngrams(
        words=n.words, single=n.single, single_backoff=np.zeros(len(n.words)),
        pair_keys=none, pair=np.zeros(1), pair_backoff=np.zeros(1),
        triple_keys=none, triple=np.zeros(1),
    )  # fmt: skip
    pairs = Ngrams(
        words=n.words, single=n.single, single_backoff=n.single_backoff,
        pair_keys=n.pair_keys, pair=n.pair, pair_backoff=np.zeros(len(n.pair)),
        triple_keys=none, triple=np.zeros(1),
    )  # fmt: skip

    def by_letters(model: Model, picture: Callable[[Grey], np.ndarray]) -> Reader:
        return lambda line: greedy(model.posteriors(picture(line)), model.letters)

    def by_words(ngrams: Ngrams) -> Reader:
        lexicon = type(full)(
            ngrams=ngrams,
            children=full.children,
            depth=full.depth,
            word_at=full.word_at,
            best_below=full.best_below,
        )
        search = Search(cut.letters, lexicon)
        return lambda line: next(
            (r.text for r in search.best(cut.posteriors(ready(line)), FEW)), ""
        )

    return [
        Plain("as it comes", by_letters(whole, as_it_is)),
        Plain(f"+ only the {len(set(ENGLISH))} letters of English", by_letters(cut, as_it_is)),
        Plain("+ upright, stretched, a rim", by_letters(cut, ready)),
        Plain("+ words", by_words(singles)),
        Plain("+ pairs of words", by_words(pairs)),
        Plain("+ three words", by_words(n)),
    ]


def as_it_is(line: Grey) -> np.ndarray:
    """Scaled to the model's height and nothing else."""
    height, width = line.shape
    size = (max(16, round(width * HEIGHT_PX / height)), HEIGHT_PX)
    way = cv2.INTER_AREA if height > HEIGHT_PX else cv2.INTER_CUBIC
    return cv2.resize(line, size, interpolation=way).astype(np.float32) / 127.5 - 1.0


def rapidocr() -> Plain:
    """The whole pipeline of `rapidocr` as it comes: it finds the text by itself, then reads it."""
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "critical"})

    def read(line: Grey) -> str:
        rim = np.pad(line, 20, constant_values=255)
        found = engine(cv2.cvtColor(rim, cv2.COLOR_GRAY2BGR))
        boxes = (
            []
            if found.boxes is None
            else sorted(
                zip(found.boxes, found.txts, strict=True), key=lambda b: float(b[0][:, 0].min())
            )
        )
        return " ".join(text for _, text in boxes)

    return Plain("rapidocr", read)
