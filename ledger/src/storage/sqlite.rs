//! The record in a SQLite file: one process sends from it at a time, and nothing but a lock file says so.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bidden::{Error, Kind, Time};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use super::{
    Claim, Decided, EMAIL, EXTERNAL, Entry, Found, Intended, Intent, LOOK_UP, Note, Settlement, Storage, Ticket, decide, key_digest,
    resolve, told_of,
};
use crate::record::{Deed, Operation, Record, Standing};
use crate::turns::Pace;
use crate::{Digest, Keys, Place};

/// Raised with every change of the tables. An older record is brought up to date when it is opened, a newer one refused.
const VERSION: i64 = 1;

/// "bidl": tells a ledger from any other SQLite file.
const APPLICATION_ID: i64 = 0x6269_646c;

/// The step from each version to the next.
const MIGRATIONS: [&str; VERSION as usize] = ["
CREATE TABLE place (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, since INTEGER NOT NULL);
CREATE TABLE key (digest INTEGER PRIMARY KEY, invitation INTEGER NOT NULL);
CREATE TABLE invitation (
    id INTEGER PRIMARY KEY, place INTEGER NOT NULL, email TEXT, external TEXT, version INTEGER NOT NULL, operation INTEGER NOT NULL,
    token INTEGER, standing TEXT NOT NULL);
CREATE TABLE operation (
    id INTEGER PRIMARY KEY, invitation INTEGER NOT NULL, previous INTEGER, deed TEXT NOT NULL, intended_at INTEGER NOT NULL,
    request BLOB NOT NULL, asks_for_mail INTEGER NOT NULL, run BLOB, settled_at INTEGER, sent INTEGER, http_status INTEGER, answer BLOB,
    outcome TEXT, error_kind TEXT, email TEXT);
CREATE TABLE chunk (run BLOB NOT NULL, number INTEGER NOT NULL, is_done INTEGER NOT NULL, PRIMARY KEY (run, number)) WITHOUT ROWID;
CREATE TABLE note (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
"];

/// So long an opener waits for the process that has the ledger.
const PATIENCE: Duration = Duration::from_secs(2);

/// The record in a SQLite file.
pub(crate) struct Sqlite {
    connection: Connection,
    /// Held open: the lock goes with it.
    _lock: Option<File>,
    /// Whose intents are under way: the lock says that no other process sends.
    live: Live,
    is_read_only: bool,
    /// Whether the lock of the one sender is held, or nobody else can be there.
    may_send: bool,
    pace: Pace,
}

type Result<T> = std::result::Result<T, Error>;

/// Which intents without an outcome have a worker that is still there.
#[derive(Clone, Copy)]
enum Live {
    /// Those whose token bears the mark of this opening: every other worker is gone, or the lock would not be ours.
    Marked(u32),
    /// All, because somebody holds the lock.
    All,
    /// None, because nobody does.
    None,
}

impl Live {
    fn has(self, token: Option<i64>) -> bool {
        match (self, token) {
            (_, None) | (Live::None, _) => false,
            (Live::All, Some(_)) => true,
            (Live::Marked(mark), Some(token)) => super::mark_of(token) == mark,
        }
    }
}

impl Sqlite {
    /// Opens the record to write: made when it is missing, brought up to date when it is older.
    pub(crate) fn open(path: &Path, mark: u32) -> Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| unusable(path, "cannot be made", error))?;
        }
        make_private(path).map_err(|error| unusable(path, "cannot be opened", error))?;
        let lock = lock(path)?;
        let connection = Connection::open(path).map_err(|error| failed(path, error))?;
        Sqlite::prepare(connection, path, Some(lock), mark)
    }

    /// A record in memory, gone with its owner.
    pub(crate) fn in_memory(mark: u32) -> Result<Self> {
        let path = Path::new(":memory:");
        let connection = Connection::open_in_memory().map_err(|error| failed(path, error))?;
        Sqlite::prepare(connection, path, None, mark)
    }

    /// Opens an existing record to read only, beside whoever writes it.
    pub(crate) fn open_to_read(path: &Path) -> Result<Self> {
        Sqlite::open_beside(path, true)
    }

    /// Opens an existing record to note what is heard, beside whoever sends: nothing that it writes asks for anything, and what is
    /// under way is left alone.
    pub(crate) fn open_to_note(path: &Path) -> Result<Self> {
        let storage = Sqlite::open_beside(path, false)?;
        storage.connection.execute_batch("PRAGMA synchronous = FULL;").map_err(|error| failed(path, error))?;
        Ok(storage)
    }

    fn open_beside(path: &Path, is_read_only: bool) -> Result<Self> {
        if !path.exists() {
            return Err(Error::new(Kind::Storage, format!("there is no ledger at {}", path.display())));
        }
        let mode = if is_read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
        let connection = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(|error| failed(path, error))?;
        connection.busy_timeout(PATIENCE).map_err(|error| failed(path, error))?;
        let version = check(&connection, path)?;
        if version < VERSION {
            let message = format!("the ledger {} is of version {version}; a run that sends brings it up to {VERSION}", path.display());
            return Err(Error::new(Kind::Storage, message));
        }
        let its_own = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let is_held = File::open(lock_path(&its_own)).is_ok_and(|file| file.try_lock_shared().is_err());
        Ok(Sqlite {
            connection,
            _lock: None,
            live: if is_held { Live::All } else { Live::None },
            is_read_only,
            may_send: false,
            pace: Pace::default(),
        })
    }

    fn prepare(connection: Connection, path: &Path, lock: Option<File>, mark: u32) -> Result<Self> {
        let to_error = |error| failed(path, error);
        connection.busy_timeout(PATIENCE).map_err(to_error)?;
        let version = check(&connection, path)?;
        connection.set_prepared_statement_cache_capacity(64);
        // An intent that a power cut can take back would let a second mail out: every commit waits for the disk.
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;
                 PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;",
            )
            .map_err(to_error)?;
        for (step, from) in MIGRATIONS.iter().zip(0_i64..).skip(usize::try_from(version).unwrap_or(0)) {
            let step =
                format!("BEGIN IMMEDIATE; {step} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}; COMMIT;", from + 1);
            connection.execute_batch(&step).map_err(to_error)?;
        }
        // Shows now, before anything is sent, that the record can be written at all.
        connection.execute_batch("BEGIN IMMEDIATE; REPLACE INTO note VALUES ('opened', 'yes'); COMMIT;").map_err(to_error)?;
        Ok(Sqlite { connection, _lock: lock, live: Live::Marked(mark), is_read_only: false, may_send: true, pace: Pace::default() })
    }

    fn within<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let run = |connection: &Connection| {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            let result = work(connection).and_then(|value| connection.execute_batch("COMMIT").map(|()| value));
            if result.is_err() && !connection.is_autocommit() {
                // The first error is the one that says why.
                let _ = connection.execute_batch("ROLLBACK");
            }
            result
        };
        run(&self.connection).map_err(wrong)
    }
}

