"""Eight-lane float32 operations for the ray kernels: LLVM vector code inside Numba.

Numba does not turn a loop over eight boxes or eight triangles into vector instructions by itself; these
intrinsics spell out the two inner operations of a ray walk (one ray against eight boxes, one ray against
eight triangles) and the small stack that the walk keeps. LLVM splits the eight lanes to what the machine has
(AVX, SSE, NEON), so the code runs everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import config
from numba.core import cgutils, types
from numba.core.codegen import get_host_cpu_features
from numba.core.types.misc import CPointer
from numba.extending import intrinsic

LANES = 8
STACK_SIZE = 256  # entries; twin.kernels.bvh.build checks that no walk can need more

_CACHE_LINE = 16  # numbers of four bytes
_FLOAT = ir.FloatType()
_INT = ir.IntType(32)
_LONG = ir.IntType(64)
_FLOATS = ir.VectorType(_FLOAT, LANES)
_INTS = ir.VectorType(_INT, LANES)
_MASK = ir.IntType(LANES)
_CHOSEN = ir.VectorType(ir.IntType(1), LANES)
_FUSED = ("contract",)  # a product and a sum may become one instruction
_f32 = types.float32
_f32_pointer = CPointer(types.float32)
_i32_pointer = CPointer(types.int32)

CodeGenerator = tuple[Any, Callable[..., Any]]


def _splat(builder: Any, scalar: Any) -> Any:
    undefined = ir.Constant(ir.VectorType(scalar.type, LANES), ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(_INT, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_INT, LANES), [0] * LANES))


def _load(builder: Any, base: Any, index: Any) -> Any:
    pointer = builder.bitcast(builder.gep(base, [index]), _FLOATS.as_pointer())
    vector = builder.load(pointer)
    vector.align = 4
    return vector


def _store(builder: Any, vector: Any, pointer: Any) -> None:
    builder.store(vector, builder.bitcast(pointer, _FLOATS.as_pointer())).align = 4


def _minimum(builder: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered("<", a, b), a, b)


def _maximum(builder: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


def _bits(builder: Any, lanes: Any) -> Any:
    return builder.zext(builder.bitcast(lanes, _MASK), _INT)


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


def _on_stack(element: Any, count: int) -> Callable[..., Any]:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(
            cgutils.alloca_once(builder, ir.ArrayType(element, count)), element.as_pointer()
        )

    return generate


@intrinsic
def int_stack(typing_context: Any) -> CodeGenerator:
    """A pointer to STACK_SIZE int32 on the machine stack."""
    return _i32_pointer(), _on_stack(_INT, STACK_SIZE)


@intrinsic
def float_stack(typing_context: Any) -> CodeGenerator:
    """A pointer to STACK_SIZE float32 on the machine stack."""
    return _f32_pointer(), _on_stack(_FLOAT, STACK_SIZE)


@intrinsic
def float_lanes(typing_context: Any) -> CodeGenerator:
    """A pointer to eight float32 on the machine stack."""
    return _f32_pointer(), _on_stack(_FLOAT, LANES)


@intrinsic
def int_lanes(typing_context: Any) -> CodeGenerator:
    """A pointer to eight int32 on the machine stack."""
    return _i32_pointer(), _on_stack(_INT, LANES)


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
                    builder.load(builder.gep(names, [builder.add(first, ir.Constant(_LONG, lane))])), _LONG
                ),
                ir.Constant(_LONG, 2),
            )
            for lane in range(LANES)
        ]
        columns = [
            *_transposed(builder, data(0, inverses), rays)[:3],
            *_transposed(builder, data(1, starts), rays),
        ]
        base = data(4, block)
        for row, column in enumerate(columns):
            _store(builder, column, builder.gep(base, [builder.add(at, ir.Constant(_LONG, LANES * row))]))
        return context.get_dummy_value()

    return types.void(inverses, starts, table, types.int64, block, types.int64), generate


def _transposed(builder: Any, base: Any, rows: list[Any]) -> list[Any]:
    """Four vectors of eight lanes from eight rows of four numbers, which begin at ``base[rows]``."""
    quarter = ir.VectorType(_FLOAT, 4)
    loaded = []
    for row in rows:
        four = builder.load(builder.bitcast(builder.gep(base, [row]), quarter.as_pointer()))
        four.align = 4
        loaded.append(four)

    def mixed(a: Any, b: Any, order: tuple[int, ...]) -> Any:
        return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_INT, len(order)), order))

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
    arguments_of = (block, types.int64, *([_f32] * 6), _f32_pointer)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, first, *planes, entries = arguments
        base = context.make_array(signature.args[0])(context, builder, table).data
        column = [
            _load(builder, base, builder.add(first, ir.Constant(_LONG, LANES * row))) for row in range(7)
        ]
        inverse, start, reach = column[:3], column[3:6], column[6]
        near, far = (
            [
                builder.fmul(builder.fsub(_splat(builder, planes[k + axis]), start[axis]), inverse[axis])
                for axis in range(3)
            ]
            for k in (0, 3)
        )
        zero = _splat(builder, ir.Constant(_FLOAT, 0.0))
        entry = _maximum(builder, _maximum(builder, near[0], near[1]), _maximum(builder, near[2], zero))
        leave = _minimum(builder, _minimum(builder, far[0], far[1]), _minimum(builder, far[2], reach))
        leave = builder.fmul(leave, _splat(builder, ir.Constant(_FLOAT, 1.0000005)))
        hit = builder.fcmp_ordered("<=", entry, leave)
        here = ir.Constant(_LONG, 0)
        added = builder.select(hit, entry, zero)
        _store(builder, builder.fadd(_load(builder, entries, here), added), entries)
        return _bits(builder, hit)

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
        bits = builder.trunc(mask, _MASK)
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
            row = builder.gep(_kept_lanes(builder), [ir.Constant(_LONG, 0), builder.zext(bits, _LONG)])
            builder.store(builder.call(permute, [items, builder.load(row)]), target).align = 4
        else:
            place = end
            for lane in range(LANES):
                item = builder.extract_element(items, ir.Constant(_INT, lane))
                builder.store(item, builder.gep(base, [place]))
                bit = builder.and_(builder.lshr(bits, ir.Constant(_MASK, lane)), ir.Constant(_MASK, 1))
                place = builder.add(place, builder.zext(bit, _LONG))
            return place
        return builder.add(end, builder.zext(builder.ctpop(bits), _LONG))

    return types.int64(table, types.int64, types.int32, types.int64), generate


@intrinsic
def fill_lanes(typing_context: Any, table: Any, first: Any, item: Any) -> CodeGenerator:
    """``table[first:first + 8] = item``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, first, item = arguments
        base = context.make_array(signature.args[0])(context, builder, table).data
        target = builder.bitcast(builder.gep(base, [first]), _INTS.as_pointer())
        builder.store(_splat(builder, item), target).align = 4
        return context.get_dummy_value()

    return types.void(table, types.int64, types.int32), generate


