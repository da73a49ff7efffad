//! Parameters that a test declares ([`ParamDef`]), and arguments of a run ([`Args`]).
//!
//! A run has one set of arguments, and each phase receives those that it declares. This module must not know
//! from which flags or files the arguments come.

mod args;
mod decode;
mod pick;
mod secret;

pub use args::{Arg, Args};
pub use decode::{ParamError, decode, in_choices, in_range, with};
pub use pick::{FRAMEWORK_ARGUMENTS, Known, UnknownParameter, check, is_known, pick, pick_execute};
pub use secret::{SECRET, Secret};

use crate::phase::PhaseSet;

/// A parameter of a test; the same in every phase that declares it.
#[derive(Clone, Copy, Debug)]
pub struct ParamDef {
    /// Its name.
    pub name: &'static str,
    /// Its type, as written.
    pub ty: &'static str,
    /// The lines of its documentation.
    pub doc: &'static str,
    /// Whether an argument must be given.
    pub required: bool,
    /// Its default, as written.
    pub default: Option<&'static str>,
    /// The range of allowed values, as written.
    pub range: Option<&'static str>,
    /// The allowed values, as written.
    pub choices: &'static [&'static str],
    /// Whether only the phases may see its value (`#[param(secret)]`). Its default is not shown either.
    pub secret: bool,
    /// The author's function that parses it (`with = …`), as written.
    pub with: Option<&'static str>,
    /// The phases that declare it.
    pub phases: PhaseSet,
    /// Checks whether an argument can be converted to the parameter's type, and is within its range and
    /// choices.
    pub check: fn(&ParamDef, &Arg) -> Result<(), ParamError>,
}

impl ParamDef {
    /// A required parameter of any type: the defaults for the fields that a definition leaves out.
    pub const DEFAULT: ParamDef = ParamDef {
        name: "",
        ty: "",
        doc: "",
        required: true,
        default: None,
        range: None,
        choices: &[],
        secret: false,
        with: None,
        phases: PhaseSet::EMPTY,
        check: |_, _| Ok(()),
    };

    /// Checks an argument.
    ///
    /// # Errors
    /// If the parameter does not accept it. The error does not contain the value of a secret.
    pub fn check(&self, arg: &Arg) -> Result<(), ParamError> {
        let checked = (self.check)(self, arg);
        match self.secret || arg.is_secret() {
            true => checked.map_err(ParamError::hidden),
            false => checked,
        }
    }
}
