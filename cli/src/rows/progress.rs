//! How far a run is, on standard error: a bar where a person looks on, else a plain line every few seconds.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::report::Counts;
use crate::terminal;

/// How long nothing is said where nobody sees a bar.
const EVERY: Duration = Duration::from_secs(5);

/// The progress of a run.
#[derive(Debug)]
pub struct Progress {
    shape: Shape,
    total: Option<u64>,
    done: u64,
    began: Instant,
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
                Some(_) => "{wide_bar} {pos}/{len} rows, {rate}, {eta} left\n{msg}",
                None => "{spinner} {pos} rows, {rate}\n{msg}",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                let rate = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                    let _ = write!(text, "{:.0}/s", state.per_sec());
                };
                bar.set_style(style.with_key("rate", rate));
            }
            Shape::Bar(bar)
        } else {
            Shape::Lines { last: Instant::now() }
        };
        Progress { shape, total, done: 0, began: Instant::now() }
    }

    /// One row is done. `counts` is what the rows came to so far, where they came to something.
    pub fn advance(&mut self, counts: Option<&Counts>) {
        self.done += 1;
        let words = || counts.map(Counts::words).unwrap_or_default();
        match &mut self.shape {
            Shape::Quiet => {}
            Shape::Bar(bar) => {
                bar.inc(1);
                if self.done.is_multiple_of(16) || self.total == Some(self.done) {
                    bar.set_message(words());
                }
            }
            Shape::Lines { last } if last.elapsed() < EVERY => {}
            Shape::Lines { last } => {
                *last = Instant::now();
                let seconds = self.began.elapsed().as_secs_f64();
                let rate = self.done as f64 / seconds;
                let left = self.total.map(|total| total.saturating_sub(self.done) as f64 / rate);
                let of = self.total.map_or(String::new(), |total| format!(" of {total}"));
                let left = left.map_or(String::new(), |left| format!(", about {left:.0} s left"));
                let words = words();
                let gap = if words.is_empty() { "" } else { ": " };
                terminal::note(&format!("{}{of} rows, {rate:.0}/s{left}{gap}{words}", self.done));
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
