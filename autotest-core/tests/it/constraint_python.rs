//! Constraints give Python 3's answers: the table of `data/generate_constraints.py`, row by row.

use autotest_core::Value;
use autotest_core::constraint::{Constraint, lookup_in};

const TABLE: &str = include_str!("data/constraints.txt");

/// What becomes of an expression.
#[derive(Debug)]
enum Answer {
    Value(Value),
    NotEvaluated,
    NotParsed,
}

struct Row {
    values: Vec<(String, Value)>,
    expression: String,
    expected: Answer,
}

impl Row {
    fn read(line: &str) -> Row {
        let columns: Vec<&str> = line.split('\t').collect();
        let [values, expression, expected] = columns[..] else {
            panic!("three columns: {line:?}")
        };
        let values = values
            .split(' ')
            .filter(|pair| !pair.is_empty())
            .map(read_pair)
            .collect();
        Row {
            values,
            expression: expression.replace('␉', "\t"),
            expected: read_answer(expected),
        }
    }

    fn actual(&self) -> Answer {
        let Ok(constraint) = Constraint::parse(&self.expression) else {
            return Answer::NotParsed;
        };
        assert_eq!(constraint.to_string(), self.expression);
        match constraint.evaluate(&lookup_in(&self.values)) {
            Ok(value) => Answer::Value(value),
            Err(_) => Answer::NotEvaluated,
        }
    }
}

fn rows() -> impl Iterator<Item = Row> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with("# "))
        .map(Row::read)
}

fn read_pair(pair: &str) -> (String, Value) {
    let (name, value) = pair.split_once('=').unwrap();
    (name.to_owned(), read_value(value))
}

fn read_answer(text: &str) -> Answer {
    match text.split_once(' ').unwrap_or((text, "")) {
        ("value", value) => Answer::Value(read_value(value)),
        ("error" | "limit", "") => Answer::NotEvaluated,
        ("syntax" | "refused", "") => Answer::NotParsed,
        _ => panic!("unknown answer {text:?}"),
    }
}

fn read_value(value: &str) -> Value {
    let (kind, text) = value.split_at(1);
    match kind {
        "n" => Value::None,
        "b" => Value::Bool(text == "1"),
        "i" => Value::Int(text.parse().unwrap()),
        "f" => Value::Float(text.parse().unwrap()),
        "s" => Value::Str(read_text(text)),
        _ => panic!("unknown value {value:?}"),
    }
}

/// Undoes `%XX`.
fn read_text(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).unwrap()
}

/// Type and value; a float by its bits, but any `nan` is one.
fn is_same(actual: &Answer, expected: &Answer) -> bool {
    match (actual, expected) {
        (Answer::Value(Value::Float(a)), Answer::Value(Value::Float(b))) => {
            a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
        }
        (Answer::Value(a), Answer::Value(b)) => a == b,
        (Answer::NotEvaluated, Answer::NotEvaluated) => true,
        (Answer::NotParsed, Answer::NotParsed) => true,
        _ => false,
    }
}

#[test]
fn answers_are_those_of_python() {
    let differences = rows().filter_map(|row| {
        let actual = row.actual();
        let Row {
            values,
            expression,
            expected,
        } = row;
        let text = format!("`{expression}` with {values:?}: {actual:?}, in Python {expected:?}");
        (!is_same(&actual, &expected)).then_some(text)
    });
    let differences: Vec<String> = differences.collect();
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

#[test]
fn table_has_answers_errors_and_mistakes() {
    let count = |is_kind: fn(&Answer) -> bool| rows().filter(|row| is_kind(&row.expected)).count();
    assert!(count(|answer| matches!(answer, Answer::Value(_))) > 2000);
    assert!(count(|answer| matches!(answer, Answer::NotEvaluated)) > 250);
    assert!(count(|answer| matches!(answer, Answer::NotParsed)) > 200);
}
