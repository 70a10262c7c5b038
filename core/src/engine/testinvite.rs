//! TestInvite's rules: `docs/platforms/testinvite.md` sections 2, 3 and 9.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Change, Invitation, MessageKind, Outcome, Sequence, Store, Turn, details, mail};
use crate::lifecycle::{Event, Rules, decide};
use crate::testinvite::uniqueness::{Area, Claim, Tracked};
use crate::testinvite::{CreateCandidate, Created, Dates, Person, Refusal};
use crate::{AccessWindow, AnyReply, Platform, Status, Time};

/// A user of the organization.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct User {
    /// The user's id.
    pub id: &'static str,
    /// The name with which the user logs in; it becomes `uniqId` and first credential.
    pub username: &'static str,
    /// The full name.
    pub fullname: &'static str,
    /// The address.
    pub email: &'static str,
    /// The user's tags.
    pub tags: &'static [(&'static str, &'static str)],
}

/// The users of the sandbox.
pub static USERS: [User; 2] = [
    User { id: "u-1001", username: "ada", fullname: "Ada Lovelace", email: "ada@example.com", tags: &[("dept", "R&D")] },
    User { id: "u-1002", username: "alan", fullname: "Alan Turing", email: "alan@example.com", tags: &[] },
];

/// What is kept of a candidate: the call, with what an internal candidate takes from its user.
#[derive(Serialize)]
struct Kept<'a> {
    #[serde(flatten)]
    call: &'a CreateCandidate,
    #[serde(skip_serializing_if = "Option::is_none")]
    uniq_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential1: Option<&'a str>,
}

/// Section 2 and 3: a new candidate, unless the uniqueness refuses it.
pub(super) fn create<S: Store>(store: &S, mut call: CreateCandidate, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let user = match &call.person {
        Person::Temporary(_) => None,
        Person::Internal(internal) => match USERS.iter().find(|user| user.id == internal.id) {
            Some(user) => Some(user),
            None => return Ok(Err(Refusal::UnknownReference.to_response("there is no user with this id"))),
        },
    };
    let username = user.map(|user| user.username);
    let claims = match Tracked::of_request(&call, username) {
        Some(tracked) => {
            for claim in tracked.asks_for() {
                if store.is_claimed(&claim_text(&call.task_id, &claim))? {
                    return Ok(Err(Refusal::DuplicateCandidate.to_response("uniqId is already used in this scope")));
                }
            }
            tracked.holds().iter().map(|claim| claim_text(&call.task_id, claim)).collect()
        }
        None => Vec::new(),
    };
    let decision = match decide(Rules::of(Platform::TestInvite), None, Event::Invite, None, turn.now) {
        Ok(decision) => decision,
        Err(refusal) => return Ok(Err(Refusal::Forbidden.to_response(refusal.reason))),
    };
    let (name, email) = match (&call.person, user) {
        (Person::Temporary(temporary), _) => (temporary.fullname.clone(), temporary.email.clone()),
        (Person::Internal(_), user) => user.map(|user| (user.fullname.to_owned(), user.email.to_owned())).unzip(),
    };
    if let Some(user) = user {
        // The user's tags plus the request's; of two values of one key the request's wins (choice C34).
        let mut tags: BTreeMap<String, String> = user.tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        tags.append(&mut call.tags);
        call.tags = tags;
    }
    let id = turn.characters(20);
    let code = invitation_code(turn.count(store, Sequence::TestInviteCode)?);
    let Dates { after, before } = call.dates.unwrap_or_default();
    let invitation = Invitation {
        platform: Platform::TestInvite,
        test_id: call.task_id.clone(),
        link_id: None,
        email,
        name,
        status: decision.next,
        window: AccessWindow { start: after, end: before },
        time_zone_id: None,
        token: turn.token(&id),
        asked_for_mail: call.invite_by_email.is_some(),
        stakeholder_emails: Vec::new(),
        created: turn.now,
        started: None,
        ended: None,
        invitation_code: Some(code.clone()),
        claims,
        details: details(&Kept { call: &call, uniq_id: username, credential1: username }),
        id,
    };
    for claim in &invitation.claims {
        turn.changes.push(Change::Claimed { claim: claim.clone(), invitation_id: invitation.id.clone() });
    }
    turn.changes.push(Change::Created(Box::new(invitation.clone())));
    // Without an address there is no mail (C33); a date in the past means at once (C32).
    if let Some(by_email) = &call.invite_by_email {
        let at = by_email.date_to_send.filter(|at| *at > turn.now);
        if let Some(mut message) = mail(&invitation, MessageKind::Invitation, at.unwrap_or(turn.now)) {
            message.cc = call.extra_emails;
            turn.changes.push(if at.is_some() { Change::Scheduled(message) } else { Change::Mailed(message) });
        }
    }
    Ok(Ok(AnyReply::from(Created {
        candidate_id: invitation.id,
        kind: if user.is_some() { "user" } else { "temp" }.to_owned(),
        task_id: call.task_id,
        logged_in: false,
        fullname: invitation.name,
        email: invitation.email,
        invitation_code: Some(code),
        // Choice C15: only the list call tells it.
        direct_access_url: None,
        extra: serde_json::Map::new(),
    })))
}

