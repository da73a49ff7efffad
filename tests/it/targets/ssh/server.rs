//! An SSH server of a test's own, on a port of its own.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::super::Lab;

/// A running server.
pub(crate) struct Server {
    process: Child,
    port: u16,
    home: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.cut();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// Starts a server for this user; `None`, with the reason printed, where there is none to start.
    pub(crate) fn start(lab: &Lab) -> Option<Server> {
        Server::start_with(lab, "")
    }

    /// Starts a server with more lines of configuration.
    pub(crate) fn start_with(lab: &Lab, more: &str) -> Option<Server> {
        let Some(sshd) = sshd() else {
            eprintln!("left out: no sshd is installed (Debian: openssh-server)");
            return None;
        };
        let home = lab.path("sshd");
        fs::create_dir(&home).unwrap();
        for key in ["host", "user", "other"] {
            keygen(&home.join(key));
        }
        // A process of root keeps its own directory for that.
        let _ = fs::create_dir_all("/run/sshd");
        let port = free_port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {home}/host\nAuthorizedKeysFile {home}/user.pub\n\
             PidFile none\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             PermitRootLogin yes\nMaxStartups 100\n{more}\n",
            home = home.display()
        );
        let path = home.join("config");
        fs::write(&path, config).unwrap();
        let host_key = fs::read_to_string(home.join("host.pub")).unwrap();
        fs::write(home.join("known"), format!("[127.0.0.1]:{port} {host_key}")).unwrap();
        let log = fs::File::create(home.join("log")).unwrap();
        let process = Command::new(sshd)
            .args(["-D", "-e", "-f"])
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let server = Server {
            process,
            port,
            home,
        };
        server.wait();
        Some(server)
    }

    fn wait(&self) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = || fs::read_to_string(self.home.join("log")).unwrap_or_default();
            assert!(start.elapsed() < Duration::from_secs(10), "{}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("ssh:{}@127.0.0.1:{}", user(), self.port)
    }

    /// The line of `autotest.toml` with which `ssh` knows the server, and is known to it.
    pub(crate) fn options(&self) -> String {
        self.options_with_key("user")
    }

    /// The same with one of the keys.
    pub(crate) fn options_with_key(&self, key: &str) -> String {
        let home = self.home.display();
        format!(
            "ssh_options = [\"-F\", \"none\", \"-i\", \"{home}/{key}\", \"-o\", \"IdentitiesOnly=yes\", \"-o\", \"UserKnownHostsFile={home}/known\"]"
        )
    }

    /// Cuts all connections; returns how many there were.
    pub(crate) fn cut(&self) -> usize {
        let children = format!("/proc/{0}/task/{0}/children", self.process.id());
        let children = fs::read_to_string(children).unwrap_or_default();
        let pids: Vec<&str> = children.split_ascii_whitespace().collect();
        if !pids.is_empty() {
            let _ = Command::new("kill").arg("-KILL").args(&pids).status();
        }
        pids.len()
    }
}

/// The user as which these tests run.
fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn sshd() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // It is not in everybody's path.
    let dirs = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    dirs.map(|dir| dir.join("sshd")).find(|path| path.is_file())
}

fn keygen(path: &Path) {
    let mut command = Command::new("ssh-keygen");
    command
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(path);
    assert!(command.status().unwrap().success());
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}
