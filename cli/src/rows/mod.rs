//! The way of a candidate's row: read and checked, sent by a pool of threads, reported in the order of the file.
//!
//! ```text
//! source ─▶ queue ─▶ workers (the ledger's one path) ─┐
//!    └──── in order, bounded ────────────────▶ report
//! ```
//!
//! At most [`WINDOW`] rows are between the first that is not reported and the last that was read, so memory does not
//! grow with the file; only [`Seen`](bidden_ledger::seen::Seen) does.

pub mod checking;
pub mod planned;
pub mod planner;
pub mod progress;
mod queue;
pub mod report;
pub mod source;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use bidden::operation::{Disposition, InviteOptions, Outcome};
use bidden::testinvite::Price;
use bidden::{Candidate, Error, Kind};
use bidden_ledger::law::Verdict;
use bidden_ledger::{Digest, Keys};

use crate::configuration::Desk;
use crate::failure::{Failure, Result};
use bidden_ledger::stop::Stop;
use queue::Queue;
use report::Person;

/// How many rows may be under way: read, and not reported yet.
const WINDOW: usize = 4096;

/// How long the reporter lets rows gather before it looks again: too short for anybody to see.
const PAUSE: Duration = Duration::from_micros(500);

/// The largest batch of registrations: far below [`WINDOW`], so that no batch waits for rows that cannot be read.
pub const LARGEST_BATCH: usize = 1000;

/// One row on its way.
#[derive(Debug)]
pub struct Line {
    /// The record, from 1.
    pub row: u64,
    /// The line on which it begins; `None` when it comes from an argument.
    pub line: Option<u64>,
    /// Who it is.
    pub person: Person,
    /// The cells as read, when they are wanted for the output file.
    pub cells: Vec<String>,
    /// Whether it holds something doubtful.
    pub has_warnings: bool,
    /// What is to be done.
    pub task: Task,
    /// The chunk of a plan that ends with this row.
    pub ends_chunk: Option<i64>,
}

/// What is to be done for a row.
#[derive(Debug)]
pub enum Task {
    /// Nothing: this is what it came to.
    Settled(Box<Outcome>),
    /// The same person stands further up.
    Repeated {
        /// Where, in words.
        first: String,
    },
    /// An invitation; on Think Exam after a registration, together with others.
    Invite(Box<Invitee>),
    /// The assignment of a Think Exam test to a candidate who is registered.
    Assign(Box<Invitee>),
    /// A registration, together with others.
    Register(Box<Candidate>),
    /// A withdrawal.
    Cancel(Box<Target>),
    /// Another attempt.
    Reattempt(Box<Target>),
}

/// Who is invited.
#[derive(Clone, Debug)]
pub struct Invitee {
    /// The candidate.
    pub candidate: Candidate,
    /// What this candidate pays, where a column holds prices.
    pub price: Option<Price>,
}

impl Invitee {
    /// The options of this invitation.
    #[must_use]
    pub fn options<'a>(&self, common: &'a InviteOptions) -> Cow<'a, InviteOptions> {
        match &self.price {
            Some(price) => Cow::Owned(InviteOptions { price: Some(price.clone()), ..common.clone() }),
            None => Cow::Borrowed(common),
        }
    }
}

/// Whose invitation is meant.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The keys of the candidate.
    pub keys: Keys,
    /// The platform's id of the invitation.
    pub invitation: Option<String>,
}

impl Task {
    /// Whether something is sent for it.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        !matches!(self, Task::Settled(_) | Task::Repeated { .. })
    }
}

/// Where rows come from.
pub trait Source {
    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// When nothing more can be read.
    fn next(&mut self) -> Result<Option<Line>>;
}

/// Who is told what became of the rows, in the order of the file.
pub trait Reporter {
    /// A row, and what came of it when something was to be sent.
    fn row(&mut self, line: Line, sent: Option<Outcome>, stop: &Stop);

    /// Asks whether the rows after the first ones are sent too, and ends the run unless somebody says yes.
    fn ask_to_go_on(&self, stop: &Stop);
}

