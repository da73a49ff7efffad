//! The control functions of the binary, by id. They are only collected on demand.

use std::sync::OnceLock;

use autotest_core::{excerpt, name};

use super::{RegistrationError, Registry};
use crate::__private::{ControlDef, controls};

/// A control function and its id.
#[derive(Clone, Debug)]
pub(crate) struct ControlFunction {
    /// `module::path::name`, formed like the id of a test.
    pub(crate) id: String,
    pub(crate) control: &'static ControlDef,
}

/// All control functions, sorted by id.
#[derive(Debug)]
pub(crate) struct Controls(Vec<ControlFunction>);

impl Controls {
    /// # Errors
    /// If two have the same id, or an id is illegal.
    pub(crate) fn collect(main_crate: &str) -> Result<&'static Controls, RegistrationError> {
        let mut functions = Vec::new();
        for control in controls() {
            let id = super::id(&control.def, main_crate).concat();
            insert(&mut functions, ControlFunction { id, control });
        }
        let pairs = functions.windows(2).filter(|pair| pair[0].id == pair[1].id);
        let mut errors: Vec<String> = pairs.map(collision).collect();
        errors.extend(functions.iter().filter_map(refused));
        match errors.is_empty() {
            true => Ok(Controls(functions).into_static()),
            false => Err(RegistrationError(errors.join("\n"))),
        }
    }

    /// Stores them in a static, so that LeakSanitizer does not report them as a leak.
    fn into_static(self) -> &'static Controls {
        static KEPT: OnceLock<Controls> = OnceLock::new();
        KEPT.get_or_init(|| self)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &ControlFunction> {
        self.0.iter()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&ControlFunction> {
        self.0.iter().find(|function| function.id == id)
    }

    /// The function with this id.
    ///
    /// # Errors
    /// If there is none; the message suggests the nearest id.
    pub(crate) fn named(&self, id: &str) -> Result<&ControlFunction, String> {
        self.get(id).ok_or_else(|| {
            let nearest = autotest_core::nearest(id, self.iter().map(|function| &*function.id));
            let id = excerpt(id);
            match nearest {
                Some(nearest) => {
                    format!("no control function is called `{id}`; did you mean `{nearest}`?")
                }
                None => format!("no control function is called `{id}`; see `--list-controls`"),
            }
        })
    }
}

impl Registry {
    /// The definitions of all control functions.
    pub(super) fn control_defs(&self) -> Vec<&'static ControlDef> {
        #[cfg(feature = "host")]
        if let Some(others) = self.described {
            return others.controls.iter().collect();
        }
        controls().collect()
    }
}

impl ControlFunction {
    fn sort_key(&self) -> (&str, &str, u32) {
        let def = &self.control.def;
        (&self.id, def.module.file, def.line)
    }

    /// The place of its definition, as `file:line`.
    pub(crate) fn place(&self) -> String {
        let def = &self.control.def;
        format!("{}:{}", def.module.file, def.line)
    }
}

/// Inserts a function in order. There are few, and the code of a sort would add 8 KB.
fn insert(functions: &mut Vec<ControlFunction>, new: ControlFunction) {
    let is_before = |function: &ControlFunction| function.sort_key() <= new.sort_key();
    let at = functions.partition_point(is_before);
    functions.insert(at, new);
}

fn collision(pair: &[ControlFunction]) -> String {
    let (id, here, there) = (excerpt(&pair[0].id), pair[0].place(), pair[1].place());
    format!("two control functions are called `{id}`: at {here} and at {there}; rename one")
}

/// Refuses an id that is illegal for tests, since it is a field of the status log as well.
fn refused(function: &ControlFunction) -> Option<String> {
    let error = name::check(&function.id).err()?;
    let (place, id) = (function.place(), excerpt(&function.id));
    Some(format!(
        "the control function at {place} cannot be called {id:?}: {error}; rename it"
    ))
}
