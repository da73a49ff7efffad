//! A process that crashed, in words and on record.

use autotest_core::{Crash, Event, Settings};

fn of_child() -> Crash {
    Crash {
        name: "worker".to_owned(),
        pid: 7,
        signal: "signal 11 (SIGSEGV)".to_owned(),
        dir: "crash/worker.7".to_owned(),
        ..Crash::default()
    }
}

#[test]
fn a_crash_says_who_where_and_what_is_missing() {
    let crash = of_child();
    let told = "worker (7) was killed by signal 11 (SIGSEGV); see crash/worker.7";
    assert_eq!(crash.to_string(), told);
    let crash = Crash {
        place: "in work at worker.c:3".to_owned(),
        problems: vec!["there is no gdb".to_owned(), "the core is cut".to_owned()],
        ..crash
    };
    let told = "worker (7) was killed by signal 11 (SIGSEGV) in work at worker.c:3; see crash/worker.7; there is no \
                gdb; the core is cut";
    assert_eq!(crash.to_string(), told);
    // The verdict tells the rest.
    let crash = Crash {
        is_test: true,
        ..crash
    };
    let told = "see crash/worker.7; there is no gdb; the core is cut";
    assert_eq!(crash.to_string(), told);
}

#[test]
fn only_what_is_known_is_recorded() {
    let event = Event::Crash(Box::new(of_child()));
    let json = serde_json::to_string(&event).unwrap();
    let expected = r#"{"crash":{"name":"worker","pid":7,"is_test":false,"signal":"signal 11 (SIGSEGV)","dir":"crash/worker.7"}}"#;
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
}

#[test]
fn the_handler_is_off_and_only_recorded_if_it_is_on() {
    let settings = Settings::default();
    assert!(!settings.crash_handler);
    let json = serde_json::to_value(&settings).unwrap();
    assert_eq!(json.get("crash_handler"), None);
    let settings = Settings {
        crash_handler: true,
        ..settings
    };
    let json = serde_json::to_value(&settings).unwrap();
    assert_eq!(json.get("crash_handler"), Some(&true.into()));
}

#[cfg(feature = "packages")]
#[test]
fn a_crash_in_a_package_is_one_of_the_job_s() {
    assert!(Event::Crash(Box::default()).is_of_package());
}
