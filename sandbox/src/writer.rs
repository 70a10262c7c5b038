//! The one thread that owns the database: it takes all requests that are waiting, answers them by the engine inside one
//! transaction, commits once, and only then lets the answers leave.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use bidden::engine::{self, Answer, Attempted, Change, Dialect, Later, World};
use bidden::http::{Request, Response};
use bidden::{AnyCall, Error, Event, Kind, Time};
use tokio::sync::{oneshot, watch};

use crate::clock::Clock;
use crate::control::{self, Control};
use crate::database::{Database, Due, LateRequest, Noted};
use crate::deliver::{Deliveries, Tried};
use crate::faults::{self, Effect, Faults, Held, Hit, Instead, LATE, Leaving};
use crate::magic::{self, Magic};
use crate::pace::Pace;
use crate::pages;
use crate::setup::Start;
use crate::snapshot::Temporary;

/// So many requests share a commit at most: enough to hide its cost, few enough to keep the slowest answer quick.
const LARGEST_BATCH: usize = 256;

/// The machine's clock may be set while nobody asks: the next due moment is looked at again after so long.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// So long nothing is done by itself after the database has failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Something to be answered.
pub(crate) struct Job {
    pub(crate) work: Work,
    pub(crate) reply: oneshot::Sender<Response>,
}

pub(crate) enum Work {
    /// A platform's call, or the refusal that reading it came to. `None` once it is answered. `sent` is the request itself,
    /// kept while there are faults.
    Call { noted: Noted, call: Option<Box<Result<AnyCall, Response>>>, origin: String, sent: Option<Box<Request>> },
    /// The answer to a call that was kept back leaves now.
    Answered { request: i64, status: u16 },
    /// A question to the control plane.
    Control(Control),
    /// A try to deliver a callback has ended.
    Tried { ticket: u64, tried: Tried },
    /// The namespace as a file is asked for.
    Snapshot,
    /// The namespace is to become what a file holds.
    Restore(Temporary),
    /// The last: nothing is answered after the requests that wait with it.
    Stop,
}

impl Work {
    /// Whether answering it may change what the pages show. Every call is noted among the requests.
    fn is_change(&self) -> bool {
        match self {
            Work::Call { .. } | Work::Answered { .. } | Work::Tried { .. } | Work::Restore(_) => true,
            Work::Control(control) => control.is_change(),
            Work::Snapshot | Work::Stop => false,
        }
    }

    /// Whether it is answered outside of any transaction, and so not together with others.
    fn is_alone(&self) -> bool {
        matches!(self, Work::Snapshot | Work::Restore(_))
    }
}

/// What the writer's thread owns.
pub(crate) struct Writer {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    /// What the magic addresses have done.
    pub(crate) magic: Magic,
    /// How many calls are still taken where a switch limits them.
    pub(crate) pace: Pace,
    pub(crate) deliveries: Deliveries,
    /// Whether what is being answered made a callback that a fault lets arrive before the answer.
    pub(crate) answers_after_callbacks: bool,
    /// The invitations that were changed, while somebody wants to know.
    touched: Option<HashSet<String>>,
    /// How the platforms are set up; those who read requests share it.
    pub(crate) world: SharedWorld,
    /// How they were set up at the start.
    pub(crate) start: Start,
    /// How often something has changed: whoever looks at a page is told.
    pub(crate) changes: watch::Sender<u64>,
    /// Whether anything has changed since it was told last.
    pub(crate) changed: bool,
    /// What the forms of this sandbox's pages carry, so that no other web page can post them.
    pub(crate) form_token: String,
}

/// The set-up that holds for requests which are read now.
pub(crate) type SharedWorld = Arc<RwLock<Arc<World>>>;

/// The set-up as it stands.
pub(crate) fn world(shared: &SharedWorld) -> Arc<World> {
    Arc::clone(&shared.read().unwrap_or_else(PoisonError::into_inner))
}

type Result<T, E = rusqlite::Error> = std::result::Result<T, E>;

/// What a writer is given beside its database.
pub(crate) struct Equipment {
    pub(crate) faults: Faults,
    pub(crate) deliveries: Deliveries,
    pub(crate) world: SharedWorld,
    pub(crate) start: Start,
    /// Where the pages hear that something has changed.
    pub(crate) changes: watch::Sender<u64>,
}

