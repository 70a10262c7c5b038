//! Many candidates, one after the other from the program: reviewed one by one before, invited through the ledger, cancelled from
//! anywhere.

use std::ffi::{CString, c_char, c_void};
use std::mem::MaybeUninit;
use std::ptr::from_mut;
use std::sync::LazyLock;
use std::time::SystemTime;

use ::bidden_ledger::many::{Invitee, Limits, Totals};
use ::bidden_ledger::plan::Action;
use ::bidden_ledger::stop::Stop;
use bidden::operation::{InviteOptions, Outcome};
use bidden::{Error, Time};

use crate::boundary::{Or, boundary};
use crate::candidate::bidden_candidate;
use crate::client::bidden_client;
use crate::error::bidden_error;
use crate::ledger::{Given, bidden_ledger, bidden_operation};
use crate::memory::{self, Context, Output, present};
use crate::numbers::flag;
use crate::outcome::bidden_outcome;
use crate::string::bidden_string;

/// Gives the next candidate: fills the empty one that it is given by `bidden_candidate_set`, and returns 1; 0 when there is nobody
/// any more. The candidate is the library's and is gone when the function that is running returns; do not free it. It runs on
/// threads of the library, on one at a time, and must not throw.
pub type bidden_next = Option<extern "C" fn(context: *mut c_void, candidate: *mut bidden_candidate) -> i32>;

/// Hears what came of a candidate: his number, from 0 in the order in which they were given, and the outcome, which is the
/// library's and may be read until the function returns. It runs on threads of the library, on one at a time, in the order in
/// which they end, and must not throw. What it is told is durable already.
pub type bidden_row = Option<extern "C" fn(context: *mut c_void, number: u64, outcome: *const bidden_outcome)>;

/// Hears how far a run is, after every row: how many rows are done, and how many there are in all, 0 where nobody knows yet. It runs on
/// threads of the library, on one at a time, and must not throw.
pub type bidden_progress = Option<extern "C" fn(context: *mut c_void, done: u64, total: u64)>;

/// How many are invited, or planned. Zero it, set `size`, then what is needed; `next` is required.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_many {
    /// `sizeof (bidden_many)`.
    pub size: usize,
    /// Gives the candidates.
    pub next: bidden_next,
    /// Given to it.
    pub next_context: *mut c_void,
    /// Hears what came of each; NULL for nobody.
    pub row: bidden_row,
    /// Given to it.
    pub row_context: *mut c_void,
    /// How many are under way at once; 0 for 16.
    pub concurrency: u32,
    /// How many calls a second all workers of the ledger's account make together; 0 for no limit.
    pub calls_per_second: u32,
    /// Ends the run after so many that did not end well; 0 for never.
    pub stop_after_failures: u64,
    /// Consent: the most mails that may be asked for in this run, which ends before one more; 0 for no bound. A host that is not this
    /// machine needs one where the operation asks for mails.
    pub max_emails: u64,
    /// Consent, `BIDDEN_FLAG_…`: people may be reached on a host that is not this machine. Nothing is sent there without it.
    pub confirm: i32,
    /// Always 0.
    pub reserved: i32,
    /// Hears how far it is; NULL for nobody.
    pub progress: bidden_progress,
    /// Given to it.
    pub progress_context: *mut c_void,
}

/// What came of many. *Shared*.
pub struct bidden_summary(pub Totals);

/// What would be done for a candidate. *Shared*.
pub struct bidden_review {
    action: Action,
    asks_for_mail: bool,
    why: Option<String>,
}

static ACTION_WORDS: LazyLock<Vec<(Action, CString)>> =
    LazyLock::new(|| Action::ALL.into_iter().map(|action| (action, CString::new(action.slug()).unwrap_or_default())).collect());

/// The word of an action: static text.
pub fn word_of(action: Action) -> *const c_char {
    ACTION_WORDS.iter().find(|(known, _)| *known == action).map_or(std::ptr::null(), |(_, word)| word.as_ptr())
}

/// The functions of the program for one run.
pub struct Program {
    next: extern "C" fn(*mut c_void, *mut bidden_candidate) -> i32,
    next_context: Context,
    row: bidden_row,
    row_context: Context,
    progress: Progress,
}

