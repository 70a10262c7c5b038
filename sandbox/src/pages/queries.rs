//! What the pages read: always the newest rows first, and never more than a page of them.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use bidden::Platform;
use bidden::candidate::email_key;
use bidden::engine::{Invitation, Message, Store, Student};
use rusqlite::{OptionalExtension, params};
use serde::de::DeserializeOwned;

use crate::database::{Database, Kept, WantedCallbacks, digest, number_of};

use super::Result;

/// So many rows a page has.
pub(super) const PAGE: usize = 50;

/// So long rows are looked through for those that fit a filter; what is older is on the next page. Meanwhile nobody else is
/// answered.
const PATIENCE: Duration = Duration::from_millis(80);

/// How often the clock is looked at.
const ROWS_BETWEEN_LOOKS: usize = 256;

/// A page of rows.
pub(super) struct Found<T> {
    /// Newest first, each with its number.
    pub(super) rows: Vec<(i64, T)>,
    /// Where the next page begins; `None` at the end.
    pub(super) older: Option<i64>,
    /// Whether the search stopped for its patience, not for a full page.
    pub(super) is_cut: bool,
}

/// The newest rows below a number that `fits` makes something of. The table and its column are names of ours.
fn newest<T>(
    database: &Database,
    table: &str,
    column: &str,
    before: Option<i64>,
    mut fits: impl FnMut(&str) -> Result<Option<T>>,
) -> Result<Found<T>> {
    let sql = format!("SELECT {column}, record FROM {table} WHERE {column} < ?1 ORDER BY {column} DESC");
    let mut statement = database.connection.prepare_cached(&sql)?;
    let mut rows = statement.query([before.unwrap_or(i64::MAX)])?;
    let begun = Instant::now();
    let mut found = Found { rows: Vec::new(), older: None, is_cut: false };
    let mut looked_at = 0;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        looked_at += 1;
        let is_late = looked_at % ROWS_BETWEEN_LOOKS == 0 && begun.elapsed() > PATIENCE;
        if found.rows.len() == PAGE || is_late {
            found.is_cut = found.rows.len() < PAGE;
            found.older = last;
            break;
        }
        let text = row.get_ref(1)?.as_str().map_err(|error| unreadable(Box::new(error)))?;
        if let Some(kept) = fits(text)? {
            found.rows.push((number, kept));
        }
        last = Some(number);
    }
    Ok(found)
}

fn unreadable(error: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, error)
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| unreadable(Box::new(error)))
}

/// A page of invitations. `may_fit` sees the record's text and saves reading those that cannot fit.
pub(super) fn invitations(
    database: &Database,
    before: Option<i64>,
    may_fit: impl Fn(&str) -> bool,
    fits: impl Fn(&Invitation) -> bool,
) -> Result<Found<Invitation>> {
    newest(database, "invitations", "number", before, |text| {
        if !may_fit(text) {
            return Ok(None);
        }
        let invitation: Invitation = parsed(text)?;
        Ok(fits(&invitation).then_some(invitation))
    })
}

/// The newest invitations of an address, by its index, until there are enough.
pub(super) fn invitations_of(database: &Database, email: &str, mut each: impl FnMut(Invitation) -> ControlFlow<()>) -> Result<()> {
    let key = email_key(email);
    let mut statement = database.connection.prepare_cached("SELECT record FROM invitations WHERE email = ?1 ORDER BY number DESC")?;
    let mut rows = statement.query([digest(&[&key])])?;
    while let Some(row) = rows.next()? {
        let invitation: Invitation = parsed(row.get_ref(0)?.as_str().map_err(|error| unreadable(Box::new(error)))?)?;
        let is_same = invitation.email.as_deref().is_some_and(|email| email_key(email) == key);
        if is_same && each(invitation).is_break() {
            break;
        }
    }
    Ok(())
}

/// Whether an invitation is the newest of its address on its platform.
pub(super) fn is_newest_of_person(database: &Database, invitation: &Invitation) -> Result<bool> {
    let Some(email) = invitation.email.as_deref() else { return Ok(true) };
    let mut newest = None;
    invitations_of(database, email, |other| {
        if other.platform != invitation.platform {
            return ControlFlow::Continue(());
        }
        newest = Some(other.id);
        ControlFlow::Break(())
    })?;
    Ok(newest.as_deref() == Some(invitation.id.as_str()))
}

