//! The script for fish.

use std::fmt::Write;

use super::function;
use crate::cli::flags::{Completes, FLAGS, Flag};

const TESTS: &str = r#"# Completion of @PROGRAM@ for fish: source it, or put it into ~/.config/fish/completions.
function @FUNCTION@_tests
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l program (string replace --regex '^~/' "$HOME/" -- $words[1])
    $program --list --format terse 2>/dev/null | string replace --filter --regex ': test$' ''
end
complete --command @PROGRAM@ --no-files --arguments '(@FUNCTION@_tests)'
"#;

pub(super) fn script(program: &str) -> String {
    let mut script = TESTS.to_owned();
    for flag in FLAGS {
        script.push_str(&line(flag));
    }
    script
        .replace("@FUNCTION@", &function(program))
        .replace("@PROGRAM@", &quoted(program))
}

fn line(flag: &Flag) -> String {
    let mut line = format!("complete --command @PROGRAM@ --long-option {}", flag.long);
    if let Some(short) = flag.short {
        let _ = write!(line, " --short-option {short}");
    }
    let value = match flag.completes {
        Completes::Nothing if flag.value.is_none() => String::new(),
        Completes::Nothing => " --exclusive".to_owned(),
        Completes::OneOf(values) => {
            format!(" --exclusive --arguments {}", quoted(&values.join(" ")))
        }
        Completes::Tests => " --exclusive --arguments '(@FUNCTION@_tests)'".to_owned(),
        Completes::Paths => " --require-parameter --force-files".to_owned(),
    };
    format!("{line}{value} --description {}\n", quoted(flag.help))
}

/// Quotes a text as one word of fish.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}
