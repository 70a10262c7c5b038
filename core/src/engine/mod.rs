//! A platform held in memory: the rules of the three platforms over a [`Store`]. Feature `engine`.
//!
//! ```text
//! request ──▶ receive ──▶ call ──▶ respond ──▶ response + changes ──▶ the caller applies the changes, then answers
//!                │                    │
//!                └── refusal          └── reads the Store, asks lifecycle::decide
//! ```
//!
//! **In scope**: credentials, routing, the rules, and what they change. **Out of scope**: keeping it. There is no clock,
//! no randomness and no I/O here: the moment, random bytes and the store are arguments. An answer carries its changes
//! as values and a refusal carries none, so a refusal changes nothing by construction. What may happen to an invitation
//! is decided by [`crate::lifecycle::decide`] alone.

mod described;
mod dialect;
mod fixtures;
pub mod imocha;
mod record;
mod store;
pub mod testinvite;
pub mod think_exam;

pub use crate::call::DESCRIBED;
pub use described::{Described, Shape};
pub use dialect::{Dialect, Switch, Values};
pub use fixtures::{Declared, Fixtures};
pub use record::{Callback, Change, Entry, Invitation, Later, Link, Message, MessageKind, Sequence, Session, Student};
pub use store::Store;

use http::HeaderValue;
use http::header::ALLOW;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::http::{Request, Response, json_response, path_parameters};
use crate::lifecycle::{Decision, Event, Rules, decide};
use crate::sign::{Check, Recipe, verify};
use crate::{AnyCall, AnyReply, CALLS, Platform, Secret, Status, Time};

/// The key that the sandbox's iMocha accepts.
pub const IMOCHA_API_KEY: &str = "sandbox-key";
/// The token that the sandbox's TestInvite accepts.
pub const TESTINVITE_TOKEN: &str = "sandbox-token";
/// The `ak` that the sandbox's Think Exam accepts.
pub const THINK_EXAM_API_KEY: &str = "sandbox-ak";
/// The secret that belongs to [`THINK_EXAM_API_KEY`].
pub const THINK_EXAM_SECRET: &str = "sandbox-secret";

/// The two clocks of a sandbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// The sandbox's own clock, which can be moved.
    pub now: Time,
    /// The machine's real time: signatures are judged by it (Think Exam reference, section 7.5).
    pub machine_now: Time,
}

/// How the platforms of a sandbox are set up.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Their switches.
    pub dialect: Dialect,
    /// What is declared of them.
    pub fixtures: Fixtures,
}

/// What a platform answers, and what has to be kept before the answer leaves.
#[derive(Debug)]
pub struct Answer {
    /// The answer.
    pub response: Response,
    /// Everything that it changes; empty for a refusal.
    pub changes: Vec<Change>,
}

/// What became of an event at an invitation.
#[derive(Debug)]
pub enum Attempted {
    /// There is no such invitation.
    NotFound,
    /// The event may not happen, and why; nothing changed.
    Refused(String),
    /// The invitation after the event, and everything that changed.
    Moved(Box<Invitation>, Vec<Change>),
}

/// Answers a request: [`receive`], then [`respond`].
///
/// # Errors
/// The store's own; nothing has changed then.
pub fn answer<S: Store>(
    store: &S,
    world: &World,
    request: &Request,
    moment: &Moment,
    random: &mut dyn FnMut(&mut [u8]),
    origin: &str,
) -> Result<Answer, S::Error> {
    match receive(request, &world.dialect, moment.machine_now) {
        Ok(call) => respond(store, world, call, moment.now, random, origin),
        Err(response) => Ok(Answer { response, changes: Vec::new() }),
    }
}

/// The call that a request is: credentials first, then method and path, then the body. Needs no store.
///
/// # Errors
/// The platform's refusal.
pub fn receive(request: &Request, dialect: &Dialect, machine_now: Time) -> Result<AnyCall, Response> {
    let path = request.uri().path();
    let Some(platform) = platform_of(path) else {
        return Err(refusal(path, 404, "There is no such path."));
    };
    receive_for(platform, request, dialect, machine_now).map_err(|refusal| restyled(platform, refusal, dialect))
}

