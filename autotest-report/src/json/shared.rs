//! Values of which a binary contains one reader and one writer, although several crates send them.
//!
//! Each crate whose types contain such a value would compile them again: 60 KB of code for the requests of a
//! control function and their settings. A field with `#[serde(with = "json::shared")]` is read and written
//! here; its JSON is the same.

use autotest_core::{Answer, Args, Request, RunResult, Settings};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// A type that this crate reads and writes.
pub trait Shared: Sized {
    /// # Errors
    /// If a value cannot be represented in JSON.
    fn write(&self) -> serde_json::Result<Box<RawValue>>;

    /// # Errors
    /// If the JSON is not such a value.
    fn read(json: &RawValue) -> serde_json::Result<Self>;
}

macro_rules! shared {
    ($($type:ty)*) => {$(
        impl Shared for $type {
            #[inline(never)]
            fn write(&self) -> serde_json::Result<Box<RawValue>> {
                to_raw_value(self)
            }

            #[inline(never)]
            fn read(json: &RawValue) -> serde_json::Result<$type> {
                super::from_slice(json.get().as_bytes())
            }
        }
    )*};
}

shared! { Answer Args Request RunResult Settings }

/// # Errors
/// If the value cannot be represented in JSON.
pub fn serialize<T: Shared, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let json = value.write().map_err(S::Error::custom)?;
    json.serialize(serializer)
}

/// # Errors
/// If the JSON is not such a value.
pub fn deserialize<'de, T: Shared, D: Deserializer<'de>>(json: D) -> Result<T, D::Error> {
    let json = <&RawValue>::deserialize(json)?;
    T::read(json).map_err(D::Error::custom)
}
