//! Core dumps of a run, with their backtraces.

use autotest_core::Crash;
use maud::{Markup, html};

use super::links::is_below;
use super::output::printed;
use super::run_files::RunFiles;
use super::words::line;

pub(super) fn section(files: &RunFiles<'_>, crashes: &[Crash]) -> Markup {
    html! { @for crash in crashes { (one(files, crash)) } }
}

fn one(files: &RunFiles<'_>, crash: &Crash) -> Markup {
    let has_dir = is_below(&crash.dir);
    let names = if has_dir {
        files.names(&crash.dir)
    } else {
        Vec::new()
    };
    html! {
        section {
            h3 { "Crash of " code { (line(&crash.name)) } }
            p {
                "Process " (crash.pid) " was killed by " (line(&crash.signal))
                @if !crash.place.is_empty() { " " (line(&crash.place)) }
                "."
                @if has_dir { " " (files.link(&crash.dir, &line(&crash.dir))) }
            }
            @for problem in &crash.problems { p.problem { (line(problem)) } }
            @for name in names.iter().filter(|name| is_backtrace(name)) {
                (files.text(&path_of(crash, name), name, printed).unwrap_or_default())
            }
            p.files {
                @for name in names.iter().filter(|name| !is_backtrace(name)) {
                    (files.link(&path_of(crash, name), &line(name))) " "
                }
            }
        }
    }
}

/// Only backtraces are shown; the other files are links, since the environment of a process may contain secrets.
fn is_backtrace(name: &str) -> bool {
    name.starts_with("backtrace")
}

fn path_of(crash: &Crash, name: &str) -> String {
    format!("{}/{name}", crash.dir)
}
