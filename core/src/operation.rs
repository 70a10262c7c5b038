//! What a user wants done, as steps without I/O: a driver sends what [`Operation::next`] asks for and hands back what came.
//!
//! ```text
//! Invite    iMocha       invite ─▶ done
//!           Think Exam   register ─▶ assign ─▶ done
//!           TestInvite   create candidate ─▶ done
//! Refresh   TestInvite   update candidate ─▶ done
//! Cancel    iMocha       cancel ─▶ done
//!           Think Exam   de-assign ─▶ done
//!           TestInvite   delete candidate ─▶ done
//! Reattempt iMocha       reattempt ─▶ done
//! Look up   iMocha       retrieve invites, once per state ─▶ done
//!           TestInvite   list candidates by e-mail, page by page ─▶ done
//! Register  Think Exam   register many ─▶ done, or one by one ─▶ done
//! ```

mod cancel;
mod look_up;
mod neutral;
mod reattempt;
mod refresh;

use std::fmt;

use serde::Serialize;

pub use cancel::Cancel;
pub use look_up::{LookUp, Sighting};
pub use reattempt::Reattempt;
pub use refresh::Refresh;

use crate::call::{AnyCall, AnyReply};
use crate::candidate::Candidate;
use crate::capability::losses;
use crate::platform::testinvite::{Language, Price, Resource, Scope};
use crate::platform::{imocha, testinvite, think_exam};
use crate::{AccessWindow, Error, FieldError, Kind, Platform, Status, Time};

/// What a row came to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Disposition {
    /// Accepted; the answer does not tell new from old.
    Invited,
    /// A new invitation, on evidence.
    Created,
    /// The window was replaced, on evidence.
    Refreshed,
    /// Was cancelled or expired, on evidence.
    Reopened,
    /// Nothing to do.
    Unchanged,
    /// The attempt is running.
    InProgress,
    /// The same person stands twice in the file.
    DuplicateRow,
    /// Registered.
    Registered,
    /// Was registered before; logged in.
    LoggedIn,
    /// Withdrawn.
    Cancelled,
    /// The attempt is over; a reattempt is needed.
    AlreadyAttempted,
    /// The platform holds this candidate already.
    Duplicate,
    /// The platform or the rules say no.
    Refused,
    /// The row cannot be sent.
    Invalid,
    /// It did not work.
    Failed,
    /// Nobody can say what came of it.
    Uncertain,
    /// Kept back until somebody decides.
    Held,
    /// The run stopped before.
    NotSent,
}

impl Disposition {
    /// All of them, in the order of the exit codes they lead to.
    pub const ALL: [Disposition; 18] = [
        Disposition::Invited,
        Disposition::Created,
        Disposition::Refreshed,
        Disposition::Reopened,
        Disposition::Unchanged,
        Disposition::InProgress,
        Disposition::DuplicateRow,
        Disposition::Registered,
        Disposition::LoggedIn,
        Disposition::Cancelled,
        Disposition::AlreadyAttempted,
        Disposition::Duplicate,
        Disposition::Refused,
        Disposition::Invalid,
        Disposition::Failed,
        Disposition::Uncertain,
        Disposition::Held,
        Disposition::NotSent,
    ];

