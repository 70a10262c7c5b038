//! The five base calls, and iMocha's cancel, reattempt and report, with typed arguments. Each makes the same call as the one door, through the same reader.

use std::collections::BTreeMap;
use std::ffi::c_char;
use std::mem::MaybeUninit;

use bidden::{AnyCall, Error};
use serde_json::value::RawValue;

use crate::boundary::boundary;
use crate::call::bidden_call;
use crate::error::bidden_error;
use crate::memory::{self, Output};
use crate::numbers::flag;
use crate::time::moment;

/// The members of the neutral JSON being written, each as JSON: what is absent is left out.
#[derive(Default)]
pub struct Neutral(Vec<(&'static str, String)>);

impl Neutral {
    pub fn text(&mut self, name: &'static str, pointer: *const c_char) -> Result<(), Error> {
        if let Some(text) = memory::optional_text(pointer, name)? {
            self.0.push((name, serde_json::to_string(text).unwrap_or_default()));
        }
        Ok(())
    }

    pub fn flag(&mut self, name: &'static str, number: i32) -> Result<(), Error> {
        if let Some(flag) = flag(number, name)? {
            self.0.push((name, flag.to_string()));
        }
        Ok(())
    }

    pub fn number(&mut self, name: &'static str, number: i64) {
        if number != 0 {
            self.0.push((name, number.to_string()));
        }
    }

    pub fn time(&mut self, name: &'static str, seconds: i64) -> Result<(), Error> {
        self.number(name, moment(seconds, name)?.map_or(0, bidden::Time::seconds));
        Ok(())
    }

    /// A nested object, left out when nothing is in it.
    pub fn nested(&mut self, name: &'static str, inner: Neutral) -> Result<(), Error> {
        if !inner.0.is_empty() {
            self.0.push((name, inner.finish(std::ptr::null())?));
        }
        Ok(())
    }

    pub fn texts(&mut self, name: &'static str, pointers: *const *const c_char, count: usize) -> Result<(), Error> {
        if count > 0 {
            let texts = memory::list(pointers, count, name)?.iter().map(|pointer| memory::text(*pointer, name));
            self.0.push((name, serde_json::to_string(&texts.collect::<Result<Vec<_>, _>>()?).unwrap_or_default()));
        }
        Ok(())
    }

    /// The object, with the members of `more_json` beside the others.
    pub fn finish(&self, more_json: *const c_char) -> Result<String, Error> {
        let mut members: Vec<String> = self.0.iter().map(|(name, json)| format!("\"{name}\":{json}")).collect();
        if let Some(text) = memory::optional_text(more_json, "more_json")? {
            let more: BTreeMap<String, Box<RawValue>> =
                serde_json::from_str(text).map_err(|_| memory::fault("more_json", "a JSON object is expected"))?;
            for (name, json) in more {
                if self.0.iter().any(|(known, _)| *known == name) {
                    return Err(memory::fault("more_json", &format!("holds {name}, which is a member that is set")));
                }
                members.push(format!("{}:{json}", serde_json::to_string(&name).unwrap_or_default()));
            }
        }
        Ok(format!("{{{}}}", members.join(",")))
    }

    fn call(&self, name: &str, more_json: *const c_char) -> Result<Option<Box<bidden_call>>, Error> {
        Ok(Some(bidden_call::new(AnyCall::from_json(name, &self.finish(more_json)?)?)))
    }
}

/// The arguments of `imocha.invite` (iMocha reference, section 7). Zero it, set `size`, then what is needed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_imocha_invite {
    /// `sizeof (bidden_imocha_invite)`.
    pub size: usize,
    /// The test. Required.
    pub test_id: i64,
    /// The candidate's address. Required unless mandatory fields are disabled.
    pub email: *const c_char,
    /// The candidate's name. Required unless mandatory fields are disabled.
    pub name: *const c_char,
    /// Where the platform reports to; NULL for none.
    pub callback_url: *const c_char,
    /// Where the candidate is led afterwards; NULL for none.
    pub redirect_url: *const c_char,
    /// `BIDDEN_FLAG_…`: whether name and address may be left out.
    pub disable_mandatory_fields: i32,
    /// `BIDDEN_FLAG_…`: whether the instruction page is skipped.
    pub hide_instruction: i32,
    /// `BIDDEN_FLAG_…`: whether the platform mails the candidate. Absent is no.
    pub send_email: i32,
    /// Always 0.
    pub reserved: i32,
    /// Addresses separated by commas, or `disable`; NULL for the account's own.
    pub stakeholder_emails: *const c_char,
    /// Since when the test may be started; `BIDDEN_TIME_ABSENT` for at once.
    pub start_seconds: i64,
    /// Until when; `BIDDEN_TIME_ABSENT` for the account's own.
    pub end_seconds: i64,
    /// The platform's number of a time zone; 0 for none.
    pub time_zone_id: i64,
    /// `disabled`, `image` or `video`; NULL for the test's own.
    pub proctoring_mode: *const c_char,
    /// Further members of the neutral JSON as an object, e.g. `{"extra":{…}}`; NULL for none.
    pub more_json: *const c_char,
}

/// Makes the call `imocha.invite`. Free it with `bidden_call_free`.
///
/// `invalid-input`: every field that is missing or cannot be right, all at once.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_imocha_invite_new(
    arguments: *const bidden_imocha_invite,
    call: Option<&mut MaybeUninit<Option<Box<bidden_call>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let call = Output::new(call, "call")?;
        let given = memory::read_growing(arguments)?;
        memory::reserved(given.reserved)?;
        let mut neutral = Neutral::default();
        neutral.number("test_id", given.test_id);
        neutral.text("email", given.email)?;
        neutral.text("name", given.name)?;
        neutral.text("callback_url", given.callback_url)?;
        neutral.text("redirect_url", given.redirect_url)?;
        neutral.flag("disable_mandatory_fields", given.disable_mandatory_fields)?;
        neutral.flag("hide_instruction", given.hide_instruction)?;
        neutral.flag("send_email", given.send_email)?;
        neutral.text("stakeholder_emails", given.stakeholder_emails)?;
        neutral.time("start_date_time", given.start_seconds)?;
        neutral.time("end_date_time", given.end_seconds)?;
        neutral.number("time_zone_id", given.time_zone_id);
        neutral.text("proctoring_mode", given.proctoring_mode)?;
        call.put(neutral.call("imocha.invite", given.more_json)?);
        Ok(())
    })
}

