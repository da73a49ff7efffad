//! A systemd-journald of a test's own, in a namespace of mounts: nothing of this machine's logs takes part.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Where distributions have the service.
const SERVICES: [&str; 2] = [
    "/usr/lib/systemd/systemd-journald",
    "/lib/systemd/systemd-journald",
];

/// What is printed where the service cannot be started.
const NO_SERVICE: &str = "systemd-journald cannot be started";

/// Starts the service `$1`, with the settings in the file `$2`, and executes the rest. `$JOURNALD` is its process.
/// It reads nothing from the kernel and does not change whether the kernel audits.
const ENTER: &str = r#"
for dir in /run /var/log; do mount -t tmpfs tmpfs $dir || exit; done
mount --bind /dev/null /dev/kmsg || exit
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d
cp "$2" /run/systemd/journald.conf.d/zz-test.conf
"$1" >/dev/null 2>&1 &
export JOURNALD=$!
trap 'kill -KILL $JOURNALD 2>/dev/null' EXIT
tries=0
until journalctl --sync 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] && kill -0 $JOURNALD 2>/dev/null || { echo "systemd-journald cannot be started" >&2; exit 1; }
    sleep 0.05
done
shift 2
echo 'from before' | systemd-cat -t earlier
journalctl --sync
"$@"
"#;

/// How the service stores entries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Storage {
    Volatile,
    Persistent,
    None,
}

/// Runs a program beside a service that has its variables, too. `None`, and says why, where that is not possible.
pub(crate) fn run_beside(storage: Storage, home: &Path, program: &mut Command) -> Option<Output> {
    let left_out = |reason: &str| {
        eprintln!("left out: systemd's journal ({reason})");
        None
    };
    if !rustix::process::geteuid().is_root() {
        return left_out("not root");
    }
    let Some(service) = SERVICES.iter().find(|path| Path::new(path).is_file()) else {
        return left_out("systemd-journald is not installed");
    };
    let settings = home.join("journald.conf");
    let storage = format!("{storage:?}").to_lowercase();
    let text = format!(
        "[Journal]\nStorage={storage}\nReadKMsg=no\nAudit=\nForwardToSyslog=no\nForwardToKMsg=no\n\
         ForwardToConsole=no\nForwardToWall=no\nRateLimitBurst=0\nSystemMaxUse=256M\nRuntimeMaxUse=256M\n"
    );
    fs::write(&settings, text).unwrap();
    let variables = program.get_envs();
    let variables = variables.filter_map(|(name, value)| Some((name, value?)));
    let output = Command::new("unshare")
        .envs(variables)
        .args(["--mount", "--propagation", "private"])
        .args(["sh", "-c", ENTER, "sh", service])
        .arg(settings)
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(home)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let refused = ["Operation not permitted", "permission denied", NO_SERVICE];
    match refused.iter().any(|text| stderr.contains(text)) {
        true => left_out(stderr.trim()),
        false => Some(output),
    }
}
