//! Collects data once per boot, into a directory of the job itself.

use std::fs;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use autotest_core::SysinfoRow;

use super::collecting::{Target, Teller};
use super::command::{Budget, Commands};
use super::file;
use super::place::Place;
use super::rows::{Row, Source, When, added, fixed};
use super::test_run::SYSINFO;

/// The file that names the boot of a directory.
const BOOT_ID: &str = "boot_id";

/// The maximum number of boots that are looked for.
const MAX_BOOTS: u32 = 10_000;

/// The directory of the current boot.
#[derive(Debug)]
pub(super) struct Boot {
    place: Place,
    teller: Teller,
    /// The path of the directory, relative to the job's.
    path: String,
    /// `true` if this process created it; otherwise, an earlier process has already collected data in this boot.
    is_new: bool,
}

impl Boot {
    /// Finds or creates the directory of the current boot: `sysinfo` for the first boot, `sysinfo/boot.0` and so on
    /// after reboots.
    ///
    /// # Errors
    /// If it cannot be created.
    pub(super) fn open(jobdir: &Path, channel: &UnixStream) -> io::Result<Boot> {
        let current = fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let (path, is_new) = find(jobdir, &current);
        let mut place = Place::of(jobdir, "", SYSINFO)?;
        if let Some(boot) = path.strip_prefix("sysinfo/") {
            place = place.below(boot)?;
        }
        Ok(Boot {
            place,
            teller: Teller::new(channel, 0, "")?,
            path,
            is_new,
        })
    }

    /// The path of the directory, relative to the job's.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Collects the installed packages and the kernel's files. Returns the rows that may be collected later: commands
    /// and other files.
    pub(super) fn begin(
        &mut self,
        packages: &[u8],
        commands: &Commands,
        budget: Budget,
    ) -> Vec<Row> {
        if !self.is_new {
            return Vec::new();
        }
        let is_now = |row: &Row| match &row.source {
            Source::File(path) => file::is_made_by_kernel(path),
            Source::Command(_) => false,
        };
        let (now, later): (Vec<_>, Vec<_>) = fixed(When::Boot).partition(is_now);
        let mut target = self.target(commands, budget);
        if !packages.is_empty() {
            target.write("installed_packages", packages);
        }
        now.iter().for_each(|row| target.collect(row));
        later
    }

    /// Those of `rows` that are collected once per boot, and are missing in this one.
    pub(super) fn missing(&self, rows: &[SysinfoRow]) -> Vec<Row> {
        let is_missing = |row: &Row| !self.place.has(&row.name);
        added(rows, When::Boot).filter(is_missing).collect()
    }

    /// Collects rows.
    pub(super) fn collect(&mut self, rows: &[Row], commands: &Commands, budget: Budget) {
        let mut target = self.target(commands, budget);
        rows.iter().for_each(|row| target.collect(row));
    }

    fn target<'a>(&'a mut self, commands: &'a Commands, budget: Budget) -> Target<'a> {
        Target {
            place: &mut self.place,
            teller: &self.teller,
            commands,
            budget,
        }
    }
}

/// The path of the directory of the current boot, and whether it is new.
fn find(jobdir: &Path, current: &[u8]) -> (String, bool) {
    let mut boots = (0..MAX_BOOTS).map(|boot| format!("{SYSINFO}/boot.{boot}"));
    let mut path = SYSINFO.to_owned();
    loop {
        let id: PathBuf = jobdir.join(&path).join(BOOT_ID);
        match fs::read(&id) {
            Ok(id) if id == current => return (path, false),
            Ok(_) => match boots.next() {
                Some(next) => path = next,
                None => return (path, true),
            },
            Err(_) => return (path, true),
        }
    }
}
