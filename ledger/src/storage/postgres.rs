//! The record in PostgreSQL (12 or newer): any number of workers on any number of machines send from it.
//!
//! Every step of a row is one conditional statement that is right at READ COMMITTED: what another worker changed first is read
//! and judged again. No lock outlives a batch. A worker is alive as long as its one row in `bidden_worker` says so, by the clock
//! of the database; what it has begun (an intent's token and a claimed chunk bear its mark) is its own until then.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

use bidden::{Error, Kind, Time};
use percent_encoding::percent_decode_str;
use postgres::config::{Host, SslMode};
use postgres::types::ToSql;
use postgres::{Client, Config, NoTls, Row, Statement};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    Claim, Decided, EMAIL, EXTERNAL, Entry, Found, Intended, Intent, LOOK_UP, Note, Settlement, Storage, Ticket, decide, key_digest,
    resolve, told_of,
};
use crate::law::Reason;
use crate::record::{Deed, Operation, Record, Standing};
use crate::{Digest, Keys, Place};

/// Raised with every change of the tables. An older record is brought up to date when it is opened, a newer one refused.
const VERSION: i32 = 1;

/// The step from each version to the next. Rows of `bidden_invitation` and `bidden_operation` are rewritten soon after they are
/// made: with room left in their pages no index has to follow.
const MIGRATIONS: [&str; VERSION as usize] = ["
CREATE TABLE bidden_place (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, digest bytea NOT NULL UNIQUE, name text NOT NULL, since bigint NOT NULL);
CREATE TABLE bidden_invitation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, place bigint NOT NULL, email text, external text, email_key bigint UNIQUE,
    external_key bigint UNIQUE, version bigint NOT NULL, operation bigint NOT NULL, token bigint, standing text NOT NULL)
    WITH (fillfactor = 60);
CREATE SEQUENCE bidden_operation_id;
CREATE TABLE bidden_operation (
    id bigint PRIMARY KEY, invitation bigint NOT NULL, previous bigint, deed text NOT NULL, intended_at bigint NOT NULL,
    request bytea NOT NULL, asks_for_mail boolean NOT NULL, run bytea, settled_at bigint, sent bigint, http_status integer,
    answer bytea, outcome text, error_kind text, email text)
    WITH (fillfactor = 60);
CREATE TABLE bidden_chunk (
    run bytea, number bigint, worker integer NOT NULL, is_done boolean NOT NULL, PRIMARY KEY (run, number));
CREATE TABLE bidden_note (name text PRIMARY KEY, text text NOT NULL);
CREATE TABLE bidden_rate (name text PRIMARY KEY, next_at timestamptz NOT NULL);
CREATE TABLE bidden_worker (mark integer PRIMARY KEY, lease_until timestamptz NOT NULL);
"];

/// Two programs that open a ledger at once bring it up to date one after the other.
const MIGRATION_LOCK: i64 = 0x6269_6464_656e_6c67;

/// What every session says first. Statements are planned for the values they are given: a plan made while the tables were empty
/// reads them from end to end for ever.
const SESSION: &str = "SET synchronous_commit = on; SET default_transaction_isolation = 'read committed';
    SET plan_cache_mode = force_custom_plan; SET jit = off; SET lock_timeout = '10s'; SET client_min_messages = warning";

/// So many invitations are read at once.
const PAGE: i64 = 1000;

/// So long something is tried again at least, however short the lease is.
const PATIENCE: Duration = Duration::from_secs(10);

/// The first pause before something is tried again; each is twice as long as the one before, up to a second.
const PAUSE: Duration = Duration::from_millis(10);

type Result<T, E = Error> = std::result::Result<T, E>;

/// Where a ledger is, and how it is reached.
#[derive(Clone)]
pub(crate) struct Server {
    config: Config,
    tls: MakeRustlsConnect,
    location: String,
}

impl Server {
    /// The server and the database of a URL. What the driver says of a URL it cannot read may hold a part of the password.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let wrong = |what: &str| Error::new(Kind::Configuration, format!("the ledger's PostgreSQL URL cannot be read: {what}"));
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let mut roots = None;
        let mut known = Vec::new();
        for option in query.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("sslrootcert", path)) => roots = Some(percent_decode_str(path).decode_utf8_lossy().into_owned()),
                // Whatever is required is verified, the name of the host too.
                Some(("sslmode", "verify-ca" | "verify-full")) => known.push("sslmode=require"),
                _ => known.push(option),
            }
        }
        let mut config: Config = format!("{address}?{}", known.join("&")).parse().map_err(|_| {
            wrong("postgres://user@host:port/database?sslmode=require is expected, sslmode being disable, prefer or require")
        })?;
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        if config.get_application_name().is_none() {
            config.application_name("bidden");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        // A connection that a network has forgotten is found out well before the lease runs out.
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(Duration::from_secs(15));
        }
        config.keepalives_idle(Duration::from_secs(10)).keepalives_interval(Duration::from_secs(5)).keepalives_retries(2);
        let location = location(&config);
        Ok(Server { tls: tls(roots.as_deref()).map_err(|why| wrong(&why))?, config, location })
    }

    /// Host and database, without user and password.
    pub(crate) fn location(&self) -> &str {
        &self.location
    }

    fn connect(&self) -> Result<Client, postgres::Error> {
        match self.config.connect(self.tls.clone()) {
            // Preferred is not required: a certificate that nobody here trusts is worth no less than no encryption.
            Err(error) if self.config.get_ssl_mode() == SslMode::Prefer && error.as_db_error().is_none() => {
                let mut plain = self.config.clone();
                plain.ssl_mode(SslMode::Disable).connect(NoTls).map_err(|_| error)
            }
            result => result,
        }
    }

    fn error(&self, error: &postgres::Error) -> Error {
        let words = match error.code().map(postgres::error::SqlState::code) {
            Some("40P01" | "40001" | "55P03" | "23505") => "is locked by another program".to_owned(),
            Some("53100") => "cannot be written: the disk is full".to_owned(),
            Some("25006") => "cannot be written: it is read-only".to_owned(),
            Some("42501" | "3F000") => "may not be used by this database user".to_owned(),
            Some("28P01" | "28000") => "refuses the user or the password".to_owned(),
            Some("3D000") => "is missing: there is no such database".to_owned(),
            Some("53300") => "has no connection to spare".to_owned(),
            Some("42P01" | "42703") => "is damaged, or no ledger".to_owned(),
            Some(code) => format!("cannot be read or written (SQLSTATE {code})"),
            None => {
                // What the server says of a row may hold personal data, so only what the driver says is passed on.
                let cause = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
                format!("cannot be reached: {error}{cause}")
            }
        };
        Error::new(Kind::Storage, format!("the ledger {} {words}", self.location))
    }
}

