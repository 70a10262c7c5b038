//! The ledger, and the one path by which anything is sent through it: one person as well as a million.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bidden::client::Cancel;
use bidden::error::Stops;
use bidden::operation::{
    Disposition, Invite, InviteOptions, KnownFrom, Operation, Outcome, Reattempt, Refresh, Register, Report, Step, TestId,
};
use bidden::{AccessWindow, AnyCall, AnyReply, BaseUrl, Candidate, Error, Kind, Platform, Repeat, Status, testinvite};

use crate::clock::now;
use crate::keeper::{Keeper, LEASE};
use crate::law::{self, Consent, Reason, Refreshing, Sight, Verdict, Wish};
use crate::lookup::Lookups;
use crate::record::{Deed, Ending, Standing};
use crate::send::Sender;
use crate::storage::{Entry, Found, Intended, Intent, Learned, Note, Nothing, Settlement, Sqlite, Storage, Ticket};
use crate::turns::Turns;
use crate::{Digest, Keys, Place};

/// How a ledger is opened.
#[derive(Clone, Debug, Default)]
pub struct LedgerOptions {
    /// Reads only, beside whoever sends.
    pub read_only: bool,
    /// A record that exists, to note in it what callbacks say, beside whoever sends. PostgreSQL needs no such distinction.
    pub notes_only: bool,
    /// Where only is to be read and there is no ledger yet: an empty one in memory stands in for it.
    pub or_empty: bool,
    /// PostgreSQL: how long a worker that is heard of no more keeps what it has begun, by the clock of the database. 60 seconds
    /// unless said otherwise, a second at least; all workers of one ledger should say the same.
    pub lease: Option<Duration>,
}

/// The durable record. Shared by any number of threads; one process sends from a SQLite ledger at a time, many from PostgreSQL.
///
/// ```no_run
/// use bidden::operation::{InviteOptions, TestId};
/// use bidden::{Candidate, Secret};
/// let client = bidden::imocha::Client::new(Secret::from_env("BIDDEN_IMOCHA_API_KEY")?)?;
/// let ledger = bidden_ledger::Ledger::open("bidden.db")?;
/// let candidate = Candidate::new("ada@company.example")?.name("Ada Lovelace")?;
/// let outcome = ledger.invite(&client, TestId::from(292930), &candidate, &InviteOptions::default())?; // mails nobody
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Ledger {
    shared: Arc<Shared>,
    account: String,
}

#[derive(Debug)]
struct Shared {
    keeper: Keeper,
    mark: u32,
    count: AtomicU32,
    location: String,
    is_there: bool,
}

impl Ledger {
    /// Opens a ledger: a file, made when it is missing, or `postgres://user@host/database` (feature `postgres`), whose tables are
    /// made when they are missing. The password is best given by `PGPASSWORD`. `sslmode` is `disable`, `prefer` or `require`; under
    /// `require` the server's certificate is verified, against `sslrootcert` where it names a file, otherwise against the public
    /// authorities.
    ///
    /// # Errors
    /// `configuration` when the URL of a PostgreSQL ledger cannot be read; `storage` when it cannot be opened or written, is in use by another process, or was written by a newer version.
    pub fn open(location: impl AsRef<Path>) -> Result<Self, Error> {
        Ledger::open_with(location, &LedgerOptions::default())
    }

