//! What a constraint says, what it refuses and how it shows a mistake.

use autotest_core::Value;
use autotest_core::constraint::{Constraint, EvalError, lookup_in};

fn evaluate(source: &str, values: &[(&str, Value)]) -> Result<Value, EvalError> {
    let values: Vec<_> = values
        .iter()
        .map(|(key, value)| ((*key).into(), value.clone()))
        .collect();
    Constraint::parse(source)
        .unwrap()
        .evaluate(&lookup_in(&values))
}

/// The message of an unmet constraint, if it is one.
#[track_caller]
fn check(source: &str, values: &[(&str, Value)], expected: Option<&str>) {
    let values: Vec<_> = values
        .iter()
        .map(|(key, value)| ((*key).into(), value.clone()))
        .collect();
    let unmet = Constraint::parse(source)
        .unwrap()
        .check(&lookup_in(&values));
    assert_eq!(
        unmet.err().map(|unmet| unmet.to_string()).as_deref(),
        expected
    );
}

#[track_caller]
fn check_value(source: &str, expected: impl Into<Value>) {
    assert_eq!(evaluate(source, &[]), Ok(expected.into()));
}

#[track_caller]
fn check_eval_error(source: &str, expected: &str) {
    let error = evaluate(source, &[("dict", Value::Map(vec![]))]).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[track_caller]
fn check_parse_error(source: &str, expected: &str) {
    let error = Constraint::parse(source).unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert!(expected.starts_with(error.message()));
    assert_eq!(error.constraint(), source);
}

#[test]
fn messages_are_those_of_the_original() {
    let x = [("x", Value::from(5))];
    check("x < 10", &x, None);
    check("x > 5", &x, Some("x > 5: constraint was not met"));
    check("q", &x, Some("could not evaluate constraint: q"));
    check(
        "x < 'a'",
        &x,
        Some("could not evaluate constraint: x < 'a'"),
    );
}

#[test]
fn messages_keep_surrounding_blanks() {
    let x = [("x", Value::from(1))];
    check(" x > 5", &x, Some(" x > 5: constraint was not met"));
    check("x > 5 ", &x, Some("x > 5 : constraint was not met"));
    check(
        "\n\tq\n",
        &x,
        Some("could not evaluate constraint: \n\tq\n"),
    );
}

#[test]
fn bare_name_is_met_if_it_is_true() {
    for value in [
        Value::from(0),
        Value::from(-0.0),
        Value::from(""),
        Value::None,
        false.into(),
    ] {
        check("x", &[("x", value)], Some("x: constraint was not met"));
    }
    for value in [
        Value::from(-1),
        Value::from(f64::NAN),
        Value::from("0"),
        true.into(),
    ] {
        check("x", &[("x", value)], None);
    }
}

#[test]
fn unmet_knows_why_there_is_no_answer() {
    let parse = |source| Constraint::parse(source).unwrap();
    let unmet = parse("1 / 0 > 1").check(&|_| None).unwrap_err();
    assert_eq!(unmet.eval_error(), Some(&EvalError::DivisionByZero));
    let source = std::error::Error::source(&unmet).map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("division by zero"));
    assert_eq!(parse("0").check(&|_| None).unwrap_err().eval_error(), None);
}

#[test]
fn last_of_two_equal_keys_counts() {
    check(
        "x == 2",
        &[("x", Value::from(1)), ("x", Value::from(2))],
        None,
    );
}

#[test]
fn names_are_listed_once_even_where_not_evaluated() {
    let constraint = Constraint::parse("b if True else a < b in (c, [d]) or -a ** e").unwrap();
    assert_eq!(
        constraint.names().collect::<Vec<_>>(),
        ["b", "a", "c", "d", "e"]
    );
}

#[test]
fn words_of_the_language_are_not_looked_up() {
    check("True", &[("True", Value::from(0))], None);
    check("(x > 1) == True", &[("x", Value::from(7))], None);
}

#[test]
fn key_with_minus_is_a_difference() {
    check(
        "p-99 == 1",
        &[("p-99", Value::from(1)), ("p", Value::from(100))],
        None,
    );
}

