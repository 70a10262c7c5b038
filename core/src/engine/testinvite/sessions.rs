//! Test sessions: how they begin and end, and how they are told (sections 3.4, 5.3, 5.4 and 6).

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::super::{Attempted, Callback, Change, Entry, Invitation, Outcome, Session, Store, Turn, World, note};
use super::kept::{self, Kept};
use super::{DEFAULT_LIMIT, ORGANIZATION_ID, TEMPORARY, USER, fixtures, is_there, moved, paged, results, tasks, text};
use crate::http::{Response, with_query};
use crate::lifecycle::{Decision, Effect, Event, Rules, decide};
use crate::platform::testinvite::shape::Wired;
use crate::testinvite::{
    Answers, Cursor, ExpandTestSession, ExpandedTestSession, Expansion, FetchTestSession, IdentityPhoto, ListAnswers, ListTestSessions,
    Mode, Refusal, SearchTestSessions, SessionCandidate, SessionSearch, SessionStatus, SessionTest, TestSession, TestSessionPage,
    TestSessionSet,
};
use crate::{AnyReply, Platform, Status, Time};

/// How long after a failed callback the next try follows (choice C29: not stated).
const PAUSE_SECONDS: u32 = 60;

/// Something happens to a candidate: logging in and beginning a step, ending it, or being deleted.
pub(in super::super) fn attempt<S: Store>(
    store: &S,
    world: &World,
    mut invitation: Invitation,
    event: Event,
    step: Option<&str>,
    now: Time,
) -> Result<Attempted, S::Error> {
    let decision = match decide(Rules::of(Platform::TestInvite), Some(invitation.status), event, Some(&invitation.window), now) {
        Ok(decision) => decision,
        Err(refusal) => return Ok(Attempted::Refused(refusal.to_string())),
    };
    let refused = |reason: &str| {
        let state = decision.state.unwrap_or(Status::Unknown);
        Ok(Attempted::Refused(format!("{event} is refused in state {}: {reason}", state.slug())))
    };
    let sessions = store.sessions_of(&invitation.id)?;
    let running = sessions.iter().find(|session| session.status != SessionStatus::Complete);
    match event {
        Event::Start => {
            let kept = Kept::of(&invitation);
            if kept.owes() {
                return refused(
                    "the price is not paid; the sandbox takes no money, POST /_sandbox/attempts/{invitation_id}/pay says it is",
                );
            }
            if let Some(running) = running {
                if step.is_some_and(|step| step != running.step_id) {
                    return refused(&format!("the session of step {} runs; finish it first", running.step_id));
                }
                return Ok(Attempted::Moved(Box::new(invitation.clone()), vec![note(&invitation.id, event.slug(), &decision, now)]));
            }
            let Ok(task) = tasks::find(world, &invitation.test_id) else { return refused("the task is gone") };
            if !task.active || task.active_after.is_some_and(|at| now < at) || task.active_before.is_some_and(|at| now >= at) {
                return refused("the task is not active");
            }
            let step = match next_step(world, &task, &kept, &sessions, step, now) {
                Ok(step) => step,
                Err(reason) => return refused(&reason),
            };
            let session = begin(world, &invitation, kept, step, &sessions, now);
            let mut changes = vec![note(&invitation.id, event.slug(), &decision, now), Change::Sat(Box::new(session))];
            invitation.move_to(Status::InProgress, now);
            changes.push(Change::Changed(Box::new(invitation.clone())));
            Ok(Attempted::Moved(Box::new(invitation), changes))
        }
        Event::Finish => {
            let Some(running) = running else { return refused("no session runs; start one") };
            let kept = Kept::of(&invitation);
            let mut session = running.clone();
            session.status = SessionStatus::Complete;
            session.completed = Some(now);
            let is_done = |step: &fixtures::Step| {
                let is_done =
                    |known: &Session| known.step_id == step.id && (known.id == session.id || known.status == SessionStatus::Complete);
                sessions.iter().any(is_done)
            };
            let task = tasks::find(world, &invitation.test_id).ok();
            let is_last = task.is_none_or(|task| tasks::accessible(world, &task, &kept).iter().all(is_done));
            // Section 3.4: complete when the last accessible step is done.
            let decision = if is_last { decision } else { Decision { effect: Effect::Unchanged, next: Status::InProgress, ..decision } };
            let callback = kept.callback.as_ref().map(|callback| called_back(callback, &session, world));
            let mut changes = vec![note(&invitation.id, event.slug(), &decision, now), Change::Sat(Box::new(session))];
            invitation.move_to(decision.next, now);
            changes.push(Change::Changed(Box::new(invitation.clone())));
            changes.extend(callback.map(Change::CalledBack));
            Ok(Attempted::Moved(Box::new(invitation), changes))
        }
        _ => {
            let mut changes = vec![note(&invitation.id, event.slug(), &decision, now)];
            invitation.move_to(decision.next, now);
            moved(&mut invitation, event, &mut changes);
            changes.push(Change::Changed(Box::new(invitation.clone())));
            Ok(Attempted::Moved(Box::new(invitation), changes))
        }
    }
}