@intrinsic
def get(typing_context: Any, pointer: Any, index: Any) -> CodeGenerator:
    """``pointer[index]``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(builder.gep(arguments[0], [arguments[1]]))

    return pointer.dtype(pointer, types.int64), generate


@intrinsic
def put(typing_context: Any, pointer: Any, index: Any, value: Any) -> CodeGenerator:
    """``pointer[index] = value``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], builder.gep(arguments[0], [arguments[1]]))
        return context.get_dummy_value()

    return types.void(pointer, types.int64, pointer.dtype), generate


@intrinsic(prefer_literal=True)
def prefetch(typing_context: Any, table: Any, first: Any, count: Any) -> CodeGenerator | None:
    """Ask for ``table[first:first + count]``, which will soon be read; ``count`` is a constant."""
    if not isinstance(count, types.IntegerLiteral):
        return None
    number = count.literal_value

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, _INT, _INT, _INT])
        ask = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        read, keep, data = ir.Constant(_INT, 0), ir.Constant(_INT, 3), ir.Constant(_INT, 1)
        for line in range(0, number, _CACHE_LINE):
            at = builder.gep(base, [builder.add(arguments[1], ir.Constant(_LONG, line))])
            builder.call(ask, [builder.bitcast(at, byte), read, keep, data])
        return context.get_dummy_value()

    return types.void(table, types.int64, count), generate


