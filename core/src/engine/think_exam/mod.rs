//! Think Exam's rules: `docs/platforms/think-exam.md` sections 3, 4, 5, 8, 9 and 10.

pub mod dialect;
pub mod fixtures;
mod students;
mod webhook;

use serde::Deserialize;
use serde::de::Deserializer;

pub(super) use students::{change_password, check_login, register, unified_auth};
pub use webhook::WEBHOOK_KEY;
pub(super) use webhook::finished;

use super::{Change, Invitation, MessageKind, Outcome, Sequence, Store, Student, Turn, World, details, mail};
use crate::candidate::email_key;
use crate::lifecycle::{Basis, Decision, Effect, Event, Rules, decide};
use crate::think_exam::{AssignTest, AssignTestMultiCandidates, Assigned, AssignedMany, DeassignTest, Deassigned, went_wrong};
use crate::{AccessWindow, Platform, Secret, Status};

/// Section 8, column *assign*.
pub(super) fn assign<S: Store>(store: &S, call: &AssignTest, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let Some(student) = target(store, turn.world, &call.email, &call.test_id)? else {
        return Ok(Err(went_wrong(&turn.world.dialect)));
    };
    let one = Assignment { student, test_id: &call.test_id, wants_mail: call.is_mail_enable, is_password_skip: call.is_password_skip };
    if !one.make(store, turn)? {
        return Ok(Err(went_wrong(&turn.world.dialect)));
    }
    Ok(Ok(Assigned::documented().into()))
}

/// Section 3.5: each of the addresses as [`assign`]; one that cannot be assigned refuses all, unless a switch leaves it out (C16).
pub(super) fn assign_many<S: Store>(store: &S, call: &AssignTestMultiCandidates, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let mut known: Vec<String> = Vec::new();
    for email in &call.email {
        // The same address twice is one assignment.
        let key = email_key(email);
        if known.contains(&key) {
            continue;
        }
        let is_made = match target(store, turn.world, email, &call.test_id)? {
            Some(student) => {
                let (wants_mail, is_password_skip) = (call.is_mail_enable, call.is_password_skip);
                Assignment { student, test_id: &call.test_id, wants_mail, is_password_skip }.make(store, turn)?
            }
            None => false,
        };
        if !is_made && !turn.world.dialect.think_exam.multi_partial {
            return Ok(Err(went_wrong(&turn.world.dialect)));
        }
        known.push(key);
    }
    Ok(Ok(AssignedMany::documented().into()))
}

/// Who is meant by an address, when a test can be assigned to them: both have to be known (C15).
fn target<S: Store>(store: &S, world: &World, email: &str, test_id: &str) -> Result<Option<Target>, S::Error> {
    let accepts = world.dialect.think_exam.unknown_target == "accept";
    let tests = &world.fixtures.think_exam.tests;
    if test_id.trim().is_empty() {
        return Ok(None);
    }
    if !accepts && !tests.is_empty() && !tests.iter().any(|test| test.test_id == test_id) {
        return Ok(None);
    }
    Ok(match store.student(&email_key(email))? {
        Some(student) => Some(Target { email: student.email, name: Some(student.name) }),
        None if accepts && !email.trim().is_empty() => Some(Target { email: email.to_owned(), name: None }),
        None => None,
    })
}

struct Target {
    email: String,
    name: Option<String>,
}

/// One test for one candidate.
struct Assignment<'a> {
    student: Target,
    test_id: &'a str,
    wants_mail: bool,
    is_password_skip: bool,
}