/// A refusal in the form that the platform's switches give it.
fn restyled(platform: Platform, refusal: Response, dialect: &Dialect) -> Response {
    match platform {
        Platform::Imocha => imocha::restyled(refusal, dialect),
        Platform::TestInvite => testinvite::restyled(refusal, dialect),
        Platform::ThinkExam => refusal,
    }
}

fn receive_for(platform: Platform, request: &Request, dialect: &Dialect, machine_now: Time) -> Result<AnyCall, Response> {
    let path = request.uri().path();
    let is_signed = CALLS.iter().all(|row| row.is_signed || row.platform != platform || path_parameters(row.path, path).is_none());
    if is_signed {
        authenticate(platform, request, dialect, machine_now)?;
    }
    if let Some(read) = AnyCall::from_request(request, dialect) {
        return read;
    }
    let mut methods: Vec<&str> =
        CALLS.iter().filter(|row| row.platform == platform && path_parameters(row.path, path).is_some()).map(|row| row.method).collect();
    // 405 stands in Think Exam's table (choice 42) and in neither of the other two (iMocha 5, TestInvite 7).
    if methods.is_empty() || platform != Platform::ThinkExam {
        return Err(refusal(path, 404, "There is no such path."));
    }
    methods.dedup();
    let mut response = refusal(path, 405, "This path takes another method.");
    if let Ok(value) = HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(ALLOW, value);
    }
    Err(response)
}

/// Answers a call. `origin` is what the candidate's address begins with, e.g. `http://127.0.0.1:8787`.
///
/// # Errors
/// The store's own; nothing has changed then.
pub fn respond<S: Store>(
    store: &S,
    world: &World,
    call: AnyCall,
    now: Time,
    random: &mut dyn FnMut(&mut [u8]),
    origin: &str,
) -> Result<Answer, S::Error> {
    let (asked, platform) = (call.name(), call.row().platform);
    let mut turn = Turn { world, asked, now, random, origin, changes: Vec::new(), counted: Vec::new() };
    let outcome = match call {
        AnyCall::ImochaInvite(call) => imocha::invite(store, call, &mut turn)?,
        AnyCall::ImochaCancel(call) => imocha::cancel(store, &call, &mut turn)?,
        AnyCall::ImochaReattempt(call) => imocha::reattempt(store, call, &mut turn)?,
        AnyCall::ImochaRetrieveInvites(call) => imocha::retrieve_invites(store, &call, &turn)?,
        AnyCall::ImochaReport(call) => imocha::report(store, &call, &turn)?,
        AnyCall::ImochaRetrieveTest(call) => imocha::retrieve_test(&call, world),
        AnyCall::ImochaInviteByTestLink(call) => imocha::invite_by_test_link(store, call, &mut turn)?,
        AnyCall::ImochaProcessCallbacks(call) => imocha::process_callbacks(store, &call, &mut turn)?,
        AnyCall::ImochaListTestLinks(call) => imocha::list_test_links(store, &call, &turn)?,
        AnyCall::ImochaFetchTestLink(call) => imocha::fetch_test_link(store, &call, &turn)?,
        AnyCall::ImochaCreateTestLink(call) => imocha::create_test_link(store, call, &mut turn)?,
        AnyCall::ImochaReportPdf(call) => imocha::report_pdf(store, &call, &turn)?,
        AnyCall::ImochaListTests(call) => imocha::list_tests(&call, world),
        AnyCall::ImochaMaskPersonalData(call) => imocha::mask_personal_data(store, &call, &mut turn)?,
        AnyCall::ThinkExamAssignTest(call) => think_exam::assign(store, &call, &mut turn)?,
        AnyCall::ThinkExamDeassignTest(call) => think_exam::deassign(store, &call, &mut turn)?,
        AnyCall::ThinkExamBulkCandidateRegister(call) => think_exam::register(store, call, &mut turn)?,
        AnyCall::ThinkExamUnifiedAuth(call) => think_exam::unified_auth(store, call, &mut turn)?,
        AnyCall::ThinkExamAssignTestMultiCandidates(call) => think_exam::assign_many(store, &call, &mut turn)?,
        AnyCall::ThinkExamChangeStudentPassword(call) => think_exam::change_password(store, call, &mut turn)?,
        AnyCall::ThinkExamCheckLogin(call) => think_exam::check_login(store, &call, &mut turn)?,
        AnyCall::TestInviteCreateCandidate(call) => testinvite::create(store, call, &mut turn)?,
        AnyCall::TestInviteListCandidates(call) => testinvite::list(store, &call, &turn)?,
        AnyCall::TestInviteFetchCandidate(call) => testinvite::fetch(store, &call, &turn)?,
        AnyCall::TestInviteDeleteCandidate(call) => testinvite::delete(store, &call, &mut turn)?,
        AnyCall::TestInviteUpdateCandidate(call) => testinvite::update(store, call, &mut turn)?,
        AnyCall::TestInviteListTasks(call) => testinvite::tasks::list(&call, &turn),
        AnyCall::TestInviteFetchTask(call) => testinvite::tasks::fetch(&call, &turn),
        AnyCall::TestInviteListUsers(call) => testinvite::users::list(&call, &turn),
        AnyCall::TestInviteFetchUser(call) => testinvite::users::fetch(&call, &turn),
        AnyCall::TestInviteSearchUsers(call) => testinvite::users::search(&call, &turn),
        AnyCall::TestInviteListTestSessions(call) => testinvite::sessions::list(store, &call, &turn)?,
        AnyCall::TestInviteFetchTestSession(call) => testinvite::sessions::fetch(store, &call, &turn)?,
        AnyCall::TestInviteSearchTestSessions(call) => testinvite::sessions::search(store, &call, &turn)?,
        AnyCall::TestInviteExpandTestSession(call) => testinvite::sessions::expand(store, &call, &turn)?,
        AnyCall::TestInviteListAnswers(call) => testinvite::sessions::answers(store, &call, &turn)?,
    };
    Ok(match outcome {
        Ok(reply) => Answer { response: reply.to_response(&world.dialect), changes: turn.into_changes() },
        // What the rules had prepared before they refused is dropped here: a refusal has no changes to apply.
        Err(response) => Answer { response: restyled(platform, response, &world.dialect), changes: Vec::new() },
    })
}

