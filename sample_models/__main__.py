"""``python -m sample_models``: write every pilot model beside the scripts."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from sample_models.centre_revisions import REVISION_B
from sample_models.community_centre import write_centre
from sample_models.community_site import write_site
from sample_models.residential_tower import write_tower

FOLDER = Path(__file__).parent
MODELS: dict[str, Callable[[Path], object]] = {
    "community_centre": write_centre,
    "community_centre_b": lambda path: write_centre(path, REVISION_B),
    "residential_tower": write_tower,
    "community_site": write_site,
}


def main() -> None:
    """Write all models, or those named on the command line."""
    for name, write in MODELS.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        start = time.perf_counter()
        path = FOLDER / f"{name}.ifc"
        write(path)
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
