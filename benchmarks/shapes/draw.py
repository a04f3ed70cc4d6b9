"""Marks in a tick box as paths of a pen: plain ones, and those that are more than a way to choose.

Points are millimetres, (x, y) from the middle of the box.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

Path = list[tuple[float, float]]
Rng = np.random.Generator

PLAIN = {"tick": 0.32, "V": 0.16, "cross": 0.31, "slash": 0.14, "dot": 0.07}
DOUBTFUL = {
    "lined": 0.45, "crossed out": 0.16, "scribbled over": 0.1, "ring": 0.09, "dash": 0.1,
    "passing line": 0.05, "line over a corner": 0.05,
}  # fmt: skip
"""How often which is drawn."""


def plain(rng: Rng) -> tuple[str, list[Path]]:
    """A tick, a "V", a cross, a slash or a dot: larger or smaller than the box, off its middle.
    What it is, and its paths."""
    kind = str(rng.choice(list(PLAIN), p=list(PLAIN.values())))
    paths = _MAKERS[kind](rng)
    if rng.random() < 0.08:  # gone over once more
        again = rng.normal(0, 0.15, 2)
        paths += [[(x + float(again[0]), y + float(again[1])) for x, y in p] for p in paths]
    # A line that misses the middle of its box may have slipped over it.
    return kind, _placed(paths, rng, near=kind == "slash")


def doubtful(rng: Rng) -> tuple[str, list[Path]]:
    """A plain mark with lines through it or a scribble over it, a ring, a dash, a passing line.
    What it is, and its paths."""
    kind = str(rng.choice(list(DOUBTFUL), p=list(DOUBTFUL.values())))
    return kind, _placed(_MAKERS[kind](rng), rng, near=kind == "line over a corner")


def _placed(paths: list[Path], rng: Rng, *, near: bool) -> list[Path]:
    """Nobody aims: off the middle by up to half a box, and now and then, if not `near`, by more."""
    away = rng.normal(0, 0.8, 2)
    if near:
        away = rng.normal(0, 0.5, 2)
    elif rng.random() < 0.15:
        away = rng.uniform(-3.0, 3.0, 2)
    turn = rng.normal(0, 0.1)
    c, s = float(np.cos(turn)), float(np.sin(turn))
    return [
        [(c * x - s * y + float(away[0]), s * x + c * y + float(away[1])) for x, y in path]
        for path in paths
    ]


def _line(start: tuple[float, float], long: float, degrees: float, bow: float) -> Path:
    """From a point at an angle (0 is right, 90 up), bent to one side by a share of its length."""
    angle = np.radians(degrees)
    along = np.array([np.cos(angle), -np.sin(angle)])
    across = np.array([np.sin(angle), np.cos(angle)])
    at = np.array(start)
    points = [at, at + 0.5 * long * along + bow * long * across, at + long * along]
    return [(float(x), float(y)) for x, y in points]


def _through(middle: tuple[float, float], long: float, degrees: float, bow: float) -> Path:
    """A line by its middle."""
    angle = np.radians(degrees)
    x, y = middle
    start = (float(x - 0.5 * long * np.cos(angle)), float(y + 0.5 * long * np.sin(angle)))
    return _line(start, long, degrees, bow)


def _tick(rng: Rng, short: tuple[float, float] = (0.12, 0.5)) -> list[Path]:
    """`short`: how long its first arm is, as a share of the other."""
    foot = (float(rng.uniform(-1.4, 0.2)), float(rng.uniform(0.3, 2.2)))
    long = float(np.clip(rng.normal(5.4, 1.7), 2.2, 11.5))
    left = (long * float(rng.uniform(*short)), float(rng.uniform(95, 165)))
    right = (long, float(rng.uniform(15, 75)))
    return _arms(foot, left, right, rng)


def _long_tick(rng: Rng) -> list[Path]:
    return _tick(rng, short=(0.35, 0.6))


def _vee(rng: Rng) -> list[Path]:
    tall = float(np.clip(rng.normal(4.2, 1.2), 1.8, 8.0))
    half, lean = float(rng.uniform(8, 38)), float(rng.normal(0, 12))
    foot = (float(rng.normal(0, 0.5)), 0.45 * tall)
    left = (tall * float(rng.uniform(0.65, 1.1)), 90 + half - lean)
    right = (tall * float(rng.uniform(0.8, 1.2)), 90 - half - lean)
    return _arms(foot, left, right, rng)


def _arms(
    foot: tuple[float, float], left: tuple[float, float], right: tuple[float, float], rng: Rng
) -> list[Path]:
    """Two arms (length, degrees) from a foot: sharp, round, or with a gap where the pen rose."""
    one = _line(foot, *left, float(rng.normal(0, 0.07)))[::-1]
    other = _line(foot, *right, float(rng.normal(0, 0.07)))
    kind = rng.random()
    if kind < 0.15:
        dx, dy = (float(v) for v in rng.normal(0, 0.25, 2))
        return [one, [(x + dx, y + dy) for x, y in other]]
    if kind < 0.5:  # round: the pen never comes to the corner itself
        return [[*one[:-1], *other[1:]]]
    hook: Path = []
    if rng.random() < 0.2:
        x, y = one[0]
        hook = [(x - float(rng.uniform(0.1, 0.7)), y + float(rng.uniform(-0.2, 0.6)))]
    return [[*hook, *one, *other[1:]]]


def _cross(rng: Rng) -> list[Path]:
    size = float(np.clip(rng.normal(5.2, 1.2), 2.4, 9.0))
    arms = []
    for way in (float(rng.normal(45, 10)), float(rng.normal(135, 10))):
        x, y = (float(v) for v in rng.normal(0, 0.06 * size, 2))
        bow = float(rng.normal(0, 0.15 if rng.random() < 0.3 else 0.06))
        arms.append(_through((x, y), size * float(rng.uniform(0.7, 1.15)), way, bow))
    if rng.random() < 0.12:  # without lifting the pen
        up, down = arms
        return [[*down[::-1], *up[::-1]]] if rng.random() < 0.5 else [[*down, *up]]
    return [_hooked(arm, rng) for arm in arms]


def _slash(rng: Rng) -> list[Path]:
    long = float(np.clip(rng.normal(6.2, 2.2), 2.8, 12.0))
    way = float(rng.uniform(35, 80) if rng.random() < 0.85 else rng.uniform(105, 140))
    # Along itself it lies anywhere: it comes out of the box on one side or on both.
    along, angle = float(rng.uniform(-0.2, 0.2)) * long, np.radians(way)
    middle = (float(along * np.cos(angle)), float(-along * np.sin(angle)))
    return [_hooked(_through(middle, long, way, float(rng.normal(0, 0.05))), rng)]


def _hooked(path: Path, rng: Rng) -> Path:
    """A line whose ends curl now and then, where the pen comes from the last one or goes to the
    next."""
    points = np.array(path)
    long = float(np.hypot(*(points[-1] - points[0])))
    for _ in range(2):
        points = points[::-1]
        if rng.random() < 0.3:
            way = np.arctan2(*(points[0] - points[1])[::-1])
            way += np.radians(rng.uniform(25, 120)) * rng.choice([-1, 1])
            reach = long * rng.uniform(0.05, 0.22)
            points = np.vstack([points[0] + reach * np.array([np.cos(way), np.sin(way)]), points])
    return [(float(x), float(y)) for x, y in points]


def _dot(rng: Rng) -> list[Path]:
    radius = float(rng.uniform(0.25, 0.8))
    turns = np.linspace(0, float(rng.uniform(2, 4)) * np.pi, 14)
    return [[(float(radius * np.cos(t)), float(radius * np.sin(t))) for t in turns]]


def _lined(rng: Rng) -> list[Path]:
    """A plain mark with one to three lines through it; not a slash, which would make a cross, as a
    tick does whose first arm is no more than a hook."""
    mark = (_vee, _cross, _long_tick, _long_tick, _long_tick)[int(rng.integers(5))](rng)
    points = np.array([p for path in mark for p in path])
    size = max(2.5, float(np.max(np.ptp(points, axis=0))))
    ways = _directions(mark, at_least=0.35 * size)
    way = _across(ways, rng)
    # Through the middle of its longest arm: what only touches its end makes another plain mark.
    start, end = np.array(_longest(mark))
    count = 1 + int(rng.choice(3, p=[0.75, 0.15, 0.1]))
    for k in range(count):
        share = rng.uniform(0.3, 0.7) if count == 1 else (k + 0.7) / (count + 0.4)
        x, y = start + share * (end - start)
        long, turned = size * float(rng.uniform(0.8, 1.6)), float(way + rng.normal(0, 4))
        mark.append(_through((float(x), float(y)), long, turned, float(rng.normal(0, 0.05))))
    return mark


def _across(ways: list[float], rng: Rng) -> float:
    """The direction of a line that is seen to cross all arms: one along an arm only thickens it."""
    while True:
        level = rng.random() < 0.55
        way = float(rng.uniform(-20, 20) if level else rng.choice([-1, 1]) * rng.uniform(20, 75))
        if all(abs((way - arm + 90) % 180 - 90) >= 25 for arm in ways):
            return way


def _directions(mark: list[Path], at_least: float) -> list[float]:
    """The directions in degrees of all pieces of a mark that are so long."""
    steps = [np.array(b) - np.array(a) for path in mark for a, b in pairwise(_corners(path))]
    return [float(np.degrees(np.arctan2(-y, x))) for x, y in steps if np.hypot(x, y) >= at_least]


def _longest(mark: list[Path]) -> tuple[tuple[float, float], tuple[float, float]]:
    arms = [(a, b) for path in mark for a, b in pairwise(_corners(path))]
    return max(arms, key=lambda ends: float(np.hypot(*np.subtract(*ends))))


def _corners(path: Path) -> Path:
    """The ends of a path, and its lowest point: where the arms of a tick meet."""
    foot = max(range(len(path)), key=lambda k: path[k][1])
    return [path[k] for k in sorted({0, foot, len(path) - 1})]


def _crossed_out(rng: Rng) -> list[Path]:
    mark, by = (_tick, _tick, _vee)[int(rng.integers(3))](rng), float(rng.uniform(0.9, 1.6))
    return [*mark, *([(by * x, by * y) for x, y in path] for path in _cross(rng))]


def _scribbled(rng: Rng) -> list[Path]:
    mark = (_tick, _vee, _cross)[int(rng.integers(3))](rng) if rng.random() < 0.7 else []
    count, wide, tall = int(rng.integers(4, 10)), rng.uniform(1.2, 3.2), rng.uniform(1.0, 2.8)
    zigzag: Path = [
        (
            float(wide * (1 if k % 2 else -1) + rng.normal(0, 0.3)),
            float(tall * (2 * k / (count - 1) - 1)),
        )
        for k in range(count)
    ]
    if rng.random() < 0.5:
        zigzag = [(y, x) for x, y in zigzag]
    return [*mark, zigzag]


def _ring(rng: Rng) -> list[Path]:
    wide, tall = rng.uniform(1.0, 3.0, 2)
    start, over = rng.uniform(-3, 3), rng.uniform(-0.4, 0.8)
    turns = np.linspace(start, start + 2 * np.pi + over, 14)
    return [[(float(wide * np.cos(t)), float(tall * np.sin(t))) for t in turns]]


def _dash(rng: Rng) -> list[Path]:
    half, lines = float(rng.uniform(0.8, 3.0)), 1 if rng.random() < 0.7 else 2
    way, bow = float(rng.normal(0, 7)), float(rng.normal(0, 0.04))
    return [
        _through((0.0, k * 1.4 + float(rng.normal(0, 0.2))), 2 * half, way, bow)
        for k in range(lines)
    ]


def _passing(rng: Rng) -> list[Path]:
    """A line that comes from far off and goes on as far."""
    long, way = float(rng.uniform(14.5, 20.0)), float(rng.uniform(0, 180))
    return [_through((0.0, 0.0), long, way, float(rng.normal(0, 0.04)))]


def _corner(rng: Rng) -> list[Path]:
    """A line that slips over a corner of the box and misses its middle."""
    way = float(rng.uniform(15, 75)) * (1 if rng.random() < 0.8 else -1)
    angle, miss = np.radians(way), float(rng.uniform(1.8, 3.2) * rng.choice([-1, 1]))
    middle = (float(miss * np.sin(angle)), float(miss * np.cos(angle)))
    return [_through(middle, float(rng.uniform(4.0, 11.0)), way, float(rng.normal(0, 0.03)))]


_MAKERS: dict[str, Callable[[Rng], list[Path]]] = {
    "tick": _tick, "V": _vee, "cross": _cross, "slash": _slash, "dot": _dot,
    "lined": _lined, "crossed out": _crossed_out, "scribbled over": _scribbled, "ring": _ring,
    "dash": _dash, "passing line": _passing, "line over a corner": _corner,
}  # fmt: skip
