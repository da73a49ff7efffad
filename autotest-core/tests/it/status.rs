//! The status log: codes, records, lines.

use autotest_core::status::{Code, Status, StatusEntry, StatusError, parse, parse_log};
use proptest::prelude::*;

const TIME: i64 = 1_700_000_000;
const LOCAL: &str = "Nov 14 22:13:20";

fn entry(code: &str, name: Option<&str>, message: &str) -> StatusEntry {
    StatusEntry::new(code.parse().unwrap(), name, name, message, TIME, LOCAL).unwrap()
}

fn fields<const N: usize>(entry: StatusEntry, fields: [(&str, &str); N]) -> StatusEntry {
    fields
        .into_iter()
        .try_fold(entry, |entry, (key, value)| entry.with_field(key, value))
        .unwrap()
}

#[track_caller]
fn check(entry: &StatusEntry, expected: &str) {
    assert_eq!(entry.render(0), format!("{expected}\n"));
}

#[track_caller]
fn check_message(message: &str, expected: &str) {
    let line = "FAIL\tt\tt\ttimestamp=1700000000\tlocaltime=Nov 14 22:13:20\t";
    check(
        &entry("FAIL", Some("t"), message),
        &format!("{line}{expected}"),
    );
}

#[test]
fn the_order_is_the_originals() {
    let names: Vec<_> = Status::ALL.iter().map(|status| status.name()).collect();
    assert_eq!(
        names,
        [
            "TEST_NA", "ABORT", "ERROR", "FAIL", "WARN", "GOOD", "ALERT", "RUNNING", "NOSTATUS"
        ]
    );
    assert!(
        Status::ALL
            .iter()
            .enumerate()
            .all(|(rank, status)| status.rank() == rank)
    );
    assert_eq!(Status::Abort.worst(Status::TestNa), Status::TestNa);
    assert_eq!(Status::Good.worst(Status::Good), Status::Good);
}

#[test]
fn some_statuses_are_failures_and_one_is_if_the_job_is_strict() {
    let failures = |is_strict| {
        let statuses = Status::ALL.iter();
        let failures = statuses.filter(|status| status.fails(is_strict));
        failures.map(|status| status.name()).collect::<Vec<_>>()
    };
    assert_eq!(failures(false), ["ABORT", "ERROR", "FAIL"]);
    assert_eq!(failures(true), ["ABORT", "ERROR", "FAIL", "WARN"]);
    assert!(Status::Fail.is_failure() && !Status::Warn.is_failure());
}

#[test]
fn a_code_is_a_text_in_json() {
    let json = serde_json::to_string(&Code::End(Status::Good)).unwrap();
    assert_eq!(json, "\"END GOOD\"");
    assert_eq!(
        serde_json::from_str::<Code>(&json).unwrap(),
        Code::End(Status::Good)
    );
    assert!(serde_json::from_str::<Code>("\"END\"").is_err());
}

#[test]
fn every_code_reads_back() {
    let statuses = Status::ALL
        .iter()
        .flat_map(|status| [Code::Status(*status), Code::End(*status)]);
    for code in statuses.chain([Code::Start, Code::Info]) {
        assert_eq!(code.to_string().parse(), Ok(code));
    }
}

#[test]
fn other_words_are_no_codes() {
    let quoted = [
        ("END START", "'END START'"),
        ("END INFO", "'END INFO'"),
        ("good", "'good'"),
        ("GOOD\n", r"'GOOD\n'"),
    ];
    for (word, repr) in quoted {
        let error = word.parse::<Code>().unwrap_err().to_string();
        assert_eq!(error, format!("status code {repr} is not valid"));
    }
    for word in [
        "BUG",
        "END  GOOD",
        "GOOD ",
        "xGOOD",
        "",
        "END ",
        "END END GOOD",
    ] {
        assert!(word.parse::<Code>().is_err(), "{word:?}");
    }
}

#[test]
fn absent_names_are_four_dashes() {
    let expected = "START\t----\t----\ttimestamp=1700000000\tlocaltime=Nov 14 22:13:20\t";
    check(&entry("START", None, ""), expected);
    check(&entry("START", Some(""), ""), expected);
    assert_eq!(entry("START", Some("----"), "").subdir(), None);
}

#[test]
fn indentation_is_tabs() {
    let text = entry("END GOOD", Some("t"), "").render(2);
    assert_eq!(
        text,
        "\t\tEND GOOD\tt\tt\ttimestamp=1700000000\tlocaltime=Nov 14 22:13:20\t\n"
    );
}

#[track_caller]
fn check_fields<const N: usize>(given: [(&str, &str); N], expected: &str) {
    let entry = fields(entry("INFO", None, "m"), given);
    let expected = expected
        .replace("LOCAL", "localtime=Nov 14 22:13:20")
        .replace("TIME", "timestamp=1700000000");
    check(
        &entry,
        &format!(
            "INFO\t----\t----\t{}\tm",
            expected.replace(' ', "\t").replace("Nov\t14\t", "Nov 14 ")
        ),
    );
}

