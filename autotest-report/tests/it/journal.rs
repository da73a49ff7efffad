//! The file of records: what of it is believed, and who may have it.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use autotest_core::{Event, Phase};
use autotest_report::journal::Ending;
use autotest_report::{JournalError, Record, event_from_json, journal, write_event};

use crate::job::{Job, file_of};
use crate::tree::Home;

/// What is read of a job's journal with these bytes behind it.
#[track_caller]
fn check(behind: &[u8], is_believed: bool) {
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    let mut lines = job.lines();
    let length = lines.len() as u64;
    lines.extend_from_slice(behind);
    let mut records = journal::Records::new(file_of(&lines));
    let read: Vec<Record> = records.by_ref().collect();
    assert_eq!(read[..2], job.records);
    assert_eq!(read.len() == 3, is_believed);
    assert_eq!(records.length == lines.len() as u64, is_believed);
    assert!(is_believed || records.length == length);
}

/// The line of a record with this number.
fn line(seq: u64) -> Vec<u8> {
    let (run, t, event) = (1, 0.0, Event::Phase(Phase::Execute));
    let mut line = Vec::new();
    let record = Record { seq, run, t, event };
    record.write_to(&mut line).unwrap();
    line
}

#[test]
fn nothing_is_believed_behind_the_first_line_that_is_not_the_next_record() {
    check(&line(2), true);
    check(&line(1), false);
    check(&line(3), false);
    check(b"{\"seq\":2\n", false);
    check(&[b"\n", &line(2)[..]].concat(), false);
    check(line(2).strip_suffix(b"\n").unwrap(), false);
}

/// How a journal ends that has these bytes behind two records.
#[track_caller]
fn check_ending(behind: &[u8], count: u64, expected: Ending) {
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    let lines = [&job.lines(), behind].concat();
    let ending = journal::Records::new(file_of(&lines)).ending();
    assert_eq!(ending.unwrap(), (count, expected));
    let mut records = journal::Records::new(file_of(&lines));
    records.by_ref().for_each(drop);
    assert!(records.next().is_none());
    assert_eq!(records.ending().unwrap(), (count, expected));
}

#[test]
fn a_journal_is_whole_or_ends_within_a_record_or_is_damaged() {
    check_ending(b"", 2, Ending::Whole);
    check_ending(&line(2), 3, Ending::Whole);
    check_ending(line(2).strip_suffix(b"\n").unwrap(), 2, Ending::Cut);
    check_ending(b"{", 2, Ending::Cut);
    check_ending(b"\n", 2, Ending::Damaged);
    check_ending(&line(7), 2, Ending::Damaged);
    check_ending(&[b"x\n", &line(2)[..]].concat(), 2, Ending::Damaged);
}

#[test]
fn a_journal_that_cannot_be_read_to_its_end_has_no_ending() {
    let directory = File::open(".").unwrap();
    assert!(journal::Records::new(directory).ending().is_err());
}

#[test]
fn an_event_alone_is_written_as_in_its_record_and_reads_back() {
    let mut job = Job::of(&["a"]);
    job.start(1, "a").pass(1);
    for record in job.records {
        let mut json = b"before ".to_vec();
        write_event(&record.event, &mut json).unwrap();
        let written = json.strip_prefix(b"before ").unwrap();
        assert_eq!(event_from_json(written).unwrap(), record.event);
        let mut line = Vec::new();
        record.write_to(&mut line).unwrap();
        assert!(line.ends_with(&[written, b"}\n"].concat()), "{record:?}");
    }
}

#[test]
fn a_long_journal_is_read_from_its_beginning_wherever_its_file_stands() {
    let mut job = Job::of(&["a"]);
    for run in 1..=1000 {
        job.start(run, "a").pass(run);
    }
    let mut file = job.journal();
    let bytes = job.lines();
    assert!(bytes.len() > 128 << 10, "more than is read at once");
    file.seek(SeekFrom::End(0)).unwrap();
    let read: Vec<_> = journal::Records::new(file.try_clone().unwrap()).collect();
    assert!(read == job.records);
    let mut whole = Vec::new();
    // A reader that never ends is found out, too.
    let mut reader = journal::whole(file).take(2 * bytes.len() as u64);
    reader.read_to_end(&mut whole).unwrap();
    assert!(whole == bytes);
}

#[test]
fn a_text_is_mentioned_only_before_what_is_no_text() {
    let mentions = |bytes: &[u8]| journal::mentions(file_of(bytes), "resume").unwrap();
    assert!(mentions(b"a\nthe resume of b\nc\n"));
    assert!(!mentions(b"a\nb\n"));
    assert!(!mentions(b""));
    assert!(!mentions(b"a\n\xff\nresume\n"));
}

/// The journal of a job, and another file that is open for it, as another process would have it.
fn shared() -> (Home, File) {
    let home = Home::new();
    home.put(journal::NAME, "");
    let other = File::options()
        .read(true)
        .write(true)
        .open(home.jobdir().join(journal::NAME));
    (home, other.unwrap())
}

