#!/usr/bin/env python3
"""Writes constraints.txt: expressions with the answers of this Python.

    python3 generate_constraints.py > constraints.txt

A row is `values TAB expression TAB answer`; a TAB in the expression is shown as U+2409. The values are `name=VALUE` with a blank between; a
VALUE is a letter and a text: `i7`, `f0.5` (Python's repr), `b1`, `n`, `s` and a text in which what
is not a visible ASCII character, and `%`, is `%XX` for each UTF-8 byte. An answer is one of

    value VALUE     what eval() returns
    error           eval() raises or goes through a complex number, but the expression compiles
    syntax          it does not compile
    limit           Python has an answer; here it can not be evaluated (documented difference)
    refused         Python compiles it; here it does not parse (documented difference)

Rows whose answer differs otherwise (a tuple equals a list, `nan` in a list) or is a list are left
out and counted. `limit` is found by a walk over Python's own tree that does each step with Python's
operator and looks at what comes out; the walk must agree with eval().
"""

import ast
import collections
import io
import itertools
import math
import operator
import random
import re
import sys
import tokenize
import warnings

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 20190611

INT_MAX = 2**127 - 1
INT_MIN = -(2**127)
TEXT_MAX = 1 << 20

Limit = type("Limit", (Exception,), {})
Complex = type("Complex", (Exception,), {})
Skipped = type("Skipped", (Exception,), {})

ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}

COMPARISONS = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}

SIGNS = {ast.USub: operator.neg, ast.UAdd: operator.pos}


def limited(value):
    """The value, if it is one that a constraint can have."""
    if isinstance(value, int) and not INT_MIN <= value <= INT_MAX:
        raise Limit
    if isinstance(value, str) and len(value.encode("utf-8", "surrogatepass")) > TEXT_MAX:
        raise Limit
    if isinstance(value, complex):
        raise Complex
    return value


def has(value, test):
    if isinstance(value, (list, tuple)):
        return any(has(item, test) for item in value)
    return test(value)


def is_nan(value):
    return isinstance(value, float) and math.isnan(value)


def arithmetic(node, left, right):
    kind = type(node)
    is_number = lambda value: isinstance(value, (int, float))
    if kind is ast.Mod and isinstance(left, str):
        left % right  # raises where Python raises
        raise Limit
    if isinstance(left, (list, tuple)) or isinstance(right, (list, tuple)):
        is_huge = any(isinstance(side, int) and abs(side) > 1000 for side in (left, right))
        if not (kind is ast.Mult and is_huge):
            ARITHMETIC[kind](left, right)  # raises where Python raises
        raise Limit
    if kind is ast.Pow and is_number(left) and is_number(right):
        if type(left) is not float and type(right) is not float:
            if right > 300 and abs(left) > 1:
                raise Limit  # before Python takes its time
            if right > 2**32:
                raise Skipped
    if kind is ast.Mult and isinstance(left, str) != isinstance(right, str):
        text, count = (left, right) if isinstance(left, str) else (right, left)
        if isinstance(count, int) and abs(count) < 2**63 and len(text) * count > TEXT_MAX:
            raise Limit
    return limited(ARITHMETIC[kind](left, right))


def compare(node, left, right):
    kind = type(node)
    lists = [value for value in (left, right) if isinstance(value, (list, tuple))]
    if len({type(value) for value in lists}) == 2:
        raise Skipped  # a tuple and a list
    if lists and (has(left, is_nan) or has(right, is_nan)):
        raise Skipped  # identity
    return COMPARISONS[kind](left, right)


