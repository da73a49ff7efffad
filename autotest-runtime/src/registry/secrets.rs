//! The names of secret parameters.

use autotest_core::ParamDef;

use super::Registry;

impl Registry {
    /// The parameters of all tests and control functions. Most names occur several times.
    pub(crate) fn params(&self) -> Vec<&'static ParamDef> {
        let mut params = Vec::new();
        for test in &self.tests {
            params.extend(test.def.params);
        }
        for control in self.control_defs() {
            params.extend(control.def.params);
        }
        params
    }

    /// `true` if an argument of this name is secret. It is then secret for all tests, even if only one declares it so,
    /// since they get the same value.
    pub(crate) fn is_secret(&self, name: &str) -> bool {
        self.secrets().contains(&name)
    }

    /// The names of all secret parameters; usually none.
    pub(crate) fn secrets(&self) -> &[&'static str] {
        self.secrets.get_or_init(|| {
            let mut names = Vec::new();
            for param in self.params() {
                if param.secret && !names.contains(&param.name) {
                    names.push(param.name);
                }
            }
            names
        })
    }

    /// The variables that may contain a secret, and must not be visible to tests and the programs that they execute.
    pub(crate) fn hidden_variables(&self) -> Vec<String> {
        let secrets = self.secrets().iter();
        let mut hidden: Vec<_> = secrets.map(|name| variable_of(name)).collect();
        if !hidden.is_empty() {
            hidden.push(OPTIONS_VARIABLE.to_owned());
        }
        hidden
    }
}

/// The environment variable with additional flags.
pub(crate) const OPTIONS_VARIABLE: &str = "AUTOTEST_OPTIONS";

/// The environment variable that stands for `--param NAME=…`.
pub(crate) fn variable_of(param: &str) -> String {
    format!("{VARIABLE_PREFIX}{}", param.to_ascii_uppercase())
}

/// The prefix of the environment variables for parameters.
pub(crate) const VARIABLE_PREFIX: &str = "AUTOTEST_PARAM_";
