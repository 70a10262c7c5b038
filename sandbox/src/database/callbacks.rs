//! The platforms' calls to somebody's address, as they are kept: a row each, with every try.
//!
//! `next` is when a try is due, and null once there is none left. It stays while a try is under way, so that one that a
//! kill interrupted is made again: at least once, not at most once.

use bidden::engine::Callback;
use bidden::http::BaseUrl;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::{Database, Result, digest, json, record};
use bidden::Time;

/// Why a callback to another machine stays here.
pub(crate) const NOT_LOOPBACK: &str = "not loopback";

/// Where a callback stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// A try is due or under way.
    Waiting,
    /// Somebody answered with 2xx.
    Delivered,
    /// Every try failed, or a fault dropped it.
    Failed,
    /// It may not leave this machine.
    NotDelivered,
}

/// One try of a delivery.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Try {
    /// Milliseconds by the sandbox's clock.
    pub(crate) at: i64,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
}

/// A callback with what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    #[serde(flatten)]
    pub(crate) callback: Callback,
    pub(crate) state: State,
    pub(crate) reason: Option<String>,
    /// The tries that were made.
    pub(crate) made: Vec<Try>,
    /// So many of them belong to deliveries that have ended: a resend has all its tries again.
    pub(crate) made_before: usize,
    /// So many more deliveries follow this one: a fault doubles it.
    pub(crate) again: u32,
    /// It leaves after the next callback of its invitation: a fault turned their order.
    pub(crate) waits_for_another: bool,
}

/// An iMocha callback's body with another address in it; every other byte stays.
pub(super) fn with_email(body: &str, email: &str) -> String {
    const MEMBER: &str = "\"CandidateEmailId\":";
    // Inside a text the marks would be escaped, so the first such member is the one.
    let Some(start) = body.find(MEMBER).map(|at| at + MEMBER.len()) else { return body.to_owned() };
    let mut values = serde_json::Deserializer::from_str(&body[start..]).into_iter::<String>();
    match values.next() {
        Some(Ok(_)) => format!("{}{}{}", &body[..start], serde_json::json!(email), &body[start + values.byte_offset()..]),
        _ => body.to_owned(),
    }
}

/// A try that is due.
pub(crate) struct DueTry {
    pub(crate) number: i64,
    pub(crate) invitation: i64,
    pub(crate) due: Time,
    pub(crate) callback: Callback,
}

/// Which callbacks are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) invitation_id: Option<String>,
    pub(crate) after: i64,
    pub(crate) limit: usize,
}

impl Database {
    /// Names the hosts beside loopback that may be called.
    pub(crate) fn allow_callbacks_to(&mut self, hosts: &[String]) {
        self.allowed_hosts = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
    }

    /// Keeps a new callback, to be delivered at once.
    pub(super) fn keep_callback(&mut self, at: Time, callback: Callback) -> Result<()> {
        let reason = self.forbids(&callback.url).map(str::to_owned);
        let state = if reason.is_some() { State::NotDelivered } else { State::Waiting };
        let next = (state == State::Waiting).then_some(at.milliseconds());
        let invitation = digest(&[&callback.invitation_id]);
        let kept = Kept { callback, state, reason, made: Vec::new(), made_before: 0, again: 0, waits_for_another: false };
        self.connection.prepare_cached("INSERT INTO callbacks (invitation, next, record) VALUES (?1, ?2, ?3)")?.execute(params![
            invitation,
            next,
            json(&kept)?
        ])?;
        if state == State::Waiting {
            self.made_callbacks.push(self.connection.last_insert_rowid());
            self.callbacks_changed = true;
        }
        Ok(())
    }

