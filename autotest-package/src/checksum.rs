//! Checksums of packages and of the files in them.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use md5::Md5;
use sha2::{Digest, Sha256};

/// A sha256, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256Sum([u8; 32]);

impl Sha256Sum {
    /// The sha256 of everything that `input` contains.
    pub fn of(input: impl Read) -> io::Result<Sha256Sum> {
        Ok(Sha256Sum(digest::<Sha256>(input)?.into()))
    }

    pub(crate) fn finish(digest: Sha256) -> Sha256Sum {
        Sha256Sum(digest.finalize().into())
    }
}

/// The checksum of a package: a sha256, or the md5 of the original.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Checksum {
    /// The kind that this crate writes.
    Sha256(Sha256Sum),
    /// The kind that the original wrote. It is checked, but does not protect against an attacker.
    Md5([u8; 16]),
}

impl From<Sha256Sum> for Checksum {
    fn from(sum: Sha256Sum) -> Checksum {
        Checksum::Sha256(sum)
    }
}

impl Checksum {
    /// Whether this is the checksum of everything that `input` contains.
    pub fn is_of(&self, input: impl Read) -> io::Result<bool> {
        Ok(match self {
            Checksum::Sha256(expected) => Sha256Sum::of(input)? == *expected,
            Checksum::Md5(expected) => <[u8; 16]>::from(digest::<Md5>(input)?) == *expected,
        })
    }
}

fn digest<D: Digest>(mut input: impl Read) -> io::Result<sha2::digest::Output<D>> {
    let mut digest = D::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(digest.finalize()),
            Ok(read) => digest.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A text that is not a checksum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a checksum has 64 hexadecimal digits (sha256) or 32 (md5)")]
pub struct InvalidChecksum;

impl FromStr for Checksum {
    type Err = InvalidChecksum;

    fn from_str(text: &str) -> Result<Checksum, InvalidChecksum> {
        match text.len() {
            32 => Ok(Checksum::Md5(from_hex(text)?)),
            _ => text.parse().map(Checksum::Sha256),
        }
    }
}

impl FromStr for Sha256Sum {
    type Err = InvalidChecksum;

    fn from_str(text: &str) -> Result<Sha256Sum, InvalidChecksum> {
        from_hex(text).map(Sha256Sum)
    }
}

fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], InvalidChecksum> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return Err(InvalidChecksum);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let nibble = |digit: u8| char::from(digit).to_digit(16).ok_or(InvalidChecksum);
        *byte = (nibble(pair[0])? << 4 | nibble(pair[1])?) as u8;
    }
    Ok(bytes)
}

impl fmt::Display for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Checksum::Sha256(sum) => sum.fmt(f),
            Checksum::Md5(bytes) => hex(bytes, f),
        }
    }
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl fmt::Debug for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Sha256Sum {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Sha256Sum {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Sha256Sum, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|_| serde::de::Error::custom("a sha256 has 64 hexadecimal digits"))
    }
}
