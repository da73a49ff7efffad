//! Starts, follows, ends and removes a job on a target, by scripts for its shell. Each script may be repeated, since an
//! answer may be lost.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::Child;

use super::TargetError;
use super::facts::run_in;
use super::state::RemoteJob;
use crate::target::{Answer, Running, Shell, ShellError, quoted};

/// The directory of an earlier job's journal, within that of the job.
pub(super) const EARLIER: &str = "earlier";

/// The line that marks the beginning of the wire format, since a login shell may print a greeting first.
pub(super) const WIRE: &str = "#autotest-wire";

/// The command that sets `boot` to the id of the system's current boot.
const BOOT: &str = "boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)";

/// The maximum size of the suite's output that is shown if the job did not begin.
const SHOWN_BYTES: u32 = 4000;

/// The answer to a request to start a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Started {
    Yes,
    /// The files of the suite are gone from the target.
    NoSuite,
}

/// A process of the job that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exited {
    /// The exit code; above 128, the signal that ended it.
    pub(crate) code: i32,
    /// The end of its output.
    pub(crate) output: String,
    /// Whether the job has begun, so that there is a journal.
    pub(crate) has_journal: bool,
}

impl RemoteJob {
    /// Starts the binary detached, unless it has been started for this life of the job.
    ///
    /// # Errors
    /// If the target does not answer, or cannot make the job's directory.
    pub(super) fn start(
        &self,
        shell: &Shell,
        args: &[String],
        environment: &[(String, String)],
    ) -> Result<Started, TargetError> {
        let exports: String = environment
            .iter()
            .map(|(name, value)| format!("export {name}={}\n", quoted(value)))
            .collect();
        let args: Vec<String> = args.iter().map(|arg| quoted(arg)).collect();
        // Not in the background of the shell: background processes ignore SIGINT, and tests would inherit that. The
        // shell waits for the binary, and this process waits for neither.
        let script = format!(
            "fail() {{ echo suite=failed; exit; }}
cd {directory} || fail
{BOOT}
{exports}[ -e suites/{suite}/.complete ] || {{ echo suite=missing; exit; }}
executable=$(pwd)/suites/{suite}/{executable}
mkdir -p jobs/{id} && cd jobs/{id} || fail
if [ -e started.{life} ]; then
    if {is_of_use}; then
        echo suite=there
        exit
    fi
    # The system ended before the job had begun.
    rm -rf started.{life} results
fi
mkdir started.{life} && echo \"$boot\" >started.{life}/boot || fail
session=$(command -v setsid)
echo suite=there
exec </dev/null >>output 2>&1
$session \"$executable\" {args}
echo $? >exit.{life}.new && mv exit.{life}.new exit.{life}",
            directory = quoted(&self.directory),
            suite = quoted(&self.suite),
            executable = quoted(&self.executable),
            id = quoted(&self.id),
            life = self.life,
            is_of_use = self.is_of_use(),
            args = args.join(" "),
        );
        let Running { child, stdout, .. } = shell.start(&script).map_err(TargetError::Start)?;
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let told = lines.find_map(|line| line.strip_prefix("suite=").map(str::to_owned));
        match told.as_deref() {
            Some("there") => {
                reap(child);
                Ok(Started::Yes)
            }
            Some("missing") => Ok(Started::NoSuite),
            told => Err(refused(child, told.is_some())),
        }
    }

    /// Whether this life of the job was started, and need not be started again.
    ///
    /// # Errors
    /// If the target does not answer.
    pub(super) fn is_started(&self, shell: &Shell) -> Result<bool, TargetError> {
        let script = format!(
            "{BOOT}
cd jobs/{id} 2>/dev/null && [ -e started.{life} ] && {{ {is_of_use}; }} && echo started=yes
true",
            id = quoted(&self.id),
            life = self.life,
            is_of_use = self.is_of_use(),
        );
        let answer = self.run(shell, &script)?;
        Ok(answer.value("started").is_some())
    }

    /// The shell's condition that a start was of use: the system did not end before the job had begun.
    fn is_of_use(&self) -> String {
        format!(
            "[ -s results/journal.jsonl ] || [ -e exit.{life} ] || [ \"$(cat started.{life}/boot)\" = \"$boot\" ]",
            life = self.life
        )
    }

    /// Copies the journal of an earlier job into the directory [`EARLIER`], for the suite to read.
    ///
    /// # Errors
    /// If it cannot be copied.
    pub(super) fn send_earlier(&self, shell: &Shell, journal: &Path) -> Result<(), TargetError> {
        let unreadable = |error| TargetError::Unreadable(journal.to_owned(), error);
        let mut file = File::open(journal).map_err(unreadable)?;
        let script = format!(
            "cd {directory} && mkdir -p jobs/{id}/{EARLIER} && cat >jobs/{id}/{EARLIER}/{name}",
            directory = quoted(&self.directory),
            id = quoted(&self.id),
            name = autotest_report::journal::NAME,
        );
        let answer = shell.send(&script, &mut file)?;
        match answer.code {
            0 => Ok(()),
            _ => Err(TargetError::Failed(answer.said())),
        }
    }

