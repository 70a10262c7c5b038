//! The sandbox's memory: a few SQLite tables with the columns that are looked up, the rest of each record as JSON.
//!
//! Only the writer's thread touches it. Everything that one batch of requests changes stands in one transaction, so an
//! answer that left is kept whole, and a process that is killed leaves nothing in half.

mod callbacks;
mod lists;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use bidden::engine::{Change, Entry, Invitation, Later, Link, Message, MessageKind, Sequence, Session, Store, Student};
use bidden::{Error, Event, Kind, Platform, Time};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Clock;

pub(crate) use lists::{Page, WantedInvitations};

pub(crate) use callbacks::{Kept, NOT_LOOPBACK, State, Try, Wanted as WantedCallbacks};

/// Raised with every change of the tables; a database of another version is not opened.
const VERSION: i64 = 4;

/// "bidd": tells a sandbox's database from any other SQLite file.
const APPLICATION_ID: i64 = 0x6269_6464;

/// The links of so many tests are held in memory at most.
const LINKS_HELD: usize = 1000;

/// Addresses, tests and claims are looked up by an eight-byte digest: an index of the texts themselves is several times
/// as large, and its random pages are what limits a writer. Whoever looks up compares the text too. The history,
/// the mails and the sittings of an invitation name it by its number, so that their index grows at its end. `rests` is filled for iMocha alone, whose
/// invitations are listed by it.
const TABLES: &str = "
CREATE TABLE invitations (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, platform INTEGER NOT NULL, email INTEGER, test INTEGER NOT NULL, rests INTEGER, record TEXT NOT NULL);
CREATE INDEX invitations_by_email ON invitations (email);
CREATE INDEX invitations_by_test ON invitations (test);
CREATE INDEX invitations_by_platform ON invitations (platform);
CREATE INDEX invitations_by_rest ON invitations (rests) WHERE rests IS NOT NULL;
CREATE TABLE links (test TEXT NOT NULL, link INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (test, link)) WITHOUT ROWID;
CREATE TABLE students (student_id INTEGER PRIMARY KEY, email INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX students_by_email ON students (email);
CREATE TABLE claims (number INTEGER PRIMARY KEY, digest INTEGER NOT NULL, claim TEXT NOT NULL, invitation_id TEXT NOT NULL);
CREATE INDEX claims_by_digest ON claims (digest);
CREATE TABLE sessions (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, task INTEGER NOT NULL, invitation INTEGER NOT NULL, external INTEGER, record TEXT NOT NULL);
CREATE INDEX sessions_by_task ON sessions (task);
CREATE INDEX sessions_by_invitation ON sessions (invitation);
CREATE INDEX sessions_by_external_id ON sessions (external) WHERE external IS NOT NULL;
CREATE TABLE messages (number INTEGER PRIMARY KEY, invitation INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX messages_by_invitation ON messages (invitation);
CREATE TABLE history (number INTEGER PRIMARY KEY, invitation INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX history_by_invitation ON history (invitation);
CREATE TABLE callbacks (number INTEGER PRIMARY KEY, invitation INTEGER NOT NULL, next INTEGER, record TEXT NOT NULL);
CREATE INDEX callbacks_by_invitation ON callbacks (invitation);
CREATE INDEX callbacks_by_next ON callbacks (next) WHERE next IS NOT NULL;
CREATE TABLE due (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX due_by_time ON due (at);
CREATE TABLE requests (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL, status INTEGER);
CREATE TABLE sequences (name TEXT PRIMARY KEY, highest INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE clock (number INTEGER PRIMARY KEY CHECK (number = 1), record TEXT NOT NULL);
";

/// The tables above.
pub(crate) const TABLE_NAMES: [&str; 13] = [
    "invitations",
    "links",
    "students",
    "claims",
    "sessions",
    "messages",
    "history",
    "callbacks",
    "due",
    "requests",
    "sequences",
    "settings",
    "clock",
];

/// Where the sandbox keeps what it knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// In memory; gone when the sandbox stops.
    Memory,
    /// In this file, which is made when it is missing.
    File(PathBuf),
}

/// What an answered request survives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Durability {
    /// The end of the process, however it ends.
    #[default]
    Kill,
    /// A power cut too: every commit waits for the disk.
    PowerLoss,
}

/// One platform call as the sandbox noted it.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: String,
}

/// A platform call that takes effect later than it came. It is kept as it was sent, with what a candidate logs in with: a
/// request without its secrets would be another one.
#[derive(Serialize, Deserialize)]
pub(crate) struct LateRequest {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) body: String,
    pub(crate) origin: String,
}

/// What happens by itself when its time has come.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Due {
    /// A call takes effect whose answer was lost.
    Request(LateRequest),
    /// What the rules put off.
    Later(Later),
    /// A candidate with a magic address moves by itself.
    Candidate {
        /// At which invitation.
        invitation_id: String,
        /// What the candidate does: the event's word.
        event: String,
    },
}

