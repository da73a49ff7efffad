//! Secret arguments: values that reach the phases of a test and nothing else.
//!
//! Whatever writes an argument (the journal, a keyval, an error, `{:?}`) writes [`SECRET`] or nothing for a
//! secret one. Only [`Args::secrets`] returns the values, for the socket to the process of a test.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Arg, Args};

/// What is shown instead of a secret value.
pub const SECRET: &str = "(secret)";

/// The text of a secret value. It is not serialised: one that was read has no value.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "bool", into = "bool")]
pub struct Secret(pub(super) Option<String>);

impl Secret {
    /// A value that is on record nowhere.
    const UNKNOWN: Secret = Secret(None);
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SECRET)
    }
}

/// As `true`, since something must be there.
impl From<Secret> for bool {
    fn from(_: Secret) -> bool {
        true
    }
}

impl From<bool> for Secret {
    fn from(_: bool) -> Secret {
        Secret::UNKNOWN
    }
}

/// Secret arguments of a run.
impl Args {
    /// Makes the arguments secret whose names are.
    ///
    /// ```
    /// use autotest_core::Args;
    /// let args = Args::new().with("mb", 64).with("token", "s3cret");
    /// let args = args.sealed(&|name| name == "token");
    /// assert_eq!(format!("{:?}", args.arg("token")), "Some(Secret((secret)))");
    /// assert_eq!(args.get::<String>("token").unwrap().as_deref(), Some("s3cret"));
    /// ```
    #[must_use]
    pub fn sealed(&self, is_secret: &dyn Fn(&str) -> bool) -> Args {
        self.map(&|name, arg| match is_secret(name) {
            true => arg.clone().into_secret(),
            false => arg.clone(),
        })
    }

    /// The arguments as they are recorded: without the values of the secret ones.
    #[must_use]
    pub fn without_secrets(&self) -> Args {
        self.map(&|_, arg| match arg {
            Arg::Secret(_) => Arg::Secret(Secret::UNKNOWN),
            open => open.clone(),
        })
    }

    /// The values of the secret arguments, in the clear.
    pub fn secrets(&self) -> Args {
        let known = self.iter().filter_map(|(name, arg)| match arg {
            Arg::Secret(Secret(text)) => Some((name.to_owned(), Arg::Text(text.clone()?))),
            Arg::Json(_) | Arg::Text(_) => None,
        });
        known.collect()
    }

    /// Gives the secret arguments their `values` again.
    #[must_use]
    pub fn with_secrets(&self, values: &Args) -> Args {
        self.map(&|name, arg| match values.arg(name) {
            Some(value) if arg.is_secret() => value.clone().into_secret(),
            _ => arg.clone(),
        })
    }

    /// The first secret argument without a value.
    pub fn unknown_secret(&self) -> Option<&str> {
        let mut args = self.iter();
        args.find(|(_, arg)| **arg == Arg::Secret(Secret::UNKNOWN))
            .map(|(name, _)| name)
    }

    fn map(&self, f: &dyn Fn(&str, &Arg) -> Arg) -> Args {
        let args = self.iter();
        args.map(|(name, arg)| (name.to_owned(), f(name, arg)))
            .collect()
    }
}