impl Writer {
    pub(crate) fn new(database: Database, equipment: Equipment) -> Result<Self, Error> {
        let cannot_be_read = |error| Error::new(Kind::Storage, "the sandbox's database cannot be read").with_source(error);
        let Equipment { faults, deliveries, world, start, changes } = equipment;
        let clock = database.clock().map_err(cannot_be_read)?;
        let mut writer = Writer {
            database,
            clock,
            faults,
            magic: Magic::default(),
            pace: Pace::default(),
            deliveries,
            answers_after_callbacks: false,
            touched: None,
            world,
            start,
            changes,
            changed: false,
            form_token: pages::form_token(),
        };
        writer.database.begin().map_err(cannot_be_read)?;
        writer.set_up().map_err(cannot_be_read)?.map_err(|reason| Error::new(Kind::Configuration, reason))?;
        writer.database.commit().map_err(cannot_be_read)?;
        Ok(writer)
    }

    /// Answers until it is told to stop, or the last sender is gone.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        let mut batch = Vec::with_capacity(LARGEST_BATCH);
        let mut answers = Vec::with_capacity(LARGEST_BATCH);
        // What was on its way when the sandbox ended goes on its way again.
        let mut has_failed = self.send_out().is_err();
        let mut stops = false;
        let mut held = None;
        loop {
            // What cannot be worked off now can perhaps later, but is not tried without a pause.
            let sleep = if has_failed { self.sleep().max(PAUSE_AFTER_FAILURE) } else { self.sleep() };
            has_failed = false;
            match held.take().map_or_else(|| jobs.recv_timeout(sleep), Ok) {
                Ok(first) => {
                    let is_alone = first.work.is_alone();
                    batch.push(first);
                    if !is_alone {
                        // Whoever is about to hand in a request does so first and shares the commit; with a core to spare nobody waits.
                        std::thread::yield_now();
                        held = jobs.try_iter().take(LARGEST_BATCH - 1).find_map(|job| {
                            if job.work.is_alone() {
                                return Some(job);
                            }
                            batch.push(job);
                            None
                        });
                    }
                }
                // Something has come due by itself.
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let faults = self.faults.clone();
            let set_up = world(&self.world);
            if let Err(error) = self.answer(&mut batch, &mut answers) {
                // Nothing of the batch was kept, so none of it may be answered as if it were.
                self.database.roll_back();
                self.clock = self.database.clock().unwrap_or(self.clock);
                self.faults = faults;
                self.faults.publish();
                *self.world.write().unwrap_or_else(PoisonError::into_inner) = set_up;
                self.magic.undo();
                has_failed = true;
                answers.clear();
                answers.extend(batch.iter().map(|job| failed(&job.work)));
                tracing::error!(code = ?error.sqlite_error_code(), requests = batch.len(), "the sandbox's database failed");
            }
            self.magic.keep();
            self.announce();
            for (job, response) in batch.drain(..).zip(answers.drain(..)) {
                // Nobody waits for an answer whose connection is gone; what it changed is kept all the same.
                stops |= matches!(job.work, Work::Stop);
                drop(job.reply.send(response));
            }
            if stops {
                return;
            }
            if let Err(error) = self.send_out() {
                has_failed = true;
                tracing::error!(code = ?error.sqlite_error_code(), "the callbacks that are due cannot be read");
            }
        }
    }

    /// Tells the pages that something has changed.
    fn announce(&mut self) {
        if std::mem::take(&mut self.changed) {
            self.changes.send_modify(|count| *count += 1);
        }
    }

