"""The PP-OCRv6 reading model that travels in the `rapidocr` package, cut to our letters.

It knows 18,708 characters, nearly all of them Chinese. Only the letters that people write here are
kept, in the model itself: it runs a quarter faster and cannot read a hurried "T" as 丁.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import numpy_helper

from leaflets.errors import MissingProgram

WEIGHTS = "models/PP-OCRv6_rec_small.onnx"
ENGLISH = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    ".,;:!?'\"()-/&@#%*+=£€$éèêëçñöüàâîôû"
)
BLANK = 0

Posteriors = NDArray[np.float32]
"""Shape (steps, letters): the chance of each letter in each step; letter 0 is "none"."""


class Model:
    """`letters[k]` is the character of class k; class 0, the CTC blank, is the empty string.

    `alphabet`: the letters to keep; None keeps all. `weights`: a model file of the service's own;
    None for the one in the installed `rapidocr`. Raises `MissingProgram` if there is none.
    """

    def __init__(self, alphabet: str | None = ENGLISH, weights: Path | None = None) -> None:
        path = weights or weights_path()
        if not path.is_file():
            raise MissingProgram(f"There is no reading model at {path}.")
        model, self.letters = cut_model(path, alphabet)
        options = onnxruntime.SessionOptions()
        # One thread: the scan runs as many processes as the computer has cores.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name

    def posteriors(self, picture: NDArray[np.float32]) -> Posteriors:
        """One picture, (48, width), -1 ink to 1 paper -> the chances of letters along it."""
        batch = np.broadcast_to(picture, (1, 3, *picture.shape))
        (out,) = self._session.run(None, {self._input: np.ascontiguousarray(batch, np.float32)})
        return np.asarray(out[0], dtype=np.float32)


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


def cut_model(path: Path, alphabet: str | None) -> tuple[bytes, tuple[str, ...]]:
    """The model with only `alphabet` in its last layer, and the letters of its classes.

    The softmax then runs over these letters alone: the chances are those of the whole model,
    given that a letter is one of them. Letters that the model does not know are left out.
    """
    model = onnx.load(str(path))
    stored = [p.value for p in model.metadata_props if p.key == "character"]
    softmax = model.graph.node[-1]
    if softmax.op_type != "Softmax" or not stored:
        raise MissingProgram(
            f"The reading model {path.name} is of an unknown make.",
            remedy="Use the version of the Python package rapidocr that the lock file names.",
        )
    known = stored[0].split("\n")
    place = {letter: k for k, letter in enumerate(known, start=1)}
    kept = sorted(place[letter] for letter in set(alphabet or known) if letter in place)
    classes = np.array([BLANK, *kept, len(known) + 1])  # the last class is the space
    for weights in model.graph.initializer:
        if weights.dims and weights.dims[-1] == len(known) + 2:
            cut = np.ascontiguousarray(numpy_helper.to_array(weights)[..., classes])
            weights.CopyFrom(numpy_helper.from_array(cut, weights.name))
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(classes)
    del model.graph.value_info[:]
    return model.SerializeToString(), ("", *(known[k - 1] for k in kept), " ")
