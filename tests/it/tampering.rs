//! Links, pipes and directories that a test puts in place of its results do not divert the supervisor.

use std::fs;
use std::path::Path;

use super::binary::{Tree, fixture_command, walk};

fn run(home: &Path, test: &str) -> (Option<i32>, String) {
    let victims = home.join("victims");
    fs::create_dir_all(&victims).unwrap();
    let victim = victims.join("precious");
    fs::write(&victim, "untouched\n").unwrap();
    let param = format!("victim={}", victim.display());
    let mut command = fixture_command(home, "tampering");
    command.args([
        "--results",
        "results",
        "--param",
        &param,
        "--exact",
        test,
        "z_innocent",
    ]);
    let output = command.output().unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched\n");
    assert_eq!(walk(&victims), ["precious"], "something was written there");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), told)
}

/// The other test has all of its results.
fn check_innocent(home: &Path) {
    let tree = Tree::at(home, "results");
    assert_eq!(tree.file("z_innocent/keyval"), "version=0\nmine=1\n");
    assert_eq!(tree.file("z_innocent/results/keyval"), "mine{perf}=1\n\n");
    assert_eq!(tree.file("z_innocent/debug/stdout"), "printed\n");
}

#[test]
fn a_link_in_a_files_place_is_not_followed_and_the_file_is_made_again() {
    let home = tempfile::tempdir().unwrap();
    let (code, told) = run(home.path(), "links");
    check_innocent(home.path());
    let tree = Tree::at(home.path(), "results");
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("made again from the journal"), "{told}");
    assert_eq!(tree.file("links/results/keyval"), "mine{perf}=1\n\n");
    assert!(tree.file("links/keyval").ends_with("mine=1\n"));
}

#[test]
fn a_second_name_of_another_file_is_not_written_to() {
    let home = tempfile::tempdir().unwrap();
    let (code, told) = run(home.path(), "hard_links");
    check_innocent(home.path());
    assert_eq!(code, Some(0), "{told}");
    let tree = Tree::at(home.path(), "results");
    assert_eq!(tree.file("hard_links/results/keyval"), "mine{perf}=1\n\n");
}

#[test]
fn a_link_in_a_directorys_place_is_not_followed() {
    for test in ["links_for_directories", "link_for_outputdir"] {
        let home = tempfile::tempdir().unwrap();
        let (code, told) = run(home.path(), test);
        check_innocent(home.path());
        assert_eq!(code, Some(5), "{told}");
        assert!(told.contains("error: "), "{told}");
    }
}