fn location(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        None => config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default(),
    };
    let port = config.get_ports().first().map_or_else(String::new, |port| format!(":{port}"));
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("postgres://{host}{port}/{database}")
}

fn tls(roots: Option<&str>) -> Result<MakeRustlsConnect, String> {
    let mut store = rustls::RootCertStore::empty();
    match roots {
        Some(path) => {
            let unreadable = |error: &dyn std::fmt::Display| format!("sslrootcert {path}: {error}");
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))? {
                store.add(certificate.map_err(|error| unreadable(&error))?).map_err(|error| unreadable(&error))?;
            }
            if store.is_empty() {
                return Err(unreadable(&"it holds no certificate"));
            }
        }
        None => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let config = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Why something was not done.
enum Fault {
    Database(postgres::Error),
    Ledger(Error),
}

impl From<postgres::Error> for Fault {
    fn from(error: postgres::Error) -> Self {
        Fault::Database(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault::Ledger(error)
    }
}

impl Fault {
    /// Whether the same may succeed in a moment: the connection is gone, or another worker was in the way.
    fn is_passing(&self) -> bool {
        match self {
            Fault::Ledger(_) => false,
            Fault::Database(error) => match error.code().map(postgres::error::SqlState::code) {
                // Deadlock, serialization failure, lock not available; a key that another worker has added first; too many
                // connections; the server ends, or begins.
                Some(code) => matches!(code, "40P01" | "40001" | "55P03" | "23505" | "53300" | "57P01" | "57P02" | "57P03" | "08006"),
                None => error.is_closed() || std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>),
            },
        }
    }
}

/// The record in a PostgreSQL database.
pub(crate) struct Postgres {
    server: Server,
    session: Option<Session>,
    mark: i32,
    lease: Duration,
    renewed: Instant,
    read_only: bool,
}

/// One connection, with its prepared statements.
struct Session {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

/// A record, and whose intent is under way in it.
struct Line {
    record: Record,
    token: Option<i64>,
}

impl Postgres {
    /// Opens the record: to write, its tables are made when they are missing and brought up to date when they are older.
    pub(crate) fn open(server: Server, mark: u32, lease: Duration, read_only: bool) -> Result<Self> {
        let location = server.location().to_owned();
        let none = || Error::new(Kind::Storage, format!("there is no ledger at {location}"));
        Postgres::open_if_there(server, mark, lease, read_only)?.ok_or_else(none)
    }

    /// As [`Postgres::open`]; `None` where there is nothing to read.
    pub(crate) fn open_if_there(server: Server, mark: u32, lease: Duration, read_only: bool) -> Result<Option<Self>> {
        let mut storage = Postgres { server, session: None, mark: mark.cast_signed(), lease, renewed: Instant::now(), read_only };
        let mut session = storage.connect().map_err(|error| storage.error(error))?;
        let prepared = if read_only {
            session.check(storage.server.location()).and_then(|version| match version {
                None => Ok(false),
                Some(version) if version < VERSION => {
                    let location = storage.server.location();
                    let message = format!("the ledger {location} is of version {version}; a run that sends brings it up to {VERSION}");
                    Err(Error::new(Kind::Storage, message).into())
                }
                Some(_) => Ok(true),
            })
        } else {
            session.bring_up_to_date(storage.server.location()).and_then(|()| session.register(storage.mark, lease)).map(|()| true)
        };
        let is_there = prepared.map_err(|fault| storage.error(fault))?;
        storage.session = Some(session);
        storage.renewed = Instant::now();
        Ok(is_there.then_some(storage))
    }

    fn connect(&self) -> Result<Session, Fault> {
        let mut client = self.server.connect()?;
        client.batch_execute(SESSION)?;
        if self.read_only {
            client.batch_execute("SET default_transaction_read_only = on")?;
        }
        Ok(Session { client, statements: HashMap::new() })
    }

    fn error(&self, fault: impl Into<Fault>) -> Error {
        match fault.into() {
            Fault::Database(error) => self.server.error(&error),
            Fault::Ledger(error) => error,
        }
    }

