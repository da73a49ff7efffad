//! Requests of control functions to collect more sysinfo.

use autotest_core::{SysinfoRow, SysinfoSource, SysinfoTime, TestError};

use super::Job;

/// Sysinfo. Rows apply to later runs of this branch and of the branches that it begins.
impl Job {
    /// Collects the output of a shell command: after each later test if `on_every_test`, otherwise once per boot, when
    /// the next test begins (`job.add_sysinfo_command`). The file is called `name`, or like the command with `_` for
    /// blanks.
    ///
    /// ```no_run
    /// # use autotest::{Job, JobResult};
    /// # fn f(job: &mut Job) -> JobResult {
    /// job.add_sysinfo_command("ip -s link", Some("links"), true)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the supervisor cannot be reached.
    pub fn add_sysinfo_command(
        &mut self,
        command: impl Into<String>,
        name: Option<&str>,
        on_every_test: bool,
    ) -> Result<(), TestError> {
        let source = SysinfoSource::Command(command.into());
        self.add_sysinfo(source, name, on_every_test)
    }

    /// Collects a file: if `on_every_test`, the additions by each later test, otherwise the whole file once per boot,
    /// when the next test begins (`job.add_sysinfo_logfile`).
    ///
    /// # Errors
    /// If the supervisor cannot be reached.
    pub fn add_sysinfo_logfile(
        &mut self,
        path: impl Into<String>,
        on_every_test: bool,
    ) -> Result<(), TestError> {
        self.add_sysinfo(SysinfoSource::File(path.into()), None, on_every_test)
    }

    fn add_sysinfo(
        &mut self,
        source: SysinfoSource,
        name: Option<&str>,
        on_every_test: bool,
    ) -> Result<(), TestError> {
        let row = SysinfoRow {
            source,
            name: name.map(str::to_owned),
            when: match on_every_test {
                true => SysinfoTime::Test,
                false => SysinfoTime::Boot,
            },
        };
        self.settings(|settings| settings.sysinfo.get_or_insert_default().rows.push(row))
    }
}
