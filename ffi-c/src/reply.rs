//! What a platform answered.

use std::mem::MaybeUninit;

use bidden::{AnyReply, testinvite, think_exam};

use crate::boundary::{Or, boundary};
use crate::numbers;
use crate::string::bidden_string;

/// A platform's answer. *Shared*. The functions of one call give nothing for the answer to another.
pub struct bidden_reply(pub AnyReply);

/// Frees a reply. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_reply_free(reply: Option<Box<bidden_reply>>) {
    boundary(Or(()), || drop(reply))
}

/// The neutral JSON of the answer: every known field, `null` when not known, unknown ones under `extra`. It may hold
/// credentials of a candidate. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_reply_json(reply: Option<&bidden_reply>) -> bidden_string {
    boundary(Or(bidden_string::default()), || reply.map(|reply| reply.0.to_json()).as_deref().into())
}

/// `imocha.invite`, `imocha.cancel`, `imocha.reattempt`, `imocha.report`: the invitation's id, after a finished attempt that of the new
/// one; 0 when it is another call's reply.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_imocha_invited_test_invitation_id(reply: Option<&bidden_reply>) -> i64 {
    boundary(Or(0), || match reply.map(|reply| &reply.0) {
        Some(AnyReply::ImochaInvite(invited)) => invited.test_invitation_id,
        Some(AnyReply::ImochaCancel(cancelled)) => cancelled.test_invitation_id,
        Some(AnyReply::ImochaReattempt(reattempted)) => reattempted.test_invitation_id,
        Some(AnyReply::ImochaReport(report)) => report.test_invitation_id,
        _ => 0,
    })
}

/// `imocha.invite`, `imocha.reattempt`: the candidate's link. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_imocha_invited_test_url(reply: Option<&bidden_reply>) -> bidden_string {
    boundary(Or(bidden_string::default()), || {
        match reply.map(|reply| &reply.0) {
            Some(AnyReply::ImochaInvite(invited)) => invited.test_url.as_deref(),
            Some(AnyReply::ImochaReattempt(reattempted)) => reattempted.test_url.as_deref(),
            _ => None,
        }
        .into()
    })
}

/// `imocha.invite`, `imocha.cancel`, `imocha.report`: where the invitation stands, `BIDDEN_STATUS_…`; 0 when it is another call's
/// reply. A report says `BIDDEN_STATUS_UNKNOWN` as long as the attempt is not over.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_imocha_invited_status(reply: Option<&bidden_reply>) -> i32 {
    boundary(Or(0), || {
        numbers::of_status(match reply.map(|reply| &reply.0) {
            Some(AnyReply::ImochaInvite(invited)) => Some(invited.status),
            Some(AnyReply::ImochaCancel(cancelled)) => Some(cancelled.status),
            Some(AnyReply::ImochaReport(report)) => Some(report.status),
            _ => None,
        })
    })
}

/// `imocha.invite`, `imocha.cancel`, `imocha.report`: the platform's own word for it. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_imocha_invited_platform_status(reply: Option<&bidden_reply>) -> bidden_string {
    boundary(Or(bidden_string::default()), || {
        match reply.map(|reply| &reply.0) {
            Some(AnyReply::ImochaInvite(invited)) => invited.platform_status.as_deref(),
            Some(AnyReply::ImochaCancel(cancelled)) => cancelled.platform_status.as_deref(),
            Some(AnyReply::ImochaReport(report)) => report.platform_status.as_deref(),
            _ => None,
        }
        .into()
    })
}

/// `imocha.report`: the points reached, in percent. False when it does not say, and then `percentage` is left alone.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_imocha_report_score_percentage(reply: Option<&bidden_reply>, percentage: Option<&mut MaybeUninit<f64>>) -> bool {
    boundary(Or(false), || match (reply.map(|reply| &reply.0), percentage) {
        (Some(AnyReply::ImochaReport(report)), Some(percentage)) => match report.score_percentage {
            Some(told) => {
                percentage.write(told);
                true
            }
            None => false,
        },
        _ => false,
    })
}

/// `imocha.report`: where the report lies as PDF. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_imocha_report_pdf_report_url(reply: Option<&bidden_reply>) -> bidden_string {
    boundary(Or(bidden_string::default()), || {
        match reply.map(|reply| &reply.0) {
            Some(AnyReply::ImochaReport(report)) => report.pdf_report_url.as_deref(),
            _ => None,
        }
        .into()
    })
}

