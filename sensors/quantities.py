"""What can be measured: a small catalogue of quantity kinds, and their recognition by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import yaml


@dataclass(frozen=True, slots=True)
class QuantityKind:
    """One kind of quantity. Readings of it are in ``unit``."""

    id: str
    unit: str
    en: str
    zh: str
    words: tuple[str, ...]


@cache
def quantity_kinds() -> Mapping[str, QuantityKind]:
    """Every kind by its id."""
    text = resources.files("sensors").joinpath("data/quantity_kinds.yaml").read_text("utf-8")
    raw = yaml.load(text, yaml.CSafeLoader)
    return {
        kind: QuantityKind(kind, entry["unit"], entry["en"], entry["zh"], tuple(entry["words"]))
        for kind, entry in raw.items()
    }


@lru_cache(maxsize=4096)  # the names of a community's points, asked again with every value drawn
def kind_of_name(name: str) -> str:
    """The id of the kind that a point's name shows, "" for none.

    Of several words the longest decides: 土壤湿度 is soil moisture, not humidity; "CO2" is not "CO".
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    found: list[tuple[int, str]] = [
        (len(word), kind.id)
        for kind in quantity_kinds().values()
        for word in kind.words
        if _stands_in(word, plain)
    ]
    return max(found, default=(0, ""), key=lambda pair: pair[0])[1]


def _stands_in(word: str, plain: str) -> bool:
    if word.isascii():
        # Digits end a Latin word too: "co" must not be found in "co2", "pm2.5" not in "pm2.51".
        return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", plain) is not None
    return word in plain