    /// Does something, on a new connection when the old one is gone, and again when another worker was in the way: for half a
    /// lease, or a little while where that is longer.
    fn attempt<T>(&mut self, mut work: impl FnMut(&mut Session) -> Result<T, Fault>) -> Result<T> {
        let began = Instant::now();
        // Two workers that were in each other's way come back at different times.
        let mut pause = PAUSE + Duration::from_millis(u64::from(self.mark.cast_unsigned() % 16));
        loop {
            let fault = match self.try_once(&mut work) {
                Ok(value) => return Ok(value),
                Err(fault) => fault,
            };
            // A session that cannot even take back what it began is of no use.
            self.session = self.session.take().filter(|session| !session.client.is_closed());
            if let Some(session) = &mut self.session
                && session.client.batch_execute("ROLLBACK").is_err()
            {
                self.session = None;
            }
            if !fault.is_passing() || began.elapsed() + pause > PATIENCE.max(self.lease / 2) {
                return Err(self.error(fault));
            }
            if let Fault::Database(error) = &fault {
                let state = error.code().map_or("none", postgres::error::SqlState::code);
                tracing::debug!(sqlstate = state, connected = self.session.is_some(), "the ledger's batch is tried again");
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    fn try_once<T>(&mut self, work: &mut impl FnMut(&mut Session) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.session.is_none() {
            self.session = Some(self.connect()?);
        }
        match &mut self.session {
            Some(session) => work(session),
            None => Err(Error::new(Kind::Internal, "the ledger has no connection").into()),
        }
    }

    /// Renews the lease when it is time, in the middle of what takes long.
    fn keep_lease(&mut self) -> Result<()> {
        if self.renewed.elapsed() < self.lease / 3 { Ok(()) } else { self.renew() }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Nobody sends through this ledger any more: what is left open need not wait for the lease to run out.
        if let Some(session) = self.session.as_mut().filter(|_| !self.read_only) {
            let _ = session.client.execute("DELETE FROM bidden_worker WHERE mark = $1", &[&self.mark]);
        }
    }
}

macro_rules! record {
    () => {
        "SELECT i.id, i.place, i.email, i.external, i.version, i.operation, w.mark IS NOT NULL, i.standing, i.token, i.email_key,
         i.external_key FROM bidden_invitation i
         LEFT JOIN bidden_worker w ON w.mark = (i.token >> 32)::integer AND w.lease_until > now() "
    };
}

const FIND: &str = concat!(record!(), "WHERE i.email_key = ANY($1) UNION ALL ", record!(), "WHERE i.external_key = ANY($2)");

const HISTORY: &str = concat!(record!(), "WHERE i.email_key = ANY($1) ORDER BY i.place");

const OF_ID: &str = concat!(record!(), "WHERE strpos(i.standing, $1) > 0 ORDER BY i.id");

const EACH: &str = concat!(record!(), "WHERE i.id > $1 AND ($2::bigint IS NULL OR i.place = $2) ORDER BY i.id LIMIT $3");

const OPERATIONS: &str = "
WITH RECURSIVE chain AS (
    SELECT o.*, 0 AS depth FROM bidden_operation o WHERE o.id = $1
    UNION ALL SELECT o.*, chain.depth + 1 FROM chain JOIN bidden_operation o ON o.id = chain.previous)
SELECT id, previous, deed, intended_at, request, asks_for_mail, settled_at, sent, http_status, answer, outcome, error_kind, email, run
FROM chain ORDER BY depth DESC";

/// Whoever lost his right meanwhile writes his operation and changes nothing else.
const SETTLE: &str = "
WITH done AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::integer[], $7::bytea[], $8::text[],
        $9::text[], $10::text[], $11::text[])
    AS done (operation, invitation, token, at, sent, http_status, answer, outcome, error_kind, email, standing)),
written AS (
    UPDATE bidden_operation o SET settled_at = done.at, sent = done.sent, http_status = done.http_status, answer = done.answer,
        outcome = done.outcome, error_kind = done.error_kind, email = done.email
    FROM done WHERE o.id = done.operation)
UPDATE bidden_invitation i SET version = i.version + 1, token = NULL, standing = done.standing
FROM done WHERE i.id = done.invitation AND i.token = done.token";

macro_rules! wish {
    () => {
        "WITH wish AS (
            SELECT *, nextval('bidden_operation_id') AS operation
            FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::text[],
                $9::bigint[], $10::bytea[], $11::boolean[], $12::bytea[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[])
            AS wish (token, place, email, external, email_key, external_key, standing, deed, at, request, asks_for_mail, run, invitation,
                version, previous, closes)), "
    };
}

/// What another worker made first is not made again.
const INTEND_NEW: &str = concat!(
    wish!(),
    "taken AS (
        INSERT INTO bidden_invitation (place, email, external, email_key, external_key, version, operation, token, standing)
        SELECT place, email, external, email_key, external_key, 1, operation, token, standing FROM wish
        ON CONFLICT DO NOTHING RETURNING token, id AS invitation, operation),
    written AS (
        INSERT INTO bidden_operation (id, invitation, deed, intended_at, request, asks_for_mail, run)
        SELECT operation, taken.invitation, deed, at, request, asks_for_mail, run FROM taken JOIN wish USING (operation))
    SELECT token, invitation, operation FROM taken"
);