impl Due {
    /// An event that somebody brings about without a call.
    pub(crate) fn candidate(invitation_id: &str, event: Event) -> Self {
        Due::Candidate { invitation_id: invitation_id.to_owned(), event: event.slug().to_owned() }
    }
}

pub(crate) struct Database {
    pub(crate) connection: Connection,
    /// The highest numbers given out, those of the open transaction included.
    sequences: [Cell<Option<i64>>; Sequence::ALL.len()],
    /// Which of them the open transaction has raised.
    raised: [bool; Sequence::ALL.len()],
    /// The links by test: there are few, and every iMocha invite asks for one.
    links: RefCell<HashMap<String, Vec<Link>>>,
    next_due: Option<i64>,
    /// As of the last look, unless the callbacks have changed since.
    next_callback: Option<i64>,
    callbacks_changed: bool,
    /// The callbacks that were kept since somebody asked.
    made_callbacks: Vec<i64>,
    /// The hosts beside loopback that may be called, in lower case.
    allowed_hosts: Vec<String>,
    /// The invitations that a read does not show yet: a fault is late with them.
    unseen: HashSet<String>,
    keep_requests: u64,
    last_request: i64,
}

type Result<T> = std::result::Result<T, rusqlite::Error>;

/// The number of the invitation whose id stands at a parameter, as SQL.
macro_rules! number_of {
    ($parameter:literal) => {
        concat!("(SELECT number FROM invitations WHERE id = ", $parameter, ")")
    };
}
pub(crate) use number_of;