    /// The name in every language, e.g. `already-attempted`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Disposition::Invited => "invited",
            Disposition::Created => "created",
            Disposition::Refreshed => "refreshed",
            Disposition::Reopened => "reopened",
            Disposition::Unchanged => "unchanged",
            Disposition::InProgress => "in-progress",
            Disposition::DuplicateRow => "duplicate-row",
            Disposition::Registered => "registered",
            Disposition::LoggedIn => "logged-in",
            Disposition::Cancelled => "cancelled",
            Disposition::AlreadyAttempted => "already-attempted",
            Disposition::Duplicate => "duplicate",
            Disposition::Refused => "refused",
            Disposition::Invalid => "invalid",
            Disposition::Failed => "failed",
            Disposition::Uncertain => "uncertain",
            Disposition::Held => "held",
            Disposition::NotSent => "not-sent",
        }
    }

    /// The exit code it leads to: 0 ended well, 1 did not, 3 the run stopped before.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Disposition::NotSent => 3,
            Disposition::AlreadyAttempted
            | Disposition::Duplicate
            | Disposition::Refused
            | Disposition::Invalid
            | Disposition::Failed
            | Disposition::Uncertain
            | Disposition::Held => 1,
            _ => 0,
        }
    }

    /// What a kind of error makes of a row.
    #[must_use]
    pub fn of_error(kind: Kind) -> Self {
        match kind {
            Kind::InvalidInput => Disposition::Invalid,
            Kind::Refused | Kind::Rejected | Kind::NotFound => Disposition::Refused,
            Kind::Duplicate => Disposition::Duplicate,
            Kind::Uncertain => Disposition::Uncertain,
            _ => Disposition::Failed,
        }
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.slug())
    }
}

impl Serialize for Disposition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

/// What became of the platform's mail to the candidate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Email {
    /// No mail was asked for.
    None,
    /// The platform was asked for a mail and accepted.
    Asked,
    /// The platform was asked to mail later.
    Scheduled,
    /// A mail was asked for, and nobody can say whether it went out.
    Uncertain,
}

impl Email {
    /// The word in every language.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Email::None => "none",
            Email::Asked => "asked",
            Email::Scheduled => "scheduled",
            Email::Uncertain => "uncertain",
        }
    }
}

/// Where a row's disposition is known from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KnownFrom {
    /// The platform's answer.
    Reply,
    /// The ledger.
    Ledger,
    /// A look-up.
    Lookup,
}

impl KnownFrom {
    /// The word in every language.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            KnownFrom::Reply => "reply",
            KnownFrom::Ledger => "ledger",
            KnownFrom::Lookup => "lookup",
        }
    }
}

/// What an operation came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the row came to.
    pub disposition: Disposition,
    /// Where that is known from; `None` when nothing was sent.
    pub known_from: Option<KnownFrom>,
    /// What became of the mail.
    pub email: Email,
    /// Whether this very operation asked for a mail and was not refused, whatever was asked for before.
    pub asked_for_mail: bool,
    /// Where the invitation stands.
    pub status: Status,
    /// The platform's own word for it.
    pub platform_status: Option<String>,
    /// The platform's id of the invitation.
    pub invitation_id: Option<String>,
    /// TestInvite: the code the candidate logs in with.
    pub invitation_code: Option<String>,
    /// What the candidate opens.
    pub test_url: Option<String>,
    /// What went wrong.
    pub error: Option<Error>,
}

impl Outcome {
    /// An outcome with nothing but its disposition.
    #[must_use]
    pub fn of(disposition: Disposition) -> Self {
        Outcome {
            disposition,
            known_from: None,
            email: Email::None,
            asked_for_mail: false,
            status: Status::Unknown,
            platform_status: None,
            invitation_id: None,
            invitation_code: None,
            test_url: None,
            error: None,
        }
    }

    /// The outcome of an error.
    #[must_use]
    pub fn of_error(error: Error) -> Self {
        let known_from = error.http_status().map(|_| KnownFrom::Reply);
        Outcome { known_from, error: Some(error.clone()), ..Outcome::of(Disposition::of_error(error.kind())) }
    }

    /// The outcome of what was tried, or the error that kept it from being tried: `invalid-input`, `configuration`.
    ///
    /// # Errors
    /// That error.
    pub fn tried(mut self) -> Result<Self, Error> {
        match self.error.take_if(|error| matches!(error.kind(), Kind::InvalidInput | Kind::Configuration)) {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    fn replied(disposition: Disposition, email: Email) -> Self {
        Outcome { known_from: Some(KnownFrom::Reply), email, asked_for_mail: email != Email::None, ..Outcome::of(disposition) }
    }
}

/// The id of a test, as text: iMocha's are positive numbers, Think Exam's and TestInvite's opaque.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TestId(String);

impl TestId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn number(&self) -> Result<i64, Error> {
        match self.0.parse() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(Error::invalid_field("test", "an iMocha test is a positive number")),
        }
    }
}

