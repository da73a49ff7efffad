//! The kernel's pattern for core dumps, as described in `core(5)`.

use std::fs;
use std::path::Path;

use super::handler::Dump;
use crate::exec::procfs;
use crate::identity;

/// Expands a pattern like the kernel does. Unknown specifiers expand to nothing.
pub(super) fn expand(pattern: &str, value: &dyn Fn(char) -> Option<String>) -> String {
    let mut expanded = String::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            '%' => match rest.next() {
                Some('%') => expanded.push('%'),
                Some(specifier) => expanded.extend(value(specifier)),
                None => {}
            },
            c => expanded.push(c),
        }
    }
    expanded
}

/// The value of a specifier for a core dump.
pub(super) fn value_of(dump: &Dump, specifier: char) -> Option<String> {
    let Dump { pid, tid, .. } = dump;
    let process = format!("/proc/{pid}");
    let thread = format!("{process}/task/{tid}");
    let first = |text: String| text.split_ascii_whitespace().next().map(str::to_owned);
    let last = |text: String| text.split_ascii_whitespace().last().map(str::to_owned);
    Some(match specifier {
        'p' => last(status(&process, "NSpid:")?)?,
        'i' => last(status(&thread, "NSpid:")?)?,
        'P' => pid.to_string(),
        'I' => tid.to_string(),
        'u' => first(status(&process, "Uid:")?)?,
        'g' => first(status(&process, "Gid:")?)?,
        'd' => dump.mode.to_string(),
        's' => dump.signal.to_string(),
        't' => dump.time.to_string(),
        'c' => dump.limit.to_string(),
        'h' => identity::hostname(),
        'e' => escaped(
            procfs::text(format!("{thread}/comm"))
                .ok()?
                .trim_end_matches('\n'),
        ),
        'f' => {
            let path = fs::read_link(format!("{process}/exe")).ok()?;
            escaped(&path.file_name()?.to_string_lossy())
        }
        'E' => {
            let path = fs::read_link(format!("{process}/exe")).ok()?;
            escaped(&path.to_string_lossy())
        }
        _ => return None,
    })
}

/// The value of a field in the file `status` of a directory.
pub(super) fn status(dir: &str, field: &str) -> Option<String> {
    let status = procfs::text(Path::new(dir).join("status")).ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(field))?;
    Some(value.trim().to_owned())
}

/// Escapes a name like the kernel does, so that it is not a path.
fn escaped(name: &str) -> String {
    match name {
        "." => "!".to_owned(),
        ".." => "!.".to_owned(),
        name => name.replace('/', "!"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_are_replaced_and_unknown_ones_left_out() {
        let value = |specifier| match specifier {
            'p' => Some("77".to_owned()),
            'e' => Some("test".to_owned()),
            _ => None,
        };
        let check = |pattern: &str, expanded: &str| assert_eq!(expand(pattern, &value), expanded);
        check("core", "core");
        check("/var/crash/%e.%p.core", "/var/crash/test.77.core");
        check("100%%-%z%p", "100%-77");
        check("%", "");
    }

    #[test]
    fn a_process_has_the_values_of_its_own() {
        let dump = Dump {
            pid: std::process::id().cast_signed(),
            tid: std::process::id().cast_signed(),
            signal: 11,
            ..Dump::default()
        };
        let value = |specifier| value_of(&dump, specifier);
        assert_eq!(value('P'), Some(dump.pid.to_string()));
        assert_eq!(value('s').as_deref(), Some("11"));
        assert!(value('E').unwrap().starts_with('!'));
        assert_eq!(value('?'), None);
    }
}