impl Database {
    pub(crate) fn open(place: &Place, durability: Durability, keep_requests: u64) -> std::result::Result<Self, Error> {
        let storage = |error: rusqlite::Error| {
            let message = if matches!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy)) {
                "another sandbox has this database open"
            } else {
                "the sandbox's database cannot be opened"
            };
            Error::new(Kind::Storage, message).with_source(error)
        };
        let connection = match place {
            Place::Memory => Connection::open_in_memory().map_err(storage)?,
            Place::File(path) => {
                make_private(path).map_err(|error| {
                    Error::new(Kind::Storage, format!("the sandbox's database {} cannot be made", path.display())).with_source(error)
                })?;
                Connection::open(path).map_err(storage)?
            }
        };
        prepare(&connection, durability).map_err(storage)?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(storage)?;
        let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(storage)?;
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(storage)?;
        if tables == 0 {
            let first =
                format!("BEGIN IMMEDIATE; {TABLES} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT;");
            connection.execute_batch(&first).map_err(storage)?;
        } else if application != APPLICATION_ID {
            return Err(Error::new(Kind::Storage, "the file is a database, but not a sandbox's; name another one"));
        } else if version != VERSION {
            return Err(Error::new(Kind::Storage, format!("the sandbox's database has version {version}, this program knows {VERSION}")));
        }
        let mut database = Database {
            connection,
            sequences: Default::default(),
            raised: Default::default(),
            links: RefCell::default(),
            next_due: None,
            next_callback: None,
            callbacks_changed: true,
            made_callbacks: Vec::new(),
            allowed_hosts: Vec::new(),
            unseen: HashSet::new(),
            keep_requests,
            last_request: 0,
        };
        database.reload().map_err(storage)?;
        Ok(database)
    }

    /// Reads again what is held beside the tables.
    pub(crate) fn reload(&mut self) -> Result<()> {
        self.raised = Default::default();
        self.links.get_mut().clear();
        self.callbacks_changed = true;
        self.made_callbacks.clear();
        for (sequence, held) in Sequence::ALL.into_iter().zip(&self.sequences) {
            let mut statement = self.connection.prepare_cached("SELECT highest FROM sequences WHERE name = ?1")?;
            held.set(statement.query_row([sequence.name()], |row| row.get(0)).optional()?);
        }
        self.last_request = self.connection.query_row("SELECT coalesce(max(number), 0) FROM requests", [], |row| row.get(0))?;
        self.look_for_due()
    }

    fn look_for_due(&mut self) -> Result<()> {
        let mut statement = self.connection.prepare_cached("SELECT min(at) FROM due")?;
        self.next_due = statement.query_row([], |row| row.get(0))?;
        Ok(())
    }

    pub(crate) fn begin(&self) -> Result<()> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([]).map(drop)
    }

    /// Marks a point inside the open transaction.
    pub(crate) fn mark(&mut self) -> Result<()> {
        self.keep_sequences()?;
        self.connection.execute_batch("SAVEPOINT mark")
    }

    /// Forgets the mark alone.
    pub(crate) fn unmark(&self) -> Result<()> {
        self.connection.execute_batch("RELEASE mark")
    }

    /// Forgets everything since [`Database::mark`], and the mark.
    pub(crate) fn back_to_mark(&mut self) -> Result<()> {
        self.connection.execute_batch("ROLLBACK TO mark; RELEASE mark")?;
        self.reload()
    }

    /// Writes down which numbers have been given out.
    fn keep_sequences(&mut self) -> Result<()> {
        for index in 0..self.raised.len() {
            if let (true, Some(highest)) = (self.raised[index], self.sequences[index].get()) {
                self.connection
                    .prepare_cached(
                        "INSERT INTO sequences (name, highest) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET highest = excluded.highest",
                    )?
                    .execute(params![Sequence::ALL[index].name(), highest])?;
            }
        }
        Ok(())
    }

    /// Keeps everything since [`Database::begin`].
    pub(crate) fn commit(&mut self) -> Result<()> {
        self.keep_sequences()?;
        let oldest = self.last_request.saturating_sub(i64::try_from(self.keep_requests).unwrap_or(i64::MAX));
        if oldest > 0 {
            self.connection.prepare_cached("DELETE FROM requests WHERE number <= ?1")?.execute([oldest])?;
        }
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        self.raised = Default::default();
        Ok(())
    }

    /// Forgets everything since [`Database::begin`].
    pub(crate) fn roll_back(&mut self) {
        // SQLite may have rolled back by itself; what counts is what the tables say then.
        let rolled_back = self.connection.execute_batch("ROLLBACK");
        let reloaded = self.reload();
        if reloaded.is_err() {
            tracing::error!(after_rollback = rolled_back.is_ok(), "the sandbox's database cannot be read");
        }
    }

    /// Keeps what was changed at a moment.
    pub(crate) fn apply(&mut self, at: Time, mut changes: Vec<Change>) -> Result<()> {
        // What belongs to an invitation names it by the number that it has once it is kept.
        changes.sort_by_key(|change| !matches!(change, Change::Created(_)));
        changes.into_iter().try_for_each(|change| self.apply_one(at, change))
    }

    fn apply_one(&mut self, at: Time, change: Change) -> Result<()> {
        let run = |sql: &str, values: &[&dyn ToSql]| self.connection.prepare_cached(sql)?.execute(values).map(drop);
        match change {
            Change::Created(invitation) => run(
                "INSERT INTO invitations (id, platform, email, test, rests, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    invitation.id,
                    platform_number(invitation.platform),
                    email_digest(&invitation),
                    test_digest(invitation.platform, &invitation.test_id),
                    rests(&invitation),
                    json(&*invitation)?
                ],
            ),
            Change::Changed(invitation) => run(
                "UPDATE invitations SET rests = ?2, record = ?3, email = ?4 WHERE id = ?1",
                params![invitation.id, rests(&invitation), json(&*invitation)?, email_digest(&invitation)],
            ),
            Change::Sat(session) => run(
                concat!(
                    "INSERT INTO sessions (id, task, invitation, external, record) VALUES (?1, ?2, ",
                    number_of!("?3"),
                    ", ?4, ?5) ON CONFLICT (id) DO UPDATE SET record = excluded.record"
                ),
                params![
                    session.id,
                    test_digest(Platform::TestInvite, &session.task_id),
                    session.invitation_id,
                    session.external_id.as_deref().map(|external_id| digest(&[external_id])),
                    json(&*session)?
                ],
            ),
            Change::Masked { invitation, email } => {
                let id = &invitation.id;
                run(
                    "UPDATE invitations SET email = ?2, record = ?3 WHERE id = ?1",
                    params![id, digest(&[&bidden::candidate::email_key(email)]), json(&*invitation)?],
                )?;
                // Mails to stakeholders are not about the candidate's address.
                self.rewrite("messages", number_of!("?1"), id, |message: &mut Message| {
                    if message.kind != MessageKind::StakeholderCompletion {
                        message.to = email.to_owned();
                    }
                })?;
                self.rewrite("callbacks", "?1", &digest(&[id]), |kept: &mut callbacks::Kept| {
                    if kept.callback.invitation_id == *id {
                        kept.callback.body = callbacks::with_email(&kept.callback.body, email);
                    }
                })
            }
            Change::Linked(link) => {
                run(
                    "INSERT INTO links (test, link, record) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET record = excluded.record",
                    params![link.test_id, link.id, json(&link)?],
                )?;
                // Read again when it is asked for, so that memory and table cannot differ.
                self.links.get_mut().remove(&link.test_id);
                Ok(())
            }
            Change::Registered(student) => run(
                "INSERT INTO students (student_id, email, record) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET record = excluded.record",
                params![student.student_id, digest(&[&bidden::candidate::email_key(&student.email)]), json(&student)?],
            ),
            Change::Claimed { claim, invitation_id } => run(
                "INSERT INTO claims (digest, claim, invitation_id) VALUES (?1, ?2, ?3)",
                params![digest(&[&claim]), claim, invitation_id],
            ),
            Change::Freed { claim, invitation_id } => run(
                "DELETE FROM claims WHERE digest = ?1 AND claim = ?2 AND invitation_id = ?3",
                params![digest(&[&claim]), claim, invitation_id],
            ),
            Change::Counted(sequence, number) => {
                for (index, known) in Sequence::ALL.into_iter().enumerate() {
                    if known == sequence {
                        self.sequences[index].set(Some(number));
                        self.raised[index] = true;
                    }
                }
                Ok(())
            }
            Change::Mailed(message) => run(
                concat!("INSERT INTO messages (invitation, record) VALUES (", number_of!("?1"), ", ?2)"),
                params![message.invitation_id, json(&message)?],
            ),
            Change::Scheduled(at, later) => self.schedule(at, &Due::Later(later)),
            Change::CalledBack(callback) => self.keep_callback(at, callback),
            Change::Noted(entry) => run(
                concat!("INSERT INTO history (invitation, record) VALUES (", number_of!("?1"), ", ?2)"),
                params![entry.invitation_id, json(&entry)?],
            ),
        }
    }

    /// Keeps invitations out of sight of the reads that follow.
    pub(crate) fn hide(&mut self, unseen: HashSet<String>) {
        self.unseen = unseen;
    }

    fn shows(&self, invitation: &Invitation) -> bool {
        self.unseen.is_empty() || !self.unseen.contains(&invitation.id)
    }

    /// When the earliest is due.
    pub(crate) fn next_due(&self) -> Option<Time> {
        self.next_due.map(Time::from_milliseconds)
    }

    /// Changes the records of a table whose column `invitation` is what an expression makes of a value.
    fn rewrite<T: Serialize + DeserializeOwned>(
        &self,
        table: &str,
        expression: &str,
        value: &dyn ToSql,
        mut change: impl FnMut(&mut T),
    ) -> Result<()> {
        let select = format!("SELECT number, record FROM {table} WHERE invitation = {expression}");
        let mut statement = self.connection.prepare_cached(&select)?;
        let rows = statement.query_map([value], |row| Ok((row.get::<_, i64>(0)?, record::<T>(row, 1)?)))?;
        for (number, mut kept) in rows.collect::<Result<Vec<_>>>()? {
            change(&mut kept);
            let update = format!("UPDATE {table} SET record = ?2 WHERE number = ?1");
            self.connection.prepare_cached(&update)?.execute(params![number, json(&kept)?])?;
        }
        Ok(())
    }

    /// Keeps what is to happen at a later time.
    pub(crate) fn schedule(&mut self, at: Time, due: &Due) -> Result<()> {
        let at = at.milliseconds();
        self.connection.prepare_cached("INSERT INTO due (at, record) VALUES (?1, ?2)")?.execute(params![at, json(due)?])?;
        self.next_due = Some(self.next_due.map_or(at, |known| known.min(at)));
        Ok(())
    }

    /// The earliest that is due at `now`, taken out of the queue, and its time.
    pub(crate) fn take_due(&mut self, now: Time) -> Result<Option<(Time, Due)>> {
        if self.next_due.is_none_or(|at| at > now.milliseconds()) {
            return Ok(None);
        }
        let found = self
            .connection
            .prepare_cached("SELECT number, at, record FROM due WHERE at <= ?1 ORDER BY at, number LIMIT 1")?
            .query_row([now.milliseconds()], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, record(row, 2)?)))
            .optional()?;
        if let Some((number, ..)) = found {
            self.connection.prepare_cached("DELETE FROM due WHERE number = ?1")?.execute([number])?;
        }
        self.look_for_due()?;
        Ok(found.map(|(_, at, due)| (Time::from_milliseconds(at), due)))
    }

    /// Notes a platform call; `status` is that of its complete answer. Gives the number of the note.
    pub(crate) fn note(&mut self, at: Time, noted: &Noted, status: Option<u16>) -> Result<i64> {
        if self.keep_requests == 0 {
            return Ok(0);
        }
        self.connection
            .prepare_cached("INSERT INTO requests (number, at, method, path, body, status) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![self.last_request + 1, at.milliseconds(), noted.method, noted.path, noted.body, status])?;
        self.last_request += 1;
        Ok(self.last_request)
    }

    /// Notes that the complete answer to an earlier call leaves only now.
    pub(crate) fn note_answer(&self, request: i64, status: u16) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE requests SET status = ?2 WHERE number = ?1 AND status IS NULL")?
            .execute(params![request, status])
            .map(drop)
    }

    pub(crate) fn clock(&self) -> Result<Clock> {
        let clock = self.connection.query_row("SELECT record FROM clock", [], |row| record(row, 0)).optional()?;
        Ok(clock.unwrap_or_default())
    }

    pub(crate) fn set_clock(&mut self, clock: Clock) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO clock (number, record) VALUES (1, ?1) ON CONFLICT DO UPDATE SET record = excluded.record")?
            .execute([json(&clock)?])
            .map(drop)
    }

    /// What is kept under a name beside the records; `None` when nothing is.
    pub(crate) fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let mut statement = self.connection.prepare_cached("SELECT record FROM settings WHERE name = ?1")?;
        statement.query_row([name], |row| record(row, 0)).optional()
    }

    pub(crate) fn set_setting(&self, name: &str, value: &impl Serialize) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO settings (name, record) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET record = excluded.record")?
            .execute(params![name, json(value)?])
            .map(drop)
    }

    /// Empties every table, inside the open transaction.
    pub(crate) fn clear(&mut self) -> Result<()> {
        for table in TABLE_NAMES {
            self.connection.execute(&format!("DELETE FROM {table}"), [])?;
        }
        self.reload()
    }

    /// What happened to an invitation, in order.
    pub(crate) fn history(&self, invitation_id: &str) -> Result<Vec<Entry>> {
        const SQL: &str = concat!("SELECT record FROM history WHERE invitation = ", number_of!("?1"), " ORDER BY number");
        let mut statement = self.connection.prepare_cached(SQL)?;
        statement.query_map([invitation_id], |row| record(row, 0))?.collect()
    }
}

