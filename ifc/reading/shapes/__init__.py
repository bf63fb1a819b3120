"""Bodies that are built here, exactly and many times faster than by the engine.

Swept areas, clippings by half-spaces and listed faces: the bulk of a building. Arcs get as many edges as
opencascade gives them, so that a body here is the body there, corner by corner. Whatever is not understood to
the last attribute, or does not pass its checks, raises :class:`NotOwn` and is left to the engine.
"""
