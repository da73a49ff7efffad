//! What `cargo autotest schema` prints.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_published_schema_is_what_is_printed() {
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/job-file.schema.json");
    for args in [["schema"].as_slice(), &["autotest", "schema"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-autotest"));
        let printed = command.args(args).output().unwrap();
        assert!(printed.status.success(), "{printed:?}");
        let printed = String::from_utf8(printed.stdout).unwrap();
        let kept = fs::read_to_string(&published).unwrap();
        assert!(
            printed == kept,
            "`cargo run -p cargo-autotest -- schema > docs/job-file.schema.json` updates it"
        );
    }
}
