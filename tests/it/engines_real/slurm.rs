//! Slurm: a private cluster of one node runs the recipes. Slurm counts time limits in minutes, so it is one test, whose
//! parts run at the same time.

mod cluster;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cluster::{Cluster, wait};

use super::{VERDICTS, install_suite, recipe, runs, verdicts};

const PROGRAMS: [&str; 4] = ["slurmctld", "slurmd", "munged", "sbatch"];

/// Tests of which the last waits for a file.
const WAITS: [&str; 5] = [
    "--exact",
    "--include-ignored",
    "quick::a",
    "quick::b",
    "waits",
];

const WAITED: [&str; 3] = ["quick.a GOOD", "quick.b GOOD", "waits GOOD"];

const CONTINUED: &str = "is continued, since `SLURM_RESTART_COUNT` is set";

#[test]
fn a_cluster_runs_the_recipes() {
    if !runs("Slurm", &PROGRAMS) {
        return;
    }
    if !rustix::process::geteuid().is_root() {
        println!("left out: Slurm: slurmd needs root");
        return;
    }
    let lab = Lab::new();
    let alone = lab.submit("array.sh", &["--array=0", "--time=1"], &WAITS[..2], "never");
    let step = lab.step_with_a_time_limit();
    lab.an_array_runs_each_test_once();
    lab.a_requeued_task_goes_on();
    lab.a_task_that_was_killed_goes_on();
    lab.a_job_that_is_too_long_requeues_itself();
    lab.a_cancelled_job_stays_cancelled();
    lab.ended_by_its_time_limit(&format!("{alone}_0"), &format!("{alone}/0"));
    lab.ended_by_its_time_limit(&step, "step");
}

/// A directory that the whole cluster sees, with the suite.
struct Lab {
    cluster: Cluster,
    home: tempfile::TempDir,
    suite: PathBuf,
}

impl Lab {
    fn new() -> Lab {
        let home = tempfile::tempdir().unwrap();
        let suite = install_suite(home.path());
        Lab {
            cluster: Cluster::start(),
            home,
            suite,
        }
    }

    /// Submits a script of ours; its id. The test that waits does so for the file `go`.
    fn submit(&self, script: &str, flags: &[&str], args: &[&str], go: &str) -> String {
        let script = match script.contains('/') {
            true => PathBuf::from(script),
            false => recipe("slurm").join(script),
        };
        let mut command = self.cluster.command("sbatch");
        command.env("AUTOTEST_PARAM_FILE", self.home.path().join(go));
        command
            .arg("--parsable")
            .arg("--chdir")
            .arg(self.home.path());
        command.args(flags).arg(script).arg(&self.suite).args(args);
        super::printed(&mut command, 0).trim().to_owned()
    }

    fn results(&self, dir: &str) -> PathBuf {
        self.home.path().join("results").join(dir)
    }

    /// Waits until the last test of a job runs, for the `attempt`th time.
    fn wait_for_the_last_test(&self, results: &Path, attempt: usize) {
        wait("the last test runs", || {
            let journal = fs::read_to_string(results.join("journal.jsonl")).unwrap_or_default();
            let starts = journal.matches("\"test\":\"waits\",\"subdir\"").count();
            starts == attempt && journal.ends_with("\"phase\":\"execute\"}}\n")
        });
    }

    /// Lets a requeued job begin soon; Slurm would wait two minutes. In the second in which it was ended, slurmd refuses
    /// to start it.
    fn begin_again(&self, job: &str) {
        self.cluster.wait_for(job, "PENDING");
        std::thread::sleep(Duration::from_secs(3));
        self.cluster
            .scontrol(&["update", &format!("JobId={job}"), "StartTime=now"]);
    }

    fn an_array_runs_each_test_once(&self) {
        let id = self.submit("array.sh", &[], &["quick", "ends", "measures"], "never");
        let mut all = Vec::new();
        for task in 0..3 {
            let state = self.cluster.wait_for_end(&format!("{id}_{task}"));
            let verdicts = verdicts(&self.results(&format!("{id}/{task}")));
            let has_failed = verdicts
                .iter()
                .any(|it| it.ends_with(" FAIL") || it.ends_with(" ERROR"));
            assert_eq!(state, if has_failed { "FAILED" } else { "COMPLETED" });
            assert!(!verdicts.is_empty());
            all.extend(verdicts);
        }
        all.sort();
        assert_eq!(all, VERDICTS);
    }

