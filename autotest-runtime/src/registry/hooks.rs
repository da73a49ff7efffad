//! The hooks of the binary, to which jobs refer by name.

use autotest_core::{Hook, HookNames, JobHooks, excerpt};

use super::Registry;
use crate::__private::{HookDef, hooks};

/// Looks up hooks by name, for one run.
///
/// # Errors
/// If a name belongs to no hook, or to more than one.
pub(crate) fn job_hooks(names: &HookNames) -> Result<JobHooks, String> {
    let hook = |name: &String| -> Result<Hook, String> { Ok(Box::new(named(name)?.call)) };
    let all = |names: &[String]| names.iter().map(hook).collect::<Result<Vec<_>, _>>();
    Ok(JobHooks {
        before_test: names.before_test.as_ref().map(hook).transpose()?,
        after_test: names.after_test.as_ref().map(hook).transpose()?,
        before_iteration: all(&names.before_iteration)?,
        after_iteration: all(&names.after_iteration)?,
    })
}

/// Refuses names of hooks that do not exist, and reports all at once.
pub(crate) fn check_hooks(names: &HookNames) -> Result<(), String> {
    let errors: Vec<_> = names.iter().filter_map(|name| named(name).err()).collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors.join("\n")),
    }
}

impl Registry {
    /// Refuses the name of a hook that does not exist.
    pub(crate) fn check_hook(&self, name: &str) -> Result<(), String> {
        #[cfg(feature = "host")]
        if let Some(others) = self.described {
            return one_of(name, &others.hooks.iter().collect::<Vec<_>>()).map(drop);
        }
        named(name).map(drop)
    }
}

fn named(name: &str) -> Result<&'static HookDef, String> {
    one_of(name, &hooks().collect::<Vec<_>>())
}

fn one_of(name: &str, hooks: &[&'static HookDef]) -> Result<&'static HookDef, String> {
    let mut found = hooks.iter().filter(|hook| hook.name == name);
    let shown = excerpt(name);
    match (found.next(), found.next()) {
        (Some(hook), None) => Ok(hook),
        (Some(one), Some(other)) => {
            let place = |hook: &HookDef| format!("{}:{}", hook.module.file, hook.line);
            let (one, other) = (place(one), place(other));
            Err(format!(
                "two hooks are called `{shown}`: at {one} and at {other}; rename one"
            ))
        }
        (None, _) => {
            let nearest = autotest_core::nearest(name, hooks.iter().map(|hook| hook.name));
            let advice = nearest.map_or_else(
                || "annotate a function with `#[autotest::hook]`".to_owned(),
                |nearest| format!("did you mean `{nearest}`?"),
            );
            Err(format!("no hook is called `{shown}`; {advice}"))
        }
    }
}
