//! TestInvite's rules: `docs/platforms/testinvite.md` sections 2 to 5 and 9.

mod change;
pub mod dialect;
pub mod fixtures;
mod kept;
mod results;
pub(super) mod sessions;
pub(super) mod tasks;
pub(super) mod users;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Map;

pub(super) use change::update;
use kept::{Details, Kept};

use super::{Change, Dialect, Invitation, Later, MessageKind, Outcome, Sequence, Store, TESTINVITE_TOKEN, Turn, World, details, mail};
use crate::candidate::email_key;
use crate::http::{Response, with_query};
use crate::lifecycle::{Event, Rules, decide};
use crate::testinvite::uniqueness::{Area, Claim, Tracked};
use crate::testinvite::{
    CandidatePage, CreateCandidate, Created, Dates, DeleteCandidate, Deleted, FetchCandidate, ListCandidates, Mode, Pagination, Person,
    Refusal, TaskCandidate,
};
use crate::{AccessWindow, AnyReply, Platform, Status};

/// The kinds of a candidate in answers (section 2.5, documented).
const USER: &str = "user";
const TEMPORARY: &str = "temp";

/// The one organization of the sandbox (section 1.2); an id as the vendor's are (section 1.3).
const ORGANIZATION_ID: &str = "SandboxOrganization1";

/// How many entries a page has unless the request says (section 7, published).
const DEFAULT_LIMIT: i64 = 10;

/// What is kept of a candidate: the call, with what an internal candidate takes from its user.
#[derive(Serialize)]
struct Made<'a> {
    #[serde(flatten)]
    call: &'a CreateCandidate,
    #[serde(skip_serializing_if = "Option::is_none")]
    uniq_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential1: Option<&'a str>,
}

/// Section 2 and 3: a new candidate, unless the uniqueness refuses it.
pub(super) fn create<S: Store>(store: &S, mut call: CreateCandidate, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    let switches = &turn.world.dialect.testinvite;
    let task = match tasks::find(turn.world, &call.task_id) {
        Ok(task) => task,
        Err(response) => return Ok(Err(response)),
    };
    let users = users::all(turn.world);
    let user = match &call.person {
        Person::Temporary(_) => None,
        Person::Internal(internal) => match users.iter().find(|user| user.user_id == internal.id) {
            Some(user) => Some(user),
            None => return Ok(Err(tasks::unknown(turn.world, "there is no user with this id"))),
        },
    };
    if let Some(response) = tasks::unknown_reference(turn.world, &task, &call) {
        return Ok(Err(response));
    }
    let username = user.map(|user| user.username.as_str());
    let claims = match Tracked::of_request(&call, username) {
        Some(mut tracked) => {
            tracked.group = tracked.group.or(Some(&switches.default_group));
            if is_kept_out(store, &call.task_id, &tracked, turn.world)? {
                let status = switches.duplicate_status.parse().unwrap_or(403);
                return Ok(Err(Refusal::DuplicateCandidate.with_status(status, "uniqId is already used in this scope")));
            }
            claims(&call.task_id, &tracked)
        }
        None => Vec::new(),
    };
    let decision = match decide(Rules::of(Platform::TestInvite), None, Event::Invite, None, turn.now) {
        Ok(decision) => decision,
        Err(refusal) => return Ok(Err(Refusal::Forbidden.to_response(refusal.reason))),
    };
    let (name, email) = match (&call.person, user) {
        (Person::Temporary(temporary), _) => (temporary.fullname.clone(), temporary.email.clone()),
        (Person::Internal(_), user) => user.map(|user| (user.fullname.clone(), user.email.clone())).unwrap_or_default(),
    };
    if let Some(user) = user {
        // The user's tags plus the request's; whose value of one key wins is choice C34.
        let (mut tags, mut winners): (BTreeMap<String, String>, _) = (user.tags.clone(), std::mem::take(&mut call.tags));
        if switches.tag_clash_winner == "user" {
            std::mem::swap(&mut tags, &mut winners);
        }
        tags.append(&mut winners);
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
        details: details(&Made { call: &call, uniq_id: username, credential1: username }),
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
            let template = task.email_templates.iter().find(|template| template.name == by_email.email_template_name);
            if let Some(template) = template {
                message.subject.clone_from(&template.subject);
            }
            turn.changes.push(match at {
                Some(at) => Change::Scheduled(at, Later::Mail(message)),
                None => Change::Mailed(message),
            });
        }
    }
    // Choice C15: unless a switch says so only the list call tells it, and never of a user.
    let direct_access_url = (switches.direct_access_url == "all" && user.is_none()).then(|| invitation.test_url(turn.origin));
    let is_null = switches.null_code_for_users && user.is_some();
    Ok(Ok(AnyReply::from(Created {
        candidate_id: invitation.id,
        kind: if user.is_some() { USER } else { TEMPORARY }.to_owned(),
        task_id: call.task_id,
        logged_in: false,
        fullname: invitation.name,
        email: invitation.email,
        invitation_code: Some(code).filter(|_| !is_null),
        direct_access_url,
        extra: Map::new(),
    })))
}

