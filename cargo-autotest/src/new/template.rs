//! The files of a new crate, from templates.

use std::path::{Path, PathBuf};

use super::framework::Framework;
use super::surroundings::Membership;

/// The files of a test crate, from `templates/crate`.
const CRATE: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        include_str!("../../templates/crate/Cargo.toml.in"),
    ),
    (
        ".gitignore",
        include_str!("../../templates/crate/gitignore.in"),
    ),
    (
        "README.md",
        include_str!("../../templates/crate/README.md.in"),
    ),
    (
        "src/lib.rs",
        include_str!("../../templates/crate/src/lib.rs.in"),
    ),
    (
        "src/basics.rs",
        include_str!("../../templates/crate/src/basics.rs.in"),
    ),
    (
        "src/phases.rs",
        include_str!("../../templates/crate/src/phases.rs.in"),
    ),
    (
        "src/speed.rs",
        include_str!("../../templates/crate/src/speed.rs.in"),
    ),
    (
        "src/jobs.rs",
        include_str!("../../templates/crate/src/jobs.rs.in"),
    ),
    (
        "tests/all.rs",
        include_str!("../../templates/crate/tests/all.rs.in"),
    ),
];

/// The files of a workspace with a suite.
const WORKSPACE: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        include_str!("../../templates/suite/Cargo.toml.in"),
    ),
    (
        "README.md",
        include_str!("../../templates/suite/README.md.in"),
    ),
    (
        ".gitignore",
        include_str!("../../templates/crate/gitignore.in"),
    ),
];

/// The files of a test crate. `suite` is a table for its manifest, or empty.
pub(super) fn test_crate(
    name: &str,
    suite: &str,
    framework: &Framework,
    membership: &Membership,
) -> Vec<(PathBuf, String)> {
    let suite_readme = match suite {
        "" => String::new(),
        _ => format!("\n`cargo autotest build {name}` packs them as a suite.\n"),
    };
    // A workspace of its own, so that Cargo does not assign the crate to one further up, which excludes it.
    let workspace = match membership.is_member() {
        true => "",
        false => "\n# No workspace around it claims this crate.\n[workspace]\n",
    };
    let words = [
        ("name", name),
        ("crate", &name.replace('-', "_")),
        ("suite", suite),
        ("suite_readme", &suite_readme),
        ("framework", &framework.dependency()),
        ("workspace", workspace),
    ];
    filled(CRATE, &words, Path::new(""))
}

/// The files of a workspace with a suite and its test crate.
pub(super) fn workspace(name: &str, framework: &Framework) -> Vec<(PathBuf, String)> {
    let member = format!("{name}-tests");
    let own = [
        ("name", name),
        ("member", &member),
        ("framework", &framework.dependency()),
    ];
    let words = [
        ("name", member.as_str()),
        ("crate", &member.replace('-', "_")),
        ("suite", ""),
        ("suite_readme", ""),
        ("framework", &Framework::Workspace.dependency()),
        ("workspace", ""),
    ];
    let mut files = filled(WORKSPACE, &own, Path::new(""));
    let of_crate = filled(CRATE, &words, Path::new(&member));
    files.extend(
        of_crate
            .into_iter()
            .filter(|(path, _)| !path.ends_with(".gitignore")),
    );
    files
}

fn filled(files: &[(&str, &str)], words: &[(&str, &str)], below: &Path) -> Vec<(PathBuf, String)> {
    let fill = |template: &str| {
        let filled = words
            .iter()
            .fold(template.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{{{name}}}}}"), value)
            });
        filled.trim_end().to_owned() + "\n"
    };
    let file = |(path, template): &(&str, &str)| (below.join(path), fill(template));
    files.iter().map(file).collect()
}
