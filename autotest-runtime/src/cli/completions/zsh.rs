//! The script for zsh.

use super::{function, quoted};
use crate::cli::flags::{Completes, FLAGS, Flag};

const SCRIPT: &str = r#"#compdef @NAME@
# Completion of @PROGRAM@ for zsh: source it, or put it into a directory of $fpath as _NAME.
@FUNCTION@_tests() {
    local -a names
    names=(${${(M)${(f)"$(${~words[1]} --list --format terse 2>/dev/null)"}:#*: test}%: test})
    compadd -a names
}
@FUNCTION@() {
    _arguments -S \
@FLAGS@
        '*:FILTER:@FUNCTION@_tests'
}
if [[ $funcstack[1] == @AUTOLOADED@ ]]; then
    @FUNCTION@ "$@"
else
    compdef @FUNCTION@ @PROGRAM@
fi
"#;

pub(super) fn script(program: &str) -> String {
    let flags = FLAGS.iter().map(|flag| spec(flag, program));
    SCRIPT
        .replace("@FLAGS@\n", &flags.collect::<String>())
        .replace("@FUNCTION@", &function(program))
        .replace("@NAME@", program)
        .replace("@AUTOLOADED@", &quoted(&format!("_{program}")))
        .replace("@PROGRAM@", &quoted(program))
}

/// A flag in the syntax of zsh's `_arguments`.
fn spec(flag: &Flag, program: &str) -> String {
    let help = escaped(flag.help);
    let action = match flag.completes {
        Completes::Nothing => String::new(),
        Completes::OneOf(values) => format!("({})", values.join(" ")),
        Completes::Tests => format!("{}_tests", function(program)),
        Completes::Paths => "_files".to_owned(),
    };
    let (sign, value) = match flag.value {
        Some(value) => ("=", format!(":{value}:{action}")),
        None => ("", String::new()),
    };
    let long = format!("*--{}{sign}[{help}]{value}", flag.long);
    // `-Z NAME` and `-ZNAME`
    let short = flag.short.map(|short| {
        let sign = if flag.value.is_some() { "+" } else { "" };
        format!("*-{short}{sign}[{help}]{value}")
    });
    let line = |spec: String| format!("        {} \\\n", quoted(&spec));
    short.map(line).unwrap_or_default() + &line(long)
}

fn escaped(help: &str) -> String {
    help.replace('[', r"\[")
        .replace(']', r"\]")
        .replace(':', r"\:")
}
