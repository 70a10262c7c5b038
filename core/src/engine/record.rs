//! What a platform remembers: invitations, links, students, and what changes them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::imocha::fixtures::{InvitationType, LinkStatus, ScheduleType};
use crate::imocha::ProctoringMode;
use crate::{AccessWindow, Platform, Secret, Status, Time};

/// One candidate's right to sit one test: an iMocha invitation, a Think Exam assignment, a TestInvite candidate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invitation {
    /// Unique over all platforms: the platform's own id, or the sandbox's where the platform has none (Think Exam).
    pub id: String,
    /// Whose invitation.
    pub platform: Platform,
    /// The test as the wire names it: iMocha test id, Think Exam `testId`, TestInvite task id.
    pub test_id: String,
    /// iMocha: the test link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_id: Option<i64>,
    /// The address as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The stored status. Never expired: that is computed when somebody looks ([`Invitation::state_at`]).
    pub status: Status,
    /// When the test may be started.
    #[serde(with = "window")]
    pub window: AccessWindow,
    /// iMocha: the zone in which the invitation is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone_id: Option<i64>,
    /// What the candidate's address ends in; [`Invitation::id_of_token`] leads back here.
    pub token: String,
    /// Whether a mail to the candidate was asked for.
    pub asked_for_mail: bool,
    /// Who is told of completion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stakeholder_emails: Vec<String>,
    /// When it was made.
    #[serde(with = "milliseconds")]
    pub created: Time,
    /// When the candidate started.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_milliseconds")]
    pub started: Option<Time>,
    /// When it came to the status in which it rests: the attempt ended, or the invitation was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_milliseconds")]
    pub ended: Option<Time>,
    /// TestInvite: the code with which the candidate logs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation_code: Option<String>,
    /// TestInvite: the claims that the candidate holds, freed when it is deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<String>,
    /// The arguments of the call that made it, in neutral JSON.
    pub details: Box<RawValue>,
}

impl Invitation {
    /// The status that somebody sees who looks at `now`.
    #[must_use]
    pub fn state_at(&self, now: Time) -> Status {
        let rules = crate::lifecycle::Rules::of(self.platform);
        crate::lifecycle::state_at(rules, Some(self.status), Some(&self.window), now).unwrap_or(self.status)
    }

    /// Moves it to a status, and notes when it was started and when it came to rest.
    pub(super) fn move_to(&mut self, status: Status, now: Time) {
        if self.status == status {
            return;
        }
        self.status = status;
        match status {
            Status::Pending => self.ended = None,
            Status::InProgress => self.started = Some(now),
            _ => self.ended = Some(now),
        }
    }

    /// When it came to the state in which it rests, or will, as far as that is known: a pending one rests at the end of its
    /// window. `None` while an attempt runs.
    #[must_use]
    pub fn rests(&self) -> Option<Time> {
        match self.status {
            Status::Pending => self.window.end,
            Status::InProgress => None,
            _ => self.ended,
        }
    }

    /// What the candidate opens, below an origin such as `http://127.0.0.1:8787`.
    #[must_use]
    pub fn test_url(&self, origin: &str) -> String {
        format!("{origin}/IMInstructions?{}", self.token)
    }

    /// The id inside a token. Whether the token is right is known only by comparing it with the invitation's.
    #[must_use]
    pub fn id_of_token(token: &str) -> Option<String> {
        use base64::Engine;
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).ok()?;
        String::from_utf8(bytes.get(TOKEN_RANDOM_BYTES..)?.to_vec()).ok()
    }
}

/// How many random bytes stand in front of the id in a token. The id inside saves an index of random tokens.
pub(super) const TOKEN_RANDOM_BYTES: usize = 8;

/// A link of an iMocha test (section 14). The default link is made by the first invite, and its settings hold for later ones
/// (section 7, documented; the settings are choice 17).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Link {
    /// The link's id.
    pub id: i64,
    /// The test.
    pub test_id: String,
    /// What it is called; `API` for the default link.
    pub name: String,
    /// Whether it is the default link.
    pub is_api_link: bool,
    /// Whether it takes invitations.
    pub status: LinkStatus,
    /// For whom it is.
    pub invitation_type: InvitationType,
    /// How candidates are watched whose call does not say.
    pub proctoring_mode: ProctoringMode,
    /// When its invitations can be used.
    pub schedule_type: ScheduleType,
    /// How many days an invitation is valid that names no window.
    pub days: u32,
    /// The window of a schedule that is not in days.
    #[serde(with = "window")]
    pub window: AccessWindow,
    /// The zone of an invitation that names none.
    pub time_zone_id: i64,
    /// Who is told of completion when the call does not say.
    pub stakeholder_emails: Vec<String>,
}

