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

/// The modules of a crate from the bottom up: a module imports from its own row and from those above it in
/// this list, never from those below. Within a row nobody imports from anybody, but where the types of a
/// row name each other.
struct Layers {
    dir: &'static str,
    rows: &'static [&'static [&'static str]],
    /// Rows whose types name each other.
    knots: &'static [&'static [&'static str]],
}

const TYPES: &[&str] = &[
    "params",
    "profiler_use",
    "def",
    "event",
    "host",
    "settings",
    "context",
    "control",
];

const PACKAGE_ERRORS: &[&str] = &["error", "manifest", "member_path"];

const PACKAGE_READING: &[&str] = &["package", "unpack"];

const LAYERS: &[Layers] = &[
    Layers {
        dir: "autotest-core/src",
        rows: &[
            &[
                "data_file",
                "duration",
                "excerpt",
                "name",
                "phase",
                "small_map",
                "suggest",
                "value",
            ],
            &["need"],
            &["attr", "constraint", "id", "keyval", "status", "sysinfo"],
            &["outcome", "perf"],
            TYPES,
            &["description", "lifecycle"],
        ],
        knots: &[TYPES],
    },
    Layers {
        dir: "autotest-package/src",
        rows: &[
            &["checksum", "elf", "limits"],
            &["checksum_list", "package_name"],
            PACKAGE_ERRORS,
            &["members"],
            &["layout"],
            PACKAGE_READING,
            &["write"],
        ],
        knots: &[PACKAGE_ERRORS, PACKAGE_READING],
    },
    Layers {
        dir: "autotest-report/src",
        rows: &[
            &["folder", "json"],
            &[
                "completion",
                "sanitize",
                "localtime",
                "outlet",
                "packages",
                "plan",
                "captured",
                "record",
                "tree",
                "write_whole",
            ],
            &["journal", "prose", "report"],
            &["replay", "runs", "wire"],
            &["branches", "digest", "job_result"],
            &[
                "html",
                "job_files",
                "json_events",
                "junit",
                "keyval",
                "lava",
                "libtest_json",
                "logfile",
            ],
            &["perf", "test_points", "status_log", "tap_files", "terminal"],
            &["ktap", "tap"],
            &["formats"],
        ],
        knots: &[],
    },
    Layers {
        dir: "autotest-runtime/src",
        rows: &[
            &[
                "caches",
                "elf",
                "exit",
                "fs",
                "identity",
                "journal",
                "length",
                "linked",
                "logging",
                "panics",
                "proc_samples",
                "results",
                "screen",
            ],
            &["packages", "perf_samples"],
            &["control", "profilers", "waiting"],
            &["__private", "assertions", "host", "hub"],
            &["built_in", "linkage"],
            &["registry"],
            &["data_files", "needs"],
            &["plan"],
            &["job_file"],
            &["engine"],
            &["exec"],
            &["cli", "command"],
            &["described", "run"],
        ],
        knots: &[],
    },
];

#[test]
fn modules_import_only_from_layers_below_their_own() {
    for layers in LAYERS {
        let row_of = |name: &str| layers.rows.iter().position(|row| row.contains(&name));
        for (path, text) in sources(layers.dir) {
            let module = module_of(&path, layers.dir);
            let Some(module) = module.as_deref().filter(|module| *module != "lib") else {
                continue;
            };
            let Some(row) = row_of(module) else {
                panic!("{}: give `{module}` a layer", path.display());
            };
            for used in imported(&text) {
                let is_knot =
                    layers.knots.contains(&layers.rows[row]) && row_of(&used) == Some(row);
                let is_below = row_of(&used).is_some_and(|below| below < row);
                assert!(
                    used == module || is_below || is_knot,
                    "{}: `{module}` imports `{used}`, which is no layer below it",
                    path.display()
                );
            }
        }
    }
}

/// The module at the crate's root that a file belongs to.
fn module_of(path: &Path, dir: &str) -> Option<String> {
    let below = path.strip_prefix(root().join(dir)).ok()?;
    let first = below.iter().next()?.to_str()?;
    let module = first.strip_suffix(".rs").unwrap_or(first);
    Some(
        if module == "private" {
            "__private"
        } else {
            module
        }
        .to_owned(),
    )
}

/// The modules at the crate's root that a file names: `crate::NAME`, macros of the crate excepted.
fn imported(text: &str) -> impl Iterator<Item = String> {
    let code = text.lines().filter(|line| {
        let line = line.trim_start();
        !line.starts_with("//")
            && !line.contains("$crate::")
            && !line.starts_with("pub use crate::{__")
    });
    let names = code.flat_map(|line| line.split("crate::").skip(1));
    // One import a line: `crate::{…}` is no name, and refused like a module without a layer.
    names.map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_');
        rest[..end.unwrap_or(rest.len())].to_owned()
    })
}