def walk(node, env):
    if isinstance(node, ast.Expression):
        return walk(node.body, env)
    if isinstance(node, ast.Constant):
        return limited(node.value)
    if isinstance(node, ast.Name):
        return env[node.id]
    if isinstance(node, ast.Tuple):
        return tuple(walk(item, env) for item in node.elts)
    if isinstance(node, ast.List):
        return [walk(item, env) for item in node.elts]
    if isinstance(node, ast.BinOp):
        return arithmetic(node.op, walk(node.left, env), walk(node.right, env))
    if isinstance(node, ast.UnaryOp):
        operand = walk(node.operand, env)
        return not operand if isinstance(node.op, ast.Not) else limited(SIGNS[type(node.op)](operand))
    if isinstance(node, ast.BoolOp):
        for item in node.values:
            value = walk(item, env)
            if bool(value) == isinstance(node.op, ast.Or):
                break
        return value
    if isinstance(node, ast.IfExp):
        return walk(node.body if walk(node.test, env) else node.orelse, env)
    if isinstance(node, ast.Compare):
        left = walk(node.left, env)
        for op, right in zip(node.ops, node.comparators):
            right = walk(right, env)
            result = compare(op, left, right)
            if not result:
                break
            left = right
        return result
    raise AssertionError(ast.dump(node))


def encode(value):
    """A VALUE of the table."""
    if value is None:
        return "n"
    if isinstance(value, bool):
        return f"b{int(value)}"
    if isinstance(value, int):
        return f"i{value}"
    if isinstance(value, float):
        return f"f{value!r}"
    if isinstance(value, str):
        plain = lambda byte: 0x21 <= byte <= 0x7E and byte != 0x25
        return "s" + "".join(chr(b) if plain(b) else f"%{b:02X}" for b in value.encode())
    raise Skipped


def same(a, b):
    return type(a) is type(b) and repr(a) == repr(b)


def answer(expression, env):
    """The third column, by Python."""
    try:
        code = compile(expression.lstrip(" \t"), "constraint", "eval")
    except (SyntaxError, ValueError):
        return "syntax"
    try:
        walked = walk(ast.parse(expression.strip(), mode="eval"), env)
    except Limit:
        return "limit"
    except Skipped:
        raise
    except Complex:
        return "error"  # Python goes on, and may take forever
    except Exception as error:
        walked = error
    try:
        value = eval(code, {"__builtins__": {}}, env)
    except Exception as error:
        value = error
    if isinstance(value, Exception):
        assert isinstance(walked, Exception), (expression, env, value, walked)
        return "error"
    assert same(value, walked), (expression, env, value, walked)
    return "value " + encode(value)


ENVS = [
    {"x": 7, "y": 2, "z": -3, "s": "abc"},
    {"x": 0.1, "y": 3, "z": -0.0, "s": ""},
    {"x": 2**53 + 1, "y": float(2**53), "z": 1e308, "s": "Ünï"},
    {"x": float("nan"), "y": float("inf"), "z": float("-inf"), "s": "nan"},
    {"x": 2**63 - 1, "y": -(2**63), "z": 10**30, "s": "7"},
    {"x": True, "y": False, "z": None, "s": "it's 100%"},
    {"x": 5.5, "y": -2.5, "z": 1e-320, "s": "b"},
]

INTS = ["0", "1", "2", "3", "5", "7", "10", "63", "100", "1_000", "0x1f", "9007199254740993"]
INTS += ["4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616"]
INTS += ["170141183460469231731687303715884105727", "100000000000000000000"]
FLOATS = ["0.0", "0.1", "0.2", "0.3", "0.5", "1.5", "2.0", "2.5", ".25", "3.", "1e3", "1e308"]
FLOATS += ["1e-320", "5e-324", "1e999", "9007199254740992.0", "1e16", "1.7e38", "1_0.5e-1"]
TEXTS = ["''", "'a'", "'abc'", '"b"', "'B'", "'7'", r"'\x41\u00e9'", "'é'"]
NAMES = ["x", "y", "z"]
CONSTANTS = ["True", "False", "None"]
BINARY = ["+", "-", "*", "/", "//", "%", "**"]
COMPARE = ["<", "<=", ">", ">=", "==", "!="]


