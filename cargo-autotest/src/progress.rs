//! Shows a spinner on standard error while something takes long. It is shown only on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The interval at which the spinner moves.
const TICK: Duration = Duration::from_millis(100);

/// Does some work, and meanwhile shows its name, `what`.
pub(crate) fn during<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
    let bar = ProgressBar::new_spinner().with_message(what.to_owned());
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    let done = work();
    bar.finish_and_clear();
    done
}
