//! Programs that end with this one, whatever ends this one, unless they are left running.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a program until standard input ends; a line there first leaves it running. If it is ended so, a temporary
/// directory is removed: a process that a signal ended has not done that. It is not there any more if it was moved to
/// the results.
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

/// By what another process finds a program that was left running.
pub(super) struct Notice<'a> {
    /// The file, which has the process id and the note.
    pub(super) file: &'a Path,
    pub(super) note: String,
}

/// A command that runs `program`, a program with its arguments, as long as the standard input of the command, a pipe,
/// is open.
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