/// So that a suite without assertions and files does not contain them.
#[test]
fn only_what_authors_call_uses_the_crates_for_it() {
    const USERS: [(&str, &str); 3] = [
        ("fs_err", "fs.rs"),
        ("similar::", "private/unmet/diff.rs"),
        ("unmet(", "private/unmet.rs"),
    ];
    for (path, text) in sources("autotest-runtime/src") {
        for (name, user) in USERS {
            let is_user = path.ends_with(user) || path.ends_with("assertions/compared.rs");
            assert!(
                is_user || !text.contains(name),
                "{}: {name}",
                path.display()
            );
        }
    }
}

#[test]
fn no_source_file_is_too_long() {
    for dir in [
        "autotest-core/src",
        "autotest-macros/src",
        "autotest-meta/src",
        "autotest-package/src",
        "autotest-report/src",
        "autotest-runtime/src",
        "benches/src",
        "cargo-autotest/src",
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

/// So that they stay examples of how little a test takes.
#[test]
fn tests_of_the_field_are_short() {
    for (path, text) in sources("examples/field") {
        let lines = text.lines().count();
        assert!(lines < 60, "{} has {lines} lines", path.display());
    }
}

#[test]
fn the_readme_shows_the_flags_of_help() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let help = example("hello", &["--help"]).stdout();
    let flags = help.split_once("\n\nSelecting tests:").unwrap().1;
    let flags = flags.split_once("\n\nExit code:").unwrap().0;
    assert!(
        readme.contains(flags),
        "README.md does not have the flag section of --help:\nSelecting tests:{flags}"
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
        "docs/database.md",
        "docs/engines.md",
        "docs/jobs.md",
        "docs/machines.md",
        "docs/mutants.md",
        "docs/packages.md",
        "docs/perf-verdicts.md",
        "docs/profilers.md",
        "docs/results.md",
        "docs/suites.md",
        "docs/sysinfo.md",
        "docs/targets.md",
        "docs/writing-tests.md",
        "examples/fleet/README.md",
    ] {
        let path = root().join(document);
        let text = fs::read_to_string(&path).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .filter(|link| !link.0.starts_with("https:"))
        {
            let target = link.0.split('#').next().unwrap();
            let target = path.parent().unwrap().join(target);
            assert!(target.exists(), "{document} links to {}", target.display());
        }
    }
}

/// `cargo run --example NAME` refuses a name that two packages have.
#[test]
fn every_example_has_a_name_of_its_own() {
    let names = ["examples", "benches"].map(|package| {
        let manifest = root().join(package).join("Cargo.toml");
        let text = fs::read_to_string(manifest).unwrap();
        let examples = text.split("[[example]]\n").skip(1);
        let names = examples.map(|example| example.lines().next().unwrap().to_owned());
        names.collect::<Vec<_>>()
    });
    let mut names = names.concat();
    assert!(names.iter().all(|name| name.starts_with("name = ")));
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "{names:?}");
}