/// What another worker changed first is left alone.
const INTEND_KNOWN: &str = concat!(
    wish!(),
    "taken AS (
        UPDATE bidden_invitation i SET version = i.version + 1, operation = wish.operation, token = wish.token,
            standing = wish.standing, email = coalesce(i.email, wish.email), external = coalesce(i.external, wish.external),
            email_key = coalesce(i.email_key, wish.email_key), external_key = coalesce(i.external_key, wish.external_key)
        FROM wish WHERE i.id = wish.invitation AND i.version = wish.version RETURNING wish.*),
    closed AS (
        UPDATE bidden_operation o SET settled_at = taken.at, outcome = 'uncertain', error_kind = 'uncertain',
            email = CASE WHEN o.asks_for_mail THEN 'uncertain' ELSE 'none' END
        FROM taken WHERE o.id = taken.closes AND o.settled_at IS NULL),
    written AS (
        INSERT INTO bidden_operation (id, invitation, previous, deed, intended_at, request, asks_for_mail, run)
        SELECT operation, invitation, previous, deed, at, request, asks_for_mail, run FROM taken)
    SELECT token, invitation, operation FROM taken"
);

/// A key that the record lacks is added, also where nothing is to be sent.
const LEARN: &str = "
UPDATE bidden_invitation i SET email = coalesce(i.email, learned.email), external = coalesce(i.external, learned.external),
    email_key = coalesce(i.email_key, learned.email_key), external_key = coalesce(i.external_key, learned.external_key)
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
    AS learned (invitation, email, external, email_key, external_key)
WHERE i.id = learned.invitation";

const NOTE: &str = "
WITH seen AS (
    SELECT *, nextval('bidden_operation_id') AS operation
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[], $10::bytea[])
    AS seen (invitation, version, closes, at, standing, outcome, email, deed, request, answer)),
taken AS (
    UPDATE bidden_invitation i SET version = i.version + 1, operation = seen.operation, token = NULL, standing = seen.standing
    FROM seen JOIN bidden_invitation before ON before.id = seen.invitation
    WHERE i.id = seen.invitation AND i.version = seen.version RETURNING seen.*, before.operation AS previous),
closed AS (
    UPDATE bidden_operation o SET settled_at = taken.at, outcome = 'uncertain', error_kind = 'uncertain',
        email = CASE WHEN o.asks_for_mail THEN 'uncertain' ELSE 'none' END
    FROM taken WHERE o.id = taken.closes AND o.settled_at IS NULL)
INSERT INTO bidden_operation (id, invitation, previous, deed, intended_at, request, asks_for_mail, settled_at, outcome, email, answer)
SELECT operation, invitation, previous, deed, at, request, false, at, outcome, email, answer FROM taken";

/// Whether a chunk is done, and whether it is another worker's who is still there.
const CLAIMED: &str = "
SELECT c.is_done, w.mark IS NOT NULL FROM bidden_chunk c
LEFT JOIN bidden_worker w ON w.mark = c.worker AND w.mark <> $3 AND w.lease_until > now()
WHERE c.run = $1 AND c.number = $2";

const CLAIM: &str = "
INSERT INTO bidden_chunk AS c (run, number, worker, is_done) VALUES ($1, $2, $3, false)
ON CONFLICT (run, number) DO UPDATE SET worker = excluded.worker
WHERE NOT c.is_done AND (c.worker = excluded.worker
    OR NOT EXISTS (SELECT FROM bidden_worker w WHERE w.mark = c.worker AND w.lease_until > now()))
RETURNING true";

const TAKE_TURNS: &str = "
INSERT INTO bidden_rate AS r (name, next_at) VALUES ($1, clock_timestamp() + $2::float8 * interval '1 second')
ON CONFLICT (name) DO UPDATE SET next_at = greatest(r.next_at, clock_timestamp()) + $2::float8 * interval '1 second'
RETURNING extract(epoch FROM next_at - clock_timestamp())::float8 - $2::float8";

/// An intent that is to be written.
struct Chosen<'a> {
    index: usize,
    intent: &'a Intent,
    decided: Decided,
    record: Option<Box<Record>>,
    email_key: Option<i64>,
    external_key: Option<i64>,
}

impl Session {
    fn statement(&mut self, sql: &'static str) -> Result<Statement, Fault> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    fn query(&mut self, sql: &'static str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Fault> {
        let statement = self.statement(sql)?;
        Ok(self.client.query(&statement, parameters)?)
    }

    fn execute(&mut self, sql: &'static str, parameters: &[&(dyn ToSql + Sync)]) -> Result<u64, Fault> {
        let statement = self.statement(sql)?;
        Ok(self.client.execute(&statement, parameters)?)
    }

    fn within<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.client.batch_execute("BEGIN")?;
        let value = work(self)?;
        self.client.batch_execute("COMMIT")?;
        Ok(value)
    }

    /// The version of the record; `None` when there is none.
    fn check(&mut self, location: &str) -> Result<Option<i32>, Fault> {
        let row = self.client.query_one(
            "SELECT to_regclass('bidden_version') IS NOT NULL, to_regclass('bidden_invitation') IS NOT NULL
                 OR to_regclass('bidden_operation') IS NOT NULL OR to_regclass('bidden_place') IS NOT NULL",
            &[],
        )?;
        if !row.try_get::<_, bool>(0)? {
            return match row.try_get(1)? {
                false => Ok(None),
                true => {
                    let message = format!("{location} has tables of a ledger's names, but is none; name another database or search path");
                    Err(Error::new(Kind::Storage, message).into())
                }
            };
        }
        let version: i32 = self.client.query_one("SELECT version FROM bidden_version", &[])?.try_get(0)?;
        if version > VERSION {
            let message = format!(
                "the ledger {location} was written by a newer version of bidden (ledger {version}, this program knows {VERSION}); use that \
                 version"
            );
            return Err(Error::new(Kind::Storage, message).into());
        }
        Ok(Some(version))
    }

