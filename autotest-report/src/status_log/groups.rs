//! The lines of groups, branches and reboots of a control function.

use autotest_core::status::{Code, Status};
use autotest_core::{GroupKind, GroupStart, StatusRecord};

use super::StatusLog;
use crate::record::Record;
use crate::report::ReportError;
use crate::runs::{GroupEnd, Rebooted};

impl StatusLog {
    /// The indentation of lines in a group; branches have none of their own.
    pub(super) fn indent_in(&self, group: Option<u32>) -> usize {
        let groups = self.runs.groups_around(group);
        let groups = groups.filter_map(|group| self.runs.group(group));
        1 + groups
            .filter(|group| group.kind == GroupKind::Group)
            .count()
    }

    pub(super) fn start_group(
        &mut self,
        record: &Record,
        start: &GroupStart,
    ) -> Result<(), ReportError> {
        match start.kind {
            GroupKind::Branch => {
                self.branches.start(record.run, start, String::new());
                Ok(())
            }
            GroupKind::Group => self.group_line(record.t, start, Code::Start, ""),
        }
    }

    pub(super) fn end_group(
        &mut self,
        record: &Record,
        start: &GroupStart,
        end: GroupEnd<'_>,
    ) -> Result<(), ReportError> {
        match start.kind {
            GroupKind::Branch => {
                let blocks = self.branches.end(record.run).concat();
                Ok(self.put_in(start.group, &blocks)?)
            }
            GroupKind::Group => self.group_line(record.t, start, Code::End(end.status), end.reason),
        }
    }

    /// The START or the END of a group.
    fn group_line(
        &mut self,
        t: f64,
        start: &GroupStart,
        code: Code,
        message: &str,
    ) -> Result<(), ReportError> {
        let record = StatusRecord {
            operation: Some(start.name.clone()),
            ..StatusRecord::message(code, message)
        };
        let text = self.lines.line(t, self.indent_in(start.group), &record)?;
        Ok(self.put_in(start.group, &text)?)
    }

    /// The lines of a reboot, as the original's `start_reboot` and `end_reboot_and_verify` wrote them.
    pub(super) fn reboot(&mut self, t: f64, group: Option<u32>) -> Result<(), ReportError> {
        self.reboot_line(t, group, Code::Start, "reboot", "")?;
        self.reboot_line(t, group, Code::Status(Status::Good), "reboot.start", "")
    }

    pub(super) fn rebooted(&mut self, t: f64, rebooted: Rebooted<'_>) -> Result<(), ReportError> {
        let group = rebooted.group;
        let (status, verify) = match rebooted.problems.is_empty() {
            true => (Status::Good, "reboot.verify"),
            false => (Status::Abort, "reboot.verify_config"),
        };
        let message = rebooted.problems.join("; ");
        self.reboot_line(t, group, Code::Status(status), verify, &message)?;
        let end = StatusRecord {
            operation: Some("reboot".to_owned()),
            fields: vec![("kernel".to_owned(), rebooted.target.kernel.clone())],
            ..StatusRecord::message(Code::End(status), "")
        };
        let text = self.lines.line(t, self.indent_in(group), &end)?;
        Ok(self.put_in(group, &text)?)
    }

    fn reboot_line(
        &mut self,
        t: f64,
        group: Option<u32>,
        code: Code,
        operation: &str,
        message: &str,
    ) -> Result<(), ReportError> {
        let record = StatusRecord {
            operation: Some(operation.to_owned()),
            ..StatusRecord::message(code, message)
        };
        let inside = usize::from(matches!(code, Code::Status(_)));
        let indent = self.indent_in(group) + inside;
        let text = self.lines.line(t, indent, &record)?;
        Ok(self.put_in(group, &text)?)
    }

    /// Ends the groups that are open when the job ends, the innermost first, and writes what branches hold.
    pub(super) fn end_groups(&mut self, t: f64) -> Result<(), ReportError> {
        if let Some(group) = self.runs.reboot() {
            self.reboot_line(t, group, Code::End(Status::Abort), "reboot", "")?;
        }
        let open: Vec<_> = self.runs.groups().rev().map(|(group, _)| group).collect();
        for number in open {
            let rest = self.branches.rest_in(Some(number)).concat();
            self.put_in(Some(number), &rest)?;
            let Some(start) = self.runs.group(number).cloned() else {
                continue;
            };
            if self.branches.is_open(number) {
                let blocks = self.branches.end(number).concat();
                self.put_in(start.group, &blocks)?;
            } else {
                self.group_line(t, &start, Code::End(Status::Abort), "")?;
            }
        }
        let rest = self.branches.rest_in(None).concat();
        Ok(self.put(&rest)?)
    }
}
