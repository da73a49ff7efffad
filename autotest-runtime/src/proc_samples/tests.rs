//! Tests of the sampling as a whole, on the real `/proc`.

use std::collections::HashMap;
use std::fs;
use std::process::{Child, Command, Stdio};

use super::*;

/// Parses a CSV file: each row maps the names of the columns to its values.
fn rows(dir: &std::path::Path, name: &str) -> Vec<HashMap<String, String>> {
    let text = fs::read_to_string(dir.join(name)).unwrap();
    let mut lines = text.lines();
    let columns: Vec<_> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| {
            let values: Vec<_> = line.split(',').collect();
            assert_eq!(values.len(), columns.len(), "{name}: {line}");
            let columns = columns.iter().map(|column| (*column).to_owned());
            columns.zip(values.into_iter().map(str::to_owned)).collect()
        })
        .collect()
}

fn sampling(dir: &tempfile::TempDir, interval_ms: u64, test: Option<&Child>) -> Sampling {
    let options = SamplingOptions {
        interval: Duration::from_millis(interval_ms),
        dir: dir.path().to_owned(),
        test: test.map(|test| SampledTest {
            pid: test.id().cast_signed(),
            mark: Some("AUTOTEST_RUN=x/1".to_owned()),
        }),
        max_file_bytes: 1 << 20,
    };
    Sampling::start(&options).unwrap()
}

fn shell(script: &str) -> Child {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdin(Stdio::piped());
    command
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap()
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Integrates a column of rates over time.
fn integral(rows: &[HashMap<String, String>], column: &str) -> f64 {
    let number = |row: &HashMap<String, String>, column: &str| row[column].parse::<f64>().unwrap();
    let mut before = 0.0;
    let mut sum = 0.0;
    for row in rows {
        let at = number(row, "time_s");
        sum += (at - before) * number(row, column);
        before = at;
    }
    sum
}

/// Reads a line of a child's output.
fn wait_for_line(child: &mut Child) -> String {
    use std::io::{BufRead, BufReader};
    let mut line = String::new();
    let output = child.stdout.as_mut().unwrap();
    BufReader::new(output).read_line(&mut line).unwrap();
    line
}

/// Lets the `read` in a child's script return.
fn go_on(child: &mut Child) {
    use std::io::Write;
    writeln!(child.stdin.as_mut().unwrap()).unwrap();
}

/// The bytes read by a process and the children that it has waited for.
fn read_with_children(pid: u32) -> f64 {
    let io = fs::read_to_string(format!("/proc/{pid}/io")).unwrap();
    text::value(io.as_bytes(), "rchar:").unwrap() as f64
}

/// The processor time in all rows, in hundredths of a second.
fn cpu_percent(rows: &[HashMap<String, String>]) -> f64 {
    integral(rows, "user_percent") + integral(rows, "system_percent")
}

/// The processor time of a process and of the children that it has waited for, likewise.
fn ticks_with_children(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace();
    let ticks = fields
        .skip(11)
        .take(4)
        .map(|ticks| ticks.parse::<f64>().unwrap());
    100.0 * ticks.sum::<f64>() / rustix::param::clock_ticks_per_second() as f64
}

#[track_caller]
fn check_about(measured: f64, expected: f64, tolerance: f64) {
    let difference = (measured - expected).abs();
    assert!(difference <= tolerance, "{measured}, not {expected}");
}

#[test]
fn every_file_has_its_columns_and_the_machine_is_in_them() {
    let dir = tempfile::tempdir().unwrap();
    let sampling = sampling(&dir, 20, None);
    thread::sleep(Duration::from_millis(100));
    let stopped = sampling.stop().unwrap();
    stopped.draw("a <title>", &[]).unwrap();
    let sampled = stopped.sampled();
    assert_eq!(sampled.problems, [""; 0]);
    assert!(sampled.samples >= 1 && sampled.elapsed >= Duration::from_millis(100));
    for name in ["cpu", "disks", "memory", "network", "scheduler"] {
        rows(dir.path(), &format!("{name}.csv"));
    }
    assert!(!dir.path().join("test.csv").exists());
    let memory = rows(dir.path(), "memory.csv");
    assert_eq!(memory.len() as u64, sampled.samples);
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap();
    let total = format!(
        "{:?}",
        text::value(meminfo.as_bytes(), "MemTotal:").unwrap() * 1024
    );
    assert!(memory.iter().all(|row| row["total_bytes"] == total));
    let cpu = rows(dir.path(), "cpu.csv");
    let all: Vec<_> = cpu.iter().filter(|row| row["cpu"] == "all").collect();
    assert_eq!(all.len(), memory.len());
    for row in cpu.iter().filter(|row| !row["idle_percent"].is_empty()) {
        let shares = row.iter().filter(|(name, _)| name.ends_with("_percent"));
        let sum: f64 = shares.map(|(_, share)| share.parse::<f64>().unwrap()).sum();
        check_about(sum, 100.0, 0.5);
    }
    let svg = fs::read_to_string(dir.path().join("proc.svg")).unwrap();
    assert!(svg.contains(">a &lt;title&gt;</title>") && svg.ends_with("</svg>\n"));
}

#[test]
fn samples_are_in_the_files_while_more_are_taken() {
    let dir = tempfile::tempdir().unwrap();
    let sampling = sampling(&dir, 10, None);
    while rows(dir.path(), "memory.csv").len() < 3 {
        thread::sleep(Duration::from_millis(5));
    }
    drop(sampling.stop());
}

#[test]
fn children_that_ended_between_samples_are_counted() {
    let mut child = shell(
        "read _; for i in 1 2 3 4 5; do head -c 20000000 /dev/zero | wc -c >/dev/null; done; echo; read _",
    );
    let dir = tempfile::tempdir().unwrap();
    let sampling = sampling(&dir, 60_000, Some(&child));
    go_on(&mut child);
    wait_for_line(&mut child);
    let io = read_with_children(child.id());
    let ticks = ticks_with_children(child.id());
    sampling.stop().unwrap();
    let rows = rows(dir.path(), "test.csv");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["processes"], "1");
    let read = integral(&rows, "read_call_bytes_per_s");
    // Reads that load the programs come after the first sample; the shell's own came before it.
    check_about(read, io, 0.02 * io);
    assert!(read > 199e6, "{read}");
    check_about(cpu_percent(&rows), ticks, 5.0);
    end(child);
}

