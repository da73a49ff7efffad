//! Parameters: how they are read, what they default to, how they reach the function.

use std::path::{Path, PathBuf};
use std::time::Duration;

use autotest::prelude::*;
use serde::Deserialize;

use crate::bench::{check, def, fails, passes};

const SIZE: u64 = 8;

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Fast,
    Slow,
}

#[autotest]
fn lent(text: &str, path: &Path, bytes: &[u8], size: &u64, pair: &[u8; 2]) -> TestResult {
    fail!("{text:?} {path:?} {bytes:?} {size} {pair:?}")
}

#[autotest]
fn lent_options(
    text: Option<&str>,
    path: Option<&Path>,
    bytes: Option<&[u8]>,
    size: Option<&u64>,
) -> TestResult {
    fail!("{text:?} {path:?} {bytes:?} {size:?}")
}

#[test]
fn references_are_lent() {
    let args = [
        ("text", "7"),
        ("path", "/a"),
        ("bytes", "[1,2]"),
        ("size", "3"),
        ("pair", "[4,5]"),
    ];
    check("lent", &args, fails(r#""7" "/a" [1, 2] 3 [4, 5]"#));
    check(
        "lent_options",
        &args[..4],
        fails(r#"Some("7") Some("/a") Some([1, 2]) Some(3)"#),
    );
    check("lent_options", &[], fails("None None None None"));
}

#[autotest]
fn defaults(
    cx: &mut TestContext,
    #[param(default = SIZE * 2)] size: u64,
    #[param(default = "sda")] disk: String,
    #[param(default = "/data")] dir: &Path,
    #[param(default = "eth0")] link: Option<String>,
    #[param(default = cx.tmpdir().join("file"))] file: PathBuf,
    #[param(default = Mode::Slow)] mode: Mode,
) -> TestResult {
    let _ = cx;
    fail!("{size} {disk} {dir:?} {link:?} {file:?} {mode:?}")
}

#[autotest]
fn fallible_default(
    #[param(default = std::fs::read_to_string("/nonexistent")?)] text: String,
) -> TestResult {
    fail!("{text}")
}

#[test]
fn defaults_are_expressions() {
    let expected = r#"16 sda "/data" Some("eth0") "/tmp/file" Slow"#;
    check("defaults", &[], fails(expected));
    let expected = r#"1 7 "/x" None "/y" Fast"#;
    let args = [
        ("size", "1"),
        ("disk", "7"),
        ("dir", "/x"),
        ("link", "null"),
        ("file", "/y"),
        ("mode", "fast"),
    ];
    check("defaults", &args, fails(expected));
}

#[test]
fn a_default_may_fail() {
    let reason = "Unhandled io::Error: No such file or directory (os error 2)";
    check("fallible_default", &[], fails(reason));
    check("fallible_default", &[("text", "given")], fails("given"));
}

#[autotest]
fn limits(
    #[param(default = 1, range = 1..=SIZE)] size: u64,
    #[param(range = 0.0..1.0)] ratio: Option<f64>,
    #[param(default = "ext4", choices("ext4", "xfs"))] fs: &str,
    #[param(choices(Mode::Fast))] mode: Option<Mode>,
    #[param(default = 1_000, choices(0x10, 1000))] mtu: u32,
) -> TestResult {
    fail!("{size} {ratio:?} {fs} {mode:?} {mtu}")
}

#[test]
fn values_outside_of_limits_are_refused() {
    check(
        "limits",
        &[("size", "8"), ("ratio", "0.5"), ("mode", "fast")],
        fails("8 Some(0.5) ext4 Some(Fast) 1000"),
    );
    let failure = |reason: &str| fails(&format!("Unhandled ParamError: {reason}"));
    let reason = "parameter `size` (`u64`) must be in `1..=SIZE`, not `9`";
    check("limits", &[("size", "9")], failure(reason));
    let reason = "parameter `ratio` (`Option<f64>`) must be in `0.0..1.0`, not `1.0`";
    check("limits", &[("ratio", "1.0")], failure(reason));
    let reason = "parameter `fs` (`&str`) must be one of \"ext4\", \"xfs\", not `\"ntfs\"`";
    check("limits", &[("fs", "ntfs")], failure(reason));
    let reason = "parameter `mode` (`Option<Mode>`) must be one of Mode::Fast, not `Slow`";
    check("limits", &[("mode", "slow")], failure(reason));
}

#[autotest]
fn default_beyond_limits(#[param(default = SIZE, range = ..4)] size: u64) {
    let _ = size;
}

#[test]
fn a_computed_default_is_checked_too() {
    let reason = "Unhandled ParamError: parameter `size` (`u64`) must be in `..4`, not `8`";
    check("default_beyond_limits", &[], fails(reason));
}

fn kib(text: &str) -> Result<u64, std::num::ParseIntError> {
    text.trim_end_matches('k')
        .parse::<u64>()
        .map(|number| number * 1024)
}

#[autotest]
fn readers(
    #[param(with = kib, default = "4k")] size: u64,
    #[param(with = |text| text.parse::<u64>())] count: Option<u64>,
    pause: Option<Duration>,
    #[param(default = "1.5s")] timeout: std::time::Duration,
) -> TestResult {
    fail!("{size} {count:?} {pause:?} {timeout:?}")
}

#[test]
fn readers_take_text() {
    check("readers", &[], fails("4096 None None 1.5s"));
    let args = [
        ("size", "1k"),
        ("count", "2"),
        ("pause", "2m"),
        ("timeout", "90"),
    ];
    check("readers", &args, fails("1024 Some(2) Some(120s) 90s"));
    let reason = "Unhandled ParamError: parameter `size` takes a value of type `u64`, not `big`: \
                  invalid digit found in string";
    check("readers", &[("size", "big")], fails(reason));
}

#[autotest]
fn required(mb: u64) {
    let _ = mb;
}

#[test]
fn a_required_parameter_must_be_given() {
    let reason = "Unhandled ParamError: parameter `mb` (`u64`) has no default: give it with \
                  `--param mb=…`";
    check("required", &[], fails(reason));
    check("required", &[("mb", "1")], passes());
}

#[autotest]
fn catch_all(mb: u64, rest: Args) -> TestResult {
    let names: Vec<&str> = rest.iter().map(|(name, _)| name).collect();
    fail!("{mb} {names:?}")
}

#[autotest]
fn catch_all_lent(rest: &Args) -> TestResult {
    fail!("{}", rest.len())
}

#[test]
fn a_catch_all_takes_what_is_left() {
    let args = [("mb", "1"), ("x", "2"), ("y", "3")];
    check("catch_all", &args, fails(r#"1 ["x", "y"]"#));
    check("catch_all_lent", &args, fails("3"));
}

#[autotest]
fn odd_names(_unused: u8, r#type: &str, mut count: u8) -> TestResult {
    count += 1;
    fail!("{type} {count}")
}

#[test]
fn names_lose_what_is_not_part_of_them() {
    let names: Vec<&str> = def("odd_names")
        .params
        .iter()
        .map(|param| param.name)
        .collect();
    assert_eq!(names, ["unused", "type", "count"]);
    check(
        "odd_names",
        &[("unused", "1"), ("type", "x"), ("count", "2")],
        fails("x 3"),
    );
}

macro_rules! through_a_macro {
    ($name:ident, $ty:ty, $default:expr) => {
        #[autotest]
        fn $name(#[param(default = $default)] value: $ty) -> TestResult {
            fail!("{value:?}")
        }
    };
}

through_a_macro!(fragment_of_a_macro, &str, "x");
through_a_macro!(option_of_a_macro, Option<Duration>, "2m");

#[test]
fn fragments_of_a_macro_are_seen_through() {
    check("fragment_of_a_macro", &[], fails("\"x\""));
    check("option_of_a_macro", &[], fails("Some(120s)"));
    assert_eq!(def("fragment_of_a_macro").params[0].ty, "&str");
}

#[autotest(name = "matrix")]
#[case::one(text = "a")]
#[case::two(text = "b", count = 7)]
fn matrix(
    text: &str,
    #[param(values(1, 0x10, -3))] level: i32,
    #[param(default = 5)] count: u8,
    #[param(values(Mode::Fast, { Mode::Slow }))] mode: Mode,
    #[param(values("1s", "90"))] pause: Duration,
) -> TestResult {
    fail!("{text} {level} {count} {mode:?} {pause:?}")
}

#[test]
fn values_are_multiplied_with_each_other_and_with_cases() {
    let names: Vec<_> = crate::bench::defs()
        .filter(|def| def.name == "matrix")
        .filter_map(|def| Some((def.case?.name, def.case?.index)))
        .collect();
    assert_eq!(names.len(), 24);
    assert_eq!(names[0], ("one::level_1::mode_Fast::pause_1s", 1));
    assert_eq!(names[7], ("one::level_16::mode_value_2::pause_90", 8));
    assert_eq!(names[23], ("two::level_-3::mode_value_2::pause_90", 24));
    let reason = |text| fails(text);
    check(
        "matrix::one::level_1::mode_Fast::pause_1s",
        &[],
        reason("a 1 5 Fast 1s"),
    );
    check(
        "matrix::one::level_16::mode_value_2::pause_90",
        &[],
        reason("a 16 5 Slow 90s"),
    );
    check(
        "matrix::two::level_-3::mode_Fast::pause_1s",
        &[],
        reason("b -3 7 Fast 1s"),
    );
    check(
        "matrix::two::level_-3::mode_Fast::pause_1s",
        &[("level", "9"), ("text", "c")],
        reason("c 9 7 Fast 1s"),
    );
    assert_eq!(
        def("matrix::two::level_-3::mode_Fast::pause_1s").case_args(),
        [
            ("text", "\"b\""),
            ("count", "7"),
            ("level", "-3"),
            ("mode", "Mode::Fast"),
            ("pause", "\"1s\"")
        ]
    );
}

#[autotest(name = "names of values")]
fn names_of_values(
    #[param(values("/dev/sda", "dev sda", "", "é", "-v", "x.y_z"))] text: &str,
    #[param(values(true, false))] flag: bool,
    #[param(values(0.50, 1e3))] ratio: f64,
    #[param(values('x', '/'))] letter: char,
) {
    let _ = (text, flag, ratio, letter);
}

#[test]
fn values_have_names_that_directories_can_have() {
    let names = crate::bench::defs().filter(|def| def.name == "names of values");
    let parts = names.filter_map(|def| Some(def.case?.name.split("::")));
    let mut parts: Vec<&str> = parts.flatten().collect();
    parts.sort_unstable();
    parts.dedup();
    assert_eq!(
        parts,
        [
            "flag_false",
            "flag_true",
            "letter_value_2",
            "letter_x",
            "ratio_0.50",
            "ratio_1e3",
            "text_-v",
            "text_value_1",
            "text_value_2",
            "text_value_3",
            "text_value_4",
            "text_x.y_z",
        ]
    );
}

#[autotest]
fn secret_limits(
    #[param(secret, default = "1234", with = pin, range = 1..=9999)] pin: u32,
    #[param(secret)] token: Option<u8>,
) -> TestResult {
    fail!("{pin} {token:?}")
}

fn pin(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("no pin: {text}"))
}

#[test]
fn the_errors_of_a_secret_do_not_have_its_value() {
    check("secret_limits", &[], fails("1234 None"));
    let failure = |reason: &str| fails(&format!("Unhandled ParamError: {reason}"));
    check(
        "secret_limits",
        &[("pin", "77777")],
        failure("parameter `pin` (`u32`) must be in `1..=9999`, not `(secret)`"),
    );
    check(
        "secret_limits",
        &[("pin", "swordfish")],
        failure(
            "parameter `pin` takes a value of type `u32`, not `(secret)`: the value is not shown",
        ),
    );
    check(
        "secret_limits",
        &[("token", "300")],
        failure(
            "parameter `token` takes a value of type `Option<u8>`, not `(secret)`: the value is not shown",
        ),
    );
    let [pin, _] = def("secret_limits").params else {
        panic!("two parameters")
    };
    assert_eq!((pin.secret, pin.default), (true, Some("(secret)")));
}
