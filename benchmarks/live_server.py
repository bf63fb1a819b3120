"""The server that the benchmark of the WebSocket asks: python -m benchmarks.live_server FOLDER PORT.

It is `twin serve` of a project with the limits on connections lifted; the demo's account spares the load
generator a thousand sign-ins.
"""

from __future__ import annotations

import sys
from pathlib import Path

from twin.project import read_project
from twin.server.context import Settings
from twin.server.run import serve


def main(folder: Path, port: int) -> None:
    settings = Settings(demo=True, clients=5000, clients_each=5000, requests_burst=1e6)
    serve(
        read_project(folder / "twin.toml"),
        settings,
        host="127.0.0.1",
        port=port,
        listening=lambda address: print(address, flush=True),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