def leaf(rng):
    pools = [(INTS, 6), (FLOATS, 5), (NAMES, 6), (CONSTANTS, 1), (TEXTS, 1), (["s"], 1), (["q"], 0.2)]
    pool = rng.choices([pool for pool, _ in pools], [weight for _, weight in pools])[0]
    return rng.choice(pool)


def small(rng):
    return rng.choice(["0", "1", "2", "3", "5", "0.5", "1.5", "-1", "-2", "x", "y", "z"])


def items(rng, depth):
    parts = [expression(rng, depth - 1) for _ in range(rng.randrange(4))]
    if rng.random() < 0.5:
        return "[" + ", ".join(parts) + "]"
    return "(" + "".join(part + ", " for part in parts).rstrip() + ")"


def expression(rng, depth):
    """Mostly without parentheses, so that precedence decides."""
    if depth <= 0:
        return leaf(rng)
    sub = lambda: expression(rng, depth - 1 - rng.randrange(2))
    kind = rng.choices(
        ["binary", "compare", "chain", "sign", "not", "and", "if", "in", "text", "paren", "power"],
        [10, 4, 2, 3, 1, 3, 1.5, 2, 1.5, 3, 3],
    )[0]
    if kind == "binary":
        return f"{sub()} {rng.choice(BINARY)} {sub()}"
    if kind == "compare":
        return f"{sub()} {rng.choice(COMPARE)} {sub()}"
    if kind == "chain":
        more = [f" {rng.choice(COMPARE)} {sub()}" for _ in range(rng.randrange(2, 4))]
        return sub() + "".join(more)
    if kind == "sign":
        return rng.choice("+-") + rng.choice(["", "", " "]) + sub()
    if kind == "not":
        return f"not {sub()}"
    if kind == "and":
        return f"{sub()} {rng.choice(['and', 'or'])} {sub()}"
    if kind == "if":
        return f"{sub()} if {sub()} else {sub()}"
    if kind == "in":
        container = items(rng, depth) if rng.random() < 0.7 else rng.choice(TEXTS + ["s"])
        return f"{sub()} {rng.choice(['in', 'not in'])} {container}"
    if kind == "text":
        text = rng.choice(TEXTS + ["s"])
        return rng.choice([f"{text} * {small(rng)}", f"{text} + {rng.choice(TEXTS)}", f"{text} % x"])
    if kind == "power":
        return f"{small(rng)} ** {small(rng)}"
    return f"({sub()})"


def pairs():
    """Every operator on every pair of edge numbers."""
    numbers = ["0", "1", "-2", "-0.0", "2.5", "-2.5", "1e308", "2**53+1", "True"]
    for op in BINARY + COMPARE:
        for left in numbers:
            for right in numbers:
                yield f"({left}) {op} ({right})"


def quotients(rng):
    """Whole numbers beyond a float's 53 bits."""
    for _ in range(150):
        left, right = (rng.getrandbits(rng.randrange(1, 127)) for _ in range(2))
        left, right = (rng.choice((n, n, -n)) for n in (left, right))
        yield f"{left} {rng.choice(['/', '/', '/', '//', '%'])} {right}"


def orders(rng):
    """Whole numbers beside the floats next to them."""
    for exponent in (0, 1, 52, 53, 54, 60, 63, 64, 100, 126):
        for offset in (-1, 0, 1):
            int_text = f"{2**exponent + offset}"
            for float_value in (2.0**exponent, math.nextafter(2.0**exponent, 0), 2.0**exponent + 0.5):
                op = rng.choice(COMPARE)
                yield f"{int_text} {op} {float_value!r}"
                yield f"-{float_value!r} {rng.choice(COMPARE)} -{int_text}"
    for op in COMPARE:
        for edge in ("1.7014118346046923e+38", "1e39", "-1.7014118346046923e+38", "-1e39", "1e999", "-1e999"):
            yield f"170141183460469231731687303715884105727 {op} {edge}"
            yield f"{edge} {op} -170141183460469231731687303715884105727 - 1"


