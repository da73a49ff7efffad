//! Distinguishes records from frames on the wire, and refuses invalid frames.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::{Frame, MAX_FILE_BYTES, MAX_PATH_BYTES};
use crate::journal;
use crate::json;

/// The beginning of each line of the journal, and of no frame.
const RECORD: &[u8] = b"{\"seq\":";

/// The maximum number of parts of a sparse file that a reader accepts.
const MAX_PARTS: usize = 4096;

const MAX_MODE: u32 = 0o7777;

/// Whether a line is one of the journal.
pub(super) fn is_record(line: &[u8]) -> bool {
    line.starts_with(RECORD)
}

/// Reads the line of a frame, without its newline.
///
/// # Errors
/// If it is not a frame, or has a path or a number that no writer sends. The error is a message.
pub(super) fn frame(line: &[u8]) -> Result<Frame, String> {
    let frame = json::from_slice(line).map_err(|error| error.to_string())?;
    check(&frame).map(|()| frame)
}

fn check(frame: &Frame) -> Result<(), String> {
    match frame {
        Frame::File(file) => {
            check_path(&file.path)?;
            check_mode(file.mode)?;
            check_parts(file.size, file.data.as_deref())?;
            match file.data_bytes() <= MAX_FILE_BYTES {
                true => Ok(()),
                false => Err("the file is too large".to_owned()),
            }
        }
        Frame::Dir { path, mode } => check_path(path).and(check_mode(*mode)),
        Frame::Link { path, to } => check_path(path).and(check_text(to)),
        Frame::LeftOut { path, .. } => check_path(path),
        Frame::End(_) => Ok(()),
    }
}

/// Refuses a path that could lead out of the job's directory, or to the journal, which the host writes itself.
fn check_path(path: &Path) -> Result<(), String> {
    check_text(path)?;
    let bytes = path.as_os_str().as_bytes();
    let is_name = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
    if !bytes.split(|byte| *byte == b'/').all(is_name) {
        return Err("the path is not below the job's directory".to_owned());
    }
    match bytes == journal::NAME.as_bytes() {
        true => Err("the journal is no file of the results".to_owned()),
        false => Ok(()),
    }
}

/// Refuses paths that no file system can have.
fn check_text(path: &Path) -> Result<(), String> {
    let bytes = path.as_os_str().as_bytes();
    match bytes.len() {
        0 => Err("the path is empty".to_owned()),
        length if length > MAX_PATH_BYTES => Err("the path is too long".to_owned()),
        _ if bytes.contains(&0) => Err("the path has a NUL".to_owned()),
        _ => Ok(()),
    }
}

fn check_mode(mode: u32) -> Result<(), String> {
    match mode <= MAX_MODE {
        true => Ok(()),
        false => Err("the mode is not one of permissions".to_owned()),
    }
}

/// Refuses parts that are out of order, overlap, or are not within the file.
fn check_parts(size: u64, parts: Option<&[(u64, u64)]>) -> Result<(), String> {
    let parts = parts.unwrap_or_default();
    if parts.len() > MAX_PARTS {
        return Err("the file has too many parts".to_owned());
    }
    let end = parts.iter().try_fold(0_u64, |before, (offset, length)| {
        let end = offset.checked_add(*length)?;
        (*offset >= before && *length > 0).then_some(end)
    });
    match end.is_some_and(|end| end <= size) && i64::try_from(size).is_ok() {
        true => Ok(()),
        false => Err("the parts of the file are not in order".to_owned()),
    }
}
