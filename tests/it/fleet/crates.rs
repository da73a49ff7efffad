//! What the crates of a suite may have in common, and what they depend on.

use std::fs;
use std::path::Path;

use super::super::host_tool::empty;
use super::{build, copied, package, runs, unpacked};

/// Changes a text of a file.
#[track_caller]
fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "no {from} in {text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// The executable leaves out both: the one that is replaced, and the other one for its attribute.
#[test]
fn a_site_s_version_that_is_not_selected_replaces_the_test_all_the_same() {
    let (_dir, dir) = empty();
    let copy = copied(&dir);
    let site = "use autotest::prelude::*;\n\n\
                /// The site has a slow version.\n\
                #[autotest(site, name = \"net_tests::tun::interface_can_be_made\", suites(\"bvt\"), attributes(\"slow\"))]\n\
                fn interface_can_be_made() {}\n\n\
                mod files;\n";
    edit(&copy.join("storage-tests/src/lib.rs"), "mod files;\n", site);
    let built = build(
        &copy,
        &["bvt", "--profile", "dev", "--output", "packages"],
        &[],
    );
    assert_eq!(built["tests"], 9);
}

#[test]
fn a_dependency_with_tests_has_its_data_files_in_the_package() {
    let (_dir, dir) = empty();
    let copy = copied(&dir);
    let crates = "crates = [\"net-tests\", \"storage-tests\"]";
    edit(&copy.join("Cargo.toml"), crates, "crates = [\"net-tests\"]");
    let dependency = "[dependencies]\nstorage-tests = { path = \"../storage-tests\" }\n";
    edit(
        &copy.join("net-tests/Cargo.toml"),
        "[dependencies]\n",
        dependency,
    );
    let uses = "use storage_tests as _;\n\nmod addresses;\n";
    edit(&copy.join("net-tests/src/lib.rs"), "mod addresses;\n", uses);
    let built = build(
        &copy,
        &["bvt", "--profile", "dev", "--output", "packages"],
        &[],
    );
    assert_eq!(built["tests_by_crate"]["storage_tests"], 5);
    let Some(unpacked) = unpacked(&copy.join(package(&built)), &dir) else {
        return;
    };
    runs(&unpacked, &[]);
}
