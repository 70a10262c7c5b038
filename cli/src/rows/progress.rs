//! How far a run is, on standard error: a bar where a person looks on, else a plain line every few seconds.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal;

/// How long nothing is said where nobody sees a bar.
const EVERY: Duration = Duration::from_secs(5);

/// The progress of a run.
#[derive(Debug)]
pub struct Progress {
    shape: Shape,
    total: Option<u64>,
    done: u64,
}

#[derive(Debug)]
enum Shape {
    Quiet,
    Lines { last: Instant },
    Bar(ProgressBar),
}

impl Progress {
    /// Begins. `total` is the number of rows, when it is known.
    #[must_use]
    pub fn begin(total: Option<u64>, is_quiet: bool) -> Self {
        let shape = if is_quiet {
            Shape::Quiet
        } else if terminal::shows_progress() {
            let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
            let template = match total {
                Some(_) => "{wide_bar} {pos}/{len} rows, {eta} left",
                None => "{spinner} {pos} rows",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            Shape::Bar(bar)
        } else {
            Shape::Lines { last: Instant::now() }
        };
        Progress { shape, total, done: 0 }
    }

    /// One row is done.
    pub fn advance(&mut self) {
        self.done += 1;
        match &mut self.shape {
            Shape::Quiet => {}
            Shape::Bar(bar) => bar.inc(1),
            Shape::Lines { last } if last.elapsed() < EVERY => {}
            Shape::Lines { last } => {
                *last = Instant::now();
                match self.total {
                    Some(total) => terminal::note(&format!("{} of {total} rows", self.done)),
                    None => terminal::note(&format!("{} rows", self.done)),
                }
            }
        }
    }

    /// Writes something else without tearing the bar.
    pub fn beside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.shape {
            Shape::Bar(bar) => bar.suspend(write),
            _ => write(),
        }
    }

    /// Ends; nothing is left on the screen.
    pub fn finish(&self) {
        if let Shape::Bar(bar) = &self.shape {
            bar.finish_and_clear();
        }
    }
}