impl Program {
    /// Those that the program gave.
    pub fn of(many: &bidden_many) -> Result<Self, Error> {
        memory::reserved(many.reserved)?;
        let next = many.next.ok_or_else(|| memory::fault("many.next", "is NULL"))?;
        let (next_context, row_context) = (Context::new(many.next_context), Context::new(many.row_context));
        let progress = Progress::new(many.progress, many.progress_context, 0);
        Ok(Program { next, next_context, row: many.row, row_context, progress })
    }

    /// The next candidate, as the program filled it.
    pub fn next(&self) -> Option<bidden_candidate> {
        let mut candidate = bidden_candidate::empty();
        ((self.next)(self.next_context.pointer(), from_mut(&mut candidate)) == 1).then_some(candidate)
    }

    /// Tells how many rows were planned.
    pub fn told(&self, done: u64) {
        self.progress.tell(done);
    }

    fn tell(&self, number: u64, outcome: &Outcome) {
        if let Some(row) = self.row {
            let outcome = bidden_outcome(outcome.clone());
            row(self.row_context.pointer(), number, &raw const outcome);
        }
    }
}

/// The function of the program that hears how far a run is.
pub struct Progress {
    hear: bidden_progress,
    context: Context,
    total: u64,
}

impl Progress {
    /// The one that the program gave.
    pub fn new(hear: bidden_progress, context: *mut c_void, total: u64) -> Self {
        Progress { hear, context: Context::new(context), total }
    }

    /// Tells how many rows are done.
    pub fn tell(&self, done: u64) {
        if let Some(hear) = self.hear {
            hear(self.context.pointer(), done, self.total);
        }
    }
}

/// How many go at once, and how many mails are allowed; in C 0 is the usual, and no bound.
pub fn limits(concurrency: u32, max_emails: u64) -> Limits {
    let usual = Limits::default();
    let concurrency = if concurrency == 0 { usual.concurrency } else { concurrency.min(256) as usize };
    Limits { concurrency, max_emails: Some(max_emails).filter(|most| *most > 0), ..usual }
}

impl Given<'_> {
    /// A candidate with the options of all.
    fn with(&self, candidate: &bidden_candidate) -> Invitee {
        InviteOptions::with_candidate(&self.options, &candidate.row(), self.client.platform(), Time::from(SystemTime::now()))
    }
}

/// Invites everybody whom `many->next` gives, through the ledger, each at most once with a mail, however often it is run: what an
/// interruption left is finished by the next run of the same candidates. `operation` says how; its `candidate` and
/// `invitation_id` are not read, and its `cancel` ends the run from any thread: those who are under way are finished, nobody new is
/// asked for. An error that concerns every row ends it too, and a platform that is down after twenty rows; the rest is told as
/// `BIDDEN_DISPOSITION_NOT_SENT`. Blocks. Free the summary with `bidden_summary_free`.
///
/// On a host that is not this machine `many->confirm` says yes to reaching people, and `many->max_emails` to how many mails; a plan
/// that was looked at is a consent too (`bidden_ledger_apply`).
///
/// `storage`, when the ledger fails; `invalid-input` and `configuration`, when they keep it from being begun: field `confirm` or
/// `max_emails`, when the consent is missing.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_invite_many(
    ledger: Option<&bidden_ledger>,
    client: Option<&bidden_client>,
    operation: *const bidden_operation,
    many: *const bidden_many,
    summary: Option<&mut MaybeUninit<Option<Box<bidden_summary>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let summary = Output::new(summary, "summary")?;
        let ledger = present(ledger, "ledger")?.inner();
        let given = Given::read(client, operation)?;
        let many = memory::read_growing(many)?;
        let program = Program::of(&many)?;
        let limits =
            Limits { is_confirmed: flag(many.confirm, "confirm")?.unwrap_or_default(), ..limits(many.concurrency, many.max_emails) };
        limits.check(given.client.base_url(), &InviteOptions::from_json(&given.options)?)?;
        let place = ledger.place_of(given.client, &given.test, None);
        let rate = Some(f64::from(many.calls_per_second)).filter(|rate| *rate > 0.0);
        let invitations = given.invitations(ledger, &place)?.with_rate(rate);
        let stop = Stop::new(given.cancel.clone(), Some(many.stop_after_failures).filter(|most| *most > 0));
        let mut done = 0;
        let totals = invitations.invite_many(
            || Some(given.with(&program.next()?)),
            |number, outcome| {
                program.tell(number, outcome);
                done += 1;
                program.progress.tell(done);
            },
            &limits,
            &stop,
        )?;
        summary.put(Some(Box::new(bidden_summary(totals))));
        Ok(())
    })
}