    /// As [`Ledger::open`], with options.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_with(location: impl AsRef<Path>, options: &LedgerOptions) -> Result<Self, Error> {
        let path: PathBuf = location.as_ref().to_owned();
        let text = path.display().to_string();
        let (read_only, notes_only) = (options.read_only, options.notes_only);
        let or_empty = read_only && options.or_empty;
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            #[cfg(feature = "postgres")]
            return Ledger::in_postgres(&text, options);
            #[cfg(not(feature = "postgres"))]
            return Err(Error::new(Kind::Configuration, "this build keeps ledgers in files only, not in PostgreSQL"));
        }
        if or_empty && !path.exists() {
            return Ledger::in_place_of(text);
        }
        Ledger::on(text, move |mark| {
            let storage = match (read_only, notes_only) {
                (true, _) => Sqlite::open_to_read(&path)?,
                (false, true) => Sqlite::open_to_note(&path)?,
                (false, false) => Sqlite::open(&path, mark)?,
            };
            Ok(Box::new(storage))
        })
    }

    #[cfg(feature = "postgres")]
    fn in_postgres(url: &str, options: &LedgerOptions) -> Result<Self, Error> {
        let server = crate::storage::Server::parse(url)?;
        let (read_only, lease) = (options.read_only, options.lease.unwrap_or(LEASE).max(Duration::from_secs(1)));
        let (location, or_empty) = (server.location().to_owned(), read_only && options.or_empty);
        let is_missing = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let missing = Arc::clone(&is_missing);
        let ledger = Ledger::with_lease(lease, location, move |mark| {
            if !or_empty {
                return Ok(Box::new(crate::storage::Postgres::open(server, mark, lease, read_only)?));
            }
            Ok(match crate::storage::Postgres::open_if_there(server, mark, lease, read_only)? {
                Some(storage) => Box::new(storage),
                None => {
                    missing.store(true, Ordering::Relaxed);
                    Box::new(Nothing::new())
                }
            })
        })?;
        if is_missing.load(Ordering::Relaxed) { ledger.standing_in() } else { Ok(ledger) }
    }

    /// A ledger that was just made, in place of one that is not there.
    #[cfg(feature = "postgres")]
    fn standing_in(self) -> Result<Self, Error> {
        let Ledger { shared, account } = self;
        let shared = Arc::into_inner(shared).ok_or_else(|| Error::new(Kind::Internal, "a ledger that was just made is in use"))?;
        Ok(Ledger { shared: Arc::new(Shared { is_there: false, ..shared }), account })
    }

    /// Whether there is a record; otherwise nothing stands in for it ([`LedgerOptions::or_empty`], [`Ledger::without_record`]).
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.shared.is_there
    }

    /// A ledger in memory, for a test: it is gone with its owner, and the law with it.
    ///
    /// # Errors
    /// `storage`.
    pub fn in_memory() -> Result<Self, Error> {
        Ledger::on("memory".to_owned(), |mark| Ok(Box::new(Sqlite::in_memory(mark)?)))
    }

    /// No record at all: everybody is new to it, and nothing but the caller keeps somebody from being mailed twice. It sends to this
    /// machine only.
    ///
    /// # Errors
    /// `internal`, when the system gives no random bytes.
    pub fn without_record() -> Result<Self, Error> {
        Ledger::in_place_of("none".to_owned())
    }

    /// No record, under the name of one that is not there.
    fn in_place_of(location: String) -> Result<Self, Error> {
        Ok(Ledger::kept(Keeper::of(Box::new(Nothing::new())), random_mark()?, location, false))
    }

    /// A ledger on any storage. `open` runs on the ledger's own thread and is given the mark that its tokens bear.
    ///
    /// # Errors
    /// What `open` says.
    pub fn on(location: String, open: impl FnOnce(u32) -> Result<Box<dyn Storage>, Error> + Send + 'static) -> Result<Self, Error> {
        Ledger::with_lease(LEASE, location, open)
    }

    fn with_lease(
        lease: Duration,
        location: String,
        open: impl FnOnce(u32) -> Result<Box<dyn Storage>, Error> + Send + 'static,
    ) -> Result<Self, Error> {
        let mark = random_mark()?;
        Ok(Ledger::kept(Keeper::open(lease, move || open(mark))?, mark, location, true))
    }

    fn kept(keeper: Keeper, mark: u32, location: String, is_there: bool) -> Self {
        let shared = Shared { keeper, mark, count: AtomicU32::new(0), location, is_there };
        Ledger { shared: Arc::new(shared), account: "default".to_owned() }
    }

    /// The same ledger for another account: a name of the caller's, never made from a key.
    #[must_use]
    pub fn account(&self, name: &str) -> Self {
        Ledger { shared: Arc::clone(&self.shared), account: name.trim().to_owned() }
    }

    /// Where the record is kept.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.shared.location
    }

    /// The invitations of one place.
    ///
    /// # Errors
    /// `storage`.
    pub fn invitations<S: Sender>(&self, sender: S, place: &Place) -> Result<Invitations<S>, Error> {
        let named = place.clone();
        let (number, since) = self.ask(move |storage| {
            let number = storage.place(&named)?;
            Ok((number, storage.since(number)?))
        })?;
        let test = TestId::from(place.test.as_str());
        Ok(Invitations {
            ledger: self.clone(),
            lookups: Lookups::new(sender.platform(), test.clone(), since),
            sender,
            base: place.clone(),
            place: number,
            within: Mutex::default(),
            test,
            consent: Consent::default(),
            run: None,
            cancel: Cancel::default(),
            turns: None,
        })
    }

    /// Invites one candidate to a test, at most once with a mail. By default nobody is mailed.
    ///
    /// # Errors
    /// `storage` and what keeps the invitation from being tried at all; what the platform says is in the outcome.
    pub fn invite<S: Sender>(&self, sender: &S, test: TestId, candidate: &Candidate, options: &InviteOptions) -> Result<Outcome, Error> {
        self.one(sender, &self.place_of(sender, &test, Some((candidate, options))), Consent::default())?.invite(candidate, options)?.tried()
    }

    /// The invitations of a place for somebody who is named alone: whoever names one person means it, also after a refusal.
    ///
    /// # Errors
    /// `storage`.
    pub fn one<S: Sender>(&self, sender: S, place: &Place, consent: Consent) -> Result<Invitations<S>, Error> {
        Ok(self.invitations(sender, place)?.with_consent(Consent { retry_failed: true, ..consent }))
    }

    /// Withdraws the invitation of one candidate.
    ///
    /// # Errors
    /// As [`Ledger::invite`].
    pub fn cancel<S: Sender>(&self, sender: &S, test: TestId, email: &str) -> Result<Outcome, Error> {
        self.one(sender, &self.place_of(sender, &test, None), Consent::default())?.cancel(&Keys::of_email(email), None)?.tried()
    }

    /// Allows one candidate another attempt (iMocha).
    ///
    /// # Errors
    /// As [`Ledger::invite`].
    pub fn reattempt<S: Sender>(&self, sender: &S, test: TestId, email: &str, options: &InviteOptions) -> Result<Outcome, Error> {
        let place = self.place_of(sender, &test, None);
        self.one(sender, &place, Consent::default())?.reattempt(&Keys::of_email(email), None, options)?.tried()
    }

    /// Registers one candidate (Think Exam).
    ///
    /// # Errors
    /// As [`Ledger::invite`].
    pub fn register<S: Sender>(&self, sender: &S, candidate: &Candidate, options: &InviteOptions) -> Result<Outcome, Error> {
        let place = self.place_of(sender, &TestId::from(""), None);
        self.one(sender, &place, Consent::default())?.register_one(candidate, options)?.tried()
    }

    /// The place of a test at a sender's address, within the scope in which a candidate is unique.
    pub fn place_of<S: Sender>(&self, sender: &S, test: &TestId, unique: Option<(&Candidate, &InviteOptions)>) -> Place {
        let place = Place::new(sender.platform(), sender.base_url(), &self.account, test);
        match unique {
            Some((candidate, options)) => place.of_candidate(candidate, options),
            None => place,
        }
    }

    /// Every invitation of an address, over all places, with all its operations: the proof.
    ///
    /// # Errors
    /// `storage`.
    pub fn history(&self, email: &str) -> Result<Vec<Entry>, Error> {
        let key = bidden::candidate::email_key(email);
        self.ask(move |storage| storage.history(&key))
    }

    /// The same as a JSON array of [`Invitation`](crate::status::Invitation), as they stand now.
    ///
    /// # Errors
    /// `storage`.
    pub fn history_json(&self, email: &str) -> Result<String, Error> {
        let (entries, now) = (self.history(email)?, now());
        let shown: Vec<_> = entries.iter().map(|entry| crate::status::Invitation::of(entry, now)).collect();
        serde_json::to_string(&shown)
            .map_err(|error| Error::new(Kind::Internal, "the history cannot be written as JSON").with_source(error))
    }

    /// Asks the storage something, on its own thread where it has one. The question must not ask the ledger again.
    ///
    /// # Errors
    /// What the question answers.
    pub fn ask<T: Send + 'static>(&self, question: impl FnOnce(&mut dyn Storage) -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        self.shared.keeper.ask(question)
    }

    fn token(&self) -> i64 {
        let count = self.shared.count.fetch_add(1, Ordering::Relaxed);
        (u64::from(self.shared.mark) << 32 | u64::from(count)).cast_signed()
    }
}

fn random_mark() -> Result<u32, Error> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(Kind::Internal, format!("the operating system gave no random bytes: {error}")))?;
    Ok(u32::from_le_bytes(bytes))
}

/// One thing to be done for a candidate, ready to be judged and sent.
#[derive(Clone, Debug)]
pub struct Task {
    place: i64,
    keys: Keys,
    address: Option<String>,
    act: Act,
    terms: Digest,
    window: AccessWindow,
    /// Whether it is sent as it is or not at all: a call that somebody wrote is not turned into one without mail.
    is_exact: bool,
}