/// How the rows are sent.
#[derive(Debug)]
pub struct Sending<'a> {
    /// The ledger's invitations, through which everything goes.
    pub desk: &'a Desk,
    /// By how many threads.
    pub concurrency: usize,
    /// How many registrations go into one call, at most [`LARGEST_BATCH`].
    pub batch_size: usize,
    /// The options of all rows.
    pub options: &'a InviteOptions,
    /// After so many rows somebody is asked.
    pub first: Option<u64>,
    /// The plan that is applied.
    pub run: Option<Digest>,
}

/// Of one row: holds one answer.
type Reply = SyncSender<Outcome>;

#[derive(Debug)]
enum Job {
    Invite(Box<Invitee>, Reply),
    InviteAll(Vec<(Box<Invitee>, Reply)>),
    Register(Vec<(Box<Candidate>, Reply)>),
    Cancel(Box<Target>, Reply),
    Reattempt(Box<Target>, Reply),
}

/// What the reporter gets, in the order of the file.
enum Event {
    Row(Box<Line>, Option<Receiver<Outcome>>),
    /// The first rows are sent; whether the others follow is known when this is answered.
    Ask(SyncSender<()>),
    /// The source cannot be read any further.
    Broken(Failure),
}

/// Sends every row of a source and reports it. `Err` when the source broke off; what was read before is reported.
///
/// # Errors
/// Of the source, with exit 3.
pub fn run(source: &mut (impl Source + Send), sending: &Sending<'_>, stop: &Stop, report: &mut impl Reporter) -> Result<()> {
    let queue = Queue::new(sending.concurrency * 2);
    let (events, ordered) = sync_channel(WINDOW);
    std::thread::scope(|scope| {
        for _ in 0..sending.concurrency {
            scope.spawn(|| work(&queue, sending, stop));
        }
        let queue = &queue;
        scope.spawn(move || {
            Feeder { queue, events, sending, stop, invitees: Vec::new(), batch: Vec::new(), batch_began: 0, sent: 0 }.feed(source);
            queue.close();
        });
        let mut broken = Ok(());
        for event in ordered {
            match event {
                Event::Row(line, coming) => {
                    let ended = line.ends_chunk;
                    report.row(*line, coming.map(await_outcome), stop);
                    if let (Some(run), Some(chunk), false) = (sending.run, ended, stop.is_set())
                        && let Err(error) = sending.desk.ledger().ask(move |storage| storage.finish(run, chunk))
                    {
                        stop.set(format!("storage: {error}"));
                    }
                }
                Event::Ask(answer) => {
                    report.ask_to_go_on(stop);
                    let _ = answer.send(());
                }
                Event::Broken(failure) => broken = Err(Failure { exit: 3, ..failure }),
            }
        }
        broken
    })
}

fn await_outcome(coming: Receiver<Outcome>) -> Outcome {
    if let Ok(outcome) = coming.try_recv() {
        return outcome;
    }
    // The rows behind it come soon after: who waits a moment takes several at once, and wakes up once for all of them.
    std::thread::sleep(PAUSE);
    coming.recv().unwrap_or_else(|_| Outcome::of_error(Error::new(Kind::Internal, "a worker ended without an outcome")))
}

struct Feeder<'a> {
    queue: &'a Queue<Job>,
    events: SyncSender<Event>,
    sending: &'a Sending<'a>,
    stop: &'a Stop,
    /// Those of the batch who are invited after they are registered.
    invitees: Vec<(Box<Invitee>, Reply)>,
    batch: Vec<(Box<Candidate>, Reply)>,
    /// The row of the file at which the batch began.
    batch_began: u64,
    sent: u64,
}

