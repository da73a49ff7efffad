//! `--completions`, in the shells themselves.

use std::path::Path;
use std::process::Command;

use super::binary::fixture;

/// A line, and what each shell makes of it: bash what it puts in place of the last word (or of what
/// stands behind its last `:` or `=`), zsh the whole line, fish what it offers.
struct Case {
    line: &'static str,
    bash: &'static str,
    zsh: &'static str,
    fish: &'static str,
}

const CASES: &[Case] = &[
    Case {
        line: "faulty --colo",
        bash: "--color",
        zsh: "faulty --color=",
        fish: "--color",
    },
    Case {
        line: "faulty --color alw",
        bash: "always",
        zsh: "faulty --color always ",
        fish: "always",
    },
    Case {
        line: "faulty --color=ne",
        bash: "never",
        zsh: "faulty --color=never ",
        fish: "--color=never",
    },
    Case {
        line: "faulty says::fai",
        bash: "fail",
        zsh: "faulty says::fail ",
        fish: "says::fail",
    },
    Case {
        line: "faulty --exact --skip says::er",
        bash: "error",
        zsh: "faulty --exact --skip says::error ",
        fish: "says::error",
    },
    Case {
        line: "faulty --describe pairs::a",
        bash: "a_leaves_a_daemon",
        zsh: "faulty --describe pairs::a_leaves_a_daemon ",
        fish: "pairs::a_leaves_a_daemon",
    },
    Case {
        line: "faulty --results some",
        bash: "some where",
        zsh: "faulty --results some\\ where/",
        fish: "some where/",
    },
    Case {
        line: "faulty --tag par",
        bash: "",
        zsh: "faulty --tag par",
        fish: "",
    },
    Case {
        line: "faulty nosuch",
        bash: "",
        zsh: "faulty nosuch",
        fish: "",
    },
];

const BASH: &str = r#"
source ./script
while IFS= read -r line; do
    COMP_LINE=$line COMP_POINT=${#line} COMP_WORDS=($line) COMPREPLY=()
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _autotest_faulty
    echo "${COMPREPLY[*]}"
done <lines
"#;

/// Types into an interactive zsh, and has it tell what its line became.
const ZSH: &str = r#"
zmodload zsh/zpty
: >told
zpty -b shell zsh -f -i
zpty -w shell "autoload -Uz compinit; compinit -D -u; source ./script
    tell() { print -r -- \$BUFFER >>told; BUFFER= }; zle -N tell; bindkey '^X' tell; print >>told"
settle() {
    integer tries=0
    while ((tries++ < 400 && $(wc -l <told) < $1)); do
        zpty -r -t shell _
        sleep 0.05
    done
}
integer count=1
settle count
while IFS= read -r line; do
    zpty -w -n shell $line$'\t\x18'
    settle $((++count))
done <lines
tail -n +2 told
"#;

const FISH: &str = r#"
source ./script
while read --line line
    set -l offered (complete --do-complete $line | string replace --regex '\t.*' '')
    echo "$offered"
end <lines
"#;

/// What the shell makes of the lines of all cases; none where it is not installed.
fn complete(shell: &str, program: &str) -> Option<Vec<String>> {
    if Command::new(shell).arg("--version").output().is_err() {
        eprintln!("left out: {shell} is not installed");
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let script = fixture("faulty", &["--completions", shell]).expect_code(0);
    let lines = CASES.iter().map(|case| format!("{}\n", case.line));
    write("script", &script.stdout());
    write("lines", &lines.collect::<String>());
    write("program", program);
    std::fs::create_dir(dir.path().join("some where")).unwrap();
    let faulty = Path::new(env!("CARGO_BIN_EXE_faulty"));
    let path = format!("{}:/usr/bin:/bin", faulty.parent().unwrap().display());
    let mut command = Command::new(shell);
    command.current_dir(dir.path()).arg("program").env_clear();
    let output = command
        .envs([("PATH", path.as_str()), ("TERM", "xterm")])
        .env("HOME", dir.path())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(text(&output.stderr), "");
    Some(text(&output.stdout).lines().map(str::to_owned).collect())
}

#[track_caller]
fn check(shell: &str, program: &str, expected: fn(&Case) -> &'static str) {
    if let Some(completed) = complete(shell, program) {
        assert_eq!(completed, CASES.iter().map(expected).collect::<Vec<_>>());
    }
}

#[test]
fn bash_completes_flags_values_and_tests() {
    check("bash", BASH, |case| case.bash);
}

#[test]
fn zsh_completes_flags_values_and_tests() {
    check("zsh", ZSH, |case| case.zsh);
}

#[test]
fn fish_completes_flags_values_and_tests() {
    check("fish", FISH, |case| case.fish);
}

/// As `--help` has them; the README's section is compared with that in `tidy`.
#[test]
fn every_flag_of_the_help_is_completed() {
    let help = fixture("faulty", &["--help"]).stdout();
    let words = help
        .split_whitespace()
        .filter(|word| word.starts_with("--"));
    let flags: Vec<_> = words
        .map(|word| word.trim_end_matches([',', ';', ':']))
        .collect();
    assert!(flags.len() > 40, "{flags:?}");
    for shell in ["bash", "zsh", "fish"] {
        let script = fixture("faulty", &["--completions", shell]).stdout();
        for flag in &flags {
            let long = flag.trim_start_matches("--");
            let named = [format!("--{long}"), format!("--long-option {long} ")];
            let is_named = named.iter().any(|name| script.contains(name));
            assert!(is_named, "{shell} does not complete {flag}");
        }
    }
}
