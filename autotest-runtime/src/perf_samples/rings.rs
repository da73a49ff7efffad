//! The kernel's ring buffers of stack samples: one per thread and processor, since inherited events can only be sampled
//! per processor.

use std::io;

use perf_event::data::Record;
use perf_event::events::{Hardware, Software};
use perf_event::{Builder, SampleFlag, Sampler};

use super::refused::{Refusal, advice};
use super::stacks::Stacks;
use super::tasks::Task;

/// The buffer sizes to try, in bytes: the memory that a user may lock is limited.
const BUFFER_BYTES: [usize; 3] = [256 << 10, 64 << 10, 16 << 10];

/// The flag in the header of a [`Record::Comm`] that says that the process executed another program.
const COMM_EXEC: u16 = 1 << 13;

pub(super) struct Rings(Vec<Sampler>);

/// How stacks are sampled.
#[derive(Clone, Copy)]
struct Sampling {
    /// Sample by processor cycles; otherwise by the kernel's clock.
    by_cycles: bool,
    with_kernel: bool,
    frequency: u64,
}

impl Rings {
    /// Starts sampling in the best way available.
    pub(super) fn open(
        tasks: &[Task],
        frequency: u64,
        problems: &mut Vec<String>,
    ) -> io::Result<Rings> {
        let ways = [(true, true), (true, false), (false, true), (false, false)];
        let mut refused = None;
        for (by_cycles, with_kernel) in ways {
            let sampling = Sampling {
                by_cycles,
                with_kernel,
                frequency,
            };
            match sampling.open(tasks) {
                Ok(rings) => {
                    if !by_cycles {
                        problems.push("stacks are sampled by the kernel's clock".to_owned());
                    }
                    return Ok(Rings(rings));
                }
                Err(error) => refused = Some(error),
            }
        }
        let error = refused.unwrap_or_else(|| io::ErrorKind::NotFound.into());
        Err(io::Error::new(error.kind(), advice(&error)))
    }

    pub(super) fn disable(&mut self) {
        for ring in &mut self.0 {
            // A buffer that cannot be disabled is closed soon anyway.
            let _ = ring.as_counter_mut().disable();
        }
    }

    /// Empties the buffers. Records about processes are handled before stacks: the buffers of different processors are
    /// not synchronised, so the order between them is unknown.
    pub(super) fn empty(&mut self, stacks: &mut Stacks) {
        let mut samples = Vec::new();
        for ring in &mut self.0 {
            while let Some(record) = ring.next_record() {
                let is_exec = record.misc() & COMM_EXEC != 0;
                match record.parse_record() {
                    Ok(Record::Sample(sample)) => {
                        let pid = sample.pid().unwrap_or(0).cast_signed();
                        let chain = sample.callchain().unwrap_or_default();
                        samples.push((pid, chain.to_vec()));
                    }
                    Ok(Record::Mmap2(map)) => {
                        let range = map.addr..map.addr.saturating_add(map.len);
                        let pid = map.pid.cast_signed();
                        stacks.processes.map(pid, range, map.pgoff, &map.filename);
                    }
                    Ok(Record::Fork(fork)) => {
                        let (parent, child) = (fork.ppid.cast_signed(), fork.pid.cast_signed());
                        stacks.processes.fork(parent, child);
                    }
                    Ok(Record::Comm(comm)) if comm.pid == comm.tid => {
                        let pid = comm.pid.cast_signed();
                        stacks.processes.name(pid, &comm.comm, is_exec);
                    }
                    Ok(Record::Lost(lost)) => stacks.lose(lost.lost),
                    _ => {}
                }
            }
        }
        for (pid, chain) in samples {
            stacks.add(pid, &chain);
        }
    }
}

impl Sampling {
    fn open(self, tasks: &[Task]) -> io::Result<Vec<Sampler>> {
        let mut rings = Vec::new();
        for task in tasks {
            for processor in 0..processors() {
                match self.open_one(task.tid, processor) {
                    Ok(ring) => rings.push(ring),
                    Err(error) if Refusal::of(&error) == Refusal::Ended => {}
                    // An offline processor.
                    Err(error) if processor > 0 && Refusal::of(&error) == Refusal::Missing => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(rings)
    }

    fn open_one(self, tid: i32, processor: usize) -> io::Result<Sampler> {
        let mut error = None;
        for bytes in BUFFER_BYTES {
            match self.builder(tid, processor).build()?.sampled(bytes) {
                Ok(ring) => return Ok(ring),
                Err(failed) => error = Some(failed),
            }
        }
        Err(error.unwrap_or_else(|| io::ErrorKind::OutOfMemory.into()))
    }

    fn builder<'a>(self, tid: i32, processor: usize) -> Builder<'a> {
        let mut builder = match self.by_cycles {
            true => Builder::new(Hardware::CPU_CYCLES),
            false => Builder::new(Software::CPU_CLOCK),
        };
        builder
            .observe_pid(tid)
            .one_cpu(processor)
            .inherit(true)
            .enabled(true)
            .exclude_kernel(!self.with_kernel)
            .exclude_callchain_kernel(!self.with_kernel)
            .sample_frequency(self.frequency)
            .sample(SampleFlag::TID | SampleFlag::CALLCHAIN)
            .mmap(true)
            .mmap2(true)
            .comm(true)
            .comm_exec(true)
            .task(true);
        builder
    }
}

/// The number of possible processors, including offline ones.
fn processors() -> usize {
    let possible = std::fs::read_to_string("/sys/devices/system/cpu/possible");
    let possible = possible.unwrap_or_default();
    let last = possible.trim().rsplit(['-', ',']).next();
    last.and_then(|last| last.parse::<usize>().ok())
        .map_or(1, |last| last + 1)
}