impl Database {
    /// Shows the links of a test, which are read once.
    fn with_links<T>(&self, test_id: &str, show: impl FnOnce(&[Link]) -> T) -> Result<T> {
        if let Some(links) = self.links.borrow().get(test_id) {
            return Ok(show(links));
        }
        let mut statement = self.connection.prepare_cached("SELECT record FROM links WHERE test = ?1 ORDER BY link")?;
        let read: Result<Vec<Link>> = statement.query_map([test_id], |row| record(row, 0))?.collect();
        let read = read?;
        let shown = show(&read);
        let mut links = self.links.borrow_mut();
        if links.len() >= LINKS_HELD {
            links.clear();
        }
        links.insert(test_id.to_owned(), read);
        Ok(shown)
    }
}

impl Store for Database {
    type Error = rusqlite::Error;

    fn highest(&self, sequence: Sequence) -> Result<Option<i64>> {
        Ok(Sequence::ALL.into_iter().zip(&self.sequences).find(|(known, _)| *known == sequence).and_then(|(_, held)| held.get()))
    }

    fn invitation(&self, id: &str) -> Result<Option<Invitation>> {
        let mut statement = self.connection.prepare_cached("SELECT record FROM invitations WHERE id = ?1")?;
        let found: Option<Invitation> = statement.query_row([id], |row| record(row, 0)).optional()?;
        Ok(found.filter(|invitation| self.shows(invitation)))
    }