/// A registered candidate of Think Exam.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Student {
    /// Counts up from 85640001.
    pub student_id: i64,
    /// As given, else made: `GW3001` and on.
    pub enrollment_no: String,
    /// The address as it was given.
    pub email: String,
    /// The full name.
    pub name: String,
    /// The address of the picture.
    pub profile_pic: String,
    /// The courses the candidate was put on.
    pub courses: Vec<String>,
    /// What the candidate logs in with. Never shown.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::think_exam::write_secret",
        deserialize_with = "super::think_exam::read_secret"
    )]
    pub password: Option<Secret>,
    /// The token of the last login, which the automatic login is known by. Never shown.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::think_exam::write_secret",
        deserialize_with = "super::think_exam::read_secret"
    )]
    pub access_token: Option<Secret>,
    /// The mobile number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// The gender, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
}

impl std::fmt::Debug for Student {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Student").field("student_id", &self.student_id).field("courses", &self.courses).finish_non_exhaustive()
    }
}

/// A candidate's sitting of one step of a TestInvite task: a test session, or test instance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Session {
    /// The platform's id.
    pub id: String,
    /// The task.
    pub task_id: String,
    /// The step of the task.
    pub step_id: String,
    /// Whose.
    pub invitation_id: String,
    /// Whether the candidate is a user of the organization.
    pub is_user: bool,
    /// Where it stands.
    pub status: crate::testinvite::SessionStatus,
    /// When it began.
    #[serde(with = "milliseconds")]
    pub started: Time,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_milliseconds")]
    pub completed: Option<Time>,
    /// The candidate's id on the caller's side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The candidate's group when it began.
    pub group: String,
    /// The candidate's labels when it began.
    pub labels: Vec<String>,
    /// The candidate's tags when it began.
    pub tags: serde_json::Map<String, serde_json::Value>,
}

/// What a message tells its reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// To the candidate: you are invited.
    Invitation,
    /// To a stakeholder: the candidate has finished.
    StakeholderCompletion,
    /// To the candidate: the invitation is withdrawn.
    Cancellation,
}

/// One mail in the outbox; it goes to one address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// To whom.
    pub to: String,
    /// Further addresses.
    pub cc: Vec<String>,
    /// Whose platform sends it.
    pub platform: Platform,
    /// What it tells.
    pub kind: MessageKind,
    /// About which invitation.
    pub invitation_id: String,
    /// When, by the sandbox's clock.
    #[serde(deserialize_with = "rfc3339")]
    pub sent_at: Time,
    /// The subject line.
    pub subject: String,
    /// Whether it came back: nobody has read it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bounced: bool,
}

/// Numbers that are given out once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sequence {
    /// iMocha's `testInvitationId`.
    ImochaInvitation,
    /// iMocha's test links.
    ImochaLink,
    /// The sandbox's own ids of Think Exam assignments.
    ThinkExamAssignment,
    /// Think Exam's `studentId`.
    ThinkExamStudent,
    /// Think Exam's made `enrollmentNo`.
    ThinkExamEnrollment,
    /// TestInvite's `invitationCode`.
    TestInviteCode,
}

impl Sequence {
    /// All of them.
    pub const ALL: [Sequence; 6] = [
        Sequence::ImochaInvitation,
        Sequence::ImochaLink,
        Sequence::ThinkExamAssignment,
        Sequence::ThinkExamStudent,
        Sequence::ThinkExamEnrollment,
        Sequence::TestInviteCode,
    ];

    /// The name under which a store keeps it; it never changes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Sequence::ImochaInvitation => "imocha-invitation",
            Sequence::ImochaLink => "imocha-link",
            Sequence::ThinkExamAssignment => "think-exam-assignment",
            Sequence::ThinkExamStudent => "think-exam-student",
            Sequence::ThinkExamEnrollment => "think-exam-enrollment",
            Sequence::TestInviteCode => "testinvite-code",
        }
    }

    /// The first number. iMocha's is the one of the reference's sample; Think Exam's are those of its section 10.
    #[must_use]
    pub fn first(self) -> i64 {
        match self {
            Sequence::ImochaInvitation => 2_807_324,
            Sequence::ImochaLink | Sequence::ThinkExamAssignment | Sequence::TestInviteCode => 1,
            Sequence::ThinkExamStudent => 85_640_001,
            Sequence::ThinkExamEnrollment => 3001,
        }
    }
}

/// One thing that an answer changes. The caller applies all changes of an answer, in order, or none.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new invitation.
    Created(Box<Invitation>),
    /// An invitation with the same id has a new content; its platform and test stay.
    Changed(Box<Invitation>),
    /// A test session began, or one with the same id has a new content; task, candidate and external id stay.
    Sat(Box<Session>),
    /// The personal data of an invitation are masked: its new content, and the address that it had. Whatever else is kept about it
    /// loses the address too: messages to it, callbacks.
    Masked {
        /// The invitation, masked.
        invitation: Box<Invitation>,
        /// What stands for the address from now on.
        email: &'static str,
    },
    /// A new link.
    Linked(Link),
    /// A new or changed student, known by the address.
    Registered(Student),
    /// A candidate holds a claim.
    Claimed {
        /// The claim.
        claim: String,
        /// By whom.
        invitation_id: String,
    },
    /// A candidate no longer holds a claim.
    Freed {
        /// The claim.
        claim: String,
        /// By whom.
        invitation_id: String,
    },
    /// The highest number of a sequence that was given out.
    Counted(Sequence, i64),
    /// A mail left.
    Mailed(Message),
    /// Something happens by itself at a later moment.
    Scheduled(Time, Later),
    /// Somebody's address is to be called.
    CalledBack(Callback),
    /// What was asked of an invitation, and what came of it: its history.
    Noted(Entry),
}