/// The arguments of `imocha.reattempt` (iMocha reference, section 9). Zero it, set `size`, then what is needed; the window and its time
/// zone are required.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_imocha_reattempt {
    /// `sizeof (bidden_imocha_reattempt)`.
    pub size: usize,
    /// Any invitation of the chain. Required.
    pub test_invitation_id: i64,
    /// Since when the test may be started. Required.
    pub start_seconds: i64,
    /// Until when. Required.
    pub end_seconds: i64,
    /// The platform's number of a time zone. Required.
    pub time_zone_id: i64,
    /// Where the platform reports to; NULL for none.
    pub callback_url: *const c_char,
    /// Where the candidate is led afterwards; NULL for none.
    pub redirect_url: *const c_char,
    /// `BIDDEN_FLAG_…`: whether the instruction page is skipped.
    pub hide_instruction: i32,
    /// `BIDDEN_FLAG_…`: whether the platform mails the candidate. Absent is no.
    pub send_email: i32,
    /// Further members of the neutral JSON as an object; NULL for none.
    pub more_json: *const c_char,
}

/// Makes the call `imocha.reattempt`. Free it with `bidden_call_free`.
///
/// `invalid-input`: every field that is missing or cannot be right, all at once.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_imocha_reattempt_new(
    arguments: *const bidden_imocha_reattempt,
    call: Option<&mut MaybeUninit<Option<Box<bidden_call>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let call = Output::new(call, "call")?;
        let given = memory::read_growing(arguments)?;
        let mut neutral = Neutral::default();
        neutral.number("test_invitation_id", given.test_invitation_id);
        neutral.time("start_date_time", given.start_seconds)?;
        neutral.time("end_date_time", given.end_seconds)?;
        neutral.number("time_zone_id", given.time_zone_id);
        neutral.text("callback_url", given.callback_url)?;
        neutral.text("redirect_url", given.redirect_url)?;
        neutral.flag("hide_instruction", given.hide_instruction)?;
        neutral.flag("send_email", given.send_email)?;
        call.put(neutral.call("imocha.reattempt", given.more_json)?);
        Ok(())
    })
}

