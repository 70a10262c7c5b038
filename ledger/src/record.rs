//! What the ledger holds of one invitation, and how an operation changes it. Pure.

use bidden::operation::{Disposition, Email, KnownFrom, Outcome};
use bidden::{AccessWindow, Error, FieldError, Kind, Status, Time};
use serde::{Deserialize, Serialize};

use crate::Digest;

/// What an operation does to an invitation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// Invites (iMocha invite, Think Exam assign, TestInvite create).
    Invite,
    /// Registers with Think Exam.
    Register,
    /// Withdraws.
    Cancel,
    /// Allows another attempt.
    Reattempt,
    /// Asks the platform where the invitation stands.
    LookUp,
    /// The platform has told by itself what happened.
    Callback,
}

impl Deed {
    /// All of them.
    pub const ALL: [Deed; 6] = [Deed::Invite, Deed::Register, Deed::Cancel, Deed::Reattempt, Deed::LookUp, Deed::Callback];

    /// The word in every language.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Deed::Invite => "invite",
            Deed::Register => "register",
            Deed::Cancel => "cancel",
            Deed::Reattempt => "reattempt",
            Deed::LookUp => "look-up",
            Deed::Callback => "callback",
        }
    }

    /// The deed of a word.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Deed::ALL.into_iter().find(|deed| deed.slug() == slug)
    }
}

/// An operation whose outcome is not written yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// What it does.
    pub deed: Deed,
    /// Whether it asks the platform for mail.
    pub asks_for_mail: bool,
    /// The digest of its request.
    pub request: Digest,
    /// The digest of the same request asking for no mail.
    pub request_without_mail: Digest,
    /// The digest of all that it asks for apart from mail and name.
    pub terms: Digest,
    /// The access window that it asks for, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<i64>,
    /// Its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<i64>,
    /// Whether it makes a new invitation, whose mail is its own: a reattempt, a create after a delete.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_new: bool,
    /// TestInvite: the digest of its terms without the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside_window: Option<Digest>,
    /// TestInvite: whether it replaces the window of a candidate who is there, and nothing else. It may be repeated freely.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_refresh: bool,
}

impl Pending {
    /// Whether it is a reattempt that makes a new invitation beside the one that the record knows.
    #[must_use]
    pub fn makes_attempt(&self) -> bool {
        self.deed == Deed::Reattempt && self.is_new
    }

    /// The access window that it asks for.
    #[must_use]
    pub fn window(&self) -> AccessWindow {
        AccessWindow { start: self.start.map(Time::from_milliseconds), end: self.end.map(Time::from_milliseconds) }
    }
}

/// Where an invitation stands: what its operations made of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Standing {
    /// What the last settled operation came to; `None` while the first is under way.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "words::disposition")]
    pub disposition: Option<Disposition>,
    /// What the last settled operation did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deed: Option<Deed>,
    /// Whether this invitation was ever accepted by the platform.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_accepted: bool,
    /// The law: whether a request that asks for mail has left for this invitation and was not refused with a complete 4xx.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_mailed: bool,
    /// The digest of that request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailing: Option<Digest>,
    /// The plan that the request belonged to: going on with it asks for no other one, whatever was consented to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailed_by: Option<Digest>,
    /// The digest of the request that was refused last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
    /// What became of the mail.
    #[serde(default = "words::no_email", with = "words::email")]
    pub email: Email,
    /// Where the platform says the invitation stands; expiry is computed when somebody looks.
    #[serde(default = "words::unknown", with = "words::status")]
    pub status: Status,
    /// The platform's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_status: Option<String>,
    /// The platform's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation_id: Option<String>,
    /// TestInvite: the code the candidate logs in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation_code: Option<String>,
    /// What the candidate opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_url: Option<String>,
    /// The access window last asked for, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<i64>,
    /// Its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<i64>,
    /// The digest of all that was asked for apart from mail and name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Digest>,
    /// TestInvite: the digest of the same without the window, which alone can be replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside_window: Option<Digest>,
    /// Think Exam: whether the candidate was registered.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_registered: bool,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The plan by which the last operation was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Digest>,
    /// The plan whose application looked it up last, with nothing else since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_up_by: Option<Digest>,
    /// The operation under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// The invitation or reattempt of which nobody knows what came. It asks for mail when any did that was lost since the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<Box<Pending>>,
}

impl Default for Standing {
    fn default() -> Self {
        Standing {
            disposition: None,
            deed: None,
            is_accepted: false,
            is_mailed: false,
            mailing: None,
            mailed_by: None,
            request: None,
            email: Email::None,
            status: Status::Unknown,
            platform_status: None,
            invitation_id: None,
            invitation_code: None,
            test_url: None,
            start: None,
            end: None,
            terms: None,
            beside_window: None,
            is_registered: false,
            failure: None,
            run: None,
            looked_up_by: None,
            pending: None,
            lost: None,
        }
    }
}

