//! Ctrl-C and SIGTERM: the first ends the run in order, the second at once with exit 130.

use std::sync::OnceLock;
use std::time::Duration;

use bidden::client::Cancel;

use crate::failure::{Failure, Result};
use crate::terminal;

/// What the first signal is answered with.
const STOPPING: &str = "stopping: what is in flight is finished; Ctrl-C again stops at once";

/// Knows whether the end was asked for. Cheap to copy, for any number of threads.
#[derive(Clone, Copy, Debug)]
pub struct Interrupt(&'static Cancel);

impl Interrupt {
    /// Listens from now on. May be called again: there is one handler per process.
    ///
    /// # Errors
    /// Exit 1 when the system refuses a handler.
    pub fn listen() -> Result<Self> {
        static CANCEL: OnceLock<Cancel> = OnceLock::new();
        static HANDLER: OnceLock<std::result::Result<(), String>> = OnceLock::new();
        let cancel = CANCEL.get_or_init(Cancel::default);
        let handler = HANDLER.get_or_init(|| {
            ctrlc::set_handler(move || {
                if cancel.is_cancelled() {
                    std::process::exit(130);
                }
                cancel.cancel();
                // The terminal has written ^C where the bar or the prompt stands.
                let gap = if terminal::shows_progress() { "\n" } else { "" };
                terminal::note(&format!("{gap}{STOPPING}"));
            })
            .map_err(|error| error.to_string())
        });
        match handler {
            Ok(()) => Ok(Interrupt(cancel)),
            Err(reason) => {
                Err(Failure::from(bidden::Error::new(bidden::Kind::Internal, format!("Ctrl-C cannot be listened to: {reason}"))))
            }
        }
    }

    /// Whether the end was asked for.
    #[must_use]
    pub fn is_requested(self) -> bool {
        self.0.is_cancelled()
    }

    /// What ends the waits of a call when the end is asked for.
    #[must_use]
    pub fn cancel(self) -> &'static Cancel {
        self.0
    }

    /// Waits until the end is asked for.
    pub fn wait(self) {
        while !self.0.wait(Duration::from_secs(3600)) {}
    }
}