#[test]
fn lists_and_dictionaries_are_values() {
    check_value("[]", Value::List(vec![]));
    check_value("(1, [2.5], )", vec![Value::from(1), Value::from(vec![2.5])]);
    check_value("(1, 2) == [1, 2]", true);
    let dictionary = |pairs: &[(&str, i64)]| {
        Value::Map(
            pairs
                .iter()
                .map(|(key, value)| ((*key).into(), (*value).into()))
                .collect(),
        )
    };
    let values = [
        ("d", dictionary(&[("a", 1), ("b", 2)])),
        ("e", dictionary(&[("b", 2), ("a", 1)])),
    ];
    check(
        "d == e and 'a' in d and 'c' not in d and 1 not in d",
        &values,
        None,
    );
    assert!(evaluate("d < e", &values).is_err());
}

#[test]
fn lists_and_dictionaries_are_equal_if_everything_in_them_is() {
    check_value("[1, 2] == [1, 3]", false);
    check_value("[1, 2] == [1, 2, 3]", false);
    let dictionary = |pairs: &[(&str, i64)]| {
        let pairs = pairs.iter();
        Value::Map(
            pairs
                .map(|(key, value)| ((*key).into(), (*value).into()))
                .collect(),
        )
    };
    let check_differ = |left: &[(&str, i64)], right: &[(&str, i64)]| {
        let values = [("d", dictionary(left)), ("e", dictionary(right))];
        check("d != e and not d == e", &values, None);
    };
    check_differ(&[("a", 1), ("b", 2)], &[("a", 1), ("b", 3)]);
    check_differ(&[("a", 1), ("b", 2)], &[("a", 1), ("c", 2)]);
    check_differ(&[("a", 1)], &[("a", 1), ("b", 2)]);
    check_differ(&[], &[("a", 1)]);
}

#[test]
fn large_numbers_are_as_exact_as_in_python() {
    check_value("(-1) ** 2 ** 40 == 1 and (-1) ** (2 ** 40 + 1) == -1", true);
    check_value("1 ** 2 ** 40 == 1 and 0 ** 2 ** 40 == 0", true);
    // Rounded once, by all bits of the quotient.
    check_value("9007199254740996 / 11", 818_836_295_885_545.1);
    check_value("9007199254740999 / 17", 529_835_250_278_882.3);
    // Where the quotient is rounded to just below a whole number.
    check_value("0.3 // 0.01", 29.0);
    check_value("0x_5 + 0b1_0", 7);
    check_value("-0.3 // 0.02", -15.0);
    let zero = |source| match evaluate(source, &[]) {
        Ok(Value::Float(zero)) => (zero, zero.is_sign_negative()),
        other => panic!("{other:?}"),
    };
    assert_eq!(zero("0 / 2 ** 60"), (0.0, false));
    assert_eq!(zero("0 / -(2 ** 60)"), (0.0, true));
}

#[test]
fn a_text_may_be_as_long_as_the_limit() {
    check_value("'a' * 2 ** 20 + '' == 'a' * 2 ** 20", true);
}

#[test]
fn nan_is_not_in_a_list() {
    check("x not in (x, )", &[("x", Value::from(f64::NAN))], None);
}

#[test]
fn line_break_counts_outside_of_parentheses_only() {
    check_value("\r\n (1\n +\n 2) \n", 3);
    check_parse_error(
        "(1)\n + 2",
        "a line break must be inside parentheses at column 4\n    (1)\n       ^",
    );
    check_parse_error(
        "1\n + 2",
        "a line break must be inside parentheses at column 2\n    1\n     ^",
    );
    check_value("'a\\\nb' + 'c\\\r\nd'", "abcd");
}

