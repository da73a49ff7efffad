//! The user's orders to a session, which may be waiting for its target.

use std::process::Child;
use std::sync::{Mutex, PoisonError};

/// An order to a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    #[default]
    None,
    /// Leave the job running, and return.
    Leave,
    /// End the job, and bring its results.
    End,
}

/// The current order to a session, and the process for whose output the session waits. That process is killed as soon as
/// there is an order that the session can carry out.
#[derive(Debug, Default)]
pub(super) struct Orders {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    order: Order,
    follower: Option<Child>,
    can_end: bool,
}

impl Orders {
    /// Gives an order. The last one counts.
    pub(super) fn give(&self, order: Order) {
        let mut state = self.lock();
        state.order = order;
        state.interrupt();
    }

    /// Says whether the session can end the job now. Until it can, an order to end the job waits.
    pub(super) fn set_can_end(&self, can_end: bool) {
        let mut state = self.lock();
        state.can_end = can_end;
        state.interrupt();
    }

    pub(super) fn get(&self) -> Order {
        self.lock().order
    }

    /// Withdraws the order to end the job, since it has been carried out.
    pub(super) fn obeyed(&self) {
        let mut state = self.lock();
        if state.order == Order::End {
            state.order = Order::None;
        }
    }

    /// Sets the process that the session waits for. The previous one is killed and reaped.
    pub(super) fn set_follower(&self, follower: Option<Child>) {
        let mut state = self.lock();
        if let Some(mut before) = state.follower.take() {
            let _ = before.kill();
            let _ = before.wait();
        }
        state.follower = follower;
        state.interrupt();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Kills the follower if there is an order that can be carried out.
    fn interrupt(&mut self) {
        let is_due = match self.order {
            Order::None => false,
            Order::Leave => true,
            Order::End => self.can_end,
        };
        if is_due && let Some(follower) = &mut self.follower {
            let _ = follower.kill();
        }
    }
}
