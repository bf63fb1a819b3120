"""The life of a process beside the server: it ends with it, also where the server was killed.

A server that is killed ends nothing. What it started would compute on for minutes, for nobody, and beside the
process of the next server. Its stdin is therefore a pipe that only the server holds: it ends when the server
does, on every platform.
"""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue

_SERVER_GONE = 1  # exit code; nobody is left who reads it


def end_with_server() -> SimpleQueue[bytes]:
    """Watch stdin from now on, and end this process at once when it ends.

    Returns:
        The lines that the server writes.
    """
    lines: SimpleQueue[bytes] = SimpleQueue()

    def watch() -> None:
        try:
            # Unbuffered: a buffer that this thread holds would break the end of the interpreter.
            with open(0, "rb", buffering=0, closefd=False) as stdin:
                for line in stdin:
                    lines.put(line)
        finally:
            os._exit(_SERVER_GONE)

    threading.Thread(target=watch, name="server", daemon=True).start()
    return lines
