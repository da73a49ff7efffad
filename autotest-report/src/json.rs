//! Reads JSON in which every struct is an object.
//!
//! `serde_json` also reads a struct from an array of its fields. Nothing here writes one, and the code for it
//! takes 40 KB of a test binary.

pub mod shared;

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

/// Reads a value from the whole of `json`.
///
/// # Errors
/// If it is not JSON, or not of this type; also if a struct is an array.
pub fn from_slice<'de, T: Deserialize<'de>>(json: &'de [u8]) -> serde_json::Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = T::deserialize(Objects(&mut reader))?;
    reader.end()?;
    Ok(value)
}

/// Whatever takes part in reading a value, with this one difference: it reads structs as maps.
struct Objects<T>(T);

macro_rules! read_plainly {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(visitor)
        }
    )*};
}

/// For values that may contain others.
macro_rules! read_within {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(
            self,
            $($argument: $type,)*
            visitor: V,
        ) -> Result<V::Value, D::Error> {
            self.0.$method($($argument,)* Objects(visitor))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Objects<D> {
    type Error = D::Error;

    read_plainly! {
        deserialize_any deserialize_bool
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_identifier
        deserialize_ignored_any
    }

    read_within! {
        deserialize_option()
        deserialize_seq()
        deserialize_map()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_map(visitor)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Objects<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Objects(value))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Objects(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Objects(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Objects(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Objects(variant))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Objects<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Objects(value))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Objects(seed))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Objects(seed))
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Objects<A> {
    type Error = A::Error;
    type Variant = Objects<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let (name, variant) = self.0.variant_seed(seed)?;
        Ok((name, Objects(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Objects(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Objects(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.newtype_variant_seed(Fields(Objects(visitor)))
    }
}

/// Reads the fields of a variant.
struct Fields<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Fields<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, fields: D) -> Result<V::Value, D::Error> {
        fields.deserialize_map(self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Whole {
        parts: Vec<Part>,
        named: Option<Part>,
        nothing: Option<Part>,
        kind: Kind,
        pair: (u8, Part),
        id: Id,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Part {
        size: f64,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Id(Part);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Kind {
        Unit,
        One(Part),
        Two(u8, Part),
        Fields { part: Part },
    }

    const PART: Part = Part { size: 0.5 };

    fn whole(kind: Kind) -> Whole {
        Whole {
            parts: vec![PART],
            named: Some(PART),
            nothing: None,
            kind,
            pair: (1, PART),
            id: Id(PART),
        }
    }

    fn kinds() -> [Kind; 4] {
        [
            Kind::Unit,
            Kind::One(PART),
            Kind::Two(2, PART),
            Kind::Fields { part: PART },
        ]
    }

    #[test]
    fn what_serde_json_writes_is_read() {
        for kind in kinds() {
            let whole = whole(kind);
            let json = serde_json::to_vec(&whole).unwrap();
            assert_eq!(from_slice::<Whole>(&json).unwrap(), whole);
        }
    }

    #[test]
    fn a_struct_is_no_array_wherever_it_is() {
        for kind in kinds() {
            let json = serde_json::to_string(&whole(kind)).unwrap();
            let object = r#"{"size":0.5}"#;
            for (at, _) in json.match_indices(object) {
                let (before, after) = (&json[..at], &json[at + object.len()..]);
                let with_array = format!("{before}[0.5]{after}");
                assert!(serde_json::from_str::<Whole>(&with_array).is_ok());
                let error = from_slice::<Whole>(with_array.as_bytes()).unwrap_err();
                let expected = "invalid type: sequence, expected struct Part";
                assert!(error.to_string().starts_with(expected), "{error}");
            }
        }
        assert!(from_slice::<Kind>(br#"{"Fields":[{"size":0.5}]}"#).is_err());
    }

    #[test]
    fn a_variant_without_fields_has_none() {
        assert_eq!(from_slice::<Kind>(br#"{"Unit":null}"#).unwrap(), Kind::Unit);
        assert!(from_slice::<Kind>(br#"{"Unit":1}"#).is_err());
    }

    #[test]
    fn nothing_may_follow() {
        assert!(from_slice::<Part>(br#"{"size":0.5} "#).is_ok());
        assert!(from_slice::<Part>(br#"{"size":0.5} 1"#).is_err());
    }
}