#[test]
fn evaluation_errors_name_operator_and_types() {
    check_eval_error("1 < 'a'", "`<` cannot be applied to `int` and `str`");
    check_eval_error("'%d' % 1", "`%` cannot be applied to `str` and `int`");
    check_eval_error("[1] + [2]", "`+` cannot be applied to `list` and `list`");
    check_eval_error(
        "1 not in 2.5",
        "`not in` cannot be applied to `int` and `float`",
    );
    check_eval_error("-None", "`-` cannot be applied to `NoneType`");
    check_eval_error("+dict", "`+` cannot be applied to `dict`");
    check_eval_error("q > 1", "`q` has no value");
    check_eval_error("1 % 0", "division by zero");
    check_eval_error("2 ** 127", "the result of `**` does not fit in 128 bits");
    check_eval_error("2.0 ** 1e4", "the result of `**` is too large for a float");
    check_eval_error("(-8) ** 0.5", "a negative number has no fractional power");
    check_eval_error(
        "'a' * 2 ** 21",
        "the result of `*` is longer than 1048576 bytes",
    );
    check_eval_error(
        "'a' * 2 ** 20 + 'a'",
        "the result of `+` is longer than 1048576 bytes",
    );
}

#[test]
fn parse_error_points_at_its_place() {
    check_parse_error(
        "x >",
        "expected a value after `>` at column 4\n    x >\n       ^",
    );
    check_parse_error(
        " x > ",
        "expected a value after `>` at column 5\n     x > \n        ^",
    );
    check_parse_error(
        "x > )",
        "expected a value after `>`, found `)` at column 5\n    x > )\n        ^",
    );
    check_parse_error("'é' $", "unexpected `$` at column 5\n    'é' $\n        ^");
    check_parse_error(
        "(a\n b)",
        "expected an operator, `,` or `)` after `a`, found `b` at line 2, column 2\n     b)\n     ^",
    );
    check_parse_error("", "expected a value at column 1\n    \n    ^");
}

#[test]
fn parse_error_shows_no_control_character() {
    check_parse_error(
        "\t\u{1b}",
        "unexpected `\\u{1b}` at column 2\n     \u{fffd}\n     ^",
    );
}

#[test]
fn parse_error_offset_is_in_bytes() {
    assert_eq!(Constraint::parse("'é' $").unwrap_err().offset(), 5);
    assert_eq!(Constraint::parse("x == 'a\0'").unwrap_err().offset(), 7);
}

/// Only what stands before the place.
#[track_caller]
fn check_message(source: &str, expected: &str) {
    let error = Constraint::parse(source).unwrap_err();
    assert_eq!(error.message(), expected);
}

#[test]
fn mistakes_get_advice() {
    check_message("x = 5", "unexpected `=`: write `==` to compare");
    check_message("x && y", "unexpected `&&`: write `and`");
    check_message("x || y", "unexpected `||`: write `or`");
    check_message("!x", "unexpected `!`: write `not`");
    check_message("x <> y", "unexpected `<>`: write `!=`");
    check_message("x is None", "`is` is not supported: write `==`");
    check_message(
        "cpu.load > 1",
        "unexpected `.`: a key with `.` cannot be used as a name",
    );
    check_message(
        "x > 1, y > 1",
        "a tuple is always true: write `and` for `,`",
    );
    check_message("x > 1 # fast", "unexpected `#`: comments are not supported");
    check_message(
        "from > 1",
        "`from` is a Python keyword and cannot be a name",
    );
}

#[test]
fn mistakes_name_what_was_expected() {
    check_message("x y", "expected an operator after `x`, found `y`");
    check_message("x)", "`)` closes no bracket");
    check_message("(x", "expected an operator, `,` or `)` after `x`");
    check_message(
        "[x)",
        "expected an operator, `,` or `]` after `x`, found `)`",
    );
    check_message("x not y", "expected `in` after `not`, found `y`");
    check_message("x if y", "expected `else` after `y`");
    check_message("len(x)", "expected an operator after `len`, found `(`");
}

#[test]
fn literals_are_refused_whole() {
    check_message("1.5x > 2", "`1.5x` is not a number");
    check_message("007", "`007` has a leading zero");
    check_message("2 ** 1_", "`1_` is not a number");
    check_message("1._5", "`1._5` is not a number");
    check_message("1e_5", "`1e_5` is not a number");
    check_message("0x", "`0x` is not a number");
    check_message("1e", "`1e` is not a number");
    let large = "170141183460469231731687303715884105728";
    check_message(large, &format!("`{large}` does not fit in 128 bits"));
    check_message("'abc", "the text has no closing quote");
    check_message("'\0'", "write a NUL as `\\0`");
    check_message("'\\xzz'", "the escape is not a character");
    check_message("'''a'''", "texts in triple quotes are not supported");
}