/// An error as the ledger keeps it: no secret and no personal data.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// The slug of its kind.
    pub kind: String,
    /// What it says.
    pub message: String,
    /// The first field it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The platform's own code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_code: Option<String>,
    /// The HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
}

impl Failure {
    /// What is kept of an error.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        let field = error.fields().first();
        let message = match field {
            Some(field) => field.reason.clone(),
            None => error.platform_message().map_or_else(|| error.message().to_owned(), str::to_owned),
        };
        Failure {
            kind: error.kind().slug().to_owned(),
            message,
            field: field.map(|field| field.field.clone()),
            platform_code: error.platform_code().map(str::to_owned),
            http_status: error.http_status(),
        }
    }

    /// The kind of error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::from_slug(&self.kind).unwrap_or(Kind::Internal)
    }

    /// The error again, as far as it was kept.
    #[must_use]
    pub fn to_error(&self) -> Error {
        let mut error = Error::new(self.kind(), self.message.clone());
        if let Some(field) = &self.field {
            error = error.with_fields(vec![FieldError::new(field.clone(), self.message.clone())]);
        }
        if let Some(status) = self.http_status {
            error = error.with_status(status);
        }
        error.with_platform_words(self.platform_code.clone(), None)
    }
}

/// What an invitation's new state is computed from when an operation is over.
#[derive(Clone, Debug)]
pub struct Ending<'a> {
    /// What it came to.
    pub outcome: &'a Outcome,
    /// Whether its request may have taken effect.
    pub may_have_taken_effect: bool,
    /// The window that it asked for.
    pub window: AccessWindow,
    /// All that it asked for; `None` when it may be what an earlier request asked for.
    pub terms: Option<Digest>,
    /// The plan it belongs to.
    pub run: Option<Digest>,
}

impl Standing {
    /// The access window last asked for.
    #[must_use]
    pub fn window(&self) -> AccessWindow {
        AccessWindow { start: self.start.map(Time::from_milliseconds), end: self.end.map(Time::from_milliseconds) }
    }

    /// The standing while an operation is under way.
    #[must_use]
    pub fn with_intent(mut self, pending: Pending) -> Self {
        self.pending = Some(pending);
        self
    }

    /// The standing when nobody will ever write the outcome of the operation under way: it may have taken effect.
    #[must_use]
    pub fn with_loss(mut self) -> Self {
        let Some(pending) = self.pending.take() else { return self };
        if pending.deed == Deed::Register {
            // Registering is a login the second time (Think Exam reference, section 8): nothing is lost with its answer.
            if !self.is_more_than_registered() {
                self.disposition = Some(Disposition::Failed);
                self.deed = Some(Deed::Register);
                self.failure = Some(Failure::of(&Error::new(Kind::TimedOut, "the registration was interrupted")));
            }
            return self;
        }
        if pending.asks_for_mail {
            self.is_mailed = true;
            self.mailing = Some(pending.request);
            self.mailed_by = self.run;
            self.email = Email::Uncertain;
        }
        self.disposition = Some(Disposition::Uncertain);
        self.deed = Some(pending.deed);
        self.failure = Some(Failure::of(&Error::new(Kind::Uncertain, "interrupted after the request was perhaps sent")));
        self.lose(pending);
        self
    }

    /// Keeps an operation of which nobody knows what came.
    fn lose(&mut self, pending: Pending) {
        if !matches!(pending.deed, Deed::Invite | Deed::Reattempt) {
            return;
        }
        self.lost = Some(match self.lost.take() {
            // Until the new attempt is seen, a lost invitation may have met the old one or the new.
            Some(mut lost) if lost.makes_attempt() && pending.deed == Deed::Invite => {
                lost.asks_for_mail |= pending.asks_for_mail;
                lost
            }
            lost => {
                let asks_for_mail = pending.asks_for_mail || lost.is_some_and(|lost| lost.asks_for_mail);
                Box::new(Pending { asks_for_mail, ..pending })
            }
        });
    }

    /// Whether a plan has asked for the mail itself.
    #[must_use]
    pub fn is_mailed_by(&self, run: Option<Digest>) -> bool {
        self.is_mailed && run.is_some() && self.mailed_by == run
    }

    /// Whether the invitation itself says more than a registration could.
    fn is_more_than_registered(&self) -> bool {
        self.is_accepted || self.lost.is_some() || self.disposition == Some(Disposition::Uncertain)
    }

    /// Whether a cancellation got no answer.
    #[must_use]
    pub fn is_cancellation_open(&self) -> bool {
        self.disposition == Some(Disposition::Uncertain) && self.deed == Some(Deed::Cancel)
    }

