"""What every engine does to a picture of a line before reading it."""

from __future__ import annotations

import cv2
import numpy as np

from scan_pipeline.page import Grey

FAINTEST_INK = 30
LEAST_INK_PX = 24


def has_ink(line: Grey) -> bool:
    """Whether anything is written: some pixels well darker than the paper around them.

    Scanner noise is evened out first, so that a blank line is known to be blank.
    """
    if line.ndim != 2 or min(line.shape) < 4:
        return False
    smooth = cv2.GaussianBlur(line, (0, 0), 1.2)
    paper = float(np.percentile(smooth, 90))
    return int((smooth < paper - FAINTEST_INK).sum()) >= LEAST_INK_PX