impl From<i64> for TestId {
    fn from(number: i64) -> Self {
        TestId(number.to_string())
    }
}

impl From<&str> for TestId {
    fn from(text: &str) -> Self {
        TestId(text.trim().to_owned())
    }
}

impl From<String> for TestId {
    fn from(text: String) -> Self {
        TestId::from(text.as_str())
    }
}

/// How an invitation is made: the options of `bidden invite`, in the same words. By default nobody is mailed.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct InviteOptions {
    /// Whether the platform mails the candidate.
    pub send_email: bool,
    /// TestInvite: the saved template that is mailed.
    pub email_template: Option<String>,
    /// TestInvite: when it is mailed.
    pub send_at: Option<Time>,
    /// iMocha: comma-separated addresses told of completion, or `disable`.
    pub stakeholder_emails: Option<String>,
    /// When the test may be started.
    pub window: AccessWindow,
    /// iMocha: the zone in which the invitation is used.
    pub time_zone_id: Option<i64>,
    /// Where the platform posts its callbacks.
    pub callback_url: Option<String>,
    /// TestInvite: what a callback carries.
    pub callback_resource: Option<Resource>,
    /// iMocha: where the browser goes after the test.
    pub redirect_url: Option<String>,
    /// iMocha: how the candidate is watched.
    pub proctoring: Option<imocha::ProctoringMode>,
    /// iMocha: skip the instruction page.
    pub hide_instruction: bool,
    /// Think Exam: `isPasswordSkip`.
    pub skip_password: bool,
    /// Think Exam: the course of candidates that name none.
    pub course: Option<String>,
    /// TestInvite: the group of candidates that name none.
    pub group: Option<String>,
    /// TestInvite: labels beside the candidate's own.
    pub labels: Vec<String>,
    /// TestInvite: tags beside the candidate's own, which win.
    pub tags: Vec<(String, String)>,
    /// TestInvite: interface language.
    pub language: Option<Language>,
    /// TestInvite: programs the candidate is put into.
    pub program_ids: Vec<String>,
    /// TestInvite: where the candidate must be unique.
    pub unique_within: Option<Scope>,
    /// TestInvite: sends no `tracking`.
    pub no_tracking: bool,
    /// TestInvite: what the candidate pays.
    pub price: Option<Price>,
}

