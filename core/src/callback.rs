//! Reading what a platform sends to an address of ours: one typed event for all three.
//!
//! ```text
//! headers, body, key ──▶ read ──▶ CallbackEvent ──▶ dedupe_key: seen before?  ──▶ moves: forward, or late?
//! ```
//!
//! **In scope**: the three payloads, the one key that can be verified, what makes two callbacks the same. **Out of scope**:
//! receiving them and keeping them. Nothing is assumed of order, of number or, where nothing is signed, of truth: an unsigned
//! event is a hint that is looked up at the platform.

use std::fmt;

use http::HeaderMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::platform::{imocha, testinvite, think_exam};
use crate::{Error, Kind, Platform, Secret, Status, Time};

/// How far a callback can be believed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authenticity {
    /// The platform's key was compared and is right.
    Verified,
    /// The platform sends nothing by which it could be known (iMocha, TestInvite).
    Unsigned,
    /// The platform sends a key, and none was given to compare it with.
    NotChecked,
}

impl Authenticity {
    /// The word in every language.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Authenticity::Verified => "verified",
            Authenticity::Unsigned => "unsigned",
            Authenticity::NotChecked => "not-checked",
        }
    }
}

/// What a platform says has happened. `Debug` shows no personal data.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CallbackEvent {
    /// Which platform.
    #[serde(serialize_with = "platform_slug")]
    pub platform: Platform,
    /// In which of its forms: `attempt`; `basic`, `detailed`; `current`, `legacy`.
    pub form: &'static str,
    /// Where the attempt stands. TestInvite speaks of one test session, of which an invitation may have several.
    #[serde(serialize_with = "slug")]
    pub status: Status,
    /// The platform's own word; Think Exam's legacy form has none.
    pub platform_status: Option<String>,
    /// The invitation by the platform's id: iMocha's invitation, TestInvite's candidate. Think Exam names none.
    pub invitation_id: Option<String>,
    /// The candidate by the platform's id: TestInvite's candidate, Think Exam's enrolment number.
    pub candidate_id: Option<String>,
    /// The attempt by the platform's id: TestInvite's test session.
    pub session_id: Option<String>,
    /// The candidate's address, where it is told.
    pub email: Option<String>,
    /// The candidate's full name, where it is told.
    pub name: Option<String>,
    /// The test, where it is told: TestInvite's task, the `TEST_ID` of Think Exam's legacy form.
    pub test_id: Option<String>,
    /// The score; an iMocha attempt in progress has 0.
    pub score: Option<f64>,
    /// The most that could be scored.
    pub maximum_score: Option<f64>,
    /// The score in percent.
    pub percentage: Option<f64>,
    /// iMocha's performance category.
    pub category: Option<String>,
    /// When the attempt was begun.
    pub attempted_at: Option<Time>,
    /// When it was completed.
    pub completed_at: Option<Time>,
    /// Where the report is.
    pub report_url: Option<String>,
    /// How far it can be believed.
    pub authenticity: Authenticity,
    /// Equal for two callbacks that say the same; holds no personal data.
    pub dedupe_key: String,
    /// Members that have no place above, as they came.
    pub extra: Map<String, Value>,
    /// The body as it came.
    pub body: String,
}

fn platform_slug<S: Serializer>(platform: &Platform, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(platform.slug())
}

fn slug<S: Serializer>(status: &Status, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(status.slug())
}

impl CallbackEvent {
    /// An event of which only the platform is known.
    pub(crate) fn new(platform: Platform, form: &'static str, authenticity: Authenticity) -> Self {
        CallbackEvent {
            platform,
            form,
            status: Status::Unknown,
            platform_status: None,
            invitation_id: None,
            candidate_id: None,
            session_id: None,
            email: None,
            name: None,
            test_id: None,
            score: None,
            maximum_score: None,
            percentage: None,
            category: None,
            attempted_at: None,
            completed_at: None,
            report_url: None,
            authenticity,
            dedupe_key: String::new(),
            extra: Map::new(),
            body: String::new(),
        }
    }

