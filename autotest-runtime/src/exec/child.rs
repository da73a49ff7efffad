//! The process of a test, from the fork to the lifecycle.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::rc::Rc;

use autotest_core::TestDef;

use super::mark::RUN_VARIABLE;
use super::run_spec::RunSpec;
use super::unix::{self, Descriptors, Gate, Signals, Variable};
use super::wire::{AssignedRun, Channel, ChannelSink, TestMessage};
use crate::registry::Registry;

/// The test's side of its connection to the supervisor.
#[derive(Debug)]
pub(super) struct TestSide<'a> {
    pub(super) stdio: TestStdio<'a>,
    pub(super) channel: OwnedFd,
}

/// Standard input of the test, and its ends of the output pipes.
#[derive(Debug)]
pub(super) struct TestStdio<'a> {
    pub(super) stdin: &'a OwnedFd,
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
}

/// The process state that the supervisor changed and that a test must not inherit.
#[derive(Clone, Copy)]
pub(super) struct ChangedState<'a> {
    /// The process id of the supervisor.
    pub(super) supervisor: i32,
    pub(super) signals: &'a Signals,
    pub(super) descriptors: Descriptors,
}

/// Prepares this process for a test: it leads a process group, dies with the supervisor, and has no
/// descriptor of the supervisor except `kept`.
///
/// Must not allocate: it may run between a fork and an exec.
///
/// # Errors
/// If a step fails. The test must not run then, since it could not be supervised.
pub(super) fn become_test<const N: usize>(
    stdio: TestStdio<'_>,
    kept: [OwnedFd; N],
    changed: ChangedState<'_>,
) -> io::Result<[OwnedFd; N]> {
    unix::make_group_leader(None);
    if !unix::die_with(changed.supervisor) {
        return Err(io::ErrorKind::BrokenPipe.into());
    }
    unix::redirect(stdio.stdin, 0)?;
    unix::redirect(&stdio.stdout, 1)?;
    unix::redirect(&stdio.stderr, 2)?;
    // `keep_only` closes them. Dropping them later would close other files with the same numbers.
    std::mem::forget(stdio);
    let kept = unix::keep_only(kept)?;
    changed.descriptors.restore_in_child();
    changed.signals.restore_in_child();
    Ok(kept)
}

/// In a forked process: prepares it for a test, waits at the gate, then calls `f`.
pub(super) fn enter(
    theirs: TestSide<'_>,
    gate: Gate,
    changed: ChangedState<'_>,
    f: impl FnOnce(OwnedFd) -> i32,
) -> io::Result<i32> {
    let TestSide { stdio, channel } = theirs;
    let [channel, gate] = become_test(stdio, [channel, gate.into()], changed)?;
    unix::close_on_exec(&channel);
    Gate::from(gate).pass()?;
    Ok(f(channel))
}

/// Receives a run and executes it. Returns the exit status.
pub(super) fn execute_assigned(mut channel: Channel, registry: &'static Registry) -> i32 {
    let Some(AssignedRun { test, mark, spec }) = channel.assigned() else {
        return 0;
    };
    if let Ok(variable) = Variable::new(RUN_VARIABLE, &mark) {
        variable.set();
    }
    match registry.get(&test) {
        Some(test) => execute_test(channel, test.def, spec),
        None => 0,
    }
}

/// Runs the lifecycle and sends its outcome. Returns the exit status.
pub(super) fn execute_test(channel: Channel, def: &'static TestDef, spec: RunSpec) -> i32 {
    let channel = Rc::new(RefCell::new(channel));
    let asks = Rc::clone(&channel);
    let lock: Rc<Cell<bool>> = Rc::clone(&spec.places.is_setup_locked);
    let subtests = move |subtest| asks.borrow_mut().run_subtest(subtest, lock.get());
    #[cfg(feature = "sysinfo")]
    let spec = RunSpec {
        collect: Some(collecting(&channel)),
        ..spec
    };
    #[cfg(feature = "profilers")]
    let asks = Rc::clone(&channel);
    #[cfg(feature = "profilers")]
    let profilers: crate::host::Profile =
        Box::new(move |step, iteration| asks.borrow_mut().profile(step, iteration));
    let verdict = spec.execute(
        def,
        subtests,
        #[cfg(feature = "profilers")]
        Some(profilers),
        ChannelSink(Rc::clone(&channel)),
    );
    unix::flush_c_streams();
    let _ = io::stdout().flush();
    channel.borrow().send(&TestMessage::Outcome(verdict));
    0
}

/// Has the supervisor collect the sysinfo of a step.
#[cfg(feature = "sysinfo")]
fn collecting(channel: &Rc<RefCell<Channel>>) -> super::sysinfo::Collect {
    let channel = Rc::clone(channel);
    super::sysinfo::Collect::new(move |step| channel.borrow_mut().collect_sysinfo(step))
}
