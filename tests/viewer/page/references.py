"""Screenshots beside those that are kept: blocks of pixels, so that another edge of a letter is no difference."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).parents[1] / "references"
FAILED = Path(__file__).parents[3] / "out" / "references"
WRITE = "GREENTWIN_WRITE_REFERENCES"

BLOCK_PX = 8
DIFFERENT = 20.0  # of 255, the mean over a block in the channel that differs most
MOST_DIFFERENT = 0.012  # share of the blocks


@dataclass(frozen=True)
class Comparison:
    """How far two pictures are apart; ``blocks`` (rows, columns) is the difference of each block."""

    blocks: np.ndarray

    @property
    def share(self) -> float:
        """Share of the blocks that differ."""
        return float((self.blocks > DIFFERENT).mean())

    @property
    def same(self) -> bool:
        return self.share <= MOST_DIFFERENT


def compare(actual: Image.Image, kept: Image.Image) -> Comparison:
    """Compare two pictures of one size."""
    return Comparison(np.abs(_blocks(actual) - _blocks(kept)).max(axis=2))


def _blocks(image: Image.Image) -> np.ndarray:
    pixels = np.asarray(image.convert("RGB"), np.float64)
    height, width = (length // BLOCK_PX * BLOCK_PX for length in pixels.shape[:2])
    parts = pixels[:height, :width].reshape(height // BLOCK_PX, BLOCK_PX, width // BLOCK_PX, BLOCK_PX, 3)
    return parts.mean(axis=(1, 3))


def check(name: str, screenshot: bytes) -> None:
    """Hold a screenshot against the kept one; on failure both and their difference lie in ``out/references``.

    With GREENTWIN_WRITE_REFERENCES=1 the screenshot is kept instead.
    """
    actual = Image.open(io.BytesIO(screenshot)).convert("RGB")
    path = FOLDER / f"{name}.png"
    if os.environ.get(WRITE):
        FOLDER.mkdir(exist_ok=True)
        actual.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
        return
    assert path.is_file(), f"no kept picture {name}: run with {WRITE}=1"
    kept = Image.open(path).convert("RGB")
    assert actual.size == kept.size
    found = compare(actual, kept)
    if found.same:
        return
    FAILED.mkdir(parents=True, exist_ok=True)
    actual.save(FAILED / f"{name}.actual.png")
    marked = np.clip(found.blocks * 4, 0, 255).astype(np.uint8)
    Image.fromarray(marked).resize(actual.size, Image.Resampling.NEAREST).save(
        FAILED / f"{name}.difference.png"
    )
    raise AssertionError(
        f"{name} differs from {path} in {found.share:.1%} of its blocks (at most {MOST_DIFFERENT:.1%}); "
        f"see {FAILED}. If the change is meant: {WRITE}=1 python -m pytest -n0 {Path(__file__).parent}"
    )
