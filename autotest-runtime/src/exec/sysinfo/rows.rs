//! The table of rows to collect. Files and commands of the table that a target lacks are silently skipped; those that a
//! job or a test added are reported.

use autotest_core::{SysinfoRow, SysinfoSource, SysinfoTime};

/// A row of the table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) source: Source,
    /// The name of the file that it is collected into.
    pub(super) name: String,
    /// The limit on the bytes that are kept.
    pub(super) most: u64,
    /// `true` if a job or a test added it, so that problems with it are reported.
    pub(super) is_added: bool,
}

/// The source of a row's content.
#[derive(Clone, Debug)]
pub(super) enum Source {
    File(String),
    Command(String),
}

/// When a row is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Once per boot.
    Boot,
    /// After each test; only the additions, if it is a log.
    Test,
    /// After each test that failed.
    Failure,
    /// Before and after each iteration. Files only.
    Iteration,
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// The size limit of a row that a job or a test added.
const ADDED: u64 = 16 * MIB;

struct Fixed(When, From, &'static str, u64);

enum From {
    /// A file, by its path.
    File(&'static str),
    /// A shell command.
    Command(&'static str),
}

use From::{Command, File};

/// The table. Names are the original's.
const ROWS: &[Fixed] = &[
    Fixed(
        When::Boot,
        File("/proc/sys/kernel/random/boot_id"),
        "boot_id",
        KIB,
    ),
    Fixed(When::Boot, File("/proc/cmdline"), "cmdline", 64 * KIB),
    Fixed(When::Boot, File("/proc/version"), "version", 64 * KIB),
    Fixed(When::Boot, File("/proc/cpuinfo"), "cpuinfo", MIB),
    Fixed(When::Boot, File("/proc/meminfo"), "meminfo", MIB),
    Fixed(When::Boot, File("/proc/slabinfo"), "slabinfo", MIB),
    Fixed(When::Boot, File("/proc/interrupts"), "interrupts", MIB),
    Fixed(When::Boot, File("/proc/modules"), "modules", MIB),
    Fixed(When::Boot, File("/proc/partitions"), "partitions", MIB),
    Fixed(When::Boot, File("/proc/mounts"), "proc_mounts", MIB),
    Fixed(
        When::Boot,
        File("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        "current_clocksource",
        KIB,
    ),
    Fixed(
        When::Boot,
        File("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "scaling_governor",
        KIB,
    ),
    Fixed(When::Boot, Command("uname -a"), "uname", 64 * KIB),
    Fixed(When::Boot, Command("hostname"), "hostname", 64 * KIB),
    Fixed(When::Boot, Command("uptime"), "uptime", 64 * KIB),
    Fixed(When::Boot, Command("mount"), "mount", MIB),
    Fixed(When::Boot, Command("df -mP"), "df", MIB),
    Fixed(When::Boot, Command("lscpu"), "lscpu", MIB),
    Fixed(When::Boot, Command("lspci -vvn"), "lspci_-vvn", MIB),
    Fixed(When::Boot, Command("dmidecode"), "dmidecode", MIB),
    Fixed(When::Boot, Command("numactl --show"), "numactl_--show", MIB),
    Fixed(When::Boot, Command("fdisk -l"), "fdisk_-l", MIB),
    Fixed(When::Boot, Command("ip link"), "ip_link", MIB),
    Fixed(When::Boot, Command("ifconfig -a"), "ifconfig_-a", MIB),
    Fixed(When::Boot, Command("brctl show"), "brctl_show", MIB),
    Fixed(
        When::Boot,
        Command("gcc --version"),
        "gcc_--version",
        64 * KIB,
    ),
    Fixed(
        When::Boot,
        Command("ld --version"),
        "ld_--version",
        64 * KIB,
    ),
    Fixed(When::Boot, Command("ls -lR /boot"), "boot_file_list", MIB),
    Fixed(When::Boot, Command("dmesg"), "dmesg", 4 * MIB),
    Fixed(When::Boot, File("/var/log/messages"), "messages", 4 * MIB),
    Fixed(When::Boot, File("/var/log/syslog"), "syslog", 4 * MIB),
    Fixed(When::Test, File("/var/log/messages"), "messages", 16 * MIB),
    Fixed(When::Test, File("/var/log/syslog"), "syslog", 16 * MIB),
    Fixed(When::Failure, File("/proc/meminfo"), "meminfo", MIB),
    Fixed(When::Failure, File("/proc/mounts"), "proc_mounts", MIB),
    Fixed(When::Failure, Command("ps -ef"), "ps", 4 * MIB),
    Fixed(When::Iteration, File("/proc/schedstat"), "schedstat", MIB),
    Fixed(When::Iteration, File("/proc/meminfo"), "meminfo", MIB),
    Fixed(When::Iteration, File("/proc/slabinfo"), "slabinfo", MIB),
    Fixed(When::Iteration, File("/proc/interrupts"), "interrupts", MIB),
    Fixed(When::Iteration, File("/proc/buddyinfo"), "buddyinfo", MIB),
];

/// The rows of the table for this time.
pub(super) fn fixed(when: When) -> impl Iterator<Item = Row> {
    ROWS.iter().filter(move |row| row.0 == when).map(|row| Row {
        source: match row.1 {
            File(path) => Source::File(path.to_owned()),
            Command(command) => Source::Command(command.to_owned()),
        },
        name: row.2.to_owned(),
        most: row.3,
        is_added: false,
    })
}

/// The rows for this time that a job or a test added.
pub(super) fn added(rows: &[SysinfoRow], when: When) -> impl Iterator<Item = Row> {
    let time = match when {
        When::Boot => Some(SysinfoTime::Boot),
        When::Test => Some(SysinfoTime::Test),
        When::Failure => Some(SysinfoTime::Failure),
        When::Iteration => None,
    };
    let rows = rows.iter().filter(move |row| Some(row.when) == time);
    rows.map(|row| Row {
        source: match &row.source {
            SysinfoSource::File(path) => Source::File(path.clone()),
            SysinfoSource::Command(command) => Source::Command(command.clone()),
        },
        name: row.file_name(),
        most: ADDED,
        is_added: true,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_rows_of_one_time_have_the_same_file() {
        for when in [When::Boot, When::Test, When::Failure, When::Iteration] {
            let mut names = HashSet::new();
            assert!(fixed(when).all(|row| names.insert(row.name)));
        }
    }

    #[test]
    fn around_iterations_there_are_only_files() {
        let is_file = |row: Row| matches!(row.source, Source::File(_));
        assert!(fixed(When::Iteration).all(is_file));
    }
}