    fn invitation_of(&self, platform: Platform, test_id: &str, email_key: &str) -> Result<Option<Invitation>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT record FROM invitations INDEXED BY invitations_by_email WHERE email = ?1 AND test = ?2 ORDER BY number DESC",
        )?;
        let mut rows = statement.query(params![digest(&[email_key]), test_digest(platform, test_id)])?;
        while let Some(row) = rows.next()? {
            let invitation: Invitation = record(row, 0)?;
            let is_same = invitation.platform == platform
                && invitation.test_id == test_id
                && invitation.email.as_deref().is_some_and(|email| bidden::candidate::email_key(email) == email_key);
            if is_same && self.shows(&invitation) {
                return Ok(Some(invitation));
            }
        }
        Ok(None)
    }

    fn imocha_at_rest(&self, from: Time, until: Time, each: &mut dyn FnMut(Invitation)) -> Result<()> {
        let mut statement =
            self.connection.prepare_cached("SELECT record FROM invitations WHERE rests BETWEEN ?1 AND ?2 ORDER BY rests, number")?;
        let mut rows = statement.query([from.milliseconds(), until.milliseconds()])?;
        while let Some(row) = rows.next()? {
            let invitation: Invitation = record(row, 0)?;
            if self.shows(&invitation) {
                each(invitation);
            }
        }
        Ok(())
    }

    fn invitations_to(&self, platform: Platform, test_id: &str, email_key: Option<&str>, each: &mut dyn FnMut(Invitation)) -> Result<()> {
        let (index, condition) = if email_key.is_some() { ("email", "email = ?2") } else { ("test", "?2 IS NULL") };
        let sql =
            format!("SELECT record FROM invitations INDEXED BY invitations_by_{index} WHERE test = ?1 AND {condition} ORDER BY number");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![test_digest(platform, test_id), email_key.map(|key| digest(&[key]))])?;
        while let Some(row) = rows.next()? {
            let invitation: Invitation = record(row, 0)?;
            let is_asked_for = invitation.platform == platform
                && invitation.test_id == test_id
                && email_key.is_none_or(|key| invitation.email.as_deref().is_some_and(|email| bidden::candidate::email_key(email) == key));
            if is_asked_for && self.shows(&invitation) {
                each(invitation);
            }
        }
        Ok(())
    }

    fn link(&self, test_id: &str) -> Result<Option<Link>> {
        self.with_links(test_id, |links| links.iter().find(|link| link.is_api_link).cloned())
    }

    fn test_link(&self, test_id: &str, link_id: i64) -> Result<Option<Link>> {
        self.with_links(test_id, |links| links.iter().find(|link| link.id == link_id).cloned())
    }

    fn test_links(&self, test_id: &str) -> Result<Vec<Link>> {
        self.with_links(test_id, <[Link]>::to_vec)
    }

    fn invitations_of(&self, platform: Platform, email_key: &str, each: &mut dyn FnMut(Invitation)) -> Result<()> {
        let wanted = WantedInvitations { platform: Some(platform), email: Some(email_key.to_owned()), ..WantedInvitations::default() };
        self.list_invitations(&wanted)?.rows.into_iter().for_each(each);
        Ok(())
    }

    fn student(&self, email_key: &str) -> Result<Option<Student>> {
        let mut statement = self.connection.prepare_cached("SELECT record FROM students WHERE email = ?1")?;
        let mut rows = statement.query([digest(&[email_key])])?;
        while let Some(row) = rows.next()? {
            let student: Student = record(row, 0)?;
            if bidden::candidate::email_key(&student.email) == email_key {
                return Ok(Some(student));
            }
        }
        Ok(None)
    }

    fn is_claimed(&self, claim: &str) -> Result<bool> {
        let mut statement = self.connection.prepare_cached("SELECT 1 FROM claims WHERE digest = ?1 AND claim = ?2 LIMIT 1")?;
        statement.exists(params![digest(&[claim]), claim])
    }

    fn holders(&self, claim: &str, each: &mut dyn FnMut(String)) -> Result<()> {
        let mut statement =
            self.connection.prepare_cached("SELECT invitation_id FROM claims WHERE digest = ?1 AND claim = ?2 ORDER BY number")?;
        let mut rows = statement.query(params![digest(&[claim]), claim])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?);
        }
        Ok(())
    }

    fn session(&self, id: &str) -> Result<Option<Session>> {
        let mut statement = self.connection.prepare_cached("SELECT record FROM sessions WHERE id = ?1")?;
        statement.query_row([id], |row| record(row, 0)).optional()
    }

    fn sessions_of(&self, invitation_id: &str) -> Result<Vec<Session>> {
        const SQL: &str = concat!("SELECT record FROM sessions WHERE invitation = ", number_of!("?1"), " ORDER BY number");
        let mut statement = self.connection.prepare_cached(SQL)?;
        statement.query_map([invitation_id], |row| record(row, 0))?.collect()
    }

    fn sessions_in(
        &self,
        task_id: &str,
        external_id: Option<&str>,
        after: Option<&str>,
        each: &mut dyn FnMut(Session) -> bool,
    ) -> Result<()> {
        let condition = if external_id.is_some() { "external = ?2" } else { "?2 IS NULL" };
        let sql = format!(
            "SELECT record FROM sessions WHERE task = ?1 AND {condition}
             AND number > coalesce((SELECT number FROM sessions WHERE id = ?3), 0) ORDER BY number"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let task = test_digest(Platform::TestInvite, task_id);
        let mut rows = statement.query(params![task, external_id.map(|external_id| digest(&[external_id])), after])?;
        while let Some(row) = rows.next()? {
            let session: Session = record(row, 0)?;
            let is_asked_for = session.task_id == task_id && external_id.is_none_or(|id| session.external_id.as_deref() == Some(id));
            if is_asked_for && !each(session) {
                break;
            }
        }
        Ok(())
    }
}

