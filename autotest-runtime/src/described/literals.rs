//! Parses values and ranges in Rust's syntax, if they are literals.

use std::ops::Bound;
use std::path::PathBuf;

use syn::Lit;

/// A type that can have literals.
pub(super) trait Literal: Sized {
    /// The value of a literal, if it is one of this type.
    fn of(literal: &Lit) -> Option<Self>;

    /// The value of a text, if that is a literal of this type.
    fn of_text(text: &str) -> Option<Self> {
        Self::of(&syn::parse_str(text).ok()?)
    }
}

macro_rules! literals {
    ($variant:ident, |$literal:ident| $value:expr; $($type:ty)*) => { $(
        impl Literal for $type {
            fn of(literal: &Lit) -> Option<Self> {
                match literal {
                    Lit::$variant($literal) => $value,
                    _ => None,
                }
            }
        }
    )* };
}

literals!(Int, |it| it.base10_parse().ok(); u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
literals!(Float, |it| it.base10_parse().ok(); f32 f64);
literals!(Bool, |it| Some(it.value); bool);
literals!(Char, |it| Some(it.value()); char);
literals!(Str, |it| Some(it.value()); String);

impl Literal for PathBuf {
    fn of(_: &Lit) -> Option<PathBuf> {
        None
    }
}

impl<T> Literal for Vec<T> {
    fn of(_: &Lit) -> Option<Vec<T>> {
        None
    }
}

/// Parses a range of literals such as `1..=9`, `..0x10` or `-0.5..`.
pub(super) fn range<T: Literal>(text: &str) -> Option<(Bound<T>, Bound<T>)> {
    let (start, end) = text.split_once("..")?;
    let bound = |text: &str, bound: fn(T) -> Bound<T>| match text.trim() {
        "" => Some(Bound::Unbounded),
        text => T::of_text(text).map(bound),
    };
    let start = bound(start, Bound::Included)?;
    let end = match end.strip_prefix('=') {
        Some(end) => bound(end, Bound::Included)?,
        None => bound(end, Bound::Excluded)?,
    };
    Some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: Literal + PartialEq + std::fmt::Debug>(
        text: &str,
        expected: Option<(Bound<T>, Bound<T>)>,
    ) {
        assert_eq!(range::<T>(text), expected);
    }

    #[test]
    fn ranges_of_literals_are_read() {
        use Bound::{Excluded, Included, Unbounded};
        check("1..=4096", Some((Included(1_u64), Included(4096))));
        check("0x10..1_000", Some((Included(16_u16), Excluded(1000))));
        check("-5..", Some((Included(-5), Unbounded)));
        check("- 5..=5i8", Some((Included(-5_i8), Included(5))));
        check("..=2.5", Some((Unbounded, Included(2.5_f64))));
        check("0.5..1e3", Some((Included(0.5), Excluded(1000_f32))));
        check("'a'..='z'", Some((Included('a'), Included('z'))));
        check("\"a\"..", Some((Included("a".to_owned()), Unbounded)));
    }

    #[test]
    fn everything_else_is_left_to_the_binary() {
        check::<u64>("MIN..=MAX", None);
        check::<u8>("1..=300", None);
        check::<u64>("LIMITS", None);
        check::<u64>("1..=2 * 8", None);
        check::<f64>("1..=2", None);
        check::<PathBuf>("\"a\"..", None);
        assert_eq!(String::of_text("r#\"a\"b\"#"), Some("a\"b".to_owned()));
        assert_eq!(String::of_text("\"a\".to_owned()"), None);
        assert_eq!(bool::of_text("true"), Some(true));
    }
}