/// Frees a summary. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_summary_free(summary: Option<Box<bidden_summary>>) {
    boundary(Or(()), || drop(summary))
}

/// How many candidates were given; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_summary_rows(summary: Option<&bidden_summary>) -> u64 {
    boundary(Or(0), || summary.map_or(0, |summary| summary.0.rows))
}

/// How many of them ended well, now or before; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_summary_good(summary: Option<&bidden_summary>) -> u64 {
    boundary(Or(0), || summary.map_or(0, |summary| summary.0.good))
}

/// How many were not sent, because the run ended before; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_summary_not_sent(summary: Option<&bidden_summary>) -> u64 {
    boundary(Or(0), || summary.map_or(0, |summary| summary.0.not_sent))
}

/// How many mails to candidates were asked for in this run; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_summary_mails(summary: Option<&bidden_summary>) -> u64 {
    boundary(Or(0), || summary.map_or(0, |summary| summary.0.mails))
}

/// Why the run ended before its end; absent when it did not. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_summary_stopped(summary: Option<&bidden_summary>) -> bidden_string {
    boundary(Or(bidden_string::default()), || summary.and_then(|summary| summary.0.stopped.as_deref()).into())
}

/// What `bidden_ledger_invite` would do for a candidate, by what the ledger holds, and the platform where the ledger holds him:
/// nothing is written, and nothing is sent that changes anything. Free it with `bidden_review_free`.
///
/// `storage`, and what a look-up says; `invalid-input` and `configuration`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_review(
    ledger: Option<&bidden_ledger>,
    client: Option<&bidden_client>,
    operation: *const bidden_operation,
    review: Option<&mut MaybeUninit<Option<Box<bidden_review>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let review = Output::new(review, "review")?;
        let ledger = present(ledger, "ledger")?.inner();
        let given = Given::read(client, operation)?;
        let (candidate, options) = given.person()?;
        let place = ledger.place_of(given.client, &given.test, None);
        let judged = given.invitations(ledger, &place)?.judge(&[(&candidate, &options)])?;
        let judged = judged.first().ok_or_else(|| Error::new(bidden::Kind::Internal, "a wish was not judged"))?;
        let (action, asks_for_mail, why) = Action::of(given.client.platform(), &judged.verdict, &judged.standing);
        review.put(Some(Box::new(bidden_review { action, asks_for_mail, why })));
        Ok(())
    })
}

/// Frees a review. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_review_free(review: Option<Box<bidden_review>>) {
    boundary(Or(()), || drop(review))
}

/// What would be done, in the words of `bidden plan`: `"invite"`, `"create"`, `"refresh"`, `"reopen"`, `"unchanged"`, `"held"` and
/// so on: static text. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_review_action(review: Option<&bidden_review>) -> *const c_char {
    boundary(Or(std::ptr::null()), || review.map_or(std::ptr::null(), |review| word_of(review.action)))
}

/// Whether something would be sent that changes the invitation. False for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_review_sends(review: Option<&bidden_review>) -> bool {
    boundary(Or(false), || review.is_some_and(|review| review.action.sends()))
}

/// Whether a mail to the candidate would be asked for. False for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_review_asks_for_mail(review: Option<&bidden_review>) -> bool {
    boundary(Or(false), || review.is_some_and(|review| review.asks_for_mail))
}

/// Why nothing would be done; absent when something would. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_review_why(review: Option<&bidden_review>) -> bidden_string {
    boundary(Or(bidden_string::default()), || review.and_then(|review| review.why.as_deref()).into())
}
