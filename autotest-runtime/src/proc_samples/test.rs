//! `test.csv`: the combined resource usage of a test's processes, and that of its control group.

use std::io;

use rustix::param::{clock_ticks_per_second, page_size};

use super::SampledTest;
use super::control_group::{ControlGroup, GroupTotals};
use super::csv::{Csv, Directory};
use super::moment::Moment;
use super::plot::{Color, Panel, Unit};
use super::processes::{Processes, Totals};
use super::series::Series;
use super::usage::Usage;

const COLUMNS: &str = "processes,threads,user_percent,system_percent,resident_bytes,minor_faults_per_s,\
    major_faults_per_s,read_bytes_per_s,written_bytes_per_s,read_call_bytes_per_s,written_call_bytes_per_s,\
    group_memory_bytes,group_cpu_percent,group_read_bytes_per_s,group_written_bytes_per_s";

const CPU_LAYERS: [(&str, Color); 2] = [("user", Color::Blue), ("system", Color::Orange)];

const MEMORY_LINES: [(&str, Color); 2] =
    [("resident", Color::Blue), ("control group", Color::Green)];

#[derive(Debug)]
pub(super) struct Test {
    processes: Processes,
    group: Option<ControlGroup>,
    usage: Usage,
    group_totals: GroupTotals,
    csv: Csv,
    cpu: Series<{ CPU_LAYERS.len() }>,
    memory: [Series<1>; MEMORY_LINES.len()],
}

impl Test {
    pub(super) fn new(dir: &Directory, test: &SampledTest) -> io::Result<Test> {
        Ok(Test {
            processes: Processes::new(test)?,
            group: ControlGroup::of(test.pid),
            usage: Usage::default(),
            group_totals: GroupTotals::default(),
            csv: dir.create("test.csv", COLUMNS)?,
            cpu: Series::new(),
            memory: Default::default(),
        })
    }

    /// Takes a sample. `forks` is the number of processes that the kernel has started since boot.
    pub(super) fn sample(&mut self, moment: &Moment, forks: u64) {
        let totals = self.processes.sample(forks);
        let before = std::mem::replace(&mut self.usage, totals.usage);
        let group = self.group.as_mut().map(ControlGroup::read);
        let group = group.unwrap_or_default();
        let group_before = std::mem::replace(&mut self.group_totals, group);
        if !moment.has_interval() {
            return self.processes.begin();
        }
        let resident_bytes = totals.resident_pages * page_size() as u64;
        let cpu = cpu_percent(moment, &before, &totals.usage);
        let row = self.csv.row(moment);
        let row = row.count(totals.processes).count(totals.threads);
        let row = row.tenths(cpu[0]).tenths(cpu[1]).count(resident_bytes);
        let rates = rates(moment, &before, &totals);
        let row = rates
            .into_iter()
            .fold(row, |row, rate| row.whole_if_known(rate));
        let row = row.count_if_known(group.memory_bytes);
        let rate = |before: Option<u64>, now: Option<u64>| Some(moment.rate(before?, now?));
        let group_cpu = rate(group_before.cpu_us, group.cpu_us);
        let row = row.tenths_if_known(group_cpu.map(|us| us / 1e4));
        let row = row.whole_if_known(rate(group_before.read_bytes, group.read_bytes));
        drop(row.whole_if_known(rate(group_before.written_bytes, group.written_bytes)));
        self.csv.write_rows();
        self.cpu.push(moment, cpu.map(|percent| percent as f32));
        self.memory[0].push(moment, [resident_bytes as f32]);
        if let Some(bytes) = group.memory_bytes {
            self.memory[1].push(moment, [bytes as f32]);
        }
    }

    /// The panels of the plot.
    pub(super) fn panels(&self) -> impl Iterator<Item = Panel> {
        let title = "The test: processor time, where 100 % is one processor";
        let cpu = Panel::stacked(title, Unit::Percent, &CPU_LAYERS, &self.cpu);
        let memory = Panel::lines("The test: memory", Unit::Bytes, &MEMORY_LINES, &self.memory);
        cpu.into_iter().chain(memory)
    }

    pub(super) fn csv(&self) -> &Csv {
        &self.csv
    }
}

/// User and system time, in percent of one processor.
fn cpu_percent(moment: &Moment, before: &Usage, now: &Usage) -> [f64; 2] {
    let percent = |before, now| 100.0 * moment.rate(before, now) / clock_ticks_per_second() as f64;
    [
        percent(before.user_ticks, now.user_ticks),
        percent(before.system_ticks, now.system_ticks),
    ]
}

/// Rates of faults, then of I/O; the latter are `None` if the kernel does not report them.
fn rates(moment: &Moment, before: &Usage, totals: &Totals) -> [Option<f64>; 6] {
    let now = &totals.usage;
    let io = |before, now| totals.knows_io.then(|| moment.rate(before, now));
    [
        Some(moment.rate(before.minor_faults, now.minor_faults)),
        Some(moment.rate(before.major_faults, now.major_faults)),
        io(before.read_bytes, now.read_bytes),
        io(before.written_bytes, now.written_bytes),
        io(before.read_call_bytes, now.read_call_bytes),
        io(before.written_call_bytes, now.written_call_bytes),
    ]
}