/// Section 3.2. A look-up for each claim that the scope asks for, however many candidates the task has; under the two switches that
/// change the algorithm everybody in the task with the same unique id is looked at.
fn is_kept_out<S: Store>(store: &S, task_id: &str, tracked: &Tracked<'_>, world: &World) -> Result<bool, S::Error> {
    let switches = &world.dialect.testinvite;
    let empty_overlaps = switches.empty_scope_sets == "refuse";
    if !empty_overlaps && !switches.existing_scope_counts {
        for claim in tracked.asks_for() {
            if store.is_claimed(&claim_text(task_id, &claim))? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    let in_task = claim_text(task_id, &Claim { uniq_id: tracked.uniq_id.to_owned(), area: Area::Task });
    let mut holders = Vec::new();
    store.holders(&in_task, &mut |id| holders.push(id))?;
    for id in holders {
        if let Some(existing) = store.invitation(&id)?
            && let kept = Kept::of(&existing)
            && let Some(existing) = kept.tracked(&switches.default_group)
            && tracked.is_kept_out_by(&existing, empty_overlaps, switches.existing_scope_counts)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The claims that a candidate holds, as they are stored.
fn claims(task_id: &str, tracked: &Tracked<'_>) -> Vec<String> {
    tracked.holds().iter().map(|claim| claim_text(task_id, claim)).collect()
}

/// One page of what was found, and where it stands among the others.
fn paged<T>(
    found: impl Iterator<Item = T>,
    mode: Option<Mode>,
    limit: Option<i64>,
    page: Option<i64>,
    filters: &[(&str, Option<String>)],
) -> (Vec<T>, Pagination) {
    let limit = limit.unwrap_or(DEFAULT_LIMIT).max(1);
    let page = page.unwrap_or(1).max(1);
    let before = (page - 1).saturating_mul(limit);
    let mut total = 0;
    let mut entries = Vec::new();
    for entry in found {
        if total >= before && total - before < limit {
            entries.push(entry);
        }
        total += 1;
    }
    (entries, pagination(total, mode, limit, page, filters))
}

/// The form of section 4.1, which every page needs, then the filters, without which the next page would be another list's.
fn pagination(total: i64, mode: Option<Mode>, limit: i64, page: i64, filters: &[(&str, Option<String>)]) -> Pagination {
    let total_pages = total / limit + i64::from(total % limit != 0);
    let query_of = |page: i64| {
        let mode = mode.unwrap_or(Mode::Basic).word().to_owned();
        let paging = [("limit", Some(limit.to_string())), ("page", Some(page.to_string())), ("mode", Some(mode))];
        with_query("", &paging.into_iter().chain(filters.iter().cloned()).collect::<Vec<_>>())
    };
    Pagination {
        total_items: Some(total),
        total_pages: Some(total_pages),
        current_page: Some(page),
        limit: Some(limit),
        next: (page < total_pages).then(|| query_of(page + 1)),
        previous: (page > 1 && total_pages > 0).then(|| query_of((page - 1).min(total_pages))),
    }
}

/// Section 4.1: the candidates who fit every filter exactly, in order of creation (choices C24 and C25).
pub(super) fn list<S: Store>(store: &S, call: &ListCandidates, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    if let Err(response) = tasks::find(turn.world, &call.task_id) {
        return Ok(Err(response));
    }
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
            let mut candidate = told(&invitation, call.mode, turn.world);
            // Choice C15: the link is told here, and null for a user.
            let is_told = turn.world.dialect.testinvite.direct_access_url != "none" && candidate.kind.as_deref() == Some(TEMPORARY);
            candidate.direct_access_url = is_told.then(|| invitation.test_url(turn.origin));
            candidates.push(candidate);
        }
        total += 1;
    })?;
    let filters = [("fullname", call.fullname.clone()), ("email", call.email.clone()), ("code", call.code.clone())];
    let pagination = pagination(total, call.mode, limit, page, &filters);
    Ok(Ok(AnyReply::from(CandidatePage { candidates, pagination: Some(pagination), extra: Map::new() })))
}

/// Section 4.2.
pub(super) fn fetch<S: Store>(store: &S, call: &FetchCandidate, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    if let Err(response) = tasks::find(turn.world, &call.task_id) {
        return Ok(Err(response));
    }
    let found = candidate(store, &call.task_id, &call.id)?;
    Ok(found.map(|invitation| {
        let mut told = told(&invitation, call.mode, turn.world);
        let is_told = turn.world.dialect.testinvite.direct_access_url == "all" && told.kind.as_deref() == Some(TEMPORARY);
        told.direct_access_url = is_told.then(|| invitation.test_url(turn.origin));
        AnyReply::from(told)
    }))
}

/// Section 4.4: only a candidate who never logged in; the claims are free again (rule R8).
pub(super) fn delete<S: Store>(store: &S, call: &DeleteCandidate, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    if let Err(response) = tasks::find(turn.world, &call.task_id) {
        return Ok(Err(response));
    }
    let mut invitation = match candidate(store, &call.task_id, &call.id)? {
        Ok(invitation) => invitation,
        Err(response) => return Ok(Err(response)),
    };
    if invitation.status == Status::Cancelled {
        // An inactive one: whether it may be deleted is a matter of where it stood before.
        invitation.status = Kept::of(&invitation).was.unwrap_or(Status::Pending);
    }
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

/// A deleted candidate is kept as cancelled, and no call knows it any longer; an inactive one is cancelled too, and there.
fn is_there(invitation: &Invitation) -> bool {
    invitation.status != Status::Cancelled || !Kept::of(invitation).is_active()
}

/// The candidate of a task, or 404.
fn candidate<S: Store>(store: &S, task_id: &str, id: &str) -> Result<Result<Invitation, Response>, S::Error> {
    let found = store.invitation(id)?.filter(|it| it.platform == Platform::TestInvite && it.test_id == task_id && is_there(it));
    Ok(found.ok_or_else(|| Refusal::NotFound.to_response("there is no candidate with this id in this task")))
}

/// A candidate as fetching tells it, without the link (choice C15). Made through the API it is pre-registered, without rating and
/// stage (section 4.1).
fn told(invitation: &Invitation, mode: Option<Mode>, world: &World) -> TaskCandidate {
    let switches = &world.dialect.testinvite;
    let kept = Kept::of(invitation);
    let detailed = mode == Some(Mode::Detailed);
    let is_null = switches.null_code_for_users && kept.is_internal();
    TaskCandidate {
        candidate_id: invitation.id.clone(),
        kind: text(if kept.is_internal() { USER } else { TEMPORARY }),
        task_id: invitation.test_id.clone(),
        logged_in: Some(invitation.started.is_some()),
        fullname: invitation.name.clone(),
        email: invitation.email.clone(),
        invitation_code: invitation.invitation_code.clone().filter(|_| !is_null),
        direct_access_url: None,
        organization_id: detailed.then(|| ORGANIZATION_ID.to_owned()),
        source: detailed.then(|| "pre-registration".to_owned()),
        active: detailed.then(|| kept.is_active()),
        active_after: invitation.window.start.filter(|_| detailed),
        active_before: invitation.window.end.filter(|_| detailed),
        group: detailed.then(|| kept.group.unwrap_or_else(|| switches.default_group.clone())),
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

/// Whether the configured header carries the token (section 1.2, choice C1).
pub(super) fn accepts(headers: &http::HeaderMap, dialect: &Dialect) -> bool {
    let switches = &dialect.testinvite;
    // A name that cannot be a header's is in no request.
    let value = headers.get(switches.auth_header.as_str()).map(http::HeaderValue::as_bytes);
    let token = match switches.auth_prefix.as_str() {
        "none" => value,
        prefix => value.and_then(|value| value.strip_prefix(prefix.as_bytes())?.strip_prefix(b" ")),
    };
    token == Some(TESTINVITE_TOKEN.as_bytes())
}

/// A refusal with the body that the platform is said to give (choice C5).
pub(super) fn restyled(mut response: Response, dialect: &Dialect) -> Response {
    let status = response.status();
    let (content_type, body) = match dialect.testinvite.error_body {
        "empty" => (None, String::new()),
        "html" => (Some("text/html; charset=utf-8"), format!("<!doctype html><title>{status}</title><h1>{status}</h1>")),
        _ => return response,
    };
    *response.body_mut() = body.into_bytes();
    response.headers_mut().remove(http::header::CONTENT_TYPE);
    if let Some(content_type) = content_type {
        response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    }
    response
}

/// A deleted candidate frees its claims (rule R8).
pub(super) fn moved(invitation: &mut Invitation, event: Event, changes: &mut Vec<Change>) {
    if event == Event::Cancel {
        let mut details = Details::of(invitation);
        details.remove("active");
        details.store(invitation);
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
