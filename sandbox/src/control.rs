//! The control plane, as far as it reads or changes what the sandbox keeps.

use std::collections::{BTreeMap, HashSet};

use bidden::candidate::email_key;
use bidden::engine::{self, Attempted, Dialect, Fixtures, Invitation, Message};
use bidden::http::Response;
use bidden::{Event, Platform, Time};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::clock::{Clock, ClockChange};
use crate::database::{WantedCallbacks, digest};
use crate::faults::Fault;
use crate::pages;
use crate::writer::{Writer, machine_now, world};

/// One question to the control plane.
#[derive(Debug)]
pub(crate) enum Control {
    Clock(Option<ClockChange>),
    Invitations {
        platform: Option<Platform>,
        test: Option<String>,
        email: Option<String>,
        origin: String,
    },
    Candidates,
    Callbacks(WantedCallbacks),
    /// Whether callbacks are under way: 202, else 200.
    Settle,
    /// The clock is to move, step by step; the answer carries the time where it arrives.
    Depart(ClockChange),
    /// The clock moves on, up to here: 202 while callbacks are under way.
    Travel {
        target: Time,
    },
    /// A callback is to be sent again.
    Resend {
        callback_id: String,
    },
    Outbox,
    Requests,
    Faults(Option<FaultsChange>),
    Switches(Option<SwitchesChange>),
    Fixtures(Option<Box<Fixtures>>),
    Attempt {
        invitation_id: String,
        event: Happening,
        /// TestInvite: which step of the task.
        step: Option<String>,
        origin: String,
    },
    Reset,
    /// A page for people, or what somebody does there.
    Page(pages::Asked),
}

impl Control {
    /// Whether it may change what the pages show.
    pub(crate) fn is_change(&self) -> bool {
        match self {
            Control::Clock(change) => change.is_some(),
            Control::Faults(change) => change.is_some(),
            Control::Switches(wanted) => wanted.is_some(),
            Control::Fixtures(wanted) => wanted.is_some(),
            Control::Depart(_) | Control::Travel { .. } | Control::Resend { .. } | Control::Attempt { .. } | Control::Reset => true,
            Control::Page(asked) => asked.is_change(),
            Control::Invitations { .. }
            | Control::Candidates
            | Control::Callbacks(_)
            | Control::Settle
            | Control::Outbox
            | Control::Requests => false,
        }
    }
}

/// What happens to an invitation when somebody says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Happening {
    /// What the state tables speak of.
    Event(Event),
    /// TestInvite: the price counts as paid.
    Pay,
    /// TestInvite: a session that was over runs again.
    Reinstate,
}

impl Happening {
    /// As a form says it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Happening::Event(event) => event.slug(),
            Happening::Pay => "pay",
            Happening::Reinstate => "reinstate",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "pay" => Some(Happening::Pay),
            "reinstate" => Some(Happening::Reinstate),
            _ => Event::from_slug(word).map(Happening::Event),
        }
    }
}

/// A change of the faults.
#[derive(Debug)]
pub(crate) enum FaultsChange {
    Add(Fault),
    Clear,
}

/// A change of the switches.
#[derive(Debug)]
pub(crate) enum SwitchesChange {
    /// By name, what they are to be.
    Set(BTreeMap<String, String>),
    /// As they were at the start.
    Reset,
}

