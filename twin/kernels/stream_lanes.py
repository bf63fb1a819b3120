"""Eight rays at a time for :mod:`twin.kernels.ray_streams`: LLVM vector code inside Numba.

Lists of rays are arrays of int32, read and written in whole eights; see :mod:`twin.kernels.lanes`.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import config
from numba.core import cgutils, types
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic

from twin.kernels.lanes import (
    FLOAT,
    INT,
    LANES,
    LONG,
    MASK,
    CodeGenerator,
    bits_of,
    f32,
    f32_pointer,
    load,
    maximum,
    minimum,
    splat,
    store,
)

_CACHE_LINE = 16  # numbers of four bytes
_INTS = ir.VectorType(INT, LANES)
_CHOSEN = ir.VectorType(ir.IntType(1), LANES)


@intrinsic
def take_rays(
    typing_context: Any, inverses: Any, starts: Any, table: Any, first: Any, block: Any, at: Any
) -> CodeGenerator:
    """Put eight rays side by side for :func:`rays_hit_box`.

    ``table[first:first + 8]`` names the rays, which have four numbers each: ``inverses`` (inverse of the
    direction x, y, z, unused) and ``starts`` (x, y, z, and the reach). ``block[at:at + 56]`` takes eight x of
    the inverses, y, z, eight x of the starts, y, z, and the eight reaches.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        inverses, starts, table, first, block, at = arguments

        def data(which: int, value: Any) -> Any:
            return context.make_array(signature.args[which])(context, builder, value).data

        names = data(2, table)
        rays = [
            builder.shl(
                builder.sext(
                    builder.load(builder.gep(names, [builder.add(first, ir.Constant(LONG, lane))])), LONG
                ),
                ir.Constant(LONG, 2),
            )
            for lane in range(LANES)
        ]
        columns = [
            *_transposed(builder, data(0, inverses), rays)[:3],
            *_transposed(builder, data(1, starts), rays),
        ]
        base = data(4, block)
        for row, column in enumerate(columns):
            store(builder, column, builder.gep(base, [builder.add(at, ir.Constant(LONG, LANES * row))]))
        return context.get_dummy_value()

    return types.void(inverses, starts, table, types.int64, block, types.int64), generate


def _transposed(builder: Any, base: Any, rows: list[Any]) -> list[Any]:
    """Four vectors of eight lanes from eight rows of four numbers, which begin at ``base[rows]``."""
    quarter = ir.VectorType(FLOAT, 4)
    loaded = []
    for row in rows:
        four = builder.load(builder.bitcast(builder.gep(base, [row]), quarter.as_pointer()))
        four.align = 4
        loaded.append(four)

    def mixed(a: Any, b: Any, order: tuple[int, ...]) -> Any:
        return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(INT, len(order)), order))

    # Rows k and k + 4 share a vector, so that all that follows stays within its halves.
    a, b, c, d = (mixed(loaded[k], loaded[k + 4], (0, 1, 2, 3, 4, 5, 6, 7)) for k in range(4))
    low_ab, high_ab = mixed(a, b, (0, 8, 1, 9, 4, 12, 5, 13)), mixed(a, b, (2, 10, 3, 11, 6, 14, 7, 15))
    low_cd, high_cd = mixed(c, d, (0, 8, 1, 9, 4, 12, 5, 13)), mixed(c, d, (2, 10, 3, 11, 6, 14, 7, 15))
    first, second = (0, 1, 8, 9, 4, 5, 12, 13), (2, 3, 10, 11, 6, 7, 14, 15)
    return [
        mixed(low_ab, low_cd, first), mixed(low_ab, low_cd, second),
        mixed(high_ab, high_cd, first), mixed(high_ab, high_cd, second),
    ]  # fmt: skip


@intrinsic
def rays_hit_box(
    typing_context: Any, block: Any, at: Any,
    near_x: Any, near_y: Any, near_z: Any, far_x: Any, far_y: Any, far_z: Any, entries: Any,
) -> CodeGenerator:  # fmt: skip
    """Eight rays of one octant against one box: int32 mask of those that hit; ``entries`` sums their entries.

    ``block[at:]`` is what :func:`take_rays` made; ``near_*`` are the planes of the box that rays of the
    octant meet first, ``far_*`` the others. The test of :func:`boxes_hit`, but the start is subtracted before
    the inverse is multiplied, so that rounding is in proportion to the distance.
    """
    arguments_of = (block, types.int64, *([f32] * 6), f32_pointer)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, first, *planes, entries = arguments
        base = context.make_array(signature.args[0])(context, builder, table).data
        column = [load(builder, base, builder.add(first, ir.Constant(LONG, LANES * row))) for row in range(7)]
        inverse, start, reach = column[:3], column[3:6], column[6]
        near, far = (
            [
                builder.fmul(builder.fsub(splat(builder, planes[k + axis]), start[axis]), inverse[axis])
                for axis in range(3)
            ]
            for k in (0, 3)
        )
        zero = splat(builder, ir.Constant(FLOAT, 0.0))
        entry = maximum(builder, maximum(builder, near[0], near[1]), maximum(builder, near[2], zero))
        leave = minimum(builder, minimum(builder, far[0], far[1]), minimum(builder, far[2], reach))
        leave = builder.fmul(leave, splat(builder, ir.Constant(FLOAT, 1.0000005)))
        hit = builder.fcmp_ordered("<=", entry, leave)
        here = ir.Constant(LONG, 0)
        added = builder.select(hit, entry, zero)
        store(builder, builder.fadd(load(builder, entries, here), added), entries)
        return bits_of(builder, hit)

    return types.int32(*arguments_of), generate


