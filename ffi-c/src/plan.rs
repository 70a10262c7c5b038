//! A plan: what would be done for many, as a file to be looked at; then sent as it stands.

use std::ffi::{c_char, c_void};
use std::io::{BufReader, BufWriter};
use std::mem::MaybeUninit;
use std::path::Path;
use std::ptr::from_ref;
use std::time::SystemTime;

use ::bidden_ledger::many::{Limits, Wished};
use ::bidden_ledger::plan::{Action, Footer, FromStart, PlanFile, PlannedRow, Reader, create_private};
use ::bidden_ledger::stop::Stop;
use ::bidden_ledger::{Consent, Ledger};
use bidden::client::{Cancel, Client};
use bidden::operation::{InviteOptions, TestId};
use bidden::{Error, Kind, Time};

use crate::boundary::{Or, boundary};
use crate::client::{bidden_cancel, bidden_client};
use crate::error::bidden_error;
use crate::ledger::{Given, bidden_ledger, bidden_operation};
use crate::many::{Program, Progress, bidden_many, bidden_progress, bidden_summary, limits, word_of};
use crate::memory::{self, Context, Output, present};
use crate::numbers;
use crate::outcome::bidden_outcome;
use crate::string::bidden_string;

/// A plan file, open and whole: nothing was cut off or changed since it was written. *Shared*.
pub struct bidden_plan {
    file: PlanFile,
    footer: Footer,
}

/// Reads the rows of a plan, one after the other. *One thread at a time.* Several may read one plan.
pub struct bidden_plan_rows(Reader<BufReader<FromStart>>);

/// A row of a plan. *Shared*.
pub struct bidden_planned(PlannedRow);

/// Hears what came of a row of a plan; both are the library's and may be read until the function returns. It runs on threads of the
/// library, on one at a time, in the order in which they end, and must not throw. What it is told is durable already.
pub type bidden_planned_row = Option<extern "C" fn(context: *mut c_void, planned: *const bidden_planned, outcome: *const bidden_outcome)>;

/// How a plan is sent. Zero it, set `size`, then what is needed; NULL is a zeroed one.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_apply {
    /// `sizeof (bidden_apply)`.
    pub size: usize,
    /// Ends the run from any thread: who is under way is finished, nobody else is sent. NULL for none.
    pub cancel: *const bidden_cancel,
    /// Hears what came of each row; NULL for nobody.
    pub row: bidden_planned_row,
    /// Given to it.
    pub row_context: *mut c_void,
    /// Hears how far it is; NULL for nobody.
    pub progress: bidden_progress,
    /// Given to it.
    pub progress_context: *mut c_void,
    /// How many are under way at once; 0 for 16.
    pub concurrency: u32,
    /// How many calls a second all workers of the ledger's account make together; 0 for no limit.
    pub calls_per_second: u32,
    /// Ends the run after so many that did not end well; 0 for never.
    pub stop_after_failures: u64,
    /// Refuses the run when it would ask for more mails than this; 0 for no bound but the plan's own.
    pub max_emails: u64,
}

impl bidden_plan {
    fn open(path: &Path) -> Result<Self, Error> {
        let file = PlanFile::open(path)?;
        let footer = file.footer()?;
        Ok(bidden_plan { file, footer })
    }

    fn sends(&self) -> u64 {
        let sent = Action::ALL.into_iter().filter(|action| action.sends());
        sent.filter_map(|action| self.footer.counts.get(action.slug())).sum()
    }
}

/// Writes a plan into a file: what `bidden_ledger_invite_many` would do for everybody whom `many->next` gives, by what the ledger holds,
/// and the platform where the ledger holds them. Nothing is sent that changes anything. The file is the one of `bidden plan`: JSON
/// Lines, readable by its owner only, with people and without passwords; what stood there is replaced. Of `many` the members `next`,
/// `progress` and their contexts count; of `operation` all but `candidate` and `invitation_id`, its consents are the plan's. Blocks.
/// The plan is open then; free it with `bidden_plan_free`.
///
/// `storage`, when the ledger or the file fails; what a look-up says; `timed-out`, when it was cancelled, and then there is no file;
/// `invalid-input` and `configuration`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_plan(
    ledger: Option<&bidden_ledger>,
    client: Option<&bidden_client>,
    operation: *const bidden_operation,
    many: *const bidden_many,
    path: *const c_char,
    plan: Option<&mut MaybeUninit<Option<Box<bidden_plan>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let plan = Output::new(plan, "plan")?;
        let ledger = present(ledger, "ledger")?.inner();
        let given = Given::read(client, operation)?;
        let program = Program::of(&memory::read_growing(many)?)?;
        let path = Path::new(memory::text(path, "path")?);
        let options = InviteOptions::from_json(&given.options)?;
        let written = write(ledger, &given, &program, &options, path);
        if written.is_err() {
            // What is cut is no plan, and would be refused as one.
            let _ = std::fs::remove_file(path);
        }
        written?;
        plan.put(Some(Box::new(bidden_plan::open(path)?)));
        Ok(())
    })
}

