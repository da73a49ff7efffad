//! `AUTOTEST_QEMU=1`: the profilers `ftrace` and `perf` in a virtual machine, whose kernel has all tracers, and whose
//! processor has no counters.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use autotest_core::Event;
use autotest_report::Record;
use expect_test::expect;

use crate::panics::initramfs::Kernel;
use crate::panics::machine::{Init, Machine, Suite};

/// How long the machine may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// The size of the buffer of functions, which `traced.sh` sets, and of the least that a function takes there.
const BUFFER_BYTES: u64 = 512 << 10;
const MIN_ENTRY_BYTES: u64 = 20;

#[test]
fn the_kernel_traces_a_test_and_nothing_is_left_whatever_ends() {
    if std::env::var_os("AUTOTEST_QEMU").is_none() {
        return eprintln!("left out: virtual machines (AUTOTEST_QEMU=1 runs them)");
    }
    let kernel = match Kernel::find() {
        Ok(kernel) => kernel,
        Err(reason) => return eprintln!("left out: virtual machines: {reason}"),
    };
    let suite = Suite {
        fixture: "profiled",
        script: include_str!("traced.sh"),
        arguments: "",
    };
    let mut machine = Machine::new(&kernel, Init::Shell, &suite);
    machine.switch_on();
    assert!(machine.is_off_within(PATIENCE), "{}", machine.console());
    eprintln!("{}", machine.console().trim());
    let results = machine.results();
    let lines = fs::read_to_string(results.join("lines")).unwrap();
    eprintln!("{lines}");
    check_lines(&results, &lines);
    check_files(&results);
}

/// All verdicts, the tracer of the machine, which stays, and the instances, which do not but for one.
fn check_lines(results: &Path, lines: &str) {
    let graph = "graph: passes ... ok";
    let (is_graph, rest): (Vec<_>, Vec<_>) =
        lines.lines().partition(|line| line.starts_with(graph));
    let why_not = " (WARN: the profiler `ftrace` failed in `start`: this kernel has `function_graph` only for the whole \
                   machine, not for a single test: choose one of `function`, `nop`, or use Linux 6.11 or newer)";
    let expected = match has_graph(results) {
        true => "",
        false => why_not,
    };
    assert_eq!(is_graph, [graph.to_owned() + expected]);
    let rest = rest.join("\n").replace("`function_graph`, ", "");
    expect![[r#"
        events: is_killed ... FAILED (ERROR)
        events: nop other
        child: HasAChild ... ok
        child: nop other
        function: is_killed ... FAILED (ERROR)
        function: nop other
        graph: nop other
        unknown: passes ... ok (WARN: the profiler `ftrace` failed in `start`: this kernel has no tracer `magic`: choose one of `function`, `nop`)
        unknown: nop other
        killed: kills_its_tracer ... ok (WARN: the profiler `ftrace` was killed by signal 9 (SIGKILL))
        killed: nop other
        interrupted: nop other
        resumed: kills_its_supervisor ... interrupted (crashed), runs again; see /disk/job/interrupted/kills_its_supervisor.attempt-1
        resumed: kills_its_supervisor ... ok
        resumed: nop other
        perf: passes ... ok (WARN: the profiler `perf` warns: this machine counts only software events: a virtual machine can be given a PMU; the profiler `perf` warns: stacks are sampled by the kernel's clock)"#]].assert_eq(&rest);
}

/// Whether the kernel has `function_graph` for an instance.
fn has_graph(results: &Path) -> bool {
    let tracers = fs::read_to_string(results.join("tracers")).unwrap();
    tracers.contains("function_graph")
}

fn check_files(results: &Path) {
    let events = trace(results, "events", "is_killed");
    let has_child = events.lines().any(|line| line.trim().starts_with("kill-"));
    assert!(
        has_child && events.contains(": sched_process_exit: comm=kill "),
        "{events}"
    );
    let child = trace(results, "child", "HasAChild");
    let has_child = child.lines().any(|line| line.trim().starts_with("yes-"));
    assert!(has_child, "{child}");
    let function = trace(results, "function", "is_killed");
    assert!(function.starts_with("# tracer: function\n"), "{function}");
    check_processes(results, &function);
    check_size(&function);
    if has_graph(results) {
        let graph = trace(results, "graph", "passes");
        assert!(graph.starts_with("# tracer: function_graph\n"), "{graph}");
        assert!(graph.contains("TIME        CPU  TASK/PID "), "{graph}");
        assert!(graph.contains("() {\n"), "{graph}");
    }
    let resumed = trace(results, "interrupted", "kills_its_supervisor");
    assert!(resumed.contains(": sched_switch: "), "{resumed}");
    let counters = results.join("perf/passes/profiling/iteration.2/counters.csv");
    let counters = fs::read_to_string(counters).unwrap();
    let names = counters
        .lines()
        .filter_map(|line| Some(line.split_once(',')?.0));
    let names: Vec<_> = names.collect();
    let expected = "event task_clock_ns context_switches cpu_migrations minor_faults major_faults";
    assert_eq!(names.join(" "), expected);
}

/// What the profiler `ftrace` wrote in a job.
fn trace(results: &Path, job: &str, test: &str) -> String {
    let path = results.join(format!("{job}/{test}/profiling/iteration.2/ftrace"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The buffer kept only the last functions.
fn check_size(trace: &str) {
    let counts = trace
        .lines()
        .find_map(|line| line.strip_prefix("# entries-in-buffer/entries-written: "));
    let counts = counts.unwrap().split_whitespace().next().unwrap();
    let (kept, written) = counts.split_once('/').unwrap();
    let (kept, written): (u64, u64) = (kept.parse().unwrap(), written.parse().unwrap());
    let bytes = trace.len();
    eprintln!("function: {kept} of {written} entries, {bytes} bytes");
    assert!(kept < written && kept < BUFFER_BYTES / MIN_ENTRY_BYTES);
}

/// Only the test's process, and the one that it starts, are in a trace of functions.
fn check_processes(results: &Path, trace: &str) {
    let lines = trace.lines().filter(|line| !line.starts_with('#'));
    let tasks = lines.filter_map(|line| line.split_whitespace().next());
    let tasks: BTreeSet<_> = tasks.collect();
    // Before it executes the program, it has the name of the test.
    let is_child = |task: &&str| {
        let pid = task.rsplit('-').next().unwrap();
        tasks.contains(&*format!("kill-{pid}"))
    };
    let others: Vec<_> = tasks.iter().filter(|task| !is_child(task)).collect();
    let journal = fs::read_to_string(results.join("function/journal.jsonl")).unwrap();
    let records = journal
        .lines()
        .map(|line| serde_json::from_str::<Record>(line).unwrap());
    let mut processes = records.filter_map(|record| match record.event {
        Event::Process { pid, .. } => Some(format!("suite-{pid}")),
        _ => None,
    });
    let test = processes.next().unwrap();
    assert_eq!(others, [&test]);
}
