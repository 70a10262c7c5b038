//! The way of a candidate's row: read and checked, sent by a pool of threads, reported in the order of the file.
//!
//! ```text
//! source ─▶ queue ─▶ workers (Client::run) ─┐
//!    └──── in order, bounded ──────────────▶ report
//! ```
//!
//! At most [`WINDOW`] rows are between the first that is not reported and the last that was read, so memory does not
//! grow with the file; only [`seen::Seen`] does.

pub mod progress;
mod queue;
pub mod report;
pub mod seen;
pub mod source;
pub mod stop;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::SystemTime;

use bidden::client::Client;
use bidden::operation::{Cancel, Disposition, Invite, InviteOptions, Outcome, Register, TestId};
use bidden::{Candidate, Error, Kind};

use crate::failure::{Failure, Result};
use queue::Queue;
use report::{Person, Report};
use stop::Stop;

/// How many rows may be under way: read, and not reported yet.
const WINDOW: usize = 4096;

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
    /// An invitation in one operation.
    Invite(Box<Invite>),
    /// A withdrawal.
    Cancel(Box<Cancel>),
    /// A registration, together with others; what follows is in [`Sending::then_assign`].
    Register(Box<Candidate>),
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

/// How the rows are sent.
#[derive(Debug)]
pub struct Sending<'a> {
    /// By whom.
    pub client: &'a Client,
    /// By how many threads.
    pub concurrency: usize,
    /// How many registrations go into one call, at most [`LARGEST_BATCH`].
    pub batch_size: usize,
    /// The options of registrations and assignments.
    pub options: &'a InviteOptions,
    /// The test that is assigned after a registration.
    pub then_assign: Option<&'a TestId>,
    /// After so many rows somebody is asked.
    pub first: Option<u64>,
    /// The run ends before more rows than this have asked for mail; only for input that cannot be counted beforehand.
    pub most_mails: Option<u64>,
}

type Reply = Sender<Outcome>;

#[derive(Debug)]
enum Job {
    Invite(Box<Invite>, Reply),
    Cancel(Box<Cancel>, Reply),
    Register(Vec<(Candidate, Reply)>),
}

/// What the reporter gets, in the order of the file.
enum Event {
    Row(Box<Line>, Option<Receiver<Outcome>>),
    /// The first rows are sent; whether the others follow is known when this is answered.
    Ask(Sender<()>),
    /// The source cannot be read any further.
    Broken(Failure),
}

