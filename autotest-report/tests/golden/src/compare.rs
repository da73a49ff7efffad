//! Golden files: compared whole, or written anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::replayed::Outputs;

/// What differs from the files in `dir`, which has one for each output and no other.
pub(crate) fn compare(dir: &Path, outputs: &Outputs) -> Vec<String> {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        update(dir, outputs);
        return Vec::new();
    }
    let there: BTreeSet<String> = fs::read_dir(dir).map_or_else(
        |_| BTreeSet::new(),
        |entries| {
            let names = entries.map(|entry| entry.unwrap().file_name());
            names
                .map(|name| name.to_string_lossy().into_owned())
                .collect()
        },
    );
    let stale = there
        .iter()
        .filter(|name| !outputs.contains_key(name.as_str()));
    let stale = stale.map(|name| format!("{name} is the output of no report"));
    let differing = outputs.iter().filter_map(|(name, output)| {
        let expected = fs::read_to_string(dir.join(name)).unwrap_or_default();
        (expected != *output).then(|| first_difference(name, &expected, output))
    });
    stale.chain(differing).collect()
}

fn update(dir: &Path, outputs: &Outputs) {
    let _ = fs::remove_dir_all(dir);
    fs::create_dir_all(dir).unwrap();
    for (name, output) in outputs {
        fs::write(dir.join(name), output).unwrap();
    }
}

fn first_difference(name: &str, expected: &str, output: &str) -> String {
    let mut expected = expected.lines();
    let mut output = output.lines();
    let mut number = 1;
    loop {
        match (expected.next(), output.next()) {
            (Some(old), Some(new)) if old == new => number += 1,
            (old, new) => {
                let (old, new) = (old.unwrap_or("(its end)"), new.unwrap_or("(its end)"));
                return format!(
                    "{name}:{number} differs; UPDATE_GOLDEN=1 writes it anew\n  expected {old:?}\n  found    {new:?}"
                );
            }
        }
    }
}
