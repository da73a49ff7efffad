//! The script for bash. bash splits words at `:` and `=`, so the script reads the word from the line, and
//! cuts everything up to the last of these signs from each candidate.

use super::{function, quoted};
use crate::cli::flags::{Completes, FLAGS, Flag};

const SCRIPT: &str = r#"# Completion of @PROGRAM@ for bash: source it, or put it where bash-completion looks for it.
@FUNCTION@() {
    local line=${COMP_LINE:0:COMP_POINT} program=${COMP_WORDS[0]/#\~\//$HOME/} words
    read -ra words <<<"$line"
    local word='' flag=''
    if [[ $line != *[[:space:]] ]]; then
        word=${words[${#words[@]} - 1]}
        unset "words[${#words[@]} - 1]"
    fi
    ((${#words[@]} > 1)) && flag=${words[${#words[@]} - 1]}
    local value=$word
    if [[ $word == --*=* ]]; then
        flag=${word%%=*} value=${word#*=}
    fi
    local -a found=()
    case $flag in
@VALUES@
        *)
            if [[ $word == -* ]]; then
                found=(@FLAGS@)
            else
                @TESTS@
            fi
            ;;
    esac
    COMPREPLY=()
    local candidate cut=0 sign
    for sign in : =; do
        if [[ $COMP_WORDBREAKS == *"$sign"* && $value == *"$sign"* ]]; then
            local before=${value%"${value##*"$sign"}"}
            ((${#before} > cut)) && cut=${#before}
        fi
    done
    for candidate in "${found[@]}"; do
        [[ $candidate == "$value"* ]] && COMPREPLY+=("${candidate:cut}")
    done
}
complete -F @FUNCTION@ @PROGRAM@
"#;

const TESTS: &str =
    r#"mapfile -t found < <("$program" --list --format terse 2>/dev/null | sed -n 's/: test$//p')"#;

const PATHS: &str =
    r#"compopt -o filenames 2>/dev/null; mapfile -t found < <(compgen -f -- "$value")"#;

pub(super) fn script(program: &str) -> String {
    let values = FLAGS.iter().filter_map(value).collect::<Vec<_>>();
    let mut flags = Vec::new();
    FLAGS.iter().for_each(|flag| flags.extend(spellings(flag)));
    SCRIPT
        .replace("@VALUES@", &values.join("\n"))
        .replace("@FLAGS@", &flags.join(" "))
        .replace("@TESTS@", TESTS)
        .replace("@FUNCTION@", &function(program))
        .replace("@PROGRAM@", &quoted(program))
}

fn spellings(flag: &Flag) -> Vec<String> {
    let mut spellings = Vec::new();
    spellings.extend(flag.short.map(|short| format!("-{short}")));
    spellings.push(format!("--{}", flag.long));
    spellings
}

/// The `case` arm with the candidates for the value of a flag. `None` for a flag without a value.
fn value(flag: &Flag) -> Option<String> {
    flag.value?;
    let found = match flag.completes {
        Completes::Nothing => "found=()".to_owned(),
        Completes::OneOf(values) => format!("found=({})", values.join(" ")),
        Completes::Tests => TESTS.to_owned(),
        Completes::Paths => PATHS.to_owned(),
    };
    let flag = spellings(flag).join(" | ");
    Some(format!("        {flag}) {found} ;;"))
}