#[test]
fn fields_stand_in_the_originals_order() {
    check_fields([], "TIME LOCAL");
    check_fields([("timeout", "30")], "TIME timeout=30 LOCAL");
    check_fields([("job_abort_reason", "x")], "TIME job_abort_reason=x LOCAL");
    check_fields(
        [("warnings.disable", "NETWORK")],
        "TIME warnings.disable=NETWORK LOCAL",
    );
    check_fields(
        [("warnings.enable", "NETWORK")],
        "warnings.enable=NETWORK LOCAL TIME",
    );
    check_fields([("kernel", "5.4")], "kernel=5.4 LOCAL TIME");
    check_fields(
        [("kernel", "5.4"), ("patch0", "a")],
        "patch0=a kernel=5.4 LOCAL TIME",
    );
    check_fields(
        [("kernel", "5.4"), ("patch0", "a"), ("patch1", "b")],
        "patch0=a kernel=5.4 LOCAL TIME patch1=b",
    );
}

#[test]
fn other_fields_stand_in_the_order_given() {
    check_fields([("z", "1"), ("a", "2")], "TIME z=1 a=2 LOCAL");
    check_fields([("a", "1"), ("b", "2"), ("a", "3")], "TIME a=3 b=2 LOCAL");
    check_fields([("timestamp", "9"), ("localtime", "x")], "TIME LOCAL");
}

#[test]
fn a_message_has_a_line_and_further_lines() {
    check_message(
        "one\ntwo\n\n\tthree\r\nfour",
        "one\n  two\n  \n  \tthree\n  four",
    );
    check_message("\nsecond", "\n  second");
    check_message("one\n", "one");
    check_message("one\rtwo\n\n", "one\n  two\n  ");
    check_message("", "");
    check_message("two blanks at the end  ", "two blanks at the end  ");
}

#[test]
fn control_characters_do_not_survive() {
    check_message("tab\there\x0bvt\x0cff", "tab        here vt ff");
    check_message("esc\x1b[1m nul\0 nel\u{85}", "esc [1m nul  nel ");
    check_message("one\n\x1b[1mtwo\0\t\x0b", "one\n   [1mtwo \t ");
}

#[test]
fn a_message_never_begins_like_a_field() {
    check_message("rc=1 boom", " rc=1 boom");
    check_message(" rc=1", "  rc=1");
    check_message("\trc=", "         rc=");
    check_message("ré_1=", " ré_1=");
    check_message("got rc=1 boom", "got rc=1 boom");
    check_message("=1", "=1");
    check_message("a.b=1", "a.b=1");
    check_message("x\nrc=1", "x\n  rc=1");
}

#[track_caller]
fn check_refused(result: Result<StatusEntry, StatusError>, expected: &str) {
    assert_eq!(result.unwrap_err().to_string(), expected);
}

#[test]
fn a_name_that_begins_with_a_blank_is_refused() {
    let new = |subdir, operation| {
        StatusEntry::new(Code::Info, Some(subdir), Some(operation), "", TIME, LOCAL)
    };
    check_refused(new(" a", "t"), "Invalid character in subdir string");
    check_refused(new("t", " a"), "Invalid character in operation string");
    assert!(new("a b", "c d ").is_ok());
}

#[test]
fn control_characters_outside_the_message_are_refused() {
    let new = |subdir, operation, local| {
        StatusEntry::new(Code::Info, Some(subdir), Some(operation), "", TIME, local)
    };
    for bad in ["a\tb", "a\nb", "a\rb", "a\x0bb", "a\x0cb", "a\x1bb", "a\0"] {
        check_refused(new(bad, "t", LOCAL), "Invalid character in subdir string");
        check_refused(
            new("t", bad, LOCAL),
            "Invalid character in operation string",
        );
    }
    check_refused(
        new("t", "t", "x\ny"),
        r"Invalid character in 'localtime'='x\ny' field",
    );
    check_refused(
        entry("GOOD", None, "").with_field("a", "x\ty"),
        r"Invalid character in 'a'='x\ty' field",
    );
    check_refused(
        entry("GOOD", None, "").with_field("a\n", ""),
        r"Invalid character in 'a\n'='' field",
    );
}

#[test]
fn a_line_of_the_original_is_read() {
    let line = "\t\tGOOD\tt\t----\ttimestamp=5\ta=b=c\tlocaltime=x\tmsg\n";
    let (indent, entry) = parse(line).unwrap().unwrap();
    assert_eq!(
        (indent, entry.code(), entry.subdir(), entry.operation()),
        (2, Code::Status(Status::Good), Some("t"), None)
    );
    assert_eq!(
        (entry.timestamp(), entry.localtime(), entry.message()),
        (5, "x", "msg")
    );
    assert_eq!(entry.fields(), [("a".to_owned(), "b=c".to_owned())]);
}

#[track_caller]
fn check_unread(line: &str, expected: &str) {
    assert_eq!(parse(line).unwrap_err().to_string(), expected);
}