    /// How long nothing comes due.
    fn sleep(&mut self) -> Duration {
        // A clock that stands still makes nothing due; whoever moves it works off what that brings.
        if self.clock.is_frozen() {
            return LONGEST_SLEEP;
        }
        let callback = self.earliest_callback().unwrap_or_default().filter(|_| self.deliveries.has_room());
        let Some(next) = [self.database.next_due(), callback].into_iter().flatten().min() else { return LONGEST_SLEEP };
        let milliseconds = next.milliseconds().saturating_sub(self.now().milliseconds());
        Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0)).min(LONGEST_SLEEP)
    }

    fn answer(&mut self, batch: &mut [Job], answers: &mut Vec<Response>) -> Result<()> {
        // A copy of the whole database is made between transactions.
        if let [Job { work, .. }] = batch
            && work.is_alone()
        {
            answers.push(match work {
                Work::Restore(file) => self.restore(file.path())?,
                _ => self.take_snapshot()?,
            });
            return Ok(());
        }
        self.database.begin()?;
        if batch.is_empty() {
            self.work_off_due(self.now())?;
        }
        for job in batch {
            self.changed |= job.work.is_change();
            self.answers_after_callbacks = false;
            let mut response = match &mut job.work {
                Work::Call { noted, call, origin, sent } => {
                    let call = call.take().map(|call| match *call {
                        Ok(call) => match self.too_fast(&call, &noted.path) {
                            Some(refusal) => Err(refusal),
                            None => Ok(call),
                        },
                        refused => refused,
                    });
                    match sent.take() {
                        Some(sent) => self.answer_under_faults(noted, call, origin, *sent)?,
                        None => self.answer_call(noted, call, origin)?,
                    }
                }
                Work::Answered { request, status } => {
                    self.database.note_answer(*request, *status)?;
                    Response::default()
                }
                Work::Control(control) => control::answer(self, control)?,
                Work::Tried { ticket, tried } => {
                    self.tried(*ticket, tried)?;
                    Response::default()
                }
                // These two are answered alone.
                Work::Stop | Work::Snapshot | Work::Restore(_) => Response::default(),
            };
            if self.answers_after_callbacks && response.extensions().get::<Held>().is_none() {
                response.extensions_mut().insert(Held { leaving: Leaving::AfterCallbacks, request: None });
            }
            answers.push(response);
        }
        self.database.commit()
    }

    /// The refusal of a call that comes faster than a switch allows.
    fn too_fast(&mut self, call: &AnyCall, path: &str) -> Option<Response> {
        let world = world(&self.world);
        self.pace.refuses(call.row().platform, path, &world.dialect, machine_now())
    }

    fn answer_call(&mut self, noted: &Noted, call: Option<Result<AnyCall, Response>>, origin: &str) -> Result<Response> {
        let now = self.now();
        let response = self.take_effect(now, noted, call, origin, false)?;
        self.database.note(now, noted, Some(response.status().as_u16()))?;
        Ok(response)
    }

    /// As [`Writer::answer_call`], unless a fault hits.
    fn answer_under_faults(
        &mut self,
        noted: &Noted,
        call: Option<Result<AnyCall, Response>>,
        origin: &str,
        sent: Request,
    ) -> Result<Response> {
        let is_unauthorized = matches!(&call, Some(Err(refusal)) if is_about_credential(refusal, &sent, &world(&self.world).dialect));
        let hit = if is_unauthorized { None } else { self.judge(noted, call.as_ref(), sent.uri().path()) };
        let Some(Hit { effect, instead }) = hit else {
            return self.answer_call(noted, call, origin);
        };
        let now = self.now();
        let mut response = match effect {
            Effect::AtOnce => self.take_effect(now, noted, call, origin, false)?,
            Effect::WithoutMail => self.take_effect(now, noted, call, origin, true)?,
            Effect::Half => self.take_effect(now, noted, call.map(|call| call.map(faults::first_half)), origin, false)?,
            Effect::Unseen => {
                self.work_off_due(now)?;
                self.touched = Some(HashSet::new());
                let response = self.take_effect(now, noted, call, origin, false);
                self.faults.hide(self.touched.take().unwrap_or_default(), now.after(LATE));
                response?
            }
            Effect::Late => {
                // What cannot be read has no effect at any time.
                if let Some(Ok(_)) = call {
                    let request = LateRequest {
                        method: noted.method.clone(),
                        uri: sent.uri().to_string(),
                        body: String::from_utf8_lossy(sent.body()).into_owned(),
                        origin: origin.to_owned(),
                    };
                    self.database.schedule(now.after(LATE), &Due::Request(request))?;
                }
                Response::default()
            }
            Effect::Never => Response::default(),
        };
        match instead {
            Instead::Refusal(refusal) => {
                self.database.note(now, noted, Some(refusal.status().as_u16()))?;
                Ok(refusal)
            }
            Instead::Answer(content_type) => {
                if let Some(content_type) = content_type {
                    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
                }
                self.database.note(now, noted, Some(response.status().as_u16()))?;
                Ok(response)
            }
            Instead::Leaving(leaving) => {
                let request = self.database.note(now, noted, None)?;
                response.extensions_mut().insert(Held { leaving, request: Some(request) });
                Ok(response)
            }
        }
    }

    /// What a fault or a magic address does to a call.
    fn judge(&mut self, noted: &Noted, call: Option<&Result<AnyCall, Response>>, path: &str) -> Option<Hit> {
        let hit = self.faults.judge(&noted.method, path);
        hit.or_else(|| self.magic.judge(call?.as_ref().ok()?, path))
    }

    /// Answers a call by the rules and keeps what it changes.
    fn take_effect(
        &mut self,
        now: Time,
        noted: &Noted,
        call: Option<Result<AnyCall, Response>>,
        origin: &str,
        without_mail: bool,
    ) -> Result<Response> {
        self.work_off_due(now)?;
        let Answer { response, mut changes } = match call {
            Some(Ok(call)) => {
                let is_read = !call.is_change();
                if is_read {
                    self.database.hide(self.faults.unseen(now));
                }
                let answer = engine::respond(&self.database, &world(&self.world), call, now, &mut random, origin);
                if is_read {
                    self.database.hide(HashSet::new());
                }
                answer?
            }
            Some(Err(response)) => Answer { response, changes: Vec::new() },
            None => Answer { response: engine::refusal(&noted.path, 500, "The request was answered before."), changes: Vec::new() },
        };
        if without_mail {
            changes.retain(|change| !matches!(change, Change::Mailed(_) | Change::Scheduled(_, Later::Mail(_))));
        }
        self.apply(now, changes)?;
        // A mail whose time has come already, such as one for a moment in the past, leaves with this very answer.
        self.work_off_due(now)?;
        Ok(response)
    }

    /// Keeps what was changed at a moment, with what faults and magic addresses make of it.
    pub(crate) fn apply(&mut self, at: Time, mut changes: Vec<Change>) -> Result<()> {
        let mut moves = Vec::new();
        for change in &mut changes {
            match change {
                Change::Created(invitation) | Change::Changed(invitation) => {
                    moves.extend(magic::moves(invitation, at, self.faults.hurries(invitation.platform)));
                    if let Some(touched) = &mut self.touched {
                        touched.insert(invitation.id.clone());
                    }
                }
                Change::Mailed(message) => message.bounced = magic::bounces(&message.to),
                _ => {}
            }
        }
        self.database.apply(at, changes)?;
        for (at, due) in moves {
            self.database.schedule(at, &due)?;
        }
        self.judge_callbacks(at)
    }

    /// What was to happen by `now` happens before anything at `now` is answered, in order of time.
    pub(crate) fn work_off_due(&mut self, now: Time) -> Result<()> {
        let world = world(&self.world);
        while let Some((at, due)) = self.database.take_due(now)? {
            self.changed = true;
            let changes = match due {
                Due::Later(later) => engine::come_due(&self.database, &world, later, at)?,
                Due::Request(request) => match read_again(&request, &world.dialect) {
                    Some(call) => engine::respond(&self.database, &world, call, at, &mut random, &request.origin)?.changes,
                    None => Vec::new(),
                },
                Due::Candidate { invitation_id, event } => {
                    let event = Event::from_slug(&event);
                    let attempted = event
                        .map(|event| engine::attempt(&self.database, &world, &invitation_id, event, at, &self.start.origin))
                        .transpose()?;
                    match attempted {
                        Some(Attempted::Moved(_, changes)) => changes,
                        // Somebody was faster, or the rules do not let the candidate in.
                        Some(Attempted::NotFound | Attempted::Refused(_)) | None => Vec::new(),
                    }
                }
            };
            self.apply(at, changes)?;
        }
        Ok(())
    }

    pub(crate) fn now(&self) -> Time {
        self.clock.now(machine_now())
    }
}