fn write(ledger: &Ledger, given: &Given<'_>, program: &Program, options: &InviteOptions, path: &Path) -> Result<(), Error> {
    let place = ledger.place_of(given.client, &given.test, None);
    let invitations = given.invitations(ledger, &place)?;
    let unwritten = |error: std::io::Error| Error::new(Kind::Storage, format!("the plan cannot be written: {error}")).with_source(error);
    let file = BufWriter::with_capacity(1 << 16, create_private(path).map_err(unwritten)?);
    let platform = given.client.platform();
    let next = || Some(Wished::read(&program.next()?.row(), platform, Time::from(SystemTime::now())));
    invitations.plan_many(next, |row| program.told(row.row), options, file).map(|_| ())
}

/// Opens a plan file, whoever made it: `bidden_ledger_plan`, the command `bidden plan`, or Python. It is read to its end once. Free it
/// with `bidden_plan_free`.
///
/// `invalid-input`: it cannot be read, is no plan of this version, or was cut or changed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_open(
    path: *const c_char,
    plan: Option<&mut MaybeUninit<Option<Box<bidden_plan>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let plan = Output::new(plan, "plan")?;
        plan.put(Some(Box::new(bidden_plan::open(Path::new(memory::text(path, "path")?))?)));
        Ok(())
    })
}

/// Closes a plan; the file stays. No reader of its rows is ended by it. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_free(plan: Option<Box<bidden_plan>>) {
    boundary(Or(()), || drop(plan))
}

/// For which platform it was made, `BIDDEN_PLATFORM_…`; 0 for one that is not known, and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_platform(plan: Option<&bidden_plan>) -> i32 {
    boundary(Or(0), || plan.and_then(|plan| plan.file.header.place.platform()).map_or(0, numbers::of_platform))
}

/// For which test. Absent for NULL. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_test(plan: Option<&bidden_plan>) -> bidden_string {
    boundary(Or(bidden_string::default()), || plan.map(|plan| plan.file.header.place.test.as_str()).into())
}

/// For which account of the ledger. Absent for NULL. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_account(plan: Option<&bidden_plan>) -> bidden_string {
    boundary(Or(bidden_string::default()), || plan.map(|plan| plan.file.header.place.account.as_str()).into())
}

/// For which address of the platform. Absent for NULL. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_base_url(plan: Option<&bidden_plan>) -> bidden_string {
    boundary(Or(bidden_string::default()), || plan.map(|plan| plan.file.header.base_url.as_str()).into())
}

/// When it was made, as RFC 3339 text in UTC. Absent for NULL. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_made_at(plan: Option<&bidden_plan>) -> bidden_string {
    boundary(Or(bidden_string::default()), || plan.map(|plan| plan.file.header.made_at.as_str()).into())
}

/// How many rows it has; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_row_count(plan: Option<&bidden_plan>) -> u64 {
    boundary(Or(0), || plan.map_or(0, |plan| plan.footer.rows))
}

/// For how many of them something would be sent that changes the invitation; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_sends(plan: Option<&bidden_plan>) -> u64 {
    boundary(Or(0), || plan.map_or(0, bidden_plan::sends))
}

/// How many mails to candidates would be asked for; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_mails(plan: Option<&bidden_plan>) -> u64 {
    boundary(Or(0), || plan.map_or(0, |plan| plan.footer.mails))
}

/// How many rows come to an action, by its word: `"invite"`, `"unchanged"`, `"held"` and so on, as `bidden_review_action` names them.
/// 0 for NULL and for a word that is none.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_count(plan: Option<&bidden_plan>, action: *const c_char) -> u64 {
    boundary(Or(0), || {
        let word = memory::text(action, "action").unwrap_or_default();
        plan.and_then(|plan| plan.footer.counts.get(word).copied()).unwrap_or(0)
    })
}

/// Begins to read the rows of a plan, from the first. Free it with `bidden_plan_rows_free`; the plan may be freed before.
///
/// `invalid-input`: the file cannot be read.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_rows_new(
    plan: Option<&bidden_plan>,
    rows: Option<&mut MaybeUninit<Option<Box<bidden_plan_rows>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let rows = Output::new(rows, "rows")?;
        rows.put(Some(Box::new(bidden_plan_rows(present(plan, "plan")?.file.rows()?))));
        Ok(())
    })
}

