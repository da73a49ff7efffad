//! Tests of profiles of real processes, if this machine allows them.

use std::process::{Child, Command, Stdio};

use super::*;

fn shell(script: &str) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).spawn().unwrap()
}

/// Profiles a script in a shell. `None` if profiling is not allowed here.
fn profile(script: &str) -> Option<(tempfile::TempDir, Vec<String>)> {
    use std::io::{BufRead, BufReader, Write};
    let mut child = shell(&format!("read _; {script}; echo; read _"));
    let dir = tempfile::tempdir().unwrap();
    let options = PerfOptions {
        pid: child.id().cast_signed(),
        dir: dir.path().to_owned(),
        frequency: 997,
    };
    let profiling = Profiling::start(&options)
        .inspect_err(|error| eprintln!("left out: {error}"))
        .ok();
    let problems = profiling.map(|profiling| {
        writeln!(child.stdin.as_mut().unwrap()).unwrap();
        let mut line = String::new();
        let output = child.stdout.as_mut().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        profiling.stop().unwrap().write("sh <profile>").unwrap()
    });
    child.kill().unwrap();
    child.wait().unwrap();
    Some((dir, problems?))
}

#[test]
fn children_are_counted_and_their_stacks_are_sampled() {
    let script = "head -c 200000000 /dev/zero | sha256sum >/dev/null; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";
    let Some((dir, problems)) = profile(script) else {
        return;
    };
    let counters = fs::read_to_string(dir.path().join("counters.csv")).unwrap();
    let mut lines = counters.lines();
    assert_eq!(lines.next(), Some("event,count,scope,counted_percent"));
    let clock = lines.next().unwrap();
    let clock: Vec<_> = clock.split(',').collect();
    assert_eq!(clock[0], "task_clock_ns");
    assert!(clock[1].parse::<u64>().unwrap() > 10_000_000, "{counters}");
    let is_by_clock = problems.contains(&"stacks are sampled by the kernel's clock".to_owned());
    assert_eq!(is_by_clock, !counters.contains("\ncycles,"), "{problems:?}");
    let folded = fs::read_to_string(dir.path().join("stacks.folded")).unwrap();
    for program in ["sh", "sha256sum"] {
        let begins = |line: &str| line.split([';', ' ']).next() == Some(program);
        assert!(folded.lines().any(begins), "{program}: {folded}");
    }
    let sum = folded.lines().filter_map(|line| line.rsplit_once(' '));
    let sum: u64 = sum.map(|(_, count)| count.parse::<u64>().unwrap()).sum();
    assert!(sum > 20, "{folded}");
}