    /// The standing after an operation.
    #[must_use]
    pub fn with_outcome(mut self, ending: &Ending<'_>) -> Self {
        let Some(pending) = self.pending.take() else { return self };
        let outcome = ending.outcome;
        let is_good = outcome.disposition.exit_code() == 0;
        let is_known = is_good || outcome.disposition == Disposition::AlreadyAttempted;
        let has_asked = ending.may_have_taken_effect && pending.asks_for_mail;
        if has_asked {
            self.is_mailed = true;
            self.mailing = Some(pending.request);
            self.mailed_by = ending.run;
            // A repeat without mail inside the same operation leaves the first one's fate open.
            self.email = if outcome.email == Email::None && !is_known { Email::Uncertain } else { outcome.email };
        }
        self.run = ending.run;
        if outcome.disposition == Disposition::NotSent {
            return self;
        }
        self.request = (!is_known).then_some(pending.request);
        if pending.deed == Deed::Register {
            self.is_registered |= is_good;
            if !self.is_more_than_registered() {
                self.disposition = Some(outcome.disposition);
                self.deed = Some(Deed::Register);
                self.failure = outcome.error.as_ref().map(Failure::of);
            }
            return self;
        }
        let deed = pending.deed;
        let asked = (pending.terms, pending.beside_window);
        // A create that is answered has made another candidate, whatever was thought of the one before.
        let is_new = pending.is_new || outcome.disposition == Disposition::Created;
        // A complete 5xx may have withdrawn it as well.
        let is_open = deed == Deed::Cancel && ending.may_have_taken_effect && outcome.disposition == Disposition::Failed;
        let disposition = if is_open { Disposition::Uncertain } else { outcome.disposition };
        if !is_known && ending.may_have_taken_effect {
            self.lose(pending);
        }
        if self.disposition == Some(Disposition::Uncertain) && !is_known {
            // What an earlier request came to is as unknown as before; a cancellation that is lost too must not be undone.
            if disposition == Disposition::Uncertain {
                self.deed = Some(deed);
            }
            return self;
        }
        let is_other = outcome.invitation_id.is_some() && outcome.invitation_id != self.invitation_id;
        let settles = |lost: &Pending| match deed {
            // It withdraws the one whose id is known, not one that was perhaps made since.
            Deed::Cancel => !lost.is_new,
            // A new attempt that was lost is settled by itself, or by the sight of another id than the old one's.
            Deed::Invite => !lost.makes_attempt() || is_other,
            _ => true,
        };
        let lost = if is_known { self.lost.take_if(|lost| settles(lost)) } else { None };
        if let (Deed::Cancel, Some(lost), Some(Disposition::Uncertain)) = (deed, &self.lost, self.disposition)
            && is_known
        {
            self.deed = Some(lost.deed);
            return self;
        }
        self.disposition = Some(disposition);
        self.deed = Some(deed);
        self.failure = outcome.error.as_ref().map(Failure::of);
        if !is_known {
            return self;
        }
        let before = lost.as_deref().map(|lost| (lost.terms, lost.beside_window));
        if is_other && (is_new || lost.as_ref().is_some_and(|lost| lost.is_new)) {
            let was_asked = lost.is_some_and(|lost| lost.asks_for_mail);
            self.is_mailed = has_asked || was_asked;
            self.mailing = self.mailing.filter(|_| has_asked || was_asked);
            self.email = match (was_asked, has_asked) {
                (true, _) => Email::Uncertain,
                (false, true) => outcome.email,
                (false, false) => Email::None,
            };
            (self.invitation_id, self.invitation_code, self.test_url) = (None, None, None);
        }
        self.is_accepted = true;
        self.status = match outcome.status {
            // Think Exam names no status; an accepted invitation waits to be taken (Think Exam reference, section 8).
            Status::Unknown if deed == Deed::Invite && outcome.disposition == Disposition::Invited => Status::Pending,
            status => status,
        };
        self.platform_status.clone_from(&outcome.platform_status);
        self.invitation_id = outcome.invitation_id.clone().or(self.invitation_id);
        self.invitation_code = outcome.invitation_code.clone().or(self.invitation_code);
        self.test_url = outcome.test_url.clone().or(self.test_url);
        if is_good && matches!(deed, Deed::Invite | Deed::Reattempt) {
            let milliseconds = |time: Option<Time>| time.map(Time::milliseconds);
            (self.start, self.end) = (milliseconds(ending.window.start), milliseconds(ending.window.end));
            self.terms = ending.terms;
            let asked = [Some(asked), before].into_iter().flatten().find(|(terms, _)| Some(*terms) == ending.terms);
            self.beside_window = asked.and_then(|(_, beside_window)| beside_window);
        }
        self
    }

