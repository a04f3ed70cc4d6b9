"""Networks in ONNX files, each run by one thread: a scan has as many processes as cores."""

from __future__ import annotations

import onnxruntime


def session(model: bytes) -> onnxruntime.InferenceSession:
    """Ready to run. Raises what onnxruntime raises, which has no common parent."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # its errors are raised, too
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