    fn bring_up_to_date(&mut self, location: &str) -> Result<(), Fault> {
        if self.check(location)? == Some(VERSION) {
            return Ok(());
        }
        // Before the transaction begins: one that is under way does not look again for tables that it found missing.
        self.client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK])?;
        self.within(|session| {
            // Whoever had the lock before may have done it.
            let version = session.check(location)?;
            if version.is_none() {
                session
                    .client
                    .batch_execute("CREATE TABLE bidden_version (version integer NOT NULL); INSERT INTO bidden_version VALUES (0)")?;
            }
            for step in MIGRATIONS.iter().skip(usize::try_from(version.unwrap_or(0)).unwrap_or(0)) {
                session.client.batch_execute(step)?;
            }
            session.client.execute("UPDATE bidden_version SET version = $1", &[&VERSION])?;
            Ok(())
        })?;
        self.client.execute("SELECT pg_advisory_unlock($1)", &[&MIGRATION_LOCK])?;
        Ok(())
    }

    /// Says for the first time that this worker is there, and shows that the record can be written at all.
    fn register(&mut self, mark: i32, lease: Duration) -> Result<(), Fault> {
        self.client.execute("DELETE FROM bidden_worker WHERE lease_until < now() - interval '1 day'", &[])?;
        let registered = self.client.execute(
            "INSERT INTO bidden_worker (mark, lease_until) VALUES ($1, now() + $2::float8 * interval '1 second') ON CONFLICT DO NOTHING",
            &[&mark, &lease.as_secs_f64()],
        )?;
        if registered == 0 {
            return Err(Error::new(Kind::Storage, "another worker has drawn the same mark; try again").into());
        }
        Ok(())
    }

    /// Says that a worker is still there.
    fn renew(&mut self, mark: i32, lease: Duration) -> Result<(), Fault> {
        self.execute(
            "INSERT INTO bidden_worker (mark, lease_until) VALUES ($1, now() + $2::float8 * interval '1 second')
             ON CONFLICT (mark) DO UPDATE SET lease_until = excluded.lease_until",
            &[&mark, &lease.as_secs_f64()],
        )?;
        Ok(())
    }

    /// What is found under the keys of candidates, by the digests of all keys of what was found.
    fn lines<'a>(&mut self, wanted: impl Iterator<Item = (i64, &'a Keys)>) -> Result<HashMap<i64, Rc<Line>>, Fault> {
        let (mut by_email, mut by_external) = (Vec::new(), Vec::new());
        for (place, keys) in wanted {
            let (email, external) = digests(place, keys);
            by_email.extend(email);
            by_external.extend(external);
        }
        let mut lines = HashMap::new();
        for row in self.query(FIND, &[&by_email, &by_external])? {
            let line = Rc::new(line_of(&row)?);
            for column in [9, 10] {
                if let Some(key) = row.try_get::<_, Option<i64>>(column)? {
                    lines.insert(key, Rc::clone(&line));
                }
            }
        }
        Ok(lines)
    }

    fn settle(&mut self, settlements: &[Settlement]) -> Result<(), Fault> {
        if settlements.is_empty() {
            return Ok(());
        }
        // Whoever locks in the same order waits instead of dying.
        let mut done: Vec<&Settlement> = settlements.iter().collect();
        done.sort_by_key(|settlement| settlement.invitation);
        let standings = done.iter().map(|settlement| text_of(&settlement.standing)).collect::<Result<Vec<_>, _>>()?;
        let outcomes = column(&done, |settlement| settlement.standing.disposition.map(bidden::operation::Disposition::slug));
        let kinds = column(&done, |settlement| settlement.standing.failure.as_ref().map(|failure| failure.kind.as_str()));
        self.execute(
            SETTLE,
            &[
                &column(&done, |settlement| settlement.operation),
                &column(&done, |settlement| settlement.invitation),
                &column(&done, |settlement| settlement.token),
                &column(&done, |settlement| settlement.at.milliseconds()),
                &column(&done, |settlement| i64::from(settlement.sent)),
                &column(&done, |settlement| settlement.http_status.map(i32::from)),
                &column(&done, |settlement| settlement.answer.as_ref().map(|answer| &answer.0[..])),
                &outcomes,
                &kinds,
                &column(&done, |settlement| super::word_of_email(settlement.standing.email)),
                &standings,
            ],
        )?;
        Ok(())
    }

    /// Writes intents, and answers them in their order. `reasons` keeps why each is sent, for the time when the answer to a commit
    /// that arrived is lost.
    fn intend(&mut self, intents: &[Intent], reasons: &mut HashMap<i64, Reason>) -> Result<Vec<Intended>, Fault> {
        let mut answers: Vec<Option<Intended>> = vec![None; intents.len()];
        let mut open: Vec<usize> = (0..intents.len()).collect();
        while !open.is_empty() {
            let lines = self.lines(open.iter().map(|&index| (intents[index].place, &intents[index].keys)))?;
            let mut again = Vec::new();
            let (mut chosen, mut learned) = (Vec::new(), Vec::new());
            let (mut keys_chosen, mut records_chosen) = (HashSet::new(), HashSet::new());
            for index in open {
                let intent = &intents[index];
                let (email_key, external_key) = digests(intent.place, &intent.keys);
                let keys = || email_key.into_iter().chain(external_key);
                let mut found = keys().filter_map(|key| lines.get(&key));
                if let Some(line) = found.clone().find(|line| line.token == Some(intent.token)) {
                    // The commit arrived, its answer did not.
                    let reason = reasons.get(&intent.token).copied().unwrap_or(Reason::Resolve);
                    answers[index] = Some(ticket(intent, reason, line.record.id, line.record.operation, line.record.standing.clone()));
                    continue;
                }
                // The same candidate twice in a batch: the second is judged when the first is written.
                if keys().any(|key| keys_chosen.contains(&key)) || found.any(|line| records_chosen.contains(&line.record.id)) {
                    again.push(index);
                    continue;
                }
                let found = found_in(&lines, intent.place, &intent.keys);
                let decided = decide(intent, &found);
                let record = if let Found::One(record) = found { Some(record) } else { None };
                let is_new_key = record.as_ref().is_some_and(|record| intent.keys.adds_to(record));
                if decided.is_ok() || is_new_key {
                    keys_chosen.extend(keys());
                    records_chosen.extend(record.as_ref().map(|record| record.id));
                }
                match decided {
                    Ok(decided) => {
                        chosen.push(Chosen { index, intent, decided, record, email_key, external_key });
                    }
                    Err(stay) => {
                        answers[index] = Some(stay);
                        learned.extend(record.filter(|_| is_new_key).map(|record| (record.id, &intent.keys, email_key, external_key)));
                    }
                }
            }
            if !learned.is_empty() {
                learned.sort_by_key(|(invitation, ..)| *invitation);
                self.execute(
                    LEARN,
                    &[
                        &column(&learned, |(invitation, ..)| *invitation),
                        &column(&learned, |(_, keys, ..)| keys.email.as_deref()),
                        &column(&learned, |(_, keys, ..)| keys.external.as_deref()),
                        &column(&learned, |(_, _, email_key, _)| *email_key),
                        &column(&learned, |(.., external_key)| *external_key),
                    ],
                )?;
            }
            let (mut known, mut new): (Vec<_>, Vec<_>) = chosen.into_iter().partition(|chosen| chosen.record.is_some());
            // Whoever locks in the same order waits instead of dying.
            known.sort_by_key(|chosen| chosen.record.as_ref().map(|record| record.id));
            new.sort_by_key(|chosen| chosen.email_key.or(chosen.external_key));
            for (sql, chosen) in [(INTEND_KNOWN, known), (INTEND_NEW, new)] {
                let written = self.append(sql, &chosen)?;
                for Chosen { index, intent, decided, .. } in chosen {
                    match written.get(&intent.token) {
                        Some(&(invitation, operation)) => {
                            reasons.insert(intent.token, decided.reason);
                            answers[index] = Some(ticket(intent, decided.reason, invitation, operation, decided.standing));
                        }
                        // Another worker was first.
                        None => again.push(index),
                    }
                }
            }
            again.sort_unstable();
            open = again;
        }
        let missing = || Error::new(Kind::Internal, "an intent has no answer");
        Ok(answers.into_iter().map(|answer| answer.ok_or_else(missing)).collect::<Result<_>>()?)
    }

    /// Writes what still can be, and says by token which invitation and operation it became.
    fn append(&mut self, sql: &'static str, chosen: &[Chosen<'_>]) -> Result<HashMap<i64, (i64, i64)>, Fault> {
        if chosen.is_empty() {
            return Ok(HashMap::new());
        }
        let standings = chosen.iter().map(|chosen| text_of(&chosen.decided.standing)).collect::<Result<Vec<_>, _>>()?;
        let of_record = |read: fn(&Record) -> i64| column(chosen, |chosen| chosen.record.as_deref().map(read));
        let rows = self.query(
            sql,
            &[
                &column(chosen, |chosen| chosen.intent.token),
                &column(chosen, |chosen| chosen.intent.place),
                &column(chosen, |chosen| chosen.intent.keys.email.as_deref()),
                &column(chosen, |chosen| chosen.intent.keys.external.as_deref()),
                &column(chosen, |chosen| chosen.email_key),
                &column(chosen, |chosen| chosen.external_key),
                &standings,
                &column(chosen, |chosen| chosen.intent.wish.deed.slug()),
                &column(chosen, |chosen| chosen.intent.wish.now.milliseconds()),
                &column(chosen, |chosen| &chosen.decided.request.0[..]),
                &column(chosen, |chosen| chosen.decided.with_mail),
                &column(chosen, |chosen| chosen.intent.run.as_ref().map(|run| &run.0[..])),
                &of_record(|record| record.id),
                &of_record(|record| record.version),
                &of_record(|record| record.operation),
                &column(chosen, |chosen| chosen.decided.closes),
            ],
        )?;
        rows.iter().map(|row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)))).collect()
    }

    fn note(&mut self, notes: &[Note]) -> Result<(), Fault> {
        let standings = notes.iter().map(|note| text_of(&note.standing)).collect::<Result<Vec<_>, _>>()?;
        self.execute(
            NOTE,
            &[
                &column(notes, |note| note.invitation),
                &column(notes, |note| note.version),
                &column(notes, |note| note.closes),
                &column(notes, |note| note.at.milliseconds()),
                &standings,
                &column(notes, Note::outcome),
                &column(notes, |note| super::word_of_email(note.standing.email)),
                &column(notes, |note| note.deed().slug()),
                &column(notes, |note| note.request().0.to_vec()),
                &column(notes, |note| note.answer().map(|answer| answer.0.to_vec())),
            ],
        )?;
        Ok(())
    }
}

