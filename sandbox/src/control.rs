//! The control plane, as far as it reads or changes what the sandbox keeps.

use std::collections::BTreeMap;

use bidden::engine::{self, Attempted, Dialect, Fixtures, Invitation, Store as _};
use bidden::http::Response;
use bidden::{Event, Platform, Status, Time};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::clock::{Clock, ClockChange};
use crate::database::WantedCallbacks;
use crate::faults::Fault;
use crate::lists::List;
use crate::pace::Pace;
use crate::pages;
use crate::writer::{Writer, machine_now, world};

/// One question to the control plane.
#[derive(Debug)]
pub(crate) enum Control {
    Clock(Option<ClockChange>),
    /// A list, and what addresses in it begin with.
    List(List, String),
    Callbacks(WantedCallbacks),
    /// Everything that was decided about an invitation.
    History {
        invitation_id: String,
    },
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
            Control::List(..) | Control::Callbacks(_) | Control::History { .. } | Control::Settle => false,
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
        Control::List(list, origin) => list.answer(writer, now, origin),
        Control::Settle if writer.is_settled()? => Ok(json(200, &serde_json::json!({ "now": writer.now() }))),
        Control::Travel { target } if writer.travel(*target)? => Ok(Response::default()),
        Control::Settle | Control::Travel { .. } => Ok(accepted()),
        Control::Depart(change) => writer.depart(change),
        Control::Callbacks(wanted) => writer.callbacks(wanted),
        Control::Resend { callback_id } => writer.resend(callback_id),
        Control::History { invitation_id } => history(writer, invitation_id),
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
            writer.pace = Pace::default();
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
pub(crate) struct Shown<'a> {
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
    pub(crate) fn new(invitation: &'a Invitation, now: Time, origin: &str) -> Self {
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

/// What was decided about an invitation, the oldest first; states in the words of the reference's state table.
fn history(writer: &Writer, invitation_id: &str) -> Result<Response, rusqlite::Error> {
    #[derive(Serialize)]
    struct Answer<'a> {
        history: Vec<Row<'a>>,
    }
    #[derive(Serialize)]
    struct Row<'a> {
        at: Time,
        asked: &'a str,
        from: Option<&'static str>,
        to: &'static str,
        effect: &'a str,
        rule: &'a str,
        basis: &'a str,
    }
    if writer.database.invitation(invitation_id)?.is_none() {
        return Ok(refused(404, "there is no such invitation"));
    }
    let entries = writer.database.history(invitation_id)?;
    let rows = entries.iter().map(|entry| Row {
        at: entry.at,
        asked: &entry.asked,
        from: entry.from.map(Status::word),
        to: entry.to.word(),
        effect: &entry.effect,
        rule: &entry.rule,
        basis: &entry.basis,
    });
    Ok(json(200, &Answer { history: rows.collect() }))
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
