//! A cluster of one node on the loopback interface, with everything of its own: keys, ports, spool directories.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::super::{find, printed};

/// How long any step may take; a time limit of a minute is noticed within half a minute.
const PATIENCE: Duration = Duration::from_secs(150);

/// How Slurm tracks the processes of a job. `cgroup` needs the control groups of the machine.
fn proctrack() -> String {
    std::env::var("AUTOTEST_SLURM_PROCTRACK").unwrap_or_else(|_| "linuxproc".to_owned())
}

#[track_caller]
pub(super) fn wait(what: &str, is_true: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_true() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The daemons, which end with this value.
pub(super) struct Cluster {
    home: tempfile::TempDir,
    daemons: Vec<Child>,
}

impl Cluster {
    pub(super) fn start() -> Cluster {
        let mut cluster = Cluster {
            home: tempfile::tempdir().unwrap(),
            daemons: Vec::new(),
        };
        let home = cluster.home.path().to_owned();
        for dir in ["log", "munge", "spool", "state"] {
            fs::create_dir(home.join(dir)).unwrap();
        }
        let key: Vec<u8> = (0..64).map(|_| rand()).collect();
        fs::write(home.join("munge/key"), key).unwrap();
        fs::write(home.join("slurm.conf"), configuration(&home)).unwrap();
        fs::write(
            home.join("cgroup.conf"),
            "CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n",
        )
        .unwrap();
        let munge = |flag: &str, file: &str| {
            format!("--{flag}={}", home.join("munge").join(file).display())
        };
        cluster.run(
            "munged",
            &[
                "--foreground",
                "--force",
                &munge("key-file", "key"),
                &munge("socket", "socket"),
                &munge("pid-file", "pid"),
                &munge("log-file", "log"),
                &munge("seed-file", "seed"),
            ],
        );
        wait("munged listens", || home.join("munge/socket").exists());
        cluster.run("slurmctld", &["-D"]);
        cluster.run("slurmd", &["-D", "-N", "localhost"]);
        wait("the node is idle", || {
            let output = cluster
                .command("sinfo")
                .args(["-h", "-o", "%T"])
                .output()
                .unwrap();
            output.stdout == b"idle\n"
        });
        cluster
    }

    fn run(&mut self, program: &str, args: &[&str]) {
        let log =
            fs::File::create(self.home.path().join("log").join(format!("{program}.out"))).unwrap();
        let mut command = self.command(program);
        command.args(args).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        self.daemons.push(command.spawn().unwrap());
    }

    /// A command of Slurm's.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(find(program).unwrap());
        command.env("SLURM_CONF", self.home.path().join("slurm.conf"));
        command.current_dir(self.home.path());
        command
    }

    #[track_caller]
    pub(super) fn scontrol(&self, args: &[&str]) -> String {
        printed(self.command("scontrol").args(args), 0)
    }

    /// The state of a job, such as `RUNNING`.
    fn state(&self, job: &str) -> String {
        let shown = self.scontrol(&["show", "job", "--oneliner", job]);
        let mut words = shown.split(' ');
        let state = words.find_map(|word| word.strip_prefix("JobState="));
        state.unwrap_or_else(|| panic!("{shown}")).to_owned()
    }

    #[track_caller]
    pub(super) fn wait_for(&self, job: &str, state: &str) {
        wait(state, || self.state(job) == state);
    }

    /// Waits for the end of a job. Returns its last state.
    #[track_caller]
    pub(super) fn wait_for_end(&self, job: &str) -> String {
        let is_over =
            || !["CONFIGURING", "PENDING", "RUNNING", "COMPLETING"].contains(&&*self.state(job));
        wait(&format!("the end of {job}"), is_over);
        self.state(job)
    }
}

impl Drop for Cluster {
    /// Also after a failed assertion: its jobs end, then its daemons.
    fn drop(&mut self) {
        let _ = self.command("scancel").args(["--user", "root"]).status();
        let start = Instant::now();
        let is_busy = || {
            let output = self.command("squeue").arg("-h").output();
            output.is_ok_and(|output| !output.stdout.is_empty())
        };
        while is_busy() && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(100));
        }
        for daemon in self.daemons.iter_mut().rev() {
            let pid = rustix::process::Pid::from_child(daemon);
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            let start = Instant::now();
            while daemon.try_wait().is_ok_and(|status| status.is_none()) {
                if start.elapsed() > Duration::from_secs(10) {
                    let _ = daemon.kill();
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        // Made by the daemons for `cgroup`.
        let _ = fs::remove_dir("/sys/fs/cgroup/freezer/slurm_localhost");
        if std::thread::panicking() {
            for daemon in ["slurmctld", "slurmd"] {
                let log = self.home.path().join("log").join(format!("{daemon}.out"));
                let log = fs::read_to_string(log).unwrap_or_default();
                let lines: Vec<_> = log.lines().rev().take(30).collect();
                println!("{daemon}, the last line first:\n{}", lines.join("\n"));
            }
        }
    }
}

fn configuration(home: &Path) -> String {
    let home = home.display();
    let hostname = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    let hostname = hostname.split('.').next().unwrap_or_default().to_owned();
    let proctrack = proctrack();
    // Both are taken until the other is chosen.
    let listeners = [0, 0].map(|port| TcpListener::bind(("127.0.0.1", port)).unwrap());
    let [controller, node] = listeners.map(|listener| listener.local_addr().unwrap().port());
    format!(
        "\
ClusterName=autotest
SlurmctldHost=localhost(127.0.0.1)
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket={home}/munge/socket
SlurmUser=root
SlurmdUser=root
SlurmctldPort={controller}
SlurmdPort={node}
StateSaveLocation={home}/state
SlurmdSpoolDir={home}/spool
SlurmctldPidFile={home}/slurmctld.pid
SlurmdPidFile={home}/slurmd.pid
ProctrackType=proctrack/{proctrack}
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=1
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=20
NodeName=localhost NodeAddr=127.0.0.1 NodeHostname={hostname} CPUs=16 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"
    )
}

/// A byte of a key that is worth nothing.
fn rand() -> u8 {
    use std::hash::{BuildHasher, Hasher};
    let state = std::collections::hash_map::RandomState::new();
    state.build_hasher().finish() as u8
}
