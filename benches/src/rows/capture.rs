//! What a test prints, on its way into a file.

use std::fs::File;
use std::process::Stdio;

use crate::bench::Bench;
use crate::job::{Place, Sync};
use crate::process;
use crate::rounds::alternate;
use crate::row::{Bar, LeftOut, Line, Unit};
use crate::workshop::Linked;

/// 1 GiB.
const BYTES: u64 = 1 << 30;

pub(super) fn capture(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let suite = bench.workshop.suite(Linked::Statically, "measured")?;
    let floor = bench.workshop.suite(Linked::Statically, "floor")?;
    let place = Place::new(bench.tmpfs()?)?;
    let copy = bench.tmpfs()?;
    let count = format!("bytes={BYTES}");
    let args = ["--exact", "print", "--param", &count];
    let pairs = alternate(
        bench.rounds().min(5),
        || Ok(place.run(&mut place.job(&suite, Sync::None, &args))?.wall_s),
        || {
            let file = File::create(copy.path().join("copy"))?;
            let mut shell = process::bare("sh");
            shell
                .args(["-c", "\"$0\" print \"$1\" | cat"])
                .arg(&floor)
                .arg(BYTES.to_string());
            Ok(process::run(shell.stdout(Stdio::from(file)))?.wall_s)
        },
    )?;
    let line = pairs.line(
        "1 GiB of output captured",
        "cat >file",
        Unit::Seconds,
        Bar::None,
    );
    Ok(vec![line.note(
        "All of it goes through a pipe in both; ours keeps the beginning and the end of it (bounded), \
         cat all of it, in memory.",
    )])
}
