//! TestInvite's rules: `docs/platforms/testinvite.md` sections 2 to 5 and 9.

pub mod dialect;
pub mod fixtures;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{Change, Invitation, Later, MessageKind, Outcome, Sequence, Store, Turn, details, mail};
use crate::candidate::email_key;
use crate::http::{Response, with_query};
use crate::lifecycle::{Event, Rules, decide};
use crate::testinvite::uniqueness::{Area, Claim, DEFAULT_GROUP, Tracked};
use crate::testinvite::{
    CandidatePage, CreateCandidate, Created, Dates, DeleteCandidate, Deleted, FetchCandidate, FetchTask, ListCandidates, Mode, Pagination,
    Person, Refusal, Step, StepTest, Task, TaskCandidate,
};
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

/// The kinds of a candidate in answers (section 2.5, documented).
const USER: &str = "user";
const TEMPORARY: &str = "temp";

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
    turn.note(&invitation.id, &decision);
    turn.changes.push(Change::Created(Box::new(invitation.clone())));
    // Without an address there is no mail (C33); a date in the past means at once (C32).
    if let Some(by_email) = &call.invite_by_email {
        let at = by_email.date_to_send.filter(|at| *at > turn.now);
        if let Some(mut message) = mail(&invitation, MessageKind::Invitation, at.unwrap_or(turn.now)) {
            message.cc = call.extra_emails;
            turn.changes.push(match at {
                Some(at) => Change::Scheduled(at, Later::Mail(message)),
                None => Change::Mailed(message),
            });
        }
    }
    Ok(Ok(AnyReply::from(Created {
        candidate_id: invitation.id,
        kind: if user.is_some() { USER } else { TEMPORARY }.to_owned(),
        task_id: call.task_id,
        logged_in: false,
        fullname: invitation.name,
        email: invitation.email,
        invitation_code: Some(code),
        // Choice C15: only the list call tells it.
        direct_access_url: None,
        extra: Map::new(),
    })))
}

/// How many candidates a page has unless the request says (section 4.1, published).
const DEFAULT_LIMIT: i64 = 10;

/// The one organization of the sandbox (section 1.2); an id as the vendor's are (section 1.3).
const ORGANIZATION_ID: &str = "SandboxOrganization1";

/// When the tasks of the sandbox were made: 2025-01-01.
const TASK_CREATED_AT: i64 = 1_735_689_600;

/// Section 4.1: the candidates who fit every filter exactly, in order of creation (choices C24 and C25).
pub(super) fn list<S: Store>(store: &S, call: &ListCandidates, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    let limit = call.limit.unwrap_or(DEFAULT_LIMIT).max(1);
    let page = call.page.unwrap_or(1).max(1);
    let before = (page - 1).saturating_mul(limit);
    let mut total = 0;
    let mut candidates = Vec::new();
    let key = call.email.as_deref().map(email_key);
    store.invitations_to(Platform::TestInvite, &call.task_id, key.as_deref(), &mut |invitation| {
        let fits = |filter: &Option<String>, own: &Option<String>| filter.is_none() || filter == own;
        if !is_there(&invitation)
            || !fits(&call.fullname, &invitation.name)
            || !fits(&call.email, &invitation.email)
            || !fits(&call.code, &invitation.invitation_code)
        {
            return;
        }
        if total >= before && total - before < limit {
            let mut candidate = told(&invitation, call.mode);
            // Choice C15: the link is told here, and null for a user.
            candidate.direct_access_url = (candidate.kind.as_deref() == Some(TEMPORARY)).then(|| invitation.test_url(turn.origin));
            candidates.push(candidate);
        }
        total += 1;
    })?;
    let total_pages = total / limit + i64::from(total % limit != 0);
    // The form of section 4.1, which every page needs, then the filters, without which the next page would be another list's.
    let query_of = |page: i64| {
        let mode = call.mode.unwrap_or(Mode::Basic).word();
        let parameters = [
            ("limit", Some(limit.to_string())),
            ("page", Some(page.to_string())),
            ("mode", Some(mode.to_owned())),
            ("fullname", call.fullname.clone()),
            ("email", call.email.clone()),
            ("code", call.code.clone()),
        ];
        with_query("", &parameters)
    };
    let pagination = Pagination {
        total_items: Some(total),
        total_pages: Some(total_pages),
        current_page: Some(page),
        limit: Some(limit),
        next: (page < total_pages).then(|| query_of(page + 1)),
        previous: (page > 1 && total_pages > 0).then(|| query_of((page - 1).min(total_pages))),
    };
    Ok(Ok(AnyReply::from(CandidatePage { candidates, pagination: Some(pagination), extra: Map::new() })))
}

/// Section 4.2.
pub(super) fn fetch<S: Store>(store: &S, call: &FetchCandidate) -> Result<Outcome, S::Error> {
    let found = candidate(store, &call.task_id, &call.id)?;
    Ok(found.map(|invitation| AnyReply::from(told(&invitation, call.mode))))
}

