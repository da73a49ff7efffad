//! The generated packages.

use std::fs;
use std::path::{Path, PathBuf};

use crate::generate::{Body, Framework, tests};
use crate::row::LeftOut;

/// A package, before it is written.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    manifest: String,
    files: Vec<(String, String)>,
    /// Whose versions of dependencies it takes, if it shall take somebody's.
    lock: Option<PathBuf>,
}

/// Generated binaries of the package `suites`: name, number of tests, what they do.
const SUITES: [(&str, usize, Body); 5] = [
    ("hundred", 100, Body::Empty),
    ("thousand", 1_000, Body::Empty),
    ("ten-thousand", 10_000, Body::Empty),
    ("hundred-thousand", 100_000, Body::Empty),
    ("chatty", 1_000, Body::Chatty),
];

/// The profile with which `cargo autotest build` builds a suite.
const FOR_SIZE: &str = "
[profile.for-size]
inherits = \"release\"
opt-level = \"s\"
lto = \"fat\"
codegen-units = 1
";

/// Tests of their own, before and behind all others: how much memory the supervisor has; and a control function
/// that requests all tests.
const MEMORY: &str = r#"
use autotest::prelude::*;

#[autotest]
fn aa_memory(cx: &mut TestContext) -> TestResult {
    look(cx)
}

#[autotest]
fn zz_memory(cx: &mut TestContext) -> TestResult {
    look(cx)
}

#[autotest::control]
fn all(job: &mut Job) -> JobResult {
    job.run_test("aa_memory").run()?;
    for test in 0..10_000 {
        job.run_test(format!("m{:03}::t{test:05}", test / 100)).run()?;
    }
    job.run_test("zz_memory").run()?;
    Ok(())
}

fn look(cx: &mut TestContext) -> TestResult {
    let path = format!("/proc/{}/smaps_rollup", std::os::unix::process::parent_id());
    let text = std::fs::read_to_string(path)?;
    let line = text.lines().find_map(|line| line.strip_prefix("Anonymous:"));
    let kb = line.unwrap_or_default().trim().trim_end_matches(" kB");
    Ok(cx.write_test_keyval([("anonymous_kb", kb)])?)
}
"#;

impl Package {
    /// Our own suites, with the floor and an empty program beside them.
    pub(crate) fn suites(root: &Path) -> Package {
        let benches = root.join("benches");
        let mut manifest = head("suites", root, &[]);
        let mut files = vec![("src/empty.rs".to_owned(), "fn main() {}\n".to_owned())];
        let mut bin = |name: &str, path: &Path| {
            manifest += &format!("\n[[bin]]\nname = {name:?}\npath = {path:?}\n");
        };
        bin("empty", "src/empty.rs".as_ref());
        bin("floor", &benches.join("src/floor/main.rs"));
        bin("measured", &benches.join("suites/measured.rs"));
        for (name, count, body) in SUITES {
            let path = format!("src/{name}.rs");
            bin(name, path.as_ref());
            let more = if name == "ten-thousand" { MEMORY } else { "" };
            files.push((path, tests(Framework::Suites, count, body) + more));
        }
        Package::of_suites("suites", manifest, files, root)
    }

    /// A suite of 1,000 tests, `thousand`, with these features of the framework.
    pub(crate) fn with_features(root: &Path, features: &[&str]) -> Package {
        let name = format!("suites-{}", features.join("-"));
        let bin = "\n[[bin]]\nname = \"thousand\"\npath = \"src/thousand.rs\"\n";
        let source = tests(Framework::Suites, 1_000, Body::Empty);
        let files = vec![("src/thousand.rs".to_owned(), source)];
        Package::of_suites(&name, head(&name, root, features) + bin, files, root)
    }

    fn of_suites(
        name: &str,
        manifest: String,
        files: Vec<(String, String)>,
        root: &Path,
    ) -> Package {
        Package {
            name: name.to_owned(),
            manifest: manifest + "\n[profile.release]\nstrip = true\n" + FOR_SIZE,
            files,
            lock: Some(root.join("Cargo.lock")),
        }
    }
}

