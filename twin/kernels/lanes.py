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
from numba.core import cgutils, types
from numba.core.types.misc import CPointer
from numba.extending import intrinsic

LANES = 8
STACK_SIZE = 256  # entries; twin.kernels.bvh.build checks that no walk can need more

_FLOAT = ir.FloatType()
_INT = ir.IntType(32)
_LONG = ir.IntType(64)
_FLOATS = ir.VectorType(_FLOAT, LANES)
_MASK = ir.IntType(LANES)
_FUSED = ("contract",)  # a product and a sum may become one instruction
_f32 = types.float32
_f32_pointer = CPointer(types.float32)
_i32_pointer = CPointer(types.int32)

CodeGenerator = tuple[Any, Callable[..., Any]]


def _splat(builder: Any, scalar: Any) -> Any:
    undefined = ir.Constant(_FLOATS, ir.Undefined)
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
def add_lanes(typing_context: Any, sums: Any, mask: Any, values: Any) -> CodeGenerator:
    """``sums += values`` in the lanes of ``mask``, all eight at once."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        sums, mask, values = arguments
        chosen = builder.bitcast(builder.trunc(mask, _MASK), ir.VectorType(ir.IntType(1), LANES))
        zero = _splat(builder, ir.Constant(_FLOAT, 0.0))
        first = ir.Constant(_LONG, 0)
        added = builder.select(chosen, _load(builder, values, first), zero)
        _store(builder, builder.fadd(_load(builder, sums, first), added), sums)
        return context.get_dummy_value()

    return types.void(_f32_pointer, types.int32, _f32_pointer), generate


@intrinsic
def append_lanes(typing_context: Any, table: Any, ends: Any, mask: Any, item: Any) -> CodeGenerator:
    """``table[ends[lane]] = item`` for every lane, but ``ends`` moves on only where ``mask`` is set."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, ends, mask, item = arguments
        base = context.make_array(signature.args[0])(context, builder, table).data
        for lane in range(LANES):
            place = builder.gep(ends, [ir.Constant(_LONG, lane)])
            end = builder.load(place)
            builder.store(item, builder.gep(base, [builder.sext(end, _LONG)]))
            bit = builder.and_(builder.lshr(mask, ir.Constant(_INT, lane)), ir.Constant(_INT, 1))
            builder.store(builder.add(end, bit), place)
        return context.get_dummy_value()

    return types.void(table, _i32_pointer, types.int32, table.dtype), generate


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