# Precedence, short circuits, literals and the mistakes in them. A broken bar is between two.
# Precedence, short circuits, literals and the mistakes in them. A broken bar is between two.
FIXED = r'''
-2 ** 2 ¦ 2 ** -1 ¦ 2 ** 3 ** 2 ¦ 2 ** -3 ** 2 ¦ -2 ** -2 ¦ (-2) ** 2 ¦ - - 2 ¦ -+-2 ¦ not 1 == 2
not not 1 ¦ -1 ** 2 ** 0
1 + 2 * 3 ¦ (1 + 2) * 3 ¦ 10 - 4 - 3 ¦ 2 * 3 % 4 ¦ 7 // 2 * 2 ¦ -7 // 2 ¦ -7 % 3 ¦ 7 % -3 ¦ -7 // -2
7.5 // -2 ¦ -7.5 % 2
1 / 2 ¦ 4 / 2 ¦ 1 // 0 ¦ 1 / 0 ¦ 1 % 0 ¦ 1.0 // 0 ¦ 1.0 % 0.0 ¦ 0 / 1 ¦ 0.0 / 0 ¦ 0 ** 0 ¦ 0 ** -1
0.0 ** -1 ¦ 0.0 ** 0 ¦ -0.0 ** 1
1 // 0.1 ¦ 1 % 0.1 ¦ -1 // 0.1 ¦ -1 % 0.1 ¦ 0.0 // -1 ¦ -0.0 % 1 ¦ 0.0 % -1 ¦ 5 % 1e999 ¦ -5 % 1e999
-5 // 1e999 ¦ 1e999 // 1 ¦ 1e999 % 1
2.0 ** 10000 ¦ 1e308 * 10 ¦ -1e308 * 10 ¦ 1e308 + 1e308 ¦ 1e200 ** 2 ¦ (-8) ** (1 / 3)
(-8.0) ** 0.5 ¦ (-8.0) ** 3 ¦ 4 ** 0.5 ¦ (-1) ** 0.5
1e999 ** 0.5 ¦ (-1e999) ** 3 ¦ (-1e999) ** 0.5 ¦ 0.0 ** -1e999 ¦ 1 ** 1e999 ¦ (-1) ** 1e999
0.5 ** -1e999 ¦ (1e999 - 1e999) ** 0 ¦ 1 ** (1e999 - 1e999)
2 ** 126 ¦ 2 ** 127 ¦ -2 ** 127 ¦ (-2) ** 126 ¦ 1 ** 4294967297 ¦ (-1) ** 4294967297
0 ** 4294967297 ¦ 2 ** 4294967297
170141183460469231731687303715884105727 + 1 ¦ -170141183460469231731687303715884105727 - 1
-170141183460469231731687303715884105727 - 2
(-170141183460469231731687303715884105727 - 1) // -1
(-170141183460469231731687303715884105727 - 1) % -1
-(-170141183460469231731687303715884105727 - 1)
(-170141183460469231731687303715884105727 - 1) / -1 ¦ 10 ** 38 / 10 ** 37 ¦ 10 ** 38 * 10
10 ** 20 * 10 ** 20 ¦ 10 ** 38 // -3 ¦ 10 ** 38 % -7
True + True ¦ True / 2 ¦ -True ¦ +False ¦ True == 1 ¦ True == 1.0 ¦ False < True ¦ True ** 2
True // True ¦ True % 2 ¦ not True ¦ True * 'a' ¦ False * 'a'
None == None ¦ None == 0 ¦ None < 1 ¦ None + 1 ¦ -None ¦ not None ¦ None in (None, ) ¦ None != False
'a' + 'b' ¦ 'a' + 1 ¦ 1 + 'a' ¦ 'a' * 3 ¦ 3 * 'a' ¦ 'a' * -1 ¦ 'a' * 0 ¦ 'a' * 1.0 ¦ 'a' * 'b'
'a' - 'b' ¦ 'a' / 2 ¦ -'a' ¦ +'a' ¦ '%d' % 3 ¦ 'a' % 3 ¦ 'a' ** 2 ¦ 'a' // 2
'ab' * 1000000 ¦ 'a' * 1048576 == 'a' ¦ 'a' * 1048577 ¦ 'a' * 10 ** 30 ¦ '' * 10 ** 10
'' * 10 ** 30 ¦ '' * -10 ** 30 ¦ 'x' * -10 ** 10
'a' < 'b' ¦ 'a' < 'B' ¦ 'a' < 'aa' ¦ '' < 'a' ¦ 'a' == 'a' ¦ 'a' != 'b' ¦ 'a' < 1 ¦ 1 < 'a'
'a' == 1 ¦ '1' == 1 ¦ 'é' > 'z' ¦ '\U0001F600' > '\uffff'
'a' in 'abc' ¦ 'ac' in 'abc' ¦ '' in '' ¦ 'd' not in 'abc' ¦ 1 in 'abc' ¦ 1 not in 'abc' ¦ 'a' in 1
1 in 2 ¦ 'a' in None ¦ None in 'a'
1 in (1, 2) ¦ 1.0 in (1, 2) ¦ True in [1] ¦ '1' in (1, 2) ¦ 3 not in (1, 2) ¦ 1 in () ¦ 1 in []
1 in (1) ¦ 1 in (1, ) ¦ (1, 2) in ((1, 2), 3)
(1, 2) == (1, 2) ¦ (1, 2) < (1, 3) ¦ (1, ) < (1, 0) ¦ (1, 'a') < (1, 2) ¦ ('a', 1) < (1, 2)
() == () ¦ () < (1, ) ¦ [1] == [1.0] ¦ (1, 2) < 3 ¦ [1] == 1 ¦ not () ¦ not [0]
[1] + [2] == [1, 2] ¦ (1, ) * 2 == (1, 1) ¦ 2 * [1] == [1, 1] ¦ [1] - [1] ¦ [1] + 1 ¦ -[1]
[1] < [2] < [3] ¦ [[1], [2]] == [[1], [2]]
1 < 2 < 3 ¦ 1 < 3 < 2 ¦ 3 > 2 > 1 ¦ 1 < 2 > 1 ¦ 1 == 1 == 1 ¦ 1 == 2 == 1 / 0 ¦ 1 < 2 in (2, 3)
1 in [1] == True ¦ 2 > 1 == True ¦ 1 < 2 < 1 / 0 ¦ 2 < 1 < 1 / 0 ¦ 1 != 2 != 1
1 and 2 ¦ 0 and 1 / 0 ¦ 1 or 1 / 0 ¦ 0 or 2 ¦ '' or 'a' ¦ 0 or '' ¦ 1 and 0 or 3 ¦ 0 or 1 and 2
not 0 and 1 ¦ not (0 and 1) ¦ 1 and 1 / 0 ¦ 0 or 1 / 0 ¦ 0 and q ¦ 1 or q ¦ q or 1 ¦ q
1 or 0 and 0 ¦ (1 or 0) and 0 ¦ not 1 or 1 ¦ 1 == 1 or 1 / 0 ¦ None or None ¦ None and 1
0.0 or -0.0 ¦ 'a' and 'b' and 'c' ¦ 0 or 0 or 5 or 1 / 0
1 if 2 else 3 ¦ 1 if 0 else 3 ¦ 1 if 0 else 2 if 0 else 4 ¦ 1 / 0 if 0 else 5 ¦ 5 if 1 else 1 / 0
1 if 1 / 0 else 2 ¦ (1 if 0 else 2) + 1 ¦ 1 + 1 if 0 else 2 ¦ 1 if 1 else 2 + 5 ¦ 1 or 2 if 0 else 7
1 if (0 if 1 else 1) else 2 ¦ 1 if not 1 else 2 ¦ x if x > y else y ¦ not 1 if 0 else 9
1 < 2 if 1 else 5
9007199254740993 == 9007199254740992.0 ¦ 9007199254740993 > 9007199254740992.0
9007199254740993 + 0.0 ¦ 9007199254740993 / 1 ¦ 1e16 + 1 == 1e16 ¦ 10 ** 23 == 1e23
10 ** 22 == 1e22
0.1 + 0.2 ¦ 0.1 + 0.2 == 0.3 ¦ 0.1 * 3 ¦ 1e-320 / 2 ¦ 5e-324 / 2 ¦ -5e-324 / 2 ¦ 0.0 == -0.0 ¦ -0.0
0 * -1.0 ¦ -0.0 + 0 ¦ 0.0 - 0 ¦ 1e999 - 1e999 == 0 ¦ 1e999 == 1e999 ¦ -1e999 < 0
x == x ¦ x != x ¦ x < y ¦ x <= x ¦ y > z ¦ x in (1, 2) ¦ y - y == 0 ¦ y * 0 == 0 ¦ x > 0 or x <= 0
s * 2 ¦ s + s ¦ s in (s, ) ¦ s == 'abc' ¦ s < 'b' ¦ s in s ¦ x in s ¦ x - y ¦ -x ¦ x * y ¦ x / y
x // y ¦ x % y ¦ x ** y ¦ z / x ¦ y // z ¦ y % z ¦ x*y-z
0 ¦ 00 ¦ 0_0 ¦ 1_0 ¦ 0x10 ¦ 0XfF ¦ 0x_f ¦ 0b101 ¦ 0B1_1 ¦ 0o17 ¦ 0O7 ¦ 1. ¦ .5 ¦ 1.5 ¦ 1e5 ¦ 1E5
1e+5 ¦ 1e-5 ¦ 1.e5 ¦ .5e1 ¦ 1_0.0_1e1_0 ¦ 09.5 ¦ 09e1 ¦ 00.5 ¦ 0e0 ¦ 0_1.5 ¦ 1e0_1
007 ¦ 0_7 ¦ 09 ¦ 1_ ¦ 1__0 ¦ 1_.5 ¦ 1._5 ¦ 1e ¦ 1e+ ¦ 1e_5 ¦ 1_e5 ¦ 1e5_ ¦ 0x ¦ 0x_ ¦ 0xg ¦ 0x1_
0b2 ¦ 0b ¦ 0o8 ¦ 0o ¦ 1a ¦ 1.5.2 ¦ 1 2 ¦ 1 .5 ¦ x 1 ¦ 1 x ¦ . ¦ .. ¦ 1..2 ¦ x.5 ¦ 1.5x ¦ 0x1.5
0b1.5
'' ¦ 'a"b' ¦ "a'b" ¦ 'a\'b' ¦ "\"" ¦ '\\' ¦ '\n' ¦ '\t\r\a\b\f\v' ¦ '\x41' ¦ '\u0041' ¦ '\U00000041'
'\101' ¦ '\0' ¦ '\08' ¦ '\7777' ¦ '\400' ¦ '\q' ¦ '\é' ¦ 'é' ¦ '日本' ¦ '#' ¦ 'a b' ¦ '%'
' ¦ " ¦ 'a ¦ 'a" ¦ '\' ¦ '\x4' ¦ '\x' ¦ '\xg1' ¦ '\u004' ¦ '\U0011000' ¦ '\U00110000' ¦ 'a' b
"\x+1" ¦ '\u+041'
x > ¦ > x ¦ x > > y ¦ x + ¦ + ¦ - ¦ * ¦ x * * y ¦ x ** * y ¦ x // / y ¦ ( ¦ ) ¦ () ¦ (,) ¦ (x ¦ x)
(x, ¦ (x,,y) ¦ [ ¦ ] ¦ [x ¦ x] ¦ [x, ¦ [,] ¦ (x] ¦ [x) ¦ (x y) ¦ [x y] ¦ ()()x ¦ ((x) ¦ (x))
x = ¦ x = 5 ¦ x === y ¦ x <> y ¦ x => y ¦ x =< y ¦ x ! y ¦ !x ¦ x ! ¦ x && y ¦ x || y ¦ x | | y
& y ¦ x ?y ¦ x ? y : z ¦ $x ¦ x$ ¦ x;y ¦ x; ¦ x : y ¦ `x` ¦ @ ¦ ~ ¦ x ~ y ¦ { ¦ } ¦ {x ¦ x\
not ¦ not not ¦ x not ¦ x not y ¦ x not in ¦ in x ¦ x in ¦ x in not y ¦ x == not y ¦ 1 + not 2
- not 1 ¦ x and ¦ and x ¦ x and and y ¦ x or ¦ or x ¦ x or or y ¦ x and or y ¦ x not not in y
not in x ¦ x in in y ¦ x is ¦ is x
x if ¦ x if y ¦ x if y else ¦ if x else y ¦ x else y ¦ x if else y ¦ x if y else z else 1 ¦ if
else ¦ x if y if z else 1 ¦ (x if y) else z ¦ x if y, else z
and ¦ or ¦ in ¦ is ¦ as ¦ class ¦ pass ¦ def ¦ from ¦ import ¦ lambda ¦ lambda: ¦ while ¦ x class
class > 5 ¦ from > 1 ¦ None = 1 ¦ yield x ¦ await x ¦ del x ¦ for x in y ¦ x for x in y ¦ return x ¦ async
with ¦ try ¦ global ¦ assert x
True ¦ False ¦ None ¦ true ¦ _ ¦ __x__ ¦ _1 ¦ x1 ¦ X ¦ print ¦ True1 ¦ Nonee ¦ notx ¦ inx ¦ not_in
android ¦ order ¦ isx ¦ iff ¦ elsex ¦ match ¦ case ¦ type ¦ exec ¦ nonlocal1
x>1 ¦ x>=1 ¦ (x)and(y) ¦ x and(y) ¦ not(x) ¦ (x)if(y)else(z) ¦ x in(1,2) ¦ 'a'in'abc' ¦ -x**-y
x--y ¦ x-+-y ¦ x- -y ¦ x+-+-1 ¦ x<-1 ¦ x**-1 ¦ x//-1 ¦ x%-1
x < = y ¦ x ! = y ¦ x * * ¦ x / / y ¦ x > = y ¦ x = = y ¦ 1 __ 2 ¦ , x ¦ (x, y ¦ (x, y))
1 + (2, 3) ¦ (1, 2) + (3, ) ¦ x not  in (1, )
*x
'''

