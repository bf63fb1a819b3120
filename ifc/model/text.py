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

    def within(self, en: str, zh: str) -> Text:
        """A sentence around this text, which stands where ``{}`` is."""
        return Text(en.replace("{}", self.en), zh.replace("{}", self.zh))

    def format(self, **values: object) -> Text:
        """Both texts with their ``{name}`` fields filled in."""
        return Text(self.en.format(**values), self.zh.format(**values))