    fn a_requeued_task_goes_on(&self) {
        let id = self.submit("array.sh", &["--array=0"], &WAITS, "go-1");
        let (job, results) = (format!("{id}_0"), self.results(&format!("{id}/0")));
        self.wait_for_the_last_test(&results, 1);
        self.cluster.scontrol(&["requeue", &job]);
        self.begin_again(&job);
        self.wait_for_the_last_test(&results, 2);
        fs::write(self.home.path().join("go-1"), "").unwrap();
        assert_eq!(self.cluster.wait_for_end(&job), "COMPLETED");
        assert_eq!(verdicts(&results), WAITED);
        let printed = fs::read_to_string(results.join("waits.attempt-1/debug/stdout")).unwrap();
        assert_eq!(printed, "cleaning up\ncleaned up\n");
        let output =
            fs::read_to_string(self.home.path().join(format!("autotest-{id}_0.out"))).unwrap();
        assert!(output.contains(CONTINUED), "{output}");
    }

    /// As after a crash of its node.
    fn a_task_that_was_killed_goes_on(&self) {
        let id = self.submit("array.sh", &["--array=0"], &WAITS, "go-2");
        let (job, results) = (format!("{id}_0"), self.results(&format!("{id}/0")));
        self.wait_for_the_last_test(&results, 1);
        let kill = ["--signal=KILL", "--full", &job];
        super::printed(self.cluster.command("scancel").args(kill), 0);
        self.cluster.wait_for_end(&job);
        fs::write(self.home.path().join("go-2"), "").unwrap();
        self.cluster.scontrol(&["requeue", &job]);
        self.begin_again(&job);
        assert_eq!(self.cluster.wait_for_end(&job), "COMPLETED");
        assert_eq!(verdicts(&results), WAITED);
    }

    fn a_job_that_is_too_long_requeues_itself(&self) {
        let job = self.submit("long.sh", &[], &WAITS, "go-3");
        let results = self.results(&job);
        self.wait_for_the_last_test(&results, 1);
        // What Slurm sends before the time is over.
        let warn = ["--signal=USR1", "--batch", &job];
        super::printed(self.cluster.command("scancel").args(warn), 0);
        self.begin_again(&job);
        self.wait_for_the_last_test(&results, 2);
        fs::write(self.home.path().join("go-3"), "").unwrap();
        assert_eq!(self.cluster.wait_for_end(&job), "COMPLETED");
        assert_eq!(verdicts(&results), WAITED);
    }

    fn a_cancelled_job_stays_cancelled(&self) {
        let job = self.submit("long.sh", &[], &WAITS, "never");
        let results = self.results(&job);
        self.wait_for_the_last_test(&results, 1);
        super::printed(self.cluster.command("scancel").arg(&job), 0);
        assert_eq!(self.cluster.wait_for_end(&job), "CANCELLED");
        let expected = ["quick.a GOOD", "quick.b GOOD", "waits ABORT"];
        assert_eq!(verdicts(&results), expected);
    }

    /// A step of `srun`, to which Slurm sends SIGTERM twice.
    fn step_with_a_time_limit(&self) -> String {
        let script = self.home.path().join("step.sh");
        let text = "#!/bin/bash\nexec srun \"$1\" --results results/step \"${@:2}\"\n";
        fs::write(&script, text).unwrap();
        let args = ["--exact", "--include-ignored", "waits"];
        self.submit(script.to_str().unwrap(), &["--time=1"], &args, "never")
    }

    fn ended_by_its_time_limit(&self, job: &str, results: &str) {
        assert_eq!(self.cluster.wait_for_end(job), "TIMEOUT");
        let results = self.results(results);
        let printed = fs::read_to_string(results.join("waits/debug/stdout")).unwrap();
        assert_eq!(
            printed,
            "cleaning up\ncleaned up\n",
            "{}",
            results.display()
        );
        let log = fs::read_to_string(results.join("status.log")).unwrap();
        assert!(
            log.contains("interrupted by signal 15 (SIGTERM)\n"),
            "{log}"
        );
        assert!(verdicts(&results).contains(&"waits ABORT".to_owned()));
    }
}