pub(crate) fn machine_now() -> Time {
    SystemTime::now().into()
}

/// The call that a request was when it came; its credential was judged then.
fn read_again(late: &LateRequest, dialect: &Dialect) -> Option<AnyCall> {
    let mut request = Request::new(late.body.clone().into_bytes());
    *request.method_mut() = late.method.parse().ok()?;
    *request.uri_mut() = late.uri.parse().ok()?;
    AnyCall::from_request(&request, dialect)?.ok()
}

/// Whether a call is refused for its credential. With 401 iMocha refuses what cannot be read too (iMocha reference, section 12).
fn is_about_credential(refusal: &Response, sent: &Request, dialect: &Dialect) -> bool {
    let is_about_reading =
        || AnyCall::from_request(sent, dialect).is_some_and(|read| read.is_err_and(|unreadable| unreadable.body() == refusal.body()));
    refusal.status() == StatusCode::UNAUTHORIZED && !is_about_reading()
}

fn failed(work: &Work) -> Response {
    match work {
        Work::Call { noted, .. } => engine::refusal(&noted.path, 500, "The sandbox's database failed; nothing was changed."),
        // Nobody reads this answer.
        Work::Answered { .. } | Work::Tried { .. } | Work::Stop => Response::default(),
        Work::Control(_) | Work::Snapshot | Work::Restore(_) => control::refused(500, "the sandbox's database failed; nothing was changed"),
    }
}

pub(crate) fn random(bytes: &mut [u8]) {
    if getrandom::fill(bytes).is_err() {
        tracing::error!("the operating system gave no random bytes");
    }
}