/// Section 4.4: only a candidate who never logged in; the claims are free again (rule R8).
pub(super) fn delete<S: Store>(store: &S, call: &DeleteCandidate, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let mut invitation = match candidate(store, &call.task_id, &call.id)? {
        Ok(invitation) => invitation,
        Err(response) => return Ok(Err(response)),
    };
    let rules = Rules::of(Platform::TestInvite);
    let decision = match decide(rules, Some(invitation.status), Event::Cancel, Some(&invitation.window), turn.now) {
        Ok(decision) => decision,
        Err(refusal) => return Ok(Err(Refusal::Forbidden.to_response(refusal.reason))),
    };
    invitation.status = decision.next;
    turn.note(&invitation.id, &decision);
    moved(&mut invitation, Event::Cancel, &mut turn.changes);
    turn.changes.push(Change::Changed(Box::new(invitation)));
    Ok(Ok(AnyReply::from(Deleted::default())))
}

/// Section 5.1 for a task that nobody declared (choice C30): it takes every program and template, so it lists none.
pub(super) fn task(call: &FetchTask) -> Task {
    let detailed = call.mode == Some(Mode::Detailed);
    let organization_id = || Some(ORGANIZATION_ID.to_owned());
    let step = |number: u8| Step {
        id: Some(format!("step-{number}")),
        title: Some(format!("Step {number}")),
        active: Some(true),
        active_before: None,
        active_after: None,
        attempt_limit: Some(1),
        test: Some(StepTest { test_id: Some(format!("test-{number}")), organization_id: organization_id(), source: text("own-test") }),
        webcam_recording: text("NONE"),
        screen_recording: text("NONE"),
        fullscreen: Some(false),
        post_ai_proctoring: Some(false),
        practice_mode: Some(false),
    };
    Task {
        task_id: call.id.clone(),
        title: Some(format!("Task {}", call.id)),
        created_at: Some(Time::from_seconds(TASK_CREATED_AT)),
        organization_id: detailed.then(organization_id).flatten(),
        favorite: detailed.then_some(false),
        folder: detailed.then(|| "default".to_owned()),
        labels: detailed.then(Vec::new),
        tags: detailed.then(Map::new),
        lang: detailed.then(|| "default".to_owned()),
        access_method: detailed.then(|| "invitation-code".to_owned()),
        active: detailed.then_some(true),
        active_after: None,
        active_before: None,
        programs: detailed.then(Vec::new),
        stages: detailed.then(Vec::new),
        email_templates: detailed.then(Vec::new),
        private_chat_enabled: detailed.then_some(false),
        steps: detailed.then(|| vec![step(1), step(2)]),
        extra: Map::new(),
    }
}

/// A deleted candidate is kept as cancelled, and no call knows it any longer.
fn is_there(invitation: &Invitation) -> bool {
    invitation.status != Status::Cancelled
}

/// The candidate of a task, or 404.
fn candidate<S: Store>(store: &S, task_id: &str, id: &str) -> Result<Result<Invitation, Response>, S::Error> {
    let found = store.invitation(id)?.filter(|it| it.platform == Platform::TestInvite && it.test_id == task_id && is_there(it));
    Ok(found.ok_or_else(|| Refusal::NotFound.to_response("there is no candidate with this id in this task")))
}

/// A candidate as fetching tells it, without the link (choice C15). Made through the API it is pre-registered and active,
/// without rating and stage (section 4.1).
fn told(invitation: &Invitation, mode: Option<Mode>) -> TaskCandidate {
    #[derive(Default, Deserialize)]
    struct Kept {
        #[serde(default)]
        kind: String,
        group: Option<String>,
        #[serde(default)]
        tags: Map<String, Value>,
        #[serde(default)]
        labels: Vec<String>,
    }
    let kept: Kept = serde_json::from_str(invitation.details.get()).unwrap_or_default();
    let detailed = mode == Some(Mode::Detailed);
    TaskCandidate {
        candidate_id: invitation.id.clone(),
        kind: text(if kept.kind == "internal-candidate" { USER } else { TEMPORARY }),
        task_id: invitation.test_id.clone(),
        logged_in: Some(invitation.status != Status::Pending),
        fullname: invitation.name.clone(),
        email: invitation.email.clone(),
        invitation_code: invitation.invitation_code.clone(),
        direct_access_url: None,
        organization_id: detailed.then(|| ORGANIZATION_ID.to_owned()),
        source: detailed.then(|| "pre-registration".to_owned()),
        active: detailed.then_some(true),
        active_after: invitation.window.start.filter(|_| detailed),
        active_before: invitation.window.end.filter(|_| detailed),
        group: detailed.then(|| kept.group.unwrap_or_else(|| DEFAULT_GROUP.to_owned())),
        tags: detailed.then_some(kept.tags),
        labels: detailed.then_some(kept.labels),
        rating: None,
        stage: None,
        extra: Map::new(),
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
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