    /// The outcome that the record answers, with nothing sent.
    #[must_use]
    pub fn to_outcome(&self, disposition: Disposition) -> Outcome {
        Outcome {
            known_from: Some(KnownFrom::Ledger),
            email: self.email,
            status: self.status,
            platform_status: self.platform_status.clone(),
            invitation_id: self.invitation_id.clone(),
            invitation_code: self.invitation_code.clone(),
            test_url: self.test_url.clone(),
            error: None,
            ..Outcome::of(disposition)
        }
    }
}

/// One invitation as the ledger holds it.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    /// The ledger's own number.
    pub id: i64,
    /// The number of its place.
    pub place: i64,
    /// The key that the address makes.
    pub email: Option<String>,
    /// The key that an external id makes.
    pub external: Option<String>,
    /// Counts its changes.
    pub version: i64,
    /// Its last operation.
    pub operation: i64,
    /// Whether the worker of an operation under way is still there.
    pub is_live: bool,
    /// Where it stands.
    pub standing: Standing,
}

/// One operation as the ledger holds it: the proof.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Operation {
    /// The ledger's own number.
    pub id: i64,
    /// The operation before it on the same invitation.
    #[serde(skip)]
    pub previous: Option<i64>,
    /// What it does.
    pub deed: Deed,
    /// When the intent was durable.
    pub intended_at: Time,
    /// The digest of the request that was intended: method, path and body. Zeros, in JSON null, for a look-up, which serves many.
    /// Of a callback, what makes it the same as another that says the same.
    #[serde(serialize_with = "digest_or_null")]
    pub request: Digest,
    /// Whether it asks for mail.
    pub asks_for_mail: bool,
    /// When the outcome was durable; `None` when nobody wrote it.
    pub settled_at: Option<Time>,
    /// How many requests left.
    pub sent: Option<u32>,
    /// The HTTP status of the last complete answer.
    pub http_status: Option<u16>,
    /// The digest of the last complete answer's body, or of a callback's.
    pub answer: Option<Digest>,
    /// The disposition it came to; of a callback, the status that it told.
    pub outcome: Option<String>,
    /// The kind of error.
    pub error_kind: Option<String>,
    /// What became of the mail.
    pub email: Option<String>,
    /// The plan it belongs to.
    pub run: Option<Digest>,
}

impl Operation {
    /// Whether a request that asks the platform for mail may have left with it and was not refused: what the law counts.
    #[must_use]
    pub fn may_have_mailed(&self) -> bool {
        // Several requests of one operation: all but the last may have been lost, and what the invitation says of its mail decides.
        let is_refused = self.sent == Some(1) && self.http_status.is_some_and(|status| (400..500).contains(&status));
        let is_settled_without = self.settled_at.is_some() && self.email.as_deref() == Some("none");
        self.asks_for_mail && self.sent != Some(0) && !is_refused && !is_settled_without
    }
}

fn digest_or_null<S: serde::Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
    Some(digest).filter(|digest| **digest != Digest::default()).serialize(serializer)
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The words of core's types, in the record's JSON.
mod words {
    use bidden::Status;
    use bidden::operation::{Disposition, Email};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn no_email() -> Email {
        Email::None
    }

    pub(super) fn unknown() -> Status {
        Status::Unknown
    }

    fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<std::borrow::Cow<'de, str>, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)
    }

    pub(super) mod disposition {
        use super::*;

        pub(in super::super) fn serialize<S: Serializer>(value: &Option<Disposition>, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(value.map_or("", Disposition::slug))
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Disposition>, D::Error> {
            let word = super::word(deserializer)?;
            let found = Disposition::ALL.into_iter().find(|disposition| disposition.slug() == word);
            found.map(Some).ok_or_else(|| D::Error::custom("no such disposition"))
        }
    }

    pub(super) mod email {
        use super::*;

        pub(in super::super) fn serialize<S: Serializer>(value: &Email, serializer: S) -> Result<S::Ok, S::Error> {
            serde::Serialize::serialize(value, serializer)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Email, D::Error> {
            match &*super::word(deserializer)? {
                "none" => Ok(Email::None),
                "asked" => Ok(Email::Asked),
                "scheduled" => Ok(Email::Scheduled),
                "uncertain" => Ok(Email::Uncertain),
                _ => Err(D::Error::custom("no such word for a mail")),
            }
        }
    }

    pub(super) mod status {
        use super::*;

        #[allow(clippy::trivially_copy_pass_by_ref)]
        pub(in super::super) fn serialize<S: Serializer>(value: &Status, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(value.slug())
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Status, D::Error> {
            Status::from_slug(&super::word(deserializer)?).ok_or_else(|| D::Error::custom("no such status"))
        }
    }
}
