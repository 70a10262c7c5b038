//! The options of one person's operation in neutral JSON: the form in which C and Python hand them over.

use serde_json::Value;

use super::InviteOptions;
use crate::candidate::{Candidate, Row};
use crate::fields::Fields;
use crate::platform::imocha::ProctoringMode;
use crate::platform::testinvite::{Language, Price, Resource, Scope};
use crate::{AccessWindow, Error, FieldError, Platform, Time};

impl InviteOptions {
    /// Reads options from one flat JSON object in the words of the command, in snake_case: flags as booleans, times as RFC 3339
    /// or seconds since 1970, `labels` and `program_ids` as lists, `tags` as an object, `price` as `{"amount","currency"}`.
    ///
    /// # Errors
    /// `invalid-input` with every member that cannot be read or is not known.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let mut fields = Fields::parse(json)?;
        let options = InviteOptions::read(&mut fields);
        let faults = fields.finish(Vec::new());
        if faults.is_empty() { Ok(options) } else { Err(Error::invalid_input(faults)) }
    }

    /// The candidate of a row and the options of his invitation, as [`InviteOptions::from_json`] reads them. `now` decides
    /// whether a window is over.
    ///
    /// # Errors
    /// `invalid-input` with everything that is wrong with either.
    pub fn with_candidate(json: &str, row: &Row<'_>, platform: Platform, now: Time) -> Result<(Candidate, Self), Error> {
        let mut fields = Fields::parse(json)?;
        let options = InviteOptions::read(&mut fields);
        let candidate = Candidate::from_row(row, Some(platform), now);
        let of_row = candidate.as_ref().err().map(Error::fields).unwrap_or_default().to_vec();
        let of_options = options.check(platform, now).err().map(|error| error.fields().iter().map(of_member).collect());
        let faults: Vec<FieldError> = of_row.into_iter().chain(fields.finish(of_options.unwrap_or_default())).collect();
        match candidate {
            Ok(candidate) if faults.is_empty() => Ok((candidate, options)),
            _ => Err(Error::invalid_input(faults)),
        }
    }

    fn read(fields: &mut Fields) -> Self {
        InviteOptions {
            send_email: fields.boolean("send_email").unwrap_or_default(),
            email_template: fields.text("email_template"),
            send_at: fields.time("send_at"),
            stakeholder_emails: fields.text_or_list("stakeholder_emails", ","),
            window: AccessWindow { start: fields.time("start"), end: fields.time("end") },
            time_zone_id: fields.integer("time_zone_id"),
            callback_url: fields.text("callback_url"),
            callback_resource: fields.word("callback_resource", Resource::WORDS),
            redirect_url: fields.text("redirect_url"),
            proctoring: fields.word("proctoring", &ProctoringMode::WORDS),
            hide_instruction: fields.boolean("hide_instruction").unwrap_or_default(),
            skip_password: fields.boolean("skip_password").unwrap_or_default(),
            course: fields.text("course"),
            group: fields.text("group"),
            labels: fields.texts("labels").unwrap_or_default(),
            tags: tags(fields),
            language: fields.word("language", Language::WORDS),
            program_ids: fields.texts("program_ids").unwrap_or_default(),
            unique_within: fields.word("unique_within", Scope::WORDS),
            no_tracking: fields.boolean("no_tracking").unwrap_or_default(),
            price: fields.nested("price", Price::read),
        }
    }
}

fn tags(fields: &mut Fields) -> Vec<(String, String)> {
    let mut tags = Vec::new();
    for (key, value) in fields.object("tags").unwrap_or_default() {
        match value {
            Value::String(text) => tags.push((key, text)),
            _ => fields.fault(&format!("tags.{key}"), "text is expected"),
        }
    }
    tags
}

/// A fault of an option of the command under the name of its member here.
fn of_member(fault: &FieldError) -> FieldError {
    let field = match fault.field.as_str() {
        "label" => "labels".to_owned(),
        "tag" => "tags".to_owned(),
        "program" => "program_ids".to_owned(),
        option => option.replace('-', "_"),
    };
    FieldError { field, ..fault.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Field;

    #[test]
    fn options_are_read_in_the_words_of_the_command() {
        let json = r#"{"send_email":true,"start":"2030-01-01T00:00:00Z","end":1900000000,"time_zone_id":1720,"stakeholder_emails":["a@example.com","b@example.com"],
            "proctoring":"image","tags":{"dept":"R&D"},"labels":["a;b"],"unique_within":"group","price":{"amount":"19.90","currency":"EUR"}}"#;
        let options = InviteOptions::from_json(json).unwrap();
        let set =
            ["send-email", "stakeholder-emails", "start", "end", "time-zone-id", "proctoring", "label", "tag", "unique-within", "price"];
        assert_eq!(options.set(), set);
        assert_eq!(options.stakeholder_emails.as_deref(), Some("a@example.com,b@example.com"));
        assert_eq!(options.labels, ["a;b"]);
        assert_eq!(InviteOptions::from_json("{}").unwrap(), InviteOptions::default());
    }

    #[test]
    fn everything_that_is_wrong_with_candidate_and_options_is_said_at_once() {
        let mut row = Row::new();
        row.set(Field::Email, "ada.example.com");
        let json = r#"{"send_email":"yes","skip_password":true,"end":"2000-01-01T00:00:00Z","proctoring":"by cat","program_ids":["p-1"],"shoe_size":43}"#;
        let error = InviteOptions::with_candidate(json, &row, Platform::Imocha, Time::from_seconds(1_700_000_000)).unwrap_err();
        let fields: Vec<&str> = error.fields().iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["name", "email", "send_email", "end", "proctoring", "skip_password", "program_ids", "shoe_size"]);
    }
}