# What Python compiles and the language leaves out.
REFUSED = r'''
x==1and y
x, y ¦ x, ¦ x > 1, y > 1
x is y ¦ x is not y ¦ x is None ¦ x & y ¦ x | y ¦ x ^ y ¦ ~x ¦ x << 1 ¦ x >> 1 ¦ x @ y ¦ x() ¦ x(1)
x.y ¦ x[0] ¦ x[1:2] ¦ s[0] ¦ s.upper() ¦ [a for a in s] ¦ (a for a in s) ¦ {} ¦ {1} ¦ {1: 2}
lambda: 1 ¦ 1j ¦ 1.5j ¦ 1e5j ¦ (x := 1) ¦ 'a' 'b'
b'a' ¦ r'a' ¦ f'a' ¦ u'a' ¦ '\ud800' ¦ '\N{BULLET}' ¦ x # comment ¦ é ¦ x > é ¦ ... ¦ 1if x else 2
1or 2 ¦ 1and 2 ¦ 0x1for x in y ¦ [*s] ¦ (*s, ) ¦ 170141183460469231731687303715884105728
999999999999999999999999999999999999999999 ¦ 1e5if x else 2 ¦ 1_000or 2
'''

# With blanks that count, or with quotes that do not go into the above.
MORE_FIXED = ["''''", "'''a''", "'''", '', 'x == ', 'x @ ', ' x > 1', 'x > 1 ', '\tx > 1', 'x\t>\t1', '  (  x  )  ', 'x not\tin (1, )', 'x  \t', '\tx', '(x\t>\t1)', "'a\tb'"]
MORE_REFUSED = ['1, ', "'''a'''", '"""a"""']