/// The step that a candidate begins: the one that is asked for, else the first that is open and not done; or why there is none.
fn next_step(
    world: &World,
    task: &fixtures::Task,
    kept: &Kept,
    sessions: &[Session],
    wanted: Option<&str>,
    now: Time,
) -> Result<fixtures::Step, String> {
    let steps = tasks::accessible(world, task, kept);
    let attempts = |step: &fixtures::Step| sessions.iter().filter(|session| session.step_id == step.id).count();
    let closed = |step: &fixtures::Step| {
        let id = &step.id;
        if let Some(at) = step.active_after.filter(|at| now < *at) {
            return Some(format!("step {id} opens at {at}"));
        }
        if let Some(at) = step.active_before.filter(|at| now >= *at) {
            return Some(format!("step {id} closed at {at}"));
        }
        let is_spent = step.attempt_limit >= 0 && attempts(step) as i64 >= step.attempt_limit;
        is_spent.then(|| format!("step {id} allows no further attempt"))
    };
    if let Some(wanted) = wanted {
        let Some(step) = steps.into_iter().find(|step| step.id == wanted) else {
            return Err(format!("step {wanted} is not open to this candidate"));
        };
        return match closed(&step) {
            None => Ok(step),
            Some(reason) => Err(reason),
        };
    }
    let mut reasons = Vec::new();
    for step in steps {
        let is_done = sessions.iter().any(|session| session.step_id == step.id && session.status == SessionStatus::Complete);
        match closed(&step) {
            _ if is_done => {}
            None => return Ok(step),
            Some(reason) => reasons.push(reason),
        }
    }
    Err(match (reasons.is_empty(), sessions.is_empty()) {
        (false, _) => reasons.join("; "),
        (true, true) => "no step is open to this candidate".to_owned(),
        (true, false) => "every open step is done; another attempt is asked for by ?step=".to_owned(),
    })
}

/// A new session. Its id follows from the candidate, the step and the number of the attempt; group, labels and tags are copied from
/// the candidate (documented).
fn begin(world: &World, invitation: &Invitation, kept: Kept, step: fixtures::Step, sessions: &[Session], now: Time) -> Session {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut hash = Sha256::new();
    for part in [invitation.id.as_str(), &step.id, &sessions.len().to_string()] {
        hash.update(part);
        hash.update([0]);
    }
    let id = hash.finalize().iter().take(20).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect();
    Session {
        id,
        task_id: invitation.test_id.clone(),
        step_id: step.id,
        invitation_id: invitation.id.clone(),
        is_user: kept.is_internal(),
        status: SessionStatus::Started,
        started: now,
        completed: None,
        external_id: kept.external_id,
        group: kept.group.unwrap_or_else(|| world.dialect.testinvite.default_group.clone()),
        labels: kept.labels,
        tags: kept.tags,
    }
}