/// `think_exam.assign_test` and `think_exam.deassign_test`: the platform's text. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_think_exam_assigned_msg(reply: Option<&bidden_reply>) -> bidden_string {
    boundary(Or(bidden_string::default()), || {
        match reply.map(|reply| &reply.0) {
            Some(AnyReply::ThinkExamAssignTest(assigned)) => assigned.msg.as_deref(),
            Some(AnyReply::ThinkExamDeassignTest(deassigned)) => deassigned.msg.as_deref(),
            _ => None,
        }
        .into()
    })
}

fn registered(reply: Option<&bidden_reply>) -> &[think_exam::RegisteredCandidate] {
    match reply.map(|reply| &reply.0) {
        Some(AnyReply::ThinkExamBulkCandidateRegister(registered)) => &registered.candidates,
        _ => &[],
    }
}

/// `think_exam.bulk_candidate_register`: how many elements the answer has. Only the position ties an element to a candidate.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_think_exam_registered_count(reply: Option<&bidden_reply>) -> usize {
    boundary(Or(0), || registered(reply).len())
}

/// `think_exam.bulk_candidate_register`: whether a candidate, from 0, is registered now, be it by this call or before.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_think_exam_registered_is_success(reply: Option<&bidden_reply>, index: usize) -> bool {
    boundary(Or(false), || registered(reply).get(index).is_some_and(think_exam::RegisteredCandidate::is_success))
}

/// `think_exam.bulk_candidate_register`: the platform's code for a candidate; a success has none. Free it with
/// `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_think_exam_registered_code(reply: Option<&bidden_reply>, index: usize) -> bidden_string {
    boundary(Or(bidden_string::default()), || registered(reply).get(index).and_then(|candidate| candidate.code.as_deref()).into())
}

/// `think_exam.bulk_candidate_register`: the platform's text for a candidate. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_think_exam_registered_msg(reply: Option<&bidden_reply>, index: usize) -> bidden_string {
    boundary(Or(bidden_string::default()), || registered(reply).get(index).and_then(|candidate| candidate.msg.as_deref()).into())
}

/// `think_exam.bulk_candidate_register`: the platform's id of a candidate; 0 when it gave none.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_think_exam_registered_student_id(reply: Option<&bidden_reply>, index: usize) -> i64 {
    boundary(Or(0), || registered(reply).get(index).and_then(|candidate| candidate.student_id).unwrap_or(0))
}

/// `think_exam.bulk_candidate_register`: a candidate's enrolment number. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_think_exam_registered_enrollment_no(reply: Option<&bidden_reply>, index: usize) -> bidden_string {
    boundary(Or(bidden_string::default()), || registered(reply).get(index).and_then(|candidate| candidate.enrollment_no.as_deref()).into())
}

fn created(reply: Option<&bidden_reply>) -> Option<&testinvite::Created> {
    match &reply?.0 {
        AnyReply::TestInviteCreateCandidate(created) => Some(created),
        _ => None,
    }
}

/// `testinvite.create_candidate`: the candidate's id. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_testinvite_created_candidate_id(reply: Option<&bidden_reply>) -> bidden_string {
    boundary(Or(bidden_string::default()), || created(reply).map(|created| created.candidate_id.as_str()).into())
}

/// `testinvite.create_candidate`: the code with which the candidate logs in. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_testinvite_created_invitation_code(reply: Option<&bidden_reply>) -> bidden_string {
    boundary(Or(bidden_string::default()), || created(reply).and_then(|created| created.invitation_code.as_deref()).into())
}

/// `testinvite.create_candidate`: the candidate's link. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_testinvite_created_direct_access_url(reply: Option<&bidden_reply>) -> bidden_string {
    boundary(Or(bidden_string::default()), || created(reply).and_then(|created| created.direct_access_url.as_deref()).into())
}

/// `testinvite.create_candidate`: whether the candidate has logged in.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_testinvite_created_logged_in(reply: Option<&bidden_reply>) -> bool {
    boundary(Or(false), || created(reply).is_some_and(|created| created.logged_in))
}