/// Makes the call `imocha.cancel` (iMocha reference, section 10). Free it with `bidden_call_free`.
///
/// `invalid-input`: an id that is no positive number.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_imocha_cancel_new(
    test_invitation_id: i64,
    call: Option<&mut MaybeUninit<Option<Box<bidden_call>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let call = Output::new(call, "call")?;
        let mut neutral = Neutral::default();
        neutral.number("test_invitation_id", test_invitation_id);
        call.put(neutral.call("imocha.cancel", std::ptr::null())?);
        Ok(())
    })
}

/// Makes the call `imocha.report` (iMocha reference, section 15). `report_type` is 1, 2 or 3; 0 leaves it to the platform. Free it with
/// `bidden_call_free`.
///
/// `invalid-input`: an id that is no positive number, or an unknown type.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_imocha_report_new(
    test_invitation_id: i64,
    report_type: i32,
    call: Option<&mut MaybeUninit<Option<Box<bidden_call>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let call = Output::new(call, "call")?;
        let mut neutral = Neutral::default();
        neutral.number("test_invitation_id", test_invitation_id);
        neutral.number("report_type", i64::from(report_type));
        call.put(neutral.call("imocha.report", std::ptr::null())?);
        Ok(())
    })
}

/// The arguments of `think_exam.assign_test` (Think Exam reference, section 3.1). Zero it, set `size`, then what is needed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_think_exam_assign_test {
    /// `sizeof (bidden_think_exam_assign_test)`.
    pub size: usize,
    /// The address of a registered candidate. Required.
    pub email: *const c_char,
    /// The test. Required.
    pub test_id: *const c_char,
    /// `BIDDEN_FLAG_…`: whether the platform mails the candidate. Absent is no.
    pub is_mail_enable: i32,
    /// `BIDDEN_FLAG_…`: whether the candidate needs no password. Absent is no.
    pub is_password_skip: i32,
    /// Further members of the neutral JSON as an object; NULL for none.
    pub more_json: *const c_char,
}

/// Makes the call `think_exam.assign_test`. Free it with `bidden_call_free`.
///
/// `invalid-input`: every field that is missing or cannot be right, all at once.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_think_exam_assign_test_new(
    arguments: *const bidden_think_exam_assign_test,
    call: Option<&mut MaybeUninit<Option<Box<bidden_call>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let call = Output::new(call, "call")?;
        let given = memory::read_growing(arguments)?;
        let mut neutral = Neutral::default();
        neutral.text("email", given.email)?;
        neutral.text("test_id", given.test_id)?;
        neutral.flag("is_mail_enable", given.is_mail_enable)?;
        neutral.flag("is_password_skip", given.is_password_skip)?;
        call.put(neutral.call("think_exam.assign_test", given.more_json)?);
        Ok(())
    })
}

/// The arguments of `think_exam.deassign_test` (Think Exam reference, section 3.2). Zero it, set `size`, then what is needed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_think_exam_deassign_test {
    /// `sizeof (bidden_think_exam_deassign_test)`.
    pub size: usize,
    /// The candidate's address. Required.
    pub email: *const c_char,
    /// The test. Required.
    pub test_id: *const c_char,
    /// Further members of the neutral JSON as an object; NULL for none.
    pub more_json: *const c_char,
}

