//! What a job or a test adds to what is collected of the target.

use autotest_core::{
    JobResume, JobStart, Settings, Sysinfo, SysinfoRow, SysinfoSource, SysinfoTime,
};
use serde_json::json;

fn command(command: &str, name: Option<&str>) -> SysinfoRow {
    SysinfoRow {
        source: SysinfoSource::Command(command.to_owned()),
        name: name.map(str::to_owned),
        when: SysinfoTime::Test,
    }
}

fn file(path: &str) -> SysinfoRow {
    SysinfoRow {
        source: SysinfoSource::File(path.to_owned()),
        name: None,
        when: SysinfoTime::Test,
    }
}

#[test]
fn a_time_has_a_name() {
    let names = SysinfoTime::ALL.map(SysinfoTime::name);
    assert_eq!(names, ["boot", "test", "failure"]);
    for time in SysinfoTime::ALL {
        assert_eq!(SysinfoTime::named(time.name()), Some(time));
        assert_eq!(serde_json::to_value(time).unwrap(), json!(time.name()));
    }
    assert_eq!(SysinfoTime::named("now"), None);
}

#[test]
fn an_option_is_a_row_for_each_test() {
    let row = SysinfoRow::of_option;
    assert_eq!(row("cmd ip -s link"), Some(command("ip -s link", None)));
    assert_eq!(row("file /var/log/a b"), Some(file("/var/log/a b")));
    assert_eq!(row("file"), None);
    assert_eq!(row("page 1"), None);
}

#[track_caller]
fn check_name(row: SysinfoRow, expected: &str) {
    assert_eq!(row.file_name(), expected);
}

#[test]
fn a_file_has_the_name_of_its_command_or_path() {
    check_name(command("lspci -vvn", None), "lspci_-vvn");
    check_name(command(" cat /a\tb\n", None), "cat__a_b");
    check_name(command("lspci", Some("pci devices")), "pci_devices");
    check_name(file("/var/log/app.log"), "app.log");
    check_name(file("log"), "log");
}

#[test]
fn a_name_is_no_longer_than_that_of_a_file() {
    let longest = "x".repeat(255);
    check_name(command(&longest, None), &longest);
    check_name(command(&(longest.clone() + "x"), None), &longest);
    check_name(
        command(&format!(".{longest}"), None),
        &format!("_.{}", "x".repeat(253)),
    );
}

#[test]
fn no_name_reaches_another_directory_or_a_name_of_the_results() {
    check_name(command("x", Some("../up")), "_.._up");
    check_name(command("x", Some(".")), "_.");
    check_name(command("x", Some("")), "_");
    check_name(file("/var/log/"), "_");
    for taken in ["reboot_current", "iteration.1", "boot.0"] {
        check_name(file(taken), &format!("_{taken}"));
    }
    check_name(file("reboot_currents"), "reboot_currents");
    let long = "é".repeat(200);
    check_name(command(&long, None), &"é".repeat(127));
}

#[test]
fn only_what_is_given_is_recorded() {
    let recorded = |sysinfo| {
        let settings = Settings {
            sysinfo,
            ..Settings::default()
        };
        let json = serde_json::to_value(&settings).unwrap();
        let read: Settings = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(read, settings);
        json.get("sysinfo").cloned()
    };
    assert_eq!(recorded(None), None);
    assert_eq!(recorded(Some(Sysinfo::default())), Some(json!({})));
    let rows = vec![command("ip addr", Some("addresses")), file("/a")];
    let expected = json!({"rows": [
        {"source": {"command": "ip addr"}, "name": "addresses", "when": "test"},
        {"source": {"file": "/a"}, "when": "test"},
    ]});
    assert_eq!(recorded(Some(Sysinfo { rows })), Some(expected));
}

#[test]
fn the_rows_of_a_test_are_described() {
    use autotest_core::{DescribedKind, Description, Details, Metadata, TestDef};
    static META: Metadata = Metadata {
        sysinfo: &["cmd ip addr", "file /a"],
        ..Metadata::DEFAULT
    };
    static DETAILS: Details = Details {
        meta: &META,
        ..Details::DEFAULT
    };
    let test = TestDef {
        details: &DETAILS,
        ..TestDef::DEFAULT
    };
    let described = Description::new(DescribedKind::Test, "a", &test);
    assert_eq!(described.sysinfo, ["cmd ip addr", "file /a"]);
    let text = described.text();
    assert!(text.contains("\nsysinfo: cmd ip addr; file /a\n"), "{text}");
}

#[test]
fn only_a_kernel_that_crashed_is_recorded() {
    let resume = JobResume {
        kernel_crash: "Oops: 0002".to_owned(),
        kernel_records: vec!["dmesg-ramoops-0 26 1.5".to_owned()],
        ..JobResume::default()
    };
    let start = JobStart {
        kernel_records: resume.kernel_records.clone(),
        ..JobStart::default()
    };
    let recorded = serde_json::to_value(&resume).unwrap();
    assert_eq!(recorded["kernel_crash"], json!("Oops: 0002"));
    assert_eq!(
        recorded["kernel_records"],
        json!(["dmesg-ramoops-0 26 1.5"])
    );
    assert_eq!(
        serde_json::from_value::<JobResume>(recorded).unwrap(),
        resume
    );
    let recorded = serde_json::to_value(&start).unwrap();
    assert_eq!(
        recorded["kernel_records"],
        json!(["dmesg-ramoops-0 26 1.5"])
    );
    assert_eq!(serde_json::from_value::<JobStart>(recorded).unwrap(), start);
    let nothing = [
        serde_json::to_string(&JobResume::default()).unwrap(),
        serde_json::to_string(&JobStart::default()).unwrap(),
    ];
    assert!(
        nothing.iter().all(|json| !json.contains("kernel_")),
        "{nothing:?}"
    );
}