#[test]
fn a_daemon_and_children_of_a_killed_test_stay_its_processes() {
    let mut child = shell("setsid sleep 60 & sleep 60 & echo $!; read _");
    let dir = tempfile::tempdir().unwrap();
    wait_for_line(&mut child);
    let sampling = sampling(&dir, 10, Some(&child));
    let wait_for = |count: &str| {
        while rows(dir.path(), "test.csv")
            .last()
            .is_none_or(|row| row["processes"] != count)
        {
            thread::sleep(Duration::from_millis(5));
        }
    };
    wait_for("3");
    let pid = child.id();
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    end(child);
    wait_for("2");
    for pid in children.split_ascii_whitespace() {
        Command::new("kill").args(["-KILL", pid]).status().unwrap();
    }
    wait_for("0");
    sampling.stop().unwrap();
}

#[test]
fn without_a_test_there_is_an_error_and_no_thread() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = shell("exit 0");
    child.wait().unwrap();
    let options = SamplingOptions {
        interval: Duration::from_secs(1),
        dir: dir.path().to_owned(),
        test: Some(SampledTest {
            pid: child.id().cast_signed(),
            mark: None,
        }),
        max_file_bytes: 1000,
    };
    let error = Sampling::start(&options).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound, "{error}");
}

/// Most of the processes start and end between two samples; some of those have children.
#[test]
fn a_storm_of_processes_is_counted_about_once() {
    let mut child = shell(
        "read _; i=0; while [ $i -lt 100 ]; do (head -c 3000000 /dev/zero | wc -c >/dev/null) & \
         [ $((i % 5)) = 0 ] && wait; i=$((i+1)); done; wait; echo; read _",
    );
    let dir = tempfile::tempdir().unwrap();
    let sampling = sampling(&dir, 20, Some(&child));
    go_on(&mut child);
    wait_for_line(&mut child);
    let read = read_with_children(child.id());
    let ticks = ticks_with_children(child.id());
    sampling.stop().unwrap();
    let rows = rows(dir.path(), "test.csv");
    check_about(integral(&rows, "read_call_bytes_per_s"), read, 0.05 * read);
    check_about(cpu_percent(&rows), ticks, 5.0 + 0.1 * ticks);
    end(child);
}