/// Something happens to an invitation: the candidate starts, finishes or leaves, the platform ends the attempt, or
/// somebody cancels in the platform's own application. `origin` is what the addresses in a callback begin with, as in [`respond`].
///
/// # Errors
/// The store's own; nothing has changed then.
pub fn attempt<S: Store>(
    store: &S,
    world: &World,
    invitation_id: &str,
    event: Event,
    now: Time,
    origin: &str,
) -> Result<Attempted, S::Error> {
    attempt_step(store, world, invitation_id, event, None, now, origin)
}

/// As [`attempt`]; of a TestInvite task a candidate starts the step that is named, else the first that is open.
///
/// # Errors
/// The store's own; nothing has changed then.
pub fn attempt_step<S: Store>(
    store: &S,
    world: &World,
    invitation_id: &str,
    event: Event,
    step: Option<&str>,
    now: Time,
    origin: &str,
) -> Result<Attempted, S::Error> {
    let Some(mut invitation) = store.invitation(invitation_id)? else {
        return Ok(Attempted::NotFound);
    };
    if !matches!(event, Event::Start | Event::Finish | Event::Leave | Event::Terminate | Event::Cancel) {
        return Ok(Attempted::Refused(format!("{event} does not happen by itself; it is a call")));
    }
    if invitation.platform == Platform::TestInvite {
        return testinvite::sessions::attempt(store, world, invitation, event, step, now);
    }
    let decision = match decide(Rules::of(invitation.platform), Some(invitation.status), event, Some(&invitation.window), now) {
        Ok(decision) => decision,
        Err(refusal) if invitation.platform == Platform::Imocha => {
            return Ok(Attempted::Refused(imocha::in_its_words(store, world, &invitation, &refusal.to_string())?));
        }
        Err(refusal) => return Ok(Attempted::Refused(refusal.to_string())),
    };
    let mut changes = vec![note(&invitation.id, event.slug(), &decision, now)];
    if decision.next != invitation.status {
        invitation.move_to(decision.next, now);
        match invitation.platform {
            Platform::Imocha => imocha::moved(&invitation, world, event, now, origin, &mut changes),
            Platform::ThinkExam if event == Event::Finish => think_exam::finished(store, world, &invitation, now, &mut changes)?,
            Platform::ThinkExam | Platform::TestInvite => {}
        }
        changes.push(Change::Changed(Box::new(invitation.clone())));
    }
    Ok(Attempted::Moved(Box::new(invitation), changes))
}

