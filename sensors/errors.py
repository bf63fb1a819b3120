"""The errors of the sensors wing."""

from __future__ import annotations

from sensors.text import Text


class SensorError(Exception):
    """Bad input or a peer that cannot be used: what is wrong, where, what to do.

    ``code`` is stable and machine-readable, e.g. ``"unknown-unit"``.
    """

    def __init__(self, code: str, where: str, message: Text, remedy: Text) -> None:
        super().__init__(f"{where}: {message.en} {remedy.en}")
        self.code = code
        self.where = where
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[SensorError], tuple[str, str, Text, Text]]:
        return (type(self), (self.code, self.where, self.message, self.remedy))


def missing_extra(extra: str, package: str) -> SensorError:
    """The error of a part whose optional library is not installed."""
    return SensorError(
        "extra-missing",
        package,
        Text(f"This needs the package {package}.", f"此功能需要软件包 {package}。"),
        Text(f"pip install 'greentwin[{extra}]'", f"请运行 pip install 'greentwin[{extra}]'"),
    )
