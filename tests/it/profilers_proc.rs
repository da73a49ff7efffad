//! The profiler `proc`: its files, whether their numbers are true, and what is left of them when something dies.

use std::process::Command;

use expect_test::expect;

use super::binary::{Ran, example, fixture, fixture_command, fixture_path, walk};
use super::tree::Tree;

/// Where the files of the only profiled iteration of a test are.
fn file(test: &str, name: &str) -> String {
    format!("{test}/profiling/iteration.1/{name}")
}

/// A file of samples.
struct Csv {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Csv {
    fn parse(text: &str) -> Csv {
        let mut lines = text.lines();
        let split = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let columns = split(lines.next().unwrap());
        let rows: Vec<_> = lines.map(split).collect();
        assert!(rows.iter().all(|row| row.len() == columns.len()), "{text}");
        Csv { columns, rows }
    }

    fn column(&self, name: &str) -> impl Iterator<Item = f64> {
        let place = self.columns.iter().position(|column| column == name);
        let place = place.unwrap_or_else(|| panic!("no column {name}: {:?}", self.columns));
        self.rows.iter().map(move |row| row[place].parse().unwrap())
    }

    /// The sum of a rate over the time of its samples.
    fn integral(&self, name: &str) -> f64 {
        let mut before = 0.0;
        let samples = self.column("time_s").zip(self.column(name));
        samples.fold(0.0, |sum, (at, rate)| {
            let interval = at - std::mem::replace(&mut before, at);
            sum + interval * rate
        })
    }