def pieces(text, more):
    return [piece.strip() for piece in re.split("[¦\n]", text.strip())] + more


def corrupted(rng, text):
    """A text with a word too many, too few or in the wrong place."""
    words = text.split(" ")
    at = rng.randrange(len(words))
    choice = rng.randrange(4)
    if choice == 0:
        del words[at]
    elif choice == 1:
        words.insert(at, rng.choice(BINARY + COMPARE + ["not", "and", "in", "(", ")", "[", "]", ",", "x", "1", "if", "else"]))
    elif choice == 2:
        words[at:] = []
    else:
        other = rng.randrange(len(words))
        words[at], words[other] = words[other], words[at]
    return " ".join(words)


SUPPORTED = (
    ast.Expression, ast.Constant, ast.Name, ast.Load, ast.Tuple, ast.List, ast.BinOp, ast.UnaryOp,
    ast.BoolOp, ast.And, ast.Or, ast.Not, ast.IfExp, ast.Compare, *ARITHMETIC, *COMPARISONS, *SIGNS,
)


def is_beyond(text):
    """Whether Python compiles what the language leaves out, of what corrupted() can make."""
    try:
        nodes = list(ast.walk(ast.parse(text.strip(), mode="eval")))
        items = ast.parse(f"[{text}]", mode="eval").body.elts
    except (SyntaxError, ValueError):
        return False
    is_bare_tuple = len(items) != 1 or text.rstrip().endswith(",")
    words = [word.type for word in tokenize.generate_tokens(io.StringIO(text.strip()).readline)]
    has_neighbours = (tokenize.STRING, tokenize.STRING) in zip(words, words[1:])
    return is_bare_tuple or has_neighbours or not all(isinstance(node, SUPPORTED) for node in nodes)


