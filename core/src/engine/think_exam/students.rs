//! Registering candidates, logging them in, and their passwords: sections 3.3, 3.4, 3.6, 4.1 and 10.

use std::collections::HashMap;

use super::{Change, Outcome, Sequence, Store, Student, Turn, email_key, printed, token};
use crate::http::Response;
use crate::think_exam::{
    BulkCandidateRegister, ChangeStudentPassword, CheckLogin, DEFAULT_PICTURE, LOGGED_IN, LOGIN_SUCCESSFUL, LoggedIn, PASSWORD_CHANGED,
    PasswordChanged, REGISTERED, Registered, RegisteredCandidate, Registration, UnifiedAuth, WENT_WRONG, no_record, refusal, went_wrong,
};
use crate::{AnyReply, Secret};

/// Section 3.3: each element registers or logs in; the same address twice in one call registers once (C14).
pub(in crate::engine) fn register<S: Store>(store: &S, call: BulkCandidateRegister, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let mut here: HashMap<String, Student> = HashMap::new();
    let mut candidates = Vec::with_capacity(call.candidates.len());
    for registration in call.candidates {
        let fault = registration.fault.clone();
        let entered = match fault {
            Some(fault) => Err(fault),
            None => enter(store, registration, &mut here, turn)?,
        };
        match entered {
            Ok(candidate) => candidates.push(candidate),
            // C12.
            Err((code, msg)) if turn.world.dialect.think_exam.bulk_partial => candidates.push(RegisteredCandidate {
                result: "error".to_owned(),
                code: Some(code),
                msg: Some(msg),
                student_id: None,
                enrollment_no: None,
                profile_pic: None,
                laravel_token: None,
                extra: serde_json::Map::new(),
            }),
            Err(fault) => return Ok(Err(refused(turn, &fault))),
        }
    }
    Ok(Ok(AnyReply::from(Registered::documented(candidates))))
}

/// Section 3.4: as one element of many, answered by itself.
pub(in crate::engine) fn unified_auth<S: Store>(store: &S, call: UnifiedAuth, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    Ok(match enter(store, call.candidate, &mut HashMap::new(), turn)? {
        Ok(candidate) => Ok(candidate.into()),
        Err(fault) => Err(refused(turn, &fault)),
    })
}

/// Code and text of a refusal.
type Fault = (String, String);

fn refused(turn: &Turn<'_>, (code, msg): &Fault) -> Response {
    refusal(&turn.world.dialect, code, msg)
}

/// Registers one candidate or logs it in. `here` holds those of the same call, which the store does not know yet.
fn enter<S: Store>(
    store: &S,
    registration: Registration,
    here: &mut HashMap<String, Student>,
    turn: &mut Turn<'_>,
) -> Result<Result<RegisteredCandidate, Fault>, S::Error> {
    let switches = &turn.world.dialect.think_exam;
    let courses = &turn.world.fixtures.think_exam.courses;
    // C27.
    if let Some(course) = &registration.course_name
        && switches.known_courses_only
        && !courses.contains(course)
    {
        let field = crate::think_exam::shown(&turn.world.dialect, "courseName");
        return Ok(Err(("3084".to_owned(), format!("{field} not exist."))));
    }
    let key = email_key(&registration.email);
    let known = match here.remove(&key) {
        Some(student) => Some(student),
        None => store.student(&key)?,
    };
    let is_new = known.is_none();
    let course = registration.course_name.clone();
    let before = known.clone();
    let mut student = match known {
        Some(student) => {
            // C25.
            let is_other = student.password.as_ref().is_some_and(|password| registration.password.as_ref() != Some(password));
            if switches.login_checks_password && is_other {
                here.insert(key, student);
                return Ok(Err((WENT_WRONG.0.to_owned(), WENT_WRONG.1.to_owned())));
            }
            if switches.login_updates { updated(student, registration) } else { student }
        }
        None => new_student(store, registration, turn)?,
    };
    // C26: a login adds the course and leaves the rest.
    student.courses.extend(course.filter(|course| !student.courses.contains(course)));
    if before.as_ref() != Some(&student) {
        turn.changes.push(Change::Registered(student.clone()));
    }
    let candidate = RegisteredCandidate {
        result: "success".to_owned(),
        code: None,
        msg: Some(if is_new { REGISTERED } else { LOGGED_IN }.to_owned()),
        student_id: Some(student.student_id),
        enrollment_no: Some(student.enrollment_no.clone()),
        profile_pic: Some(student.profile_pic.clone()),
        laravel_token: Some(Secret::new(token(turn, LARAVEL_BYTES))),
        extra: serde_json::Map::new(),
    };
    here.insert(key, student);
    Ok(Ok(candidate))
}

