//! How a caller ends the waits of a call from another thread.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A handle that ends the waits of the calls it was given to. Clones are the same handle; once cancelled it stays so.
///
/// ```
/// use bidden::client::Cancel;
/// let cancel = Cancel::default();
/// cancel.clone().cancel();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<(Mutex<bool>, Condvar)>);

impl Cancel {
    /// Cancels: waits end at once, no further try begins.
    pub fn cancel(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Whether somebody cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as this, or until cancelled. Whether it was cancelled.
    #[must_use]
    pub fn wait(&self, duration: Duration) -> bool {
        let cancelled = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        *self.0.1.wait_timeout_while(cancelled, duration, |cancelled| !*cancelled).unwrap_or_else(PoisonError::into_inner).0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_wait_ends_when_another_thread_cancels() {
        let cancel = Cancel::default();
        assert!(!cancel.wait(Duration::from_millis(1)));
        let began = Instant::now();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| cancel.wait(Duration::from_secs(60)));
            std::thread::sleep(Duration::from_millis(20));
            cancel.cancel();
            assert!(waiting.join().unwrap());
        });
        assert!(began.elapsed() < Duration::from_secs(30));
        assert!(cancel.wait(Duration::from_secs(60)), "a cancelled handle does not wait");
    }
}
