//! Attacks that an original package may have: whatever the entries are, none leaves its directory.

use super::archive::{Archive, Header, check, file, pax};

/// A package with a good file and this entry is refused for the entry.
#[track_caller]
fn check_entry(entry: impl FnOnce(Archive) -> Archive, message: &str) {
    let archive = entry(Archive::default().file("dir/good", b"contents"));
    check(&archive.pack(), &format!("the package's entry {message}"));
}

#[test]
fn paths_out_of_the_directory() {
    for path in ["../out", "dir/../../out", "dir/..", "./../out"] {
        let message = format!("`{path}` has a path with `..`");
        check_entry(|archive| archive.file(path, b"contents"), &message);
    }
    let message = "`/etc/passwd` has an absolute path";
    check_entry(|archive| archive.file("/etc/passwd", b"contents"), message);
}

#[test]
fn paths_in_extended_headers() {
    let message = "`../out` has a path with `..`";
    check_entry(|a| a.extended(b'L', b"../out\0").file("a", b""), message);
    check_entry(
        |a| a.extended(b'x', &pax("path", "../out")).file("a", b""),
        message,
    );
}

#[test]
fn symbolic_links_out() {
    let message =
        |path, target| format!("`{path}` is a link to `{target}`, which is not in the package");
    for target in ["/etc/passwd", "../out", "good/../../..", "..", "missing"] {
        check_entry(
            |archive| archive.link(b'2', "out", target),
            &message("out", target),
        );
    }
    let target = "../../dir/good";
    check_entry(
        |archive| archive.link(b'2', "dir/out", target),
        &message("dir/out", target),
    );
}

/// `a/up` is the package's directory. Lexically, `a/up/..` is `a`, but really it is outside.
#[test]
fn a_link_out_by_another_link() {
    check_entry(
        |archive| {
            archive
                .link(b'2', "a/up", "..")
                .link(b'2', "out", "a/up/../there")
        },
        "`out` is a link to `a/up/../there`, which is not in the package",
    );
}

#[test]
fn a_file_through_a_link() {
    check_entry(
        |archive| archive.link(b'2', "a", "dir").file("a/out", b"contents"),
        "`a/out` is below `a`, which is not a directory",
    );
    check_entry(
        |archive| {
            archive
                .link(b'2', "good", "dir/good")
                .file("good", b"contents")
        },
        "`good` occurs twice",
    );
}

#[test]
fn hard_links_out() {
    for target in ["/etc/passwd", "../there", "missing", "dir", "out"] {
        let message = format!("`out` is a link to `{target}`, which is not in the package");
        check_entry(|archive| archive.link(b'1', "out", target), &message);
    }
}

#[test]
fn a_hard_link_to_a_symbolic_one() {
    check_entry(
        |archive| {
            archive
                .link(b'2', "soft", "dir/good")
                .link(b'1', "hard", "soft")
        },
        "`hard` is a link to `soft`, which is not in the package",
    );
}

#[test]
fn devices_pipes_and_sparse_files() {
    let message =
        |kind| format!("`odd` is a {kind}; a package may have only files, directories and links");
    for (kind, name) in [
        (b'3', "device node"),
        (b'4', "device node"),
        (b'6', "named pipe"),
        (b'S', "sparse file"),
        (b'V', "kind of entry that is not known"),
    ] {
        check_entry(
            |archive| archive.entry(kind, "odd", "", 0o644),
            &message(name),
        );
    }
}

#[test]
fn setuid_and_setgid() {
    for (kind, mode) in [(b'0', 0o4755), (b'0', 0o2755), (b'5', 0o2755)] {
        check_entry(
            |archive| archive.entry(kind, "root", "", mode),
            "`root` is setuid or setgid",
        );
    }
}

#[test]
fn two_entries_of_one_path() {
    check_entry(
        |archive| archive.file("dir/good", b"other"),
        "`dir/good` occurs twice",
    );
    check_entry(
        |archive| archive.file("./dir//good", b"other"),
        "`./dir//good` occurs twice",
    );
    check_entry(
        |archive| archive.file("Dir/good", b"other"),
        "`Dir/good` differs from `dir` only in upper and lower case",
    );
    check_entry(
        |archive| archive.file("dir/GOOD", b"other"),
        "`dir/GOOD` differs from `dir/good` only in upper and lower case",
    );
}

#[test]
fn a_file_as_a_directory() {
    check_entry(
        |archive| archive.file("dir/good/below", b"contents"),
        "`dir/good/below` is below `dir/good`, which is not a directory",
    );
    check_entry(
        |archive| archive.file("dir", b"contents"),
        "`dir` occurs twice",
    );
    check_entry(
        |archive| archive.file("other/", b"contents"),
        "`other/` has a path that is not written plainly (write `other`)",
    );
}

#[test]
fn contents_of_what_has_none() {
    let header = Header {
        kind: b'5',
        ..file("other", 8)
    };
    check_entry(
        |archive| archive.header(&header).contents(b"contents"),
        "`other` is a directory, but has contents",
    );
}

#[test]
fn names_that_are_none() {
    check_entry(
        |archive| archive.file("a\u{1b}[2Jb", b"contents"),
        "`a\u{fffd}[2Jb` has a path that is not UTF-8 or has control characters",
    );
    let header = Header {
        path: b"caf\xe9",
        ..file("", 0)
    };
    check_entry(
        |archive| archive.header(&header),
        "`caf\u{fffd}` has a path that is not UTF-8 or has control characters",
    );
    check_entry(|archive| archive.file("", b"contents"), "`` has no name");
    check_entry(|archive| archive.file(".", b"contents"), "`.` has no name");
}

#[test]
fn names_that_are_too_long() {
    let shown = "x".repeat(80);
    let name = "x".repeat(256);
    check_entry(
        |archive| archive.extended(b'L', name.as_bytes()).file("a", b""),
        &format!("`{shown}…` has a path with a name of more than 255 bytes"),
    );
    let path = "x/".repeat(600);
    check_entry(
        |archive| archive.extended(b'L', path.as_bytes()).file("a", b""),
        &format!("`{}…` has a path of more than 1024 bytes", "x/".repeat(40)),
    );
}

#[test]
fn the_name_of_the_installed_checksum() {
    let message = "`.checksum` has a name that is reserved for the installed package";
    check_entry(|archive| archive.file(".checksum", b"contents"), message);
    check_entry(
        |archive| archive.link(b'2', "./.checksum", "dir/good"),
        &message.replace("`.c", "`./.c"),
    );
}

#[test]
fn a_manifest_that_is_not_the_first_entry() {
    check_entry(
        |archive| archive.file("manifest.json", b"{}"),
        "`manifest.json` must be the first entry",
    );
}
