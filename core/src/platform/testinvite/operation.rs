//! From a candidate and the options of an invitation to TestInvite's calls.

use super::{Callback, CreateCandidate, Dates, InternalCandidate, InviteByEmail, Person, Resource, TemporaryCandidate, Tracking};
use crate::candidate::{Candidate, Field, told_email_key};
use crate::operation::{InviteOptions, TestId};
use crate::{Error, Secret};

/// The create call. A candidate with a user id is internal and guards itself; every other is temporary and sends
/// `tracking`, unless that is switched off, so that a second create of the same person is refused by the platform.
pub(crate) fn create(test: &TestId, candidate: &Candidate, options: &InviteOptions) -> Result<CreateCandidate, Error> {
    let text = |field| candidate.text(field).map(str::to_owned);
    let person: Person = match candidate.text(Field::UserId) {
        Some(id) => InternalCandidate { id: id.to_owned() }.into(),
        None => TemporaryCandidate {
            fullname: text(Field::Name),
            email: text(Field::Email),
            credential1: candidate.text(Field::Credential1).map(Secret::new),
            credential2: candidate.text(Field::Credential2).map(Secret::new),
            tracking: tracking(candidate, options)?,
        }
        .into(),
    };
    let mut call = CreateCandidate::new(test.as_str(), person);
    call.group = text(Field::Group).or_else(|| options.group.clone());
    call.labels = merged(&options.labels, candidate.list(Field::Labels));
    call.tags = options.tags.iter().cloned().chain(candidate.tags().map(|(key, value)| (key.to_owned(), value.to_owned()))).collect();
    call.external_id = text(Field::ExternalId);
    call.lang = options.language;
    call.program_ids.clone_from(&options.program_ids);
    call.extra_emails = candidate.list(Field::ExtraEmails).map(str::to_owned).collect();
    let window = options.window;
    if window.start.is_some() || window.end.is_some() {
        call.dates = Some(Dates { before: window.end, after: window.start });
    }
    call.price.clone_from(&options.price);
    call.invite_by_email =
        options.email_template.clone().map(|email_template_name| InviteByEmail { email_template_name, date_to_send: options.send_at });
    call.callback = options.callback_url.clone().map(|url| Callback {
        url,
        params: serde_json::Map::new(),
        resource: options.callback_resource.unwrap_or(Resource::Basic),
    });
    Ok(call)
}

/// The caller's own unique id, else the normalised e-mail, else the external id.
fn tracking(candidate: &Candidate, options: &InviteOptions) -> Result<Option<Tracking>, Error> {
    if options.no_tracking {
        return Ok(None);
    }
    let uniq_id = match (candidate.text(Field::UniqId), candidate.email()) {
        (Some(uniq_id), _) => Some(uniq_id.to_owned()),
        (None, Some(email)) => Some(told_email_key(email)?),
        (None, None) => candidate.text(Field::ExternalId).map(str::to_owned),
    };
    match uniq_id {
        Some(uniq_id) => Ok(Some(Tracking { uniq_id, scope: options.unique_within })),
        None => Err(Error::invalid_field("email", "is missing, and so is every other key (external_id, uniq_id, user_id)")),
    }
}

fn merged<'a>(common: &[String], own: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut labels = common.to_vec();
    for label in own {
        if !labels.iter().any(|known| known == label) {
            labels.push(label.to_owned());
        }
    }
    labels
}
