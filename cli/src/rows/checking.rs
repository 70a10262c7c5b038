//! The rows of a file, checked by several threads and handed out in order, a chunk at a time.
//!
//! Two threads read and check, whoever asks puts the results in order; memory holds a few chunks and the keys met so far.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bidden::candidate::{Field, Findings, validate};
use bidden::{Platform, Time};

use super::source::core_row;
use crate::table::{self, Chunk, Fault, Header, Reader};
use bidden_ledger::seen::{Digester, Keys};

/// The same candidate is found among this many keys: seven eighths of a table of 2²¹, 36 MB, so that a check stays within
/// 64 MiB at any length. Rows behind them are compared with these only.
pub const KEYS: usize = (1 << 21) / 8 * 7;

/// Threads that read and check.
const WORKERS: usize = 2;

/// A checked chunk: what was found, and the keys of each row.
#[derive(Debug)]
pub struct Checked {
    sequence: u64,
    /// The rows.
    pub chunk: Chunk,
    /// The keys of each.
    pub keys: Vec<Keys>,
    /// What was found, with the place of the row in the chunk.
    pub found: Vec<(usize, RowFindings)>,
}

/// What was found in a row.
#[derive(Clone, Debug)]
pub enum RowFindings {
    /// The cells of such a row may stand in the wrong columns: one finding is enough.
    Shape(Fault),
    /// What is wrong or doubtful in its cells.
    Cells(Findings),
}

struct Input {
    reader: Reader,
    sequence: u64,
    broken: Option<table::Error>,
    has_ended: bool,
}

/// What the workers share.
struct Shared {
    input: Mutex<Input>,
    spare: Mutex<Vec<Chunk>>,
    digester: Digester,
    platform: Option<Platform>,
    today: Time,
}

/// A check under way. Dropped, its threads end with the chunk at hand.
pub struct Checking {
    header: Header,
    shared: Arc<Shared>,
    checked: Receiver<Checked>,
    /// A worker holds one chunk, so at most one chunk per worker waits here for an earlier one.
    waiting: BTreeMap<u64, Checked>,
    next: u64,
}

impl std::fmt::Debug for Checking {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Checking").field("next", &self.next).finish_non_exhaustive()
    }
}

impl Checking {
    /// Begins. With a platform, what its call requires is required; `today` decides whether a date lies in the past.
    #[must_use]
    pub fn begin(reader: Reader, platform: Option<Platform>, today: Time) -> Self {
        let header = reader.header().clone();
        let shared = Arc::new(Shared {
            input: Mutex::new(Input { reader, sequence: 0, broken: None, has_ended: false }),
            spare: Mutex::new(Vec::new()),
            digester: Digester::default(),
            platform,
            today,
        });
        let (sender, checked) = sync_channel(WORKERS);
        for _ in 0..WORKERS {
            let (shared, sender) = (Arc::clone(&shared), sender.clone());
            std::thread::spawn(move || shared.work(&sender));
        }
        Checking { header, shared, checked, waiting: BTreeMap::new(), next: 0 }
    }

    /// The header of the file.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The next chunk; `None` at the end, or where the file breaks off.
    pub fn next_chunk(&mut self) -> Option<Checked> {
        loop {
            if let Some(checked) = self.waiting.remove(&self.next) {
                self.next += 1;
                return Some(checked);
            }
            let checked = self.checked.recv().ok()?;
            self.waiting.insert(checked.sequence, checked);
        }
    }

    /// Gives a chunk back, to be filled again.
    pub fn recycle(&self, chunk: Chunk) {
        lock(&self.shared.spare).push(chunk);
    }

    /// What broke the file off, once its rows were handed out.
    #[must_use]
    pub fn broken(&self) -> Option<table::Error> {
        lock(&self.shared.input).broken.take()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn work(&self, checked: &SyncSender<Checked>) {
        loop {
            let mut chunk = lock(&self.spare).pop().unwrap_or_default();
            let sequence = {
                let mut input = lock(&self.input);
                if input.has_ended {
                    return;
                }
                match input.reader.next_chunk(&mut chunk) {
                    Ok(true) => input.sequence += 1,
                    Ok(false) => input.has_ended = true,
                    Err(error) => {
                        input.broken = Some(error);
                        input.has_ended = true;
                    }
                }
                if input.has_ended {
                    return;
                }
                input.sequence - 1
            };
            // Nobody listens any more when the output is closed.
            if checked.send(self.check(sequence, chunk)).is_err() {
                return;
            }
        }
    }

    fn check(&self, sequence: u64, chunk: Chunk) -> Checked {
        let mut keys = Vec::with_capacity(chunk.len());
        let mut found = Vec::new();
        for (index, row) in chunk.rows().enumerate() {
            if let Some(fault) = row.fault() {
                found.push((index, RowFindings::Shape(fault)));
                keys.push(Keys::default());
                continue;
            }
            let fields = core_row(row);
            let findings = validate(&fields, self.platform, self.today);
            // What is no address is nobody's key: two rows with “n/a” are not the same person.
            let is_keyless = findings.errors.iter().any(|finding| finding.field == Field::Email);
            keys.push(if is_keyless { Keys::default() } else { self.digester.keys(&fields) });
            if !findings.is_empty() {
                found.push((index, RowFindings::Cells(findings)));
            }
        }
        Checked { sequence, chunk, keys, found }
    }
}
