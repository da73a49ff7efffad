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

/// The current order to a session, and the process for whose output the session waits: an order kills that process.
#[derive(Debug, Default)]
pub(super) struct Orders {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    order: Order,
    follower: Option<Child>,
}

impl Orders {
    /// Gives an order. The last one counts.
    pub(super) fn give(&self, order: Order) {
        let mut state = self.lock();
        state.order = order;
        if let Some(follower) = &mut state.follower {
            let _ = follower.kill();
        }
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
        // An order to end the job must wait: the session learns the supervisor's process id from the records.
        if state.order == Order::Leave
            && let Some(follower) = &mut state.follower
        {
            let _ = follower.kill();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
