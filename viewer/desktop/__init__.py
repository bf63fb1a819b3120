"""The scene in PyVista: a window, and pictures for notebooks and reports (extra ``desktop``)."""

from viewer.desktop.display import DisplayError
from viewer.desktop.scene import Picture, Scene

__all__ = ["DisplayError", "Picture", "Scene"]
