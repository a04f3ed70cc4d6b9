"""Other languages on the English form: `python -m benchmarks.languages [FOLDER…]`.

Invented sentences in Polish, Welsh and Romanian, in English, and in English as it is spoken are
drawn on printed leaflets with those handwriting fonts that have all the letters, and scanned.
FOLDER: real English lines (see `benchmarks.handwriting`), which must not be taken for another
language. Thresholds were chosen on `--part tuned`, which has other sentences and seeds below 1000.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.handwriting.lines import from_folder
from benchmarks.languages.measure import ENGLISH, Leaflet, Read, alarms, leaflets
from benchmarks.languages.sentences import TUNED
from scan_pipeline.reading.recognise import ENGINES, recogniser

SEEDS = {"tuned": 500, "reported": 2500}
CONDITIONS = ("flat", "photo", "one-bit")


def told(found: Sequence[Leaflet]) -> str:
    """One language in one line for each condition, and one for all."""
    rows = []
    for name in (*dict.fromkeys(leaflet.condition for leaflet in found), "all"):
        mine = [leaflet for leaflet in found if name in ("all", leaflet.condition)]
        rows.append(
            f"  {name:8} noticed {sum(leaflet.noticed for leaflet in mine)} of {len(mine)}; "
            f"as English {_rates(mine, lambda leaflet: leaflet.english)}; "
            f"by letters {_rates(mine, lambda leaflet: leaflet.letters)}; "
            f"what comes out {_rates(mine, lambda leaflet: leaflet.came_out)}"
        )
    return "\n".join([f"{found[0].language}: characters wrong, words wrong and not marked", *rows])


def _rates(found: Sequence[Leaflet], way: Callable[[Leaflet], Read]) -> str:
    read = [way(leaflet) for leaflet in found]
    written = sum(leaflet.letters_written for leaflet in found)
    silent, words = sum(r.silent for r in read), sum(r.words for r in read)
    return f"{100 * sum(r.wrong for r in read) / max(1, written):.1f} %, {silent} of {words}"


@click.command(help=__doc__)
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-n", "count", default=30, show_default=True, help="Leaflets in each language.")
@click.option("--part", type=click.Choice(list(SEEDS)), default="reported", show_default=True)
@click.option("--engine", type=click.Choice(list(ENGINES)), default="ppocr", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each leaflet.")
def main(folders: tuple[Path, ...], count: int, part: str, engine: str, as_json: bool) -> None:
    reader = recogniser(engine)
    for folder in folders:
        for length, (taken, runs) in alarms(from_folder(folder), reader).items():
            said = f"{taken} of {runs} runs of {length} lines were taken for another language"
            click.echo(f"{folder.name}: {said}", err=as_json)
    with tempfile.TemporaryDirectory() as workspace:
        for number, language in enumerate((*TUNED, ENGLISH)):
            found = list(
                leaflets(
                    language,
                    count,
                    SEEDS[part] + number,
                    tuned=part == "tuned",
                    conditions=CONDITIONS,
                    engine=reader,
                    workspace=Path(workspace),
                )
            )
            if as_json:
                for leaflet in found:
                    click.echo(json.dumps(asdict(leaflet)))
            elif found:
                click.echo(told(found))


if __name__ == "__main__":
    main()
