//! Suites: defaults for a module, joined and overridden.

use std::time::Duration;

use autotest::__private::registered;

use crate::bench::{check, def, fails, passes};

/// Not everything in a suite is a test.
#[autotest::suite(
    suites("net"),
    attributes("lab"),
    timeout = "10s",
    author = "net team",
    network_destabilizing,
    retries = 1,
    constraints("ms < 5")
)]
mod tcp {
    use autotest::prelude::*;

    const PORT: u16 = 7;

    struct Link([u8; 2]);

    #[autotest]
    fn listens() -> TestResult {
        ensure!(PORT == 7 && Link([0; 2]).0.len() == 2);
        Ok(())
    }

    #[autotest(
        suites("smoke", "net"),
        timeout = "1m",
        author = "me",
        network_destabilizing = false,
        constraints("ms > 0")
    )]
    fn overrides(port: Option<u16>) -> TestResult {
        fail!("{port:?}")
    }

    #[derive(Default)]
    pub(super) struct Stream;

    #[autotest]
    #[case::small(mb = 1)]
    impl Stream {
        fn run_once(&self, mb: u64) -> TestResult {
            fail!("{mb}")
        }
    }

    #[cfg(any())]
    #[autotest]
    fn not_here(gone: NoSuchType) {}

    #[cfg(not(target_os = "none"))]
    #[autotest]
    fn conditional() {}

    mod inner {
        use autotest::prelude::*;

        #[autotest]
        fn on_its_own() {}
    }
}

mod file {
    autotest::suite_file! {
        #![suite(suites("file"))]

        use autotest::prelude::*;

        #[autotest]
        fn in_a_file() -> TestResult {
            helper()
        }

        fn helper() -> TestResult {
            fail!("from a helper")
        }
    }
}

mod empty {
    autotest::suite_file! {
        pub(super) const NOTHING: u8 = 0;
    }
}

#[test]
fn scalars_are_overridden_and_lists_joined() {
    let (listens, overrides) = (def("listens"), def("overrides"));
    assert_eq!(
        (listens.meta.suites, overrides.meta.suites),
        (&["net"][..], &["smoke", "net"][..])
    );
    assert_eq!(listens.meta.timeout, Some(Duration::from_secs(10)));
    assert_eq!(overrides.meta.timeout, Some(Duration::from_secs(60)));
    assert_eq!(
        (listens.meta.author, overrides.meta.author),
        ("net team", "me")
    );
    assert_eq!(
        (
            listens.meta.network_destabilizing,
            overrides.meta.network_destabilizing
        ),
        (true, false)
    );
    assert_eq!(overrides.meta.constraints, ["ms < 5", "ms > 0"]);
    assert_eq!(
        (overrides.meta.attributes, overrides.meta.retries),
        (&["lab"][..], Some(1))
    );
}

#[test]
fn a_suite_is_one_registration() {
    let of_suite: Vec<_> = registered()
        .filter(|tests| tests[0].module.path == "forms::suites::tcp")
        .collect();
    assert_eq!(of_suite.len(), 1);
    let names: Vec<_> = of_suite[0].iter().map(|def| def.name).collect();
    assert_eq!(names, ["listens", "overrides", "Stream", "conditional"]);
    assert_eq!(of_suite[0][0].line, names_line("listens"));
}

fn names_line(name: &str) -> u32 {
    let line = include_str!("suites.rs")
        .lines()
        .position(|line| line.contains(&format!("fn {name}(")));
    u32::try_from(line.expect("it is in this file")).expect("a short file") + 1
}

#[test]
fn lines_are_those_of_the_names() {
    for name in [
        "listens",
        "overrides",
        "conditional",
        "on_its_own",
        "in_a_file",
    ] {
        assert_eq!(def(name).line, names_line(name), "{name}");
        assert!(def(name).module.file.ends_with("forms/suites.rs"));
    }
}

#[test]
fn tests_of_a_suite_run() {
    check("listens", &[], passes());
    check("overrides", &[("port", "80")], fails("Some(80)"));
    check("Stream::small", &[], fails("1"));
    check("conditional", &[], passes());
    check("on_its_own", &[], passes());
}

#[test]
fn an_inner_module_is_not_part_of_the_suite() {
    assert_eq!(def("on_its_own").meta.suites, [""; 0]);
    assert_eq!(def("on_its_own").module.path, "forms::suites::tcp::inner");
}

#[test]
fn a_file_can_be_a_suite() {
    assert_eq!(def("in_a_file").meta.suites, ["file"]);
    check("in_a_file", &[], fails("from a helper"));
    assert_eq!(empty::NOTHING, 0);
}
