"""Models are kept beside the digest of their source; containers survive what disks do."""

from __future__ import annotations

import dataclasses
import math
import multiprocessing
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ifc
import ifc.isolation.child
from ifc import container
from ifc.cache import load_cached, save_cached, user_cache_folder
from ifc.model import BuildingModel, Diagnostic, Severity, Text
from tests.two_room_house import House


def same(one: Any, two: Any) -> bool:
    """Whether two values are equal to the last bit, types and dtypes included."""
    if type(one) is not type(two):
        return False
    if dataclasses.is_dataclass(one):
        return all(same(getattr(one, f.name), getattr(two, f.name)) for f in dataclasses.fields(one))
    if isinstance(one, np.ndarray):
        if one.dtype != two.dtype or one.shape != two.shape:
            return False
        return same(one.tolist(), two.tolist()) if one.dtype == object else one.tobytes() == two.tobytes()
    if isinstance(one, (tuple, list)):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, float):
        return one.hex() == two.hex()
    return bool(one == two)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return House().write(tmp_path_factory.mktemp("house") / "house.ifc")


@pytest.fixture(scope="module")
def kept(house: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[BuildingModel, Path]:
    """A model read afresh, and the folder that keeps it."""
    folder = tmp_path_factory.mktemp("cache")
    return ifc.read(house, cache=folder), folder


def no_child(*_: object) -> None:
    raise AssertionError("a child process was started")


def test_a_second_read_gives_the_same_model_without_ifcopenshell(kept, house, monkeypatch) -> None:
    model, folder = kept
    monkeypatch.setattr(ifc.isolation.child, "start", no_child)
    again = ifc.read(house, cache=folder)
    assert same(dataclasses.replace(model, seconds={}), dataclasses.replace(again, seconds={}))
    assert set(again.seconds) == {"cache"}


def test_a_copy_under_another_name_is_known_and_keeps_its_own_path(
    kept, house, tmp_path, monkeypatch
) -> None:
    copy = tmp_path / "copy.ifc"
    copy.write_bytes(house.read_bytes())
    monkeypatch.setattr(ifc.isolation.child, "start", no_child)
    assert ifc.read(copy, cache=kept[1]).source.path == str(copy)


def test_without_a_cache_nothing_is_written(house, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GREENTWIN_CACHE", str(tmp_path / "cache"))
    assert user_cache_folder() == tmp_path / "cache"
    ifc.read(house, cache=None)
    assert not (tmp_path / "cache").exists()


def test_the_users_cache_is_the_default(house, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GREENTWIN_CACHE", str(tmp_path / "cache"))
    ifc.read(house)
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.parametrize("damage", ["cut", "header", "array", "empty", "other", "magic"])
def test_a_damaged_entry_is_ignored(damage: str, kept, tmp_path) -> None:
    model, folder = kept
    (source,) = folder.iterdir()
    data = bytearray(source.read_bytes())
    if damage == "cut":
        data = data[:-1000]
    elif damage == "header":
        data[60] ^= 1
    elif damage == "array":
        data[-100] ^= 1
    elif damage == "empty":
        data = bytearray()
    elif damage == "other":
        data = bytearray(b"hello")
    else:
        data = data[:22]
    (tmp_path / source.name).write_bytes(data)
    assert load_cached(tmp_path, model.source.sha256) is None
    save_cached(tmp_path, model)
    assert load_cached(tmp_path, model.source.sha256) is not None


def test_a_folder_that_cannot_be_written_costs_nothing(kept, house, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert len(ifc.read(house, cache=tmp_path / "file" / "cache").elements) == 18


def test_a_change_of_the_code_makes_old_entries_unknown(kept, monkeypatch) -> None:
    model, folder = kept
    monkeypatch.setattr("ifc.cache._producer", lambda: "another")
    assert load_cached(folder, model.source.sha256) is None


def test_the_least_recently_used_entries_go_first(kept, tmp_path, monkeypatch) -> None:
    model, _ = kept
    for age, name in enumerate("cba"):
        source = dataclasses.replace(model.source, sha256=name * 64)
        save_cached(tmp_path, dataclasses.replace(model, source=source))
        (entry,) = tmp_path.glob(f"{name}*")
        os.utime(entry, (1e9 - age, 1e9 - age))
    assert load_cached(tmp_path, "a" * 64) is not None  # used again: b is the oldest now
    monkeypatch.setattr("ifc.cache._FOLDER_LIMIT_BYTES", int(2.5 * entry.stat().st_size))
    source = dataclasses.replace(model.source, sha256="d" * 64)
    save_cached(tmp_path, dataclasses.replace(model, source=source))
    assert {name for name in "abcd" if load_cached(tmp_path, name * 64) is not None} == {"a", "d"}


def write_again_and_again(folder: str, entry: str, enough: Any) -> None:
    model = container.load(Path(entry))
    while not enough.is_set():
        save_cached(Path(folder), model)


def test_readers_see_a_whole_entry_or_none_while_others_write(kept, tmp_path) -> None:
    model, folder = kept
    (entry,) = folder.iterdir()
    context = multiprocessing.get_context("spawn")
    enough = context.Event()
    arguments = (str(tmp_path), str(entry), enough)
    writers = [context.Process(target=write_again_and_again, args=arguments) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        seen = 0
        while seen < 100:
            assert all(writer.is_alive() for writer in writers)
            found = load_cached(tmp_path, model.source.sha256)
            if found is not None:
                seen += 1
                assert same(found.geometry.transform, model.geometry.transform)
    finally:
        enough.set()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert len(list(tmp_path.iterdir())) == 1


def test_a_model_can_be_pickled(kept) -> None:
    model, _ = kept
    assert same(pickle.loads(pickle.dumps(model)), model)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "外墙 \udc80",
        -0.0,
        (1, 1.0, True, "1", None, (2.5,)),
        {"a": (1, 2), "b": {"c": np.zeros((0, 3), np.float32)}},
        np.arange(12, dtype=np.int32).reshape(3, 4),
        np.array([1, 1.0, True, "x", None, (1, "y"), -0.0, 0.0, math.inf], object),
        np.empty((0, 2), object),
        np.array([[True], [False]]),
        Diagnostic("code", Severity.NOTE, Text("en", "中"), Text("", ""), "id", 2),
    ],
)
def test_a_container_returns_what_was_put_in(value: Any, tmp_path) -> None:
    path = tmp_path / "box"
    container.save(path, value)
    assert same(container.load(path), value)


def test_nan_survives(tmp_path) -> None:
    container.save(tmp_path / "box", np.array([math.nan, 1.0, math.nan], object))
    assert [math.isnan(value) for value in container.load(tmp_path / "box")] == [True, False, True]


def test_loaded_arrays_can_be_written_to_as_those_read_afresh(tmp_path) -> None:
    container.save(tmp_path / "box", np.zeros(3))
    array = container.load(tmp_path / "box")
    array[0] = 1
    assert array.flags.aligned


@pytest.mark.parametrize("value", [{1, 2}, object(), np.array(["text"]), b"bytes", 1j])
def test_what_a_container_cannot_hold_is_refused(value: Any, tmp_path) -> None:
    with pytest.raises(TypeError, match="cannot store"):
        container.save(tmp_path / "box", value)