    fn max(&self, name: &str) -> f64 {
        self.column(name).fold(0.0, f64::max)
    }
}

#[track_caller]
fn check_about(what: &str, measured: f64, expected: f64, tolerance: f64) {
    let difference = (measured - expected).abs();
    assert!(
        difference <= tolerance,
        "{what}: {measured}, not {expected}"
    );
}

const SAMPLED: [&str; 3] = ["--profile-only", "--profiler", "proc:interval=20ms"];

fn sampled(test: &str) -> Ran {
    let ran = fixture("sampled", &[&SAMPLED[..], &["--exact", test]].concat());
    assert_eq!(ran.stderr(), "");
    ran
}

#[test]
fn the_samples_agree_with_what_the_test_read_itself() {
    let args = ["--profile-only", "--profiler", "proc:interval=50ms"];
    let ran = example("profiled", &args).expect_code(0);
    let keyvals = ran.file("load/results/keyval");
    let read = |key: &str| -> f64 {
        let prefix = format!("{key}{{perf}}=");
        let value = keyvals.lines().find_map(|line| line.strip_prefix(&prefix));
        value.unwrap().parse().unwrap()
    };
    let csv = Csv::parse(&ran.file(&file("load", "test.csv")));
    let cpu_s = (csv.integral("user_percent") + csv.integral("system_percent")) / 100.0;
    // Some ticks are used around what the test measures.
    check_about("cpu_s", cpu_s, read("cpu_s"), 0.06 + 0.02 * read("cpu_s"));
    let (written, expected) = (csv.integral("written_bytes_per_s"), read("written_bytes"));
    check_about("written_bytes", written, expected, 1e6 + 0.01 * expected);
    let (resident, expected) = (csv.max("resident_bytes"), read("resident_bytes"));
    check_about("resident_bytes", resident, expected, 4e6 + 0.02 * expected);
    assert!(csv.max("processes") >= 2.0);
}

#[test]
fn the_files_are_tables_and_a_plot() {
    let ran = sampled("forks").expect_code(0);
    let mut headers = String::new();
    for name in ["cpu", "disks", "memory", "network", "scheduler", "test"] {
        let text = ran.file(&file("forks", &format!("{name}.csv")));
        Csv::parse(&text);
        headers += &format!("{name}: {}\n", text.lines().next().unwrap());
    }
    expect![[r#"
        cpu: time_s,utc,missed,cpu,user_percent,nice_percent,system_percent,idle_percent,iowait_percent,irq_percent,softirq_percent,steal_percent
        disks: time_s,utc,missed,device,reads_per_s,read_bytes_per_s,writes_per_s,written_bytes_per_s,in_flight_requests,busy_percent,mean_requests
        memory: time_s,utc,missed,total_bytes,free_bytes,available_bytes,buffers_bytes,cached_bytes,shared_bytes,anonymous_bytes,slab_bytes,reclaimable_slab_bytes,dirty_bytes,writeback_bytes,swap_total_bytes,swap_free_bytes
        network: time_s,utc,missed,interface,received_bytes_per_s,received_packets_per_s,receive_errors_per_s,receive_drops_per_s,sent_bytes_per_s,sent_packets_per_s,send_errors_per_s,send_drops_per_s
        scheduler: time_s,utc,missed,context_switches_per_s,interrupts_per_s,forks_per_s,runnable_tasks,blocked_tasks
        test: time_s,utc,missed,processes,threads,user_percent,system_percent,resident_bytes,minor_faults_per_s,major_faults_per_s,read_bytes_per_s,written_bytes_per_s,read_call_bytes_per_s,written_call_bytes_per_s,group_memory_bytes,group_cpu_percent,group_read_bytes_per_s,group_written_bytes_per_s
    "#]].assert_eq(&headers);
    let svg = ran.file(&file("forks", "proc.svg"));
    let svg = roxmltree::Document::parse(&svg).unwrap();
    let texts = svg.descendants().filter(|node| node.has_tag_name("text"));
    let titles: Vec<_> = texts
        .filter(|node| matches!(node.attribute("class"), Some("h" | "p")))
        .filter_map(|node| node.text())
        .filter(|text| !text.starts_with("Memory, of") && !text.starts_with("Pressure"))
        .collect();
    expect![[r#"
        [
            "forks, iteration 1",
            "The test: processor time, where 100 % is one processor",
            "The test: memory",
            "Processors",
            "Disks",
            "Network",
        ]
    "#]]
    .assert_debug_eq(&titles);
    let bands = svg.descendants().filter(|node| node.has_tag_name("g"));
    let bands: Vec<_> = bands
        .filter_map(|band| band.first_element_child()?.text())
        .collect();
    expect![[r#"
        [
            "iteration 1",
        ]
    "#]]
    .assert_debug_eq(&bands);
}

#[test]
fn children_are_sampled() {
    let ran = sampled("forks").expect_code(0);
    let csv = Csv::parse(&ran.file(&file("forks", "test.csv")));
    assert_eq!(csv.max("processes"), 4.0);
}

/// In a network namespace of its own the interface has counted nothing when the test begins. The interval is so long that
/// there are two samples, at the start and at the stop.
#[test]
fn the_first_traffic_of_an_interface_is_sampled() {
    let home = tempfile::tempdir().unwrap();
    let up = "ip link set lo up && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--net", "sh", "-c", up, "sh"]);
    command.arg(fixture_path("sampled"));
    command.args(["--results", "results", "--profile-only"]);
    command.args(["--profiler", "proc:interval=1h", "--exact"]);
    let output = command.arg("talks_to_itself").current_dir(home.path());
    let output = output.output().unwrap();
    let results = home.path().join("results");
    if !results.exists() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        eprintln!("left out: first traffic ({})", stderr.trim());
        return;
    }
    let tree = Tree::at(home.path(), "results");
    let text = tree.file(&file("talks_to_itself", "network.csv"));
    let csv = Csv::parse(&text);
    let [row] = csv.rows.as_slice() else {
        panic!("{text}");
    };
    assert_eq!(row[3], "lo");
    // Each packet has 28 bytes of headers.
    let received = csv.integral("received_bytes_per_s");
    check_about("received_bytes", received, 20.0 * 1028.0, 1000.0);
}

#[test]
fn a_killed_test_has_its_samples_and_a_plot() {
    let ran = sampled("killed").expect_code(101);
    let csv = Csv::parse(&ran.file(&file("killed", "test.csv")));
    assert!(csv.rows.len() >= 3);
    assert!(ran.file(&file("killed", "proc.svg")).ends_with("</svg>\n"));
}

#[test]
fn a_test_that_hangs_has_its_samples_and_a_plot() {
    let ran = sampled("hangs").expect_code(101);
    let csv = Csv::parse(&ran.file(&file("hangs", "test.csv")));
    assert!(csv.rows.len() >= 3);
    assert!(ran.file(&file("hangs", "proc.svg")).ends_with("</svg>\n"));
}

#[test]
fn a_killed_profiler_leaves_its_samples() {
    let ran = sampled("kills_its_profiler");
    let stdout = ran.stdout();
    assert!(
        stdout.contains("the profiler `proc` was killed"),
        "{stdout}"
    );
    let csv = Csv::parse(&ran.file(&file("kills_its_profiler", "test.csv")));
    assert!(csv.rows.len() >= 3);
}

#[test]
fn a_killed_supervisor_leaves_the_samples() {
    let home = tempfile::tempdir().unwrap();
    let mut command = fixture_command(home.path(), "sampled");
    command.args(["--results", "job", "--exact", "kills_its_supervisor"]);
    let status = command.args(SAMPLED).output().unwrap().status;
    assert_eq!(status.code(), None);
    let files = walk(home.path());
    let mut files = files.iter().filter(|file| file.ends_with("test.csv"));
    let text = std::fs::read_to_string(home.path().join(files.next().unwrap())).unwrap();
    assert!(Csv::parse(&text).rows.len() >= 3);
}

#[test]
fn an_interval_that_is_too_short_is_refused() {
    let args = [
        "--profiler",
        "proc:interval=1ms",
        "--profile-only",
        "--exact",
        "computes",
    ];
    let ran = fixture("sampled", &args).expect_code(0);
    let expected = "test computes ... ok (WARN: the profiler `proc` failed in `initialize`: `interval` is at least 10 ms)";
    assert!(ran.stdout().contains(expected), "{}", ran.stdout());
}

#[test]
fn arguments_are_checked_before_anything_runs() {
    let ran = fixture("sampled", &["--profiler", "proc:interval=soon"]).expect_code(2);
    expect![[r#"
        error: the profiler `proc`: parameter `interval` takes a value of type `Duration`, not `soon`: expected a length of time such as `90`, `1.5s`, `2m` or `1h`
    "#]].assert_eq(&ran.stderr());
    let ran = fixture("sampled", &["--describe", "proc"]).expect_code(0);
    let stdout = ran.stdout();
    let lines = stdout.lines().filter(|line| !line.starts_with("at "));
    let described: String = lines.map(|line| format!("{line}\n")).collect();
    expect![[r#"
        proc
            What `/proc` tells of the test's processes and of the machine.

            Samples processors, memory, pressure, disks and network of the machine, and what the processes of the test use, into
            CSV files and a plot, `proc.svg`. No tool is needed.

        a profiler: `--profiler` uses it

        parameters:
          interval: Duration = "1s"
              The time between two samples, at least 10ms.
          max_file_mb: u64 = 64, in 1..=1_048_576
              Each CSV file is cut before it becomes larger than this, in MiB.
    "#]]
    .assert_eq(&described);
}
