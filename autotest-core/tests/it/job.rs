//! What the beginning of a job has in a journal.

use autotest_core::JobStart;

#[test]
fn a_job_says_of_which_it_repeats_runs_if_it_does() {
    let json = |start: &JobStart| serde_json::to_string(start).unwrap();
    let plain = JobStart::default();
    assert!(!json(&plain).contains("rerun_of"));
    let rerun = JobStart {
        rerun_of: "18ec-1".to_owned(),
        ..JobStart::default()
    };
    assert!(json(&rerun).contains(r#""rerun_of":"18ec-1""#));
    for start in [plain, rerun] {
        assert_eq!(
            serde_json::from_str::<JobStart>(&json(&start)).unwrap(),
            start
        );
    }
}
