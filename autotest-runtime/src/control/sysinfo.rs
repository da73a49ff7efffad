//! What a control function adds to what is collected of the target.

use autotest_core::{SysinfoRow, SysinfoSource, SysinfoTime, TestError};

use super::Job;

/// Sysinfo. Rows are for the later runs of this branch, and of the branches that it begins.
impl Job {
    /// Adds a shell command whose output is collected: after each later test if `on_every_test`, otherwise once in
    /// each boot, when the next test begins (`job.add_sysinfo_command`). Its file has the name `name`, or that of the
    /// command with `_` for blanks.
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
    /// If the supervisor cannot be asked.
    pub fn add_sysinfo_command(
        &mut self,
        command: impl Into<String>,
        name: Option<&str>,
        on_every_test: bool,
    ) -> Result<(), TestError> {
        let source = SysinfoSource::Command(command.into());
        self.add_sysinfo(source, name, on_every_test)
    }

    /// Adds a file that is collected: if `on_every_test`, what each later test adds to it, otherwise all of it once in
    /// each boot, when the next test begins (`job.add_sysinfo_logfile`).
    ///
    /// # Errors
    /// If the supervisor cannot be asked.
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
