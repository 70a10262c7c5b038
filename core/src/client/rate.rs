//! The rate limit of a credential: one row of send times for all callers, and the pause after a 429.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Cancel;

#[derive(Debug)]
pub(super) struct Limiter {
    interval: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The next send time that nobody has taken.
    next: Instant,
    /// Nobody sends before this.
    paused_until: Instant,
}

impl Limiter {
    pub(super) fn new(rate: Option<f64>) -> Self {
        let interval = rate.filter(|rate| rate.is_finite() && *rate > 0.0).map(|rate| Duration::from_secs_f64((1.0 / rate).min(3600.0)));
        let now = Instant::now();
        Limiter { interval, state: Mutex::new(State { next: now, paused_until: now }) }
    }

    /// Waits for this caller's turn. True when it was cancelled before.
    pub(super) fn wait(&self, cancel: &Cancel) -> bool {
        let mut turn = {
            let mut state = self.lock();
            let now = Instant::now();
            let Some(interval) = self.interval else {
                let pause = state.paused_until;
                drop(state);
                return sleep_until(pause, cancel);
            };
            let turn = state.next.max(now);
            state.next = turn + interval;
            turn
        };
        loop {
            if sleep_until(turn, cancel) {
                return true;
            }
            // A pause may have begun while this caller slept.
            let paused_until = self.lock().paused_until;
            if paused_until <= Instant::now() {
                return false;
            }
            turn = paused_until;
        }
    }

    /// Holds back all callers, as a platform's 429 asks.
    pub(super) fn pause(&self, duration: Duration) {
        let mut state = self.lock();
        state.paused_until = state.paused_until.max(Instant::now() + duration);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Two times are all it holds; a panic elsewhere cannot have left them half written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sleep_until(moment: Instant, cancel: &Cancel) -> bool {
    cancel.wait(moment.saturating_duration_since(Instant::now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_callers_share_one_rate() {
        let limiter = Limiter::new(Some(50.0));
        let began = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| (0..4).for_each(|_| assert!(!limiter.wait(&Cancel::default()))));
            }
        });
        assert!(began.elapsed() >= Duration::from_millis(219), "12 turns at 50/s take 220 ms, took {:?}", began.elapsed());
    }

    #[test]
    fn a_pause_holds_back_every_caller() {
        let limiter = Limiter::new(None);
        limiter.pause(Duration::from_millis(120));
        let began = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| limiter.wait(&Cancel::default()));
            }
        });
        assert!(began.elapsed() >= Duration::from_millis(119));
    }
}