/// What section 3.4 refuses beside the table: a candidate who has to pay is not admitted before.
pub(super) fn refuses(invitation: &Invitation, event: Event, now: Time) -> Option<&'static str> {
    #[derive(Deserialize)]
    struct Priced<'a> {
        #[serde(borrow, default)]
        price: Option<&'a RawValue>,
    }
    if event != Event::Start || invitation.state_at(now) != Status::Pending {
        return None;
    }
    let priced = serde_json::from_str::<Priced<'_>>(invitation.details.get()).is_ok_and(|kept| kept.price.is_some());
    priced.then_some("start is refused in state pending: the price is not paid, and the sandbox takes no money")
}

/// A deleted candidate frees its claims (rule R8).
pub(super) fn moved(invitation: &mut Invitation, event: Event, changes: &mut Vec<Change>) {
    if event == Event::Cancel {
        let freed = std::mem::take(&mut invitation.claims);
        changes.extend(freed.into_iter().map(|claim| Change::Freed { claim, invitation_id: invitation.id.clone() }));
    }
}

/// A claim of a task as one text; a JSON array, so that no two claims have the same.
fn claim_text(task_id: &str, claim: &Claim) -> String {
    let (area, value) = match &claim.area {
        Area::Task => ("task", ""),
        Area::Group(group) => ("group", group.as_str()),
        Area::Label(label) => ("label", label.as_str()),
        Area::Program(program) => ("program", program.as_str()),
    };
    serde_json::json!([task_id, area, value, claim.uniq_id]).to_string()
}

/// The code of a number: six characters, more after the first 2^30. Different numbers have different codes (choice C39),
/// and neighbours do not look alike: multiplying by an odd number only shuffles what fits into 30 bits.
fn invitation_code(number: i64) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    const BITS: u32 = 30;
    let number = number.unsigned_abs();
    let mut shuffled = number.wrapping_mul(0x2C9A_2E55) & ((1 << BITS) - 1);
    let mut rest = number >> BITS;
    let mut code = String::new();
    for _ in 0..BITS / 5 {
        code.push(char::from(ALPHABET[(shuffled & 31) as usize]));
        shuffled >>= 5;
    }
    while rest > 0 {
        code.push(char::from(ALPHABET[(rest & 31) as usize]));
        rest >>= 5;
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_numbers_share_an_invitation_code() {
        let mut codes = std::collections::HashSet::new();
        for number in (1..100_000).chain((1 << 30)..(1 << 30) + 1000) {
            assert!(codes.insert(invitation_code(number)), "{number}");
        }
    }
}
