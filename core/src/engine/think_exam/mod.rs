//! Think Exam's rules: `docs/platforms/think-exam.md` sections 3, 8, 9 and 10.

pub mod dialect;
pub mod fixtures;

use std::collections::HashMap;

use super::{Change, Invitation, MessageKind, Outcome, Sequence, Store, Student, Turn, details, mail};
use crate::candidate::email_key;
use crate::lifecycle::{Effect, Event, Rules, decide};
use crate::think_exam::{
    ASSIGNED, AssignTest, Assigned, BulkCandidateRegister, DEASSIGNED, DEFAULT_PICTURE, DeassignTest, Deassigned, LOGGED_IN, REGISTERED,
    Registered, RegisteredCandidate, Registration, something_went_wrong,
};
use crate::{AccessWindow, AnyReply, Platform, Secret, Status};

/// Section 8, column *assign*. Every test is known; an unknown address is not (C15).
pub(super) fn assign<S: Store>(store: &S, call: &AssignTest, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let key = email_key(&call.email);
    let Some(student) = store.student(&key)? else {
        return Ok(Err(something_went_wrong(200)));
    };
    let earlier = store.invitation_of(Platform::ThinkExam, &call.test_id, &key)?;
    let state = earlier.as_ref().map(|assignment| assignment.status);
    let Ok(decision) = decide(Rules::of(Platform::ThinkExam), state, Event::Invite, None, turn.now) else {
        return Ok(Err(something_went_wrong(200)));
    };
    let mut assignment = match earlier {
        Some(assignment) => assignment,
        None => {
            let id = format!("assignment-{}", turn.count(store, Sequence::ThinkExamAssignment)?);
            Invitation {
                platform: Platform::ThinkExam,
                test_id: call.test_id.clone(),
                link_id: None,
                email: Some(student.email),
                name: Some(student.name),
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
                details: details(call),
                id,
            }
        }
    };
    assignment.move_to(decision.next, turn.now);
    // A repeat mails again as long as the test is not begun (C38), later ones do not (C39).
    let is_repeat = state.is_some();
    let mails = call.is_mail_enable && decision.next == Status::Pending && (turn.world.dialect.think_exam.repeat_mail || !is_repeat);
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
    Ok(Ok(AnyReply::from(Assigned {
        result: "success".to_owned(),
        code: Some("200".to_owned()),
        msg: Some(ASSIGNED.to_owned()),
        extra: serde_json::Map::new(),
    })))
}

/// Section 8, column *de-assign*: whatever cannot be taken back is 3100 (C15, C18, C19).
pub(super) fn deassign<S: Store>(store: &S, call: &DeassignTest, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let Some(mut assignment) = store.invitation_of(Platform::ThinkExam, &call.test_id, &email_key(&call.email))? else {
        return Ok(Err(something_went_wrong(200)));
    };
    match decide(Rules::of(Platform::ThinkExam), Some(assignment.status), Event::Cancel, None, turn.now) {
        Ok(decision) => {
            assignment.move_to(decision.next, turn.now);
            turn.note(&assignment.id, &decision);
        }
        Err(_) => return Ok(Err(something_went_wrong(200))),
    }
    turn.changes.push(Change::Changed(Box::new(assignment)));
    Ok(Ok(AnyReply::from(Deassigned {
        result: "success".to_owned(),
        code: Some("200".to_owned()),
        msg: Some(DEASSIGNED.to_owned()),
        extra: serde_json::Map::new(),
    })))
}

/// Section 3.3: each element registers or logs in; the same address twice in one call registers once (C14).
pub(super) fn register<S: Store>(store: &S, call: BulkCandidateRegister, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let mut here: HashMap<String, Student> = HashMap::new();
    let mut candidates = Vec::with_capacity(call.candidates.len());
    for registration in call.candidates {
        let key = email_key(&registration.email);
        let known = match here.remove(&key) {
            Some(student) => Some(student),
            None => store.student(&key)?,
        };
        let is_new = known.is_none();
        let course = registration.course_name.clone();
        let mut student = match known {
            Some(student) => student,
            None => new_student(store, registration, turn)?,
        };
        // C26: a login adds the course and leaves the rest.
        let adds_course = course.filter(|course| !student.courses.contains(course));
        if is_new || adds_course.is_some() {
            student.courses.extend(adds_course);
            turn.changes.push(Change::Registered(student.clone()));
        }
        candidates.push(RegisteredCandidate {
            result: "success".to_owned(),
            code: None,
            msg: Some(if is_new { REGISTERED } else { LOGGED_IN }.to_owned()),
            student_id: Some(student.student_id),
            enrollment_no: Some(student.enrollment_no.clone()),
            profile_pic: Some(student.profile_pic.clone()),
            laravel_token: Some(laravel_token(turn)),
            extra: serde_json::Map::new(),
        });
        here.insert(key, student);
    }
    Ok(Ok(AnyReply::from(Registered { result: "Success".to_owned(), candidates, extra: serde_json::Map::new() })))
}

/// Section 10.
fn new_student<S: Store>(store: &S, registration: Registration, turn: &mut Turn<'_>) -> Result<Student, S::Error> {
    let student_id = turn.count(store, Sequence::ThinkExamStudent)?;
    let enrollment_no = match registration.enrollment_number {
        Some(given) => given,
        None => format!("GW{}", turn.count(store, Sequence::ThinkExamEnrollment)?),
    };
    let profile_pic = match registration.profile_pic {
        Some(_) => format!("https://gw-thinksaasmerged-deploy.s3-ap-south-1.amazonaws.com/1/student/profile/{student_id}.jpeg"),
        None => DEFAULT_PICTURE.to_owned(),
    };
    Ok(Student { student_id, enrollment_no, email: registration.email, name: registration.name, profile_pic, courses: Vec::new() })
}

/// Section 4.3: 64 random bytes in the alphabet of the printed ones.
fn laravel_token(turn: &mut Turn<'_>) -> Secret {
    use base64::Engine;
    let mut bytes = [0; 64];
    (turn.random)(&mut bytes);
    Secret::new(base64::engine::general_purpose::STANDARD.encode(bytes).replace('/', "*"))
}
