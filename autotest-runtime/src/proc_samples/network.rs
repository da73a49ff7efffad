//! `network.csv`: the traffic of each network interface that has been used since boot (`/proc/net/dev`).

use std::io;

use super::counters::{Counters, is_device};
use super::csv::{Csv, Directory};
use super::moment::Moment;
use super::plot::{Color, Panel, Unit};
use super::reread::Reread;
use super::series::Series;
use super::text::{lines, numbers};

const COLUMNS: &str = "interface,received_bytes_per_s,received_packets_per_s,receive_errors_per_s,\
    receive_drops_per_s,sent_bytes_per_s,sent_packets_per_s,send_errors_per_s,send_drops_per_s";

const LINES: [(&str, Color); 3] = [
    ("received", Color::Blue),
    ("sent", Color::Orange),
    ("loopback", Color::Green),
];

/// The line of the plot to which an interface is added.
#[derive(Debug)]
enum Shown {
    Device,
    Loopback,
    No,
}

#[derive(Debug)]
pub(super) struct Network {
    dev: Reread,
    interfaces: Counters<16, Shown>,
    csv: Csv,
    series: [Series<1>; LINES.len()],
}

impl Network {
    pub(super) fn new(dir: &Directory) -> io::Result<Network> {
        Ok(Network {
            dev: Reread::open("/proc/net/dev")?,
            interfaces: Counters::new(),
            csv: dir.create("network.csv", COLUMNS)?,
            series: Default::default(),
        })
    }

    pub(super) fn sample(&mut self, moment: &Moment) {
        let Some(text) = self.dev.read() else {
            return;
        };
        let mut sums = None;
        for (name, now) in lines(text).filter_map(interface) {
            let change = self.interfaces.replace(name, now, look);
            let Some(change) = change.filter(|it| moment.has_interval() && it.is_used(&now)) else {
                continue;
            };
            let before = change.before;
            let rate = |i: usize| moment.rate(before[i], now[i]);
            let row = self.csv.row(moment).text(name);
            let row = row.whole(rate(0)).tenths(rate(1)).tenths(rate(2));
            let row = row.tenths(rate(3)).whole(rate(8)).tenths(rate(9));
            drop(row.tenths(rate(10)).tenths(rate(11)));
            let sums = sums.get_or_insert([0.0; LINES.len()]);
            match change.known {
                Shown::Device => {
                    sums[0] += rate(0);
                    sums[1] += rate(8);
                }
                Shown::Loopback => sums[2] += rate(0),
                Shown::No => {}
            }
        }
        self.csv.write_rows();
        for (series, sum) in self.series.iter_mut().zip(sums.into_iter().flatten()) {
            series.push(moment, [sum as f32]);
        }
    }

    pub(super) fn panel(&self) -> Option<Panel> {
        Panel::lines("Network", Unit::BytesPerSecond, &LINES, &self.series)
    }

    pub(super) fn csv(&self) -> &Csv {
        &self.csv
    }
}

/// The name and the counters in a line; `None` for a heading.
fn interface(line: &[u8]) -> Option<(&[u8], [u64; 16])> {
    // A name may contain a colon; the numbers do not.
    let colon = line.iter().rposition(|byte| *byte == b':')?;
    Some((line[..colon].trim_ascii(), numbers(&line[colon + 1..], 0)))
}

fn look(name: &[u8]) -> Shown {
    match name {
        b"lo" => Shown::Loopback,
        name if is_device("class/net", name) => Shown::Device,
        _ => Shown::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_colon_ends_the_name() {
        let (name, counters) = interface(b"  eth0:1:12 3 0\n").unwrap();
        assert_eq!(name, b"eth0:1");
        assert_eq!(counters[..3], [12, 3, 0]);
        let heading = b" face |bytes    packets errs drop fifo frame compressed multicast|bytes";
        assert!(interface(heading).is_none());
    }
}
