//! Profilers as jobs and tests ask for them.

use autotest_core::{DescribedKind, Description, ProfilerUse, Settings, TestDef};

#[track_caller]
fn check(text: &str, expected: ProfilerUse) {
    let parsed = ProfilerUse::parse(text).unwrap();
    assert_eq!(parsed, expected);
    assert_eq!(parsed.to_string(), text);
    let json = serde_json::to_string(&parsed).unwrap();
    assert_eq!(
        serde_json::from_str::<ProfilerUse>(&json).unwrap(),
        expected
    );
}

#[test]
fn a_use_is_a_name_and_arguments() {
    check("proc", ProfilerUse::new("proc"));
    check("cmd:every=", ProfilerUse::new("cmd").arg("every", ""));
    check(
        "proc:dir=/a:b,interval_2=1=2",
        ProfilerUse::new("proc")
            .arg("dir", "/a:b")
            .arg("interval_2", "1=2"),
    );
}

#[test]
fn a_comma_without_a_name_after_it_is_the_values() {
    check(
        r#"cat:files=["a","b=c",d],n=1"#,
        ProfilerUse::new("cat")
            .arg("files", r#"["a","b=c",d]"#)
            .arg("n", "1"),
    );
    check("cmd:run=a,=b,", ProfilerUse::new("cmd").arg("run", "a,=b,"));
}

#[test]
fn other_texts_are_refused() {
    let refused = |text: &str| ProfilerUse::parse(text).unwrap_err().to_string();
    for text in ["", ":a=1"] {
        assert_eq!(refused(text), "write `NAME` or `NAME:PARAM=VALUE,…`");
    }
    for text in ["cat:", "cat:a", "cat:=1", "cat:a b=1"] {
        assert_eq!(refused(text), "write each argument as `PARAM=VALUE`");
    }
    assert_eq!(refused("cat:a=1,a=2"), "give each argument once");
}

#[test]
fn settings_without_profilers_do_not_mention_them() {
    let mut settings = Settings::default();
    let json = |settings: &Settings| serde_json::to_value(settings).unwrap();
    assert_eq!(json(&settings).get("profilers"), None);
    settings.profilers = vec![
        ProfilerUse::new("proc"),
        ProfilerUse::new("cat").arg("n", "1"),
    ];
    let expected = serde_json::json!([
        {"name": "proc"},
        {"name": "cat", "args": {"n": {"text": "1"}}},
    ]);
    assert_eq!(json(&settings)["profilers"], expected);
    assert_eq!(
        serde_json::from_value::<Settings>(json(&settings)).unwrap(),
        settings
    );
}

#[test]
fn a_profiler_is_described_without_phases() {
    let description = Description::new(DescribedKind::Profiler, "proc", &TestDef::DEFAULT);
    assert_eq!(
        description.text(),
        "proc\n\nat :0\na profiler: `--profiler` uses it\n"
    );
}
