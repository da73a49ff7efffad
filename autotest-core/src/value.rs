//! Dynamically typed values: arguments, values of keyvals, operands of constraints.
//!
//! The original's values were Python objects, and files and keyvals contain them as Python prints them. This
//! module has the value and its two text forms, `str()` and `repr()`; it must not know where a value is used.

mod convert;
#[cfg(feature = "serde")]
mod json;
#[cfg(feature = "events")]
mod number;
mod python;

#[cfg(feature = "events")]
pub(crate) use number::parse_float;
#[cfg(feature = "serde")]
pub(crate) use python::FloatRepr;

/// A value with one of Python's types.
///
/// `Display` is Python 3's `str()`: a text is unchanged, and a float has the fewest digits that are read as
/// the same float. [`Value::repr`] is Python 3's `repr()`.
///
/// ```
/// use autotest_core::Value;
/// assert_eq!(Value::from(3).to_string(), "3");
/// assert_eq!(Value::from("it's").repr(), "\"it's\"");
/// assert_eq!(Value::Float(1e16).to_string(), "1e+16");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number; every `i64` and `u64` fits.
    Int(i128),
    /// A floating-point number.
    Float(f64),
    /// A text.
    Str(String),
    /// A list.
    List(Vec<Value>),
    /// A dictionary, in order of insertion.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Whether the value is true in Python's `if value:`; `None`, `False`, zero and everything empty are not.
    ///
    /// ```
    /// use autotest_core::Value;
    /// assert!(Value::from("0").is_truthy());
    /// assert!(!Value::from(0.0).is_truthy());
    /// ```
    pub fn is_truthy(&self) -> bool {
        match self {
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Int(value) => *value != 0,
            Value::Float(value) => *value != 0.0,
            Value::Str(text) => !text.is_empty(),
            Value::List(items) => !items.is_empty(),
            Value::Map(entries) => !entries.is_empty(),
        }
    }

    /// Python 3's `float(value)`, which may be infinite or not a number; `None` where Python raises an error.
    ///
    /// ```
    /// use autotest_core::Value;
    /// assert_eq!(Value::from(" 402.9 ").as_float(), Some(402.9));
    /// assert_eq!(Value::from(true).as_float(), Some(1.0));
    /// assert_eq!(Value::from("fast").as_float(), None);
    /// ```
    #[cfg(feature = "events")]
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Value::Bool(value) => Some(f64::from(u8::from(*value))),
            Value::Int(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
            Value::Str(text) => parse_float(text),
            Value::None | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Python 3's `type(value).__name__`, for error messages.
    ///
    /// ```
    /// use autotest_core::Value;
    /// assert_eq!(Value::None.type_name(), "NoneType");
    /// ```
    pub const fn type_name(&self) -> &'static str {
        match self {
            Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::List(_) => "list",
            Value::Map(_) => "dict",
        }
    }
}