fn prepare(connection: &Connection, durability: Durability) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    // Every query has one plan. Without this SQLite compiles a statement anew for each address that is looked up.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Whoever holds the lock holds it until it stops, so waiting for it is in vain.
    connection.busy_timeout(std::time::Duration::ZERO)?;
    // One process holds the file: what is counted in memory cannot be overtaken, and the lock vanishes with the process.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    let synchronous = match durability {
        Durability::Kill => "NORMAL",
        Durability::PowerLoss => "FULL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    // Random pages are written back less often: 16 MiB of log between two checkpoints, as much cache.
    connection.pragma_update(None, "wal_autocheckpoint", 4096)?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // Takes the lock at once, so that a second sandbox is refused when it starts and not at its first request.
    connection.execute_batch("BEGIN IMMEDIATE; COMMIT;")
}

/// Makes the folders above and, when it is missing, an empty file that only its owner can read.
fn make_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

impl Database {
    /// Whether a file is a snapshot of this version whose every record can be read; `Err` says why not.
    pub(crate) fn check_snapshot(&self, path: &Path) -> std::result::Result<(), String> {
        const NO_SNAPSHOT: &str = "it is no snapshot of a sandbox";
        const BROKEN: &str = "it is broken";
        let no_snapshot = |_| NO_SNAPSHOT.to_owned();
        let snapshot = Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(no_snapshot)?;
        let number = |name: &str| snapshot.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(no_snapshot);
        if number("application_id")? != APPLICATION_ID {
            return Err(NO_SNAPSHOT.to_owned());
        }
        let version = number("user_version")?;
        if version != VERSION {
            return Err(format!("it has version {version}, this program knows {VERSION}"));
        }
        let schema = |connection: &Connection| -> Result<Vec<(String, Option<String>)>> {
            let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        let is_sound = snapshot.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)).is_ok_and(|said| said == "ok");
        // A trigger or a view would be code of somebody else's.
        if !is_sound || schema(&snapshot).ok() != schema(&self.connection).ok() {
            return Err(BROKEN.to_owned());
        }
        let readable = reads::<Invitation>(&snapshot, "invitations")
            .and_then(|()| reads::<Link>(&snapshot, "links"))
            .and_then(|()| reads::<Student>(&snapshot, "students"))
            .and_then(|()| reads::<Session>(&snapshot, "sessions"))
            .and_then(|()| reads::<Message>(&snapshot, "messages"))
            .and_then(|()| reads::<Entry>(&snapshot, "history"))
            .and_then(|()| reads::<Kept>(&snapshot, "callbacks"))
            .and_then(|()| reads::<Due>(&snapshot, "due"))
            .and_then(|()| reads::<Clock>(&snapshot, "clock"))
            .and_then(|()| reads::<serde_json::Value>(&snapshot, "settings"));
        readable.map_err(|error| format!("{BROKEN}: {error}"))
    }
}