/// The price of a candidate counts as paid.
pub(in super::super) fn pay(mut invitation: Invitation, now: Time) -> Attempted {
    if !is_there(&invitation) {
        return Attempted::Refused("the candidate was deleted".to_owned());
    }
    if !Kept::of(&invitation).owes() {
        return Attempted::Refused("there is nothing to pay".to_owned());
    }
    let mut details = kept::Details::of(&invitation);
    details.set("paid", &true);
    details.store(&mut invitation);
    let changes = vec![noted(&invitation, "pay", "the price is paid", now), Change::Changed(Box::new(invitation.clone()))];
    Attempted::Moved(Box::new(invitation), changes)
}

/// The last completed session, or that of a step, runs again: `RESETUP` (section 6).
pub(in super::super) fn reinstate<S: Store>(
    store: &S,
    mut invitation: Invitation,
    step: Option<&str>,
    now: Time,
) -> Result<Attempted, S::Error> {
    if !matches!(invitation.status, Status::InProgress | Status::Complete) {
        return Ok(Attempted::Refused("only a session that is over can be reinstated".to_owned()));
    }
    let sessions = store.sessions_of(&invitation.id)?;
    if sessions.iter().any(|session| session.status != SessionStatus::Complete) {
        return Ok(Attempted::Refused("a session runs; finish it first".to_owned()));
    }
    let Some(mut session) = sessions.into_iter().rfind(|session| step.is_none_or(|step| session.step_id == step)) else {
        return Ok(Attempted::Refused("there is no such session".to_owned()));
    };
    session.status = SessionStatus::Resetup;
    session.completed = None;
    (invitation.status, invitation.ended) = (Status::InProgress, None);
    let changes = vec![
        noted(&invitation, "reinstate", "a session that was over runs again", now),
        Change::Sat(Box::new(session)),
        Change::Changed(Box::new(invitation.clone())),
    ];
    Ok(Attempted::Moved(Box::new(invitation), changes))
}

/// A line of history that no row of the state table speaks of.
pub(super) fn noted(invitation: &Invitation, asked: &str, rule: &str, now: Time) -> Change {
    Change::Noted(Entry {
        invitation_id: invitation.id.clone(),
        at: now,
        asked: asked.to_owned(),
        from: Some(invitation.state_at(now)),
        to: invitation.state_at(now),
        effect: Effect::Unchanged.slug().to_owned(),
        basis: crate::lifecycle::Basis::OurChoice.word().to_owned(),
        rule: rule.to_owned(),
    })
}

/// Section 6: what is posted after a completed session.
fn called_back(callback: &kept::Callback, session: &Session, world: &World) -> Callback {
    let switches = &world.dialect.testinvite;
    let told = told(session, callback.resource == "detailed");
    let params = &callback.params;
    let mut extra = Map::new();
    let mut url = callback.url.clone();
    if !params.is_empty() {
        match switches.callback_params {
            "query" => {
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let pairs: Vec<(&str, Option<String>)> = params.iter().map(|(name, value)| (name.as_str(), Some(text(value)))).collect();
                let query = with_query("", &pairs);
                url += &if url.contains('?') { query.replacen('?', "&", 1) } else { query };
            }
            // What the session tells is not overwritten.
            "merge" => {
                let own = serde_json::to_value(Wired(&told)).unwrap_or_default();
                extra.extend(
                    params.iter().filter(|(name, _)| own.get(name.as_str()).is_none()).map(|(name, value)| (name.clone(), value.clone())),
                );
            }
            _ => {
                extra.insert("params".to_owned(), Value::Object(params.clone()));
            }
        }
    }
    let body = if switches.callback_body == "search" {
        #[derive(serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Found<'a> {
            test_instances: [Wired<'a, TestSession>; 1],
            pagination: Wired<'a, Cursor>,
        }
        let cursor = Cursor { limit: Some(DEFAULT_LIMIT), ..Cursor::default() };
        crate::wire::body(&Found { test_instances: [Wired(&told)], pagination: Wired(&cursor) }, &extra)
    } else {
        crate::wire::body(&Wired(&told), &extra)
    };
    let header = switches.callback_header.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    Callback {
        platform: Platform::TestInvite,
        invitation_id: session.invitation_id.clone(),
        status: session.status.word().to_owned(),
        url,
        headers: header.into_iter().collect(),
        body: String::from_utf8(body).unwrap_or_default(),
        tries: 1 + u32::try_from(switches.callback_retries).unwrap_or(0),
        pause_seconds: PAUSE_SECONDS,
    }
}