#[derive(Clone, Debug)]
enum Act {
    Invite(Box<Invite>),
    Cancel(bidden::operation::Cancel),
    Reattempt(Box<Reattempt>),
}

impl Act {
    fn deed(&self) -> Deed {
        match self {
            Act::Invite(_) => Deed::Invite,
            Act::Cancel(_) => Deed::Cancel,
            Act::Reattempt(_) => Deed::Reattempt,
        }
    }

    fn call(&self) -> Result<AnyCall, Error> {
        match self {
            Act::Invite(invite) => invite.call().cloned().ok_or_else(|| Error::new(Kind::Internal, "an operation has no call")),
            Act::Cancel(cancel) => Ok(cancel.call().clone()),
            Act::Reattempt(reattempt) => Ok(reattempt.call()),
        }
    }

    /// Does it as the ticket says.
    fn carry_out<S: Sender>(self, sender: &S, ticket: &Ticket, cancel: &Cancel) -> (Outcome, Report) {
        match self {
            Act::Invite(invite) => {
                let invite = if ticket.with_mail { *invite } else { invite.without_mail() };
                let mut invite = if ticket.reason == Reason::Resolve { invite.after_loss() } else { invite };
                drive(sender, &mut invite, cancel)
            }
            Act::Reattempt(reattempt) => drive(sender, &mut if ticket.with_mail { *reattempt } else { reattempt.without_mail() }, cancel),
            Act::Cancel(mut withdrawal) => {
                let (outcome, report) = drive(sender, &mut withdrawal, cancel);
                let was_lost = ticket.standing.is_cancellation_open();
                match report.result.as_ref().err().filter(|_| was_lost).and_then(|refusal| withdrawal.call().settled_by(refusal)) {
                    // What the repeat is refused for is what the first one did.
                    Some(_) => {
                        let gone = Outcome {
                            status: Status::Cancelled,
                            known_from: Some(KnownFrom::Reply),
                            ..Outcome::of(Disposition::Cancelled)
                        };
                        (gone, report)
                    }
                    None => (outcome, report),
                }
            }
        }
    }
}

impl Task {
    /// The keys of the candidate.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Whether a mail is wished.
    #[must_use]
    pub fn asks_for_mail(&self) -> bool {
        match &self.act {
            Act::Invite(invite) => invite.asks_for_mail(),
            Act::Cancel(_) => false,
            Act::Reattempt(reattempt) => reattempt.call().asks_for_mail(),
        }
    }
}

/// What became of a task.
enum Attempt {
    /// It was sent.
    Sent(Outcome, Box<Report>),
    /// The law keeps it back.
    Stayed(Verdict, Box<Standing>, Box<Wish>),
    /// It could not be sent.
    NotSent(Outcome),
}

/// What the record and the platform say of one wish.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// Whom the record knows.
    pub found: Found,
    /// What may be done.
    pub verdict: Verdict,
    /// Where the invitation stands, after what was seen.
    pub standing: Standing,
}

/// The invitations of one place: everything that is done to them goes through here.
pub struct Invitations<S> {
    ledger: Ledger,
    sender: S,
    base: Place,
    place: i64,
    /// The numbers of the places within: one per group, set of labels or set of programs under `--unique-within`.
    within: Mutex<HashMap<String, i64>>,
    test: TestId,
    consent: Consent,
    run: Option<Digest>,
    cancel: Cancel,
    lookups: Lookups,
    turns: Option<Turns>,
}

impl<S> std::fmt::Debug for Invitations<S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Invitations").field("place", &self.base).field("consent", &self.consent).finish_non_exhaustive()
    }
}

impl<S: Sender> Invitations<S> {
    /// Whether a candidate is registered before the invitation (Think Exam).
    pub fn registers_first(&self) -> bool {
        self.sender.platform() == Platform::ThinkExam
    }

    /// The place whose invitations these are.
    #[must_use]
    pub fn base(&self) -> &Place {
        &self.base
    }

    /// With what the user said yes to.
    #[must_use]
    pub fn with_consent(mut self, consent: Consent) -> Self {
        self.consent = consent;
        self
    }

    /// As part of a plan.
    #[must_use]
    pub fn with_run(mut self, run: Option<Digest>) -> Self {
        self.run = run;
        self
    }

    /// Until somebody cancels: what is in flight is finished, nothing new is sent.
    #[must_use]
    pub fn with_cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    /// At a rate that all workers of the account share, on this machine and others.
    #[must_use]
    pub fn with_rate(mut self, per_second: Option<f64>) -> Self {
        let Place { platform, address, account, .. } = &self.base;
        let name = serde_json::json!([platform, address, account]).to_string();
        self.turns = per_second.filter(|rate| rate.is_finite() && *rate > 0.0).map(|rate| Turns::new(name, rate));
        self
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(crate) fn sender(&self) -> &S {
        &self.sender
    }

    /// The sender at the common rate, for what asks no intent to be written first.
    fn paced(&self) -> Paced<'_, S> {
        Paced { sender: &self.sender, turns: self.turns.as_ref(), ledger: &self.ledger }
    }

    pub(crate) fn test(&self) -> &TestId {
        &self.test
    }

    pub(crate) fn consent(&self) -> Consent {
        self.consent
    }

    pub(crate) fn run(&self) -> Option<Digest> {
        self.run
    }

    pub(crate) fn cancellation(&self) -> &Cancel {
        &self.cancel
    }

    /// The number of the place in the record.
    #[must_use]
    pub fn place(&self) -> i64 {
        self.place
    }

    /// An invitation, checked.
    ///
    /// # Errors
    /// `invalid-input` with everything that keeps it from being sent.
    pub fn task(&self, candidate: &Candidate, options: &InviteOptions) -> Result<Task, Error> {
        let keys = Keys::of(candidate);
        if keys.is_empty() {
            return Err(Error::invalid_field("email", "is missing, and so is every other key: nothing tells this candidate from another"));
        }
        let invite = match self.sender.platform() {
            Platform::ThinkExam => Invite::assign(&self.test, candidate, options, now())?,
            platform => Invite::new(platform, &self.test, candidate, options, now())?,
        };
        let terms = invite.call().map_or_else(Digest::default, |call| self.terms_digest(call));
        let address = candidate.email().map(str::to_owned);
        let place = self.place_within(candidate, options)?;
        Ok(Task { place, keys, address, act: Act::Invite(Box::new(invite)), terms, window: options.window, is_exact: false })
    }

