//! Packages that a test installs and removes, with the real dpkg and rpm.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::job::Job;
use crate::binary::fixture_path;

/// A package without files, which changes nothing but a database.
const SPEC: &str = "Name: autotest-probe\nVersion: 1.2\nRelease: 3\nSummary: Nothing\nLicense: None\n\
                    BuildArch: noarch\n%description\nNothing.\n%files\n";

/// A job with packages beside its results.
struct Packaged {
    job: Job,
}

impl Packaged {
    /// With an rpm that has its database here, and a package for it. `None`, and says why, without rpm.
    fn rpm() -> Option<Packaged> {
        let job = Job::new();
        let home = job.home();
        let macros = format!("%_dbpath {0}/db\n%_topdir {0}/build\n", home.display());
        fs::write(home.join(".rpmmacros"), macros).unwrap();
        fs::write(home.join("probe.spec"), SPEC).unwrap();
        let build = "rpmbuild --quiet -bb probe.spec && mv build/RPMS/noarch/*.rpm probe.rpm && rpm --initdb";
        let packaged = Packaged { job };
        let built = packaged.shell(build);
        let output = built.unwrap();
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr);
            eprintln!("left out: packages of rpm ({})", reason.trim());
            return None;
        }
        Some(packaged)
    }

    fn shell(&self, script: &str) -> io::Result<Output> {
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(self.job.home());
        command.env("HOME", self.job.home()).output()
    }

    /// Runs shell commands as tests of these tags.
    fn run(&self, commands: &[(&str, &str)], path: &str) {
        let runs = commands.iter().map(
            |(tag, command)| json!({"test": "executes", "tag": tag, "args": {"command": command}}),
        );
        self.job.write_file(&runs.collect::<Value>());
        let mut fixture = Command::new(fixture_path("informed"));
        fixture
            .args(["--sysinfo", "--job", "job.json", "--results", "results"])
            .current_dir(self.job.home())
            .env("HOME", self.job.home())
            .env("PATH", path);
        let output = fixture.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// What came and what went in a test.
    fn changes(&self, tag: &str) -> Option<(String, String)> {
        let read = |name| {
            let path = format!("executes.{tag}/sysinfo/{name}_packages");
            fs::read_to_string(self.job.path(&path)).ok()
        };
        Some((read("added")?, read("removed")?))
    }
}

const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

const INSTALL: &str = "rpm --install --nodeps $HOME/probe.rpm";

const PROBE: &str = "autotest-probe-1.2-3.noarch\n";

fn pair(added: &str, removed: &str) -> Option<(String, String)> {
    Some((added.to_owned(), removed.to_owned()))
}

#[test]
fn a_package_of_rpm_that_comes_and_goes_is_named() {
    let both = format!("{INSTALL} && rpm --erase autotest-probe");
    let commands = [
        ("nothing", "true"),
        ("installs", INSTALL),
        ("lists", "rpm -qa"),
        ("removes", "rpm --erase autotest-probe"),
        ("both", &both),
    ];
    let Some(packaged) = Packaged::rpm() else {
        return;
    };
    packaged.run(&commands, PATH);
    let changes = commands.map(|(tag, _)| (tag, packaged.changes(tag)));
    let expected = [
        ("nothing", None),
        ("installs", pair(PROBE, "")),
        ("lists", None),
        ("removes", pair("", PROBE)),
        ("both", None),
    ];
    assert_eq!(changes, expected);
    assert_eq!(packaged.job.notes(), "");
}

/// Reads a database until its input ends.
const READER: &str = "import sqlite3, sys
database = sqlite3.connect('db/rpmdb.sqlite', isolation_level=None)
database.execute('BEGIN')
database.execute('SELECT count(*) FROM Packages').fetchall()
print('reading', flush=True)
sys.stdin.read()
";

/// While somebody reads, what changes is in a file beside the database.
#[test]
fn a_change_while_somebody_else_reads_is_named() {
    let Some(packaged) = Packaged::rpm() else {
        return;
    };
    let mut reader = Command::new("python3");
    let reader = reader
        .args(["-c", READER])
        .current_dir(packaged.job.home())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut reader = match reader {
        Ok(reader) => reader,
        Err(error) => return eprintln!("left out: a reader of packages of rpm (python3: {error})"),
    };
    let mut line = String::new();
    let stdout = reader.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    assert_eq!(line, "reading\n");
    packaged.run(&[("installs", INSTALL)], PATH);
    drop(reader.stdin.take());
    assert!(reader.wait().unwrap().success());
    assert_eq!(packaged.changes("installs"), pair(PROBE, ""));
}

#[test]
fn what_dpkg_and_rpm_have_installed_is_in_one_list() {
    let Some(packaged) = Packaged::rpm() else {
        return;
    };
    let installed = packaged.shell(INSTALL).unwrap();
    assert!(installed.status.success(), "{installed:?}");
    packaged.run(&[("nothing", "true")], PATH);
    let query = "dpkg-query --show --showformat '${Package}-${Version} ${db:Status-Status}\\n'";
    let of_dpkg = String::from_utf8(packaged.shell(query).unwrap().stdout).unwrap();
    let of_dpkg = of_dpkg.lines();
    let of_dpkg = of_dpkg.filter_map(|line| line.strip_suffix(" installed"));
    let expected: BTreeSet<_> = of_dpkg.chain([PROBE.trim_end()]).collect();
    let listed = packaged.job.file("sysinfo/installed_packages");
    let expected: Vec<_> = expected.into_iter().collect();
    assert_eq!(listed.lines().collect::<Vec<_>>(), expected);
    assert_eq!(packaged.changes("nothing"), None);
}

/// A list that ends too early would say that packages were removed.
#[test]
fn an_rpm_that_fails_has_removed_no_package() {
    let Some(packaged) = Packaged::rpm() else {
        return;
    };
    let fake = r#"mkdir bin && cat >bin/rpm <<'END' && chmod +x bin/rpm
#!/bin/sh
[ "$1" = -qa ] && [ -e "$HOME/broken" ] && exit 1
PATH=/usr/bin:/bin exec rpm "$@"
END"#;
    assert!(packaged.shell(fake).unwrap().status.success());
    let path = format!("{}/bin:{PATH}", packaged.job.home().display());
    let breaks = format!("{INSTALL} && touch $HOME/broken");
    let commands = [
        ("breaks", breaks.as_str()),
        ("waits", "true"),
        ("mends", "rm $HOME/broken"),
        ("then", "true"),
    ];
    packaged.run(&commands, &path);
    for (tag, _) in commands {
        assert_eq!(packaged.changes(tag), None, "{tag}");
    }
    let note = "INFO executes.breaks sysinfo: the packages of a database could not be listed\n";
    assert_eq!(packaged.job.notes(), note);
}
