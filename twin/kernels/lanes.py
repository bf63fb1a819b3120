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

FLOAT = ir.FloatType()
INT = ir.IntType(32)
LONG = ir.IntType(64)
FLOATS = ir.VectorType(FLOAT, LANES)
MASK = ir.IntType(LANES)
_FUSED = ("contract",)  # a product and a sum may become one instruction
f32 = types.float32
f32_pointer = CPointer(types.float32)
i32_pointer = CPointer(types.int32)

CodeGenerator = tuple[Any, Callable[..., Any]]


def splat(builder: Any, scalar: Any) -> Any:
    """A scalar in all lanes."""
    undefined = ir.Constant(ir.VectorType(scalar.type, LANES), ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(INT, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(INT, LANES), [0] * LANES))


def load(builder: Any, base: Any, index: Any) -> Any:
    """Eight floats from ``base[index]`` on."""
    pointer = builder.bitcast(builder.gep(base, [index]), FLOATS.as_pointer())
    vector = builder.load(pointer)
    vector.align = 4
    return vector


def store(builder: Any, vector: Any, pointer: Any) -> None:
    """Put eight floats where ``pointer`` leads."""
    builder.store(vector, builder.bitcast(pointer, FLOATS.as_pointer())).align = 4


def minimum(builder: Any, a: Any, b: Any) -> Any:
    """The lesser of each lane; of a NaN in ``a`` or ``b`` the second."""
    return builder.select(builder.fcmp_ordered("<", a, b), a, b)


def maximum(builder: Any, a: Any, b: Any) -> Any:
    """The greater of each lane; of a NaN in ``a`` or ``b`` the second."""
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


def bits_of(builder: Any, lanes: Any) -> Any:
    """Eight truths as the lowest bits of an int32."""
    return builder.zext(builder.bitcast(lanes, MASK), INT)


def _on_stack(element: Any, count: int) -> Callable[..., Any]:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(
            cgutils.alloca_once(builder, ir.ArrayType(element, count)), element.as_pointer()
        )

    return generate


@intrinsic
def int_stack(typing_context: Any) -> CodeGenerator:
    """A pointer to STACK_SIZE int32 on the machine stack."""
    return i32_pointer(), _on_stack(INT, STACK_SIZE)


@intrinsic
def float_stack(typing_context: Any) -> CodeGenerator:
    """A pointer to STACK_SIZE float32 on the machine stack."""
    return f32_pointer(), _on_stack(FLOAT, STACK_SIZE)


@intrinsic
def float_lanes(typing_context: Any) -> CodeGenerator:
    """A pointer to eight float32 on the machine stack."""
    return f32_pointer(), _on_stack(FLOAT, LANES)


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
        return builder.sext(builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1)), LONG)

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
    arguments_of = (nodes, types.int64, *([f32] * 9), *([types.int64] * 3), f32, f32_pointer)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, first, *ray, shift_x, shift_y, shift_z, t_max, t_near = arguments
        base = context.make_array(signature.args[0])(context, builder, table).data
        inverse, near_offset, far_offset = ([splat(builder, x) for x in ray[k : k + 3]] for k in (0, 3, 6))
        near: list[Any] = []
        far: list[Any] = []
        for axis, shift in enumerate((shift_x, shift_y, shift_z)):
            low = builder.add(builder.add(first, ir.Constant(LONG, 16 * axis)), shift)
            high = builder.sub(builder.add(first, ir.Constant(LONG, 16 * axis + 8)), shift)
            for at, offset, side in ((low, near_offset, near), (high, far_offset, far)):
                product = builder.fmul(load(builder, base, at), inverse[axis], flags=_FUSED)
                side.append(builder.fsub(product, offset[axis], flags=_FUSED))
        zero = ir.Constant(FLOAT, 0.0)
        entry = maximum(
            builder, maximum(builder, near[0], near[1]), maximum(builder, near[2], splat(builder, zero))
        )
        leave = minimum(
            builder, minimum(builder, far[0], far[1]), minimum(builder, far[2], splat(builder, t_max))
        )
        leave = builder.fmul(leave, splat(builder, ir.Constant(FLOAT, 1.0000005)))
        store(builder, entry, t_near)
        return bits_of(builder, builder.fcmp_ordered("<=", entry, leave))

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
    arguments_of = (packs, types.int64, *([f32] * 7), f32_pointer)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, first, *ray, t_max, t_hit = arguments
        base = context.make_array(signature.args[0])(context, builder, table).data
        origin = [splat(builder, value) for value in ray[:3]]
        direction = [splat(builder, value) for value in ray[3:]]
        column = [load(builder, base, builder.add(first, ir.Constant(LONG, LANES * row))) for row in range(9)]
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
        inverse = builder.fdiv(splat(builder, ir.Constant(FLOAT, 1.0)), dot(edge1, p))
        s = [builder.fsub(origin[axis], corner[axis]) for axis in range(3)]
        q = cross(s, edge1)
        u = builder.fmul(dot(s, p), inverse)
        v = builder.fmul(dot(direction, q), inverse)
        t = builder.fmul(dot(edge2, q), inverse)
        low = splat(builder, ir.Constant(FLOAT, -1e-6))
        high = splat(builder, ir.Constant(FLOAT, 1.000001))
        hit = builder.fcmp_ordered(">=", u, low)
        hit = builder.and_(hit, builder.fcmp_ordered(">=", v, low))
        hit = builder.and_(hit, builder.fcmp_ordered("<=", builder.fadd(u, v), high))
        hit = builder.and_(hit, builder.fcmp_ordered(">", t, splat(builder, ir.Constant(FLOAT, 0.0))))
        hit = builder.and_(hit, builder.fcmp_ordered("<", t, splat(builder, t_max)))
        store(builder, t, t_hit)
        return bits_of(builder, hit)

    return types.int32(*arguments_of), generate
