//! `pressure.csv`: the share of time in which tasks were stalled for lack of a resource (`/proc/pressure`).

use std::io;

use super::csv::{Csv, Directory};
use super::moment::Moment;
use super::plot::{Color, Panel, Unit};
use super::reread::Reread;
use super::series::Series;
use super::text::{fields, lines, number};

const COLUMNS: &str = "cpu_some_percent,cpu_full_percent,memory_some_percent,memory_full_percent,io_some_percent,\
    io_full_percent,irq_full_percent";

/// The files of `/proc/pressure`; each has a line `some` and a line `full`.
const RESOURCES: [&str; 4] = ["cpu", "memory", "io", "irq"];

const LINES: [(&str, Color); 3] = [
    ("processor", Color::Blue),
    ("memory", Color::Orange),
    ("I/O", Color::Purple),
];

/// The total stall time of a resource, in microseconds: of some tasks, and of all of them.
type Stalls = [Option<u64>; 2];

#[derive(Debug)]
pub(super) struct Pressure {
    files: [Option<Reread>; RESOURCES.len()],
    stalls: [Stalls; RESOURCES.len()],
    /// `None` if the kernel does not measure pressure.
    csv: Option<Csv>,
    series: [Series<1>; LINES.len()],
}

impl Pressure {
    pub(super) fn new(dir: &Directory) -> io::Result<Pressure> {
        // If pressure is switched off, the files exist, but cannot be read.
        let files = RESOURCES.map(|resource| {
            let mut file = Reread::open(format!("/proc/pressure/{resource}")).ok()?;
            file.read().is_some().then_some(file)
        });
        let is_measured = files.iter().any(Option::is_some);
        Ok(Pressure {
            files,
            stalls: [[None; 2]; RESOURCES.len()],
            csv: match is_measured {
                true => Some(dir.create("pressure.csv", COLUMNS)?),
                false => None,
            },
            series: Default::default(),
        })
    }

    pub(super) fn sample(&mut self, moment: &Moment) {
        let mut percent = [[None; 2]; RESOURCES.len()];
        for (i, file) in self.files.iter_mut().enumerate() {
            let now = file.as_mut().and_then(Reread::read).map(read);
            let now = now.unwrap_or_default();
            let before = std::mem::replace(&mut self.stalls[i], now);
            percent[i] = std::array::from_fn(|line| {
                let stalled_us = moment.rate(before[line]?, now[line]?);
                Some((stalled_us / 1e4).min(100.0))
            });
        }
        let Some(csv) = self.csv.as_mut().filter(|_| moment.has_interval()) else {
            return;
        };
        let [cpu, memory, io, [_, irq]] = percent;
        let columns = cpu.into_iter().chain(memory).chain(io).chain([irq]);
        drop(columns.fold(csv.row(moment), |row, percent| row.tenths_if_known(percent)));
        csv.write_rows();
        for (series, [some, _]) in self.series.iter_mut().zip(percent) {
            if let Some(some) = some {
                series.push(moment, [some as f32]);
            }
        }
    }

    pub(super) fn panel(&self) -> Option<Panel> {
        let title = "Pressure: time in which tasks were stalled";
        Panel::lines(title, Unit::Percent, &LINES, &self.series)
    }

    pub(super) fn csv(&self) -> Option<&Csv> {
        self.csv.as_ref()
    }
}

fn read(text: &[u8]) -> Stalls {
    let mut stalls = [None; 2];
    for line in lines(text) {
        let place = usize::from(line.starts_with(b"full"));
        let total = fields(line).find_map(|field| field.strip_prefix(b"total="));
        stalls[place] = total.and_then(number);
    }
    stalls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_read_by_line() {
        let some = b"some avg10=0.00 avg60=0.00 avg300=0.00 total=123\n";
        let full = b"full avg10=0.00 avg60=0.00 avg300=0.00 total=45\n";
        assert_eq!(read(some), [Some(123), None]);
        assert_eq!(read(full), [None, Some(45)]);
        assert_eq!(read(&[&some[..], full].concat()), [Some(123), Some(45)]);
    }
}