/// What happens by itself when its time has come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Later {
    /// A mail leaves, unless its invitation is gone by then.
    Mail(Message),
    /// iMocha: an attempt that still runs is over, because the test's duration is.
    Overrun {
        /// Whose attempt.
        invitation_id: String,
        /// What the addresses in its callback begin with.
        origin: String,
    },
    /// iMocha: the personal data of these invitations are masked.
    Mask {
        /// Which.
        invitation_ids: Vec<String>,
    },
}

/// One call of a platform to somebody's address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Callback {
    /// Whose call.
    pub platform: Platform,
    /// About which invitation.
    pub invitation_id: String,
    /// The platform's word for what happened, e.g. `Complete`.
    pub status: String,
    /// Where it goes.
    pub url: String,
    /// Its headers beside the content type.
    pub headers: Vec<(String, String)>,
    /// Its body, JSON.
    pub body: String,
    /// How often it is tried in all, at least once.
    pub tries: u32,
    /// How long after a failed try the next one follows, in seconds of the sandbox's clock.
    pub pause_seconds: u32,
}

/// One line of an invitation's history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Of which invitation.
    pub invitation_id: String,
    /// When, by the sandbox's clock.
    #[serde(with = "milliseconds")]
    pub at: Time,
    /// Who asked what: the name of a call, e.g. `imocha.invite`, or an event, e.g. `start`.
    pub asked: String,
    /// Where the invitation stood; `None` when there was none.
    pub from: Option<Status>,
    /// Where it stood then.
    pub to: Status,
    /// What the rule did: the slug of its effect.
    pub effect: String,
    /// How well the rule that decided is known.
    pub basis: String,
    /// What the rule says beside that; empty when there is nothing.
    pub rule: String,
}

mod milliseconds {
    use super::{Deserialize, Deserializer, Serializer, Time};

    pub(super) fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(time.milliseconds())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        i64::deserialize(deserializer).map(Time::from_milliseconds)
    }
}

mod optional_milliseconds {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Time};

    pub(super) fn serialize<S: Serializer>(time: &Option<Time>, serializer: S) -> Result<S::Ok, S::Error> {
        time.map(Time::milliseconds).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
        Ok(Option::<i64>::deserialize(deserializer)?.map(Time::from_milliseconds))
    }
}

/// Both sides in milliseconds, null where open.
mod window {
    use super::{AccessWindow, Deserialize, Deserializer, Serialize, Serializer, Time};

    pub(super) fn serialize<S: Serializer>(window: &AccessWindow, serializer: S) -> Result<S::Ok, S::Error> {
        (window.start.map(Time::milliseconds), window.end.map(Time::milliseconds)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccessWindow, D::Error> {
        let (start, end): (Option<i64>, Option<i64>) = Deserialize::deserialize(deserializer)?;
        Ok(AccessWindow { start: start.map(Time::from_milliseconds), end: end.map(Time::from_milliseconds) })
    }
}

fn rfc3339<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    let text = String::deserialize(deserializer)?;
    Time::parse(&text).map_err(serde::de::Error::custom)
}

impl Serialize for Platform {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

impl<'de> Deserialize<'de> for Platform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let slug = String::deserialize(deserializer)?;
        Platform::from_slug(&slug).ok_or_else(|| serde::de::Error::custom("not a platform"))
    }
}

impl<'de> Deserialize<'de> for crate::testinvite::SessionStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let found = crate::testinvite::SessionStatus::WORDS.iter().find(|(known, _)| *known == word);
        found.map(|(_, status)| *status).ok_or_else(|| serde::de::Error::custom("not a status of a session"))
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let slug = String::deserialize(deserializer)?;
        Status::from_slug(&slug).ok_or_else(|| serde::de::Error::custom("not a status"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_json() {
        let invitation = Invitation {
            id: "1".into(),
            platform: Platform::ThinkExam,
            test_id: "41".into(),
            link_id: None,
            email: Some("ada@example.com".into()),
            name: None,
            status: Status::TestLeft,
            window: AccessWindow { start: None, end: Some(Time::from_milliseconds(1_700_000_000_123)) },
            time_zone_id: Some(1720),
            token: "t".into(),
            asked_for_mail: true,
            stakeholder_emails: vec!["owner@example.com".into()],
            created: Time::from_seconds(-5),
            started: Some(Time::from_milliseconds(1_700_000_000_001)),
            ended: None,
            invitation_code: None,
            claims: vec!["c".into()],
            details: RawValue::from_string(r#"{"price":12.10}"#.into()).unwrap(),
        };
        let text = serde_json::to_string(&invitation).unwrap();
        let back: Invitation = serde_json::from_str(&text).unwrap();
        assert_eq!(format!("{back:?}"), format!("{invitation:?}"));
        assert!(text.contains("12.10"), "{text}");
    }
}