fn column<'a, T, V>(rows: &'a [T], value: impl Fn(&'a T) -> V) -> Vec<V> {
    rows.iter().map(value).collect()
}

fn digests(place: i64, keys: &Keys) -> (Option<i64>, Option<i64>) {
    let digest = |kind: u8, key: &Option<String>| key.as_deref().map(|key| key_digest(place, kind, key));
    (digest(EMAIL, &keys.email), digest(EXTERNAL, &keys.external))
}

fn found_in(lines: &HashMap<i64, Rc<Line>>, place: i64, keys: &Keys) -> Found {
    let (email, external) = digests(place, keys);
    let record = |key: Option<i64>| key.and_then(|key| lines.get(&key)).map(|line| line.record.clone());
    resolve(keys, record(email), record(external))
}

fn ticket(intent: &Intent, reason: Reason, invitation: i64, operation: i64, standing: Standing) -> Intended {
    let with_mail = standing.pending.as_ref().is_some_and(|pending| pending.asks_for_mail);
    Intended::Go(Box::new(Ticket { operation, invitation, token: intent.token, with_mail, reason, standing }))
}

fn text_of(standing: &Standing) -> Result<String> {
    serde_json::to_string(standing)
        .map_err(|error| Error::new(Kind::Internal, "an invitation's standing cannot be written").with_source(error))
}

