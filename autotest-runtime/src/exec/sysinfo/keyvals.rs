//! The keyvals that describe the target of a test.

/// The keyvals, in the original's order.
pub(super) fn keyvals() -> Vec<(String, String)> {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let kb = total_kb(&read("/proc/meminfo"));
    let pairs = [
        ("sysinfo-cmdline", read("/proc/cmdline").trim().to_owned()),
        ("sysinfo-uname", uname()),
        ("sysinfo-memtotal-in-kb", kb.to_string()),
        ("sysinfo-phys-mbytes", (installed_kb(kb) >> 10).to_string()),
    ];
    pairs.map(|(key, value)| (key.to_owned(), value)).to_vec()
}

/// The output of `uname -a` without the host name.
fn uname() -> String {
    let uname = rustix::system::uname();
    let parts = [
        uname.sysname(),
        uname.release(),
        uname.version(),
        uname.machine(),
    ];
    parts
        .map(|part| part.to_string_lossy().into_owned())
        .join(" ")
}

fn total_kb(meminfo: &str) -> u64 {
    let total = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"));
    let number = total.and_then(|total| total.split_ascii_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The installed memory. The kernel reserves 1.5 to 5.5 %, so the total is rounded up to a multiple of a power of two
/// that is no less than that range, as in the original.
fn installed_kb(total_kb: u64) -> u64 {
    let least = total_kb * 1000 / 985;
    let range = (total_kb * 1000 / 945).saturating_sub(least);
    least.next_multiple_of(range.max(1).next_power_of_two())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_that_which_was_bought() {
        let meminfo = "MemTotal:       16318480 kB\nMemFree: 1 kB\n";
        assert_eq!(total_kb(meminfo), 16_318_480);
        assert_eq!(installed_kb(16_318_480), 16 << 20);
        assert_eq!(installed_kb(4_039_468), 4 << 20);
        assert_eq!((total_kb(""), installed_kb(0)), (0, 0));
    }
}
