//! `disks.csv`: reads and writes of each block device that has been used since boot (`/proc/diskstats`).

use std::io;

use super::counters::{Counters, is_device};
use super::csv::{Csv, Directory};
use super::moment::Moment;
use super::plot::{Color, Panel, Unit};
use super::reread::Reread;
use super::series::Series;
use super::text::{fields, lines, numbers};

const COLUMNS: &str = "device,reads_per_s,read_bytes_per_s,writes_per_s,written_bytes_per_s,in_flight_requests,\
    busy_percent,mean_requests";

/// The unit of the kernel's tables, whatever the sector size of a device.
const SECTOR_BYTES: u64 = 512;

const LINES: [(&str, Color); 2] = [("read", Color::Blue), ("written", Color::Orange)];

#[derive(Debug)]
pub(super) struct Disks {
    diskstats: Reread,
    devices: Counters<11, bool>,
    csv: Csv,
    series: [Series<1>; LINES.len()],
}

impl Disks {
    pub(super) fn new(dir: &Directory) -> io::Result<Disks> {
        Ok(Disks {
            diskstats: Reread::open("/proc/diskstats")?,
            devices: Counters::new(),
            csv: dir.create("disks.csv", COLUMNS)?,
            series: Default::default(),
        })
    }

    pub(super) fn sample(&mut self, moment: &Moment) {
        let Some(text) = self.diskstats.read() else {
            return;
        };
        let mut sums: Option<[f64; LINES.len()]> = None;
        for line in lines(text) {
            let name = fields(line).nth(2).unwrap_or_default();
            let now = numbers(line, 3);
            let look = |name: &[u8]| is_device("block", name);
            let change = self.devices.replace(name, now, look);
            let Some(change) = change.filter(|it| moment.has_interval() && it.is_used(&now)) else {
                continue;
            };
            let before = change.before;
            let rate = |i: usize| moment.rate(before[i], now[i]);
            let bytes = |i: usize| SECTOR_BYTES as f64 * rate(i);
            self.csv
                .row(moment)
                .text(name)
                .tenths(rate(0))
                .whole(bytes(2))
                .tenths(rate(4))
                .whole(bytes(6))
                .count(now[8])
                // The counter is in milliseconds, so its rate is in milliseconds per second.
                .tenths((rate(9) / 10.0).min(100.0))
                .tenths(rate(10) / 1000.0);
            if *change.known {
                let [read, written] = sums.unwrap_or_default();
                sums = Some([read + bytes(2), written + bytes(6)]);
            }
        }
        self.csv.write_rows();
        for (series, sum) in self.series.iter_mut().zip(sums.into_iter().flatten()) {
            series.push(moment, [sum as f32]);
        }
    }

    pub(super) fn panel(&self) -> Option<Panel> {
        Panel::lines("Disks", Unit::BytesPerSecond, &LINES, &self.series)
    }

    pub(super) fn csv(&self) -> &Csv {
        &self.csv
    }
}
