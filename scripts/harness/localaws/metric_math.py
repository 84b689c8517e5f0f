"""Arithmetic over metrics, as alarms on metric queries use it. Pure.

Supports numbers, ids, + - * /, comparisons, and the functions FILL, IF, SUM, MIN, MAX and AVG over a list of ids;
anything else raises, so that no alarm is quietly never evaluated. Source: "Using math expressions with
CloudWatch metrics", Amazon CloudWatch User Guide.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

Value = float | None

_OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: a / b if b else None,  # CloudWatch has no data point where the divisor is 0
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "MIN": min,
    "MAX": max,
    "AVG": lambda values: sum(values) / len(values),
}


class UnsupportedExpression(ValueError):
    """An expression that uses something unknown to this arithmetic."""


def compute(expression: str, values: Mapping[str, Value]) -> Value:
    """Compute ``expression`` in one period; None when a metric it needs has no data there.

    Raises:
        UnsupportedExpression: naming what is not supported.
    """
    try:
        return _value(ast.parse(expression.strip(), mode="eval").body, values)
    except SyntaxError:
        raise UnsupportedExpression(f"not arithmetic: {expression}") from None


def _value(node: ast.expr, values: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _value(operand, values)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=sign, right=right):
            return _apply(sign, left, right, values)
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            return _apply(sign, left, right, values)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _call(name, arguments, values)
    raise UnsupportedExpression(f"not supported in a metric expression: {ast.unparse(node)}")


def _apply(sign: ast.AST, left: ast.expr, right: ast.expr, values: Mapping[str, Value]) -> Value:
    a, b = _value(left, values), _value(right, values)
    if type(sign) not in _OPERATORS:
        raise UnsupportedExpression(f"not supported in a metric expression: {type(sign).__name__}")
    result = None if a is None or b is None else _OPERATORS[type(sign)](a, b)
    return None if result is None else float(result)


def _call(name: str, arguments: list[ast.expr], values: Mapping[str, Value]) -> Value:
    if name == "FILL" and len(arguments) == 2:
        first = _value(arguments[0], values)
        return _value(arguments[1], values) if first is None else first
    if name == "IF" and len(arguments) == 3:
        condition = _value(arguments[0], values)
        return None if condition is None else _value(arguments[1 if condition else 2], values)
    if name in _AGGREGATES and len(arguments) == 1 and isinstance(arguments[0], ast.List):
        present = [v for v in (_value(item, values) for item in arguments[0].elts) if v is not None]
        return float(_AGGREGATES[name](present)) if present else None
    raise UnsupportedExpression(f"function not supported in a metric expression: {name}")
