//! The arguments of a run.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::decode::{ParamError, decode};
use super::secret::{SECRET, Secret};
use crate::small_map::SmallMap;
use crate::value::Value;

/// An argument: a JSON value (job files, control functions) or a text (`--param`). Either may be secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arg {
    /// A value of known type.
    Json(serde_json::Value),
    /// A text that is parsed as JSON or, if that fails, taken as a string.
    Text(String),
    /// A value that only the phases of a test may see.
    Secret(Secret),
}

impl Arg {
    /// The argument as a value. A text that is not JSON is a string; of a secret, only that it is one.
    ///
    /// ```
    /// use autotest_core::{Arg, Value};
    /// assert_eq!(Arg::Text("64".into()).value(), Value::Int(64));
    /// assert_eq!(Arg::Text("sda".into()).value(), Value::from("sda"));
    /// ```
    pub fn value(&self) -> Value {
        match self {
            Arg::Json(json) => Value::from(json.clone()),
            Arg::Text(text) => match serde_json::from_slice::<serde_json::Value>(text.as_bytes()) {
                Ok(json) => Value::from(json),
                Err(_) => Value::from(text.as_str()),
            },
            Arg::Secret(_) => Value::from(SECRET),
        }
    }

    /// The argument as a secret.
    ///
    /// ```
    /// use autotest_core::{Arg, decode};
    /// let token = Arg::Text("s3cret".into()).into_secret();
    /// assert_eq!(token.to_string(), "(secret)");
    /// assert_eq!(decode::<String>("token", "String", &token), Ok("s3cret".to_owned()));
    /// ```
    #[must_use]
    pub fn into_secret(self) -> Arg {
        match self {
            Arg::Secret(secret) => Arg::Secret(secret),
            Arg::Text(text) | Arg::Json(serde_json::Value::String(text)) => {
                Arg::Secret(Secret(Some(text)))
            }
            Arg::Json(json) => Arg::Secret(Secret(Some(json_text(&json)))),
        }
    }

    /// Whether it is secret.
    pub fn is_secret(&self) -> bool {
        matches!(self, Arg::Secret(_))
    }
}

impl From<serde_json::Value> for Arg {
    fn from(json: serde_json::Value) -> Arg {
        Arg::Json(json)
    }
}

/// JSON as a text. `Display` of `serde_json::Value` would add two more writers, 15 KB of code.
pub(super) fn json_text(json: &serde_json::Value) -> String {
    serde_json::to_string(json).expect("a value that was read can be written")
}

/// The text that the user gave; of a secret, only that it is one.
impl fmt::Display for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Arg::Json(json) => f.write_str(&json_text(json)),
            Arg::Text(text) => f.write_str(text),
            Arg::Secret(_) => f.write_str(SECRET),
        }
    }
}

/// The arguments of a run, by name. As the last parameter of a phase, all arguments that the phase does not
/// declare (`**dargs`).
///
/// ```
/// use autotest_core::Args;
/// let args = Args::new().with("mb", 64).with("disk", "sda");
/// assert_eq!(args.get::<u64>("mb").unwrap(), Some(64));
/// assert!(args.get::<u64>("disk").is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Args(SmallMap<String, Arg>);

impl Args {
    /// No arguments.
    pub fn new() -> Args {
        Args::default()
    }

    /// Adds or replaces an argument.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Args {
        self.insert(name, Arg::Json(value.into()));
        self
    }

    /// Adds or replaces an argument.
    pub fn insert(&mut self, name: impl Into<String>, arg: Arg) {
        self.0.insert(name.into(), arg);
    }

    /// Adds or replaces arguments.
    pub fn extend(&mut self, args: Args) {
        self.0.extend(args.0);
    }

    /// Removes an argument.
    pub fn remove(&mut self, name: &str) -> Option<Arg> {
        self.0.remove(name)
    }

    /// The argument as it was given.
    pub fn arg(&self, name: &str) -> Option<&Arg> {
        self.0.get(name)
    }

    /// The argument converted to a `T`; `None` if it was not given.
    ///
    /// # Errors
    /// If it cannot be converted to a `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ParamError> {
        self.arg(name)
            .map(|arg| decode(name, std::any::type_name::<T>(), arg))
            .transpose()
    }

    /// Whether there are no arguments.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of arguments.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The arguments, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arg)> {
        self.0.iter().map(|(name, arg)| (name.as_str(), arg))
    }

    /// The arguments whose names `keep` accepts.
    pub fn filtered(&self, keep: &dyn Fn(&str) -> bool) -> Args {
        let kept = self.0.iter().filter(|(name, _)| keep(name));
        kept.map(|(name, arg)| (name.clone(), arg.clone()))
            .collect()
    }
}

impl FromIterator<(String, Arg)> for Args {
    fn from_iter<I: IntoIterator<Item = (String, Arg)>>(pairs: I) -> Args {
        Args(pairs.into_iter().collect())
    }
}
