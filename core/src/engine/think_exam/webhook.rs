//! The webhook that tells of a finished test: section 5, in its current and its legacy form.

use serde::Serialize;

use super::{Change, Invitation, Store, World, email_key};
use crate::engine::Callback;
use crate::{Platform, Time};

/// The key with which the sandbox calls back unless another is declared (section 10).
pub const WEBHOOK_KEY: &str = "sandbox-webhook-key";

/// How long after a failed try the next one follows; the platform publishes none (C35).
const PAUSE_SECONDS: u32 = 60;

/// What somebody scores in the sandbox: the published sample (section 5).
const SUBJECTS: [(&str, &str); 4] =
    [("JEE organic Chemistry", "20"), ("JEE inorganic Chemistry", "15"), ("JEE Physical Chemistry", "30"), ("Mental Ability", "61")];
const MARKS: i64 = 126;
const TOTAL: &str = "200";
const PERCENTAGE: i64 = 63;
const MINUTES: &str = "60";

#[derive(Serialize)]
struct Current<'a> {
    result: Result<'a>,
}

#[derive(Serialize)]
struct Result<'a> {
    marks_scored: i64,
    enrollment_no: Option<&'a str>,
    name: Option<&'a str>,
    email: Option<&'a str>,
    mobile: Option<&'a str>,
    city: &'static str,
    gender: Option<&'a str>,
    age: &'static str,
    status: &'static str,
    percentage: i64,
    total_marks: &'static str,
    test_duration: &'static str,
    subject_name: Vec<&'static str>,
    subject_marks: Vec<&'static str>,
    details: [Details; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct Details {
    response: [&'static str; 2],
    is_attempt: [&'static str; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct Legacy<'a> {
    enrollment_no: &'a str,
    email: &'a str,
    test_id: &'a str,
    right_que: &'static str,
    wrong: &'static str,
    left_que: &'static str,
    total_marks: &'static str,
    rank: &'static str,
    percentile: &'static str,
    exam_date: &'a str,
    correct_marks: &'static str,
    left_marks: &'static str,
    negative_marks: &'static str,
    pro_time: &'static str,
}

/// A candidate has finished: who is declared is told, unless the test has its webhook switched off.
pub(in crate::engine) fn finished<S: Store>(
    store: &S,
    world: &World,
    assignment: &Invitation,
    now: Time,
    changes: &mut Vec<Change>,
) -> std::result::Result<(), S::Error> {
    let declared = &world.fixtures.think_exam;
    let Some(webhook) = &declared.webhook else { return Ok(()) };
    if declared.tests.iter().any(|test| test.test_id == assignment.test_id && !test.webhook) {
        return Ok(());
    }
    let student = match &assignment.email {
        Some(email) => store.student(&email_key(email))?,
        None => None,
    };
    let enrollment_no = student.as_ref().map(|student| student.enrollment_no.as_str());
    let body = if webhook.legacy {
        let date = now.to_string();
        serde_json::to_string(&Legacy {
            enrollment_no: enrollment_no.unwrap_or_default(),
            email: assignment.email.as_deref().unwrap_or_default(),
            test_id: &assignment.test_id,
            right_que: "42",
            wrong: "10",
            left_que: "8",
            total_marks: TOTAL,
            rank: "1",
            percentile: "100",
            // `16-08-12`: the year without its century.
            exam_date: date.get(2..10).unwrap_or_default(),
            correct_marks: "126",
            left_marks: "24",
            negative_marks: "0",
            pro_time: MINUTES,
        })
    } else {
        serde_json::to_string(&Current {
            result: Result {
                marks_scored: MARKS,
                enrollment_no,
                name: assignment.name.as_deref(),
                email: assignment.email.as_deref(),
                mobile: student.as_ref().and_then(|student| student.mobile.as_deref()),
                city: "NA",
                gender: student.as_ref().and_then(|student| student.gender.as_deref()),
                age: "0",
                status: "COMPLETED",
                percentage: PERCENTAGE,
                total_marks: TOTAL,
                test_duration: MINUTES,
                subject_name: SUBJECTS.iter().map(|(name, _)| *name).collect(),
                subject_marks: SUBJECTS.iter().map(|(_, marks)| *marks).collect(),
                details: [Details { response: ["d", "c"], is_attempt: ["Y", "Y"] }],
            },
        })
    };
    let header = if webhook.legacy { "webhook_key" } else { "X-webhook_key" };
    changes.push(Change::CalledBack(Callback {
        platform: Platform::ThinkExam,
        invitation_id: assignment.id.clone(),
        status: "COMPLETED".to_owned(),
        url: webhook.url.clone(),
        headers: vec![(header.to_owned(), webhook.key.expose().to_owned())],
        body: body.unwrap_or_default(),
        tries: u32::try_from(world.dialect.think_exam.webhook_attempts).unwrap_or(1),
        pause_seconds: PAUSE_SECONDS,
    }));
    Ok(())
}