/// Makes the call `think_exam.deassign_test`. Free it with `bidden_call_free`.
///
/// `invalid-input`: every field that is missing or cannot be right, all at once.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_think_exam_deassign_test_new(
    arguments: *const bidden_think_exam_deassign_test,
    call: Option<&mut MaybeUninit<Option<Box<bidden_call>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let call = Output::new(call, "call")?;
        let given = memory::read_growing(arguments)?;
        let mut neutral = Neutral::default();
        neutral.text("email", given.email)?;
        neutral.text("test_id", given.test_id)?;
        call.put(neutral.call("think_exam.deassign_test", given.more_json)?);
        Ok(())
    })
}

/// One candidate to be registered. Zero it, set `size`, then what is needed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_think_exam_registration {
    /// `sizeof (bidden_think_exam_registration)`.
    pub size: usize,
    /// The full name. Required.
    pub name: *const c_char,
    /// The address. Required.
    pub email: *const c_char,
    /// NULL lets the platform make one.
    pub enrollment_number: *const c_char,
    /// NULL lets the platform make one.
    pub password: *const c_char,
    /// Digits with an optional `+`; NULL for none.
    pub mobile: *const c_char,
    /// NULL for none.
    pub gender: *const c_char,
    /// The date of birth; NULL for none.
    pub dob: *const c_char,
    /// NULL for none.
    pub course_name: *const c_char,
    /// NULL for none.
    pub extra1: *const c_char,
    /// NULL for none.
    pub extra2: *const c_char,
    /// NULL for none.
    pub extra3: *const c_char,
    /// Address of a picture, or the picture; NULL for none.
    pub profile_pic: *const c_char,
}

/// The arguments of `think_exam.bulk_candidate_register` (Think Exam reference, section 3.3). Zero it, set `size`, then what
/// is needed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_think_exam_bulk_candidate_register {
    /// `sizeof (bidden_think_exam_bulk_candidate_register)`.
    pub size: usize,
    /// An array of pointers, one for each candidate.
    pub candidates: *const *const bidden_think_exam_registration,
    /// How many.
    pub candidate_count: usize,
}

/// Makes the call `think_exam.bulk_candidate_register`. Free it with `bidden_call_free`.
///
/// `invalid-input`: every field that is missing or cannot be right, all at once.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_think_exam_bulk_candidate_register_new(
    arguments: *const bidden_think_exam_bulk_candidate_register,
    call: Option<&mut MaybeUninit<Option<Box<bidden_call>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let call = Output::new(call, "call")?;
        let given = memory::read_growing(arguments)?;
        let mut candidates = Vec::new();
        for candidate in memory::list(given.candidates, given.candidate_count, "candidates")? {
            let given = memory::read_growing(*candidate)?;
            let mut neutral = Neutral::default();
            neutral.text("name", given.name)?;
            neutral.text("email", given.email)?;
            neutral.text("enrollment_number", given.enrollment_number)?;
            neutral.text("password", given.password)?;
            neutral.text("mobile", given.mobile)?;
            neutral.text("gender", given.gender)?;
            neutral.text("dob", given.dob)?;
            neutral.text("course_name", given.course_name)?;
            neutral.text("extra1", given.extra1)?;
            neutral.text("extra2", given.extra2)?;
            neutral.text("extra3", given.extra3)?;
            neutral.text("profile_pic", given.profile_pic)?;
            candidates.push(neutral.finish(std::ptr::null())?);
        }
        let json = format!("{{\"candidates\":[{}]}}", candidates.join(","));
        call.put(Some(bidden_call::new(AnyCall::from_json("think_exam.bulk_candidate_register", &json)?)));
        Ok(())
    })
}

