use autotest_core::{Details, Metadata, Module};

use super::*;

const A: Details = Details {
    renamed: Some("function"),
    module: &Module {
        path: "a",
        file: "src/a.rs",
    },
    ..Details::DEFAULT
};

const NET: Details = Details {
    module: &Module {
        path: "suite::net",
        file: "src/net.rs",
    },
    ..Details::DEFAULT
};

fn def(name: &'static str, line: u32) -> &'static TestDef {
    leak(name, line, &NET)
}

fn verbatim(name: &'static str) -> &'static TestDef {
    leak(name, 7, &A)
}

fn leak(name: &'static str, line: u32, details: &'static Details) -> &'static TestDef {
    Box::leak(Box::new(TestDef {
        name,
        line,
        details,
        ..TestDef::DEFAULT
    }))
}

fn registry(
    defs: &[&'static TestDef],
    main_crate: &'static str,
) -> Result<Registry, RegistrationError> {
    Registry::new(defs.iter().copied(), &Main::of(main_crate))
}

#[track_caller]
fn check_error(defs: &[&'static TestDef], expected: &str) {
    let error = registry(defs, "suite").unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn tests_of_the_main_crate_lose_its_name() {
    let id = |main_crate| registry(&[def("ping", 1)], main_crate).unwrap().tests()[0].id;
    assert_eq!(id("suite"), "net::ping");
    assert_eq!(id("other"), "suite::net::ping");
}

#[test]
fn a_test_with_a_name_of_its_own_has_the_path_of_its_item() {
    let registry = registry(&[verbatim("net.ping"), def("try", 3)], "suite").unwrap();
    let [renamed, raw] = registry.tests() else {
        panic!("two tests")
    };
    assert!(registry.is_item(renamed, "a::function"));
    assert!(registry.is_item(raw, "net::r#try"));
    for (test, path) in [
        (renamed, "function"),
        (renamed, "a::net.ping"),
        (renamed, "afunction"),
        (raw, "r#try"),
        (raw, "net::r#tr"),
    ] {
        assert!(!registry.is_item(test, path), "{path}");
    }
}

#[test]
fn two_tests_with_one_id_are_refused() {
    check_error(
        &[def("ping", 3), def("ping", 9)],
        "two tests are called `net::ping`: at src/net.rs:3 and at src/net.rs:9; rename one",
    );
}

const SITE: Details = Details {
    meta: &Metadata {
        site: true,
        ..Metadata::DEFAULT
    },
    module: &Module {
        path: "suite::net",
        file: "site/net.rs",
    },
    ..Details::DEFAULT
};

#[test]
fn a_test_of_the_site_replaces_that_of_the_same_id() {
    let defs = [def("ping", 3), leak("ping", 9, &SITE), def("other", 5)];
    let registry = registry(&defs, "suite").unwrap();
    let places: Vec<_> = registry.tests().iter().map(Test::place).collect();
    assert_eq!(places, ["src/net.rs:5", "site/net.rs:9"]);
    assert_eq!(registry.replaced()[0].place(), "src/net.rs:3");
}

#[test]
fn more_than_one_test_of_the_site_or_of_others_is_a_collision() {
    check_error(
        &[leak("ping", 3, &SITE), leak("ping", 9, &SITE)],
        "two tests are called `net::ping`: at site/net.rs:3 and at site/net.rs:9; rename one",
    );
    check_error(
        &[def("ping", 3), def("ping", 4), leak("ping", 9, &SITE)],
        "two tests are called `net::ping`: at src/net.rs:3 and at src/net.rs:4; rename one",
    );
}

#[test]
fn a_name_that_the_status_log_cannot_hold_is_refused() {
    check_error(
        &[verbatim(" ping")],
        "the test at src/a.rs:7 cannot be called \" ping\": it is empty, or has a `/`, a \
         control character, or a leading dot or blank; rename it",
    );
}

#[test]
fn all_names_that_are_not_allowed_are_reported_at_once() {
    check_error(
        &[
            verbatim("status"),
            verbatim("tap"),
            def("ping", 3),
            def("ping", 9),
        ],
        "the test at src/a.rs:7 cannot be called \"status\": `status` is reserved in the results \
         tree (the status log of each test); rename it\n\
         the test at src/a.rs:7 cannot be called \"tap\": `tap` is reserved in the results \
         tree (the job's TAP report); rename it\n\
         two tests are called `net::ping`: at src/net.rs:3 and at src/net.rs:9; rename one",
    );
}

#[test]
fn a_long_name_is_refused_and_cut_in_the_message() {
    let id = "x".repeat(300);
    let shown = "x".repeat(100);
    check_error(
        &[verbatim(Box::leak(id.into_boxed_str()))],
        &format!(
            "the test at src/a.rs:7 cannot be called \"{shown} [cut: 300 bytes in all]\": its \
             directory's name has 300 bytes, more than 236; rename it"
        ),
    );
}

#[test]
fn two_tests_with_one_directory_are_refused() {
    check_error(
        &[def("ping", 3), verbatim("net.ping")],
        "the tests `net.ping` at src/a.rs:7 and `net::ping` at src/net.rs:3 share the \
         directory `net.ping`; rename one",
    );
}