impl Feeder<'_> {
    fn feed(&mut self, source: &mut impl Source) {
        loop {
            match source.next() {
                Ok(Some(line)) => self.take(line),
                Ok(None) => break,
                Err(failure) => {
                    self.flush();
                    self.emit(Event::Broken(failure));
                    break;
                }
            }
        }
        self.flush();
    }

    fn take(&mut self, mut line: Line) {
        if line.task.is_sent() {
            // Whom the ledger knows already is none of the first that are sent.
            let is_counted = self.sending.first.is_some_and(|first| self.sent <= first) && self.may_be_sent(&line.task);
            if is_counted && self.sending.first == Some(self.sent) && !self.stop.is_set() {
                self.ask();
            }
            self.sent += u64::from(is_counted);
            if self.stop.is_set() {
                line.task = Task::Settled(Box::new(Outcome::of(Disposition::NotSent)));
            }
        }
        // Rows behind a batch that waits to be filled must not fill the window before it leaves.
        if !(self.batch.is_empty() && self.invitees.is_empty()) && line.row >= self.batch_began + WINDOW as u64 / 2 {
            self.flush();
        }
        let (row, task) = (line.row, std::mem::replace(&mut line.task, Task::Settled(Box::new(Outcome::of(Disposition::NotSent)))));
        let (reply, coming) = sync_channel(1);
        match task {
            Task::Settled(_) | Task::Repeated { .. } => {
                line.task = task;
                return self.emit(Event::Row(Box::new(line), None));
            }
            Task::Invite(invitee) if self.sending.desk.registers_first() => {
                self.begin_batch(row);
                self.invitees.push((invitee, reply));
            }
            Task::Invite(invitee) | Task::Assign(invitee) => self.queue.push(Job::Invite(invitee, reply)),
            Task::Cancel(target) => self.queue.push(Job::Cancel(target, reply)),
            Task::Reattempt(target) => self.queue.push(Job::Reattempt(target, reply)),
            Task::Register(candidate) => {
                self.begin_batch(row);
                self.batch.push((candidate, reply));
            }
        }
        if self.batch.len().max(self.invitees.len()) >= self.sending.batch_size {
            self.flush();
        }
        self.emit(Event::Row(Box::new(line), Some(coming)));
    }

    /// Whether the ledger lets anything be sent for a row; what it cannot say now, it says when the row is sent.
    fn may_be_sent(&self, task: &Task) -> bool {
        let (Task::Invite(invitee) | Task::Assign(invitee)) = task else { return true };
        let judged = self.sending.desk.judge(&[(&invitee.candidate, &invitee.options(self.sending.options))]);
        judged.ok().and_then(|judged| judged.into_iter().next()).is_none_or(|judged| matches!(judged.verdict, Verdict::Send { .. }))
    }

    fn ask(&mut self) {
        self.flush();
        let (answer, answered) = sync_channel(1);
        self.emit(Event::Ask(answer));
        // The reporter outlives this thread.
        let _ = answered.recv();
    }

    fn begin_batch(&mut self, row: u64) {
        if self.batch.is_empty() && self.invitees.is_empty() {
            self.batch_began = row;
        }
    }

    fn flush(&mut self) {
        if !self.batch.is_empty() {
            self.queue.push(Job::Register(std::mem::take(&mut self.batch)));
        }
        if !self.invitees.is_empty() {
            self.queue.push(Job::InviteAll(std::mem::take(&mut self.invitees)));
        }
    }

    fn emit(&self, event: Event) {
        // The reporter goes on until the feeder is done.
        let _ = self.events.send(event);
    }
}

fn work(queue: &Queue<Job>, sending: &Sending<'_>, stop: &Stop) {
    while let Some(job) = queue.take() {
        // The replies of a job that panics are dropped, and its rows end as `internal`.
        let following = catch_unwind(AssertUnwindSafe(|| execute(job, sending, stop))).unwrap_or_else(|_| {
            stop.set("internal: a worker panicked");
            Vec::new()
        });
        queue.done(following);
    }
}

/// A reporter that is gone needs no answer.
fn settle(outcome: Outcome, reply: &Reply) {
    let _ = reply.send(outcome);
}

