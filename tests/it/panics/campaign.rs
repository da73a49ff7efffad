//! `AUTOTEST_QEMU=1`: jobs on a machine whose kernel panics and whose power is cut, again and again.

use std::time::Duration;

use super::initramfs::Kernel;
use super::left::{Job, Told};
use super::machine::{Init, Machine, Suite};
use crate::random::Random;

/// How long a machine may take to switch itself off once nothing disturbs it.
const PATIENCE: Duration = Duration::from_secs(600);

/// How a machine is disturbed.
const WAYS: &[Way] = &[Way::Nmi, Way::PowerCut, Way::PowerCut, Way::Reset];

#[derive(Clone, Copy, Debug)]
enum Way {
    /// The kernel panics on an interrupt that it does not know, and boots again; its memory is kept.
    Nmi,
    /// The machine is gone at once, with its memory.
    PowerCut,
    /// It boots again without a word; its memory is kept.
    Reset,
}

/// How the jobs are run.
const JOBS: &[(Init, &str)] = &[
    (Init::Shell, ""),
    (Init::Suite, "--sync event"),
    (Init::Suite, ""),
    (Init::Shell, "--sync event --test-threads 3"),
];

/// How many panics and power cuts there are to be.
pub(crate) fn wanted() -> usize {
    let wanted = std::env::var("AUTOTEST_PANICS").ok();
    wanted.map_or(10, |wanted| wanted.parse().unwrap())
}

#[test]
fn no_panic_and_no_power_cut_loses_or_doubles_a_verdict() {
    if std::env::var_os("AUTOTEST_QEMU").is_none() {
        eprintln!("left out: virtual machines (AUTOTEST_QEMU=1 runs them)");
        return;
    }
    let kernel = match Kernel::find() {
        Ok(kernel) => kernel,
        Err(reason) => return eprintln!("left out: virtual machines: {reason}"),
    };
    let mut random = Random::new();
    let (mut told, mut cuts, mut jobs) = (Told::default(), 0, 0);
    let first = random.below(JOBS.len() as u64) as usize;
    for (init, arguments) in JOBS.iter().cycle().skip(first) {
        if told.panics + cuts >= wanted() {
            break;
        }
        let left = wanted() - told.panics - cuts;
        let suite = Suite {
            fixture: "panics",
            script: include_str!("init.sh"),
            arguments,
        };
        let mut machine = Machine::new(&kernel, *init, &suite);
        cuts += disturb(&mut machine, &mut random, left);
        let job = Job::new(&machine.results(), machine.console());
        eprintln!("{init:?} {arguments}: {}", job.summary());
        told.add(&job.check());
        jobs += 1;
    }
    eprintln!(
        "{jobs} jobs, {} panics, {cuts} power cuts and resets: {told:?}",
        told.panics
    );
}

/// Has the machine take its job to the end, and disturbs it at most so often. Returns how often its power was cut
/// or it was reset.
fn disturb(machine: &mut Machine, random: &mut Random, most: usize) -> usize {
    let mut cuts = 0;
    // Longer and longer, so that a slow machine comes to an end, too.
    let mut time = Duration::from_secs(12);
    machine.switch_on();
    for _ in 0..most {
        if machine.is_off_within(random.up_to(time)) {
            return cuts;
        }
        time += Duration::from_secs(1);
        match WAYS[random.below(WAYS.len() as u64) as usize] {
            Way::PowerCut => {
                machine.cut_power();
                machine.switch_on();
                cuts += 1;
            }
            Way::Reset => cuts += usize::from(machine.command("system_reset").is_ok()),
            Way::Nmi => drop(machine.command("inject-nmi")),
        }
    }
    assert!(machine.is_off_within(PATIENCE), "{}", machine.console());
    cuts
}