pub(crate) fn answer(writer: &mut Writer, control: &Control) -> Result<Response, rusqlite::Error> {
    let now = writer.now();
    writer.work_off_due(now)?;
    match control {
        Control::Clock(change) => {
            if let Some(change) = change {
                match writer.clock.changed(change, machine_now()) {
                    Ok(clock) => {
                        writer.database.set_clock(clock)?;
                        writer.clock = clock;
                        writer.work_off_due(writer.now())?;
                    }
                    Err(reason) => return Ok(refused(409, &reason)),
                }
            }
            Ok(json(200, &serde_json::json!({ "now": writer.now() })))
        }
        Control::Invitations { platform, test, email, origin } => {
            let key = email.as_deref().map(email_key);
            let mut found = Vec::new();
            writer.database.invitations(key.as_deref(), |invitation| {
                let fits = platform.is_none_or(|platform| invitation.platform == platform)
                    && test.as_ref().is_none_or(|test| invitation.test_id == *test)
                    && key.as_ref().is_none_or(|key| invitation.email.as_deref().is_some_and(|email| email_key(email) == *key));
                if fits {
                    found.push(invitation);
                }
            })?;
            let shown: Vec<Shown<'_>> = found.iter().map(|invitation| Shown::new(invitation, now, origin)).collect();
            #[derive(Serialize)]
            struct Answer<'a> {
                invitations: Vec<Shown<'a>>,
            }
            Ok(json(200, &Answer { invitations: shown }))
        }
        Control::Candidates => candidates(writer),
        Control::Settle if writer.is_settled()? => Ok(json(200, &serde_json::json!({ "now": writer.now() }))),
        Control::Travel { target } if writer.travel(*target)? => Ok(Response::default()),
        Control::Settle | Control::Travel { .. } => Ok(accepted()),
        Control::Depart(change) => writer.depart(change),
        Control::Callbacks(wanted) => writer.callbacks(wanted),
        Control::Resend { callback_id } => writer.resend(callback_id),
        Control::Outbox => {
            #[derive(Serialize)]
            struct Answer {
                messages: Vec<Message>,
            }
            Ok(json(200, &Answer { messages: writer.database.messages()? }))
        }
        Control::Requests => requests(writer),
        Control::Faults(change) => {
            match change {
                None => {}
                Some(FaultsChange::Add(fault)) => writer.faults.add(fault.clone()),
                Some(FaultsChange::Clear) => writer.faults.clear(),
            }
            Ok(json(200, &writer.faults.shown()))
        }
        Control::Switches(change) => {
            match change {
                None => {}
                Some(SwitchesChange::Set(wanted)) => {
                    if let Err(reason) = writer.set_switches(wanted)? {
                        return Ok(refused(409, &reason));
                    }
                }
                Some(SwitchesChange::Reset) => writer.reset_switches()?,
            }
            Ok(switches(&world(&writer.world).dialect))
        }
        Control::Fixtures(wanted) => {
            if let Some(wanted) = wanted
                && let Err(reason) = writer.declare(Fixtures::clone(wanted))?
            {
                return Ok(refused(409, &reason));
            }
            Ok(json(200, &world(&writer.world).fixtures))
        }
        Control::Attempt { invitation_id, event, step, origin } => {
            let (database, step) = (&writer.database, step.as_deref());
            let attempted = match event {
                Happening::Event(event) => engine::attempt_step(database, &world(&writer.world), invitation_id, *event, step, now, origin)?,
                Happening::Pay => engine::pay(database, invitation_id, now)?,
                Happening::Reinstate => engine::reinstate(database, invitation_id, step, now)?,
            };
            Ok(match attempted {
                Attempted::NotFound => refused(404, "there is no such invitation"),
                Attempted::Refused(reason) => refused(409, &reason),
                Attempted::Moved(invitation, changes) => {
                    writer.apply(now, changes)?;
                    json(200, &Shown::new(&invitation, now, origin))
                }
            })
        }
        Control::Reset => {
            writer.database.clear()?;
            writer.faults.clear();
            writer.magic.forget();
            writer.deliveries.forget();
            writer.clock = Clock::default();
            writer.set_up_anew()?;
            Ok(json(200, &serde_json::json!({ "now": writer.now() })))
        }
        Control::Page(asked) => pages::answer(writer, asked),
    }
}

/// An invitation as the control plane shows it.
#[derive(Serialize)]
struct Shown<'a> {
    platform: Platform,
    test_id: &'a str,
    invitation_id: &'a str,
    email: Option<&'a str>,
    name: Option<&'a str>,
    status: &'static str,
    start: Option<Time>,
    end: Option<Time>,
    time_zone_id: Option<i64>,
    test_url: String,
    invitation_code: Option<&'a str>,
    stakeholder_emails: &'a [String],
    created: Time,
    details: Box<RawValue>,
}

