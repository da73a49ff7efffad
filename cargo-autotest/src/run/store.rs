//! Copies the files of suites to a target. Each content is stored there once, and is checked when it has arrived. An
//! interrupted copy continues where it was.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};

use autotest_package::Sha256Sum;

use super::TargetError;
use super::facts::{Facts, run_in};
use super::payload::{Payload, PayloadFile};
use crate::target::{Answer, Shell, quoted};

/// A copy continues at a multiple of this size, so that `dd` can seek to it.
const BLOCK_BYTES: u64 = 64 << 10;

/// The number of times that a file is copied if its content arrives damaged.
const TRIES: u32 = 3;

/// The amount that was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Copied {
    pub(super) files: usize,
    pub(super) bytes: u64,
}

/// The suites on a target.
#[derive(Debug)]
pub(super) struct Store<'a> {
    pub(super) shell: &'a Shell,
    pub(super) facts: &'a Facts,
}

impl Store<'_> {
    /// Makes the files of a suite available, in the directory `suites/ID`.
    ///
    /// # Errors
    /// If something cannot be copied, or arrives damaged.
    pub(super) fn provide(
        &self,
        payload: &Payload,
        is_stopped: impl Fn() -> bool,
    ) -> Result<Copied, TargetError> {
        let id = payload.id();
        if self.has(&id)? {
            return Ok(Copied::default());
        }
        let mut copied = Copied::default();
        for (file, there) in self.missing(payload)? {
            if is_stopped() {
                return Err(TargetError::Stopped);
            }
            self.copy(file, there)?;
            copied.files += 1;
            copied.bytes += file.size - there;
        }
        self.assemble(payload, &id)?;
        Ok(copied)
    }

    fn has(&self, id: &str) -> Result<bool, TargetError> {
        let answer = self.run(&format!(
            "[ -e suites/{}/.complete ] && echo there=yes; true",
            quoted(id)
        ))?;
        Ok(answer.value("there").is_some())
    }

    /// The files whose content is missing on the target, each with the number of bytes that are there already.
    fn missing<'p>(
        &self,
        payload: &'p Payload,
    ) -> Result<Vec<(&'p PayloadFile, u64)>, TargetError> {
        let mut list = String::new();
        for file in &payload.files {
            list.push_str(&format!("{} {}\n", file.sha256, file.size));
        }
        let script = format!(
            "cd store || exit
size() {{ wc -c <\"$1\" 2>/dev/null || echo 0; }}
while read -r sum bytes; do
    if [ -f \"$sum\" ] && [ \"$(size \"$sum\")\" -eq \"$bytes\" ]; then echo \"$sum=all\"
    elif [ -f \"$sum.part\" ]; then echo \"$sum=\"$(size \"$sum.part\")
    else echo \"$sum=0\"; fi
done <<'END'
{list}END"
        );
        let answer = self.run(&script)?;
        let mut missing: Vec<(&PayloadFile, u64)> = Vec::new();
        for file in &payload.files {
            let there = answer.value(&file.sha256).unwrap_or("0");
            let is_listed = missing.iter().any(|(other, _)| other.sha256 == file.sha256);
            if there != "all" && !is_listed {
                let there: u64 = there.trim().parse().unwrap_or(0);
                // A part that is longer than the file is useless.
                let there = if there > file.size { 0 } else { there };
                missing.push((file, there / BLOCK_BYTES * BLOCK_BYTES));
            }
        }
        Ok(missing)
    }

    /// Copies a file whose first `there` bytes are on the target already.
    fn copy(&self, file: &PayloadFile, there: u64) -> Result<(), TargetError> {
        let mut there = there;
        for _ in 0..TRIES {
            self.send(file, there)?;
            if self.check(file)? {
                return Ok(());
            }
            there = 0;
        }
        Err(TargetError::Damaged(file.path.clone()))
    }

    fn send(&self, file: &PayloadFile, there: u64) -> Result<(), TargetError> {
        let unreadable = |error: io::Error| TargetError::Unreadable(file.source.clone(), error);
        let mut source = File::open(&file.source).map_err(unreadable)?;
        source.seek(SeekFrom::Start(there)).map_err(unreadable)?;
        // Two hosts that copy the same content at once write the same bytes to the same places. If one starts again,
        // the other notices it by the checksum, and starts again, too.
        let script = format!(
            "cd {}/store || exit
[ {there} -gt 0 ] || rm -f {sum}.part
dd of={sum}.part bs={BLOCK_BYTES} seek={blocks} conv=notrunc",
            quoted(&self.facts.directory),
            sum = file.sha256,
            blocks = there / BLOCK_BYTES,
        );
        let answer = self.shell.send(&script, &mut source)?;
        match answer.code {
            0 => Ok(()),
            _ => Err(TargetError::Copy(file.path.clone(), answer.said())),
        }
    }

    /// Checks the content that has arrived, and gives the file its name if it is right.
    fn check(&self, file: &PayloadFile) -> Result<bool, TargetError> {
        let sum = &file.sha256;
        let is_right = match self.facts.has_sha256 {
            true => {
                let answer = self.run(&format!(
                    "sum=$(sha256sum <store/{sum}.part); echo \"sum=${{sum%% *}}\""
                ))?;
                answer.value("sum") == Some(sum)
            }
            false => self.read_back(sum)?,
        };
        let script = match is_right {
            true => format!("mv store/{sum}.part store/{sum} || [ -f store/{sum} ]"),
            false => format!("rm -f store/{sum}.part"),
        };
        self.run(&script)?;
        Ok(is_right)
    }

    /// Whether the content is right, on a target without `sha256sum`: reads it back to the host.
    fn read_back(&self, sum: &str) -> Result<bool, TargetError> {
        let directory = quoted(&self.facts.directory);
        let script = format!("cat {directory}/store/{sum}.part");
        let mut running = self.shell.start(&script).map_err(TargetError::Start)?;
        let read = Sha256Sum::of(running.stdout);
        let _ = running.child.wait();
        Ok(read.map_err(TargetError::Start)?.to_string() == sum)
    }

    /// Makes the directory of a suite. It has its own copies of the files, since a test may write to one beside its
    /// executable.
    fn assemble(&self, payload: &Payload, id: &str) -> Result<(), TargetError> {
        let mut list = String::new();
        for file in &payload.files {
            list.push_str(&format!("{} {:o} {}\n", file.sha256, file.mode, file.path));
        }
        let script = format!(
            "id={id}
new=suites/.new.$$
rm -rf \"$new\" && mkdir \"$new\" || exit
while read -r sum mode path; do
    case $path in */*) mkdir -p \"$new/${{path%/*}}\" || exit ;; esac
    cp \"store/$sum\" \"$new/$path\" && chmod \"$mode\" \"$new/$path\" || exit
done <<'END'
{list}END
: >\"$new/.complete\" || exit
sync 2>/dev/null
if [ -e \"suites/$id\" ]; then
    [ -e \"suites/$id/.complete\" ] || rm -rf \"suites/$id\"
fi
if [ -e \"suites/$id\" ]; then rm -rf \"$new\"; else mv \"$new\" \"suites/$id\"; fi",
            id = quoted(id)
        );
        self.run(&script).map(drop)
    }

    /// Runs a script in the directory of the target. The script must succeed.
    fn run(&self, script: &str) -> Result<Answer, TargetError> {
        run_in(&self.facts.directory, self.shell, script)
    }
}