impl InviteOptions {
    /// The names of the options that are set, as on the command line.
    #[must_use]
    pub fn set(&self) -> Vec<&'static str> {
        [
            ("send-email", self.send_email),
            ("email-template", self.email_template.is_some()),
            ("send-at", self.send_at.is_some()),
            ("stakeholder-emails", self.stakeholder_emails.is_some()),
            ("start", self.window.start.is_some()),
            ("end", self.window.end.is_some()),
            ("time-zone-id", self.time_zone_id.is_some()),
            ("callback-url", self.callback_url.is_some()),
            ("callback-resource", self.callback_resource.is_some()),
            ("redirect-url", self.redirect_url.is_some()),
            ("proctoring", self.proctoring.is_some()),
            ("hide-instruction", self.hide_instruction),
            ("skip-password", self.skip_password),
            ("course", self.course.is_some()),
            ("group", self.group.is_some()),
            ("label", !self.labels.is_empty()),
            ("tag", !self.tags.is_empty()),
            ("language", self.language.is_some()),
            ("program", !self.program_ids.is_empty()),
            ("unique-within", self.unique_within.is_some()),
            ("no-tracking", self.no_tracking),
            ("price", self.price.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, is_set)| is_set.then_some(name))
        .collect()
    }

    /// Refuses options that the platform cannot take, or that contradict one another.
    ///
    /// # Errors
    /// `invalid-input` with every such option.
    pub fn check(&self, platform: Platform, now: Time) -> Result<(), Error> {
        let mut faults: Vec<FieldError> = losses(platform, self.set())
            .into_iter()
            .filter(|loss| loss.support == "not possible")
            .map(|loss| FieldError::new(loss.option, loss.note))
            .collect();
        if platform == Platform::TestInvite && self.send_email && self.email_template.is_none() {
            faults.push(FieldError::new("send-email", "TestInvite mails a saved template of the task; name it with --email-template"));
        }
        if self.send_at.is_some() && self.email_template.is_none() {
            faults.push(FieldError::new("send-at", "needs --email-template"));
        }
        if self.callback_resource.is_some() && self.callback_url.is_none() {
            faults.push(FieldError::new("callback-resource", "needs --callback-url"));
        }
        if self.no_tracking && self.unique_within.is_some() {
            faults.push(FieldError::new("no-tracking", "contradicts --unique-within"));
        }
        if let Some(reason) = self.window.fault() {
            faults.push(FieldError::new("end", reason));
        }
        if let Err(error) = self.window.check_not_over(now) {
            faults.extend(error.fields().iter().cloned());
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::invalid_input(faults)) }
    }

    /// The same options without those that the platform cannot take.
    #[must_use]
    pub fn without_losses(&self, platform: Platform) -> Self {
        let lost: Vec<&str> =
            losses(platform, self.set()).into_iter().filter(|loss| loss.support == "not possible").map(|loss| loss.option).collect();
        let keep = |name: &str| !lost.contains(&name);
        let mut kept = self.clone();
        kept.email_template = kept.email_template.filter(|_| keep("email-template"));
        kept.send_at = kept.send_at.filter(|_| keep("send-at"));
        kept.stakeholder_emails = kept.stakeholder_emails.filter(|_| keep("stakeholder-emails"));
        kept.window.start = kept.window.start.filter(|_| keep("start"));
        kept.window.end = kept.window.end.filter(|_| keep("end"));
        kept.time_zone_id = kept.time_zone_id.filter(|_| keep("time-zone-id"));
        kept.callback_url = kept.callback_url.filter(|_| keep("callback-url"));
        kept.callback_resource = kept.callback_resource.filter(|_| keep("callback-resource"));
        kept.redirect_url = kept.redirect_url.filter(|_| keep("redirect-url"));
        kept.proctoring = kept.proctoring.filter(|_| keep("proctoring"));
        kept.hide_instruction &= keep("hide-instruction");
        kept.skip_password &= keep("skip-password");
        kept.course = kept.course.filter(|_| keep("course"));
        kept.group = kept.group.filter(|_| keep("group"));
        kept.labels.retain(|_| keep("label"));
        kept.tags.retain(|_| keep("tag"));
        kept.language = kept.language.filter(|_| keep("language"));
        kept.program_ids.retain(|_| keep("program"));
        kept.unique_within = kept.unique_within.filter(|_| keep("unique-within"));
        kept.no_tracking &= keep("no-tracking");
        kept.price = kept.price.filter(|_| keep("price"));
        kept
    }
}

/// What came of a call that a driver sent.
#[derive(Clone, Debug)]
pub struct Report {
    /// The answer, or the error in which the call ended.
    pub result: Result<AnyReply, Error>,
    /// Whether an earlier try of the same call was perhaps sent and never answered.
    pub lost_before: bool,
    /// Whether the caller cancelled it, with no try of it perhaps taken: as good as never sent.
    pub cancelled: bool,
    /// How many requests were written, wholly or in part.
    pub sent: u32,
    /// The last complete answer; `None` when none came.
    pub answer: Option<AnswerSeen>,
}

/// What is kept of a complete answer to prove that it came: never its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AnswerSeen {
    /// The HTTP status.
    pub status: u16,
    /// SHA-256 of the body as it came.
    pub digest: [u8; 32],
}

impl Report {
    /// A call that was never sent, and why.
    #[must_use]
    pub fn not_sent(error: Error) -> Self {
        Report { result: Err(error), lost_before: false, cancelled: false, sent: 0, answer: None }
    }

    /// Whether a request of this call may have taken effect: one was written, and the last word is not a complete 4xx to a
    /// call none of whose tries went unanswered.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        let is_refused = self.result.is_err() && self.answer.is_some_and(|answer| (400..500).contains(&answer.status));
        self.lost_before || (self.sent > 0 && !is_refused)
    }
}

