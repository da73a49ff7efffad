//! `cpu.csv`: the load of all processors together, and of each.

use std::io;

use super::counters::Counters;
use super::csv::{Csv, Directory};
use super::moment::Moment;
use super::plot::{Color, Panel, Unit};
use super::series::Series;
use super::text::{fields, lines, numbers};

/// The number of states, in the order of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal. Guest
/// time is included in the first two.
const STATES: usize = 8;

const COLUMNS: &str = "cpu,user_percent,nice_percent,system_percent,idle_percent,iowait_percent,irq_percent,\
    softirq_percent,steal_percent";

/// The layers of the plot, from the bottom: interrupts are one layer, and idle time is the empty space.
const LAYERS: [(&str, Color); 6] = [
    ("user", Color::Blue),
    ("nice", Color::Sky),
    ("system", Color::Orange),
    ("interrupts", Color::Green),
    ("I/O wait", Color::Purple),
    ("steal", Color::Red),
];

#[derive(Debug)]
pub(super) struct Cpu {
    times: Counters<STATES, ()>,
    csv: Csv,
    series: Series<{ LAYERS.len() }>,
}

impl Cpu {
    pub(super) fn new(dir: &Directory) -> io::Result<Cpu> {
        Ok(Cpu {
            times: Counters::new(),
            csv: dir.create("cpu.csv", COLUMNS)?,
            series: Series::new(),
        })
    }

    /// Takes a sample from the text of `/proc/stat`.
    pub(super) fn sample(&mut self, moment: &Moment, stat: &[u8]) {
        for line in lines(stat).take_while(|line| line.starts_with(b"cpu")) {
            let name = fields(line).next().unwrap_or_default();
            let now = numbers(line, 1);
            let change = self.times.replace(name, now, |_| ());
            let Some(change) = change.filter(|_| moment.has_interval()) else {
                continue;
            };
            let shares = shares(&change.before, &now);
            let is_all = name == b"cpu";
            let row = self.csv.row(moment);
            let row = row.text(if is_all { b"all" } else { &name[3..] });
            (0..STATES).fold(row, |row, state| {
                row.tenths_if_known(shares.map(|shares| shares[state]))
            });
            if let Some(shares) = shares.filter(|_| is_all) {
                let [user, nice, system, _, iowait, irq, softirq, steal] =
                    shares.map(|share| share as f32);
                let layers = [user, nice, system, irq + softirq, iowait, steal];
                self.series.push(moment, layers);
            }
        }
        self.csv.write_rows();
    }

    pub(super) fn panel(&self) -> Option<Panel> {
        let title = "Processors";
        Some(Panel::stacked(title, Unit::Percent, &LAYERS, &self.series)?.up_to(100.0))
    }

    pub(super) fn csv(&self) -> &Csv {
        &self.csv
    }
}

/// The share of each state in the time between two samples, in percent. `None` if the kernel counted no time.
fn shares(before: &[u64; STATES], now: &[u64; STATES]) -> Option<[f64; STATES]> {
    // The time spent waiting for I/O can decrease.
    let spent: [u64; STATES] = std::array::from_fn(|i| now[i].saturating_sub(before[i]));
    let all: u64 = spent.iter().sum();
    (all > 0).then(|| spent.map(|spent| 100.0 * spent as f64 / all as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_time_that_the_kernel_counted() {
        let before = [100, 0, 50, 1000, 7, 0, 0, 0];
        let now = [130, 0, 60, 1050, 6, 0, 10, 0];
        let expected = [30.0, 0.0, 10.0, 50.0, 0.0, 0.0, 10.0, 0.0];
        assert_eq!(shares(&before, &now), Some(expected));
        assert_eq!(shares(&now, &now), None);
    }
}