#[test]
fn a_bad_line_is_refused() {
    check_unread("GOOD\tt\tt", r"'GOOD\tt\tt' is not a valid status line");
    check_unread(
        "GOOD\tt\tt\tnoeq\tmsg",
        "`noeq` is not a field of a status line: expected `key=value`",
    );
    check_unread(
        "GOOD\tt\tt\tmsg",
        "the status line has no usable `timestamp` field",
    );
    check_unread(
        "GOOD\tt\tt\ttimestamp=abc\tlocaltime=x\t",
        "the status line has no usable `timestamp` field",
    );
    check_unread(
        "GOOD\tt\tt\ttimestamp=5\tmsg",
        "the status line has no usable `localtime` field",
    );
    check_unread(
        "BOGUS\tt\tt\ttimestamp=5\tlocaltime=x\t",
        "status code 'BOGUS' is not valid",
    );
}

#[test]
fn a_further_line_is_no_record() {
    assert_eq!(parse("  extra").unwrap(), None);
}

#[test]
fn a_log_joins_the_lines_of_a_message() {
    let (first, second) = (
        entry("START", Some("t"), ""),
        entry("FAIL", Some("t"), "rc=1\n\n\tindented"),
    );
    let text = format!("  lost\n{}\n{}", first.render(0), second.render(1));
    assert_eq!(parse_log(&text).unwrap(), [(0, first), (1, second)]);
}

#[test]
fn a_log_names_the_bad_line() {
    let text = format!("{}word\n", entry("START", None, "one\ntwo").render(0));
    let error = parse_log(&text).unwrap_err().to_string();
    assert_eq!(
        error,
        "line 3 of the status log: 'word' is not a valid status line"
    );
}

fn codes() -> impl Strategy<Value = Code> {
    let status = || prop::sample::select(Status::ALL);
    prop_oneof![
        Just(Code::Start),
        Just(Code::Info),
        status().prop_map(Code::Status),
        status().prop_map(Code::End)
    ]
}

/// A text of one line without control characters.
const TEXT: &str = "\\PC{0,12}";

/// The same, without a blank at its begin.
const NAME: &str = "([^\\pC ]\\PC{0,11})?";

/// Messages that come back: no CR, no newline at the end, TAB only in further lines.
fn messages() -> impl Strategy<Value = String> {
    let first = prop_oneof![TEXT, " {0,3}[a-z_é0-9]{0,2}=?\\PC{0,4}"];
    let last = "[\\PC\t]{0,8}[^\\pC]";
    (
        first,
        prop::collection::vec("[\\PC\t]{0,8}", 0..3),
        prop::option::of(last),
    )
        .prop_map(|(first, middle, last)| {
            let lines = [first].into_iter().chain(
                last.into_iter()
                    .flat_map(|last| middle.clone().into_iter().chain([last])),
            );
            lines.collect::<Vec<_>>().join("\n")
        })
}

fn entries() -> impl Strategy<Value = StatusEntry> {
    let names = (prop::option::of(NAME), prop::option::of(NAME));
    let fields = prop::collection::vec(
        (prop_oneof!["[a-z.]{1,4}", Just("kernel".to_owned())], TEXT),
        0..4,
    );
    (codes(), names, messages(), any::<i64>(), TEXT, fields).prop_map(
        |(code, (subdir, operation), message, time, local, fields)| {
            let entry = StatusEntry::new(
                code,
                subdir.as_deref(),
                operation.as_deref(),
                &message,
                time,
                &local,
            )
            .unwrap();
            fields
                .iter()
                .try_fold(entry, |entry, (key, value)| entry.with_field(key, value))
                .unwrap()
        },
    )
}

/// The record with its fields in the order in which it reads back.
fn sorted_fields(entry: &StatusEntry) -> Vec<(String, String)> {
    let mut fields = entry.fields().to_vec();
    fields.sort();
    fields
}

proptest! {
    #[test]
    fn a_log_comes_back(given in prop::collection::vec((0..4_usize, entries()), 0..4)) {
        let text: String = given.iter().map(|(indent, entry)| entry.render(*indent)).collect();
        let read = parse_log(&text).unwrap();
        let again: String = read.iter().map(|(indent, entry)| entry.render(*indent)).collect();
        prop_assert_eq!(again, text);
        for ((indent, entry), (read_indent, read)) in given.iter().zip(&read) {
            prop_assert_eq!((indent, entry.code(), entry.message()), (read_indent, read.code(), read.message()));
            prop_assert_eq!((entry.subdir(), entry.operation()), (read.subdir(), read.operation()));
            prop_assert_eq!((entry.timestamp(), entry.localtime()), (read.timestamp(), read.localtime()));
            prop_assert_eq!(sorted_fields(entry), sorted_fields(read));
        }
        prop_assert_eq!(given.len(), read.len());
    }

    #[test]
    fn any_message_stays_inside_its_record(message: String) {
        let text = entry("FAIL", Some("t"), &message).render(1);
        prop_assert!(text.ends_with('\n') && !text.contains(|c: char| c.is_control() && c != '\t' && c != '\n'));
        prop_assert!(text.trim_end_matches('\n').lines().skip(1).all(|line| line.starts_with("  ")));
        prop_assert_eq!(parse_log(&text).unwrap().len(), 1);
    }
}