/// What to do next.
#[derive(Clone, Debug)]
pub enum Step<Done> {
    /// Send this call. How it may be repeated is the call's own [`AnyCall::repeat`].
    Send(AnyCall),
    /// The operation is over.
    Done(Done),
}

/// Something a user wants done, driven from outside.
pub trait Operation {
    /// What it comes to.
    type Done;

    /// The next step. `last` is what came of the call of the step before, `None` at the beginning.
    fn next(&mut self, last: Option<Report>) -> Step<Self::Done>;
}

/// Invites one candidate to one test.
///
/// ```
/// use bidden::operation::{Invite, InviteOptions, Operation, Step, TestId};
/// use bidden::{Candidate, Platform, Time};
/// let candidate = Candidate::new("ada@example.com")?.name("Ada Lovelace")?;
/// let now = Time::from_seconds(1_700_000_000);
/// let mut invite = Invite::new(Platform::Imocha, &TestId::from(292930), &candidate, &InviteOptions::default(), now)?;
/// let Step::Send(call) = invite.next(None) else { unreachable!() };
/// assert_eq!(call.name(), "imocha.invite");
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Invite {
    calls: Vec<AnyCall>,
    sent: usize,
    asks_for_mail: bool,
    is_scheduled: bool,
    was_lost: bool,
}

impl Invite {
    /// An invitation of one candidate. `now` decides whether a window is over and a mail lies in the future.
    ///
    /// # Errors
    /// `invalid-input` with everything that keeps it from being sent.
    pub fn new(platform: Platform, test: &TestId, candidate: &Candidate, options: &InviteOptions, now: Time) -> Result<Self, Error> {
        options.check(platform, now)?;
        let calls = match platform {
            Platform::Imocha => vec![imocha::operation::invite(test, candidate, options)?.into()],
            Platform::ThinkExam => vec![
                think_exam::BulkCandidateRegister { candidates: vec![think_exam::operation::registration(candidate, options)?] }.into(),
                think_exam::operation::assign(test, candidate, options)?.into(),
            ],
            Platform::TestInvite => vec![testinvite::operation::create(test, candidate, options)?.into()],
        };
        Invite::of(calls, options, now)
    }

    /// The invitation of a Think Exam candidate who is registered already: the assignment alone.
    ///
    /// # Errors
    /// `invalid-input` with everything that keeps it from being sent.
    pub fn assign(test: &TestId, candidate: &Candidate, options: &InviteOptions, now: Time) -> Result<Self, Error> {
        options.check(Platform::ThinkExam, now)?;
        Invite::of(vec![think_exam::operation::assign(test, candidate, options)?.into()], options, now)
    }

    /// The invitation that one call is. `now` decides whether its mail lies in the future.
    ///
    /// # Errors
    /// `invalid-input` with everything that keeps it from being sent, and for a call that invites nobody.
    pub fn of_call(call: AnyCall, now: Time) -> Result<Self, Error> {
        let send_at = match &call {
            AnyCall::ImochaInvite(_) | AnyCall::ImochaInviteByTestLink(_) | AnyCall::ThinkExamAssignTest(_) => None,
            AnyCall::TestInviteCreateCandidate(create) => create.invite_by_email.as_ref().and_then(|mail| mail.date_to_send),
            other => return Err(Error::new(Kind::InvalidInput, format!("{} invites nobody", other.name()))),
        };
        Invite::of(vec![call], &InviteOptions { send_at, ..InviteOptions::default() }, now)
    }

    fn of(calls: Vec<AnyCall>, options: &InviteOptions, now: Time) -> Result<Self, Error> {
        let faults: Vec<FieldError> = calls.iter().flat_map(AnyCall::faults).collect();
        if !faults.is_empty() {
            return Err(Error::invalid_input(faults));
        }
        let asks_for_mail = calls.iter().any(AnyCall::asks_for_mail);
        Ok(Invite { calls, sent: 0, asks_for_mail, is_scheduled: options.send_at.is_some_and(|at| at > now), was_lost: false })
    }

