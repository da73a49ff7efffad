//! Names of packages and of tests that are given as packages.

use autotest_package::{PackageName, PackageType, TestName};

/// As the original's `get_package_name(given, "test")` returned them.
const ORIGINAL: &[(&str, &str, &str)] = &[
    ("sleeptest", "", "sleeptest"),
    ("dummy_Pass.tag", "", "dummy_Pass.tag"),
    ("foo.tar.bz2", "foo", "foo"),
    ("foo.123.tar.bz2", "foo123", "foo123"),
    ("test-foo.tar.bz2", "test-foo", "test-foo"),
    ("http://h:80/a/b/mytest.tar.bz2", "h_80_a_b", "mytest"),
    ("http://h/a-b/my.12.tar.bz2", "h_a_b", "my"),
    ("ftp://h/x.tar.bz2", "ftp://h/x", "ftp://h/x"),
    ("/abs/x.tar.bz2", "/abs/x", "/abs/x"),
    ("https://h/x.tar.bz2", "https://h/x", "https://h/x"),
    ("http://h", "", "http://h"),
];

#[test]
fn the_original_s_names() {
    for (given, group, name) in ORIGINAL {
        let found = TestName::original(given);
        assert_eq!(
            (found.group.as_str(), found.name.as_str()),
            (*group, *name),
            "{given}"
        );
    }
}

#[test]
fn names_of_directories_and_runs() {
    for (given, group, name) in [
        ("foo.tar.bz2", "foo", "foo"),
        ("foo.123.tar.bz2", "foo123", "foo123"),
        ("/abs/x.tar.bz2", "abs", "x"),
        ("../x.tar.bz2", "__", "x"),
        ("http://h:80/a/b/mytest.tar.bz2", "h_80_a_b", "mytest"),
        ("http://h/a-b/my.12.tar.bz2", "h_a_b", "my"),
        ("https://h/x.tar.bz2", "h", "x"),
        ("file:///srv/x.tar.bz2", "srv", "x"),
        ("bvt-1.2.0-x86_64-unknown-linux-musl.tar.bz2", "bvt", "bvt"),
        (
            "/srv/net-10g-1.2.0-rc.1-x86_64-unknown-linux-musl.tar.bz2",
            "srv",
            "net-10g",
        ),
        (
            "http://h/p/bvt-1.2.0-aarch64-unknown-linux-gnu.tar.bz2",
            "h_p",
            "bvt",
        ),
    ] {
        let found = TestName::of(given);
        assert_eq!(
            (found.group.as_str(), found.name.as_str()),
            (group, name),
            "{given}"
        );
    }
}

#[test]
fn a_package_is_told_by_its_ending() {
    assert!(TestName::is_package("a.tar.bz2"));
    assert!(!TestName::is_package(".tar.bz2"));
    assert!(!TestName::is_package("a.tar.gz"));
}

#[test]
fn the_type_ends_at_the_first_dash() {
    let name = PackageName::parse("test-a-b.tar.bz2").unwrap();
    assert_eq!(
        (name.name.as_str(), name.package_type),
        ("a-b", PackageType::Test)
    );
    assert_eq!(name.to_string(), "test-a-b.tar.bz2");
    for package_type in PackageType::ALL {
        let name = PackageName {
            package_type,
            name: "x".to_owned(),
        };
        assert_eq!(PackageName::parse(&name.to_string()), Some(name));
    }
    for other in ["a-b.tar.bz2", "test.tar.bz2", "test-a.tar"] {
        assert_eq!(PackageName::parse(other), None);
    }
}