/// The price of a TestInvite candidate counts as paid.
///
/// # Errors
/// The store's own; nothing has changed then.
pub fn pay<S: Store>(store: &S, invitation_id: &str, now: Time) -> Result<Attempted, S::Error> {
    Ok(match store.invitation(invitation_id)? {
        Some(invitation) if invitation.platform == Platform::TestInvite => testinvite::sessions::pay(invitation, now),
        Some(invitation) => Attempted::Refused(format!("{} asks for no price", invitation.platform.title())),
        None => Attempted::NotFound,
    })
}

/// The last test session of a TestInvite candidate, or the last one of a step, runs again.
///
/// # Errors
/// The store's own; nothing has changed then.
pub fn reinstate<S: Store>(store: &S, invitation_id: &str, step: Option<&str>, now: Time) -> Result<Attempted, S::Error> {
    Ok(match store.invitation(invitation_id)? {
        Some(invitation) if invitation.platform == Platform::TestInvite => testinvite::sessions::reinstate(store, invitation, step, now)?,
        Some(invitation) => Attempted::Refused(format!("{} reinstates no session", invitation.platform.title())),
        None => Attempted::NotFound,
    })
}

/// What happens by itself at its moment, `now`.
///
/// # Errors
/// The store's own; nothing has changed then.
pub fn come_due<S: Store>(store: &S, world: &World, later: Later, now: Time) -> Result<Vec<Change>, S::Error> {
    match later {
        Later::Mail(message) => {
            let gone = store.invitation(&message.invitation_id)?.is_none_or(|invitation| invitation.status == Status::Cancelled);
            Ok(if gone { Vec::new() } else { vec![Change::Mailed(message)] })
        }
        Later::Overrun { invitation_id, origin } => imocha::overrun(store, world, &invitation_id, &origin, now),
        Later::Mask { invitation_ids } => imocha::mask(store, &invitation_ids, now),
    }
}

/// The platform that a path belongs to.
#[must_use]
pub fn platform_of(path: &str) -> Option<Platform> {
    let begins = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if begins("/v3") {
        Some(Platform::Imocha)
    } else if begins("/api/integration") {
        Some(Platform::TestInvite)
    } else if begins("/api/v1") {
        Some(Platform::ThinkExam)
    } else {
        None
    }
}

/// A refusal that no call writes itself, in the shape of the platform that the path belongs to: iMocha's by choice 11,
/// Think Exam's by C36 and C42, TestInvite's by C5; `{"error":…}` on any other path.
#[must_use]
pub fn refusal(path: &str, status: u16, reason: &str) -> Response {
    let own = format!("{reason} (sandbox)");
    match platform_of(path) {
        Some(Platform::Imocha) if matches!(status, 401 | 403 | 429 | 500..) => crate::imocha::text_refusal(status, &own),
        Some(Platform::Imocha) => crate::imocha::refusal(status, &[&own]),
        Some(Platform::ThinkExam) => crate::think_exam::something_went_wrong(status),
        Some(Platform::TestInvite) => {
            let code = match status {
                401 => "unauthorized",
                429 => "rate-limited",
                403 => "forbidden",
                404 => "not-found",
                413 => "too-large",
                400..500 => "invalid-body",
                _ => "server-error",
            };
            json_response(status, &serde_json::json!({"error": {"code": code, "message": own}}))
        }
        None => json_response(status, &serde_json::json!({ "error": reason })),
    }
}

