//! Values that a run saves for `cleanup`.
//!
//! They are sent as JSON to the supervisor and the journal. A value that JSON cannot represent is refused
//! when it is saved, so that the author sees the error.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::TestContext;
use super::finite::Finite;
use crate::event::Event;
use crate::excerpt::{excerpt, excerpt_ends};
use crate::outcome::TestError;

/// The longest value with its key, in bytes of JSON: the limit for a line of the journal, less room for the
/// rest of the event.
const MAX_VALUE_BYTES: usize = 48 << 10;

/// The limit for all values of a run, in bytes of JSON: the supervisor keeps them in memory during the run.
const MAX_RUN_BYTES: usize = 1 << 20;

/// How deeply a value may nest; `serde_json` reads at most 128 levels.
const MAX_DEPTH: usize = 100;

/// The values of a run, by key.
#[derive(Debug, Default)]
pub(crate) struct Saved {
    values: BTreeMap<String, Value>,
    /// The length of all keys and values; computed with the first value saved, since most tests save nothing.
    bytes: Option<usize>,
}

impl Saved {
    /// The values of the run that is being cleaned up after.
    pub(crate) fn new(values: BTreeMap<String, Value>) -> Saved {
        let bytes = None;
        Saved { values, bytes }
    }

    fn bytes(&self) -> usize {
        let all = self.values.iter().map(|(key, value)| bytes(key, value));
        self.bytes.unwrap_or_else(|| all.sum())
    }

    /// Stores a value, replacing an earlier one. On error, which says why it cannot be stored, nothing
    /// changes.
    fn insert(&mut self, key: &str, value: &impl Serialize) -> Result<Value, String> {
        value.serialize(Finite).map_err(|error| error.to_string())?;
        let value = serde_json::to_value(value).map_err(|error| error.to_string())?;
        let new = bytes(key, &value);
        if new > MAX_VALUE_BYTES {
            return Err(format!(
                "it has {new} bytes of JSON, more than {MAX_VALUE_BYTES}; write larger data to a file in \
                 the output directory"
            ));
        }
        if depth(&value) > MAX_DEPTH {
            return Err(format!("it is nested deeper than {MAX_DEPTH} levels"));
        }
        let old = self.values.get(key).map_or(0, |value| bytes(key, value));
        let all = self.bytes() - old + new;
        if all > MAX_RUN_BYTES {
            return Err(format!(
                "the run would have saved {all} bytes of JSON, more than {MAX_RUN_BYTES}; write larger data \
                 to a file in the output directory"
            ));
        }
        self.bytes = Some(all);
        self.values.insert(key.to_owned(), value.clone());
        Ok(value)
    }

    fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, String> {
        let Some(value) = self.values.get(key) else {
            return Ok(None);
        };
        T::deserialize(value).map(Some).map_err(|error| {
            let (key, value, ty) = (excerpt(key), json(value), std::any::type_name::<T>());
            let (value, error) = (excerpt(&value), error.to_string());
            let error = excerpt_ends(&error);
            format!("`{key}` was saved as `{value}`, which is not a `{ty}`: {error}")
        })
    }
}

/// The length of key and value in a line of the journal.
fn bytes(key: &str, value: &Value) -> usize {
    json(key).len() + json(value).len()
}

/// JSON text. `Display` of `serde_json::Value` would add two more writers, 15 KB of code.
fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Array(values) => values.iter().map(depth).max(),
        Value::Object(values) => values.values().map(depth).max(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return 0,
    };
    1 + inner.unwrap_or(0)
}

/// Values that outlive the test's process.
impl TestContext {
    /// Saves a value for a `cleanup` after an abnormal end, which runs in a new process with a new instance
    /// of the test. When this returns, the value is in the journal, so it survives if the process is killed.
    /// A later value replaces an earlier one with the same key.
    ///
    /// # Errors
    /// If it cannot be stored as JSON: it does not serialize, or has a map whose keys are not strings, a
    /// number that is not finite, more than 48 KiB or more than 100 levels; or if the run would have saved
    /// more than 1 MiB.
    ///
    /// ```no_run
    /// # use autotest_core::{TestContext, TestResult};
    /// fn initialize(cx: &mut TestContext) -> TestResult {
    ///     cx.save("loop device", "/dev/loop3")?;
    ///     cx.save("pids", [212, 213])?;
    ///     Ok(())
    /// }
    ///
    /// fn cleanup(cx: &mut TestContext) -> TestResult {
    ///     if let Some(device) = cx.saved::<String>("loop device")? {
    ///         std::process::Command::new("losetup").args(["-d", &device]).status()?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    #[track_caller]
    pub fn save(&mut self, key: impl Into<String>, value: impl Serialize) -> Result<(), TestError> {
        let key = key.into();
        match self.saved.insert(&key, &value) {
            Ok(value) => self.send(Event::Saved { key, value }),
            Err(why) => {
                let key = excerpt(&key);
                return Err(TestError::refused(format!(
                    "`{key}` cannot be saved: {why}"
                )));
            }
        }
        Ok(())
    }