    /// The digest of a request, which only a record compares with another.
    fn request_digest(&self, call: &AnyCall) -> Result<Digest, Error> {
        if !self.ledger.is_there() {
            return Ok(Digest::default());
        }
        Ok(Digest(bidden::http::digest(&proof(call).to_request(self.sender.base_url())?)))
    }

    /// The digest of a call's terms, which only a record compares with others.
    fn terms_digest(&self, call: &AnyCall) -> Digest {
        if self.ledger.is_there() { terms(call) } else { Digest::default() }
    }

    fn place_within(&self, candidate: &Candidate, options: &InviteOptions) -> Result<i64, Error> {
        if options.unique_within.is_none() {
            return Ok(self.place);
        }
        let place = self.base.clone().of_candidate(candidate, options);
        let Some(within) = place.within.clone().filter(|_| place != self.base) else { return Ok(self.place) };
        let known = || self.within.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known().get(&within) {
            return Ok(*number);
        }
        let number = self.ledger.ask(move |storage| storage.place(&place))?;
        known().insert(within, number);
        Ok(number)
    }

    /// What the record, and the platform where it is to be asked, say of several wishes to invite: nothing is written, nothing is
    /// sent that changes anything.
    ///
    /// # Errors
    /// `storage`, and what a look-up says.
    pub fn judge(&self, wishes: &[(&Candidate, &InviteOptions)]) -> Result<Vec<Judged>, Error> {
        let keys = wishes.iter().map(|(candidate, options)| Ok((self.place_within(candidate, options)?, Keys::of(candidate))));
        let keys = keys.collect::<Result<Vec<(i64, Keys)>, Error>>()?;
        let found = self.ledger.ask(move |storage| storage.find(&keys))?;
        let judge = |((candidate, options), found): (&(&Candidate, &InviteOptions), Found)| match found {
            Found::Nobody => {
                let with_mail = options.send_email || options.email_template.is_some();
                let verdict = Verdict::Send { with_mail, reason: Reason::New, is_new: false };
                Ok(Judged { found, verdict, standing: Standing::default() })
            }
            found => self.judge_found(&self.task(candidate, options)?, found),
        };
        wishes.iter().zip(found).map(judge).collect()
    }

    fn judge_found(&self, task: &Task, found: Found) -> Result<Judged, Error> {
        let record = match &found {
            Found::Nobody => None,
            Found::One(record) => Some(&**record),
            Found::Conflict(why) => {
                let verdict = Verdict::Held(why.clone());
                return Ok(Judged { found, verdict, standing: Standing::default() });
            }
        };
        let mut wish = self.wish(task)?;
        let mut verdict = crate::law::judge(record, &wish, self.run);
        if verdict == Verdict::LookUp {
            verdict = match self.look_up(task, record.map(|record| &record.standing), record.map_or(0, |record| record.version)) {
                Ok(sight) => {
                    wish.sight = sight;
                    wish.seen_version = record.map(|record| record.version);
                    crate::law::judge(record, &wish, self.run)
                }
                Err(error) => not_asked(&error),
            };
        }
        let standing = record.map_or_else(Standing::default, |record| crate::law::seen(record.standing.clone().with_loss(), &wish.sight));
        Ok(Judged { verdict: self.as_in_run(verdict, &standing), found, standing })
    }

    /// Invites a candidate. On Think Exam a candidate whom the record does not know as registered is registered first.
    ///
    /// # Errors
    /// `storage`; everything else is in the outcome.
    pub fn invite(&self, candidate: &Candidate, options: &InviteOptions) -> Result<Outcome, Error> {
        let task = match self.task(candidate, options) {
            Ok(task) => task,
            Err(error) => return Ok(Outcome::of_error(error)),
        };
        if self.sender.platform() == Platform::ThinkExam && !self.is_settled(&task)? {
            let registered = self.register(std::slice::from_ref(candidate), options)?;
            if let Some(outcome) = registered.into_iter().find(|outcome| outcome.disposition.exit_code() != 0) {
                return Ok(outcome);
            }
        }
        self.carry_out(&task)
    }

    /// Whether nothing would be sent for a task.
    fn is_settled(&self, task: &Task) -> Result<bool, Error> {
        Ok(!matches!(self.judge_task(task)?.verdict, Verdict::Send { .. }))
    }

    fn judge_task(&self, task: &Task) -> Result<Judged, Error> {
        let keys = [(task.place, task.keys.clone())];
        let found = self.ledger.ask(move |storage| Ok(storage.find(&keys)?.pop()))?.unwrap_or(Found::Nobody);
        self.judge_found(task, found)
    }

    /// Sends one call that asks for mail, as it is, and hands back the platform's answer. `keys` are those that
    /// [`Ledger::place_of_call`] gave with the place.
    ///
    /// # Errors
    /// `refused` when the record says that it must not go; `invalid-input` for a call that asks for no mail; `storage`; and what
    /// [`Client::call`](bidden::client::Client::call) says.
    pub fn call(&self, keys: &Keys, call: &AnyCall) -> Result<AnyReply, Error> {
        let (act, window) = match call {
            AnyCall::ImochaReattempt(call) => {
                let window = AccessWindow { start: call.start_date_time, end: call.end_date_time };
                (Act::Reattempt(Box::new(Reattempt::of_call(call.clone())?)), window)
            }
            call => {
                let window = match call {
                    AnyCall::ImochaInvite(call) => AccessWindow { start: call.start_date_time, end: call.end_date_time },
                    AnyCall::ImochaInviteByTestLink(call) => {
                        AccessWindow { start: call.invite.start_date_time, end: call.invite.end_date_time }
                    }
                    AnyCall::TestInviteCreateCandidate(call) => call
                        .dates
                        .as_ref()
                        .map_or_else(AccessWindow::default, |dates| AccessWindow { start: dates.after, end: dates.before }),
                    _ => AccessWindow::default(),
                };
                (Act::Invite(Box::new(Invite::of_call(call.clone(), now())?)), window)
            }
        };
        if !call.asks_for_mail() {
            return Err(Error::new(Kind::InvalidInput, format!("{} asks for no mail: it needs no record", call.name())));
        }
        let task =
            Task { place: self.place, keys: keys.clone(), address: keys.email.clone(), act, terms: terms(call), window, is_exact: true };
        let judged = self.judge_task(&task)?;
        if !matches!(judged.verdict, Verdict::Send { with_mail: true, .. }) {
            return Err(refusal(judged.verdict, &judged.standing));
        }
        match self.attempt(&task)? {
            Attempt::Sent(_, report) => report.result,
            Attempt::Stayed(verdict, standing, _) => Err(refusal(verdict, &standing)),
            Attempt::NotSent(outcome) => {
                Err(outcome.error.unwrap_or_else(|| Error::new(Kind::TimedOut, "cancelled by the caller before it was sent")))
            }
        }
    }

