//! The page for people: that it shows what was merged. Everything else about it is tested where it is made.

use std::fs;

use super::{empty, job, move_to, report};

#[test]
fn the_page_has_all_tests_and_what_is_wrong() {
    let (_dir, home) = empty();
    job(&home, "before", "selected", &["net::ping", "fails"]);
    job(&home, "now/one", "selected", &["net", "--shard", "1/2"]);
    job(&home, "now/two", "packaged", &["takes"]);
    move_to(&home, "now/two", "lab2");
    let args = ["now", "--since", "before", "--html", "report.html"];
    let ran = report(&home, &[&args[..], &["--format", "terse"]].concat()).expect_code(1);
    let page = fs::read_to_string(home.join("report.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
    let problem = ran.stderr.strip_prefix("error: ").unwrap().trim_end();
    for text in [
        problem,
        "takes",
        "net::ping",
        "lab2",
        "Since before",
        "Not run any more",
        "fails",
    ] {
        assert!(page.contains(text), "{text} is not on the page:\n{page}");
    }
    assert!(!home.join("now/report.html").exists());
}