def candidates(rng):
    """Pairs of an expression and its values."""
    for env in ENVS:
        for text in pieces(FIXED, MORE_FIXED):
            yield text, env
    for text in [*pairs(), *quotients(rng), *orders(rng)]:
        yield text, {}
    while True:
        text = expression(rng, rng.randrange(1, 5))
        if rng.random() < 0.12:
            text = corrupted(rng, text)
        if len(text) < 160:
            yield text, rng.choice(ENVS)


def rows(rng, counts):
    seen = set()
    for text in pieces(REFUSED, MORE_REFUSED):
        compile(text, "constraint", "eval")
        yield "", text, "refused"
    for text, env in candidates(rng):
        words = set(re.findall(r"\w+", text))
        used = {name: env[name] for name in env if name in words}
        values = " ".join(f"{name}={encode(value)}" for name, value in used.items())
        if (values, text) in seen or text in seen:
            continue
        try:
            if is_beyond(text):
                raise Skipped
            result = answer(text, used)
        except Skipped:
            counts["left out"] += 1
            continue
        seen.add(text if result == "syntax" else (values, text))
        yield values, text, result


def main():
    warnings.simplefilter("ignore")
    counts = collections.Counter()
    table = list(itertools.islice(rows(random.Random(SEED), counts), ROWS))
    counts.update(result.split(" ")[0] for _, _, result in table)
    print("# Written by generate_constraints.py; Python", sys.version.split()[0])
    print("#", ", ".join(f"{kind}: {counts[kind]}" for kind in sorted(counts)))
    for row in table:
        print(*(column.replace("\t", "\u2409") for column in row), sep="\t")


main()
