//! The proof in JSON: what the record holds of an invitation, for whoever has to show it.

use bidden::Status;
use bidden::operation::{Disposition, Email};
use serde::Serialize;

use crate::record::Operation;
use crate::storage::Entry;

#[derive(Serialize)]
struct Proof<'a> {
    platform: &'a str,
    address: &'a str,
    account: &'a str,
    test: &'a str,
    within: Option<&'a str>,
    candidate: Candidate<'a>,
    disposition: Option<Disposition>,
    email: Email,
    status: Status,
    platform_status: Option<&'a str>,
    invitation_id: Option<&'a str>,
    invitation_code: Option<&'a str>,
    test_url: Option<&'a str>,
    operations: &'a [Operation],
}

#[derive(Serialize)]
struct Candidate<'a> {
    email: Option<&'a str>,
    external_id: Option<&'a str>,
}

impl Entry {
    /// The place, the candidate's keys, where the invitation stands, and every operation with its time, request digest, HTTP
    /// status, answer digest and outcome: one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        let Entry { place, record, operations } = self;
        let standing = &record.standing;
        let proof = Proof {
            platform: &place.platform,
            address: &place.address,
            account: &place.account,
            test: &place.test,
            within: place.within.as_deref(),
            candidate: Candidate {
                email: record.email.as_deref(),
                external_id: record.external.as_deref().and_then(|key| key.strip_prefix("external_id:")),
            },
            disposition: standing.disposition,
            email: standing.email,
            status: standing.status,
            platform_status: standing.platform_status.as_deref(),
            invitation_id: standing.invitation_id.as_deref(),
            invitation_code: standing.invitation_code.as_deref(),
            test_url: standing.test_url.as_deref(),
            operations,
        };
        serde_json::to_string(&proof).unwrap_or_default()
    }
}
