//! Ctrl-C and SIGTERM: the first ends the run in order, the second at once with exit 130.

use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use crate::failure::{Failure, Result};

#[derive(Debug, Default)]
struct State {
    requested: Mutex<bool>,
    changed: Condvar,
}

/// Knows whether the end was asked for. Cheap to copy, for any number of threads.
#[derive(Clone, Copy, Debug)]
pub struct Interrupt(&'static State);

impl Interrupt {
    /// Listens from now on. May be called again: there is one handler per process.
    ///
    /// # Errors
    /// Exit 1 when the system refuses a handler.
    pub fn listen() -> Result<Self> {
        static STATE: OnceLock<State> = OnceLock::new();
        static HANDLER: OnceLock<std::result::Result<(), String>> = OnceLock::new();
        let state = STATE.get_or_init(State::default);
        let handler = HANDLER.get_or_init(|| {
            ctrlc::set_handler(move || {
                let mut requested = state.requested.lock().unwrap_or_else(PoisonError::into_inner);
                if *requested {
                    std::process::exit(130);
                }
                *requested = true;
                state.changed.notify_all();
            })
            .map_err(|error| error.to_string())
        });
        match handler {
            Ok(()) => Ok(Interrupt(state)),
            Err(reason) => {
                Err(Failure::from(bidden::Error::new(bidden::Kind::Internal, format!("Ctrl-C cannot be listened to: {reason}"))))
            }
        }
    }

    /// Whether the end was asked for.
    #[must_use]
    pub fn is_requested(self) -> bool {
        *self.0.requested.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the end is asked for.
    pub fn wait(self) {
        let mut requested = self.0.requested.lock().unwrap_or_else(PoisonError::into_inner);
        while !*requested {
            requested = self.0.changed.wait(requested).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