impl<'a> Shown<'a> {
    fn new(invitation: &'a Invitation, now: Time, origin: &str) -> Self {
        Shown {
            platform: invitation.platform,
            test_id: &invitation.test_id,
            invitation_id: &invitation.id,
            email: invitation.email.as_deref(),
            name: invitation.name.as_deref(),
            status: invitation.state_at(now).word(),
            start: invitation.window.start,
            end: invitation.window.end,
            time_zone_id: invitation.time_zone_id,
            test_url: invitation.test_url(origin),
            invitation_code: invitation.invitation_code.as_deref(),
            stakeholder_emails: &invitation.stakeholder_emails,
            created: invitation.created,
            details: crate::redact::raw(invitation.details.get()),
        }
    }
}

/// Every switch, with what it is and could be.
fn switches(dialect: &Dialect) -> Response {
    #[derive(Serialize)]
    struct Row {
        platform: Platform,
        name: &'static str,
        value: String,
        default: &'static str,
        values: String,
        source: &'static str,
        about: &'static str,
    }
    #[derive(Serialize)]
    struct Shown {
        switches: Vec<Row>,
    }
    let rows = Dialect::table().map(|row| Row {
        platform: row.platform,
        name: row.name,
        value: dialect.value(row),
        default: row.default,
        values: row.values.to_string(),
        source: row.source,
        about: row.about,
    });
    json(200, &Shown { switches: rows.collect() })
}

/// The people that the platforms know. iMocha has no record of a person, so its people are those invited, one per
/// address, under ids of the sandbox's own.
fn candidates(writer: &Writer) -> Result<Response, rusqlite::Error> {
    #[derive(Serialize)]
    struct Person {
        platform: Platform,
        candidate_id: String,
        email: Option<String>,
        name: Option<String>,
    }
    #[derive(Serialize)]
    struct Answer {
        candidates: Vec<Person>,
    }
    let mut people = Vec::new();
    let mut known = HashSet::new();
    writer.database.invitations(None, |invitation| {
        let candidate_id = match invitation.platform {
            Platform::Imocha => {
                let key = invitation.email.as_deref().map(email_key).unwrap_or_default();
                let candidate_id = format!("imocha-{:016x}", digest(&[&key]));
                if !known.insert(key) {
                    return;
                }
                candidate_id
            }
            // A deleted candidate is gone (TestInvite reference, section 4.4).
            Platform::TestInvite if invitation.status != bidden::Status::Cancelled => invitation.id,
            Platform::TestInvite | Platform::ThinkExam => return,
        };
        people.push(Person { platform: invitation.platform, candidate_id, email: invitation.email, name: invitation.name });
    })?;
    people.extend(writer.database.students()?.into_iter().map(|student| Person {
        platform: Platform::ThinkExam,
        candidate_id: student.student_id.to_string(),
        email: Some(student.email),
        name: Some(student.name),
    }));
    Ok(json(200, &Answer { candidates: people }))
}

fn requests(writer: &Writer) -> Result<Response, rusqlite::Error> {
    #[derive(Serialize)]
    struct Row {
        at: Time,
        method: String,
        path: String,
        body: Box<RawValue>,
        status: Option<u16>,
    }
    #[derive(Serialize)]
    struct Answer {
        requests: Vec<Row>,
    }
    let mut rows = Vec::new();
    writer.database.requests(|at, noted, status| {
        // JSON stays as it was sent, digits and order included; anything else is text, an empty body null.
        rows.push(Row { at, method: noted.method, path: noted.path, body: RawValue::from_string(noted.body).unwrap_or_default(), status });
    })?;
    Ok(json(200, &Answer { requests: rows }))
}

/// `{"error":…}`.
pub(crate) fn refused(status: u16, reason: &str) -> Response {
    json(status, &serde_json::json!({ "error": reason }))
}

pub(crate) fn json(status: u16, value: &impl Serialize) -> Response {
    respond(status, "application/json", serde_json::to_vec(value).unwrap_or_default())
}

/// What was asked for has begun and is not done.
pub(crate) fn accepted() -> Response {
    respond(202, "application/json", Vec::new())
}

pub(crate) fn respond(status: u16, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = axum::http::StatusCode::from_u16(status).unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, axum::http::HeaderValue::from_static(content_type));
    response
}
