//! However a job ends, cores go where they went before; and those of others always do.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::super::binary::{fixture_command, walk};
use super::super::interrupts::{children_of, send, wait_until};
use super::job::create_script;
use super::target::{Target, pattern};

/// A job with a test that waits.
struct Waiting {
    home: PathBuf,
    job: Child,
}

impl Waiting {
    fn start(home: &Path) -> Waiting {
        fs::create_dir_all(home).unwrap();
        let mut command = fixture_command(home, "crashes");
        command.args([
            "--crash-handler",
            "--results",
            "results",
            "--exact",
            "waits",
        ]);
        command
            .arg("--param")
            .arg(format!("go={}", home.join("go").display()));
        let job = command.stdout(Stdio::null()).spawn().unwrap();
        let waiting = Waiting {
            home: home.to_owned(),
            job,
        };
        wait_until("the test waits", || home.join("go.begun").exists());
        assert!(
            pattern().starts_with("|/run/autotest-crash/handler "),
            "{}",
            pattern()
        );
        waiting
    }

    /// Lets the test crash, and waits for the end of the job.
    fn crash(mut self) -> Vec<String> {
        fs::write(self.home.join("go"), "").unwrap();
        self.job.wait().unwrap();
        walk(&self.home.join("results/waits"))
    }

    fn kill(&mut self) {
        send("-KILL", self.job.id());
        self.job.wait().unwrap();
    }

    fn kill_with_guardian(&mut self) {
        for child in children_of(self.job.id()) {
            let name = fs::read_to_string(format!("/proc/{child}/comm")).unwrap_or_default();
            if name.trim() == "autotest-guard" {
                send("-KILL", child);
            }
        }
        self.kill();
    }
}

fn has_core(files: &[String]) -> bool {
    files.iter().any(|file| file.ends_with("core.gz"))
}

/// A process of nobody's job crashes, in a directory of its own.
fn crash_of_another(dir: &Path, mark: &str) {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -c unlimited; kill -SEGV $$"])
        .current_dir(dir);
    let status = command.env("AUTOTEST_RUN", mark).status().unwrap();
    assert_eq!(status.signal(), Some(libc::SIGSEGV));
}

#[test]
fn the_guardian_restores_what_was_before() {
    let Some(target) = Target::take() else { return };
    let home = tempfile::tempdir().unwrap();
    Waiting::start(home.path()).kill();
    wait_until("the guardian is done", || target.is_as_before());
}

#[test]
fn a_signal_ends_the_handler_with_the_job() {
    let Some(target) = Target::take() else { return };
    let home = tempfile::tempdir().unwrap();
    let mut waiting = Waiting::start(home.path());
    send("-INT", waiting.job.id());
    assert_eq!(waiting.job.wait().unwrap().code(), Some(130));
    assert!(target.is_as_before());
}

#[test]
fn a_resumed_job_restores_what_was_before_and_has_the_handler() {
    let Some(target) = Target::take() else { return };
    let home = tempfile::tempdir().unwrap();
    let mut waiting = Waiting::start(home.path());
    waiting.kill_with_guardian();
    assert!(!target.is_as_before());
    fs::write(home.path().join("go"), "").unwrap();
    let mut resume = fixture_command(home.path(), "crashes");
    let resumed = resume.args(["--resume", "results"]).output().unwrap();
    assert_eq!(resumed.status.code(), Some(101), "{resumed:?}");
    assert!(target.is_as_before());
    assert!(has_core(&walk(&home.path().join("results/waits"))));
}

#[test]
fn the_next_job_restores_what_was_before() {
    let Some(target) = Target::take() else { return };
    let home = tempfile::tempdir().unwrap();
    Waiting::start(&home.path().join("first")).kill_with_guardian();
    assert!(!target.is_as_before());
    let files = Waiting::start(&home.path().join("second")).crash();
    assert!(has_core(&files));
    assert!(target.is_as_before());
}

#[test]
fn the_handler_restores_what_was_before_once_its_job_is_gone() {
    let Some(mut target) = Target::take() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    target.set_pattern(&home.path().join("other.%s.%e").display().to_string());
    Waiting::start(&home.path().join("job")).kill_with_guardian();
    assert!(!target.is_as_before());
    crash_of_another(home.path(), "");
    wait_until("the core is there", || {
        home.path().join("other.11.sh").exists()
    });
    wait_until("the handler is done", || target.is_as_before());
}

#[test]
fn the_last_of_two_jobs_restores_what_was_before() {
    let Some(target) = Target::take() else { return };
    let home = tempfile::tempdir().unwrap();
    let first = Waiting::start(&home.path().join("first"));
    let second = Waiting::start(&home.path().join("second"));
    assert!(has_core(&first.crash()));
    assert!(!target.is_as_before());
    assert!(has_core(&second.crash()));
    assert!(target.is_as_before());
}

#[test]
fn what_somebody_else_changed_meanwhile_stays() {
    let Some(mut target) = Target::take() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let waiting = Waiting::start(home.path());
    target.set_pattern("somebody.else.s.%p");
    assert!(!has_core(&waiting.crash()));
    assert!(target.is_as_before());
}

#[test]
fn cores_of_others_are_written_where_they_were_before() {
    let Some(mut target) = Target::take() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    for pattern in [
        "core.%e",
        &elsewhere.path().join("absolute.%e").display().to_string(),
    ] {
        target.set_pattern(pattern);
        let waiting = Waiting::start(&home.path().join(pattern.replace('/', "_")));
        crash_of_another(elsewhere.path(), "0-another/1");
        let name = pattern.rsplit('/').next().unwrap().replace("%e", "sh");
        let core = elsewhere.path().join(name);
        let is_elf = || fs::read(&core).is_ok_and(|core| core.starts_with(b"\x7fELF"));
        wait_until("the core is there", is_elf);
        assert!(
            !walk(&waiting.home.join("results/waits"))
                .iter()
                .any(|path| path.contains("crash/"))
        );
        assert!(has_core(&waiting.crash()));
    }
}

#[test]
fn cores_of_others_go_to_the_program_that_took_them_before() {
    let Some(mut target) = Target::take() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let (program, seen) = (home.path().join("program"), home.path().join("seen"));
    let script = format!(
        "#!/bin/sh\necho \"$@\" > {0}.new\nenv | sort >> {0}.new\ncat > {0}.core\nmv {0}.new {0}\n",
        seen.display()
    );
    create_script(&program, &script);
    target.set_pattern(&format!("|{} %s %e two%%words %c", program.display()));
    let waiting = Waiting::start(&home.path().join("job"));
    crash_of_another(home.path(), "0-another/1");
    wait_until("the program is done", || seen.exists());
    let told = fs::read_to_string(&seen).unwrap();
    assert!(
        told.starts_with("11 sh two%words 18446744073709551615\n"),
        "{told}"
    );
    let core = fs::read(seen.with_extension("core")).unwrap();
    assert!(
        core.starts_with(b"\x7fELF") && core.len() > 10_000,
        "{}",
        core.len()
    );
    assert!(has_core(&waiting.crash()));
}