    /// Whether the platform is asked to mail the candidate.
    #[must_use]
    pub fn asks_for_mail(&self) -> bool {
        self.asks_for_mail
    }

    /// The call that makes the invitation, the last one.
    #[must_use]
    pub fn call(&self) -> Option<&AnyCall> {
        self.calls.last()
    }

    /// The same invitation asking for no mail.
    #[must_use]
    pub fn without_mail(mut self) -> Self {
        self.calls = self.calls.iter().map(AnyCall::without_mail).collect();
        self.asks_for_mail = false;
        self
    }

    /// The same invitation after an earlier request of it that nobody saw answered: a refusal because the candidate is there
    /// already means that it arrived (TestInvite reference, section 3.4).
    #[must_use]
    pub fn after_loss(mut self) -> Self {
        self.was_lost = true;
        self
    }

    fn email(&self, lost_before: bool) -> Email {
        match (self.asks_for_mail, lost_before, self.is_scheduled) {
            (false, ..) => Email::None,
            (true, true, _) => Email::Uncertain,
            (true, false, true) => Email::Scheduled,
            (true, false, false) => Email::Asked,
        }
    }

    fn done(&self, report: Report) -> Outcome {
        let was_lost = report.lost_before || self.was_lost;
        let email = self.email(was_lost);
        let error = match report.result {
            Ok(AnyReply::ImochaInvite(reply) | AnyReply::ImochaInviteByTestLink(imocha::InvitedByTestLink(reply))) => {
                return imocha_invited(reply, email);
            }
            Ok(AnyReply::TestInviteCreateCandidate(reply)) => {
                return Outcome {
                    // A create that is answered has made a candidate: the answer's own evidence.
                    status: if reply.logged_in { Status::InProgress } else { Status::Pending },
                    invitation_id: Some(reply.candidate_id),
                    invitation_code: reply.invitation_code,
                    test_url: reply.direct_access_url,
                    ..Outcome::replied(Disposition::Created, email)
                };
            }
            // The assignment cannot be read back: any success reads the same (Think Exam reference, section 8).
            Ok(_) => return Outcome::replied(Disposition::Invited, email),
            Err(error) => error,
        };
        let is_refusal = matches!(error.kind(), Kind::Duplicate | Kind::Rejected);
        let is_create = matches!(self.calls.last(), Some(AnyCall::TestInviteCreateCandidate(_)));
        if was_lost && is_refusal && is_create {
            // TestInvite reference, section 3.4: a refusal of the repeat means that the first one arrived.
            return Outcome::replied(Disposition::Invited, email);
        }
        let email = if error.kind() == Kind::Uncertain || was_lost { email } else { Email::None };
        let email = if error.kind() == Kind::Uncertain && self.asks_for_mail { Email::Uncertain } else { email };
        Outcome { email, asked_for_mail: email != Email::None, ..Outcome::of_error(error) }
    }
}

/// iMocha reference, section 7: nothing tells created from refreshed or reopened, but a finished or running one shows.
fn imocha_invited(reply: imocha::Invited, email: Email) -> Outcome {
    let disposition = match reply.status {
        Status::Complete | Status::TestLeft | Status::Terminated => Disposition::AlreadyAttempted,
        Status::InProgress => Disposition::InProgress,
        _ => Disposition::Invited,
    };
    // A running or finished invitation is not mailed again (choice 40).
    let email = if disposition == Disposition::Invited || email == Email::Uncertain { email } else { Email::None };
    Outcome {
        status: reply.status,
        platform_status: reply.platform_status,
        invitation_id: Some(reply.test_invitation_id.to_string()),
        test_url: reply.test_url,
        ..Outcome::replied(disposition, email)
    }
}

impl Operation for Invite {
    type Done = Outcome;

