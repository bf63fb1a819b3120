"""``python -m sample_models``: write every pilot model beside the scripts."""

from __future__ import annotations

import time
from pathlib import Path

from sample_models.community_centre import write_centre

FOLDER = Path(__file__).parent


def main() -> None:
    start = time.perf_counter()
    path = FOLDER / "community_centre.ifc"
    write_centre(path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