/// The version of a record, 0 when it is empty.
fn check(connection: &Connection, path: &Path) -> Result<i64> {
    let ask = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let version = ask("user_version").map_err(|error| failed(path, error))?;
    let application = ask("application_id").map_err(|error| failed(path, error))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(|error| failed(path, error))?;
    if tables > 0 && application != APPLICATION_ID {
        return Err(Error::new(Kind::Storage, format!("{} is a database, but not a ledger; name another file", path.display())));
    }
    if version > VERSION {
        let message = format!(
            "the ledger {} was written by a newer version of bidden (ledger {version}, this program knows {VERSION}); use that version",
            path.display()
        );
        return Err(Error::new(Kind::Storage, message));
    }
    Ok(version)
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// One process sends from a ledger at a time: so an intent without an outcome belongs to a process that is gone. The lock ends with
/// the process, however it ends.
fn lock(path: &Path) -> Result<File> {
    // One file has one lock, also under the name of a link to it.
    let lock_path = lock_path(&std::fs::canonicalize(path).map_err(|error| unusable(path, "cannot be opened", error))?);
    let began = Instant::now();
    let mut file = private_file(&lock_path).map_err(|error| unusable(path, "cannot be opened", error))?;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(std::fs::TryLockError::WouldBlock) if began.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(50)),
            Err(std::fs::TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                let who = holder.trim().parse::<u32>().map_or_else(|_| "another process".to_owned(), |id| format!("process {id}"));
                let message =
                    format!("the ledger {} is in use by {who}; wait until it is done, or name another with --ledger", path.display());
                return Err(Error::new(Kind::Storage, message));
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(unusable(path, "cannot be locked", error)),
        }
    }
    // Only for the message above; a full disk is found out by the ledger itself.
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(std::process::id().to_string().as_bytes()));
    Ok(file)
}

fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The record names people: it is for the eyes of its owner.
fn make_private(path: &Path) -> std::io::Result<()> {
    private_file(path).map(drop)
}

fn unusable(path: &Path, what: &str, error: std::io::Error) -> Error {
    Error::new(Kind::Storage, format!("the ledger {} {what}: {error}", path.display())).with_source(error)
}

fn failed(path: &Path, error: rusqlite::Error) -> Error {
    Error::new(Kind::Storage, format!("the ledger {} {}", path.display(), words(&error))).with_source(error)
}

fn wrong(error: rusqlite::Error) -> Error {
    Error::new(Kind::Storage, format!("the ledger {}", words(&error))).with_source(error)
}

fn words(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, PermissionDenied, ReadOnly,
    };
    match error.sqlite_error_code() {
        Some(DatabaseBusy | DatabaseLocked) => "is locked by another program",
        Some(DiskFull) => "cannot be written: the disk is full",
        Some(ReadOnly | PermissionDenied) => "cannot be written: it is read-only",
        Some(CannotOpen) => "cannot be opened",
        Some(DatabaseCorrupt | NotADatabase) => "is damaged, or no ledger",
        _ => "cannot be read or written",
    }
}

fn record_of(row: &Row<'_>, live: Live) -> rusqlite::Result<Record> {
    let standing: String = row.get(7)?;
    Ok(Record {
        id: row.get(0)?,
        place: row.get(1)?,
        email: row.get(2)?,
        external: row.get(3)?,
        version: row.get(4)?,
        operation: row.get(5)?,
        is_live: live.has(row.get(6)?),
        standing: read_standing(&standing)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(7, rusqlite::types::Type::Text, Box::new(error)))?,
    })
}

fn read_standing(text: &str) -> serde_json::Result<Standing> {
    serde_json::from_str(text)
}

const RECORD: &str = "SELECT id, place, email, external, version, operation, token, standing FROM invitation";

fn by_key(connection: &Connection, live: Live, place: i64, kind: u8, key: Option<&str>) -> rusqlite::Result<Option<Record>> {
    let Some(key) = key else { return Ok(None) };
    let mut statement = connection.prepare_cached(
        "SELECT id, place, email, external, version, operation, token, standing FROM invitation
         WHERE id = (SELECT invitation FROM key WHERE digest = ?1)",
    )?;
    statement.query_row([key_digest(place, kind, key)], |row| record_of(row, live)).optional()
}

fn find_one(connection: &Connection, live: Live, place: i64, keys: &Keys) -> rusqlite::Result<Found> {
    let by_email = by_key(connection, live, place, EMAIL, keys.email.as_deref())?;
    let by_external = by_key(connection, live, place, EXTERNAL, keys.external.as_deref())?;
    Ok(resolve(keys, by_email, by_external))
}

fn text_of(standing: &Standing) -> rusqlite::Result<String> {
    serde_json::to_string(standing).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn add_keys(connection: &Connection, place: i64, invitation: i64, keys: &Keys) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("INSERT OR IGNORE INTO key (digest, invitation) VALUES (?1, ?2)")?;
    for (kind, key) in [(EMAIL, &keys.email), (EXTERNAL, &keys.external)] {
        if let Some(key) = key {
            statement.execute(params![key_digest(place, kind, key), invitation])?;
        }
    }
    Ok(())
}