fn authenticate(platform: Platform, request: &Request, dialect: &Dialect, machine_now: Time) -> Result<(), Response> {
    let header = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
    let accepted = match platform {
        Platform::Imocha => header(crate::imocha::KEY_HEADER) == Some(IMOCHA_API_KEY.as_bytes()),
        Platform::TestInvite => testinvite::accepts(request.headers(), dialect),
        Platform::ThinkExam => {
            let secret = Secret::new(THINK_EXAM_SECRET);
            let window = u32::try_from(dialect.think_exam.signature_window).unwrap_or_default();
            let is_wanted = |check: Check| match dialect.think_exam.verify_signature {
                "recipe" => true,
                "presence" => matches!(check, Check::HeaderMissing(_)),
                _ => false,
            };
            return match verify(&Recipe::default(), THINK_EXAM_API_KEY, &secret, request, machine_now, window) {
                Err(explanation) if is_wanted(explanation.check) => Err(crate::think_exam::unsigned(dialect, &explanation)),
                _ => Ok(()),
            };
        }
    };
    if accepted {
        return Ok(());
    }
    let given = match platform {
        Platform::Imocha => header(crate::imocha::KEY_HEADER),
        Platform::TestInvite | Platform::ThinkExam => header(crate::testinvite::TOKEN_HEADER)
            .map(|value| value.strip_prefix(crate::testinvite::TOKEN_PREFIX.as_bytes()).unwrap_or(value).trim_ascii()),
    };
    let reason = match given {
        None => "The credential is missing.",
        Some(given) if given.starts_with(b"sandbox-") => "The credential is not accepted.",
        // Somebody's real key may have come here by mistake: it is not repeated.
        Some(_) => {
            "The credential is not accepted: this is a sandbox, whose credentials begin with sandbox-; a real one does not belong here."
        }
    };
    Err(refusal(request.uri().path(), 401, reason))
}

/// What the rules answer: a reply whose changes count, or a refusal.
type Outcome = Result<AnyReply, Response>;

/// One call being answered: what the rules are given, and what they have changed so far.
struct Turn<'a> {
    world: &'a World,
    /// The name of the call.
    asked: &'static str,
    now: Time,
    random: &'a mut dyn FnMut(&mut [u8]),
    origin: &'a str,
    changes: Vec<Change>,
    counted: Vec<(Sequence, i64)>,
}

impl Turn<'_> {
    /// Notes in an invitation's history what this call came to.
    fn note(&mut self, invitation_id: &str, decision: &Decision) {
        self.changes.push(note(invitation_id, self.asked, decision, self.now));
    }

    /// The next number of a sequence.
    fn count<S: Store>(&mut self, store: &S, sequence: Sequence) -> Result<i64, S::Error> {
        if let Some((_, highest)) = self.counted.iter_mut().find(|(counted, _)| *counted == sequence) {
            *highest += 1;
            return Ok(*highest);
        }
        let number = store.highest(sequence)?.map_or(sequence.first(), |highest| highest + 1);
        self.counted.push((sequence, number));
        Ok(number)
    }

    fn into_changes(self) -> Vec<Change> {
        let mut changes = self.changes;
        changes.extend(self.counted.into_iter().map(|(sequence, highest)| Change::Counted(sequence, highest)));
        changes
    }

    /// So many random characters of `A–Z`, `a–z`, `0–9`.
    fn characters(&mut self, count: usize) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut bytes = vec![0; count];
        (self.random)(&mut bytes);
        bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
    }

    /// The token of a new invitation.
    fn token(&mut self, id: &str) -> String {
        use base64::Engine;
        let mut bytes = vec![0; record::TOKEN_RANDOM_BYTES];
        (self.random)(&mut bytes);
        bytes.extend_from_slice(id.as_bytes());
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// A line of an invitation's history.
fn note(invitation_id: &str, asked: &str, decision: &Decision, at: Time) -> Change {
    Change::Noted(Entry {
        invitation_id: invitation_id.to_owned(),
        at,
        asked: asked.to_owned(),
        from: decision.state,
        to: decision.next,
        effect: decision.effect.slug().to_owned(),
        basis: decision.basis.word().to_owned(),
        rule: decision.note.to_owned(),
    })
}

/// A mail about an invitation.
fn message(invitation: &Invitation, kind: MessageKind, to: &str, at: Time) -> Message {
    let test = &invitation.test_id;
    Message {
        to: to.to_owned(),
        cc: Vec::new(),
        platform: invitation.platform,
        kind,
        invitation_id: invitation.id.clone(),
        sent_at: at,
        subject: match kind {
            MessageKind::Invitation => format!("You are invited to test {test}"),
            MessageKind::StakeholderCompletion => format!("Test {test} is complete"),
            MessageKind::Cancellation => format!("Your invitation to test {test} is withdrawn"),
        },
        bounced: false,
    }
}

/// The mail to the candidate; none without an address.
fn mail(invitation: &Invitation, kind: MessageKind, at: Time) -> Option<Message> {
    invitation.email.as_deref().map(|to| message(invitation, kind, to, at))
}

/// The neutral JSON of a call's arguments, to be kept.
fn details(call: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(call).unwrap_or_default()
}