    /// Does a task: intent durable, sent, outcome durable.
    ///
    /// # Errors
    /// `storage`; everything else is in the outcome.
    pub fn carry_out(&self, task: &Task) -> Result<Outcome, Error> {
        Ok(match self.attempt(task)? {
            Attempt::Sent(outcome, _) | Attempt::NotSent(outcome) => outcome,
            Attempt::Stayed(verdict, standing, wish) => stay(self.as_in_run(verdict, &standing), &standing, &wish),
        })
    }

    fn attempt(&self, task: &Task) -> Result<Attempt, Error> {
        let mut wish = match self.wish(task) {
            Ok(wish) => wish,
            Err(error) => return Ok(Attempt::NotSent(Outcome::of_error(error))),
        };
        loop {
            if self.cancel.is_cancelled() || self.wait_turn(task)? {
                return Ok(Attempt::NotSent(Outcome::of(Disposition::NotSent)));
            }
            let intent =
                Intent { place: task.place, keys: task.keys.clone(), wish: wish.clone(), token: self.ledger.token(), run: self.run };
            let Some(intended) = self.intend_all(vec![intent])?.pop() else {
                return Err(Error::new(Kind::Internal, "the ledger gave no answer"));
            };
            match intended {
                Intended::Go(ticket) if task.is_exact && !ticket.with_mail && task.asks_for_mail() => {
                    // Somebody was faster since it was judged.
                    let not_sent = Report::not_sent(Error::new(Kind::Refused, "not sent"));
                    let standing = self.settle(&ticket, &Outcome::of(Disposition::NotSent), &not_sent, task)?;
                    let verdict = Verdict::Send { with_mail: false, reason: ticket.reason, is_new: false };
                    return Ok(Attempt::Stayed(verdict, Box::new(standing), Box::new(wish)));
                }
                Intended::Go(ticket) => {
                    let (outcome, report) = self.send(task, &wish, *ticket)?;
                    return Ok(Attempt::Sent(outcome, Box::new(report)));
                }
                Intended::Stay { verdict: Verdict::LookUp, standing, version } => match self.look_up(task, Some(&standing), version) {
                    Ok(sight) => (wish.sight, wish.seen_version) = (sight, Some(version)),
                    // What is refused to a look-up is refused to every row.
                    Err(error) if error.kind().row().stops == Stops::Batch => return Ok(Attempt::NotSent(Outcome::of_error(error))),
                    Err(error) => return Ok(Attempt::Stayed(not_asked(&error), standing, Box::new(wish))),
                },
                Intended::Stay { verdict, standing, .. } => {
                    self.note(task, &wish)?;
                    return Ok(Attempt::Stayed(verdict, standing, Box::new(wish)));
                }
            }
        }
    }

    /// Writes intents, without which nothing is sent. Where nobody keeps them, nobody but this machine is reached (DESIGN, section 4).
    fn intend_all(&self, intents: Vec<Intent>) -> Result<Vec<Intended>, Error> {
        if !self.ledger.is_there() && !self.sender.base_url().is_loopback() {
            let message = "nothing is sent without a record but to this machine: nothing would keep people from being mailed twice";
            return Err(Error::new(Kind::Storage, message));
        }
        self.ledger.shared.keeper.intend_all(intents)
    }

    /// Waits for the common rate, where something is to be sent. True when the run was cancelled before.
    fn wait_turn(&self, task: &Task) -> Result<bool, Error> {
        match &self.turns {
            Some(turns) if !self.is_settled(task)? => turns.wait(&self.ledger, &self.cancel),
            _ => Ok(false),
        }
    }

    /// A row that this very plan has sent before says again what it came to.
    fn as_in_run(&self, verdict: Verdict, standing: &Standing) -> Verdict {
        match (verdict, standing.disposition) {
            (Verdict::Known(Disposition::Unchanged), Some(before)) if self.run.is_some() && standing.run == self.run => {
                Verdict::Known(before)
            }
            (verdict, _) => verdict,
        }
    }

    fn send(&self, task: &Task, wish: &Wish, ticket: Ticket) -> Result<(Outcome, Report), Error> {
        let (mut outcome, report) = match self.refresh(task, &ticket) {
            Some(mut refresh) => drive(&self.sender, &mut refresh, &self.cancel),
            None => task.act.clone().carry_out(&self.sender, &ticket, &self.cancel),
        };
        let id = outcome.invitation_id.as_ref().or(ticket.standing.invitation_id.as_ref());
        self.lookups.forget_one(task.address.as_deref(), id.map(String::as_str));
        self.complete(task, &ticket, &mut outcome);
        outcome.disposition = on_evidence(self.sender.platform(), outcome.disposition, ticket.reason);
        if matches!(outcome.disposition, Disposition::Refreshed | Disposition::Reopened) {
            outcome.known_from = Some(if matches!(wish.sight, Sight::Seen(_)) { KnownFrom::Lookup } else { KnownFrom::Ledger });
        }
        let standing = self.settle(&ticket, &outcome, &report, task)?;
        if standing.disposition == Some(Disposition::Uncertain) && outcome.disposition != Disposition::NotSent {
            // Whatever this answer says, it does not say what came of the request before.
            outcome.disposition = Disposition::Uncertain;
            if let Some(error) = outcome.error.take_if(|error| error.kind() == Kind::Uncertain) {
                outcome.error = Some(error.with_advice(&law::way_out(&standing, wish)));
            }
        }
        if is_there_already(self.sender.platform(), &outcome) && standing.terms != Some(task.terms) {
            outcome.disposition = Disposition::Held;
            outcome.error = Some(Error::new(Kind::Refused, law::other_terms(&standing)));
        }
        outcome.email = standing.email;
        outcome.asked_for_mail = ticket.with_mail && report.may_have_taken_effect();
        Ok((outcome, report))
    }

    /// What replaces the window of a TestInvite candidate who is there, where the ticket says so.
    fn refresh(&self, task: &Task, ticket: &Ticket) -> Option<Refresh> {
        ticket.standing.pending.as_ref().filter(|pending| pending.is_refresh)?;
        Some(Refresh::new(&self.test, ticket.standing.invitation_id.as_deref()?, task.window))
    }