    /// Why an address may not be called.
    fn forbids(&self, url: &str) -> Option<&'static str> {
        // A query is none of a base URL's, and says nothing of the host.
        let address = url.split(['?', '#']).next().unwrap_or_default();
        let Ok(base) = BaseUrl::parse(address) else { return Some("not an address that can be called") };
        let host = base.host().to_ascii_lowercase();
        let name = if host.ends_with(']') { host.as_str() } else { host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name) };
        let is_allowed = base.is_loopback() || self.allowed_hosts.iter().any(|allowed| *allowed == name || *allowed == host);
        (!is_allowed).then_some(NOT_LOOPBACK)
    }

    /// The callbacks made since this was asked last that will leave.
    pub(crate) fn take_made_callbacks(&mut self) -> Vec<i64> {
        std::mem::take(&mut self.made_callbacks)
    }

    pub(crate) fn callback(&self, number: i64) -> Result<Option<Kept>> {
        let mut statement = self.connection.prepare_cached("SELECT record FROM callbacks WHERE number = ?1")?;
        statement.query_row([number], |row| record(row, 0)).optional()
    }

    /// Keeps what became of a callback, and when its next try is due.
    pub(crate) fn change_callback(&mut self, number: i64, kept: &Kept, next: Option<Time>) -> Result<()> {
        self.callbacks_changed = true;
        self.connection
            .prepare_cached("UPDATE callbacks SET next = ?2, record = ?3 WHERE number = ?1")?
            .execute(params![number, next.map(Time::milliseconds), json(kept)?])
            .map(drop)
    }

    /// Lets the callbacks of an invitation leave that waited for another one.
    pub(crate) fn release_callbacks(&mut self, invitation_id: &str, at: Time) -> Result<()> {
        let mut held: Vec<(i64, Kept)> = Vec::new();
        {
            let mut statement =
                self.connection.prepare_cached("SELECT number, record FROM callbacks WHERE invitation = ?1 AND next IS NOT NULL")?;
            let mut rows = statement.query([digest(&[invitation_id])])?;
            while let Some(row) = rows.next()? {
                held.push((row.get(0)?, record(row, 1)?));
            }
        }
        for (number, mut kept) in held {
            if kept.waits_for_another && kept.callback.invitation_id == invitation_id {
                kept.waits_for_another = false;
                self.change_callback(number, &kept, Some(at))?;
            }
        }
        Ok(())
    }

    /// When the earliest try is due, left out those of an invitation of which one is under way.
    pub(crate) fn next_callback(&mut self, is_under_way: impl Fn(i64) -> bool) -> Result<Option<Time>> {
        if std::mem::take(&mut self.callbacks_changed) {
            let mut statement =
                self.connection.prepare_cached("SELECT invitation, next FROM callbacks WHERE next IS NOT NULL ORDER BY next, number")?;
            let mut rows = statement.query([])?;
            self.next_callback = None;
            while let Some(row) = rows.next()? {
                if !is_under_way(row.get(0)?) {
                    self.next_callback = Some(row.get(1)?);
                    break;
                }
            }
        }
        Ok(self.next_callback.map(Time::from_milliseconds))
    }

    /// What is under way has changed, so that the earliest due try may be another one.
    pub(crate) fn look_for_callbacks(&mut self) {
        self.callbacks_changed = true;
    }

    /// The tries that are due at `now`, in order of time, as long as `each` wants more.
    pub(crate) fn due_tries(&self, now: Time, mut each: impl FnMut(DueTry) -> bool) -> Result<()> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT number, invitation, next, record FROM callbacks WHERE next <= ?1 ORDER BY next, number")?;
        let mut rows = statement.query([now.milliseconds()])?;
        while let Some(row) = rows.next()? {
            let kept: Kept = record(row, 3)?;
            let due = Time::from_milliseconds(row.get(2)?);
            if !each(DueTry { number: row.get(0)?, invitation: row.get(1)?, due, callback: kept.callback }) {
                break;
            }
        }
        Ok(())
    }

    /// The callbacks in the order in which they were made, those of one invitation by its index.
    pub(crate) fn callbacks(&self, wanted: &Wanted) -> Result<Vec<(i64, Kept)>> {
        let condition = if wanted.invitation_id.is_some() { "invitation = ?2" } else { "?2 IS NULL" };
        let sql = format!("SELECT number, record FROM callbacks WHERE number > ?1 AND {condition} ORDER BY number");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![wanted.after, wanted.invitation_id.as_deref().map(|id| digest(&[id]))])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let kept: Kept = record(row, 1)?;
            if wanted.invitation_id.as_ref().is_none_or(|id| kept.callback.invitation_id == *id) {
                found.push((row.get(0)?, kept));
                if found.len() >= wanted.limit {
                    break;
                }
            }
        }
        Ok(found)
    }
}
