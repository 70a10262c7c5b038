//! Where an invitation stands, apart from the candidate: platform, address, account, test.

use bidden::candidate::Field;
use bidden::operation::{InviteOptions, TestId};
use bidden::testinvite::{CreateCandidate, Person, Scope};
use bidden::{BaseUrl, Candidate, Platform};
use serde::{Deserialize, Serialize};

/// Where an invitation stands, apart from the candidate. Two invitations of one candidate at one place are one invitation.
///
/// `account` is a name that the user gives, never made from a key, so that a rotated credential changes nothing.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Place {
    /// The platform's slug.
    pub platform: String,
    /// Scheme, host, port and path; or the word `sandbox` under `--sandbox`, whose port may change.
    pub address: String,
    /// The name of the account.
    pub account: String,
    /// The test or task.
    pub test: String,
    /// Under `--unique-within` the scope and its values: the same person is another candidate in another group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

impl Place {
    /// The place of a test at an address.
    #[must_use]
    pub fn new(platform: Platform, address: &BaseUrl, account: &str, test: &TestId) -> Self {
        Place {
            platform: platform.slug().to_owned(),
            address: normal(address.as_str()),
            account: account.trim().to_owned(),
            test: test.as_str().to_owned(),
            within: None,
        }
    }

    /// The same place in the sandbox of this folder, wherever it listens.
    #[must_use]
    pub fn in_sandbox(self) -> Self {
        Place { address: "sandbox".to_owned(), ..self }
    }

    /// The same place within the scope in which the options make a candidate unique (TestInvite reference, section 3).
    #[must_use]
    pub fn of_candidate(mut self, candidate: &Candidate, options: &InviteOptions) -> Self {
        if candidate.text(Field::UserId).is_none() {
            let group = candidate.text(Field::Group).or(options.group.as_deref());
            let labels = options.labels.iter().map(String::as_str).chain(candidate.list(Field::Labels));
            self.within = within(options.unique_within, group, labels, &options.program_ids);
        }
        self
    }

    /// The same place within the scope in which a call makes its candidate unique.
    #[must_use]
    pub fn of_create(mut self, call: &CreateCandidate) -> Self {
        if let Person::Temporary(person) = &call.person {
            let scope = person.tracking.as_ref().and_then(|tracking| tracking.scope);
            self.within = within(scope, call.group.as_deref(), call.labels.iter().map(String::as_str), &call.program_ids);
        }
        self
    }

    /// Whether it is a place of the same platform, address and account.
    #[must_use]
    pub fn is_beside(&self, other: &Place) -> bool {
        self.platform == other.platform && self.address == other.address && self.account == other.account
    }

    /// The one text that stands for the place.
    #[must_use]
    pub fn name(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The platform.
    #[must_use]
    pub fn platform(&self) -> Option<Platform> {
        Platform::ALL.into_iter().find(|platform| platform.slug() == self.platform)
    }
}

/// The scope and its values.
fn within<'a>(scope: Option<Scope>, group: Option<&str>, labels: impl Iterator<Item = &'a str>, programs: &'a [String]) -> Option<String> {
    let sorted = |mut values: Vec<&str>| {
        values.sort_unstable();
        values.dedup();
        serde_json::json!(values).to_string()
    };
    match scope {
        None | Some(Scope::Task) => None,
        Some(Scope::Group) => Some(format!("group {}", serde_json::json!(group))),
        Some(Scope::Labels) => Some(format!("labels {}", sorted(labels.collect()))),
        Some(Scope::Programs) => Some(format!("programs {}", sorted(programs.iter().map(String::as_str).collect()))),
    }
}

/// Scheme and host in lower case, and no port that the scheme has anyway.
fn normal(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let scheme = scheme.to_ascii_lowercase();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = authority.to_ascii_lowercase();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
    format!("{scheme}://{authority}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> String {
        Place::new(Platform::Imocha, &BaseUrl::parse(text).unwrap(), "default", &TestId::from(1)).address
    }

    #[test]
    fn the_same_address_written_otherwise_is_the_same_place() {
        assert_eq!(address("HTTPS://APIv3.imocha.io:443/"), "https://apiv3.imocha.io");
        assert_eq!(address("http://127.0.0.1:8787"), "http://127.0.0.1:8787");
        assert_ne!(address("http://127.0.0.1:8787"), address("http://127.0.0.1:8788"));
        assert_ne!(address("https://host.example/a"), address("https://host.example/A"));
    }
}
