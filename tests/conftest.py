"""Fixtures for every wing, and the rule that nothing is skipped silently."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples in every run, and no clock: a run that fails shows a fault of the change, not of chance
# or of a busy machine. What is yet unknown is searched for by ``python -m benchmarks fuzz``.
settings.register_profile(
    "suite", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

SHARED = Path(os.environ.get("GREENTWIN_SHARED", Path(__file__).resolve().parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The team's shared models, weather and references; tests that use it are marked ``shared``."""
    assert SHARED.is_dir(), "a test that uses shared_data must be marked shared"
    return SHARED


def chromium() -> str | None:
    """The browser of the system."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def draws() -> bool:
    """Whether PyVista can draw here without a display."""
    from viewer.desktop.display import DisplayError, require_display

    try:
        require_display(off_screen=True)
    except DisplayError:
        return False
    return True


def postgres_programs() -> Path | None:
    """The folder of initdb and postgres: Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def mounts() -> bool:
    """Whether the tests may mount a small file system, to fill it up."""
    with tempfile.TemporaryDirectory() as place:
        command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place]
        if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
            return False
        subprocess.run(["umount", "-l", place], check=True)
    return True


def absent_markers() -> dict[str, str]:
    """The markers whose tests this machine cannot run, and what it lacks.

    CI may lack the shared data and the right to mount, which its machine gives or not; it installs the rest.
    """
    missing = {} if SHARED.is_dir() else {"shared": f"no folder {SHARED}"}
    if not mounts():
        missing["mount"] = "no right to mount a file system"
    programs = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"
    brokers = all(shutil.which(one, path=programs) for one in ("mosquitto", "openssl"))
    if not brokers and not os.environ.get("CI"):
        missing["broker"] = "no mosquitto or openssl"
    if not postgres_programs() and not os.environ.get("CI"):
        missing["database"] = "no postgresql"
    if not chromium() and not os.environ.get("CI"):
        missing["browser"] = "no chromium"
    if not draws() and not os.environ.get("CI"):
        missing["desktop"] = "no PyVista, EGL or OpenGL"
    if not (draws() and shutil.which("Xvfb")) and not os.environ.get("CI"):
        missing["window"] = "no PyVista, EGL, OpenGL or Xvfb"
    return missing


def pytest_report_header() -> list[str]:
    """Say which tests are left out; the processes that run them side by side do not tell."""
    return [f"left out: the tests marked {marker}, {why}" for marker, why in absent_markers().items()]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, visibly, the tests whose data or programs this machine does not have."""
    missing = absent_markers()
    absent = [item for item in items if any(item.get_closest_marker(marker) for marker in missing)]
    if absent:
        gone = set(absent)
        items[:] = [item for item in items if item not in gone]
        config.hook.pytest_deselected(items=absent)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """On CI a skipped test is a failure: whatever is not run must be deselected by a marker."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and exitstatus == 0 and reporter and reporter.stats.get("skipped"):
        reporter.write_line("CI: tests were skipped; that is not allowed", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