fn execute(job: Job, sending: &Sending<'_>, stop: &Stop) -> Vec<Job> {
    let is_stopped = stop.is_set();
    let judged = |outcome: std::result::Result<Outcome, Error>, reply: &Reply| {
        // What could not be recorded ends the run.
        let outcome = outcome.unwrap_or_else(Outcome::of_error);
        stop.judge(&outcome);
        settle(outcome, reply);
    };
    match job {
        Job::Register(batch) if is_stopped => batch.iter().for_each(|(_, reply)| settle(Outcome::of(Disposition::NotSent), reply)),
        Job::InviteAll(batch) if is_stopped => batch.iter().for_each(|(_, reply)| settle(Outcome::of(Disposition::NotSent), reply)),
        Job::Invite(_, reply) | Job::Cancel(_, reply) | Job::Reattempt(_, reply) if is_stopped => {
            settle(Outcome::of(Disposition::NotSent), &reply);
        }
        Job::Invite(invitee, reply) => {
            let task = sending.desk.task(&invitee.candidate, &invitee.options(sending.options));
            judged(task.and_then(|task| sending.desk.carry_out(&task)), &reply);
        }
        Job::Cancel(target, reply) => judged(sending.desk.cancel(&target.keys, target.invitation.as_deref()), &reply),
        Job::Reattempt(target, reply) => {
            judged(sending.desk.reattempt(&target.keys, target.invitation.as_deref(), sending.options), &reply);
        }
        Job::Register(batch) => {
            for ((_, reply), outcome) in batch.iter().zip(register(batch.iter().map(|(candidate, _)| &**candidate), sending, stop)) {
                settle(outcome, reply);
            }
        }
        Job::InviteAll(batch) => return register_first(batch, sending, stop),
    }
    Vec::new()
}

/// Registers a batch in one call.
fn register<'a>(candidates: impl Iterator<Item = &'a Candidate>, sending: &Sending<'_>, stop: &Stop) -> Vec<Outcome> {
    let candidates: Vec<Candidate> = candidates.cloned().collect();
    let outcomes = match sending.desk.register(&candidates, sending.options) {
        Ok(outcomes) => outcomes,
        Err(error) => vec![Outcome::of_error(error); candidates.len()],
    };
    let mut last_error: Option<&Error> = None;
    for outcome in &outcomes {
        // One answer that fails a whole batch is one failure, not as many as the batch has rows.
        if outcome.error.is_none() || outcome.error.as_ref() != last_error {
            last_error = outcome.error.as_ref();
            stop.judge(outcome);
        }
    }
    outcomes
}

/// Registers those of a batch who are to be invited and whom the ledger does not know as registered; what follows are the
/// invitations.
fn register_first(batch: Vec<(Box<Invitee>, Reply)>, sending: &Sending<'_>, stop: &Stop) -> Vec<Job> {
    let options: Vec<_> = batch.iter().map(|(invitee, _)| invitee.options(sending.options)).collect();
    let wishes: Vec<_> = batch.iter().zip(&options).map(|((invitee, _), options)| (&invitee.candidate, &**options)).collect();
    let judged = match sending.desk.judge(&wishes) {
        Ok(judged) => judged,
        Err(error) => {
            let outcome = Outcome::of_error(error);
            stop.judge(&outcome);
            batch.iter().for_each(|(_, reply)| settle(outcome.clone(), reply));
            return Vec::new();
        }
    };
    let is_new = |judged: &bidden_ledger::Judged| matches!(judged.verdict, Verdict::Send { .. }) && !judged.standing.is_registered;
    let (new, known): (Vec<_>, Vec<_>) = batch.into_iter().zip(judged).partition(|(_, judged)| is_new(judged));
    let mut following: Vec<Job> = known.into_iter().map(|((invitee, reply), _)| Job::Invite(invitee, reply)).collect();
    if new.is_empty() {
        return following;
    }
    let outcomes = register(new.iter().map(|((invitee, _), _)| &invitee.candidate), sending, stop);
    for (((invitee, reply), _), outcome) in new.into_iter().zip(outcomes) {
        match outcome.disposition.exit_code() {
            0 => following.push(Job::Invite(invitee, reply)),
            _ => settle(outcome, &reply),
        }
    }
    following
}