/// Versions of the peers, as of the day on which the rows were made.
const MIMIC: &str = "libtest-mimic = \"0.8.2\"\n";
const RSTEST: &str = "rstest = \"0.28.0\"\n";
const DIVAN: &str = "divan = \"0.1.21\"\n";

impl Package {
    /// So many empty tests of libtest's.
    pub(crate) fn libtest(count: usize) -> Package {
        let source = tests(Framework::Libtest, count, Body::Empty);
        Package::of_one_test(&format!("libtest-{count}"), "", true, source)
    }

    /// So many empty tests of libtest-mimic's.
    pub(crate) fn mimic(count: usize) -> Package {
        let source = tests(Framework::Mimic, count, Body::Empty);
        Package::of_one_test(&format!("mimic-{count}"), MIMIC, false, source)
    }

    /// A package whose one test target is to be written again and again.
    pub(crate) fn to_edit(framework: Framework, root: &Path) -> Package {
        let (name, dependency) = match framework {
            Framework::Suites => ("suites", runtime(root, &[])),
            Framework::Lone => ("lone", runtime(root, &[])),
            Framework::Libtest => ("libtest", String::new()),
            Framework::Rstest => ("rstest", RSTEST.to_owned()),
            Framework::Mimic => ("mimic", MIMIC.to_owned()),
        };
        let has_harness = matches!(framework, Framework::Libtest | Framework::Rstest);
        let source = tests(framework, 0, Body::Sum);
        Package::of_one_test(&format!("edit-{name}"), &dependency, has_harness, source)
    }

    /// An empty benchmark of divan's.
    pub(crate) fn divan() -> Package {
        let source = "fn main() {\n    divan::main();\n}\n\n#[divan::bench]\nfn empty() {}\n";
        Package::of_one_test("divan", DIVAN, false, source.to_owned())
    }

    fn of_one_test(name: &str, dependency: &str, has_harness: bool, source: String) -> Package {
        let manifest = format!(
            "[package]\nname = {:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [lib]\npath = \"lib.rs\"\ntest = false\ndoctest = false\n\n\
             [[test]]\nname = \"it\"\npath = \"it.rs\"\nharness = {has_harness}\n\n\
             [dev-dependencies]\n{dependency}",
            format!("peer-{name}")
        );
        Package {
            name: format!("peer-{name}"),
            manifest,
            files: vec![("lib.rs".into(), String::new()), ("it.rs".into(), source)],
            lock: None,
        }
    }
}

fn runtime(root: &Path, features: &[&str]) -> String {
    let path = root.join("autotest-runtime");
    format!(
        "autotest = {{ package = \"autotest-runtime\", path = {path:?}, features = {features:?} }}\n"
    )
}

fn head(name: &str, root: &Path, features: &[&str]) -> String {
    let runtime = runtime(root, features);
    format!(
        "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\n{runtime}\
         libc = \"0.2\"\n"
    )
}

impl Package {
    /// Writes it below `dir`; what is there already keeps its time, so that nothing is built again.
    pub(crate) fn write(&self, dir: &Path) -> Result<PathBuf, LeftOut> {
        let dir = dir.join(&self.name);
        put(&dir.join("Cargo.toml"), self.manifest.as_bytes())?;
        for (path, text) in &self.files {
            put(&dir.join(path), text.as_bytes())?;
        }
        if let Some(lock) = &self.lock
            && !dir.join("Cargo.lock").exists()
        {
            fs::copy(lock, dir.join("Cargo.lock"))?;
        }
        Ok(dir)
    }
}

/// Writes a file unless it has that text.
fn put(path: &Path, bytes: &[u8]) -> Result<(), LeftOut> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    Ok(fs::write(path, bytes)?)
}

#[cfg(test)]
mod tests_of_packages {
    use super::*;

    #[test]
    fn what_is_written_already_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        put(&path, b"1").unwrap();
        let written = fs::metadata(&path).unwrap().modified().unwrap();
        put(&path, b"1").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), written);
        put(&path, b"2").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"2");
    }
}