/// Sends every row of a source and reports it. `Err` when the source broke off; what was read before is reported.
///
/// # Errors
/// Of the source, with exit 3.
pub fn run(source: &mut (impl Source + Send), sending: &Sending<'_>, stop: &Stop, report: &mut Report) -> Result<()> {
    let queue = Queue::new(sending.concurrency * 2);
    let (events, ordered) = sync_channel(WINDOW);
    std::thread::scope(|scope| {
        for _ in 0..sending.concurrency {
            scope.spawn(|| work(&queue, sending, stop));
        }
        let queue = &queue;
        scope.spawn(move || {
            Feeder { queue, events, sending, stop, batch: Vec::new(), batch_began: 0, sent: 0, mails: 0 }.feed(source);
            queue.close();
        });
        let mut broken = Ok(());
        for event in ordered {
            match event {
                Event::Row(line, coming) => report.row(*line, coming.map(await_outcome), stop),
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
    coming.recv().unwrap_or_else(|_| Outcome::of_error(Error::new(Kind::Internal, "a worker ended without an outcome")))
}

struct Feeder<'a> {
    queue: &'a Queue<Job>,
    events: SyncSender<Event>,
    sending: &'a Sending<'a>,
    stop: &'a Stop,
    batch: Vec<(Candidate, Reply)>,
    /// The row of the file at which the batch began.
    batch_began: u64,
    sent: u64,
    mails: u64,
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
            if self.sending.first == Some(self.sent) && !self.stop.is_set() {
                self.ask();
            }
            self.sent += 1;
            if self.is_beyond_mails(&line.task) || self.stop.is_set() {
                line.task = Task::Settled(Box::new(Outcome::of(Disposition::NotSent)));
            }
        }
        // Rows behind a batch that waits to be filled must not fill the window before it leaves.
        if !self.batch.is_empty() && line.row >= self.batch_began + WINDOW as u64 / 2 {
            self.flush();
        }
        let (row, task) = (line.row, std::mem::replace(&mut line.task, Task::Settled(Box::new(Outcome::of(Disposition::NotSent)))));
        let (reply, coming) = channel();
        match task {
            Task::Settled(_) | Task::Repeated { .. } => {
                line.task = task;
                return self.emit(Event::Row(Box::new(line), None));
            }
            Task::Invite(invite) => self.queue.push(Job::Invite(invite, reply)),
            Task::Cancel(cancel) => self.queue.push(Job::Cancel(cancel, reply)),
            Task::Register(candidate) => {
                if self.batch.is_empty() {
                    self.batch_began = row;
                }
                self.batch.push((*candidate, reply));
                if self.batch.len() >= self.sending.batch_size {
                    self.flush();
                }
            }
        }
        self.emit(Event::Row(Box::new(line), Some(coming)));
    }

    fn ask(&mut self) {
        self.flush();
        let (answer, answered) = channel();
        self.emit(Event::Ask(answer));
        // The reporter outlives this thread.
        let _ = answered.recv();
    }

    /// Counts the mail that a row asks for, and says whether it is one too many.
    fn is_beyond_mails(&mut self, task: &Task) -> bool {
        let asks = match task {
            Task::Invite(invite) => invite.asks_for_mail(),
            Task::Register(_) => self.sending.then_assign.is_some() && self.sending.options.send_email,
            _ => false,
        };
        self.mails += u64::from(asks);
        let is_beyond = asks && self.sending.most_mails.is_some_and(|most| self.mails > most);
        if is_beyond {
            self.stop.give_reason("the others would be more mails than --max-emails allows");
        }
        is_beyond
    }

    fn flush(&mut self) {
        if !self.batch.is_empty() {
            self.queue.push(Job::Register(std::mem::take(&mut self.batch)));
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

fn execute(job: Job, sending: &Sending<'_>, stop: &Stop) -> Vec<Job> {
    let is_stopped = stop.is_set();
    let settle = |outcome: Outcome, reply: &Reply| {
        // A reporter that is gone needs no answer.
        let _ = reply.send(outcome);
    };
    match job {
        Job::Register(batch) if is_stopped => batch.iter().for_each(|(_, reply)| settle(Outcome::of(Disposition::NotSent), reply)),
        Job::Invite(_, reply) | Job::Cancel(_, reply) if is_stopped => settle(Outcome::of(Disposition::NotSent), &reply),
        Job::Invite(mut invite, reply) => {
            let outcome = sending.client.run(&mut *invite);
            stop.judge(&outcome);
            settle(outcome, &reply);
        }
        Job::Cancel(mut cancel, reply) => {
            let outcome = sending.client.run(&mut *cancel);
            stop.judge(&outcome);
            settle(outcome, &reply);
        }
        Job::Register(batch) => return register(batch, sending, stop),
    }
    Vec::new()
}

/// Registers a batch in one call; what follows are the assignments of those who were registered.
fn register(batch: Vec<(Candidate, Reply)>, sending: &Sending<'_>, stop: &Stop) -> Vec<Job> {
    let outcomes = match Register::new(batch.iter().map(|(candidate, _)| candidate), sending.options) {
        Ok(mut register) => sending.client.run(&mut register),
        Err(error) => vec![Outcome::of_error(error); batch.len()],
    };
    let mut following = Vec::new();
    let mut last_error: Option<Error> = None;
    for ((candidate, reply), outcome) in batch.into_iter().zip(outcomes) {
        let is_registered = outcome.disposition.exit_code() == 0;
        // One answer that fails a whole batch is one failure, not as many as the batch has rows.
        if outcome.error.is_none() || outcome.error != last_error {
            last_error.clone_from(&outcome.error);
            if !is_registered || sending.then_assign.is_none() {
                stop.judge(&outcome);
            }
        }
        let assignment = match sending.then_assign {
            Some(test) if is_registered => Invite::assign(test, &candidate, sending.options, SystemTime::now().into()),
            _ => {
                let _ = reply.send(outcome);
                continue;
            }
        };
        match assignment {
            Ok(invite) => following.push(Job::Invite(Box::new(invite), reply)),
            Err(error) => {
                let _ = reply.send(Outcome::of_error(error));
            }
        }
    }
    following
}
