//! The work of a run: filled by the reader within a bound, and by the workers with what follows from their own work.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Jobs for any number of workers.
#[derive(Debug)]
pub struct Queue<Job> {
    state: Mutex<State<Job>>,
    /// Where workers wait for a job, or for the last one to end.
    work: Condvar,
    /// Where the reader waits for room.
    room: Condvar,
    limit: usize,
}

#[derive(Debug)]
struct State<Job> {
    jobs: VecDeque<Job>,
    busy: usize,
    is_closed: bool,
}

impl<Job> Queue<Job> {
    /// An empty queue in which at most `limit` jobs of the reader wait.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let state = State { jobs: VecDeque::new(), busy: 0, is_closed: false };
        Queue { state: Mutex::new(state), work: Condvar::new(), room: Condvar::new(), limit }
    }

    /// Adds a job, waiting until there is room.
    pub fn push(&self, job: Job) {
        let mut state = self.lock();
        while state.jobs.len() >= self.limit {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.jobs.push_back(job);
        self.work.notify_one();
    }

    /// Nothing more comes from the reader.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.work.notify_all();
    }

    /// The next job; `None` when none is left and none can follow. Each job taken is given back with [`Queue::done`].
    pub fn take(&self) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                state.busy += 1;
                // The reader fills half a queue at a time: waking it for every job costs more than the job's place.
                if state.jobs.len() == self.limit / 2 {
                    self.room.notify_one();
                }
                return Some(job);
            }
            if state.is_closed && state.busy == 0 {
                return None;
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A job is done, and these follow from it. They go first and wait for no room: a worker that waited here could wait
    /// for itself.
    pub fn done(&self, following: Vec<Job>) {
        let mut state = self.lock();
        state.busy -= 1;
        let is_over = state.is_closed && state.busy == 0 && state.jobs.is_empty() && following.is_empty();
        // This worker takes the first of them itself.
        if is_over || following.len() > 1 {
            self.work.notify_all();
        }
        for job in following.into_iter().rev() {
            state.jobs.push_front(job);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<Job>> {
        // A panic elsewhere cannot have left it half changed: every change is one statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn what_follows_from_a_job_is_done_before_the_workers_go_home() {
        let queue = Queue::new(2);
        let done = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some(generation) = queue.take() {
                        done.fetch_add(1, Ordering::Relaxed);
                        queue.done(if generation < 3 { vec![generation + 1; 3] } else { Vec::new() });
                    }
                });
            }
            for _ in 0..10 {
                queue.push(0);
            }
            queue.close();
        });
        assert_eq!(done.load(Ordering::Relaxed), 10 * (1 + 3 + 9 + 27));
    }
}
