//! From a candidate and the options of an invitation to Think Exam's calls.

use super::{AssignTest, Registration};
use crate::candidate::{Candidate, Field};
use crate::operation::{InviteOptions, TestId};
use crate::{Error, Secret};

/// The registration of a candidate; the option's course stands in where the candidate names none.
pub(crate) fn registration(candidate: &Candidate, options: &InviteOptions) -> Result<Registration, Error> {
    let text = |field| candidate.text(field).map(str::to_owned);
    Ok(Registration {
        enrollment_number: text(Field::EnrollmentNumber),
        password: candidate.text(Field::Password).map(Secret::new),
        mobile: text(Field::Mobile),
        gender: text(Field::Gender),
        dob: text(Field::Dob),
        course_name: text(Field::CourseName).or_else(|| options.course.clone()),
        extra1: text(Field::Extra1),
        extra2: text(Field::Extra2),
        extra3: text(Field::Extra3),
        profile_pic: text(Field::ProfilePic),
        ..Registration::new(text(Field::Name).unwrap_or_default(), text(Field::Email).unwrap_or_default())
    })
}

/// The assignment of the test.
pub(crate) fn assign(test: &TestId, candidate: &Candidate, options: &InviteOptions) -> Result<AssignTest, Error> {
    let call = AssignTest::new(candidate.email().unwrap_or_default(), test.as_str());
    Ok(AssignTest { is_mail_enable: options.send_email, is_password_skip: options.skip_password, ..call })
}
