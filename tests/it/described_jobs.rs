//! Job files checked without the binary, held against its own `--dry-run`.

use std::fs;
use std::path::Path;

use autotest::described::{Checked, Described, Mistaken, check_job_file};
use autotest_meta::Suite;
use expect_test::expect;

use super::binary::{fixture_command, fixture_path};

fn checked(fixture: &str, text: &str) -> Result<Checked, Mistaken> {
    let suite = Suite::of_file(fixture_path(fixture)).unwrap();
    let described = Described {
        tests: &suite.tests,
        controls: &suite.controls,
        hooks: &suite.hooks,
        profilers: &suite.profilers,
    };
    check_job_file("job.json", text, described)
}

/// What the binary prints of a job file.
fn printed(home: &Path, fixture: &str, text: &str) -> String {
    fs::write(home.join("job.json"), text).unwrap();
    let mut command = fixture_command(home, fixture);
    let output = command.args(["--job", "job.json", "--dry-run"]).output();
    let output = output.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    text(output.stdout) + &text(output.stderr)
}

/// A tool says of a job file what the binary says, byte for byte.
#[track_caller]
pub(super) fn check(home: &Path, fixture: &str, text: &str) -> String {
    let said = match checked(fixture, text) {
        Ok(checked) => checked.runs,
        Err(error) => format!("error: {error}\n"),
    };
    assert_eq!(said, printed(home, fixture, text), "{text}");
    said
}

