//! No text makes the parser or the evaluation panic.

use autotest_core::Value;
use autotest_core::constraint::Constraint;
use proptest::prelude::*;

/// Parts of constraints; a soup of them gets far into the grammar.
const TOKENS: &[&str] = &[
    "x",
    "y",
    "_z9",
    "0",
    "7",
    "007",
    "2.5",
    "1e308",
    "1e999",
    "0xff",
    "0x",
    "1_0",
    "1__0",
    ".5",
    "1.",
    "170141183460469231731687303715884105727",
    "'a'",
    "\"b\"",
    "''",
    "'",
    "\"",
    "'\\x41'",
    "'\\",
    "\\",
    "True",
    "False",
    "None",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "<",
    "<=",
    ">",
    ">=",
    "==",
    "!=",
    "=",
    "!",
    "in",
    "not",
    "not in",
    "is",
    "and",
    "or",
    "if",
    "else",
    "(",
    ")",
    "[",
    "]",
    ",",
    " ",
    "\n",
    "\t",
    "#",
    "é",
    "\0",
    "lambda",
    ".",
    "&&",
];

const OPERATORS: &[&str] = &[
    "+", "-", "*", "/", "//", "%", "**", "<", "<=", ">", ">=", "==", "!=", "and", "or",
];

fn value_of(name: &str) -> Option<&'static Value> {
    const INT: Value = Value::Int(i128::MIN);
    const FLOAT: Value = Value::Float(f64::NAN);
    match name {
        "x" => Some(&INT),
        "y" => Some(&FLOAT),
        _ => None,
    }
}

/// Parses and evaluates; what comes out is the other tests' business.
fn exercise(source: &str) {
    match Constraint::parse(source) {
        Ok(constraint) => {
            assert_eq!(constraint.to_string(), source);
            assert_eq!(
                Constraint::parse(constraint.source()),
                Ok(constraint.clone())
            );
            let _ = constraint.evaluate(&value_of);
        }
        Err(error) => {
            assert!(source.is_char_boundary(error.offset()), "{error:?}");
            assert!(error.to_string().starts_with(error.message()));
        }
    }
}

fn soup(separator: &'static str) -> impl Strategy<Value = String> {
    let token = proptest::sample::select(TOKENS);
    proptest::collection::vec(token, 0..40).prop_map(move |tokens| tokens.join(separator))
}

/// Texts of the grammar.
fn expression() -> impl Strategy<Value = String> {
    let leaves = &[
        "x", "y", "q", "0", "7", "2.5", "1e308", "-0.0", "'a'", "True", "None",
    ];
    let operators = proptest::sample::select(OPERATORS);
    proptest::sample::select(leaves)
        .prop_map(str::to_owned)
        .prop_recursive(6, 60, 3, move |inner| {
            prop_oneof![
                (inner.clone(), operators.clone(), inner.clone())
                    .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
                inner.clone().prop_map(|operand| format!("-({operand})")),
                inner.clone().prop_map(|operand| format!("(not {operand})")),
                (inner.clone(), inner.clone(), inner.clone()).prop_map(
                    |(value, condition, other)| format!("{value} if ({condition}) else {other}")
                ),
                (inner.clone(), inner)
                    .prop_map(|(item, other)| format!("{item} in ({other}, [{item}])")),
            ]
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_parsed_or_refused(source in any::<String>()) {
        exercise(&source);
    }

    #[test]
    fn any_soup_of_tokens_is_parsed_or_refused(source in soup("")) {
        exercise(&source);
    }

    #[test]
    fn any_soup_of_words_is_parsed_or_refused(source in soup(" ")) {
        exercise(&source);
    }

    #[test]
    fn texts_of_the_grammar_parse(source in expression()) {
        prop_assert!(Constraint::parse(&source).is_ok(), "{source}");
        exercise(&source);
    }

    #[test]
    fn whole_numbers_read_back(value in any::<i128>().prop_filter("has no literal", |v| *v != i128::MIN)) {
        let constraint = Constraint::parse(&value.to_string()).unwrap();
        prop_assert_eq!(constraint.evaluate(&value_of), Ok(Value::Int(value)));
    }

    #[test]
    fn floats_read_back(value in any::<f64>()) {
        let source = Value::Float(value).repr();
        prop_assert_eq!(Constraint::parse(&source).unwrap().evaluate(&value_of), Ok(Value::Float(value)));
    }
}