fn intend(connection: &Connection, live: Live, intent: &Intent) -> rusqlite::Result<Intended> {
    let found = find_one(connection, live, intent.place, &intent.keys)?;
    if let Found::One(record) = &found {
        learn_keys(connection, record, &intent.keys)?;
    }
    let Decided { with_mail, reason, closes, request, standing } = match decide(intent, &found) {
        Ok(decided) => decided,
        Err(stay) => return Ok(stay),
    };
    if let Some(operation) = closes {
        close_lost(connection, operation, intent.wish.now)?;
    }
    let record = if let Found::One(record) = found { Some(record) } else { None };
    let mut append = connection.prepare_cached(
        "INSERT INTO operation (invitation, previous, deed, intended_at, request, asks_for_mail, run) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut append = |invitation: i64, previous: Option<i64>| {
        let run = intent.run.as_ref().map(|run| &run.0[..]);
        append.execute(params![
            invitation,
            previous,
            intent.wish.deed.slug(),
            intent.wish.now.milliseconds(),
            &request.0[..],
            with_mail,
            run
        ])?;
        Ok::<i64, rusqlite::Error>(connection.last_insert_rowid())
    };
    let text = text_of(&standing)?;
    let (invitation, operation) = match record {
        Some(record) => {
            let operation = append(record.id, Some(record.operation))?;
            connection
                .prepare_cached(
                    "UPDATE invitation SET version = version + 1, operation = ?2, token = ?3, standing = ?4 WHERE id = ?1 AND version = ?5",
                )?
                .execute(params![record.id, operation, intent.token, text, record.version])?;
            (record.id, operation)
        }
        None => {
            connection
                .prepare_cached(
                    "INSERT INTO invitation (place, email, external, version, operation, token, standing) VALUES (?1, ?2, ?3, 1, 0, ?4, ?5)",
                )?
                .execute(params![intent.place, intent.keys.email, intent.keys.external, intent.token, text])?;
            let invitation = connection.last_insert_rowid();
            let operation = append(invitation, None)?;
            connection.prepare_cached("UPDATE invitation SET operation = ?2 WHERE id = ?1")?.execute(params![invitation, operation])?;
            add_keys(connection, intent.place, invitation, &intent.keys)?;
            (invitation, operation)
        }
    };
    Ok(Intended::Go(Box::new(Ticket { operation, invitation, token: intent.token, with_mail, reason, standing })))
}

/// A key that the record lacks is added, also where nothing is to be sent.
fn learn_keys(connection: &Connection, record: &Record, keys: &Keys) -> rusqlite::Result<()> {
    if keys.adds_to(record) {
        add_keys(connection, record.place, record.id, keys)?;
        connection
            .prepare_cached("UPDATE invitation SET email = coalesce(email, ?2), external = coalesce(external, ?3) WHERE id = ?1")?
            .execute(params![record.id, keys.email, keys.external])?;
    }
    Ok(())
}

fn close_lost(connection: &Connection, operation: i64, at: Time) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE operation SET settled_at = ?2, outcome = 'uncertain', error_kind = 'uncertain',
             email = CASE WHEN asks_for_mail THEN 'uncertain' ELSE 'none' END WHERE id = ?1 AND settled_at IS NULL",
        )?
        .execute(params![operation, at.milliseconds()])?;
    Ok(())
}

fn settle(connection: &Connection, settlement: &Settlement) -> rusqlite::Result<()> {
    let Settlement { operation, invitation, token, at, sent, http_status, answer, standing } = settlement;
    connection
        .prepare_cached(
            "UPDATE operation SET settled_at = ?2, sent = ?3, http_status = ?4, answer = ?5, outcome = ?6, error_kind = ?7, email = ?8
             WHERE id = ?1",
        )?
        .execute(params![
            operation,
            at.milliseconds(),
            sent,
            http_status,
            answer.as_ref().map(|answer| &answer.0[..]),
            standing.disposition.map(bidden::operation::Disposition::slug),
            standing.failure.as_ref().map(|failure| failure.kind.as_str()),
            super::word_of_email(standing.email),
        ])?;
    // Whoever lost his right meanwhile has written his operation above and changes nothing else.
    connection
        .prepare_cached("UPDATE invitation SET version = version + 1, token = NULL, standing = ?3 WHERE id = ?1 AND token = ?2")?
        .execute(params![invitation, token, text_of(standing)?])?;
    Ok(())
}

const OPERATION: &str = "SELECT id, previous, deed, intended_at, request, asks_for_mail, settled_at, sent, http_status, answer, outcome, \
                         error_kind, email, run FROM operation WHERE id = ?1";

