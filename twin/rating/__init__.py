"""The rating against GB/T 50378-2019 (2024 revision)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twin.rating.engine import rate

__all__ = ["rate"]


def __getattr__(name: str) -> Any:
    """``twin.rating.rate``, imported when it is first asked for: its evaluators are many."""
    if name == "rate":
        from twin.rating.engine import rate

        return rate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
