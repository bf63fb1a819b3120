"""The errors of the twin wing."""

from __future__ import annotations

from ifc.model.text import Text


class TwinError(Exception):
    """Bad input: what is wrong, where (file, key, line), what to do. Leads to exit code 2.

    ``code`` is stable and machine-readable, e.g. ``"unknown-key"``.
    """

    def __init__(self, code: str, where: str, message: Text, remedy: Text) -> None:
        super().__init__(f"{where}: {message.en} {remedy.en}")
        self.code = code
        self.where = where
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[TwinError], tuple[str, str, Text, Text]]:
        return (type(self), (self.code, self.where, self.message, self.remedy))
