"""Reading a file in child processes, so that no file can take the caller down.

IfcOpenShell may crash, hang or eat all memory on a broken file. A child (:mod:`ifc.reading.worker`) does the
work and streams what it has; this side watches it (:mod:`.process`) and decides what is read by whom and what
is tried again (:mod:`.schedule`).
"""

from ifc.isolation.schedule import Limits, Progress, RawModel, read_isolated

__all__ = ["Limits", "Progress", "RawModel", "read_isolated"]
