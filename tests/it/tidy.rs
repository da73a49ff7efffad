//! The rules of this repository that a compiler does not check.

use std::fs;
use std::path::{Path, PathBuf};

use super::binary::example;

/// No source file is longer; a table may be.
const MAX_LINES: usize = 400;

/// One flat table, with little else.
const TABLES: [&str; 1] = ["autotest-runtime/src/cli/flags.rs"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn sources(dir: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(dir)];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

#[test]
fn core_has_no_effects() {
    const EFFECTS: [&str; 7] = [
        "std::fs",
        "std::process",
        "std::net",
        "Instant",
        "SystemTime",
        "println!",
        "std::env",
    ];
    for (path, text) in sources("autotest-core/src") {
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let effect = EFFECTS.iter().find(|effect| line.contains(**effect));
            assert_eq!(effect, None, "{}: {line}", path.display());
        }
    }
}

#[test]
fn no_source_file_is_too_long() {
    for dir in [
        "autotest-core/src",
        "autotest-macros/src",
        "autotest-report/src",
        "autotest-runtime/src",
        "benches/src",
        "tests/it",
    ] {
        for (path, text) in sources(dir) {
            if TABLES.iter().any(|table| path.ends_with(table)) {
                continue;
            }
            let lines = text.lines().count();
            assert!(lines <= MAX_LINES, "{} has {lines} lines", path.display());
        }
    }
}

#[test]
fn the_readme_shows_the_flags_of_help() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let help = example("hello", &["--help"]).stdout();
    let flags = help.split_once("\n\nWhich tests:").unwrap().1;
    let flags = flags.split_once("\n\nExit code:").unwrap().0;
    assert!(
        readme.contains(flags),
        "README.md does not have the flag section of --help:\nWhich tests:{flags}"
    );
}

/// However often a document says it.
#[test]
fn documents_count_the_tests_that_misbehave() {
    let list = example("hostile", &["--list", "--skip", "innocent"]).stdout();
    let count = list.lines().filter(|line| line.ends_with(": test")).count();
    for document in ["README.md", "examples/lib.rs", "examples/hostile.rs"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let said: Vec<_> = text.split(" ways to misbehave").collect();
        let (_, before) = said.split_last().unwrap();
        assert!(!before.is_empty(), "{document} does not say how many");
        for before in before {
            let number = before.rsplit(|c: char| !c.is_ascii_digit()).next();
            assert_eq!(number, Some(count.to_string().as_str()), "{document}");
        }
    }
}

#[test]
fn links_of_the_documents_resolve() {
    for document in [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "benches/README.md",
        "docs/conformance.md",
    ] {
        let path = root().join(document);
        let text = fs::read_to_string(&path).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
        {
            let target = link.0.split('#').next().unwrap();
            let target = path.parent().unwrap().join(target);
            assert!(target.exists(), "{document} links to {}", target.display());
        }
    }
}
