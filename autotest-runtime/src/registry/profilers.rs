//! The profilers of the binary: the built-in ones and those of its crates.

use autotest_core::{
    Known as KnownParams, ParamDef, ProfilerUse, Settings, TestDef, excerpt, params,
};

use super::Registry;
use crate::__private::{self, ProfilerDef};
use crate::built_in;

/// An iterator over the definitions of the known profilers.
trait Known: Iterator<Item = &'static TestDef> + Clone {}

impl<T: Iterator<Item = &'static TestDef> + Clone> Known for T {}

/// The profilers of a test: those of the job, then those of the test that the job does not name.
pub(crate) fn of_run(settings: &Settings, test: &TestDef) -> Vec<ProfilerUse> {
    let mut uses = settings.profilers.clone();
    // Texts that do not parse were refused earlier.
    let own = test
        .meta
        .profilers
        .iter()
        .filter_map(|text| ProfilerUse::parse(text).ok());
    for own in own {
        if uses.iter().all(|of_job| of_job.name != own.name) {
            uses.push(own);
        }
    }
    uses
}

/// Checks names and arguments of profilers, and reports all errors at once.
pub(crate) fn check_profilers(uses: &[ProfilerUse]) -> Result<(), String> {
    all(uses.iter().map(|used| check(used, defs())))
}

/// Checks names and arguments of a test's own profilers likewise.
pub(crate) fn check_profilers_of(test: &super::Test) -> Result<(), String> {
    let checked = test.def.meta.profilers.iter().map(|text| {
        let parsed = parse(text);
        parsed
            .and_then(|own| check(&own, defs()))
            .map_err(|error| format!("{}: {error}", test.id))
    });
    all(checked)
}

fn all(checked: impl Iterator<Item = Result<(), String>>) -> Result<(), String> {
    let errors: Vec<String> = checked.filter_map(Result::err).collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors.join("\n")),
    }
}

fn parse(text: &str) -> Result<ProfilerUse, String> {
    ProfilerUse::parse(text).map_err(|error| {
        let text = excerpt(text);
        format!("`{text}` is no profiler: {error}")
    })
}

/// Checks that `used` names one of `known`, and that its arguments are valid.
fn check(used: &ProfilerUse, known: impl Known) -> Result<(), String> {
    let def = one_of(&used.name, known)?;
    let name = excerpt(&used.name);
    params::check(def, &used.args, KnownParams::Declared).map_err(|unknown| {
        let (param, advice) = (excerpt(&unknown.name), unknown.advice());
        format!("unknown parameter `{param}` of the profiler `{name}`: {advice}")
    })?;
    let wrong = |param: &ParamDef| match used.args.arg(param.name) {
        Some(arg) => param.check(arg).err().map(|error| error.to_string()),
        None if param.required => Some(format!(
            "parameter `{0}` (`{1}`) has no default: write `{name}:{0}=…`",
            param.name, param.ty
        )),
        None => None,
    };
    let errors: Vec<String> = def.params.iter().filter_map(wrong).collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(format!("the profiler `{name}`: {}", errors.join("; "))),
    }
}

/// All profilers: the built-in ones, then those of other crates. The built-in ones come from a static list, since a
/// linker may drop registrations that nothing in a library refers to.
pub(crate) fn profilers() -> impl Iterator<Item = &'static ProfilerDef> + Clone {
    let is_built_in = |profiler: &&ProfilerDef| profiler.def.module.path.starts_with("autotest::");
    let registered = __private::profilers().filter(move |profiler| !is_built_in(profiler));
    built_in::PROFILERS.iter().chain(registered)
}

fn defs() -> impl Known {
    profilers().map(|profiler| &profiler.def)
}

/// Looks up a profiler by name.
///
/// # Errors
/// If there is no such profiler, or more than one.
pub(crate) fn profiler(name: &str) -> Result<&'static ProfilerDef, String> {
    let def = one_of(name, defs())?;
    let mut found = profilers().filter(|profiler| std::ptr::eq(&raw const profiler.def, def));
    found.next().ok_or_else(|| missing(name, defs()))
}

fn one_of(name: &str, known: impl Known) -> Result<&'static TestDef, String> {
    let mut found = known.clone().filter(|def| def.name == name);
    let shown = excerpt(name);
    match (found.next(), found.next()) {
        (Some(profiler), None) => Ok(profiler),
        (Some(one), Some(other)) => {
            let (one, other) = (place(one), place(other));
            Err(format!(
                "two profilers are called `{shown}`: at {one} and at {other}; rename one"
            ))
        }
        (None, _) => Err(missing(name, known)),
    }
}

fn missing(name: &str, known: impl Known) -> String {
    let nearest = autotest_core::nearest(name, known.map(|def| def.name));
    let advice = nearest.map_or_else(
        || "`--list-profilers` lists all".to_owned(),
        |nearest| format!("did you mean `{nearest}`?"),
    );
    format!("no profiler is called `{}`; {advice}", excerpt(name))
}

fn place(def: &TestDef) -> String {
    format!("{}:{}", def.module.file, def.line)
}

impl Registry {
    /// Parses a profiler and its arguments, and checks them against the profilers of the binary.
    pub(crate) fn check_profiler(&self, text: &str) -> Result<ProfilerUse, String> {
        let used = parse(text)?;
        #[cfg(feature = "host")]
        if let Some(others) = self.described {
            return check(&used, others.profilers.iter()).map(|()| used);
        }
        check(&used, defs()).map(|()| used)
    }
}
