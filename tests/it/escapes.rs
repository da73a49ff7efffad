//! What tries to get away: from its verdict, its timeout, from being ended; a job that its tests or
//! those who started it do not let go on.

use super::binary::{fixture, sleepers};

#[test]
fn a_process_is_found_whatever_its_environment_says() {
    let ran = fixture("escapes", &["a_disguised_daemon"]).expect_code(0);
    let log = ran.log("status.log");
    assert!(log.contains("left processes behind: sleep ("), "{log}");
    assert_eq!(sleepers("611"), 0);
}
