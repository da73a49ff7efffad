//! Headers that only describe the next entry: GNU's long names, and those of pax.

use crate::error::{Error, Refusal, shown};

/// The values that extended headers give for the next entry.
#[derive(Default)]
pub(super) struct Extended {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
}

impl Extended {
    pub(super) fn is_empty(&self) -> bool {
        self.path.is_none() && self.link.is_none()
    }

    /// GNU's long name. The contents are the path and a zero.
    pub(super) fn long_path(&mut self, mut contents: Vec<u8>) -> Result<(), Error> {
        cut_at_zero(&mut contents);
        set(&mut self.path, contents)
    }

    /// GNU's long target of a link.
    pub(super) fn long_link(&mut self, mut contents: Vec<u8>) -> Result<(), Error> {
        cut_at_zero(&mut contents);
        set(&mut self.link, contents)
    }

    /// The records of pax. Times, owners and comments are ignored; a size or a sparse file is refused.
    pub(super) fn pax(&mut self, contents: &[u8]) -> Result<(), Error> {
        for (key, value) in records(contents)? {
            match key {
                b"path" => set(&mut self.path, value.to_vec())?,
                b"linkpath" => set(&mut self.link, value.to_vec())?,
                key if is_harmless(key) => {}
                key => return Err(unsupported(key)),
            }
        }
        Ok(())
    }
}

/// Checks the records of pax for all following entries, of which only the ignored ones are allowed.
pub(super) fn check_global(contents: &[u8]) -> Result<(), Error> {
    match records(contents)?
        .into_iter()
        .find(|(key, _)| !is_harmless(key))
    {
        Some((key, _)) => Err(unsupported(key)),
        None => Ok(()),
    }
}

fn set(field: &mut Option<Vec<u8>>, value: Vec<u8>) -> Result<(), Error> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::Corrupt("an entry has two long names".to_owned())),
    }
}

fn is_harmless(key: &[u8]) -> bool {
    const KEYS: [&[u8]; 10] = [
        b"atime",
        b"ctime",
        b"mtime",
        b"uid",
        b"gid",
        b"uname",
        b"gname",
        b"comment",
        b"charset",
        b"hdrcharset",
    ];
    const VENDORS: [&[u8]; 2] = [b"SCHILY.", b"LIBARCHIVE."];
    KEYS.contains(&key)
        || VENDORS.iter().any(|vendor| key.starts_with(vendor)) && !key.ends_with(b"size")
}

fn unsupported(key: &[u8]) -> Error {
    Error::entry(b"(pax)", Refusal::ExtendedHeader(shown(key)))
}

fn cut_at_zero(bytes: &mut Vec<u8>) {
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        bytes.truncate(end);
    }
}

type PaxRecord<'a> = (&'a [u8], &'a [u8]);

/// Splits records of the form `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record.
fn records(mut rest: &[u8]) -> Result<Vec<PaxRecord<'_>>, Error> {
    let invalid = || Error::Corrupt("an extended header is not one of pax".to_owned());
    let mut records = Vec::new();
    while !rest.is_empty() {
        let (record, left) = record(rest).ok_or_else(invalid)?;
        records.push(record);
        rest = left;
    }
    Ok(records)
}

fn record(bytes: &[u8]) -> Option<(PaxRecord<'_>, &[u8])> {
    let digits = bytes.iter().position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()?;
    let (record, rest) = bytes.split_at_checked(length)?;
    let text = record.get(digits + 1..)?.strip_suffix(b"\n")?;
    let equals = text.iter().position(|byte| *byte == b'=')?;
    Some(((&text[..equals], &text[equals + 1..]), rest))
}