/// A session as the calls tell it.
fn told(session: &Session, is_detailed: bool) -> TestSession {
    let basic = TestSession {
        test_instance_id: session.id.clone(),
        task_id: Some(session.task_id.clone()),
        step_id: Some(session.step_id.clone()),
        ticket_id: Some(session.invitation_id.clone()),
        status: text(session.status.word()),
        ignored: Some(false),
        result: results::result(session, is_detailed),
        ..TestSession::default()
    };
    if !is_detailed {
        return basic;
    }
    TestSession {
        organization_id: text(ORGANIZATION_ID),
        candidate: Some(SessionCandidate {
            id: Some(session.invitation_id.clone()),
            kind: text(if session.is_user { USER } else { TEMPORARY }),
        }),
        folder: text("default"),
        group: Some(session.group.clone()),
        labels: Some(session.labels.clone()),
        tags: Some(session.tags.clone()),
        ..basic
    }
}

/// Section 5.3, page style, in the order in which the sessions began (choice C25).
pub(in super::super) fn list<S: Store>(store: &S, call: &ListTestSessions, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    if let Err(response) = tasks::find(turn.world, &call.task_id) {
        return Ok(Err(response));
    }
    let mut found = Vec::new();
    match &call.candidate_id {
        Some(id) => found.extend(store.sessions_of(id)?.into_iter().filter(|session| session.task_id == call.task_id)),
        None => store.sessions_in(&call.task_id, call.external_id.as_deref(), None, &mut |session| {
            found.push(session);
            true
        })?,
    }
    let is_detailed = call.mode == Some(Mode::Detailed);
    let told = found.iter().map(|session| told(session, is_detailed));
    let filters = [("candidateId", call.candidate_id.clone()), ("externalId", call.external_id.clone())];
    let (test_instances, pagination) = paged(told, call.mode, call.limit, call.page, &filters);
    Ok(Ok(AnyReply::from(TestSessionPage { test_instances, pagination: Some(pagination), extra: Map::new() })))
}

fn find<S: Store>(store: &S, turn: &Turn<'_>, task_id: &str, id: &str) -> Result<Result<Session, Response>, S::Error> {
    if let Err(response) = tasks::find(turn.world, task_id) {
        return Ok(Err(response));
    }
    let found = store.session(id)?.filter(|session| session.task_id == task_id);
    Ok(found.ok_or_else(|| Refusal::NotFound.to_response("there is no test instance with this id in this task")))
}

pub(in super::super) fn fetch<S: Store>(store: &S, call: &FetchTestSession, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    let found = find(store, turn, &call.task_id, &call.id)?;
    Ok(found.map(|session| told(&session, call.mode == Some(Mode::Detailed)).into()))
}