fn operation_of(row: &Row<'_>) -> rusqlite::Result<Operation> {
    let digest = |column: usize| -> rusqlite::Result<Option<Digest>> {
        let bytes: Option<Vec<u8>> = row.get(column)?;
        Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(Digest))
    };
    let deed: String = row.get(2)?;
    Ok(Operation {
        id: row.get(0)?,
        previous: row.get(1)?,
        deed: Deed::from_slug(&deed).unwrap_or(LOOK_UP),
        intended_at: Time::from_milliseconds(row.get(3)?),
        request: digest(4)?.unwrap_or_default(),
        asks_for_mail: row.get(5)?,
        settled_at: row.get::<_, Option<i64>>(6)?.map(Time::from_milliseconds),
        sent: row.get(7)?,
        http_status: row.get(8)?,
        answer: digest(9)?,
        outcome: row.get(10)?,
        error_kind: row.get(11)?,
        email: row.get(12)?,
        run: digest(13)?,
    })
}

fn operations(connection: &Connection, last: i64) -> rusqlite::Result<Vec<Operation>> {
    let mut found = Vec::new();
    let mut next = Some(last);
    while let Some(id) = next {
        let Some(operation) = connection.prepare_cached(OPERATION)?.query_row([id], operation_of).optional()? else { break };
        next = operation.previous;
        found.push(operation);
    }
    found.reverse();
    Ok(found)
}

impl Storage for Sqlite {
    fn place(&mut self, place: &Place) -> Result<i64> {
        let name = place.name();
        let known = || self.connection.query_row("SELECT id FROM place WHERE name = ?1", [&name], |row| row.get(0)).optional();
        if let Some(number) = known().map_err(wrong)? {
            return Ok(number);
        }
        if self.is_read_only {
            // No row bears it: whoever only reads finds nobody there.
            return Ok(0);
        }
        self.within(|connection| {
            connection
                .prepare_cached("INSERT OR IGNORE INTO place (name, since) VALUES (?1, ?2)")?
                .execute(params![name, crate::clock::now().milliseconds()])?;
            connection.query_row("SELECT id FROM place WHERE name = ?1", [&name], |row| row.get(0))
        })
    }

    fn find(&mut self, wanted: &[(i64, Keys)]) -> Result<Vec<Found>> {
        wanted
            .iter()
            .map(|(place, keys)| find_one(&self.connection, self.live, *place, keys))
            .collect::<rusqlite::Result<_>>()
            .map_err(wrong)
    }

    fn write(&mut self, settlements: &[Settlement], intents: &[Intent]) -> Result<Vec<Intended>> {
        if !self.may_send && !self.is_read_only {
            return Err(Error::new(Kind::Storage, "the ledger was opened to note callbacks, not to send"));
        }
        let live = self.live;
        self.within(|connection| {
            settlements.iter().try_for_each(|settlement| settle(connection, settlement))?;
            intents.iter().map(|intent| intend(connection, live, intent)).collect()
        })
    }

    fn note(&mut self, notes: &[Note]) -> Result<()> {
        self.within(|connection| {
            for note in notes {
                let previous: Option<i64> = connection
                    .prepare_cached("SELECT operation FROM invitation WHERE id = ?1 AND version = ?2")?
                    .query_row(params![note.invitation, note.version], |row| row.get(0))
                    .optional()?;
                let Some(previous) = previous else { continue };
                if let Some(lost) = note.closes {
                    close_lost(connection, lost, note.at)?;
                }
                connection
                    .prepare_cached(
                        "INSERT INTO operation (invitation, previous, deed, intended_at, request, asks_for_mail, settled_at, outcome, email, answer)
                         VALUES (?1, ?2, ?3, ?4, ?7, 0, ?4, ?5, ?6, ?8)",
                    )?
                    .execute(params![
                        note.invitation,
                        previous,
                        note.deed().slug(),
                        note.at.milliseconds(),
                        note.outcome(),
                        super::word_of_email(note.standing.email),
                        &note.request().0[..],
                        note.answer().map(|answer| answer.0.to_vec()),
                    ])?;
                let operation = connection.last_insert_rowid();
                connection
                    .prepare_cached(
                        "UPDATE invitation SET version = version + 1, operation = ?2, token = NULL, standing = ?3 WHERE id = ?1",
                    )?
                    .execute(params![note.invitation, operation, text_of(&note.standing)?])?;
            }
            Ok(())
        })
    }