    /// Reads a callback. `key` is what Think Exam's receiver was given; the other two platforms have none.
    ///
    /// ```
    /// use bidden::{CallbackEvent, Platform, Status};
    /// let body = br#"{"TestInvitationId":3314697,"Status":"Complete","CandidateScore":6,"AttemptedOnUtc":"2020-10-09T13:21:53"}"#;
    /// let event = CallbackEvent::read(Platform::Imocha, &Default::default(), body, None)?;
    /// assert_eq!((event.status, event.invitation_id.as_deref()), (Status::Complete, Some("3314697")));
    /// assert!(event.moves(Status::Pending));
    /// # Ok::<(), bidden::Error>(())
    /// ```
    ///
    /// # Errors
    /// `unauthorized` when a key is given and the callback's is missing or another; `malformed-reply` for a body that is no
    /// callback of the platform.
    pub fn read(platform: Platform, headers: &HeaderMap, body: &[u8], key: Option<&Secret>) -> Result<Self, Error> {
        let event = match platform {
            Platform::Imocha => imocha::callback::read(object(body)?),
            Platform::TestInvite => testinvite::callback::read(object(body)?),
            // The key first: what a stranger sends is not read.
            Platform::ThinkExam => think_exam::callback::verify(headers, key)
                .and_then(|authenticity| think_exam::callback::read(object(body)?, body, authenticity)),
        };
        let event = event.map_err(|error| error.in_operation(platform, "callback"))?;
        Ok(CallbackEvent { body: String::from_utf8_lossy(body).into_owned(), ..event })
    }

    /// Whether it moves an invitation that stands at `known`. Callbacks come late, twice and in any order: what is over is not
    /// in progress again, and of two last words the first one stays; the platform itself, where it can be asked, knows better.
    ///
    /// ```
    /// use bidden::{CallbackEvent, Platform, Status};
    /// let late = br#"{"TestInvitationId":1,"Status":"In Progress"}"#;
    /// let late = CallbackEvent::read(Platform::Imocha, &Default::default(), late, None)?;
    /// assert!(late.moves(Status::Pending) && !late.moves(Status::Complete));
    /// # Ok::<(), bidden::Error>(())
    /// ```
    #[must_use]
    pub fn moves(&self, known: Status) -> bool {
        moves(self.status, known)
    }

    /// The neutral JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// As [`CallbackEvent::moves`], for a status that was told.
#[must_use]
pub fn moves(told: Status, known: Status) -> bool {
    let is_over = |status| matches!(status, Status::Complete | Status::TestLeft | Status::Terminated);
    match told {
        Status::InProgress => matches!(known, Status::Pending | Status::Expired | Status::Unknown),
        _ => is_over(told) && !is_over(known),
    }
}

impl fmt::Debug for CallbackEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CallbackEvent")
            .field("platform", &self.platform)
            .field("form", &self.form)
            .field("status", &self.status)
            .field("platform_status", &self.platform_status)
            .field("invitation_id", &self.invitation_id)
            .field("session_id", &self.session_id)
            .field("test_id", &self.test_id)
            .field("attempted_at", &self.attempted_at)
            .field("completed_at", &self.completed_at)
            .field("authenticity", &self.authenticity)
            .field("dedupe_key", &self.dedupe_key)
            .finish_non_exhaustive()
    }
}

/// What is no callback.
pub(crate) fn malformed(why: &str) -> Error {
    Error::new(Kind::MalformedReply, format!("the callback cannot be read: {why}"))
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Error> {
    let read = std::str::from_utf8(body).ok().and_then(|text| serde_json::from_str(text).ok());
    match read {
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(malformed("a JSON object is expected")),
        None => Err(malformed("it is not JSON")),
    }
}

/// Takes a number, also one that is written as text; anything else stays.
pub(crate) fn take_number(object: &mut Map<String, Value>, name: &str) -> Option<f64> {
    let found = object.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    let number = match object.get(&found)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        Value::Null => {
            object.remove(&found);
            None
        }
        _ => None,
    };
    if number.is_some() {
        object.remove(&found);
    }
    number
}