fn line_of(row: &Row) -> Result<Line, Fault> {
    let standing: &str = row.try_get(7)?;
    let standing = serde_json::from_str(standing)
        .map_err(|error| Error::new(Kind::Storage, "the ledger holds an invitation that cannot be read").with_source(error))?;
    let record = Record {
        id: row.try_get(0)?,
        place: row.try_get(1)?,
        email: row.try_get(2)?,
        external: row.try_get(3)?,
        version: row.try_get(4)?,
        operation: row.try_get(5)?,
        is_live: row.try_get(6)?,
        standing,
    };
    Ok(Line { record, token: row.try_get(8)? })
}

fn operation_of(row: &Row) -> Result<Operation, Fault> {
    let digest = |column: usize| -> Result<Option<Digest>, Fault> {
        Ok(row.try_get::<_, Option<&[u8]>>(column)?.and_then(|bytes| bytes.try_into().ok()).map(Digest))
    };
    Ok(Operation {
        id: row.try_get(0)?,
        previous: row.try_get(1)?,
        deed: Deed::from_slug(row.try_get(2)?).unwrap_or(LOOK_UP),
        intended_at: Time::from_milliseconds(row.try_get(3)?),
        request: digest(4)?.unwrap_or_default(),
        asks_for_mail: row.try_get(5)?,
        settled_at: row.try_get::<_, Option<i64>>(6)?.map(Time::from_milliseconds),
        sent: row.try_get::<_, Option<i64>>(7)?.and_then(|sent| u32::try_from(sent).ok()),
        http_status: row.try_get::<_, Option<i32>>(8)?.and_then(|status| u16::try_from(status).ok()),
        answer: digest(9)?,
        outcome: row.try_get(10)?,
        error_kind: row.try_get(11)?,
        email: row.try_get(12)?,
        run: digest(13)?,
    })
}

impl Storage for Postgres {
    fn place(&mut self, place: &Place) -> Result<i64> {
        let (name, digest) = (place.name(), Digest::of(place.name().as_bytes()));
        let read_only = self.read_only;
        self.attempt(|session| {
            let known = |session: &mut Session| session.query("SELECT id FROM bidden_place WHERE digest = $1", &[&&digest.0[..]]);
            let mut rows = known(session)?;
            if rows.is_empty() && read_only {
                // No row bears it: whoever only reads finds nobody there.
                return Ok(0);
            }
            if rows.is_empty() {
                session.execute(
                    "INSERT INTO bidden_place (digest, name, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                    &[&&digest.0[..], &name, &crate::clock::now().milliseconds()],
                )?;
                rows = known(session)?;
            }
            let row = rows.first().ok_or_else(|| Error::new(Kind::Storage, "the ledger lost a place that was just made"))?;
            Ok(row.try_get(0)?)
        })
    }

    fn find(&mut self, wanted: &[(i64, Keys)]) -> Result<Vec<Found>> {
        let lines = self.attempt(|session| session.lines(wanted.iter().map(|(place, keys)| (*place, keys))))?;
        Ok(wanted.iter().map(|(place, keys)| found_in(&lines, *place, keys)).collect())
    }

    fn write(&mut self, settlements: &[Settlement], intents: &[Intent]) -> Result<Vec<Intended>> {
        let (mark, lease, renewed) = (self.mark, self.lease, self.renewed);
        let mut renewing = renewed;
        let mut reasons = HashMap::new();
        let intended = self.attempt(|session| {
            session.within(|session| {
                // However long it took to come this far, whoever is given an intent has the time to send it.
                if renewed.elapsed() >= lease / 3 {
                    renewing = Instant::now();
                    session.renew(mark, lease)?;
                }
                session.settle(settlements)?;
                session.intend(intents, &mut reasons)
            })
        })?;
        self.renewed = renewing;
        Ok(intended)
    }

