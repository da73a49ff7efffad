//! What a run saves for whoever cleans up after it.
//!
//! It travels as JSON, to the supervisor and into the journal. What JSON cannot say is refused here, so that
//! the author sees the error when something is saved and not when it is missing.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::TestContext;
use super::finite::Finite;
use crate::event::Event;
use crate::excerpt::{excerpt, excerpt_ends};
use crate::outcome::TestError;

/// The longest value with its key, in bytes of JSON: what the journal takes in a line, with room for what is
/// around it.
const MAX_VALUE_BYTES: usize = 48 << 10;

/// All values of a run together, in bytes of JSON: the supervisor holds them as long as the run lasts.
const MAX_RUN_BYTES: usize = 1 << 20;

/// How deep a value may nest, of the 128 levels that a reader of JSON takes.
const MAX_DEPTH: usize = 100;

/// The values of a run, by key.
#[derive(Debug, Default)]
pub(crate) struct Saved {
    values: BTreeMap<String, Value>,
    /// The length of all keys and values, once something was saved: most tests save nothing.
    bytes: Option<usize>,
}

impl Saved {
    /// What the run that is cleaned up after has saved.
    pub(crate) fn new(values: BTreeMap<String, Value>) -> Saved {
        let bytes = None;
        Saved { values, bytes }
    }

    fn bytes(&self) -> usize {
        let all = self.values.iter().map(|(key, value)| bytes(key, value));
        self.bytes.unwrap_or_else(|| all.sum())
    }

    /// Keeps a value in the place of an earlier one. An error says why it cannot be kept, and changes nothing.
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

/// The length of the texts that a line of the journal has of them.
fn bytes(key: &str, value: &Value) -> usize {
    json(key).len() + json(value).len()
}

/// A text or a value that was read, as JSON. The `Display` of JSON would bring two more writers, 15 KB of code.
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

/// What outlives the test's process.
impl TestContext {
    /// Saves something for a `cleanup` after an abnormal end, which runs in a fresh process and finds fields
    /// as a new test has them. Once this returns, the value is on record, even if the process is killed. The
    /// last value of a key stays.
    ///
    /// # Errors
    /// If it cannot be kept as JSON: it does not serialize, has a map with keys that are no texts, a number that
    /// is not finite, more than 48 KiB or 100 levels, or if the run has saved more than 1 MiB.
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

    /// What this run has saved under `key`, in this process or, for a `cleanup` after an abnormal end, in the one
    /// that ended; `None` if nothing was.
    ///
    /// # Errors
    /// If what was saved is no `T`.
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