/// Takes a text that says something.
pub(crate) fn take_text(object: &mut Map<String, Value>, name: &str) -> Option<String> {
    crate::wire::take_text(object, name).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(platform: Platform, body: &str) -> Result<CallbackEvent, Error> {
        CallbackEvent::read(platform, &HeaderMap::new(), body.as_bytes(), None)
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,80}") {
            for platform in Platform::ALL {
                let _ = CallbackEvent::read(platform, &HeaderMap::new(), &bytes, None);
                let body = serde_json::json!({"TestInvitationId": text, "Status": text, "testInstanceId": text, "status": text, "result": {"status": text}});
                if let Ok(event) = read(platform, &body.to_string()) {
                    assert_eq!(event.body, body.to_string());
                }
            }
        }
    }

    #[test]
    fn debug_shows_no_person() {
        let current = r#"{"result":{"name":"Ada Lovelace","email":"ada@example.com","mobile":"9000000000","enrollment_no":"GW1","status":"COMPLETED"}}"#;
        let attempt = r#"{"TestInvitationId":1,"Status":"Complete","CandidateEmailId":"ada@example.com","ReportPDFUrl":"https://x.example/PDFReport?id=s3cret"}"#;
        for event in [read(Platform::ThinkExam, current).unwrap(), read(Platform::Imocha, attempt).unwrap()] {
            assert_eq!(event.email.as_deref(), Some("ada@example.com"));
            let shown = format!("{event:?} {}", event.dedupe_key);
            for hidden in ["ada@example.com", "Lovelace", "9000000000", "GW1", "s3cret"] {
                assert!(!shown.contains(hidden), "{shown}");
            }
        }
    }

    #[test]
    fn every_order_of_two_callbacks_ends_at_the_last_word() {
        let told = |status: &str| read(Platform::Imocha, &format!(r#"{{"TestInvitationId":1,"Status":"{status}"}}"#)).unwrap();
        for last in ["Complete", "Test Left", "Terminated"] {
            for order in [["In Progress", last], [last, "In Progress"]] {
                let mut known = Status::Pending;
                for event in order.map(told) {
                    if event.moves(known) {
                        known = event.status;
                    }
                }
                assert_eq!(known, Status::read(last), "{order:?}");
            }
        }
        assert!(!told("Paused").moves(Status::Pending), "an unknown word moves nothing");
        assert!(!told("In Progress").moves(Status::Cancelled));
    }

    #[test]
    fn a_wrong_key_is_refused_and_a_right_one_verified() {
        let body = br#"{"result":{"email":"ada@example.com","status":"COMPLETED"}}"#;
        let key = Secret::new("sandbox-webhook-key");
        let read = |name: &'static str, value: &'static str, key: Option<&Secret>| {
            let mut headers = HeaderMap::new();
            headers.insert(http::HeaderName::from_static(name), http::HeaderValue::from_static(value));
            CallbackEvent::read(Platform::ThinkExam, &headers, body, key)
        };
        for name in ["x-webhook_key", "webhook_key"] {
            assert_eq!(read(name, "sandbox-webhook-key", Some(&key)).unwrap().authenticity, Authenticity::Verified);
            let error = read(name, "sandbox-webhook-kez", Some(&key)).unwrap_err();
            assert_eq!(error.kind(), Kind::Unauthorized);
            assert!(!error.to_string().contains("sandbox-webhook"), "{error}");
            assert_eq!(read(name, "anything", None).unwrap().authenticity, Authenticity::NotChecked);
        }
        let missing = read("x-other", "sandbox-webhook-key", Some(&key)).unwrap_err();
        assert!(missing.to_string().contains("underscores_in_headers"), "{missing}");
        assert_eq!(
            read("x-webhook_key", "", Some(&Secret::new(""))).unwrap_err().kind(),
            Kind::Configuration,
            "an empty key verifies nobody"
        );
    }
}
