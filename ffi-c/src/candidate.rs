//! A candidate as C builds it, and what validation finds.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use bidden::Secret;
use bidden::candidate::{Field, Finding, Findings, Row, validate};

use crate::boundary::{Or, boundary};
use crate::error::bidden_error;
use crate::memory::{self, Output, present};
use crate::string::bidden_string;
use crate::{numbers, time};

/// The fields of one person, as they were given. *One thread at a time.*
pub struct bidden_candidate {
    /// All texts are held as secrets: they are zeroed when freed.
    texts: [Option<Secret>; Field::COUNT],
}

impl bidden_candidate {
    /// One without any field.
    pub fn empty() -> Self {
        bidden_candidate { texts: [const { None }; Field::COUNT] }
    }

    /// The fields as a row.
    pub fn row(&self) -> Row<'_> {
        let mut row = Row::new();
        for (field, text) in Field::ALL.into_iter().zip(&self.texts) {
            if let Some(text) = text {
                row.set(field, text.expose());
            }
        }
        row
    }
}

/// What validation found. *Shared*.
pub struct bidden_findings(Findings);

/// Makes a candidate without any field. Free it with `bidden_candidate_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_candidate_new(
    candidate: Option<&mut MaybeUninit<Option<Box<bidden_candidate>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        Output::new(candidate, "candidate")?.put(Some(Box::new(bidden_candidate::empty())));
        Ok(())
    })
}

/// Frees a candidate; its texts are zeroed. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_candidate_free(candidate: Option<Box<bidden_candidate>>) {
    boundary(Or(()), || drop(candidate))
}

/// Sets a field by its name: `email`, `name`, `external_id`, `uniq_id`, `user_id`, `enrollment_number`, `password`, `mobile`,
/// `gender`, `dob`, `course_name`, `extra1`, `extra2`, `extra3`, `profile_pic`, `group`, `labels`, `tags`, `credential1`,
/// `credential2`, `extra_emails`. Lists are separated by `;`. The text is copied and not yet judged; NULL takes the field away.
///
/// `invalid-input`: an unknown field, or text that is not UTF-8.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_candidate_set(
    candidate: Option<&mut bidden_candidate>,
    field: *const c_char,
    text: *const c_char,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let candidate = present(candidate, "candidate")?;
        let field = Field::from_name(memory::text(field, "field")?).ok_or_else(|| memory::fault("field", "is no field of a candidate"))?;
        candidate.texts[field as usize] = memory::optional_text(text, "text")?.map(Secret::new);
        Ok(())
    })
}

/// Checks all fields at once. With a platform (`BIDDEN_PLATFORM_…`) what its call requires is required; 0 checks what is
/// common to all. Findings are a result, not an error: `BIDDEN_OK` however many there are. `now_seconds` may be
/// `BIDDEN_TIME_ABSENT`: the clock is read. An internationalised domain is judged in its ASCII form; a library built without the tables
/// for that takes its letters as they are. Free the findings with `bidden_findings_free`.
///
/// `invalid-input`: an unknown platform.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_candidate_validate(
    candidate: Option<&bidden_candidate>,
    platform: i32,
    now_seconds: i64,
    findings: Option<&mut MaybeUninit<Option<Box<bidden_findings>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let findings = Output::new(findings, "findings")?;
        let candidate = present(candidate, "candidate")?;
        let platform = if platform == 0 { None } else { Some(numbers::platform(platform)?) };
        findings.put(Some(Box::new(bidden_findings(validate(&candidate.row(), platform, time::now(now_seconds)?)))));
        Ok(())
    })
}

/// Frees findings. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_findings_free(findings: Option<Box<bidden_findings>>) {
    boundary(Or(()), || drop(findings))
}

/// How many errors were found: what keeps the candidate from being sent.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_findings_error_count(findings: Option<&bidden_findings>) -> usize {
    boundary(Or(0), || findings.map_or(0, |findings| findings.0.errors.len()))
}

/// How many warnings were found: what a platform would take, but is probably a mistake.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_findings_warning_count(findings: Option<&bidden_findings>) -> usize {
    boundary(Or(0), || findings.map_or(0, |findings| findings.0.warnings.len()))
}

fn field(finding: Option<&Finding>) -> bidden_string {
    finding.map(|finding| finding.field.name()).into()
}

fn reason(finding: Option<&Finding>) -> bidden_string {
    finding.map(|finding| &*finding.reason).into()
}

/// The field of an error, from 0; absent behind the last. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_findings_error_field(findings: Option<&bidden_findings>, index: usize) -> bidden_string {
    boundary(Or(bidden_string::default()), || field(findings.and_then(|findings| findings.0.errors.get(index))))
}

/// What is wrong with it, without its value; absent behind the last. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_findings_error_reason(findings: Option<&bidden_findings>, index: usize) -> bidden_string {
    boundary(Or(bidden_string::default()), || reason(findings.and_then(|findings| findings.0.errors.get(index))))
}

/// The field of a warning, from 0; absent behind the last. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_findings_warning_field(findings: Option<&bidden_findings>, index: usize) -> bidden_string {
    boundary(Or(bidden_string::default()), || field(findings.and_then(|findings| findings.0.warnings.get(index))))
}

/// What is doubtful about it, without its value; absent behind the last. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_findings_warning_reason(findings: Option<&bidden_findings>, index: usize) -> bidden_string {
    boundary(Or(bidden_string::default()), || reason(findings.and_then(|findings| findings.0.warnings.get(index))))
}
