//! Runs programs that end with this one, however it ends, unless they are left running.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// A script that runs a program, and kills it when standard input ends, unless a line there first says to leave it
/// running. With the program, it removes a temporary directory, because a process that a signal ended could not do that
/// itself. The directory is gone already if it was moved to the results.
const KEEPER: &str = "exec 3<&0 </dev/null
running=$1 temporary=$2
shift 2
\"$@\" 3<&- &
program=$!
[ -z \"$running\" ] || echo \"$program $0\" >\"$running\"
{ read -r _ <&3 || { [ -z \"$temporary\" ] || rm -rf \"$temporary\"; kill -KILL $program; }; } &
keeper=$!
exec 3<&-
wait $program
code=$?
kill $keeper 2>/dev/null
exit $code";

/// A file by which another process finds a program that was left running.
pub(super) struct Notice<'a> {
    /// The path of the file, which contains the process id and the note.
    pub(super) file: &'a Path,
    pub(super) note: String,
}

/// A command that runs `program` with its arguments as long as the command's standard input, a pipe, is open.
pub(super) fn kept(
    program: &Command,
    temporary: Option<&Path>,
    notice: Option<Notice<'_>>,
) -> Command {
    let or_none = |path: Option<&Path>| path.map_or(OsStr::new(""), Path::as_os_str).to_owned();
    let file = notice.as_ref().map(|notice| notice.file);
    let note = notice.as_ref().map_or("sh", |notice| &notice.note);
    let mut command = Command::new("sh");
    command.args(["-c", KEEPER, note]);
    command.arg(or_none(file)).arg(or_none(temporary));
    command.arg(program.get_program()).args(program.get_args());
    command.stdin(Stdio::piped());
    command
}
