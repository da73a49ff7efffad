//! Searches a value for numbers that JSON cannot represent: `serde_json` silently writes them as `null`.
//!
//! It is a serializer without output. `serde_json` reports all other problems with a value.

use serde::ser::{self, Serialize};

/// A serializer that fails for numbers that are not finite.
#[derive(Clone, Copy)]
pub(super) struct Finite;

/// The first number that is not finite, or an error of the author's `Serialize` implementation.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NotFinite(String);

impl ser::Error for NotFinite {
    fn custom<T: std::fmt::Display>(message: T) -> NotFinite {
        NotFinite(message.to_string())
    }
}

type Found = Result<(), NotFinite>;

/// Methods for values without numbers, or with numbers that are always finite.
macro_rules! nothing_in {
    ($($method:ident($($ty:ty),*))*) => {
        $(fn $method(self, $(_: $ty),*) -> Found { Ok(()) })*
    };
}

/// Methods for values with parts.
macro_rules! parts_of {
    ($($method:ident($($ty:ty),*) -> $compound:ident)*) => {
        $(fn $method(self, $(_: $ty),*) -> Result<Finite, NotFinite> { Ok(self) })*
        $(type $compound = Finite;)*
    };
}

impl ser::Serializer for Finite {
    type Ok = ();
    type Error = NotFinite;

    nothing_in! {
        serialize_bool(bool) serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_none() serialize_unit() serialize_unit_struct(&'static str)
        serialize_unit_variant(&'static str, u32, &'static str)
    }

    parts_of! {
        serialize_seq(Option<usize>) -> SerializeSeq
        serialize_tuple(usize) -> SerializeTuple
        serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant
        serialize_map(Option<usize>) -> SerializeMap
        serialize_struct(&'static str, usize) -> SerializeStruct
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant
    }

    fn serialize_f32(self, number: f32) -> Found {
        self.serialize_f64(f64::from(number))
    }

    fn serialize_f64(self, number: f64) -> Found {
        match number.is_finite() {
            true => Ok(()),
            false => Err(NotFinite(format!(
                "a number is {number}, which JSON cannot represent"
            ))),
        }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Found {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Found {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Found {
        value.serialize(self)
    }
}

/// Checks each part of a compound value.
macro_rules! compound {
    ($($trait:ident { $($method:ident($($name:ty)?))* })*) => {
        $(impl ser::$trait for Finite {
            type Ok = ();
            type Error = NotFinite;

            $(fn $method<T: Serialize + ?Sized>(&mut self, $(_: $name,)? value: &T) -> Found {
                value.serialize(*self)
            })*

            fn end(self) -> Found {
                Ok(())
            }
        })*
    };
}

compound! {
    SerializeSeq { serialize_element() }
    SerializeTuple { serialize_element() }
    SerializeTupleStruct { serialize_field() }
    SerializeTupleVariant { serialize_field() }
    SerializeMap { serialize_key() serialize_value() }
    SerializeStruct { serialize_field(&'static str) }
    SerializeStructVariant { serialize_field(&'static str) }
}
