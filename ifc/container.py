"""One file of arrays and JSON: how a model crosses a process border and how it is cached.

Nothing in it is executed on reading (no pickle), a torn or foreign file is refused, and object columns
are stored as a pool of distinct values and an index, so that a large model is read back in milliseconds.

Layout: magic, length and CRC-32 of the header, header (JSON), then the arrays, each at a multiple of 64
bytes. The header holds the document, the dtype, shape and place of each array, and their CRC-32.
"""

from __future__ import annotations

import dataclasses
import json
import os
import struct
import zlib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ifc import model as contracts
from ifc.model import Text

_MAGIC = b"greentwin container 1\n"
_PREFIX = struct.Struct("<QI")
_ALIGNMENT = 64
_PLAIN_DTYPES = frozenset("biuf")


class ContainerError(ValueError):
    """The file is not a whole container of this version."""


def _known_types() -> dict[str, type]:
    types: dict[str, type] = {}
    for name in contracts.__all__:
        candidate = getattr(contracts, name)
        if isinstance(candidate, type) and (
            dataclasses.is_dataclass(candidate) or issubclass(candidate, StrEnum) or candidate is Text
        ):
            types[name] = candidate
    return types


_TYPES = _known_types()


def save(path: Path, value: object) -> None:
    """Write ``value`` to ``path``.

    Args:
        path: file to write; it is not replaced atomically, see :mod:`ifc.cache` for that.
        value: dataclasses and enumerations of :mod:`ifc.model`, NumPy arrays (numbers, or objects that
            are None, bool, int, float, str or tuples of these), tuples, string-keyed mappings and scalars.

    Raises:
        TypeError: a type that is none of these.
    """
    arrays: list[NDArray[Any]] = []
    document = _encode(value, arrays)
    places: list[dict[str, Any]] = []
    blocks: list[bytes | memoryview[int]] = []
    end = 0
    checksum = 0
    for array in arrays:
        data = np.ascontiguousarray(array)
        padding = bytes(-end % _ALIGNMENT)
        block = data.reshape(-1).view(np.uint8).data if data.size else memoryview(b"")
        places.append({"dtype": data.dtype.str, "shape": array.shape, "start": end + len(padding)})
        blocks += [padding, block]
        checksum = zlib.crc32(block, zlib.crc32(padding, checksum))
        end += len(padding) + len(block)
    header = json.dumps(
        {"arrays": places, "size": end, "checksum": checksum, "document": document},
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode("utf-8", "surrogatepass")
    start = len(_MAGIC) + _PREFIX.size + len(header)
    with path.open("wb") as file:
        file.write(_MAGIC + _PREFIX.pack(len(header), zlib.crc32(header)) + header)
        file.write(bytes(-start % _ALIGNMENT))
        file.writelines(blocks)


def load(path: Path) -> Any:
    """Read what :func:`save` wrote.

    Raises:
        ContainerError: the file is torn, damaged, or of another version.
        OSError: it cannot be read at all.
    """
    with path.open("rb") as file:
        data = bytearray(os.fstat(file.fileno()).st_size)
        del data[file.readinto(data) :]
    prefix_end = len(_MAGIC) + _PREFIX.size
    if not data.startswith(_MAGIC) or len(data) < prefix_end:
        raise ContainerError(f"{path}: not a container of this version")
    header_size, header_checksum = _PREFIX.unpack_from(data, len(_MAGIC))
    start = prefix_end + header_size
    if len(data) < start or zlib.crc32(memoryview(data)[prefix_end:start]) != header_checksum:
        raise ContainerError(f"{path}: damaged header")
    payload = memoryview(data)[start + (-start % _ALIGNMENT) :]
    try:
        header = json.loads(data[prefix_end:start].decode("utf-8", "surrogatepass"))
        if len(payload) != header["size"] or zlib.crc32(payload) != header["checksum"]:
            raise ContainerError(f"{path}: damaged arrays")
        arrays = [_array(payload, place) for place in header["arrays"]]
        return _decode(header["document"], arrays)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, RecursionError) as error:
        raise ContainerError(f"{path}: {error}") from error


def _array(payload: memoryview, place: Mapping[str, Any]) -> NDArray[Any]:
    dtype = np.dtype(place["dtype"])
    shape = tuple(place["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(payload, dtype, count, place["start"] if count else 0).reshape(shape)


def _encode(value: Any, arrays: list[NDArray[Any]]) -> Any:
    """Turn ``value`` into JSON, its arrays appended to ``arrays``.

    JSON's own types stand for themselves except lists and objects: ``["Type", ...]`` is a tagged value.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.ndarray):
        return _encode_array(value, arrays)
    if isinstance(value, StrEnum):
        return [type(value).__name__, value.value]
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return [
            type(value).__name__,
            {field.name: _encode(getattr(value, field.name), arrays) for field in fields},
        ]
    if isinstance(value, Text):
        return ["Text", *value]
    if isinstance(value, tuple):
        return ["tuple", [_encode(item, arrays) for item in value]]
    if isinstance(value, Mapping):
        return ["mapping", {str(key): _encode(item, arrays) for key, item in value.items()}]
    if isinstance(value, np.generic):
        return _encode(value.item(), arrays)
    raise TypeError(f"cannot store a {type(value).__name__}")


def _encode_array(array: NDArray[Any], arrays: list[NDArray[Any]]) -> list[Any]:
    if array.dtype.kind in _PLAIN_DTYPES:
        arrays.append(array)
        return ["array", len(arrays) - 1]
    if array.dtype.kind != "O":
        raise TypeError(f"cannot store an array of {array.dtype}")
    column = array.reshape(-1).tolist()
    identities = list(map(id, column))  # most values are one object many times over
    pool: dict[Any, int] = {}
    values: list[Any] = []
    code_of: dict[int, int] = {}
    for identity, value in dict(zip(identities, column, strict=True)).items():
        # 1, 1.0 and True are equal but not the same, nor are 0.0 and -0.0; NaN is not equal to itself.
        own = value if value and value == value else repr(value)
        key = value if type(value) is str else (type(value), own)
        code = pool.get(key)
        if code is None:
            code = pool[key] = len(values)
            values.append(_encode(value, arrays))
        code_of[identity] = code
    codes = np.fromiter(map(code_of.__getitem__, identities), np.int32, len(column))
    arrays.append(codes.reshape(array.shape))
    return ["objects", len(arrays) - 1, values]


def _decode(value: Any, arrays: list[NDArray[Any]]) -> Any:
    if not isinstance(value, list):
        return value
    tag = value[0]
    if tag == "array":
        return arrays[value[1]]
    if tag == "objects":
        pool = np.empty(len(value[2]), object)
        for position, item in enumerate(value[2]):
            pool[position] = _decode(item, arrays)
        return pool[arrays[value[1]]] if len(pool) else np.empty(arrays[value[1]].shape, object)
    if tag == "tuple":
        return tuple(_decode(item, arrays) for item in value[1])
    if tag == "mapping":
        return {key: _decode(item, arrays) for key, item in value[1].items()}
    if tag == "Text":
        return Text(value[1], value[2])
    known = _TYPES[tag]
    if issubclass(known, StrEnum):
        return known(value[1])
    return known(**{key: _decode(item, arrays) for key, item in value[1].items()})