    /// What the platform can be asked about an outcome that leaves something open.
    fn complete(&self, task: &Task, ticket: &Ticket, outcome: &mut Outcome) {
        let platform = self.sender.platform();
        match &task.act {
            // TestInvite: the candidate is there, and the list knows more of him than the refusal.
            Act::Invite(_)
                if platform == Platform::TestInvite && outcome.disposition == Disposition::Invited && outcome.invitation_id.is_none() =>
            {
                if let Ok(Sight::Seen(observed)) = self.look_up(task, None, 0) {
                    outcome.status = observed.status;
                    outcome.platform_status = observed.platform_status;
                    outcome.invitation_id = observed.invitation_id;
                    outcome.invitation_code = observed.invitation_code;
                    outcome.test_url = observed.test_url;
                }
            }
            // iMocha: a cancellation is never repeated, it is looked up (iMocha reference, section 21a).
            Act::Cancel(_) if platform == Platform::Imocha && outcome.disposition == Disposition::Uncertain => {
                self.lookups.forget();
                let seen = self.look_up(task, Some(&ticket.standing), 0);
                if let Ok(Sight::Seen(observed)) = seen
                    && observed.status == Status::Cancelled
                {
                    *outcome =
                        Outcome { status: Status::Cancelled, known_from: Some(KnownFrom::Lookup), ..Outcome::of(Disposition::Cancelled) };
                }
            }
            _ => {}
        }
    }

    fn settle(&self, ticket: &Ticket, outcome: &Outcome, report: &Report, task: &Task) -> Result<Standing, Error> {
        // TestInvite: a refusal says that a lost one arrived, with its own terms; whose, where this one was lost too, nobody knows.
        let is_refusal = is_there_already(self.sender.platform(), outcome);
        let (window, terms) = match ticket.standing.lost.as_deref().filter(|_| is_refusal) {
            // Whether a change of its window arrived, the refusal does not say.
            Some(lost) if lost.is_refresh || (report.lost_before && lost.terms != task.terms) => (task.window, None),
            Some(lost) => (lost.window(), Some(lost.terms)),
            // The one that was perhaps withdrawn may be what the refusal speaks of.
            None if is_refusal && ticket.standing.is_cancellation_open() => (task.window, None),
            None => (task.window, Some(task.terms)),
        };
        let ending = Ending { outcome, may_have_taken_effect: report.may_have_taken_effect(), window, terms, run: self.run };
        let standing = ticket.standing.clone().with_outcome(&ending);
        self.ledger.shared.keeper.settle_all(vec![settlement(ticket, report, standing.clone())])?;
        Ok(standing)
    }

    fn look_up(&self, task: &Task, standing: Option<&Standing>, version: i64) -> Result<Sight, Error> {
        let unknown = Standing::default();
        let standing = standing.unwrap_or(&unknown);
        let sight = self.lookups.sight(&self.paced(), task.address.as_deref(), (standing, version), &self.cancel)?;
        // The same address may be another candidate in another group: there only the id tells which one is shown.
        let is_one_of_many = task.place != self.place || self.base.within.is_some();
        Ok(match sight {
            Sight::Seen(observed) if is_one_of_many && observed.invitation_id != standing.invitation_id => match standing.invitation_id {
                Some(_) if standing.lost.is_none() => Sight::Absent,
                _ => Sight::NotListed,
            },
            sight => sight,
        })
    }

    /// Writes what was seen, where the record said something else.
    fn note(&self, task: &Task, wish: &Wish) -> Result<(), Error> {
        if wish.sight == Sight::NotAsked || wish.sight == Sight::NotListed {
            return Ok(());
        }
        let (place, keys, sight, version, at) = (task.place, task.keys.clone(), wish.sight.clone(), wish.seen_version, now());
        let run = self.run;
        self.ledger.ask(move |storage| {
            let Some(Found::One(record)) = storage.find(&[(place, keys)])?.pop() else { return Ok(()) };
            if record.is_live || Some(record.version) != version {
                return Ok(());
            }
            let standing = crate::law::seen(record.standing.clone().with_loss(), &sight);
            if standing == record.standing {
                return Ok(());
            }
            let closes = record.standing.pending.is_some().then_some(record.operation);
            // The plan that is applied must not take what it noted itself for somebody else's doing.
            let standing = Standing { looked_up_by: run, ..standing };
            storage.note(&[Note { invitation: record.id, version: record.version, closes, at, standing, learned: Learned::LookUp }])
        })
    }

    fn wish(&self, task: &Task) -> Result<Wish, Error> {
        let base = self.sender.base_url();
        let call = task.act.call()?;
        let request = self.request_digest(&call)?;
        let request_without_mail = if call.asks_for_mail() { self.request_digest(&call.without_mail())? } else { request };
        Ok(Wish {
            deed: task.act.deed(),
            platform: self.sender.platform(),
            asks_for_mail: call.asks_for_mail(),
            repeat: call.repeat(),
            request,
            request_without_mail,
            terms: task.terms,
            window: task.window,
            refresh: beside_window(&call)
                .map(|beside_window| Box::new(Refreshing { beside_window, base: base.clone(), test: self.test.clone() })),
            consent: self.consent,
            sight: Sight::NotAsked,
            seen_version: None,
            looks_up: self.lookups.can_ask(),
            now: now(),
        })
    }

    /// Withdraws an invitation: by the platform's id, or by what the record or a look-up says of the candidate.
    ///
    /// # Errors
    /// `storage`; everything else is in the outcome.
    pub fn cancel(&self, keys: &Keys, invitation: Option<&str>) -> Result<Outcome, Error> {
        let platform = self.sender.platform();
        let cancel = match (platform, keys.email.as_deref()) {
            (Platform::ThinkExam, Some(email)) => bidden::operation::Cancel::new(platform, &self.test, email),
            _ => match self.invitation_id(keys, invitation)? {
                Ok(id) => bidden::operation::Cancel::invitation(platform, &self.test, &id),
                Err(outcome) => return Ok(*outcome),
            },
        };
        match cancel {
            Ok(cancel) => self.carry_out(&self.task_for(keys, invitation, Act::Cancel(cancel), AccessWindow::default())),
            Err(error) => Ok(Outcome::of_error(error)),
        }
    }

    /// Allows another attempt (iMocha): by the platform's id, or by what the record says of the candidate.
    ///
    /// # Errors
    /// `storage`; everything else is in the outcome.
    pub fn reattempt(&self, keys: &Keys, invitation: Option<&str>, options: &InviteOptions) -> Result<Outcome, Error> {
        let id = match self.invitation_id(keys, invitation)? {
            Ok(id) => id,
            Err(outcome) => return Ok(*outcome),
        };
        match Reattempt::new(self.sender.platform(), &id, options, now()) {
            Ok(reattempt) => {
                let keys = if keys.is_empty() { &self.keys_of_invitation(&id)? } else { keys };
                self.carry_out(&self.task_for(keys, invitation, Act::Reattempt(Box::new(reattempt)), options.window))
            }
            Err(error) => Ok(Outcome::of_error(error)),
        }
    }