/// The arguments of `testinvite.create_candidate` (TestInvite reference, section 2). Zero it, set `size`, then what is needed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_testinvite_create_candidate {
    /// `sizeof (bidden_testinvite_create_candidate)`.
    pub size: usize,
    /// The task. Required.
    pub task_id: *const c_char,
    /// An internal candidate: the user's id. NULL makes a temporary candidate.
    pub id: *const c_char,
    /// A temporary candidate's name; NULL for none.
    pub fullname: *const c_char,
    /// A temporary candidate's address; NULL for none.
    pub email: *const c_char,
    /// A temporary candidate's first credential; NULL for none.
    pub credential1: *const c_char,
    /// A temporary candidate's second credential; NULL for none.
    pub credential2: *const c_char,
    /// A temporary candidate's `tracking.uniq_id`: with it the platform itself refuses a second candidate. NULL for none.
    pub tracking_uniq_id: *const c_char,
    /// The scope in which it is unique; NULL for the task.
    pub tracking_scope: *const c_char,
    /// NULL for the default group.
    pub group: *const c_char,
    /// An array of labels.
    pub labels: *const *const c_char,
    /// How many.
    pub label_count: usize,
    /// The candidate's id on the caller's side; NULL for none.
    pub external_id: *const c_char,
    /// The language of the interface; NULL for the task's.
    pub lang: *const c_char,
    /// An array of ids of programs.
    pub program_ids: *const *const c_char,
    /// How many.
    pub program_id_count: usize,
    /// An array of further addresses that mails are copied to.
    pub extra_emails: *const *const c_char,
    /// How many.
    pub extra_email_count: usize,
    /// Since when the candidate may log in; `BIDDEN_TIME_ABSENT` for at once.
    pub after_seconds: i64,
    /// Until when; `BIDDEN_TIME_ABSENT` for the task's own.
    pub before_seconds: i64,
    /// The template of the invitation mail; NULL mails nobody.
    pub email_template_name: *const c_char,
    /// When it is sent; `BIDDEN_TIME_ABSENT` for at once.
    pub date_to_send_seconds: i64,
    /// Where the platform reports to; NULL for none.
    pub callback_url: *const c_char,
    /// `basic` or `detailed`. Required with a callback_url.
    pub callback_resource: *const c_char,
    /// Further members of the neutral JSON as an object, e.g. `{"tags":{…},"price":{…},"customized_steps":[…]}`; NULL for none.
    pub more_json: *const c_char,
}

/// Makes the call `testinvite.create_candidate`. Free it with `bidden_call_free`.
///
/// `invalid-input`: every field that is missing or cannot be right, all at once.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_testinvite_create_candidate_new(
    arguments: *const bidden_testinvite_create_candidate,
    call: Option<&mut MaybeUninit<Option<Box<bidden_call>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let call = Output::new(call, "call")?;
        let given = memory::read_growing(arguments)?;
        let mut neutral = Neutral::default();
        neutral.text("task_id", given.task_id)?;
        neutral.text("id", given.id)?;
        neutral.text("fullname", given.fullname)?;
        neutral.text("email", given.email)?;
        neutral.text("credential1", given.credential1)?;
        neutral.text("credential2", given.credential2)?;
        let mut tracking = Neutral::default();
        tracking.text("uniq_id", given.tracking_uniq_id)?;
        tracking.text("scope", given.tracking_scope)?;
        neutral.nested("tracking", tracking)?;
        neutral.text("group", given.group)?;
        neutral.texts("labels", given.labels, given.label_count)?;
        neutral.text("external_id", given.external_id)?;
        neutral.text("lang", given.lang)?;
        neutral.texts("program_ids", given.program_ids, given.program_id_count)?;
        neutral.texts("extra_emails", given.extra_emails, given.extra_email_count)?;
        let mut dates = Neutral::default();
        dates.time("before", given.before_seconds)?;
        dates.time("after", given.after_seconds)?;
        neutral.nested("dates", dates)?;
        let mut mail = Neutral::default();
        mail.text("email_template_name", given.email_template_name)?;
        mail.time("date_to_send", given.date_to_send_seconds)?;
        neutral.nested("invite_by_email", mail)?;
        let mut callback = Neutral::default();
        callback.text("url", given.callback_url)?;
        callback.text("resource", given.callback_resource)?;
        neutral.nested("callback", callback)?;
        call.put(neutral.call("testinvite.create_candidate", given.more_json)?);
        Ok(())
    })
}