    /// Starts to follow the job: its records from `seq` on, and its files, go to standard output. The target first
    /// waits for the journal, unless the binary ends without one.
    ///
    /// # Errors
    /// If the program of the transport cannot be started.
    pub(super) fn follow(&self, shell: &Shell, seq: u64) -> io::Result<Running> {
        shell.start(&format!(
            "cd {directory}/jobs/{id} || exit
tries=0
until [ -s results/journal.jsonl ]; do
    [ -e exit.{life} ] || [ $tries -gt 1000 ] && exit
    tries=$((tries + 1))
    sleep 0.02 2>/dev/null || sleep 1
    # A sign of life.
    echo
done
echo
echo '{WIRE}'
exec ../../suites/{suite}/{executable} --follow results --from {seq} --files",
            directory = quoted(&self.directory),
            id = quoted(&self.id),
            life = self.life,
            suite = quoted(&self.suite),
            executable = quoted(&self.executable),
        ))
    }

    /// The end of this life of the job; `None` if it has not ended.
    ///
    /// # Errors
    /// If the target does not answer.
    pub(super) fn exited(&self, shell: &Shell) -> Result<Option<Exited>, TargetError> {
        let script = format!(
            "cd jobs/{id} || exit
{latest_life}
[ -s results/journal.jsonl ] && echo journal=yes
[ -e exit.$life ] || exit 0
echo \"exit=$(cat exit.$life)\"
tail -c {SHOWN_BYTES} output",
            id = quoted(&self.id),
            latest_life = self.latest_life(),
        );
        let answer = self.run(shell, &script)?;
        let code = answer.value("exit").and_then(|code| code.parse().ok());
        Ok(code.map(|code| Exited {
            code,
            output: output_of(&answer),
            has_journal: answer.value("journal").is_some(),
        }))
    }

    /// Asks the supervisor to end the job in an orderly way. Returns `false` if it is gone.
    ///
    /// # Errors
    /// If the target does not answer.
    pub(super) fn end(&self, shell: &Shell, supervisor: u32) -> Result<bool, TargetError> {
        // After a restart, another process may have this id.
        let script = format!(
            "[ /proc/{supervisor}/cwd -ef jobs/{id} ] && kill -TERM {supervisor} && echo asked=yes
true",
            id = quoted(&self.id)
        );
        let answer = self.run(shell, &script)?;
        Ok(answer.value("asked").is_some())
    }

    /// Waits for a limited time until the binary of an ended job has exited, and removes the job's files unless `keep`
    /// is set. It is one script, since a connection for each step would take longer than a short job. Returns the exit
    /// code, if it is known.
    ///
    /// # Errors
    /// If the target does not answer, or something cannot be removed.
    pub(super) fn conclude(&self, shell: &Shell, keep: bool) -> Result<Option<i32>, TargetError> {
        let script = format!(
            "cd jobs/{id} || exit 0
{latest_life}
tries=0
until [ -e exit.$life ] || [ $tries -gt 500 ]; do
    tries=$((tries + 1))
    sleep 0.02 2>/dev/null || {{ sleep 1; tries=$((tries + 49)); }}
done
[ -e exit.$life ] && echo \"exit=$(cat exit.$life)\"
cd ../.. || exit
{remove}",
            id = quoted(&self.id),
            latest_life = self.latest_life(),
            remove = if keep {
                "true".to_owned()
            } else {
                self.removal()
            },
        );
        let answer = self.run(shell, &script)?;
        Ok(answer.value("exit").and_then(|code| code.parse().ok()))
    }

    /// Removes the job's files from the target.
    ///
    /// # Errors
    /// If the target does not answer, or something cannot be removed.
    pub(super) fn remove(&self, shell: &Shell) -> Result<(), TargetError> {
        self.run(shell, &self.removal()).map(drop)
    }

    /// The script that removes the job's files, even if a test has made them unwritable.
    fn removal(&self) -> String {
        format!(
            "id={id}
rm -rf \"jobs/$id\" 2>/dev/null || {{ chmod -R u+rwX \"jobs/$id\"; rm -rf \"jobs/$id\"; }}",
            id = quoted(&self.id)
        )
    }

    /// The script that sets `life` to the job's latest life. A host that was killed may have started a later one than
    /// this process knows.
    fn latest_life(&self) -> String {
        format!(
            "life={life}
while [ -e started.$((life + 1)) ]; do life=$((life + 1)); done",
            life = self.life
        )
    }

    fn run(&self, shell: &Shell, script: &str) -> Result<Answer, TargetError> {
        run_in(&self.directory, shell, script)
    }
}

/// Waits, in a thread, for a program that ends with the job or with this process.
fn reap(mut child: Child) {
    std::thread::spawn(move || child.wait());
}

/// The error if a job was not started: either the target says why, or it did not answer.
fn refused(child: Child, has_answered: bool) -> TargetError {
    match child.wait_with_output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().last().unwrap_or_default().trim().to_owned();
            match has_answered {
                true => TargetError::Failed(said),
                false => ShellError::Silent(said).into(),
            }
        }
        Err(error) => TargetError::Start(error),
    }
}

/// The output that follows the line with the exit code.
fn output_of(answer: &Answer) -> String {
    let (_, output) = answer.stdout.split_once("exit=").unwrap_or_default();
    let (_, output) = output.split_once('\n').unwrap_or_default();
    output.trim().to_owned()
}
