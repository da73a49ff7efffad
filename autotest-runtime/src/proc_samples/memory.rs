//! `memory.csv`: `/proc/meminfo`, in bytes.

use std::io;

use super::csv::{Csv, Directory};
use super::moment::Moment;
use super::plot::{Color, Panel, Unit};
use super::reread::Reread;
use super::series::Series;
use super::text::{fields, lines, number};

const COLUMNS: &str = "total_bytes,free_bytes,available_bytes,buffers_bytes,cached_bytes,shared_bytes,\
    anonymous_bytes,slab_bytes,reclaimable_slab_bytes,dirty_bytes,writeback_bytes,swap_total_bytes,swap_free_bytes";

/// The keys of `/proc/meminfo`, in the order of the columns.
const KEYS: [&[u8]; 13] = [
    b"MemTotal",
    b"MemFree",
    b"MemAvailable",
    b"Buffers",
    b"Cached",
    b"Shmem",
    b"AnonPages",
    b"Slab",
    b"SReclaimable",
    b"Dirty",
    b"Writeback",
    b"SwapTotal",
    b"SwapFree",
];

const LAYERS: [(&str, Color); 3] = [
    ("used", Color::Blue),
    ("cache", Color::Sky),
    ("swap", Color::Red),
];

#[derive(Debug)]
pub(super) struct Memory {
    meminfo: Reread,
    csv: Csv,
    series: Series<{ LAYERS.len() }>,
    total_bytes: u64,
}

impl Memory {
    pub(super) fn new(dir: &Directory) -> io::Result<Memory> {
        Ok(Memory {
            meminfo: Reread::open("/proc/meminfo")?,
            csv: dir.create("memory.csv", COLUMNS)?,
            series: Series::new(),
            total_bytes: 0,
        })
    }

    pub(super) fn sample(&mut self, moment: &Moment) {
        let Some(text) = self.meminfo.read().filter(|_| moment.has_interval()) else {
            return;
        };
        let values = read(text);
        let row = self.csv.row(moment);
        drop(
            values
                .iter()
                .fold(row, |row, value| row.count_if_known(*value)),
        );
        self.csv.write_rows();
        self.total_bytes = values[0].unwrap_or(0);
        self.series.push(moment, layers(&values));
    }

    pub(super) fn panel(&self) -> Option<Panel> {
        let title = format!("Memory, of {}", Unit::Bytes.shown(self.total_bytes as f64));
        Panel::stacked(&title, Unit::Bytes, &LAYERS, &self.series)
    }

    pub(super) fn csv(&self) -> &Csv {
        &self.csv
    }
}

/// The values, in bytes.
fn read(text: &[u8]) -> [Option<u64>; KEYS.len()] {
    let mut values = [None; KEYS.len()];
    for line in lines(text) {
        let mut fields = fields(line);
        let key = fields.next().and_then(|key| key.strip_suffix(b":"));
        if let Some(place) = KEYS.iter().position(|known| Some(*known) == key) {
            values[place] = fields.next().and_then(number).map(|kb| kb * 1024);
        }
    }
    values
}

/// Used memory, memory that the kernel can reclaim, and used swap, in bytes.
fn layers(values: &[Option<u64>; KEYS.len()]) -> [f32; LAYERS.len()] {
    let [
        total,
        free,
        _,
        buffers,
        cached,
        shared,
        _,
        _,
        reclaimable,
        _,
        _,
        swap,
        swap_free,
    ] = values.map(|value| value.unwrap_or(0));
    // Shared memory, such as a tmpfs, is part of the cache, but cannot be reclaimed.
    let cache = (buffers + cached + reclaimable).saturating_sub(shared);
    let used = total.saturating_sub(free + cache);
    [used, cache, swap.saturating_sub(swap_free)].map(|bytes| bytes as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_memory_is_used_and_not_cache() {
        let text =
            b"MemTotal: 100 kB\nMemFree: 20 kB\nBuffers: 1 kB\nCached: 30 kB\nSwapCached: 9 kB\n\
            Shmem: 10 kB\nSReclaimable: 4 kB\nSwapTotal: 8 kB\nSwapFree: 6 kB\n";
        let values = read(text);
        assert_eq!(values[0], Some(100 << 10));
        assert_eq!(values[2], None);
        assert_eq!(layers(&values), [55.0, 25.0, 2.0].map(|kb| kb * 1024.0));
    }
}
