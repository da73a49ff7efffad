//! The settings in a job file: a table of keys.

use autotest_core::{HookOrder, Known, Settings};

use super::Setting;
use super::mistakes::{Mistakes, Piece};
use super::read::{refuse_unknown, tag};
use crate::registry;

/// The settings, each with the flag that wins over it.
pub(super) fn read_settings<'a>(changes: Piece<'a>, mistakes: &mut Mistakes<'a>) -> Vec<Setting> {
    let members = mistakes.object(changes, "an object").unwrap_or_default();
    let keys: Vec<_> = SETTINGS.iter().map(|row| row.key).collect();
    refuse_unknown(&members, &keys, mistakes);
    let settings = members.into_iter().filter_map(|(name, _, value)| {
        let row = SETTINGS.iter().find(|row| row.key == name)?;
        let mut changed = Settings::default();
        (row.read)(value, &mut changed, mistakes)?;
        Some(Setting {
            flag: row.flag,
            changed,
            copy: row.copy,
        })
    });
    settings.collect()
}

/// A setting in a job file.
struct Row {
    key: &'static str,
    flag: &'static str,
    read: fn(Piece<'_>, &mut Settings, &mut Mistakes<'_>) -> Option<()>,
    copy: fn(&Settings, &mut Settings),
}

macro_rules! row {
    ($key:literal, $flag:literal, $($field:ident).+, |$piece:ident, $mistakes:ident| $value:expr) => {
        Row {
            key: $key,
            flag: $flag,
            read: |$piece, settings, $mistakes| {
                settings.$($field).+ = $value?;
                Some(())
            },
            copy: |from, to| to.$($field).+.clone_from(&from.$($field).+),
        }
    };
}

/// All settings. `--tag` and so on win over them.
const SETTINGS: &[Row] = &[
    row!("fast", "fast", fast, |piece, mistakes| mistakes
        .value(piece, BOOLEAN)),
    row!("test_retry", "retry", test_retry, |piece, mistakes| {
        mistakes.value::<u32>(piece, "a number from 0").map(Some)
    }),
    row!(
        "run_test_cleanup",
        "no-cleanup",
        run_test_cleanup,
        |piece, mistakes| mistakes.value(piece, BOOLEAN)
    ),
    row!(
        "default_profile_only",
        "profile-only",
        default_profile_only,
        |piece, mistakes| mistakes.value(piece, BOOLEAN)
    ),
    row!(
        "drop_caches",
        "drop-caches-between-tests",
        drop_caches,
        |piece, mistakes| mistakes.value(piece, BOOLEAN)
    ),
    row!(
        "drop_caches_between_iterations",
        "drop-caches",
        drop_caches_between_iterations,
        |piece, mistakes| mistakes.value(piece, BOOLEAN)
    ),
    row!(
        "allow_unknown_params",
        "allow-unknown-params",
        known_params,
        |piece, mistakes| mistakes
            .value(piece, BOOLEAN)
            .map(|lenient: bool| match lenient {
                true => Known::Lenient,
                false => Known::Declared,
            })
    ),
    row!(
        "hook_order",
        "hook-order",
        after_iteration_order,
        |piece, mistakes| {
            let order: Option<String> = mistakes.value(piece, ORDER);
            match order?.as_str() {
                "lifo" => Some(HookOrder::LastInFirstOut),
                "fifo" => Some(HookOrder::FirstInFirstOut),
                _ => {
                    mistakes.at(piece, format!("expected {ORDER}"));
                    None
                }
            }
        }
    ),
    row!(
        "before_test",
        "before-test",
        hooks.before_test,
        |piece, mistakes| hook(piece, mistakes).map(Some)
    ),
    row!(
        "after_test",
        "after-test",
        hooks.after_test,
        |piece, mistakes| hook(piece, mistakes).map(Some)
    ),
    row!(
        "before_iteration",
        "before-iteration",
        hooks.before_iteration,
        |piece, mistakes| hooks(piece, mistakes)
    ),
    row!(
        "after_iteration",
        "after-iteration",
        hooks.after_iteration,
        |piece, mistakes| hooks(piece, mistakes)
    ),
    row!(
        "use_sequence_number",
        "",
        use_sequence_number,
        |piece, mistakes| mistakes.value(piece, BOOLEAN)
    ),
    row!("tag", "tag", automatic_test_tag, |piece, mistakes| tag(
        piece, "a tag", mistakes
    )
    .map(Some)),
    row!(
        "max_disk_usage_mb_per_hour",
        "max-disk-usage",
        max_disk_usage_mb_per_hour,
        |piece, mistakes| mistakes
            .value::<u32>(piece, "a whole number of MB an hour")
            .map(|limit| Some(limit.into()))
    ),
];

const BOOLEAN: &str = "`true` or `false`";
const ORDER: &str = "\"lifo\" or \"fifo\"";

fn hook(piece: Piece<'_>, mistakes: &mut Mistakes<'_>) -> Option<String> {
    let name: String = mistakes.value(piece, "the name of a hook")?;
    if let Err(error) = registry::check_hook(&name) {
        mistakes.at(piece, error);
    }
    Some(name)
}

fn hooks(piece: Piece<'_>, mistakes: &mut Mistakes<'_>) -> Option<Vec<String>> {
    let names: Vec<String> = mistakes.value(piece, "a list of names of hooks")?;
    for name in &names {
        if let Err(error) = registry::check_hook(name) {
            mistakes.at(piece, error);
        }
    }
    Some(names)
}
