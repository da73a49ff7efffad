//! Conversions of Rust values to a [`Value`]. There is none for `Duration`, since its unit would be unclear.

use std::path::{Path, PathBuf};

use super::Value;

macro_rules! from_integers {
    ($($integer:ty)*) => {$(
        impl From<$integer> for Value {
            fn from(value: $integer) -> Value {
                Value::Int(i128::from(value))
            }
        }
    )*};
}

from_integers! { i8 i16 i32 i64 i128 u8 u16 u32 u64 }

/// Lossless: a pointer has at most 64 bits on all targets of Rust's standard library.
impl From<usize> for Value {
    fn from(value: usize) -> Value {
        Value::Int(value as i128)
    }
}

/// Lossless, as for `usize`.
impl From<isize> for Value {
    fn from(value: isize) -> Value {
        Value::Int(value as i128)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Float(value)
    }
}

/// Converts the exact value, so `0.1_f32` is shown as `0.10000000149011612`.
impl From<f32> for Value {
    fn from(value: f32) -> Value {
        Value::Float(f64::from(value))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Str(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Str(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::Str(text.clone())
    }
}

/// Bytes that are not UTF-8 become U+FFFD.
impl From<&Path> for Value {
    fn from(path: &Path) -> Value {
        Value::Str(path.to_string_lossy().into_owned())
    }
}

/// As for `&Path`.
impl From<PathBuf> for Value {
    fn from(path: PathBuf) -> Value {
        path.as_path().into()
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::None, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Value {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Value {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}