/// Each opens a number of levels; what closes them may not.
const LEVELS: &[(usize, &str, &str)] = &[
    (1, "(", ")"),
    (1, "[", "]"),
    (1, "not ", ""),
    (1, "-", ""),
    (1, "1 ** ", ""),
    (1, "(0 if 0 else ", ")"),
    (1, "(", ") ** 1 * 1 + 1 == 1 and 1 or 1"),
    (2, "1 + (", ")"),
    (6, "0 or 1 and 1 == 0 + 1 * (", ")"),
];

fn nested(levels: usize, open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(levels), close.repeat(levels))
}

#[test]
fn hundred_levels_are_the_limit() {
    for &(step, open, close) in LEVELS {
        assert!(
            Constraint::parse(&nested(100 / step, open, close)).is_ok(),
            "{open}"
        );
        check_message(&nested(100 / step + 1, open, close), "more than 100 levels");
        check_message(&nested(100_000, open, close), "more than 100 levels");
        check_message(&open.repeat(100_000), "more than 100 levels");
    }
}

#[test]
fn deepest_constraint_fits_a_small_stack() {
    const STACK_BYTES: usize = 1 << 20;
    let evaluate_all = || {
        for &(step, open, close) in LEVELS {
            assert!(
                evaluate(&nested(100 / step, open, close), &[]).is_ok(),
                "{open}"
            );
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(evaluate_all);
    thread.unwrap().join().unwrap();
}

#[test]
fn long_constraint_is_not_a_deep_one() {
    let terms = vec!["1"; 20_000];
    check_value(&terms.join(" + "), 20_000);
    check_value(&terms.join(" and "), 1);
    check_value(&terms.join(" == "), true);
    check_value(&format!("1 in ({})", terms.join(", ")), true);
    check_value(&format!("{}7", "1 if 0 else ".repeat(20_000)), 7);
}

#[track_caller]
fn check_bounds(source: &str, expected: &[(&str, &str, f64)]) {
    let constraint = Constraint::parse(source).unwrap();
    let bounds = constraint.bounds();
    let found: Vec<_> = bounds
        .iter()
        .map(|b| (b.name, b.relation, b.limit))
        .collect();
    assert_eq!(found, expected, "{source}");
}

#[test]
fn limits_are_those_that_must_hold() {
    check_bounds("x > 50", &[("x", ">", 50.0)]);
    check_bounds("x >= 2 * 3", &[("x", ">=", 6.0)]);
    check_bounds("x == 1.5", &[("x", "==", 1.5)]);
    check_bounds("1 < x <= 5", &[("x", ">", 1.0), ("x", "<=", 5.0)]);
    check_bounds("9 >= x > -1", &[("x", "<=", 9.0), ("x", ">", -1.0)]);
    check_bounds("3 > x", &[("x", "<", 3.0)]);
    check_bounds("3 <= x", &[("x", ">=", 3.0)]);
    check_bounds("3 == x", &[("x", "==", 3.0)]);
    let both = [("x", "<", 5.0), ("y", ">", 0.0)];
    check_bounds("x < 5 and (y > 0 and z)", &both);
}

#[test]
fn other_conditions_set_no_limit() {
    for source in [
        "x",
        "7",
        "[x]",
        "not x > 5",
        "-x",
        "x + 1 > 5",
        "x > y",
        "x > 1 or x < 0",
        "x > 5 if y else x",
        "x != 5",
        "5 != x",
        "x in [5]",
        "5 in x",
        "5 not in x",
        "x not in 5",
        "x > 'text'",
        "x < 1e999",
        "x < 1 / 0",
        "1 < 2",
    ] {
        check_bounds(source, &[]);
    }
}