    fn renew(&mut self) -> Result<()> {
        // The lock of the file is the lease.
        Ok(())
    }

    fn history(&mut self, email_key: &str) -> Result<Vec<Entry>> {
        let places = self.places()?;
        let connection = &self.connection;
        let mut entries = Vec::new();
        for (id, place) in places {
            if let Some(record) = by_key(connection, self.live, id, EMAIL, Some(email_key)).map_err(wrong)? {
                let operations = operations(connection, record.operation).map_err(wrong)?;
                entries.push(Entry { place, record, operations });
            }
        }
        Ok(entries)
    }

    fn of_invitation_id(&mut self, id: &str) -> Result<Vec<Record>> {
        let mut statement =
            self.connection.prepare_cached(&format!("{RECORD} WHERE instr(standing, ?1) > 0 ORDER BY id")).map_err(wrong)?;
        let found = statement.query_map([told_of(id)], |row| record_of(row, self.live)).map_err(wrong)?;
        let mut found: Vec<Record> = found.collect::<rusqlite::Result<_>>().map_err(wrong)?;
        found.retain(|record| record.standing.invitation_id.as_deref() == Some(id));
        Ok(found)
    }

    fn each(&mut self, place: Option<i64>, each: &mut dyn FnMut(i64, Record) -> Result<bool>) -> Result<()> {
        let mut statement = self.connection.prepare(&format!("{RECORD} WHERE ?1 IS NULL OR place = ?1 ORDER BY id")).map_err(wrong)?;
        let mut rows = statement.query([place]).map_err(wrong)?;
        while let Some(row) = rows.next().map_err(wrong)? {
            let record = record_of(row, self.live).map_err(wrong)?;
            if !each(record.place, record)? {
                break;
            }
        }
        Ok(())
    }

    fn places(&mut self) -> Result<Vec<(i64, Place)>> {
        let mut statement = self.connection.prepare("SELECT id, name FROM place ORDER BY id").map_err(wrong)?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).map_err(wrong)?;
        let mut places = Vec::new();
        for row in rows {
            let (id, name) = row.map_err(wrong)?;
            let place = serde_json::from_str(&name)
                .map_err(|error| Error::new(Kind::Storage, "the ledger names a place that cannot be read").with_source(error))?;
            places.push((id, place));
        }
        Ok(places)
    }

    fn operations(&mut self, last: i64) -> Result<Vec<Operation>> {
        operations(&self.connection, last).map_err(wrong)
    }

    fn since(&mut self, place: i64) -> Result<Option<Time>> {
        let ask = || self.connection.query_row("SELECT since FROM place WHERE id = ?1", [place], |row| row.get(0)).optional();
        let first: Option<i64> = ask().map_err(wrong)?;
        Ok(first.map(Time::from_milliseconds))
    }

    fn claim(&mut self, run: Digest, chunk: i64) -> Result<Claim> {
        let is_done: Option<bool> = self
            .connection
            .prepare_cached("SELECT is_done FROM chunk WHERE run = ?1 AND number = ?2")
            .and_then(|mut statement| statement.query_row(params![&run.0[..], chunk], |row| row.get(0)).optional())
            .map_err(wrong)?;
        Ok(if is_done == Some(true) { Claim::Done } else { Claim::Mine })
    }

    fn finish(&mut self, run: Digest, chunk: i64) -> Result<()> {
        self.within(|connection| {
            connection.prepare_cached("REPLACE INTO chunk (run, number, is_done) VALUES (?1, ?2, 1)")?.execute(params![&run.0[..], chunk])
        })
        .map(drop)
    }

    fn note_of(&mut self, name: &str) -> Result<Option<String>> {
        let ask = || self.connection.query_row("SELECT text FROM note WHERE name = ?1", [name], |row| row.get(0)).optional();
        ask().map_err(wrong)
    }

    fn keep_note(&mut self, name: &str, text: &str) -> Result<()> {
        self.within(|connection| connection.execute("REPLACE INTO note (name, text) VALUES (?1, ?2)", [name, text])).map(drop)
    }

    fn take_turns(&mut self, name: &str, per_second: f64, count: u32) -> Result<Duration> {
        Ok(self.pace.take(name, per_second, count))
    }
}