    /// The value that this run saved under `key`, in this process or, in a `cleanup` after an abnormal end,
    /// in the process that ended. `None` if there is none.
    ///
    /// # Errors
    /// If the saved value is not a `T`.
    #[track_caller]
    pub fn saved<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, TestError> {
        match self.saved.get(key) {
            Ok(value) => Ok(value),
            Err(why) => Err(TestError::refused(why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Disk {
        Loop { number: u8, offset: Option<f32> },
        File(String),
    }

    #[track_caller]
    fn check_refused(value: impl Serialize, expected: &str) {
        let mut saved = Saved::default();
        assert_eq!(saved.insert("key", &value), Err(expected.to_owned()));
        assert_eq!((saved.values.len(), saved.bytes()), (0, 0));
    }

    #[test]
    fn what_is_saved_comes_back_as_it_was() {
        let disks = [
            Disk::Loop {
                number: 3,
                offset: Some(0.1),
            },
            Disk::File("a\n\"b\"".to_owned()),
        ];
        let mut saved = Saved::default();
        saved.insert("disks", &disks).unwrap();
        saved.insert("nothing", &None::<u8>).unwrap();
        saved.insert("largest", &f64::MAX).unwrap();
        saved
            .insert("by number", &BTreeMap::from([(7, 'x')]))
            .unwrap();
        // As the journal has it.
        let json = serde_json::to_string(&saved.values).unwrap();
        let again = Saved::new(serde_json::from_str(&json).unwrap());
        assert_eq!(Some(again.bytes()), saved.bytes);
        assert_eq!(again.get("disks"), Ok(Some(disks)));
        assert_eq!(again.get("nothing"), Ok(Some(None::<u8>)));
        assert_eq!(again.get("largest"), Ok(Some(f64::MAX)));
        assert_eq!(again.get("by number"), Ok(Some(BTreeMap::from([(7, 'x')]))));
        assert_eq!(again.get::<u8>("never"), Ok(None));
    }

    #[test]
    fn what_json_can_not_say_is_refused() {
        let nan = "a number is NaN, which JSON cannot represent";
        check_refused(f64::NAN, nan);
        check_refused([Some((1, f32::NAN))], nan);
        check_refused(
            Disk::Loop {
                number: 1,
                offset: Some(f32::NEG_INFINITY),
            },
            "a number is -inf, which JSON cannot represent",
        );
        check_refused(
            BTreeMap::from([("x", f64::INFINITY)]),
            "a number is inf, which JSON cannot represent",
        );
        check_refused(BTreeMap::from([((1, 2), 3)]), "key must be a string");
        check_refused(u128::MAX, "number out of range");
    }

    #[test]
    fn what_is_too_long_or_too_deep_is_refused() {
        check_refused(
            // Two quotes around the value and the five bytes of the key.
            "x".repeat(MAX_VALUE_BYTES - 6),
            "it has 49153 bytes of JSON, more than 49152; write larger data to a file in the output directory",
        );
        let mut nested = Value::Null;
        for _ in 0..=MAX_DEPTH {
            nested = Value::from(vec![nested]);
        }
        check_refused(&nested, "it is nested deeper than 100 levels");
        let mut saved = Saved::default();
        saved.insert("key", &nested[0]).unwrap();
        saved
            .insert("key", &"x".repeat(MAX_VALUE_BYTES - 7))
            .unwrap();
    }

    #[test]
    fn a_run_saves_so_much_and_may_replace_it() {
        let mut saved = Saved::default();
        let value = "x".repeat(32 << 10);
        let kept = (0..).take_while(|n: &u32| saved.insert(&n.to_string(), &value).is_ok());
        assert_eq!(kept.count(), 31);
        assert!(saved.bytes() <= MAX_RUN_BYTES);
        saved.insert("30", &value).unwrap();
        saved.insert("30", &1).unwrap();
        saved.insert("31", &value).unwrap();
        assert_eq!(saved.bytes(), Saved::new(saved.values.clone()).bytes());
    }

    #[test]
    fn a_run_saves_up_to_its_limit() {
        let mut saved = Saved::default();
        let value = "x".repeat(32 << 10);
        (10..41).for_each(|n| drop(saved.insert(&n.to_string(), &value).unwrap()));
        // The quotes around the key and the value, and the key itself.
        let left = MAX_RUN_BYTES - saved.bytes() - 5;
        assert!(saved.insert("k", &"x".repeat(left + 1)).is_err());
        saved.insert("k", &"x".repeat(left)).unwrap();
        assert_eq!(saved.bytes(), MAX_RUN_BYTES);
    }

    #[test]
    fn what_was_saved_as_another_type_is_shown() {
        let mut saved = Saved::default();
        saved.insert("device", &"/dev/loop3").unwrap();
        let error = saved.get::<u32>("device").unwrap_err();
        assert_eq!(
            error,
            "`device` was saved as `\"/dev/loop3\"`, which is not a `u32`: invalid type: string \
             \"/dev/loop3\", expected u32"
        );
    }
}
