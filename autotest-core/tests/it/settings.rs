//! The settings of a job.

use autotest_core::LeakPolicy;

#[test]
fn a_policy_has_a_name() {
    let names = LeakPolicy::ALL.map(LeakPolicy::name);
    assert_eq!(names, ["off", "warn", "fail"]);
    assert_eq!(
        LeakPolicy::ALL.map(|policy| policy.is_off()),
        [true, false, false]
    );
    for policy in LeakPolicy::ALL {
        assert_eq!(LeakPolicy::named(policy.name()), Some(policy));
        let json = format!("\"{}\"", policy.name());
        assert_eq!(serde_json::to_string(&policy).unwrap(), json);
    }
    assert_eq!(LeakPolicy::named("ignore"), None);
}

#[cfg(feature = "leaks")]
#[test]
fn only_a_policy_that_looks_is_recorded() {
    use autotest_core::Settings;
    let recorded = |leaks| {
        let settings = Settings {
            leaks,
            ..Settings::default()
        };
        let json = serde_json::to_value(&settings).unwrap();
        assert_eq!(
            serde_json::from_value::<Settings>(json.clone()).unwrap(),
            settings
        );
        json.get("leaks").cloned()
    };
    assert_eq!(recorded(LeakPolicy::Off), None);
    assert_eq!(recorded(LeakPolicy::Warn), Some("warn".into()));
}
