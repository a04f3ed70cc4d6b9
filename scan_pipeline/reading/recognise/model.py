"""PP-OCR reading models: the one that travels in the `rapidocr` package, and a service's own.

They know thousands of characters, nearly all of them Chinese. Only the letters that people write
here are kept, in the model itself: it runs a quarter faster and cannot read a hurried "T" as 丁.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from leaflets.errors import BadTemplate, MissingProgram
from leaflets.settings import SETTINGS_FILE
from scan_pipeline import nets

WEIGHTS = "models/PP-OCRv6_rec_small.onnx"
ENGLISH = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    ".,;:!?'\"()-/&@#%*+=£€$éèêëçñöüàâîôû"
)
NEEDED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
BLANK = 0
HEIGHT_PX = 48

Posteriors = NDArray[np.float32]
"""Shape (steps, letters): the chance of each letter in each step; letter 0 is "none"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A model as it comes, and the characters of its classes 1 to the last but one; class 0 is
    none, the last class is the space."""

    name: str
    model: onnx.ModelProto
    known: tuple[str, ...]


class Unusable(Exception):
    """Why a file cannot be used as a reading model, as a part of a sentence."""


class Model:
    """`letters[k]` is the character of class k; class 0, the CTC blank, is the empty string.

    `alphabet`: the letters to keep; None keeps all. `weights`: a model file of the service's own;
    None for the one in the installed `rapidocr`. Raises `MissingProgram` if that one is not there
    or of another make, `BadTemplate` if the service's own cannot be used.
    """

    def __init__(self, alphabet: str | None = ENGLISH, weights: Path | None = None) -> None:
        path = weights or weights_path()
        try:
            cut, self.letters = cut_model(opened(path), alphabet)
            self._session = _session(cut)
            self._input = self._session.get_inputs()[0].name
            if weights is not None:
                self._try()
        except Unusable as why:
            raise _refused(path, str(why), own=weights is not None) from why

    def posteriors(self, picture: NDArray[np.float32]) -> Posteriors:
        """One picture, (48, width), -1 ink to 1 paper -> the chances of letters along it."""
        batch = np.broadcast_to(picture, (1, 3, *picture.shape))
        (out,) = self._session.run(None, {self._input: np.ascontiguousarray(batch, np.float32)})
        return np.asarray(out[0], dtype=np.float32)

    def _try(self) -> None:
        """Read white paper: a model that cannot is found out now and not at the first story."""
        try:
            chances = self.posteriors(np.ones((HEIGHT_PX, 4 * HEIGHT_PX), np.float32))
        except Exception as error:  # onnxruntime has no common parent of its errors
            raise Unusable(f"fails at reading a line that is {HEIGHT_PX} pixels high") from error
        as_wanted = chances.ndim == 2 and chances.shape[1] == len(self.letters)
        if not as_wanted or not np.allclose(chances.sum(axis=1), 1.0, atol=1e-2):
            raise Unusable("does not give one chance to each of its characters")


def _session(model: bytes) -> onnxruntime.InferenceSession:
    try:
        return nets.session(model)
    except Exception as error:  # onnxruntime has no common parent of its errors
        raise Unusable("cannot be run by onnxruntime") from error


def _refused(path: Path, why: str, *, own: bool) -> BadTemplate | MissingProgram:
    if not own:
        return MissingProgram(
            f"The reading model {path.name} {why}.",
            remedy="Use the version of the Python package rapidocr that the lock file names.",
        )
    return BadTemplate(
        f"{SETTINGS_FILE}, key reading_model: {path} {why}.",
        remedy="Name a PP-OCR reading model as an ONNX file, or leave reading_model empty for the "
        "one that comes with leaflets.",
    )


def weights_path() -> Path:
    """Where the installed `rapidocr` keeps the weights (without importing it: it is heavy)."""
    spec = find_spec("rapidocr")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (path := Path(folder) / WEIGHTS).is_file():
            return path
    raise MissingProgram(
        "The reading model is missing from the Python package rapidocr.",
        remedy="Install it again: `pip install --force-reinstall rapidocr`.",
    )


def opened(path: Path) -> Whole:
    """The model in a file, with the characters that are written in it or, one a line, in a text
    file of the same name beside it. Raises `Unusable`."""
    if not path.is_file():
        raise Unusable("is a folder" if path.is_dir() else "does not exist")
    try:
        model = onnx.load(str(path))
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror})") from error
    except (DecodeError, ValueError, onnx.checker.ValidationError) as error:
        raise Unusable("is not an ONNX model") from error
    if not model.graph.node:
        raise Unusable("is not an ONNX model")
    if model.graph.node[-1].op_type != "Softmax" or len(model.graph.output) != 1:
        raise Unusable("is an ONNX model, but not a PP-OCR reading model")
    known = _characters(model, path.with_suffix(".txt"))
    dims = model.graph.output[0].type.tensor_type.shape.dim
    if len(dims) != 3 or dims[2].dim_value != len(known) + 2:
        classes = dims[2].dim_value if len(dims) == 3 else 0
        told = f"tells {classes} classes apart" if classes else "does not say what it tells apart"
        wanted = f"its list of characters needs {len(known) + 2}"
        raise Unusable(f"{told}, but {wanted} (one for each, one for none, one for the space)")
    if missing := NEEDED - set(known):
        shown = "".join(sorted(missing)[:10])
        raise Unusable(f"does not know all letters and digits of English (not {shown})")
    return Whole(name=path.name, model=model, known=known)


def _characters(model: onnx.ModelProto, beside: Path) -> tuple[str, ...]:
    stored = [p.value for p in model.metadata_props if p.key == "character"]
    if not stored:
        try:
            stored = [beside.read_text("utf-8")]
        except (OSError, UnicodeDecodeError) as error:
            raise Unusable(
                f"has no list of characters, neither inside nor in {beside.name} beside it"
            ) from error
    lines = stored[0].replace("\r\n", "\n").split("\n")
    return tuple(lines[:-1] if lines[-1] == "" else lines)


def cut_model(whole: Whole, alphabet: str | None) -> tuple[bytes, tuple[str, ...]]:
    """The model with only `alphabet` in its last layer, and the letters of its classes.

    The softmax then runs over these letters alone: the chances are those of the whole model,
    given that a letter is one of them. Letters that the model does not know are left out.
    """
    model, known = whole.model, whole.known
    place = {letter: k for k, letter in enumerate(known, start=1)}
    kept = sorted(place[letter] for letter in set(alphabet or known) if letter in place)
    classes = np.array([BLANK, *kept, len(known) + 1])  # the last class is the space
    last = [w for w in model.graph.initializer if w.dims and w.dims[-1] == len(known) + 2]
    if sorted(len(w.dims) for w in last) == [1, 2]:  # the last layer and its bias
        for weights in last:
            cut = np.ascontiguousarray(numpy_helper.to_array(weights)[..., classes])
            weights.CopyFrom(numpy_helper.from_array(cut, weights.name))
    else:
        _pick(model, classes)
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(classes)
    del model.graph.value_info[:]
    return model.SerializeToString(), ("", *(known[k - 1] for k in kept), " ")


def _pick(model: onnx.ModelProto, classes: NDArray[np.int64]) -> None:
    """Keep `classes` after the last layer: some models have its weights where none can be cut."""
    softmax = model.graph.node[-1]
    model.graph.initializer.append(numpy_helper.from_array(classes, "leaflets_classes"))
    picked = helper.make_node(
        "Gather", [softmax.input[0], "leaflets_classes"], ["leaflets_picked"], axis=2
    )
    softmax.input[0] = "leaflets_picked"
    model.graph.node.insert(len(model.graph.node) - 1, picked)
