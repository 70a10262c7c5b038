//! What was received and is not passed on yet, on the disk before it is answered.
//!
//! One line of JSON per callback that came, one for what it came to in the ledger when somebody is still to hear of it, one per
//! callback that is done. When it is opened again, what is done shrinks to what
//! tells a repetition: no body of a callback stays longer than it has to.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bidden::callback::Authenticity;
use bidden::{CallbackEvent, Platform, Time};
use bidden_ledger::Digest;
use bidden_ledger::callback::Heard;
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Result};

/// A callback that waits to be passed on.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) at: Time,
    pub(super) event: CallbackEvent,
    /// What it came to in the ledger before the command was started again: the ledger would call it repeated now.
    pub(super) heard: Option<Heard>,
}

/// The file, and what it knows.
#[derive(Debug)]
pub(super) struct Inbox {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    known: HashSet<Digest>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Received { at: String, platform: String, is_verified: bool, is_unsigned: bool, key: String, body: String },
    Heard { key: String, ledger: String },
    Done(String),
}

/// What does not change any more once a callback came to it.
const SETTLED: [Heard; 5] = [Heard::Moved, Heard::Noted, Heard::Hint, Heard::Repeated, Heard::Ambiguous];

impl Inbox {
    /// Opens it, alone, and says what waits in it.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Received>)> {
        let wrong = |what: &str, error: &dyn std::fmt::Display| Failure {
            exit: 3,
            message: format!("the inbox {} {what}: {error}", path.display()),
            hints: vec!["--inbox names another file".to_owned()],
            error: None,
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| wrong("cannot be made", &error))?;
        }
        let file = private(path).map_err(|error| wrong("cannot be opened", &error))?;
        if file.try_lock().is_err() {
            return Err(wrong("is in use", &"another `bidden listen` has it open"));
        }
        let mut waiting: Vec<Received> = Vec::new();
        let mut known = HashSet::new();
        for line in BufReader::new(&file).lines() {
            // A line that was cut off was never answered: the platform has to send it again.
            let Ok(line) = line.map_err(|error| wrong("cannot be read", &error)).map(|line| serde_json::from_str::<Line>(&line)) else {
                break;
            };
            match line {
                Ok(Line::Received { at, platform, is_verified, is_unsigned, key: _, body }) => {
                    if let Some(received) = read_again(&at, &platform, is_verified, is_unsigned, &body) {
                        known.insert(digest_of(&received.event));
                        waiting.push(received);
                    }
                }
                Ok(Line::Heard { key, ledger }) => {
                    if let Some(digest) = Digest::parse(&key)
                        && let Some(received) = waiting.iter_mut().find(|received| digest_of(&received.event) == digest)
                    {
                        received.heard = SETTLED.into_iter().find(|heard| heard.slug() == ledger);
                    }
                }
                Ok(Line::Done(key)) => {
                    if let Some(digest) = Digest::parse(&key) {
                        known.insert(digest);
                        waiting.retain(|received| digest_of(&received.event) != digest);
                    }
                }
                Err(_) => {}
            }
        }
        let file = shrink(path, file, &known, &waiting).map_err(|error| wrong("cannot be written", &error))?;
        Ok((Inbox { state: Mutex::new(State { file, known }) }, waiting))
    }

    /// Keeps a callback; `false` when one that says the same was kept before. It is on the disk when this returns.
    pub(super) fn keep(&self, received: &Received) -> std::io::Result<bool> {
        let digest = digest_of(&received.event);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.known.contains(&digest) {
            return Ok(false);
        }
        write(&mut state.file, &line_of(received))?;
        state.file.sync_data()?;
        state.known.insert(digest);
        Ok(true)
    }

    /// Says what a callback came to in the ledger that is not passed on yet.
    pub(super) fn heard(&self, event: &CallbackEvent, heard: Heard) -> std::io::Result<()> {
        write(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).file, &heard_line(event, heard))
    }

    /// Says that a callback is passed on.
    pub(super) fn done(&self, event: &CallbackEvent) -> std::io::Result<()> {
        let line = Line::Done(digest_of(event).to_string());
        write(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).file, &line)
    }
}

fn digest_of(event: &CallbackEvent) -> Digest {
    Digest::of(event.dedupe_key.as_bytes())
}

fn heard_line(event: &CallbackEvent, heard: Heard) -> Line {
    Line::Heard { key: digest_of(event).to_string(), ledger: heard.slug().to_owned() }
}

fn line_of(received: &Received) -> Line {
    let event = &received.event;
    Line::Received {
        at: received.at.to_string(),
        platform: event.platform.slug().to_owned(),
        is_verified: event.authenticity == Authenticity::Verified,
        is_unsigned: event.authenticity == Authenticity::Unsigned,
        key: event.dedupe_key.clone(),
        body: event.body.clone(),
    }
}

/// What was verified when it came is not verified again: its key was never kept.
fn read_again(at: &str, platform: &str, is_verified: bool, is_unsigned: bool, body: &str) -> Option<Received> {
    let mut event = CallbackEvent::read(Platform::from_slug(platform)?, &HeaderMap::new(), body.as_bytes(), None).ok()?;
    event.authenticity = match (is_verified, is_unsigned) {
        (true, _) => Authenticity::Verified,
        (false, true) => Authenticity::Unsigned,
        (false, false) => Authenticity::NotChecked,
    };
    Some(Received { at: Time::parse(at).ok()?, event, heard: None })
}

fn write(file: &mut File, line: &Line) -> std::io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)
}

/// Bodies hold addresses: the file is for its owner alone.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes it again without the bodies of what is done. The new file is complete before it takes the place of the old one.
fn shrink(path: &Path, old: File, known: &HashSet<Digest>, waiting: &[Received]) -> std::io::Result<File> {
    let unfinished = PathBuf::from(format!("{}.unfinished", path.display()));
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private(&unfinished)?;
    file.lock()?;
    let open: HashSet<Digest> = waiting.iter().map(|received| digest_of(&received.event)).collect();
    for digest in known.iter().filter(|digest| !open.contains(*digest)) {
        write(&mut file, &Line::Done(digest.to_string()))?;
    }
    for received in waiting {
        write(&mut file, &line_of(received))?;
        if let Some(heard) = received.heard {
            write(&mut file, &heard_line(&received.event, heard))?;
        }
    }
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    drop(old);
    Ok(file)
}