/// The newest candidate of a task that `fits`; a task's candidates are looked through by the index of tests.
pub(super) fn candidate_of_task(
    database: &Database,
    task_id: &str,
    may_fit: &str,
    fits: impl Fn(&Invitation) -> bool,
) -> Result<Option<Invitation>> {
    let mut statement = database.connection.prepare_cached("SELECT record FROM invitations WHERE test = ?1 ORDER BY number DESC")?;
    let mut rows = statement.query([crate::database::test_digest(Platform::TestInvite, task_id)])?;
    while let Some(row) = rows.next()? {
        let text = row.get_ref(0)?.as_str().map_err(|error| unreadable(Box::new(error)))?;
        if !text.contains(may_fit) {
            continue;
        }
        let invitation: Invitation = parsed(text)?;
        if invitation.platform == Platform::TestInvite && invitation.test_id == task_id && fits(&invitation) {
            return Ok(Some(invitation));
        }
    }
    Ok(None)
}

/// The student of an id.
pub(super) fn student(database: &Database, id: i64) -> Result<Option<Student>> {
    let mut statement = database.connection.prepare_cached("SELECT record FROM students WHERE student_id = ?1")?;
    let text: Option<String> = statement.query_row([id], |row| row.get(0)).optional()?;
    text.map(|text| parsed(&text)).transpose()
}

pub(super) fn students(database: &Database, before: Option<i64>) -> Result<Found<Student>> {
    newest(database, "students", "student_id", before, |text| parsed(text).map(Some))
}

pub(super) fn messages(database: &Database, before: Option<i64>, may_fit: impl Fn(&str) -> bool) -> Result<Found<Message>> {
    newest(database, "messages", "number", before, |text| if may_fit(text) { parsed(text).map(Some) } else { Ok(None) })
}

pub(super) fn callbacks(database: &Database, before: Option<i64>) -> Result<Found<Kept>> {
    newest(database, "callbacks", "number", before, |text| parsed(text).map(Some))
}

/// The mails about an invitation, in the order in which they left.
pub(super) fn messages_of(database: &Database, invitation_id: &str) -> Result<Vec<Message>> {
    of_invitation(database, "messages", invitation_id)
}

/// The calls to somebody's address about an invitation, in the order in which they were made.
pub(super) fn callbacks_of(database: &Database, invitation_id: &str) -> Result<Vec<(i64, Kept)>> {
    database.callbacks(&WantedCallbacks { invitation_id: Some(invitation_id.to_owned()), after: 0, limit: PAGE })
}

fn of_invitation<T: DeserializeOwned>(database: &Database, table: &str, invitation_id: &str) -> Result<Vec<T>> {
    let sql = format!("SELECT record FROM {table} WHERE invitation = {} ORDER BY number", number_of!("?1"));
    let mut statement = database.connection.prepare_cached(&sql)?;
    let texts: Result<Vec<String>> = statement.query_map([invitation_id], |row| row.get(0))?.collect();
    texts?.iter().map(|text| parsed(text)).collect()
}

/// One platform call as the page shows it.
pub(super) struct Called {
    pub(super) at: i64,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: String,
    pub(super) status: Option<u16>,
}

pub(super) fn requests(database: &Database, before: Option<i64>) -> Result<Found<Called>> {
    let sql = "SELECT number, at, method, path, body, status FROM requests WHERE number < ?1 ORDER BY number DESC LIMIT ?2";
    let mut statement = database.connection.prepare_cached(sql)?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let rows: Result<Vec<(i64, Called)>> = statement
        .query_map(params![before.unwrap_or(i64::MAX), limit], |row| {
            let called = Called { at: row.get(1)?, method: row.get(2)?, path: row.get(3)?, body: row.get(4)?, status: row.get(5)? };
            Ok((row.get(0)?, called))
        })?
        .collect();
    let mut rows = rows?;
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    Ok(Found { older: rows.last().filter(|_| has_more).map(|(number, _)| *number), rows, is_cut: false })
}

/// The invitation of an id.
pub(super) fn invitation(database: &Database, id: &str) -> Result<Option<Invitation>> {
    Store::invitation(database, id)
}