    /// The keys of the candidate whom the record knows with an invitation of this id; none when it knows nobody. Under two names one
    /// attempt could be mailed twice.
    fn keys_of_invitation(&self, id: &str) -> Result<Keys, Error> {
        let (place, id) = (self.place, id.to_owned());
        self.ledger.ask(move |storage| {
            let mut keys = Keys::default();
            storage.each(Some(place), &mut |_, record| {
                let is_found = record.standing.invitation_id.as_ref() == Some(&id);
                if is_found {
                    keys = Keys { email: record.email, external: record.external };
                }
                Ok(!is_found)
            })?;
            Ok(keys)
        })
    }

    fn task_for(&self, keys: &Keys, invitation: Option<&str>, act: Act, window: AccessWindow) -> Task {
        let terms = act.call().as_ref().map_or_else(|_| Digest::default(), terms);
        let address = keys.email.clone();
        let keys = match invitation {
            // Whoever is named by the platform's id alone is known by it.
            Some(id) if keys.is_empty() => Keys { email: None, external: Some(format!("invitation:{}", id.trim())) },
            _ => keys.clone(),
        };
        Task { place: self.place, keys, address, act, terms, window, is_exact: false }
    }

    /// The platform's id of a candidate's invitation, or the outcome that says why nobody knows it.
    fn invitation_id(&self, keys: &Keys, given: Option<&str>) -> Result<Result<String, Box<Outcome>>, Error> {
        if let Some(id) = given {
            return Ok(Ok(id.trim().to_owned()));
        }
        if keys.is_empty() {
            let nobody = Error::invalid_field("email", "is missing, and so is the id of an invitation: nothing says whose it is");
            return Ok(Err(Box::new(Outcome::of_error(nobody))));
        }
        let (place, wanted) = (self.place, keys.clone());
        let found = self.ledger.ask(move |storage| Ok(storage.find(&[(place, wanted)])?.pop()))?;
        let held =
            |why: &str| Ok(Err(Box::new(Outcome { error: Some(Error::new(Kind::NotFound, why)), ..Outcome::of(Disposition::Held) })));
        match found {
            Some(Found::One(record)) if record.standing.invitation_id.is_some() => {
                Ok(record.standing.invitation_id.ok_or_else(|| Box::new(Outcome::of(Disposition::Held))))
            }
            Some(Found::Conflict(why)) => held(&why),
            _ if self.sender.platform() == Platform::TestInvite && keys.email.is_some() => {
                let sight = self.lookups.sight(&self.paced(), keys.email.as_deref(), (&Standing::default(), 0), &self.cancel);
                match sight {
                    Ok(Sight::Seen(observed)) => match observed.invitation_id {
                        Some(id) => Ok(Ok(id)),
                        None => held("the platform shows no id of this candidate"),
                    },
                    Ok(Sight::NotListed) => held("several candidates of this task have this address; name one with --invitation"),
                    Ok(_) => held("neither the ledger nor the platform knows this candidate in this task"),
                    Err(error) => Ok(Err(Box::new(Outcome::of_error(error)))),
                }
            }
            _ => held("the ledger does not know this candidate's invitation, and no call lists those that wait; name it with --invitation"),
        }
    }

    /// Registers candidates in one call (Think Exam), those whom the record knows as registered apart.
    ///
    /// # Errors
    /// `storage`; everything else is in the outcomes, one per candidate, in order.
    pub fn register(&self, candidates: &[Candidate], options: &InviteOptions) -> Result<Vec<Outcome>, Error> {
        let mut outcomes: Vec<Option<Outcome>> = vec![None; candidates.len()];
        let mut intents = Vec::new();
        let mut places = Vec::new();
        for (index, candidate) in candidates.iter().enumerate() {
            let keys = Keys::of(candidate);
            match Register::new([candidate], options).and_then(|register| self.registration(&register)) {
                Ok(wish) => {
                    intents.push(Intent { place: self.place, keys, wish, token: self.ledger.token(), run: self.run });
                    places.push(index);
                }
                Err(error) => outcomes[index] = Some(Outcome::of_error(error)),
            }
        }
        let wishes: Vec<Wish> = intents.iter().map(|intent| intent.wish.clone()).collect();
        let mut tickets = Vec::new();
        for ((index, wish), intended) in places.into_iter().zip(&wishes).zip(self.intend_all(intents)?) {
            match intended {
                Intended::Go(ticket) => tickets.push((index, ticket)),
                Intended::Stay { verdict, standing, .. } => outcomes[index] = Some(stay(verdict, &standing, wish)),
            }
        }
        if !tickets.is_empty() {
            let registered = match Register::new(tickets.iter().map(|(index, _)| &candidates[*index]), options) {
                Ok(mut register) => drive(&self.paced(), &mut register, &self.cancel),
                Err(error) => (vec![Outcome::of_error(error.clone()); tickets.len()], Report::not_sent(error)),
            };
            let (registered, report) = registered;
            let mut settlements = Vec::new();
            for ((index, ticket), outcome) in tickets.iter().zip(registered) {
                let ending = Ending {
                    outcome: &outcome,
                    may_have_taken_effect: report.may_have_taken_effect(),
                    window: options.window,
                    terms: None,
                    run: self.run,
                };
                settlements.push(settlement(ticket, &report, ticket.standing.clone().with_outcome(&ending)));
                outcomes[*index] = Some(outcome);
            }
            self.ledger.shared.keeper.settle_all(settlements)?;
        }
        let missing = || Outcome::of_error(Error::new(Kind::Internal, "a registration ended without an outcome"));
        Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(missing)).collect())
    }

    /// Registers one candidate.
    ///
    /// # Errors
    /// `storage`; everything else is in the outcome.
    pub fn register_one(&self, candidate: &Candidate, options: &InviteOptions) -> Result<Outcome, Error> {
        let outcomes = self.register(std::slice::from_ref(candidate), options)?;
        outcomes.into_iter().next().ok_or_else(|| Error::new(Kind::Internal, "a registration ended without an outcome"))
    }

    fn registration(&self, register: &Register) -> Result<Wish, Error> {
        let Step::Send(call) = register.clone().next(None) else {
            return Err(Error::new(Kind::Internal, "a registration has no call"));
        };
        let request = self.request_digest(&call)?;
        Ok(Wish {
            deed: Deed::Register,
            platform: self.sender.platform(),
            asks_for_mail: false,
            repeat: Repeat::Freely,
            request,
            request_without_mail: request,
            terms: Digest::default(),
            window: AccessWindow::default(),
            refresh: None,
            consent: self.consent,
            sight: Sight::NotAsked,
            seen_version: None,
            looks_up: false,
            now: now(),
        })
    }
}