/// How many random bytes the two tokens hold (section 4.3).
const LARAVEL_BYTES: usize = 64;
const ACCESS_BYTES: usize = 320;

/// Section 10.
fn new_student<S: Store>(store: &S, registration: Registration, turn: &mut Turn<'_>) -> Result<Student, S::Error> {
    let student_id = turn.count(store, Sequence::ThinkExamStudent)?;
    let enrollment_no = match registration.enrollment_number {
        Some(given) => given,
        None => format!("GW{}", turn.count(store, Sequence::ThinkExamEnrollment)?),
    };
    Ok(Student {
        student_id,
        enrollment_no,
        email: registration.email,
        name: registration.name,
        profile_pic: picture(student_id, registration.profile_pic.is_some()),
        courses: Vec::new(),
        password: registration.password,
        access_token: None,
        mobile: registration.mobile,
        gender: registration.gender,
    })
}

fn picture(student_id: i64, is_sent: bool) -> String {
    if is_sent {
        format!("https://gw-thinksaasmerged-deploy.s3-ap-south-1.amazonaws.com/1/student/profile/{student_id}.jpeg")
    } else {
        DEFAULT_PICTURE.to_owned()
    }
}

/// C26, switched on: what the login names changes, but for the password.
fn updated(student: Student, registration: Registration) -> Student {
    Student {
        enrollment_no: registration.enrollment_number.unwrap_or(student.enrollment_no),
        name: registration.name,
        profile_pic: if registration.profile_pic.is_some() { picture(student.student_id, true) } else { student.profile_pic },
        mobile: registration.mobile.or(student.mobile),
        gender: registration.gender.or(student.gender),
        ..student
    }
}

/// Section 3.6: a wrong old password has no code of its own; who has none has no old one to give.
pub(in crate::engine) fn change_password<S: Store>(
    store: &S,
    call: ChangeStudentPassword,
    turn: &mut Turn<'_>,
) -> Result<Outcome, S::Error> {
    let known = store.student(&email_key(&call.email))?;
    let Some(student) = known.filter(|student| student.password.as_ref() == Some(&call.old_password)) else {
        return Ok(Err(went_wrong(&turn.world.dialect)));
    };
    turn.changes.push(Change::Registered(Student { password: Some(call.new_password), ..student }));
    Ok(Ok(AnyReply::from(PasswordChanged {
        result: "success".to_owned(),
        code: Some("200".to_owned()),
        msg: Some(PASSWORD_CHANGED.to_owned()),
        extra: serde_json::Map::new(),
    })))
}

/// Section 4.1. Who was registered without a password cannot log in by one.
pub(in crate::engine) fn check_login<S: Store>(store: &S, call: &CheckLogin, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let known = store.student(&email_key(&call.email))?;
    let Some(student) = known.filter(|student| student.password.as_ref() == Some(&call.password)) else {
        return Ok(Err(no_record()));
    };
    let mut drawn = vec![0; ACCESS_BYTES];
    (turn.random)(&mut drawn);
    if let Some(end) = drawn.last_chunk_mut() {
        *end = student.student_id.to_be_bytes();
    }
    let access_token = printed(&drawn);
    turn.changes.push(Change::Registered(Student { access_token: Some(Secret::new(access_token.clone())), ..student.clone() }));
    Ok(Ok(AnyReply::from(LoggedIn {
        result: "success".to_owned(),
        code: Some("200".to_owned()),
        msg: Some(LOGIN_SUCCESSFUL.to_owned()),
        name: Some(student.name),
        email: Some(student.email),
        course: Some(student.courses.last().cloned().unwrap_or_default()),
        student_id: Some(student.student_id),
        cbt_name: Some(String::new()),
        sector_id: Some(0),
        enrollment_no: Some(student.enrollment_no),
        profile_pic: Some(student.profile_pic),
        redirection_url: Some(Secret::new(format!("{}/autoLogin/{access_token}", turn.origin))),
        is_ihrp_enable: Some(0),
        login_status: None,
        is_phc: Some(0),
        laravel_token: Some(Secret::new(token(turn, LARAVEL_BYTES))),
        access_token: Some(Secret::new(access_token)),
        extra: serde_json::Map::new(),
    })))
}
