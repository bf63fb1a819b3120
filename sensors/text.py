"""Text that a user reads, in both languages."""

from __future__ import annotations

from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Text(NamedTuple):
    """One message in English and Chinese."""

    en: str
    zh: str

    def in_language(self, language: Language) -> str:
        """The text in ``language`` (``"zh"`` or ``"en"``)."""
        return self.zh if language == "zh" else self.en