    fn note(&mut self, notes: &[Note]) -> Result<()> {
        self.attempt(|session| session.note(notes))
    }

    fn renew(&mut self) -> Result<()> {
        if self.read_only {
            return Ok(());
        }
        let (mark, lease) = (self.mark, self.lease);
        let mut renewed = Instant::now();
        self.attempt(|session| {
            renewed = Instant::now();
            session.renew(mark, lease)
        })?;
        self.renewed = renewed;
        Ok(())
    }

    fn history(&mut self, email_key: &str) -> Result<Vec<Entry>> {
        let places: HashMap<i64, Place> = self.places()?.into_iter().collect();
        let keys: Vec<i64> = places.keys().map(|place| key_digest(*place, EMAIL, email_key)).collect();
        let lines = self.attempt(|session| session.query(HISTORY, &[&keys])?.iter().map(line_of).collect::<Result<Vec<_>, _>>())?;
        let mut entries = Vec::new();
        for Line { record, .. } in lines {
            if let Some(place) = places.get(&record.place) {
                let operations = self.operations(record.operation)?;
                entries.push(Entry { place: place.clone(), record, operations });
            }
        }
        Ok(entries)
    }

    fn of_invitation_id(&mut self, id: &str) -> Result<Vec<Record>> {
        let told = told_of(id);
        let found = self.attempt(|session| session.query(OF_ID, &[&told])?.iter().map(line_of).collect::<Result<Vec<_>, _>>())?;
        let found = found.into_iter().map(|line| line.record);
        Ok(found.filter(|record| record.standing.invitation_id.as_deref() == Some(id)).collect())
    }

    fn each(&mut self, place: Option<i64>, each: &mut dyn FnMut(i64, Record) -> Result<bool>) -> Result<()> {
        let mut last = 0_i64;
        loop {
            if !self.read_only {
                self.keep_lease()?;
            }
            let page =
                self.attempt(|session| session.query(EACH, &[&last, &place, &PAGE])?.iter().map(line_of).collect::<Result<Vec<_>, _>>())?;
            let Some(end) = page.last() else { return Ok(()) };
            last = end.record.id;
            for Line { record, .. } in page {
                if !each(record.place, record)? {
                    return Ok(());
                }
            }
        }
    }

    fn places(&mut self) -> Result<Vec<(i64, Place)>> {
        self.attempt(|session| {
            let read = |row: &Row| {
                let place = serde_json::from_str(row.try_get(1)?)
                    .map_err(|error| Error::new(Kind::Storage, "the ledger names a place that cannot be read").with_source(error))?;
                Ok((row.try_get(0)?, place))
            };
            session.query("SELECT id, name FROM bidden_place ORDER BY id", &[])?.iter().map(read).collect()
        })
    }

    fn operations(&mut self, last: i64) -> Result<Vec<Operation>> {
        self.attempt(|session| session.query(OPERATIONS, &[&last])?.iter().map(operation_of).collect())
    }

    fn since(&mut self, place: i64) -> Result<Option<Time>> {
        self.attempt(|session| {
            let rows = session.query("SELECT since FROM bidden_place WHERE id = $1", &[&place])?;
            Ok(rows.first().map(|row| row.try_get(0)).transpose()?.map(Time::from_milliseconds))
        })
    }

    fn claim(&mut self, run: Digest, chunk: i64) -> Result<Claim> {
        self.keep_lease()?;
        let mark = self.mark;
        self.attempt(|session| {
            // Whoever only asks whether another is done with it writes nothing: a refused update would wait for the disk too.
            if let Some(row) = session.query(CLAIMED, &[&&run.0[..], &chunk, &mark])?.first() {
                if row.try_get(0)? {
                    return Ok(Claim::Done);
                }
                if row.try_get(1)? {
                    return Ok(Claim::Others);
                }
            }
            let claimed = session.query(CLAIM, &[&&run.0[..], &chunk, &mark])?;
            Ok(if claimed.is_empty() { Claim::Others } else { Claim::Mine })
        })
    }

    fn finish(&mut self, run: Digest, chunk: i64) -> Result<()> {
        let mark = self.mark;
        self.attempt(|session| {
            session.execute(
                "INSERT INTO bidden_chunk (run, number, worker, is_done) VALUES ($1, $2, $3, true)
                 ON CONFLICT (run, number) DO UPDATE SET is_done = true",
                &[&&run.0[..], &chunk, &mark],
            )
        })
        .map(drop)
    }

    fn note_of(&mut self, name: &str) -> Result<Option<String>> {
        self.attempt(|session| {
            let rows = session.query("SELECT text FROM bidden_note WHERE name = $1", &[&name])?;
            Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
        })
    }

    fn keep_note(&mut self, name: &str, text: &str) -> Result<()> {
        self.attempt(|session| {
            session.execute(
                "INSERT INTO bidden_note (name, text) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET text = excluded.text",
                &[&name, &text],
            )
        })
        .map(drop)
    }

    fn take_turns(&mut self, name: &str, per_second: f64, count: u32) -> Result<Duration> {
        let span = f64::from(count) / per_second;
        let wait: f64 = self.attempt(|session| {
            let rows = session.query(TAKE_TURNS, &[&name, &span])?;
            let row = rows.first().ok_or_else(|| Error::new(Kind::Storage, "the ledger gave no send time"))?;
            Ok(row.try_get(0)?)
        })?;
        Ok(Duration::try_from_secs_f64(wait.max(0.0)).unwrap_or(Duration::MAX))
    }
}