@intrinsic
def lowest_bit(typing_context: Any, mask: Any) -> CodeGenerator:
    """Index of the lowest set bit of a non-zero int32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.sext(builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1)), _LONG)

    return types.int64(types.int32), generate


@intrinsic
def boxes_hit(
    typing_context: Any, nodes: Any, start: Any,
    ix: Any, iy: Any, iz: Any, nx: Any, ny: Any, nz: Any, fx: Any, fy: Any, fz: Any,
    shift_x: Any, shift_y: Any, shift_z: Any, t_max: Any, t_near: Any,
) -> CodeGenerator:  # fmt: skip
    """One ray against eight boxes: int32 mask of those hit in [0, t_max]; the entry distances go to t_near.

    ``nodes[start:start + 48]`` holds min x of eight boxes, max x, min y, ..., max z. ``i*`` are the inverse
    direction components (never 0), ``n*`` and ``f*`` start times inverse for the near and the far planes, a
    rounding error apart, ``shift_*`` is 0 where the component is positive and 8 where negative. Slab test of
    Kay and Kajiya (1986), doi:10.1145/15886.15916, with the far side scaled by 1 + 2γ₃ so that rounding never
    loses a box (Ize 2013, Robust BVH Ray Traversal, JCGT 2(2)).
    """
    arguments_of = (nodes, types.int64, *([_f32] * 9), *([types.int64] * 3), _f32, _f32_pointer)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, first, *ray, shift_x, shift_y, shift_z, t_max, t_near = arguments
        base = context.make_array(signature.args[0])(context, builder, table).data
        inverse, near_offset, far_offset = ([_splat(builder, x) for x in ray[k : k + 3]] for k in (0, 3, 6))
        near: list[Any] = []
        far: list[Any] = []
        for axis, shift in enumerate((shift_x, shift_y, shift_z)):
            low = builder.add(builder.add(first, ir.Constant(_LONG, 16 * axis)), shift)
            high = builder.sub(builder.add(first, ir.Constant(_LONG, 16 * axis + 8)), shift)
            for at, offset, side in ((low, near_offset, near), (high, far_offset, far)):
                product = builder.fmul(_load(builder, base, at), inverse[axis], flags=_FUSED)
                side.append(builder.fsub(product, offset[axis], flags=_FUSED))
        zero = ir.Constant(_FLOAT, 0.0)
        entry = _maximum(
            builder, _maximum(builder, near[0], near[1]), _maximum(builder, near[2], _splat(builder, zero))
        )
        leave = _minimum(
            builder, _minimum(builder, far[0], far[1]), _minimum(builder, far[2], _splat(builder, t_max))
        )
        leave = builder.fmul(leave, _splat(builder, ir.Constant(_FLOAT, 1.0000005)))
        _store(builder, entry, t_near)
        return _bits(builder, builder.fcmp_ordered("<=", entry, leave))

    return types.int32(*arguments_of), generate


@intrinsic
def triangles_hit(
    typing_context: Any, packs: Any, start: Any,
    ox: Any, oy: Any, oz: Any, dx: Any, dy: Any, dz: Any, t_max: Any, t_hit: Any,
) -> CodeGenerator:  # fmt: skip
    """One ray against eight triangles: int32 mask of those hit in (0, t_max); distances go to t_hit.

    ``packs[start:start + 72]`` holds x of the eight first corners, y, z, then the edges to the second and to
    the third corners. Both sides count. Möller and Trumbore (1997), doi:10.1080/10867651.1997.10487468;
    triangles are taken 1e-6 of their edges larger so that no ray slips between neighbours. Degenerate
    triangles (a zero determinant) give NaN or infinity and are never hit.
    """
    arguments_of = (packs, types.int64, *([_f32] * 7), _f32_pointer)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, first, *ray, t_max, t_hit = arguments
        base = context.make_array(signature.args[0])(context, builder, table).data
        origin = [_splat(builder, value) for value in ray[:3]]
        direction = [_splat(builder, value) for value in ray[3:]]
        column = [
            _load(builder, base, builder.add(first, ir.Constant(_LONG, LANES * row))) for row in range(9)
        ]
        corner, edge1, edge2 = column[:3], column[3:6], column[6:]

        def cross(a: Any, b: Any) -> list[Any]:
            return [
                builder.fsub(builder.fmul(a[i], b[j]), builder.fmul(a[j], b[i]))
                for i, j in ((1, 2), (2, 0), (0, 1))
            ]

        def dot(a: Any, b: Any) -> Any:
            x, y, z = (builder.fmul(a[axis], b[axis]) for axis in range(3))
            return builder.fadd(builder.fadd(x, y), z)

        p = cross(direction, edge2)
        inverse = builder.fdiv(_splat(builder, ir.Constant(_FLOAT, 1.0)), dot(edge1, p))
        s = [builder.fsub(origin[axis], corner[axis]) for axis in range(3)]
        q = cross(s, edge1)
        u = builder.fmul(dot(s, p), inverse)
        v = builder.fmul(dot(direction, q), inverse)
        t = builder.fmul(dot(edge2, q), inverse)
        low = _splat(builder, ir.Constant(_FLOAT, -1e-6))
        high = _splat(builder, ir.Constant(_FLOAT, 1.000001))
        hit = builder.fcmp_ordered(">=", u, low)
        hit = builder.and_(hit, builder.fcmp_ordered(">=", v, low))
        hit = builder.and_(hit, builder.fcmp_ordered("<=", builder.fadd(u, v), high))
        hit = builder.and_(hit, builder.fcmp_ordered(">", t, _splat(builder, ir.Constant(_FLOAT, 0.0))))
        hit = builder.and_(hit, builder.fcmp_ordered("<", t, _splat(builder, t_max)))
        _store(builder, t, t_hit)
        return _bits(builder, hit)

    return types.int32(*arguments_of), generate
