//! The sandbox's side of a JSON body: every member is read by its name, and one refusal names all that is wrong (section 2.6).

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Refusal;
use crate::Time;
use crate::engine::Dialect;
use crate::http::{Request, Response};

/// One object of the body. What is missing or wrong is collected with its path: one refusal names them all.
pub(super) struct Members {
    path: String,
    pub(super) members: BTreeMap<String, Box<RawValue>>,
    wrong: Vec<String>,
    /// Choice C42: whether a member that nobody reads is refused.
    is_strict: bool,
}

impl Members {
    /// Reads the body of a request, which is one object.
    pub(super) fn of_request(request: &Request, dialect: &Dialect) -> Result<Self, Response> {
        let members = serde_json::from_slice(request.body())
            .map_err(|_| Refusal::InvalidBody.to_response("the body is not JSON, or not an object with the members of this call"))?;
        Ok(Members { path: String::new(), members, wrong: Vec::new(), is_strict: dialect.testinvite.unknown_keys == "reject" })
    }

    /// The call that was read, unless something was wrong (section 2.6).
    pub(super) fn finish<T>(self, call: T) -> Result<T, Response> {
        if self.wrong.is_empty() { Ok(call) } else { Err(Refusal::InvalidBody.to_response(&self.wrong.join("; "))) }
    }

    /// Choice C42: members that are not known are ignored, or refused under a switch.
    pub(super) fn refuse_unknown(&mut self) {
        if self.is_strict {
            for name in std::mem::take(&mut self.members).into_keys() {
                self.note(&name, "is not known");
            }
        }
    }

    /// What nobody has read, to be kept; none is left when it is refused.
    pub(super) fn rest(&mut self) -> Map<String, Value> {
        self.refuse_unknown();
        let names: Vec<String> = self.members.keys().cloned().collect();
        names
            .into_iter()
            .filter_map(|name| {
                let value = self.take(&name, "JSON that is not nested so deeply", |json| serde_json::from_str(json).ok())?;
                Some((name, value))
            })
            .collect()
    }

    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        self.take(name, "true or false", |json| serde_json::from_str(json).ok())
    }

    pub(super) fn integer(&mut self, name: &str) -> Option<i64> {
        self.take(name, "a whole number", |json| serde_json::from_str(json).ok())
    }

    pub(super) fn note(&mut self, name: &str, what: &str) {
        self.wrong.push(format!("{}{name}: {what}", self.path));
    }

    pub(super) fn take<T>(&mut self, name: &str, expected: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let json = self.members.remove(name)?;
        let value = read(json.get());
        if value.is_none() {
            self.note(name, &format!("{expected} is expected"));
        }
        value
    }

    pub(super) fn require(&mut self, names: &[&str]) {
        for name in names {
            if !self.members.contains_key(*name) {
                self.note(name, "is missing");
            }
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.take(name, "text", |json| serde_json::from_str(json).ok())
    }

    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        self.take(name, "a list of texts", |json| serde_json::from_str(json).ok()).unwrap_or_default()
    }

    pub(super) fn record(&mut self, name: &str) -> Map<String, Value> {
        self.take(name, "an object", |json| serde_json::from_str(json).ok()).unwrap_or_default()
    }

    pub(super) fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.take(name, &format!("one of {}", known.join(", ")), |json| {
            let text: String = serde_json::from_str(json).ok()?;
            words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
        })
    }

    /// Choice C38: any finite number, in any order.
    pub(super) fn seconds(&mut self, name: &str) -> Option<Time> {
        self.take(name, "a number of seconds since 1970", |json| {
            let seconds: f64 = serde_json::from_str(json).ok()?;
            Some(Time::from_milliseconds((seconds * 1000.0).round() as i64))
        })
    }

    /// The one place where the wire has milliseconds (section 5.3).
    pub(super) fn milliseconds(&mut self, name: &str) -> Option<Time> {
        self.take(name, "a number of milliseconds since 1970", |json| {
            let milliseconds: f64 = serde_json::from_str(json).ok()?;
            Some(Time::from_milliseconds(milliseconds.round() as i64))
        })
    }

    pub(super) fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Members) -> T) -> Option<T> {
        let members = self.take(name, "an object", |json| serde_json::from_str(json).ok())?;
        Some(self.inner(format!("{name}."), members, read))
    }

    pub(super) fn list<T>(&mut self, name: &str, mut read: impl FnMut(&mut Members) -> T) -> Vec<T> {
        let entries: Vec<BTreeMap<String, Box<RawValue>>> =
            self.take(name, "a list of objects", |json| serde_json::from_str(json).ok()).unwrap_or_default();
        entries.into_iter().enumerate().map(|(index, members)| self.inner(format!("{name}[{index}]."), members, &mut read)).collect()
    }

    pub(super) fn inner<T>(&mut self, path: String, members: BTreeMap<String, Box<RawValue>>, read: impl FnOnce(&mut Members) -> T) -> T {
        let mut inner = Members { path: format!("{}{path}", self.path), members, wrong: Vec::new(), is_strict: self.is_strict };
        let value = read(&mut inner);
        inner.refuse_unknown();
        self.wrong.append(&mut inner.wrong);
        value
    }
}
