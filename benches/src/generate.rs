//! Sources of test binaries: the same tests for each framework.

use std::fmt::Write;

use crate::names::{TESTS_A_MODULE, function, module};

/// Whose tests they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framework {
    /// `#[autotest]` in suite modules.
    Suites,
    /// `#[autotest]`, each alone.
    Lone,
    Libtest,
    Rstest,
    /// Trials in a list.
    Mimic,
}

/// What a generated test does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Empty,
    /// 3 keyvals and 5 perf values. Only our own tests can.
    Chatty,
    /// A computation, with its own numbers in each test.
    Sum,
    /// As `Sum`, but one test is otherwise.
    EditedSum,
}

/// The source of a binary with so many tests.
pub(crate) fn tests(framework: Framework, count: usize, body: Body) -> String {
    let mut source = String::from("//! Generated.\n\n");
    if framework == Framework::Mimic {
        source.push_str(MIMIC);
        return source.replace("COUNT", &count.to_string());
    }
    for first in (0..count).step_by(TESTS_A_MODULE) {
        source.push_str(framework.module_attribute());
        let _ = writeln!(source, "mod {} {{", module(first));
        source.push_str(framework.imports());
        for test in first..count.min(first + TESTS_A_MODULE) {
            framework.function(&mut source, test, body);
        }
        source.push_str("}\n\n");
    }
    match framework {
        Framework::Suites | Framework::Lone => source + "autotest::main!();\n",
        Framework::Libtest | Framework::Rstest | Framework::Mimic => source,
    }
}

impl Framework {
    fn module_attribute(self) -> &'static str {
        match self {
            Framework::Suites => "#[autotest::suite]\n",
            Framework::Lone | Framework::Libtest | Framework::Rstest | Framework::Mimic => "",
        }
    }

    fn imports(self) -> &'static str {
        match self {
            Framework::Suites | Framework::Lone => "    use autotest::prelude::*;\n",
            Framework::Rstest => "    use rstest::rstest;\n",
            Framework::Libtest | Framework::Mimic => "",
        }
    }

    fn function(self, source: &mut String, test: usize, body: Body) {
        let attribute = match self {
            Framework::Suites | Framework::Lone => "#[autotest]",
            Framework::Libtest | Framework::Mimic => "#[test]",
            Framework::Rstest => "#[rstest]",
        };
        let name = function(test);
        let (signature, body) = match body {
            Body::Empty => ("()", String::new()),
            Body::Chatty => ("(cx: &mut TestContext) -> TestResult", CHATTY.to_owned()),
            Body::Sum => ("()", sum(test, 0)),
            Body::EditedSum => ("()", sum(test, usize::from(test == 42))),
        };
        let _ = writeln!(
            source,
            "    {attribute}\n    fn {name}{signature} {{{body}}}"
        );
    }
}

fn sum(test: usize, more: usize) -> String {
    let sum: usize = (0..=test).sum();
    format!(" let sum: usize = (0..={test}).sum(); assert_eq!(sum + {more}, {sum} + {more}); ")
}

const CHATTY: &str = r#"
        cx.write_test_keyval([("one", 1)])?;
        cx.write_test_keyval([("two", 2)])?;
        cx.write_test_keyval([("three", 3)])?;
        for value in 0..5 {
            cx.perf("latency").units("ms").lower_is_better().record(f64::from(value))?;
        }
        Ok(())
    "#;

const MIMIC: &str = r#"use libtest_mimic::{Arguments, Trial};

fn main() {
    let trials = (0..COUNT).map(|test| Trial::test(format!("t{test:05}"), || Ok(())));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(framework: Framework, count: usize, body: Body, expected: &str) {
        let source = tests(framework, count, body);
        assert_eq!(source.strip_prefix("//! Generated.\n\n"), Some(expected));
    }

    #[test]
    fn a_suite_has_its_attribute_and_a_main() {
        let expected = "#[autotest::suite]\nmod m000 {\n    use autotest::prelude::*;\n    \
                        #[autotest]\n    fn t00000() {}\n}\n\nautotest::main!();\n";
        check(Framework::Suites, 1, Body::Empty, expected);
    }

    #[test]
    fn libtest_has_no_main() {
        let expected = "mod m000 {\n    #[test]\n    fn t00000() {}\n}\n\n";
        check(Framework::Libtest, 1, Body::Empty, expected);
    }

    #[test]
    fn each_test_is_there_once() {
        let source = tests(Framework::Rstest, 250, Body::Sum);
        assert_eq!(source.matches("#[rstest]").count(), 250);
        assert_eq!(source.matches("mod ").count(), 3);
        assert!(source.contains("fn t00249()") && !source.contains("fn t00250()"));
    }

    #[test]
    fn an_edit_changes_one_line() {
        let before = tests(Framework::Libtest, 100, Body::Sum);
        let after = tests(Framework::Libtest, 100, Body::EditedSum);
        let lines = before.lines().zip(after.lines());
        assert_eq!(lines.filter(|(before, after)| before != after).count(), 1);
    }
}
