//! Extracts the kernel's message about a crash from its log.

use autotest_core::excerpt;

/// A crash that the kernel's log reports.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Crash {
    /// The kernel stopped.
    Panic(String),
    /// The kernel continued, possibly damaged.
    Oops(String),
}

const PANIC: &str = "Kernel panic - not syncing";

/// The panic that follows an oops; its message does not give the cause.
const AFTER_OOPS: &str = "Kernel panic - not syncing: Fatal exception";

/// The prefixes of messages about an oops, more specific ones first.
const OOPSES: &[&[&str]] = &[
    &[
        "BUG: ",
        "kernel BUG at ",
        "Unable to handle kernel ",
        "general protection fault",
        "Internal error: ",
        "watchdog: BUG: ",
    ],
    &["Oops: ", "Oops - "],
];

/// The last crash in a log of the kernel.
pub(super) fn crash(log: &str) -> Option<Crash> {
    let messages: Vec<_> = log.lines().map(message).collect();
    let panic = messages.iter().rposition(|m| m.starts_with(PANIC));
    let oops = last_oops(&messages[..panic.unwrap_or(messages.len())]);
    match (panic.map(|at| messages[at]), oops) {
        (Some(panic), Some(oops)) if panic.starts_with(AFTER_OOPS) => {
            Some(Crash::Panic(format!("{}; {panic}", excerpt(oops))))
        }
        (Some(panic), _) => Some(Crash::Panic(excerpt(panic).into_owned())),
        (None, Some(oops)) => Some(Crash::Oops(excerpt(oops).into_owned())),
        (None, None) => None,
    }
}

fn last_oops<'a>(messages: &[&'a str]) -> Option<&'a str> {
    let is_one_of = |beginnings: &[&str], message: &str| {
        let mut beginnings = beginnings.iter();
        beginnings.any(|beginning| message.starts_with(beginning))
    };
    let mut kinds = OOPSES.iter().filter_map(|beginnings| {
        let mut last = messages.iter().rev();
        last.find(|message| is_one_of(beginnings, message))
    });
    kinds.next().copied()
}

/// A line of the log without its level, time and caller: `<0>[    4.421081][    T1] text`.
fn message(line: &str) -> &str {
    let mut rest = line;
    for (open, close) in [('<', '>'), ('[', ']'), ('[', ']')] {
        let inner = rest.strip_prefix(open);
        if let Some((_, after)) = inner.and_then(|inner| inner.split_once(close)) {
            rest = after.strip_prefix(' ').unwrap_or(after);
        }
    }
    rest.trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(log: &str, expected: Option<Crash>) {
        assert_eq!(crash(log), expected, "{log}");
    }

    #[test]
    fn a_panic_is_found_behind_its_level_and_time() {
        let panic = || Some(Crash::Panic(format!("{PANIC}: sysrq triggered crash")));
        check(
            "Panic#1 Part1\n<6>[    4.415334] sysrq: Trigger a crash\n\
             <0>[    4.421081] Kernel panic - not syncing: sysrq triggered crash\n\
             <4>[    4.421396] CPU: 0 PID: 1 Comm: init\n\
             <0>[    4.433000] ---[ end Kernel panic - not syncing: sysrq triggered crash ]---\n",
            panic(),
        );
        check(
            "[    4.421081][    T1] Kernel panic - not syncing: sysrq triggered crash\r\n",
            panic(),
        );
        check("Kernel panic - not syncing: sysrq triggered crash", panic());
    }

    #[test]
    fn a_panic_after_an_oops_has_the_words_of_both() {
        let expected = "BUG: kernel NULL pointer dereference, address: 0000000000000000; \
                        Kernel panic - not syncing: Fatal exception in interrupt";
        check(
            "<1>[    9.1] BUG: kernel NULL pointer dereference, address: 0000000000000000\n\
             <1>[    9.1] #PF: supervisor write access in kernel mode\n\
             <4>[    9.1] Oops: 0002 [#1] PREEMPT SMP PTI\n\
             <0>[    9.2] Kernel panic - not syncing: Fatal exception in interrupt\n",
            Some(Crash::Panic(expected.to_owned())),
        );
        check(
            "<0>[    9.2] Kernel panic - not syncing: Fatal exception\n",
            Some(Crash::Panic(AFTER_OOPS.to_owned())),
        );
    }

    #[test]
    fn an_oops_is_told_by_its_most_telling_message_and_the_last_of_several() {
        check(
            "<1>[    1.0] BUG: sleeping function called from invalid context\n\
             <1>[    2.0] Unable to handle kernel paging request at virtual address 0001\n\
             <0>[    2.1] Oops: 0002 [#1] SMP\n",
            Some(Crash::Oops(
                "Unable to handle kernel paging request at virtual address 0001".to_owned(),
            )),
        );
        check(
            "<0>[    2.1] Oops: 0002 [#1] SMP\n",
            Some(Crash::Oops("Oops: 0002 [#1] SMP".to_owned())),
        );
    }

    #[test]
    fn other_messages_are_no_crash() {
        check("", None);
        check(
            "Oops#1 Part1\n<6>[    1.0] usb 1-1: a Kernel panic - not syncing",
            None,
        );
    }

    #[test]
    fn long_words_are_cut() {
        let Some(Crash::Panic(panic)) = crash(&format!("{PANIC}: {}", "x".repeat(9000))) else {
            panic!("no panic");
        };
        assert!(panic.len() < 300, "{panic}");
    }
}
