"""A PostgreSQL of the tests' own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import postgres_programs
from tests.sensors.community import free_port

NOBODY = "postgres"  # Debian's account: the server refuses to run as root


class Database:
    """A server in a folder. ``address`` is that of its one database."""

    def __init__(self, folder: Path, lines: str = "") -> None:
        programs = postgres_programs()
        assert programs is not None, "a test that starts a database must be marked database"
        self.programs, self.folder, self.port = programs, folder, free_port()
        self.address = f"postgresql://{NOBODY}@127.0.0.1:{self.port}/postgres"
        self.process: subprocess.Popen[bytes] | None = None
        self._as = {"user": NOBODY} if os.geteuid() == 0 else {}
        if self._as:
            import pwd

            owner = pwd.getpwnam(NOBODY)
            folder.mkdir(exist_ok=True)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            for above in folder.parents:
                if above.stat().st_mode & 0o001 == 0:
                    above.chmod(above.stat().st_mode | 0o011)
        self._run(
            "initdb", "-D", str(folder / "data"), "-U", NOBODY, "-A", "trust", "--no-sync",
            "-E", "UTF8", "--locale=C.UTF-8",
        )  # fmt: skip
        config = folder / "data" / "postgresql.conf"
        with config.open("a") as file:
            file.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n{lines}\n"
            )

    def start(self) -> None:
        self.process = subprocess.Popen(
            [str(self.programs / "postgres"), "-D", str(self.folder / "data")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            **self._as,  # type: ignore[call-overload]
        )
        ready = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + 60
        while subprocess.run(ready, check=False).returncode:
            assert self.process.poll() is None, "the database did not start"
            assert time.monotonic() < deadline, "the database does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        """Signal 9 to the server and all its children."""
        assert self.process is not None
        for process in (self.process.pid, *children_of(self.process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait(60)
        self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(60)
                self.process = None
                return
            self.kill()

    def ask(self, sql: str) -> str:
        """What psql prints."""
        command = ["psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-c", sql, self.address]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.programs / program), *arguments],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self._as,  # type: ignore[call-overload]
        )


def children_of(process: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # pid (name, in which anything may stand) state parent …
            if int(stat.read_text().rpartition(")")[2].split()[1]) == process:
                found.append(int(stat.parent.name))
    return found


@contextmanager
def database_in(folder: Path, lines: str = "") -> Iterator[Database]:
    database = Database(folder, lines)
    database.start()
    try:
        yield database
    finally:
        database.stop()
