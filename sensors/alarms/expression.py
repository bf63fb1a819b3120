"""Expressions over several points: comparisons, arithmetic, and, or, not, abs, min, max; nothing else."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

Values = Mapping[str, float]
_Evaluate = Callable[[Values], float]

MAX_LENGTH = 500
MAX_DEPTH = 30

_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARE = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., float]] = {"abs": abs, "min": min, "max": max}


class Expression:
    """A condition such as ``"indoor > 28 and indoor > outdoor + 2"``."""

    def __init__(self, text: str) -> None:
        """Parse a condition.

        Raises:
            ValueError: it is no such expression; the text says where.
        """
        if len(text) > MAX_LENGTH:
            raise ValueError(f"longer than {MAX_LENGTH} characters")
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, RecursionError, MemoryError) as error:
            raise ValueError(f"not an expression: {error}") from None
        self.text = text
        names: set[str] = set()
        self._evaluate = _compiled(tree.body, names, 0)
        self.names = frozenset(names)

    def __call__(self, values: Values) -> bool:
        """Whether it holds. Every name must be in ``values``; a division by zero does not hold."""
        try:
            return bool(self._evaluate(values))
        except (ZeroDivisionError, OverflowError):
            return False


def _compiled(node: ast.expr, names: set[str], depth: int) -> _Evaluate:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")

    def part(child: ast.expr) -> _Evaluate:
        return _compiled(child, names, depth + 1)

    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        value = float(node.value)
        return lambda _: value
    if isinstance(node, ast.Name):
        name = node.id
        names.add(name)
        return lambda values: values[name]
    if isinstance(node, ast.BoolOp):
        parts = [part(child) for child in node.values]
        every = isinstance(node.op, ast.And)
        return lambda values: float((all if every else any)(p(values) for p in parts))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        inner = part(node.operand)
        if isinstance(node.op, ast.Not):
            return lambda values: float(not inner(values))
        return lambda values: -inner(values)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        left, right, act = part(node.left), part(node.right), _BINARY[type(node.op)]
        return lambda values: act(left(values), right(values))
    if isinstance(node, ast.Compare) and all(type(op) in _COMPARE for op in node.ops):
        sides = [part(node.left), *(part(side) for side in node.comparators)]
        acts = [_COMPARE[type(op)] for op in node.ops]

        def compare(values: Values) -> float:
            numbers = [side(values) for side in sides]
            return float(all(act(a, b) for act, a, b in zip(acts, numbers, numbers[1:], strict=False)))

        return compare
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _FUNCTIONS
        and node.args
        and not node.keywords
    ):
        function = _FUNCTIONS[node.func.id]
        if function is abs and len(node.args) != 1:
            raise ValueError("abs takes one value")
        arguments = [part(child) for child in node.args]
        if len(arguments) == 1 and function is not abs:
            return arguments[0]
        return lambda values: function(*(argument(values) for argument in arguments))
    raise ValueError(f"{ast.unparse(node)[:60]!r} is not allowed")
