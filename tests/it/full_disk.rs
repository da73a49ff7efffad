//! A disk that is full, at every stage of a job.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::binary::{Tree, fixture_command};
use super::replay::check_well_formed;

/// A small file system in memory, where that is available.
struct Disk(PathBuf);

impl Disk {
    fn new(at: &Path, kb: u64) -> Option<Disk> {
        fs::create_dir_all(at).unwrap();
        let size = format!("size={kb}k");
        let mut command = Command::new("mount");
        let command = command.args(["-t", "tmpfs", "-o", &size, "none"]).arg(at);
        let is_mounted = command.output().is_ok_and(|output| output.status.success());
        is_mounted.then(|| Disk(at.to_owned()))
    }

    fn grow(&self) {
        let mut command = Command::new("mount");
        let command = command.args(["-o", "remount,size=64m"]).arg(&self.0);
        assert!(command.status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

fn run(home: &Path, args: &[&str]) -> Output {
    fixture_command(home, "many").args(args).output().unwrap()
}

/// The tests of two modules: enough for every file, and quick.
const SELECTED: [&str; 2] = ["a::", "b::"];

#[test]
fn a_full_disk_loses_nothing_that_was_told_and_the_job_goes_on_once_there_is_room() {
    let home = tempfile::tempdir().unwrap();
    let mut stages = 0;
    for kb in [4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024] {
        let mount = home.path().join(format!("disk-{kb}"));
        let Some(disk) = Disk::new(&mount, kb) else {
            eprintln!("left out: a small file system takes root");
            return;
        };
        stages += usize::from(check(home.path(), &disk, kb));
    }
    assert!(stages > 3, "the disk was full in {stages} stages only");
}

/// Whether the disk was full, and the job went on all the same.
fn check(home: &Path, disk: &Disk, kb: u64) -> bool {
    let results = format!("disk-{kb}/results");
    for sync in ["test", "none"] {
        let args = [&["--results", &results, "--sync", sync], &SELECTED[..]].concat();
        let output = run(home, &args);
        let code = output.status.code();
        assert!(matches!(code, Some(2 | 5 | 101)), "{kb} KB: {output:?}");
        let journal = home.join(&results).join("journal.jsonl");
        let has_begun = fs::read_to_string(journal).is_ok_and(|journal| journal.contains('\n'));
        if !has_begun {
            assert_ne!(code, Some(101), "{kb} KB: nothing is recorded: {output:?}");
        } else if code == Some(5) {
            disk.grow();
            go_on(home, &results);
            return true;
        }
        let _ = fs::remove_dir_all(home.join(&results));
    }
    false
}

fn go_on(home: &Path, results: &str) {
    let replayed = run(home, &["--replay", results]);
    assert_eq!(replayed.status.code(), Some(101), "{replayed:?}");
    check_well_formed(&home.join(results));
    let output = run(home, &["--resume", results]);
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    check_well_formed(&home.join(results));
    let tree = Tree::at(home, results);
    for module in SELECTED {
        let module = module.trim_end_matches(':');
        for n in (0..19).filter(|n| ![13, 17].contains(n)) {
            let status = tree.file(&format!("{module}.t{n:02}/status"));
            let word = if n == 7 { "END FAIL" } else { "END GOOD" };
            // A test that had no room for its directory said so, and that is its verdict.
            let had_room = !status.contains("No space left on device");
            assert!(
                !had_room || status.contains(word),
                "{module}.t{n:02}: {status}"
            );
        }
    }
}
