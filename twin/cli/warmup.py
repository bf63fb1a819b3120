"""``twin warmup``: the kernels compiled ahead of time."""

from __future__ import annotations

from twin.cli.common import LangOption
from twin.cli.status import status


def warmup(lang: LangOption) -> None:
    """Compile the kernels now, so that the first evaluation does not wait for it."""
    with status(lang, as_json=False) as progress:
        from twin.warmup import warm_up

        seconds = warm_up(progress)
    for name, duration in seconds.items():
        print(f"{name}\t{duration:.1f} s")
