//! What a test may need of its target, and how that is written.

use autotest_core::{KernelVersion, Need, check_data_file};

#[track_caller]
fn check_error(text: &str, expected: &str) {
    assert_eq!(
        Need::parse(text).unwrap_err().to_string(),
        expected,
        "{text}"
    );
}

#[test]
fn a_need_prints_what_it_was_parsed_from() {
    for text in [
        "root",
        r#"cmd("fio")"#,
        r#"file("/dev/kvm")"#,
        r#"kernel(">= 5.10")"#,
        r#"kernel("< 6.1.7")"#,
        r#"kernel("== 6")"#,
        r#"env("BOARD")"#,
        r#"module("nbd")"#,
        r#"mem("2 GiB")"#,
        r#"mem("1500 MB")"#,
        r#"mem("7 B")"#,
        r#"arch("aarch64")"#,
    ] {
        let need = Need::parse(text).unwrap();
        assert_eq!(need.to_string(), text);
        assert_eq!(Need::parse(&need.to_string()), Ok(need));
    }
}

#[test]
fn a_size_is_in_its_largest_whole_unit() {
    for (text, bytes, shown) in [
        ("2048 MiB", 2 << 30, "2 GiB"),
        ("1000 kB", 1_000_000, "1 MB"),
        ("1025B", 1025, "1025 B"),
        ("0 B", 0, "0 B"),
        ("1 kB", 1000, "1 kB"),
        ("1 MB", 1_000_000, "1 MB"),
        ("1 GB", 1_000_000_000, "1 GB"),
        ("1 TB", 1_000_000_000_000, "1 TB"),
        ("1 KiB", 1 << 10, "1 KiB"),
        ("1 MiB", 1 << 20, "1 MiB"),
        ("16 TiB", 16 << 40, "16 TiB"),
    ] {
        let need = Need::new("mem", Some(text)).unwrap();
        assert_eq!(need, Need::Mem(bytes), "{text}");
        assert_eq!(need.to_string(), format!("mem(\"{shown}\")"));
    }
    for text in ["2 Gib", "2", "GiB", "-1 B", "1.5 GiB", "99999999 TiB"] {
        assert!(Need::new("mem", Some(text)).is_err(), "{text}");
    }
}

#[test]
fn a_mistake_in_a_need_is_explained() {
    check_error("rot", "unknown need `rot`: did you mean `root`?");
    check_error(
        "x",
        "unknown need `x`: there are `root`, `cmd`, `file`, `kernel`, `env`, `module`, `mem`, `arch`",
    );
    check_error("root(\"0\")", "`root` takes nothing");
    check_error("cmd", "expected `cmd(\"…\")`");
    check_error("cmd(fio)", "expected `cmd(\"…\")`");
    check_error("cmd(\"fio\"", "expected `cmd(\"…\")`");
    let text = "the text of `cmd` is empty, or has a quote, a backslash or a control character";
    for empty in [
        "cmd(\" \")",
        "cmd(\"a\"b\")",
        "cmd(\"a\\b\")",
        "cmd(\"a\nb\")",
    ] {
        check_error(empty, text);
    }
    for kernel in ["5.10", ">= 5.x", ">= 1.2.3.4", ">=", "=> 5"] {
        check_error(
            &format!("kernel(\"{kernel}\")"),
            &format!(
                "`{kernel}` is not a condition for a kernel, such as `>= 5.10`; it begins with `>=`, `>`, `<=`, \
                 `<` or `==`"
            ),
        );
    }
}

#[test]
fn a_condition_compares_as_many_numbers_as_it_has() {
    for (condition, release, is_met) in [
        (">= 5.10", "5.10.0-18-amd64", true),
        (">= 5.10", "5.9.99", false),
        (">= 5.10", "6", true),
        ("> 5.10", "5.10.7", false),
        ("> 5.10", "5.11-rc1", true),
        ("<= 6.1", "6.1.7", true),
        ("<= 6.1", "6.2", false),
        ("< 6.1", "6.0.99", true),
        ("< 6.1", "6.1.0", false),
        ("== 6.1", "6.1.55", true),
        ("== 6.1.0", "6.1", true),
        ("== 6.1.5", "6.1.55", false),
        (">= 5", "4.19.0.1", false),
        (">= 5", "no release", false),
    ] {
        let Need::Kernel(kernel) = Need::new("kernel", Some(condition)).unwrap() else {
            panic!("a condition");
        };
        assert_eq!(kernel.is_met_by(release), is_met, "{condition} {release}");
    }
}

#[test]
fn a_version_has_one_to_three_numbers() {
    let parsed = |text| KernelVersion::parse(text).map(|version| version.to_string());
    assert_eq!(parsed("6.1.0").as_deref(), Some("6.1.0"));
    for text in ["", "6.", "6.x", "1.2.3.4", "-1"] {
        assert_eq!(parsed(text), None, "{text}");
    }
    let of_release = |text| KernelVersion::of_release(text).map(|version| version.to_string());
    assert_eq!(of_release("6.1.0.5-generic").as_deref(), Some("6.1.0"));
    assert_eq!(of_release("6.1.-rc1").as_deref(), Some("6.1"));
}

#[test]
fn a_data_file_is_below_its_directory() {
    for path in ["small.bin", "blobs/small.bin", "a b/ü", "..hidden"] {
        assert_eq!(check_data_file(path), Ok(()), "{path}");
    }
    for path in [
        "",
        "/etc/passwd",
        "..",
        "a/../b",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "a\nb",
        ".",
    ] {
        assert!(check_data_file(path).is_err(), "{path:?}");
    }
}