impl Assignment<'_> {
    /// Makes it, or keeps the one that is there; `false` when it is refused.
    fn make<S: Store>(self, store: &S, turn: &mut Turn<'_>) -> Result<bool, S::Error> {
        let switches = &turn.world.dialect.think_exam;
        let earlier = store.invitation_of(Platform::ThinkExam, self.test_id, &email_key(&self.student.email))?;
        let state = earlier.as_ref().map(|assignment| assignment.status);
        let is_over = matches!(state, Some(Status::Complete | Status::TestLeft | Status::Terminated));
        let is_running = matches!(state, Some(Status::Pending | Status::InProgress));
        // C17, C39.
        if (is_running && switches.reassign == "refuse") || (is_over && switches.assign_after_attempt == "refuse") {
            return Ok(false);
        }
        let mut decision = match decide(Rules::of(Platform::ThinkExam), state, Event::Invite, None, turn.now) {
            Ok(decision) => decision,
            Err(_) => return Ok(false),
        };
        if is_over && switches.assign_after_attempt == "reopen" {
            decision = Decision { effect: Effect::Reopened, next: Status::Pending, note: "by the switch assign-after-attempt", ..decision };
        }
        // A repeat mails again as long as the test is not begun (C38), later ones do not (C39).
        let is_repeat = is_running;
        let mails = self.wants_mail && decision.next == Status::Pending && (switches.repeat_mail || !is_repeat);
        let mut assignment = match earlier {
            Some(assignment) => assignment,
            None => self.into_invitation(store, &decision, turn)?,
        };
        assignment.move_to(decision.next, turn.now);
        assignment.asked_for_mail |= mails;
        if mails {
            turn.changes.extend(mail(&assignment, MessageKind::Invitation, turn.now).map(Change::Mailed));
        }
        turn.note(&assignment.id, &decision);
        match decision.effect {
            Effect::Created => turn.changes.push(Change::Created(Box::new(assignment))),
            Effect::Unchanged if !mails => {}
            _ => turn.changes.push(Change::Changed(Box::new(assignment))),
        }
        Ok(true)
    }

    fn into_invitation<S: Store>(self, store: &S, decision: &Decision, turn: &mut Turn<'_>) -> Result<Invitation, S::Error> {
        let id = format!("assignment-{}", turn.count(store, Sequence::ThinkExamAssignment)?);
        // What one assignment of many was made with reads as an assignment of one.
        let call = AssignTest {
            is_mail_enable: self.wants_mail,
            is_password_skip: self.is_password_skip,
            ..AssignTest::new(&self.student.email, self.test_id)
        };
        Ok(Invitation {
            platform: Platform::ThinkExam,
            test_id: self.test_id.to_owned(),
            link_id: None,
            email: Some(self.student.email),
            name: self.student.name,
            status: decision.next,
            window: AccessWindow::default(),
            time_zone_id: None,
            token: turn.token(&id),
            asked_for_mail: false,
            stakeholder_emails: Vec::new(),
            created: turn.now,
            started: None,
            ended: None,
            invitation_code: None,
            claims: Vec::new(),
            details: details(&call),
            id,
        })
    }
}

/// Section 8, column *de-assign*: whatever cannot be taken back is 3100 (C15, C18, C19).
pub(super) fn deassign<S: Store>(store: &S, call: &DeassignTest, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let switches = &turn.world.dialect.think_exam;
    if target(store, turn.world, &call.email, &call.test_id)?.is_none() {
        return Ok(Err(went_wrong(&turn.world.dialect)));
    }
    let earlier = store.invitation_of(Platform::ThinkExam, &call.test_id, &email_key(&call.email))?;
    let assigned = earlier.filter(|assignment| assignment.status != Status::Cancelled);
    let Some(mut assignment) = assigned else {
        // C18.
        return Ok(if switches.deassign_missing == "succeed" {
            Ok(Deassigned::documented().into())
        } else {
            Err(went_wrong(&turn.world.dialect))
        });
    };
    let state = Some(assignment.status);
    let decision = match decide(Rules::of(Platform::ThinkExam), state, Event::Cancel, None, turn.now) {
        Ok(decision) => decision,
        // C19.
        Err(_) if switches.deassign_started == "allow" => Decision {
            state,
            effect: Effect::Moved,
            next: Status::Cancelled,
            basis: Basis::OurChoice,
            note: "by the switch deassign-started",
        },
        Err(_) => return Ok(Err(went_wrong(&turn.world.dialect))),
    };
    assignment.move_to(decision.next, turn.now);
    turn.note(&assignment.id, &decision);
    turn.changes.push(Change::Changed(Box::new(assignment)));
    Ok(Ok(Deassigned::documented().into()))
}

/// So many random bytes in the alphabet of the printed tokens.
fn token(turn: &mut Turn<'_>, bytes: usize) -> String {
    let mut drawn = vec![0; bytes];
    (turn.random)(&mut drawn);
    printed(&drawn)
}

/// Base64 with `*` for `/` (section 4.3).
fn printed(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes).replace('/', "*")
}

/// The student inside an `ACCESS_TOKEN` of *checkLogin*; the id stands at its end, which saves an index of tokens. Whether the token is
/// right is known only by comparing it with the student's.
#[must_use]
pub fn student_of_access_token(token: &str) -> Option<i64> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(token.replace('*', "/")).ok()?;
    Some(i64::from_be_bytes(*bytes.last_chunk()?))
}

/// Reads a secret that only the sandbox's own files hold.
pub(crate) fn read_one_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

/// As [`read_one_secret`], for one that may be absent.
pub(crate) fn read_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}