    fn next(&mut self, last: Option<Report>) -> Step<Outcome> {
        if last.as_ref().is_some_and(|report| report.cancelled) {
            return Step::Done(Outcome::of(Disposition::NotSent));
        }
        if let Some(report) = last {
            let is_last = self.sent >= self.calls.len();
            match report.result {
                Ok(AnyReply::ThinkExamBulkCandidateRegister(ref reply)) if !is_last => {
                    if let Some(error) = reply.candidates.first().and_then(think_exam::RegisteredCandidate::error) {
                        return Step::Done(Outcome::of_error(error));
                    }
                }
                Ok(_) if !is_last => {}
                Err(error) if !is_last => return Step::Done(Outcome::of_error(error)),
                _ => return Step::Done(self.done(report)),
            }
        }
        match self.calls.get(self.sent) {
            Some(call) => {
                self.sent += 1;
                Step::Send(call.clone())
            }
            None => Step::Done(Outcome::of(Disposition::NotSent)),
        }
    }
}

/// Registers (or logs in) Think Exam candidates in one call, one by one where the answer cannot be told apart.
#[derive(Clone, Debug)]
pub struct Register {
    registrations: Vec<think_exam::Registration>,
    outcomes: Vec<Outcome>,
    one_by_one: bool,
}

impl Register {
    /// A batch of candidates, each e-mail once (Think Exam reference, choice 14).
    ///
    /// # Errors
    /// `invalid-input` with everything that keeps it from being sent.
    pub fn new<'a>(candidates: impl IntoIterator<Item = &'a Candidate>, options: &InviteOptions) -> Result<Self, Error> {
        let registrations: Vec<_> =
            candidates.into_iter().map(|candidate| think_exam::operation::registration(candidate, options)).collect::<Result<_, _>>()?;
        let faults = AnyCall::from(think_exam::BulkCandidateRegister { candidates: registrations.clone() }).faults();
        if !faults.is_empty() {
            return Err(Error::invalid_input(faults));
        }
        Ok(Register { registrations, outcomes: Vec::new(), one_by_one: false })
    }

    fn send(&self) -> Step<Vec<Outcome>> {
        let candidates = if self.one_by_one {
            self.registrations.get(self.outcomes.len()).cloned().into_iter().collect()
        } else {
            self.registrations.clone()
        };
        Step::Send(think_exam::BulkCandidateRegister { candidates }.into())
    }
}

impl Operation for Register {
    /// One outcome per candidate, in order.
    type Done = Vec<Outcome>;

    fn next(&mut self, last: Option<Report>) -> Step<Vec<Outcome>> {
        let Some(report) = last else { return self.send() };
        if report.cancelled {
            let left = self.registrations.len() - self.outcomes.len();
            self.outcomes.extend(std::iter::repeat_n(Outcome::of(Disposition::NotSent), left));
            return Step::Done(std::mem::take(&mut self.outcomes));
        }
        let sent = if self.one_by_one { 1 } else { self.registrations.len() };
        match report.result {
            Ok(AnyReply::ThinkExamBulkCandidateRegister(reply)) if reply.candidates.len() == sent => {
                self.outcomes.extend(reply.candidates.iter().map(registered));
            }
            // Section 3.3: only the position ties an answer to a row. Where that fails nothing is guessed; registering
            // one at a time is harmless, a second registration is a login.
            Ok(_) if sent > 1 => {
                self.one_by_one = true;
                return self.send();
            }
            Err(error) if sent > 1 && error.kind() == Kind::Rejected => {
                self.one_by_one = true;
                return self.send();
            }
            Ok(_) => {
                self.outcomes.push(Outcome::of_error(Error::new(Kind::MalformedReply, "the answer names another number of candidates")))
            }
            Err(error) => self.outcomes.extend(std::iter::repeat_n(Outcome::of_error(error), sent)),
        }
        if self.outcomes.len() < self.registrations.len() { self.send() } else { Step::Done(std::mem::take(&mut self.outcomes)) }
    }
}

fn registered(candidate: &think_exam::RegisteredCandidate) -> Outcome {
    match candidate.error() {
        Some(error) => Outcome::of_error(error),
        None if candidate.is_login() => Outcome::replied(Disposition::LoggedIn, Email::None),
        None => Outcome::replied(Disposition::Registered, Email::None),
    }
}