/// Reads every record of a table.
fn reads<T: DeserializeOwned>(connection: &Connection, table: &str) -> Result<()> {
    let mut statement = connection.prepare(&format!("SELECT record FROM {table}"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        record::<T>(row, 0)?;
    }
    Ok(())
}

/// Eight bytes that stand for the texts.
pub(crate) fn digest(texts: &[&str]) -> i64 {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text);
        hash.update([0]);
    }
    let bytes: [u8; 32] = hash.finalize().into();
    let mut first = [0; 8];
    first.copy_from_slice(&bytes[..8]);
    i64::from_be_bytes(first)
}

fn email_digest(invitation: &Invitation) -> Option<i64> {
    invitation.email.as_deref().map(|email| digest(&[&bidden::candidate::email_key(email)]))
}

fn rests(invitation: &Invitation) -> Option<i64> {
    if invitation.platform == Platform::Imocha { invitation.rests().map(Time::milliseconds) } else { None }
}

/// As the column `platform` has it; it never changes.
fn platform_number(platform: Platform) -> i64 {
    match platform {
        Platform::Imocha => 0,
        Platform::ThinkExam => 1,
        Platform::TestInvite => 2,
    }
}

pub(crate) fn test_digest(platform: Platform, test_id: &str) -> i64 {
    digest(&[platform.slug(), test_id])
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn record<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T> {
    let text = row
        .get_ref(column)?
        .as_str()
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error)))?;
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error)))
}
