//! Looks through a value for numbers that JSON has no text for: its writer makes `null` of them without a word.
//!
//! A serializer that writes nothing. Whatever else there may be wrong with a value, JSON's writer says.

use serde::ser::{self, Serialize};

/// Refuses numbers that are not finite.
#[derive(Clone, Copy)]
pub(super) struct Finite;

/// The first number that is none, or what the author's own code says.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NotFinite(String);

impl ser::Error for NotFinite {
    fn custom<T: std::fmt::Display>(message: T) -> NotFinite {
        NotFinite(message.to_string())
    }
}

type Found = Result<(), NotFinite>;

/// Methods for what has no number in it, or none that could be wrong.
macro_rules! nothing_in {
    ($($method:ident($($ty:ty),*))*) => {
        $(fn $method(self, $(_: $ty),*) -> Found { Ok(()) })*
    };
}

/// Methods that go on with the parts.
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

/// The parts of a compound, each looked through by itself.
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