@intrinsic
def append_lanes(typing_context: Any, table: Any, end: Any, mask: Any, first: Any) -> CodeGenerator:
    """Copy those of ``table[first:first + 8]`` that ``mask`` tells to ``table[end:]``; returns the new end.

    All of ``table[end:end + 8]`` is overwritten; what follows the new end there means nothing.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, end, mask, first = arguments
        base = context.make_array(signature.args[0])(context, builder, table).data
        items = builder.load(builder.bitcast(builder.gep(base, [first]), _INTS.as_pointer()))
        items.align = 4
        target = builder.bitcast(builder.gep(base, [end]), _INTS.as_pointer())
        bits = builder.trunc(mask, MASK)
        if _machine_has("avx512vl"):
            compress = cgutils.get_or_insert_function(
                builder.module,
                ir.FunctionType(_INTS, [_INTS, _CHOSEN, _INTS]),
                f"llvm.experimental.vector.compress.v{LANES}i32",
            )
            undefined = ir.Constant(_INTS, ir.Undefined)
            kept = builder.call(compress, [items, builder.bitcast(bits, _CHOSEN), undefined])
            builder.store(kept, target).align = 4
        elif _machine_has("avx2"):
            permute = cgutils.get_or_insert_function(
                builder.module, ir.FunctionType(_INTS, [_INTS, _INTS]), "llvm.x86.avx2.permd"
            )
            row = builder.gep(_kept_lanes(builder), [ir.Constant(LONG, 0), builder.zext(bits, LONG)])
            builder.store(builder.call(permute, [items, builder.load(row)]), target).align = 4
        else:
            place = end
            for lane in range(LANES):
                item = builder.extract_element(items, ir.Constant(INT, lane))
                builder.store(item, builder.gep(base, [place]))
                bit = builder.and_(builder.lshr(bits, ir.Constant(MASK, lane)), ir.Constant(MASK, 1))
                place = builder.add(place, builder.zext(bit, LONG))
            return place
        return builder.add(end, builder.zext(builder.ctpop(bits), LONG))

    return types.int64(table, types.int64, types.int32, types.int64), generate


def _machine_has(feature: str) -> bool:
    """Whether code is made for a processor with this feature."""
    named: str = get_host_cpu_features() if config.CPU_FEATURES is None else config.CPU_FEATURES
    return f"+{feature}" in named.split(",")


def _kept_lanes(builder: Any) -> Any:
    """A table of 256 rows: the lanes that each mask keeps, first to last, then lane 0."""
    name = "kept_lanes"
    if name not in builder.module.globals:
        table = cgutils.add_global_variable(builder.module, ir.ArrayType(_INTS, 1 << LANES), name)
        table.linkage, table.global_constant = "internal", True
        rows = []
        for mask in range(1 << LANES):
            kept = [lane for lane in range(LANES) if mask >> lane & 1]
            rows.append(ir.Constant(_INTS, kept + [0] * (LANES - len(kept))))
        table.initializer = ir.Constant(table.type.pointee, rows)
    return builder.module.globals[name]


@intrinsic
def fill_lanes(typing_context: Any, table: Any, first: Any, item: Any) -> CodeGenerator:
    """``table[first:first + 8] = item``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, first, item = arguments
        base = context.make_array(signature.args[0])(context, builder, table).data
        target = builder.bitcast(builder.gep(base, [first]), _INTS.as_pointer())
        builder.store(splat(builder, item), target).align = 4
        return context.get_dummy_value()

    return types.void(table, types.int64, types.int32), generate


@intrinsic(prefer_literal=True)
def prefetch(typing_context: Any, table: Any, first: Any, count: Any) -> CodeGenerator | None:
    """Ask for ``table[first:first + count]``, which will soon be read; ``count`` is a constant."""
    if not isinstance(count, types.IntegerLiteral):
        return None
    number = count.literal_value

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, INT, INT, INT])
        ask = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        read, keep, data = ir.Constant(INT, 0), ir.Constant(INT, 3), ir.Constant(INT, 1)
        for line in range(0, number, _CACHE_LINE):
            at = builder.gep(base, [builder.add(arguments[1], ir.Constant(LONG, line))])
            builder.call(ask, [builder.bitcast(at, byte), read, keep, data])
        return context.get_dummy_value()

    return types.void(table, types.int64, count), generate