/// Section 5.3 with a cursor; all that is given must hold (choice C43: the time is that of the session's start, both ends included;
/// what is said of the candidate compares exactly).
pub(in super::super) fn search<S: Store>(store: &S, call: &SearchTestSessions, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    if let Err(response) = tasks::find(turn.world, &call.task_id) {
        return Ok(Err(response));
    }
    if let Some(last) = &call.last_doc_id
        && store.session(last)?.is_none_or(|session| session.task_id != call.task_id)
    {
        return Ok(Err(Refusal::InvalidQuery.to_response("lastDocId: the one that the search before gave is expected")));
    }
    let limit = call.limit.unwrap_or(DEFAULT_LIMIT).max(1);
    let mut found: Vec<Session> = Vec::new();
    let mut has_more = false;
    let mut failed = None;
    store.sessions_in(&call.task_id, None, call.last_doc_id.as_deref(), &mut |session| match fits(store, &session, &call.search) {
        Ok(false) => true,
        Ok(true) if found.len() as i64 == limit => {
            has_more = true;
            false
        }
        Ok(true) => {
            found.push(session);
            true
        }
        Err(error) => {
            failed = Some(error);
            false
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    let last_doc_id = found.last().filter(|_| has_more).map(|session| session.id.clone());
    let query = |last: &String| {
        let mode = call.mode.unwrap_or(Mode::Basic).word().to_owned();
        with_query("", &[("limit", Some(limit.to_string())), ("lastDocId", Some(last.clone())), ("mode", Some(mode))])
    };
    let pagination = Cursor { limit: Some(limit), next: last_doc_id.as_ref().map(query), last_doc_id };
    let is_detailed = call.mode == Some(Mode::Detailed);
    let test_instances = found.iter().map(|session| told(session, is_detailed)).collect();
    Ok(Ok(AnyReply::from(TestSessionSet { test_instances, pagination: Some(pagination), extra: Map::new() })))
}

fn fits<S: Store>(store: &S, session: &Session, search: &SessionSearch) -> Result<bool, S::Error> {
    Ok(match search {
        SessionSearch::Meta { group, label, step_id, status, from, to } => {
            group.as_ref().is_none_or(|group| *group == session.group)
                && label.as_ref().is_none_or(|label| session.labels.contains(label))
                && step_id.as_ref().is_none_or(|step_id| *step_id == session.step_id)
                && status.is_none_or(|status| status == session.status)
                && from.is_none_or(|from| session.started >= from)
                && to.is_none_or(|to| session.started <= to)
        }
        SessionSearch::Info { display_name, email, credential1, code, uniq_id } => {
            let Some(invitation) = store.invitation(&session.invitation_id)? else { return Ok(false) };
            let kept = Kept::of(&invitation);
            let is = |wanted: &Option<String>, own: Option<&str>| wanted.is_none() || wanted.as_deref() == own;
            is(display_name, invitation.name.as_deref())
                && is(email, invitation.email.as_deref())
                && is(credential1, kept.credential1.as_deref())
                && is(code, invitation.invitation_code.as_deref())
                && is(uniq_id, kept.uniq_id())
        }
    })
}

/// The detailed session with what is asked for; the only place where the unique id is told.
pub(in super::super) fn expand<S: Store>(store: &S, call: &ExpandTestSession, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    let session = match find(store, turn, &call.task_id, &call.id)? {
        Ok(session) => session,
        Err(response) => return Ok(Err(response)),
    };
    let mut told = told(&session, true);
    for expansion in &call.expand {
        match expansion {
            Expansion::CreditCost => told.credit_cost = Some(1.into()),
            Expansion::UniqId => {
                let invitation = store.invitation(&session.invitation_id)?;
                told.uniq_id = invitation.and_then(|invitation| Kept::of(&invitation).uniq_id().map(str::to_owned));
            }
            Expansion::Test => {
                let steps = tasks::find(turn.world, &session.task_id).map(|task| task.steps).unwrap_or_default();
                let found = steps.iter().enumerate().find(|(_, step)| step.id == session.step_id);
                let (test_id, source) = match found {
                    Some((index, step)) => tasks::test_of(index + 1, step),
                    None => tasks::test_of(steps.len() + 1, &fixtures::Step::new(&*session.step_id)),
                };
                told.test = Some(SessionTest { source: Some(source), test_id: Some(test_id), organization_id: text(ORGANIZATION_ID) });
            }
            Expansion::RoomForm => told.room_form = Some(Map::new()),
            // The sandbox takes no photo.
            Expansion::IdentityPhoto => told.identity_photo = Some(IdentityPhoto { url: None }),
        }
    }
    Ok(Ok(ExpandedTestSession(told).into()))
}

/// Section 5.4.
pub(in super::super) fn answers<S: Store>(store: &S, call: &ListAnswers, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    let found = find(store, turn, &call.task_id, &call.id)?;
    Ok(found.map(|session| Answers { answers: results::answers(&session, call.mode == Some(Mode::Detailed)), extra: Map::new() }.into()))
}