#[test]
fn a_journal_that_is_read_is_written_by_nobody() {
    for open in [journal::read, journal::reopen] {
        let (home, other) = shared();
        let taken = open(&home.jobdir()).unwrap();
        assert!(!journal::hold(&other, Duration::ZERO));
        drop(taken);
        assert!(journal::hold(&other, Duration::ZERO));
    }
}

#[test]
fn any_number_of_programs_may_read_a_journal_that_nobody_writes() {
    let (home, other) = shared();
    let one = journal::read_shared(&home.jobdir()).unwrap();
    let two = journal::read_shared(&home.jobdir()).unwrap();
    assert!(other.try_lock().is_err());
    drop((one, two));
    other.lock().unwrap();
    let error = journal::read_shared(&home.jobdir()).unwrap_err();
    assert!(matches!(error, JournalError::Locked), "{error}");
}

#[test]
fn a_journal_of_a_newer_version_is_refused() {
    let home = Home::new();
    let begin = r#"{"seq":0,"run":0,"t":1.5,"event":{"job_start":{"version":"#;
    let ways = [journal::read, journal::read_shared, journal::reopen];
    for (version, is_read) in [
        ("1,", true),
        ("2,", false),
        ("99999999999}", false),
        ("12", false),
    ] {
        home.put(journal::NAME, &format!("{begin}{version}"));
        for open in ways {
            assert_eq!(open(&home.jobdir()).is_ok(), is_read, "{version}");
        }
    }
    home.put(journal::NAME, &format!("{begin}7,\"anything\":8}}}}}}\n"));
    let error = journal::read_shared(&home.jobdir()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "`{}` has version 7 of the journal's format, and this program reads up to version 1: use the \
             version of autotest that wrote it, or a newer one",
            home.jobdir().join(journal::NAME).display()
        )
    );
}

#[test]
fn only_a_journal_that_is_reopened_can_be_written() {
    let (home, _) = shared();
    let mut read = journal::read(&home.jobdir()).unwrap();
    read.write_all(b"x").unwrap_err();
    drop(read);
    let mut reopened = journal::reopen(&home.jobdir()).unwrap();
    reopened.write_all(b"x").unwrap();
    assert_eq!(home.read(journal::NAME), "x");
}

#[test]
fn several_guardians_may_hold_a_journal() {
    let (home, other) = shared();
    assert!(journal::hold(&other, Duration::ZERO));
    let third = File::open(home.jobdir().join(journal::NAME)).unwrap();
    assert!(journal::hold(&third, Duration::ZERO));
}

#[test]
fn whoever_writes_a_journal_is_waited_for_a_moment() {
    let (home, other) = shared();
    other.lock().unwrap();
    let start = Instant::now();
    let error = journal::read(&home.jobdir()).unwrap_err();
    assert!(matches!(error, JournalError::Locked), "{error}");
    assert!(start.elapsed() >= Duration::from_millis(500));
}

#[test]
fn a_guardian_waits_as_long_as_it_likes() {
    let (home, other) = shared();
    other.lock().unwrap();
    let third = File::open(home.jobdir().join(journal::NAME)).unwrap();
    let (start, patience) = (Instant::now(), Duration::from_millis(20));
    assert!(!journal::hold(&third, patience));
    assert!(start.elapsed() >= patience);
}

/// Neither of two that wait for a guardian keeps the other from the journal.
#[test]
fn several_writers_wait_for_a_guardian() {
    let (home, guardian) = shared();
    assert!(journal::hold(&guardian, Duration::ZERO));
    let path = home.jobdir().join(journal::NAME);
    std::thread::scope(|scope| {
        let write = || journal::lock(&File::open(&path).unwrap()).is_ok();
        let writers = [scope.spawn(write), scope.spawn(write)];
        // Longer than any other process is waited for.
        std::thread::sleep(Duration::from_millis(700));
        guardian.unlock().unwrap();
        // The other one finds that one's lock, if it asks at the same moment.
        assert!(writers.map(|writer| writer.join().unwrap()).contains(&true));
    });
}

#[test]
fn a_directory_without_a_journal_of_its_own_has_no_job() {
    let home = Home::new();
    let missing = journal::read(&home.jobdir()).unwrap_err();
    let path = home.jobdir().join(journal::NAME);
    assert_eq!(
        missing.to_string(),
        format!(
            "failed to open the journal `{}`: No such file or directory (os error 2); \
             name the results directory of a job",
            path.display()
        )
    );
    fs::write(home.elsewhere("outside"), "").unwrap();
    symlink(home.elsewhere("outside"), &path).unwrap();
    for open in [journal::read, journal::reopen] {
        let link = open(&home.jobdir()).unwrap_err();
        assert!(matches!(link, JournalError::NotThere { .. }), "{link}");
    }
}