/// Ends the reading. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_rows_free(rows: Option<Box<bidden_plan_rows>>) {
    boundary(Or(()), || drop(rows))
}

/// The next row; NULL behind the last. Free it with `bidden_planned_free`.
///
/// `invalid-input`: the file was changed since it was opened.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_plan_rows_next(
    rows: Option<&mut bidden_plan_rows>,
    planned: Option<&mut MaybeUninit<Option<Box<bidden_planned>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let planned = Output::new(planned, "planned")?;
        planned.put(present(rows, "rows")?.0.next_row()?.map(|row| Box::new(bidden_planned(row))));
        Ok(())
    })
}

/// Frees a row. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_planned_free(planned: Option<Box<bidden_planned>>) {
    boundary(Or(()), || drop(planned))
}

/// The number of the row, from 1 in the order in which they were given; 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_planned_number(planned: Option<&bidden_planned>) -> u64 {
    boundary(Or(0), || planned.map_or(0, |planned| planned.0.row))
}

/// What would be done, as `bidden_review_action` names it: static text. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_planned_action(planned: Option<&bidden_planned>) -> *const c_char {
    boundary(Or(std::ptr::null()), || planned.map_or(std::ptr::null(), |planned| word_of(planned.0.action)))
}

/// Whether a mail to the candidate would be asked for. False for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_planned_asks_for_mail(planned: Option<&bidden_planned>) -> bool {
    boundary(Or(false), || planned.is_some_and(|planned| planned.0.mail))
}

/// A field of the candidate by its name, as `bidden_candidate_set` names them; absent where it is not given, and for secrets, which no
/// plan holds. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_planned_field(planned: Option<&bidden_planned>, field: *const c_char) -> bidden_string {
    boundary(Or(bidden_string::default()), || {
        let field = memory::text(field, "field").unwrap_or_default();
        planned.and_then(|planned| planned.0.candidate.get(field).map(String::as_str)).into()
    })
}

/// Why nothing would be done; absent when something would. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_planned_why(planned: Option<&bidden_planned>) -> bidden_string {
    boundary(Or(bidden_string::default()), || planned.and_then(|planned| planned.0.why.as_deref()).into())
}

/// Sends what a plan says, after it has looked at every row once more; that the plan was made and is sent is the consent. Applied
/// again, after a cancel, a crash or a power cut, it goes on where it was, and nobody is mailed twice. Rows whose password the plan leaves
/// out are held. `apply` may be NULL. Blocks. Free the summary with `bidden_summary_free`.
///
/// `invalid-input`, and nothing was sent: the plan is of another platform, address or account than client and ledger, is stale (what it
/// saw does not hold any more, with the first rows), or would ask for more mails than `apply->max_emails`. `storage`, when the ledger
/// fails.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_apply(
    ledger: Option<&bidden_ledger>,
    client: Option<&bidden_client>,
    plan: Option<&bidden_plan>,
    apply: *const bidden_apply,
    summary: Option<&mut MaybeUninit<Option<Box<bidden_summary>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let summary = Output::new(summary, "summary")?;
        let ledger = present(ledger, "ledger")?.inner();
        let client: &Client = &present(client, "client")?.0;
        let plan = present(plan, "plan")?;
        let given = if apply.is_null() { memory::absent() } else { memory::read_growing(apply)? };
        let cancel = memory::lent(given.cancel, "cancel")?.map_or_else(Cancel::default, |cancel| cancel.0.clone());
        let test = TestId::from(plan.file.header.place.test.as_str());
        let place = ledger.place_of(client, &test, None);
        let rate = Some(f64::from(given.calls_per_second)).filter(|rate| *rate > 0.0);
        let invitations = ledger.one(client, &place, Consent::default())?.with_cancel(cancel.clone()).with_rate(rate);
        let stop = Stop::new(cancel, Some(given.stop_after_failures).filter(|most| *most > 0));
        let limits: Limits = limits(given.concurrency, given.max_emails);
        let progress = Progress::new(given.progress, given.progress_context, plan.footer.rows);
        let row_context = Context::new(given.row_context);
        let mut done = 0;
        let totals = invitations.apply(
            &plan.file,
            |planned, outcome| {
                if let Some(row) = given.row {
                    let (planned, outcome) = (bidden_planned(planned.clone()), bidden_outcome(outcome.clone()));
                    row(row_context.pointer(), from_ref(&planned), from_ref(&outcome));
                }
                done += 1;
                progress.tell(done);
            },
            &limits,
            &stop,
        )?;
        summary.put(Some(Box::new(bidden_summary(totals))));
        Ok(())
    })
}
