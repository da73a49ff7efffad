//! Draws `flamegraph.svg` from folded stacks.

use std::fs;
use std::io;
use std::path::Path;

use inferno::flamegraph::{self, Options};

/// Draws a flame graph, or writes no file if there are no stacks.
pub(super) fn write(dir: &Path, title: &str, folded: &str) -> io::Result<()> {
    if folded.is_empty() {
        return Ok(());
    }
    let mut options = Options::default();
    options.title = title.to_owned();
    options.count_name = "samples".to_owned();
    options.deterministic = true;
    let mut svg = Vec::new();
    flamegraph::from_lines(&mut options, folded.lines(), &mut svg)?;
    fs::write(dir.join("flamegraph.svg"), svg)
}
