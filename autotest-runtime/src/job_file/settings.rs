//! The settings in a job file: a table of keys.

use std::ops::{Deref, DerefMut};

#[cfg(feature = "leaks")]
use autotest_core::LeakPolicy;
use autotest_core::{HookOrder, Known, Settings};

use super::Setting;
use super::mistakes::{Mistakes, Piece};
use super::read::{refuse_unknown, tag};
use crate::registry::Registry;

/// Reads the settings, each with the flag that takes precedence over it.
pub(super) fn read_settings<'a>(
    changes: Piece<'a>,
    registry: Option<&'static Registry>,
    mistakes: &mut Mistakes<'a>,
) -> Vec<Setting> {
    let members = mistakes.object(changes, "an object").unwrap_or_default();
    let keys: Vec<_> = SETTINGS.iter().map(|row| row.key).collect();
    refuse_unknown(&members, &keys, mistakes);
    let settings = members.into_iter().filter_map(|(name, _, value)| {
        let row = SETTINGS.iter().find(|row| row.key == name)?;
        let mut changed = Settings::default();
        let mut reader = Reader { mistakes, registry };
        (row.read)(value, &mut changed, &mut reader)?;
        Some(Setting {
            flag: row.flag,
            changed,
            copy: row.copy,
        })
    });
    settings.collect()
}

/// A setting that a job file may have.
struct Row {
    key: &'static str,
    flag: &'static str,
    read: for<'a> fn(Piece<'a>, &mut Settings, &mut Reader<'_, 'a>) -> Option<()>,
    copy: fn(&Settings, &mut Settings),
}

/// The context for reading the value of a setting.
struct Reader<'m, 'a> {
    mistakes: &'m mut Mistakes<'a>,
    /// `None` if the file has been checked already.
    registry: Option<&'static Registry>,
}

impl<'a> Deref for Reader<'_, 'a> {
    type Target = Mistakes<'a>;

    fn deref(&self) -> &Mistakes<'a> {
        self.mistakes
    }
}

impl DerefMut for Reader<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.mistakes
    }
}

impl Reader<'_, '_> {
    fn check_hook(&mut self, piece: Piece<'_>, name: &str) {
        let checked = self.registry.map(|registry| registry.check_hook(name));
        if let Some(Err(error)) = checked {
            self.at(piece, error);
        }
    }
}

#[cfg(feature = "profilers")]
impl Reader<'_, '_> {
    /// Parses profilers, and reports all mistakes.
    fn profilers(
        &mut self,
        piece: Piece<'_>,
        texts: &[String],
    ) -> Option<Vec<autotest_core::ProfilerUse>> {
        let mut profilers = Vec::new();
        for text in texts {
            let checked = match self.registry {
                Some(registry) => registry.check_profiler(text),
                None => autotest_core::ProfilerUse::parse(text).map_err(|error| error.to_string()),
            };
            match checked {
                Ok(profiler) => profilers.push(profiler),
                Err(error) => self.at(piece, error),
            }
        }
        (profilers.len() == texts.len()).then_some(profilers)
    }
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

/// All settings that a job file may have. Flags such as `--tag` take precedence.
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
    #[cfg(feature = "crash-handler")]
    row!(
        "crash_handler",
        "crash-handler",
        crash_handler,
        |piece, mistakes| { mistakes.value(piece, BOOLEAN) }
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
    #[cfg(feature = "sysinfo")]
    Row {
        key: "sysinfo",
        // No flag takes precedence: `--sysinfo` has no rows, and turns on the table to which the file adds some.
        flag: "",
        read: |piece, settings, mistakes| {
            settings.sysinfo = super::sysinfo::read(piece, mistakes)?;
            Some(())
        },
        copy: |from, to| {
            if from.sysinfo.is_some() {
                to.sysinfo.clone_from(&from.sysinfo);
            }
        },
    },
    #[cfg(feature = "profilers")]
    row!("profilers", "profiler", profilers, |piece, reader| {
        let texts: Vec<String> = reader.value(piece, "a list of `NAME[:PARAM=VALUE,…]`")?;
        reader.profilers(piece, &texts)
    }),
    #[cfg(feature = "leaks")]
    row!("leaks", "leaks", leaks, |piece, mistakes| {
        let text: String = mistakes.value(piece, LEAKS)?;
        let policy = LeakPolicy::named(&text);
        if policy.is_none() {
            mistakes.at(piece, format!("expected {LEAKS}"));
        }
        policy
    }),
];

const BOOLEAN: &str = "`true` or `false`";
#[cfg(feature = "leaks")]
const LEAKS: &str = "\"off\", \"warn\" or \"fail\"";
const ORDER: &str = "\"lifo\" or \"fifo\"";

fn hook(piece: Piece<'_>, reader: &mut Reader<'_, '_>) -> Option<String> {
    let name: String = reader.value(piece, "the name of a hook")?;
    reader.check_hook(piece, &name);
    Some(name)
}

fn hooks(piece: Piece<'_>, reader: &mut Reader<'_, '_>) -> Option<Vec<String>> {
    let names: Vec<String> = reader.value(piece, "a list of names of hooks")?;
    for name in &names {
        reader.check_hook(piece, name);
    }
    Some(names)
}
