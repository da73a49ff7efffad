//! The report for people: what a binary writes, and what a browser and axe-core say about it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use autotest_report::Digest;
use autotest_report::html::{HtmlJob, Page, page};
use expect_test::expect;

use super::binary::{example, fixture, fixture_command};

/// Tests that end in every way but ABORT; one of them prints.
const SELECTED: [&str; 3] = ["says::", "nests::parent", "parts"];

#[test]
fn the_page_has_each_test_with_its_verdict() {
    let args = [&["--html"], &SELECTED[..]].concat();
    let ran = fixture("faulty", &args).expect_code(101);
    let page = ran.file("report.html");
    let document = scraper::Html::parse_document(&page);
    let row = scraper::Selector::parse(".tests > tbody > tr").unwrap();
    let name = scraper::Selector::parse("summary b").unwrap();
    let rows = document.select(&row).map(|row| {
        let name: String = row.select(&name).next().unwrap().text().collect();
        format!("{} {name}", row.value().attr("data-v").unwrap())
    });
    expect![[r#"
        pass nests::parent
        warn says::warn (says.warn.inner), a subtest of nests::parent
        pass parts
        error says::error
        fail says::fail
        known says::known_failure
        skip says::not_applicable
        fail says::tricky_reason
        warn says::warn"#]]
    .assert_eq(&rows.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_replay_makes_the_same_page() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = fixture_command(home.path(), "faulty")
            .args(args)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(101), "{output:?}");
        fs::read_to_string(home.path().join("results/report.html")).unwrap()
    };
    let written = run(&[&["--results", "results", "--html"], &SELECTED[..]].concat());
    fs::remove_file(home.path().join("results/report.html")).unwrap();
    assert_eq!(run(&["--replay", "results", "--html"]), written);
}

/// A page with a thousand tests: those of a job, several times.
fn thousand(journal: &str, dir: &Path) -> String {
    let copy = dir.join("journal.jsonl");
    fs::write(&copy, journal).unwrap();
    let mut digest = Digest::of(File::open(copy).unwrap()).unwrap();
    let runs = digest.runs.clone();
    digest.runs = runs.iter().cycle().take(1000).cloned().collect();
    for (number, run) in digest.runs.iter_mut().enumerate() {
        run.name = format!("{} ({number})", run.name);
    }
    let jobs = [HtmlJob {
        digest: &digest,
        dir,
    }];
    page(&Page {
        jobs: &jobs,
        base: Some(dir),
        ..Page::default()
    })
}

/// A browser and the directory of npm's packages.
fn tools() -> Result<(PathBuf, PathBuf), String> {
    let modules = super::host_tool::root().join("target/tools/npm/node_modules");
    for package in ["axe-core", "playwright-core"] {
        if !modules.join(package).is_dir() {
            return Err(format!("npm's package {package} is not installed"));
        }
    }
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = |name: &str| {
        std::env::split_paths(&paths)
            .map(|dir| dir.join(name))
            .find(|path| path.exists())
    };
    found("node").ok_or("node is not installed")?;
    let browser = found("chromium").ok_or("chromium is not installed")?;
    Ok((browser, modules.parent().unwrap_or(&modules).to_owned()))
}

#[test]
fn a_browser_finds_nothing_inaccessible() {
    let (browser, modules) = match tools() {
        Ok(tools) => tools,
        Err(reason) => return eprintln!("left out: {reason}"),
    };
    let failing = fixture("faulty", &[&["--html"], &SELECTED[..]].concat()).expect_code(101);
    let args = [
        "--html",
        "--param",
        "mb=4",
        "--iterations",
        "5",
        "--constraint",
        "throughput > 1e9",
    ];
    let perf = example("disk", &args).expect_code(101);
    let many = fixture("many", &["--html"]).expect_code(101);
    let home = tempfile::tempdir().unwrap();
    let pages = [
        ("failing", failing.file("report.html")),
        ("perf", perf.file("report.html")),
        ("many", thousand(&many.file("journal.jsonl"), home.path())),
    ];
    let files = pages.map(|(name, page)| {
        let file = home.path().join(format!("{name}.html"));
        fs::write(&file, page).unwrap();
        file
    });
    let script = super::host_tool::root().join("tests/it/html/axe.mjs");
    let mut command = Command::new("node");
    let output = command
        .arg(script)
        .arg(modules)
        .arg(browser)
        .args(files)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
