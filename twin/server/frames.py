"""One frame for many sockets: a text is framed once and written as it is to every client that can take it.

Frames from a server carry no mask, and compression is off, so their bytes are the same for everybody
(RFC 6455, 5.1). A thousand sends through ASGI would frame and copy a thousand times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

EXTENSION = "greentwin.frames"

Write = Callable[[bytes], bool]  # whether the frame was taken; it is not while the socket is full


def framed(text: str) -> bytes:
    """A text as a frame of a server."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


def writer_in(scope: Any) -> Write | None:
    """The writer of frames of a connection, None where the server has none."""
    found: Write | None = scope.get("extensions", {}).get(EXTENSION)
    return found


class FrameProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which also takes whole frames."""

    async def run_asgi(self) -> None:
        """Run the app with the extension in its scope."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[EXTENSION] = self.write_frame
        await super().run_asgi()

    def write_frame(self, frame: bytes) -> bool:
        """Write a frame if the socket takes more; whether it did."""
        if not self.writable.is_set() or self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True
