"""The error of the ifc wing."""

from __future__ import annotations

from ifc.model.text import Text


class IfcError(Exception):
    """A file that cannot be read: what is wrong, where, what to do.

    ``code`` is stable (``"not-an-ifc-file"``, ``"unknown-schema"``, ...), ``where`` names the file and,
    where known, the line or the entity.
    """

    def __init__(self, code: str, where: str, message: Text, remedy: Text) -> None:
        super().__init__(f"{where}: {message.en} {remedy.en}")
        self.code = code
        self.where = where
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[IfcError], tuple[str, str, Text, Text]]:
        return (type(self), (self.code, self.where, self.message, self.remedy))
