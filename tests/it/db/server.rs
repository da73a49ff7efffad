//! A PostgreSQL server of a test's own.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;

/// A part of each URL. It must be in no message.
pub(super) const PASSWORD: &str = "s3cr3t";

/// `nobody`: the server does not run as root.
pub(super) const NOBODY: u32 = 65534;

pub(super) struct Server {
    dir: TempDir,
    programs: PathBuf,
    process: Child,
}

impl Server {
    /// A server without any table; `None` if this machine has no PostgreSQL.
    pub(super) fn start() -> Option<Server> {
        let Some(programs) = programs() else {
            println!("left out: PostgreSQL is not installed (initdb)");
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        if geteuid().is_root() {
            std::os::unix::fs::chown(dir.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let password = dir.path().join("password");
        fs::write(&password, PASSWORD).unwrap();
        let mut initdb = program(&programs.join("initdb"));
        initdb
            .arg("-D")
            .arg(dir.path().join("data"))
            .arg("--pwfile")
            .arg(&password);
        initdb.args([
            "-U",
            "lab",
            "-A",
            "scram-sha-256",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        ]);
        let output = initdb.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let process = serve(&programs, dir.path());
        let server = Server {
            dir,
            programs,
            process,
        };
        server.wait_until_it_answers();
        Some(server)
    }

    /// A URL of its database `postgres`.
    pub(super) fn url(&self) -> String {
        self.url_with(&format!("lab:{PASSWORD}"))
    }

    /// The same for another user.
    pub(super) fn url_with(&self, user: &str) -> String {
        let socket = self.dir.path().display().to_string().replace('/', "%2F");
        format!("postgres://{user}@{socket}/postgres")
    }

    /// As messages name it.
    pub(super) fn name(&self) -> String {
        format!("postgres://lab@{}:5432/postgres", self.dir.path().display())
    }

    pub(super) fn client(&self) -> Result<postgres::Client, postgres::Error> {
        postgres::Client::connect(&self.url(), postgres::NoTls)
    }

    /// Ends the server as a crash of it does: nobody is asked, nothing is written.
    pub(super) fn crash(&mut self) {
        kill_process(Pid::from_child(&self.process), Signal::QUIT).unwrap();
        self.process.wait().unwrap();
    }

    pub(super) fn restart(&mut self) {
        self.process = serve(&self.programs, self.dir.path());
        self.wait_until_it_answers();
    }

    fn wait_until_it_answers(&self) {
        let start = Instant::now();
        while let Err(error) = self.client() {
            assert!(start.elapsed() < Duration::from_secs(60), "{error}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Whoever crashed it has waited for it.
        if let Ok(None) = self.process.try_wait() {
            self.crash();
        }
    }
}

fn serve(programs: &Path, dir: &Path) -> Child {
    let mut command = program(&programs.join("postgres"));
    command.arg("-D").arg(dir.join("data")).arg("-k").arg(dir);
    command.args(["-c", "listen_addresses=", "-F"]);
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.current_dir("/").env("LC_ALL", "C");
    if geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// The directory with the newest `initdb`.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|entry| entry.unwrap().path()).collect();
    versions.sort();
    dirs.extend(
        versions
            .into_iter()
            .rev()
            .map(|version| version.join("bin")),
    );
    dirs.into_iter().find(|dir| dir.join("initdb").exists())
}
