"""Makes `english.npz`, the language model: `python -m scan_pipeline.reading.language.build`.

Two sources are mixed: the trigrams of spoken American English in `pocketsphinx` (BSD), a package
that only this command needs, and the word and word-pair counts of `symspellpy` (MIT). Pairs and
triples that say hardly more than their words do alone are dropped. The same packages give the same
file.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from leaflets.errors import MissingProgram
from scan_pipeline.reading.language.lexicon import MODEL, SIGNS
from scan_pipeline.reading.language.ngrams import Ngrams, find, pack, put
from scan_pipeline.reading.language.trigrams import Trigrams, read

TRIGRAMS = ("pocketsphinx", "model/en-us/en-us.lm.bin")
WORDS = ("symspellpy", "frequency_dictionary_en_82_765.txt")
PAIRS = ("symspellpy", "frequency_bigramdictionary_en_243_342.txt")

CONTRACTION_COUNT = 3e8  # the list gives them a token count; people write them all the time
SPOKEN = 0.5
SPOKEN_PAIRS = 0.7
PAIR_SHARE = 0.7
LEAST_GAIN = 2e-7
LEAST_LEFT = 0.5
NEVER = -50.0

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def carried(package: str, name: str) -> Path:
    """Where the installed package keeps a file (without importing it)."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (path := Path(folder) / name).is_file():
            return path
    raise MissingProgram(
        f"{name} is missing from the Python package {package}.",
        remedy=f"Install it: `pip install {package}`.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pairs:
    """Words and pairs as in `Ngrams`."""

    single: Floats
    backoff: Floats
    keys: Ints
    pair: Floats

    def key(self, two: Ints) -> Ints:
        """The keys of (pairs, 2) word numbers."""
        return np.asarray(two[:, 0] * len(self.single) + two[:, 1], np.int64)

    def chance(self, two: Ints) -> Floats:
        """Logs of the second's chance after the first."""
        place, found = find(self.keys, self.key(two))
        alone = self.single[two[:, 1]] + self.backoff[two[:, 0]]
        return np.asarray(np.where(found, self.pair[place], alone), np.float64)


def built(spoken: Trigrams, words: list[str], pairs: list[str], least_gain: float) -> Ngrams:
    """Both sources as one model. `words`, `pairs`: tokens of lists with counts. `least_gain`: what
    a pair or triple must say beyond its words, times its chance, to be kept."""
    counts = dict(zip(words[0::2], map(float, words[1::2]), strict=True))
    counts |= {word: CONTRACTION_COUNT for word in counts if "'" in word}
    names, single = _singles(spoken, counts)
    number = {word: k for k, word in enumerate(names)}
    here = np.array([number.get(word, -1) for word in spoken.words])
    mixed = _mixed(spoken, here, single, _written(pairs, counts, number))
    three = here[spoken.triples]
    known = (three >= 0).all(axis=1)
    three, triple = three[known], spoken.triple[known]
    often = np.exp(single[three[:, 0]] + mixed.chance(three[:, :2]) + triple)
    worth = often * np.abs(triple - mixed.chance(three[:, 1:])) > least_gain
    three, triple = three[worth], triple[worth]
    kept = _worthy(mixed, mixed.key(three[:, :2]), least_gain)
    index, there = find(kept.keys, kept.key(three[:, :2]))
    three, triple, index = three[there], triple[there], index[there]
    low = np.exp(kept.chance(three[:, 1:]))
    triple_keys, in_order = put(index * len(names) + three[:, 2], triple)
    return Ngrams(
        words=tuple(names),
        single=single,
        single_backoff=kept.backoff,
        pair_keys=kept.keys,
        pair=kept.pair,
        pair_backoff=_left(index, np.exp(triple), low, len(kept.keys)),
        triple_keys=triple_keys,
        triple=in_order,
    )


def _mixed(spoken: Trigrams, here: Ints, single: Floats, written: tuple[Ints, Floats]) -> _Pairs:
    """The pairs of both sources. `here`: our number of each spoken word, -1 for none."""
    size = len(single)
    two = here[spoken.pairs]
    kept = (two >= 0).all(axis=1)
    spoken_keys, spoken_pair = put(two[kept, 0] * size + two[kept, 1], spoken.pair[kept])
    backoff = np.full(size, np.log(1.0 - PAIR_SHARE))
    backoff[here[here >= 0]] = spoken.single_backoff[here >= 0]
    keys = np.union1d(spoken_keys, written[0])
    alone = np.exp(single[keys % size])
    a, in_a = find(spoken_keys, keys)
    b, in_b = find(written[0], keys)
    said = np.where(in_a, np.exp(spoken_pair[a]), alone * np.exp(backoff[keys // size]))
    wrote = np.where(in_b, PAIR_SHARE * written[1][b], 0.0) + (1.0 - PAIR_SHARE) * alone
    pair = np.log(SPOKEN_PAIRS * said + (1.0 - SPOKEN_PAIRS) * wrote)
    return _Pairs(single=single, backoff=backoff, keys=keys, pair=pair)


def _worthy(pairs: _Pairs, needed: Ints, least_gain: float) -> _Pairs:
    """The pairs that triples need or that say enough by themselves."""
    size = len(pairs.single)
    first, second = pairs.keys // size, pairs.keys % size
    met = np.exp(pairs.single[first] + pairs.pair)
    gain = met * np.abs(pairs.pair - pairs.single[second] - pairs.backoff[first])
    kept = np.isin(pairs.keys, needed) | (gain > least_gain)
    keys, pair = pairs.keys[kept], pairs.pair[kept]
    backoff = _left(keys // size, np.exp(pair), np.exp(pairs.single[keys % size]), size)
    return _Pairs(single=pairs.single, backoff=backoff, keys=keys, pair=pair)


def _singles(spoken: Trigrams, counts: dict[str, float]) -> tuple[list[str], Floats]:
    chances = dict(zip(spoken.words, spoken.single.tolist(), strict=True))
    said = {w: np.exp(c) for w, c in chances.items() if c > NEVER and set(w) <= set(SIGNS)}
    total = sum(counts.values())
    names = sorted(set(counts) | set(said))
    mixed = [SPOKEN * said.get(w, 0.0) + (1.0 - SPOKEN) * counts.get(w, 0.0) / total for w in names]
    return names, np.log(np.array(mixed))


def _written(
    tokens: list[str], counts: dict[str, float], number: dict[str, int]
) -> tuple[Ints, Floats]:
    first = np.array([number.get(w, -1) for w in tokens[0::3]])
    second = np.array([number.get(w, -1) for w in tokens[1::3]])
    of_first = np.array([counts.get(w, np.inf) for w in tokens[0::3]])
    share = np.minimum(np.array(tokens[2::3], np.float64) / of_first, 1.0)
    known = (first >= 0) & (second >= 0) & (share > 0)
    return put(first[known] * len(number) + second[known], share[known])


def _left(owner: Ints, taken: Floats, below: Floats, count: int) -> Floats:
    """The log weight of what is on no list after each owner, so that all chances sum to one; but
    never less than `LEAST_LEFT`, as people write here of other things than the sources do."""
    rest = 1.0 - np.bincount(owner, taken, count)
    room = 1.0 - np.bincount(owner, below, count)
    return np.asarray(np.log(np.clip(rest / np.maximum(room, 1e-6), LEAST_LEFT, 1.0)))


@click.command()
@click.option("-o", "--output", default=MODEL, type=click.Path(path_type=Path))
def main(output: Path) -> None:
    """Build the language model from the packages that carry its sources."""
    words, pairs = (carried(*source).read_text("utf-8-sig").split() for source in (WORDS, PAIRS))
    found = built(read(carried(*TRIGRAMS)), words, pairs, LEAST_GAIN)
    output.write_bytes(pack(found))
    click.echo(
        f"{len(found.words)} words, {len(found.pair)} pairs, {len(found.triple)} triples"
        f" -> {output} ({output.stat().st_size / 1e6:.1f} MB)"
    )


if __name__ == "__main__":
    main()