/// A sender whose every call waits for its turn under the rate that all workers share.
struct Paced<'a, S> {
    sender: &'a S,
    turns: Option<&'a Turns>,
    ledger: &'a Ledger,
}

impl<S: Sender> Sender for Paced<'_, S> {
    fn platform(&self) -> Platform {
        self.sender.platform()
    }

    fn base_url(&self) -> &BaseUrl {
        self.sender.base_url()
    }

    fn report(&self, call: &AnyCall, cancel: &Cancel) -> Report {
        match self.turns.map_or(Ok(false), |turns| turns.wait(self.ledger, cancel)) {
            Err(error) => Report::not_sent(error),
            // Whoever was cancelled while it waited sends nothing; the sender knows how to say so.
            Ok(_) => self.sender.report(call, cancel),
        }
    }
}

/// Drives an operation, and keeps the report of its last call.
pub(crate) fn drive<S: Sender, O: Operation>(sender: &S, operation: &mut O, cancel: &Cancel) -> (O::Done, Report) {
    let mut last: Option<Report> = None;
    let mut kept = Report::not_sent(Error::new(Kind::Internal, "nothing was sent"));
    let mut sent = 0;
    loop {
        match operation.next(last.take()) {
            Step::Done(done) => return (done, Report { sent, ..kept }),
            Step::Send(call) => {
                let report = sender.report(&call, cancel);
                sent += report.sent;
                let lost_before = kept.lost_before || report.lost_before;
                kept = Report { lost_before, ..report.clone() };
                last = Some(report);
            }
        }
    }
}

fn settlement(ticket: &Ticket, report: &Report, standing: Standing) -> Settlement {
    Settlement {
        operation: ticket.operation,
        invitation: ticket.invitation,
        token: ticket.token,
        at: now(),
        sent: report.sent,
        http_status: report.answer.map(|answer| answer.status),
        answer: report.answer.map(|answer| Digest(answer.digest)),
        standing,
    }
}

/// TestInvite says itself when it has created a candidate: *invited* is what its refusal of another one came to.
fn is_there_already(platform: Platform, outcome: &Outcome) -> bool {
    platform == Platform::TestInvite && outcome.disposition == Disposition::Invited
}

/// The three dispositions that the ledger's own evidence makes of *invited*.
fn on_evidence(platform: Platform, disposition: Disposition, reason: Reason) -> Disposition {
    match (disposition, reason) {
        (Disposition::Refreshed, Reason::Reopen) => Disposition::Reopened,
        _ if platform == Platform::TestInvite => disposition,
        (Disposition::Invited, Reason::Refresh) => Disposition::Refreshed,
        (Disposition::Invited, Reason::Reopen) => Disposition::Reopened,
        _ => disposition,
    }
}

/// Where an invitation stands is not known: what was meant for where it stood is not sent.
fn not_asked(error: &Error) -> Verdict {
    Verdict::Held(format!("the platform could not be asked where the invitation stands: {error}"))
}

/// The outcome of a row for which nothing is sent.
pub(crate) fn stay(verdict: Verdict, standing: &Standing, wish: &Wish) -> Outcome {
    let known_from = if matches!(wish.sight, Sight::Seen(_)) { KnownFrom::Lookup } else { KnownFrom::Ledger };
    let held = |disposition, why: String, kind: Kind| Outcome {
        error: Some(Error::new(kind, why)),
        known_from: Some(KnownFrom::Ledger),
        ..standing.to_outcome(disposition)
    };
    match verdict {
        Verdict::Known(disposition) => {
            let error = match disposition.exit_code() {
                0 => None,
                _ => standing.failure.as_ref().map(crate::record::Failure::to_error),
            };
            Outcome { known_from: Some(known_from), error, ..standing.to_outcome(disposition) }
        }
        Verdict::Held(why) => held(Disposition::Held, why, Kind::Refused),
        Verdict::Uncertain(why) => held(Disposition::Uncertain, why, Kind::Uncertain),
        Verdict::Busy => held(Disposition::Held, "another worker is sending this row now".to_owned(), Kind::Refused),
        Verdict::LookUp | Verdict::Send { .. } => Outcome::of(Disposition::NotSent),
    }
}

/// Why a call that asks for mail is not sent.
fn refusal(verdict: Verdict, standing: &Standing) -> Error {
    const AGAIN: &str = "a mail was asked for before; --mail-again asks for another";
    let why = match verdict {
        Verdict::Send { .. } => AGAIN.to_owned(),
        Verdict::Known(Disposition::Unchanged) if standing.is_mailed => AGAIN.to_owned(),
        Verdict::Known(disposition) => disposition.slug().to_owned(),
        Verdict::Held(why) | Verdict::Uncertain(why) => why,
        Verdict::Busy => "another worker is sending it now".to_owned(),
        Verdict::LookUp => "the platform was not asked".to_owned(),
    };
    Error::new(Kind::Refused, format!("the ledger says: {why}"))
}

/// The call as its digest is taken: without secrets, so that the record holds nothing from which a password could be guessed.
fn proof(call: &AnyCall) -> AnyCall {
    match call {
        AnyCall::ThinkExamBulkCandidateRegister(call) => {
            let mut call = call.clone();
            call.candidates.iter_mut().for_each(|candidate| candidate.password = None);
            call.into()
        }
        AnyCall::TestInviteCreateCandidate(call) => {
            let mut call = call.clone();
            if let bidden::testinvite::Person::Temporary(person) = &mut call.person {
                person.credential2 = None;
            }
            call.into()
        }
        call => call.clone(),
    }
}

/// The digest of the same without the window, where a call of its own replaces that (TestInvite reference, section 4.3).
fn beside_window(call: &AnyCall) -> Option<Digest> {
    let AnyCall::TestInviteCreateCandidate(create) = call else { return None };
    Some(terms(&testinvite::CreateCandidate { dates: None, ..create.clone() }.into()))
}

/// The digest of all that an invitation asks for, apart from mail, name and keys.
fn terms(call: &AnyCall) -> Digest {
    const APART: [&str; 11] = [
        "test_invitation_id",
        "email",
        "name",
        "fullname",
        "send_email",
        "is_mail_enable",
        "invite_by_email",
        "external_id",
        "tracking",
        "credential1",
        "credential2",
    ];
    let mut value: serde_json::Value = serde_json::from_str(&call.without_mail().to_json()).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        APART.iter().for_each(|name| drop(members.remove(*name)));
    }
    Digest::of(value.to_string().as_bytes())
}