/// A file with one run, given these arguments.
fn run(test: &str, args: &str) -> String {
    format!(r#"{{"runs": [{{"test": "{test}", "args": {{{args}}}}}]}}"#)
}

#[test]
fn values_of_common_types_are_checked_without_the_binary() {
    let home = tempfile::tempdir().unwrap();
    let mut said = String::new();
    for (test, args) in [
        (
            "numbers",
            r#""small": 16, "signed": -5, "ratio": 1.25, "power": 1000, "large": 5"#,
        ),
        (
            "numbers",
            r#""small": "7", "signed": null, "ratio": 1, "power": "4", "large": "many""#,
        ),
        (
            "numbers",
            r#""small": 0, "signed": 5, "ratio": 1.5, "power": 3, "large": -1"#,
        ),
        (
            "numbers",
            r#""small": 256, "signed": 1.5, "ratio": "x", "power": [2], "large": {}"#,
        ),
        (
            "texts",
            r#""disk": "s\"b", "axis": "y", "letter": "q", "directory": "/", "flag": true"#,
        ),
        (
            "texts",
            r#""disk": "sdc", "axis": "z", "letter": "Q", "directory": 7, "flag": "yes""#,
        ),
        (
            "texts",
            r#""disk": null, "axis": null, "letter": "ab", "directory": null, "flag": 1"#,
        ),
        (
            "others",
            r#""pause": 90, "longest": "2m", "names": ["a"], "counts": [1, 2]"#,
        ),
        (
            "others",
            r#""pause": "soon", "longest": null, "names": "a", "counts": [-1]"#,
        ),
        (
            "own",
            r#""mode": "fast", "size": "64k", "below": 9, "short": "1s""#,
        ),
        ("required", ""),
        ("required", r#""word": "a", "token": "b""#),
        ("required", r#""wrod": "a""#),
        ("given::short", ""),
        ("given::short", r#""word": "b", "iterations": 2"#),
        ("given::shirt", ""),
    ] {
        said.push_str(&check(home.path(), "typed", &run(test, args)));
    }
    expect![[r#"
        numbers large=5 power=1000 ratio=1.25 signed=-5 small=16
        error: job.json:1:40: parameter `small` takes a value of type `u8`, not `"7"`: invalid type: string "7", expected u8
        job.json:1:82: parameter `power` takes a value of type `u32`, not `"4"`: invalid type: string "4", expected u32
        job.json:1:96: parameter `large` takes a value of type `Option<u128>`, not `"many"`: invalid type: string "many", expected u128
        error: job.json:1:40: parameter `small` (`u8`) must be in `1..=0x10`, not `0`
        job.json:1:52: parameter `signed` (`Option<i16>`) must be in `-5..5`, not `5`
        job.json:1:65: parameter `ratio` (`f64`) must be in `..1.5`, not `1.5`
        job.json:1:79: parameter `power` (`u32`) must be one of 2, 4, 1_000, not `3`
        job.json:1:91: parameter `large` takes a value of type `Option<u128>`, not `-1`: invalid value: integer `-1`, expected u128
        error: job.json:1:40: parameter `small` takes a value of type `u8`, not `256`: invalid value: integer `256`, expected u8
        job.json:1:54: parameter `signed` takes a value of type `Option<i16>`, not `1.5`: invalid type: floating point `1.5`, expected i16
        job.json:1:69: parameter `ratio` takes a value of type `f64`, not `"x"`: invalid type: string "x", expected f64
        job.json:1:83: parameter `power` takes a value of type `u32`, not `[2]`: invalid type: sequence, expected u32
        job.json:1:97: parameter `large` takes a value of type `Option<u128>`, not `{}`: invalid type: map, expected u128
        texts axis="y" directory="/" disk="s\"b" flag=true letter="q"
        error: job.json:1:38: parameter `disk` (`&str`) must be one of "sda", "s\"b", not `"sdc"`
        job.json:1:53: parameter `axis` (`Option<String>`) must be one of "x", "y", not `"z"`
        job.json:1:66: parameter `letter` (`char`) must be in `'a'..='z'`, not `'Q'`
        job.json:1:81: parameter `directory` takes a value of type `Option<&Path>`, not `7`: invalid type: integer `7`, expected path string
        job.json:1:97: parameter `flag` takes a value of type `Option<bool>`, not `"yes"`: invalid type: string "yes", expected a boolean
        error: job.json:1:38: parameter `disk` takes a value of type `&str`, not `null`: invalid type: null, expected a string
        job.json:1:66: parameter `letter` takes a value of type `char`, not `"ab"`: invalid value: string "ab", expected a character
        job.json:1:101: parameter `flag` takes a value of type `Option<bool>`, not `1`: invalid type: integer `1`, expected a boolean
        others counts=[1,2] longest="2m" names=["a"] pause=90
        error: job.json:1:39: parameter `pause` takes a value of type `Duration`, not `"soon"`: expected a length of time such as `90`, `1.5s`, `2m` or `1h`
        job.json:1:56: parameter `longest` takes a value of type `Option<Duration>`, not `null`: expected a length of time such as `90`, `1.5s`, `2m` or `1h`
        job.json:1:73: parameter `names` takes a value of type `Option<Vec<String>>`, not `"a"`: invalid type: string "a", expected a sequence
        job.json:1:87: parameter `counts` takes a value of type `&[u32]`, not `[-1]`: invalid value: integer `-1`, expected u32
        own below=9 mode="fast" short="1s" size="64k"
        error: job.json:1:20: parameter `word` (`&str`) has no default: give it with `--param word=…`
        error: job.json:1:54: the parameter `token` is secret, and a job's requests are recorded: give it with `--param token=…` or in `AUTOTEST_PARAM_TOKEN`
        error: job.json:1:20: parameter `word` (`&str`) has no default: give it with `--param word=…`
        job.json:1:41: unknown parameter `wrod` of `required`: did you mean `word`? it takes `word` (run_once), `token` (run_once)
        given::short
        given::short iterations=2 word="b"
        error: job.json:1:20: given::shirt: test does not exist; did you mean `given::short`?
    "#]].assert_eq(&said);
    let params = r#"{"params": {"small": 99, "word": "all", "token": 1, "nobody": 1},
        "runs": [{"test": "numbers"}, {"test": "required"}, {"test": "own", "args": {"mode": "slow"}}]}"#;
    expect![[r#"
        error: job.json:1:41: the parameter `token` is secret, and a job's requests are recorded: give it with `--param token=…` or in `AUTOTEST_PARAM_TOKEN`
        job.json:1:53: no test has a parameter `nobody`
        job.json:2:27: numbers: parameter `small` (`u8`) must be in `1..=0x10`, not `99`
        job.json:2:48: required: parameter `token` takes a value of type `Option<&str>`, not `(secret)`: the value is not shown
    "#]].assert_eq(&check(home.path(), "typed", params));
}

#[test]
fn what_only_the_binary_can_check_is_told() {
    let right = checked(
        "typed",
        &run(
            "own",
            r#""mode": "fast", "size": 1, "below": 1, "short": "1s""#,
        ),
    );
    let wrong = checked(
        "typed",
        &run(
            "own",
            r#""mode": "best", "size": "all", "below": 10, "short": "9s""#,
        ),
    );
    let [right, wrong] = [right, wrong].map(Result::unwrap);
    assert_eq!(right.unchecked, wrong.unchecked);
    let told: Vec<String> = wrong.unchecked.iter().map(ToString::to_string).collect();
    expect![[r#"
        [
            "parameter `below` (`u64`) of `own`",
            "parameter `mode` (`Mode`) of `own`",
            "parameter `short` (`Duration`) of `own`",
            "parameter `size` (`u64`) of `own`",
        ]
    "#]]
    .assert_debug_eq(&told);
    let known = checked("typed", &run("numbers", r#""small": 1, "power": 2"#));
    assert_eq!(known.unwrap().unchecked, []);
}

#[test]
fn profilers_and_their_parameters_are_known() {
    let home = tempfile::tempdir().unwrap();
    let job = |profilers: &str| {
        let job = format!(
            r#"{{"settings": {{"profilers": {profilers}}}, "runs": [{{"test": "passes"}}]}}"#
        );
        check(home.path(), "profiled", &job)
    };
    let said = [
        r#"["notes:text=here", "cat:interval=2s"]"#,
        r#"["note", "cat:intervall=2s", "cat:interval=often"]"#,
    ]
    .map(job);
    expect![[r#"
        passes
        error: job.json:1:28: no profiler is called `note`; did you mean `notes`?
        job.json:1:28: unknown parameter `intervall` of the profiler `cat`: did you mean `interval`? it takes `filenames` (initialize), `outfile` (initialize), `interval` (initialize)
        job.json:1:28: the profiler `cat`: parameter `interval` takes a value of type `Duration`, not `often`: expected a length of time such as `90`, `1.5s`, `2m` or `1h`
    "#]].assert_eq(&said.concat());
}

/// A secret is secret even if only a control function says so, and hooks are known by name.
#[test]
fn secrets_and_hooks_of_the_binary_are_known() {
    let home = tempfile::tempdir().unwrap();
    let secret = r#"{"params": {"token": "x"}, "runs": [{"test": "secret::passes", "args": {"token": "x"}}]}"#;
    expect![[r#"
        error: job.json:1:13: the parameter `token` is secret, and a job's requests are recorded: give it with `--param token=…` or in `AUTOTEST_PARAM_TOKEN`
        job.json:1:73: the parameter `token` is secret, and a job's requests are recorded: give it with `--param token=…` or in `AUTOTEST_PARAM_TOKEN`
    "#]].assert_eq(&check(home.path(), "params", secret));
    let hooks = r#"{"settings": {"after_iteration": ["notes_it", "nobody"]}, "runs": []}"#;
    expect![[r#"
        error: job.json:1:34: no hook is called `nobody`; annotate a function with `#[autotest::hook]`
    "#]].assert_eq(&check(home.path(), "controls", hooks));
}
