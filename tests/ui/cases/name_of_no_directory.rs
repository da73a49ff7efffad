use autotest::prelude::*;

#[autotest(name = "status")]
fn has_the_name_of_a_file_in_the_results() {}

#[autotest(name = "journal")]
#[case::jsonl()]
#[case::other()]
fn has_it_with_its_case() {}

#[autotest(name = "net/ping")]
fn has_a_slash() {}

#[autotest(name = "ping.attempt-2")]
fn has_the_name_of_an_attempt() {}

#[autotest(
    name = "a name that nobody can type and that is longer than what a file system takes, together with \
            what the framework puts behind it: one that is interrupted is renamed, and gets a number. So \
            there is a limit that this name, which is here only to be refused, is beyond."
)]
fn is_too_long() {}

fn main() {}
