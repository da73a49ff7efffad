//! One value of the original's world: an argument, a keyval's value, an operand of a constraint.
//!
//! The original's values were Python objects; files, constraints and keyvals show how Python prints
//! them. This module holds the value and its two spellings; it must not know where a value goes.

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

/// A value as Python would have held it.
///
/// `Display` is Python 3's `str()`: a text is itself, a float has the fewest digits that read back
/// as the same float. [`Value::repr`] is Python 3's `repr()`.
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
    /// A dictionary, in the order given.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Whether Python's `if value:` would be taken: not for `None`, `False`, zero and what is empty.
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

    /// What Python 3's `type(value).__name__` says; error texts name it.
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
