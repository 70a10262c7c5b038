//! The sandbox against a model of its own: plain lists and words, written from `docs/platforms/*.md` and not from the
//! tables, driven by arbitrary calls, attempts and moves of the clock over few people.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::{Mutex, PoisonError};

use bidden_sandbox::Sandbox;
use common::Client;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

const MINUTE: i64 = 60;
const WEEK: i64 = 7 * 24 * 60 * MINUTE;
/// 2026-03-01T12:00:00Z.
const START: i64 = 1_772_366_400;

#[derive(Clone, Debug)]
enum Step {
    Invite {
        test: i64,
        person: usize,
        shout: bool,
        mail: bool,
        start: Option<i64>,
        end: Option<i64>,
        stakeholder: Option<&'static str>,
    },
    Register {
        people: Vec<usize>,
    },
    Assign {
        person: usize,
        mail: bool,
    },
    Deassign {
        person: usize,
    },
    Create {
        uniq_id: Option<&'static str>,
        scope: &'static str,
        group: Option<&'static str>,
        labels: Vec<&'static str>,
        after: Option<i64>,
        before: Option<i64>,
    },
    CreateInternal,
    Delete {
        which: Index,
    },
    Update {
        which: Index,
        group: Option<&'static str>,
        add: Vec<&'static str>,
        remove: Vec<&'static str>,
        active: Option<bool>,
        before: Option<i64>,
    },
    Attempt {
        which: Index,
        event: &'static str,
    },
    Cancel {
        which: Index,
    },
    Reattempt {
        which: Index,
        mail: bool,
        start: Option<i64>,
        end: Option<i64>,
    },
    Retrieve {
        state: &'static str,
    },
    Advance {
        minutes: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let minutes = || prop::option::of(select(vec![-30_i64, 0, 30, 60, 600]));
    let events = vec!["start", "start", "finish", "leave", "terminate", "cancel"];
    prop_oneof![
        4 => (1..3_i64, 0..2_usize, any::<bool>(), any::<bool>(), minutes(), minutes(), select(vec![None, Some("boss@example.com"), Some("disable")]))
            .prop_map(|(test, person, shout, mail, start, end, stakeholder)| Step::Invite { test, person, shout, mail, start, end, stakeholder }),
        1 => prop::collection::vec(0..3_usize, 0..4).prop_map(|people| Step::Register { people }),
        2 => (0..2_usize, any::<bool>()).prop_map(|(person, mail)| Step::Assign { person, mail }),
        1 => (0..2_usize).prop_map(|person| Step::Deassign { person }),
        3 => (
            select(vec![None, Some("u1"), Some("U1"), Some("ada")]),
            select(vec!["task", "group", "labels"]),
            select(vec![None, Some("A"), Some("default")]),
            prop::sample::subsequence(vec!["a", "b"], 0..=2),
            minutes(),
            minutes(),
        )
            .prop_map(|(uniq_id, scope, group, labels, after, before)| Step::Create { uniq_id, scope, group, labels, after, before }),
        1 => Just(Step::CreateInternal),
        2 => any::<Index>().prop_map(|which| Step::Delete { which }),
        2 => (
            any::<Index>(),
            select(vec![None, Some("A"), Some("default")]),
            prop::sample::subsequence(vec!["a", "b"], 0..=2),
            prop::sample::subsequence(vec!["a", "b"], 0..=2),
            select(vec![None, None, Some(true), Some(false)]),
            minutes(),
        )
            .prop_map(|(which, group, add, remove, active, before)| Step::Update { which, group, add, remove, active, before }),
        6 => (any::<Index>(), select(events)).prop_map(|(which, event)| Step::Attempt { which, event }),
        2 => any::<Index>().prop_map(|which| Step::Cancel { which }),
        4 => (any::<Index>(), any::<bool>(), minutes(), minutes())
            .prop_map(|(which, mail, start, end)| Step::Reattempt { which, mail, start, end }),
        1 => select(vec!["completed", "cancelled", "expired"]).prop_map(|state| Step::Retrieve { state }),
        2 => select(vec![1_i64, 30, 60, 24 * 60, 8 * 24 * 60]).prop_map(|minutes| Step::Advance { minutes }),
    ]
}

/// One invitation as the model knows it.
#[derive(Clone, Debug)]
struct Entry {
    platform: &'static str,
    test: String,
    email: Option<String>,
    word: &'static str,
    start: Option<i64>,
    end: Option<i64>,
    /// When the attempt began.
    started: Option<i64>,
    mailed: bool,
    stakeholders: Vec<&'static str>,
    uniq_id: Option<&'static str>,
    group: &'static str,
    labels: Vec<&'static str>,
    /// TestInvite: whether a session runs, how many steps are done, whether the candidate has ever logged in, and where an inactive
    /// one stood.
    runs: bool,
    done: u8,
    seen_inside: bool,
    was: Option<&'static str>,
}

impl Entry {
    fn seen(&self, now: i64) -> &'static str {
        if self.word == "Pending" && self.end.is_some_and(|end| end <= now) { "Expired" } else { self.word }
    }
}

#[derive(Default)]
struct Model {
    now: i64,
    entries: Vec<Entry>,
    students: Vec<usize>,
    mails: Vec<(String, &'static str)>,
}

fn address(person: usize) -> String {
    format!("person{person}@example.com")
}

impl Model {
    fn mail(&mut self, to: &str, kind: &'static str) {
        self.mails.push((to.to_owned(), kind));
    }

    /// The newest one: reattempts of iMocha stand behind one another.
    fn find(&self, platform: &str, test: &str, email: &str) -> Option<usize> {
        self.entries.iter().rposition(|entry| entry.platform == platform && entry.test == test && entry.email.as_deref() == Some(email))
    }

    /// Whether the candidate or somebody else may do this now, and what the invitation's word is then.
    fn attempt(&mut self, which: usize, event: &str) -> bool {
        let (now, entry) = (self.now, &mut self.entries[which]);
        let opened = entry.start.is_none_or(|start| start <= now);
        if entry.platform == "testinvite" {
            match (entry.seen(now), event) {
                ("Pending", "start") if opened => (entry.word, entry.runs, entry.seen_inside) = ("In Progress", true, true),
                ("In Progress", "start") => entry.runs = true,
                // A task that nobody declared has two steps.
                ("In Progress", "finish") if entry.runs => {
                    (entry.runs, entry.done) = (false, entry.done + 1);
                    entry.word = if entry.done == 2 { "Complete" } else { "In Progress" };
                }
                ("Pending" | "Expired", "cancel") => (entry.word, entry.uniq_id) = ("Cancelled", None),
                _ => return false,
            }
            return true;
        }
        let next = match (entry.platform, entry.seen(now), event) {
            (_, "Pending", "start") if opened => "In Progress",
            ("imocha", "In Progress", "start") => "In Progress",
            (_, "In Progress", "finish") => "Complete",
            ("imocha" | "think-exam", "In Progress", "leave") => "Test Left",
            ("imocha" | "think-exam", "In Progress", "terminate") => "Terminated",
            (_, "Pending", "cancel") => "Cancelled",
            _ => return false,
        };
        if next == "In Progress" && entry.word != next {
            entry.started = Some(now);
        }
        entry.word = next;
        let entry = entry.clone();
        if entry.platform == "imocha" && event == "finish" {
            entry.stakeholders.iter().for_each(|to| self.mail(to, "stakeholder-completion"));
        }
        if entry.platform == "imocha" && event == "cancel" && entry.mailed {
            self.mail(&entry.email.unwrap_or_default(), "cancellation");
        }
        true
    }

    /// Gives an iMocha invitation the window of a call, and the mail it asks for.
    fn set_window(&mut self, at: usize, start: Option<i64>, end: Option<i64>, mail: bool) {
        let (now, entry) = (self.now, &mut self.entries[at]);
        match entry.seen(now) {
            "Pending" => {
                entry.start = start.or(entry.start);
                entry.end = end.or(entry.end);
            }
            "new" | "Cancelled" | "Expired" => {
                entry.word = "Pending";
                entry.start = Some(start.unwrap_or(now));
                entry.end = Some(end.unwrap_or(start.unwrap_or(now).max(now) + WEEK));
            }
            _ => {}
        }
        if mail && entry.word == "Pending" {
            entry.mailed = true;
            let to = entry.email.clone().unwrap_or_default();
            self.mail(&to, "invitation");
        }
    }

    /// Whether a new candidate of the task clashes with one that is there.
    fn clashes(&self, new: &Entry, scope: &str) -> bool {
        new.uniq_id.is_some()
            && self.entries.iter().filter(|entry| entry.platform == "testinvite" && entry.uniq_id == new.uniq_id).any(|entry| match scope {
                "group" => entry.group == new.group,
                "labels" => entry.labels.iter().any(|label| new.labels.contains(label)),
                _ => true,
            })
    }
}

fn time(seconds: i64) -> Value {
    json!(bidden::Time::from_seconds(seconds).to_string())
}

/// The id of an invitation as the control plane shows it.
fn id(shown: &Value) -> String {
    shown["invitation_id"].as_str().unwrap_or_default().to_owned()
}

/// Takes a step on both sides and compares the answers.
fn take(step: Step, model: &mut Model, client: &Client) -> Result<(), TestCaseError> {
    let now = model.now;
    let blank = Entry {
        platform: "imocha",
        test: String::new(),
        email: None,
        word: "Pending",
        start: None,
        end: None,
        started: None,
        mailed: false,
        stakeholders: Vec::new(),
        uniq_id: None,
        group: "default",
        labels: Vec::new(),
        runs: false,
        done: 0,
        seen_inside: false,
        was: None,
    };
    match step {
        Step::Invite { test, person, shout, mail, start, end, stakeholder } => {
            let email = address(person);
            let mut body = json!({"email": if shout { format!(" {} ", email.to_uppercase()) } else { email.clone() }, "name": "P"});
            let (start, end) = (start.map(|minutes| now + minutes * MINUTE), end.map(|minutes| now + minutes * MINUTE));
            for (name, seconds) in [("startDateTime", start), ("endDateTime", end)] {
                if let Some(seconds) = seconds {
                    body[name] = time(seconds);
                }
            }
            if let Some(text) = stakeholder {
                body["stakeholderEmails"] = json!(text);
            }
            if mail {
                body["sendEmail"] = json!("yes");
            }
            let test = test.to_string();
            let at = match model.find("imocha", &test, &email) {
                Some(at) => at,
                None => {
                    model.entries.push(Entry { test: test.clone(), email: Some(email), word: "new", ..blank });
                    model.entries.len() - 1
                }
            };
            model.set_window(at, start, end, mail);
            let entry = &mut model.entries[at];
            entry.stakeholders = match stakeholder {
                None => vec!["owner@example.com"],
                Some("disable") => vec![],
                Some(address) => vec![address],
            };
            let word = entry.word;
            let reply = client.imocha(test.parse().unwrap_or(0), &body);
            prop_assert_eq!(reply.status, 200, "{}", reply.text);
            // A window that lies in the past makes it expired at the next look only (iMocha reference, choice 30).
            prop_assert_eq!(&reply.json()["status"], word);
        }
        Step::Register { people } => {
            let body: Vec<Value> = people.iter().map(|person| json!({"name": "P", "email": address(*person)})).collect();
            let reply = client.think_exam("bulkCandidateRegister", &json!(body)).json();
            for (index, person) in people.iter().enumerate() {
                let is_new = !model.students.contains(person);
                if is_new {
                    model.students.push(*person);
                }
                let position = model.students.iter().position(|known| known == person).unwrap_or(0);
                let answer = &reply["responseArray"][index];
                prop_assert_eq!(&answer["success"]["msg"], if is_new { "Registration Successfull." } else { "Login Successfull." });
                prop_assert_eq!(answer["data"]["studentId"].as_u64(), Some(85_640_001 + position as u64));
            }
        }
        Step::Assign { person, mail } => {
            let email = address(person);
            let reply =
                client.think_exam("assignTest", &json!({"email": email, "testId": "41", "isMailEnable": if mail { "1" } else { "0" }}));
            let known = model.students.contains(&person);
            prop_assert_eq!(&reply.json()["result"], if known { "success" } else { "error" });
            if known {
                let at = match model.find("think-exam", "41", &email) {
                    Some(at) => at,
                    None => {
                        model.entries.push(Entry { platform: "think-exam", test: "41".into(), email: Some(email.clone()), ..blank });
                        model.entries.len() - 1
                    }
                };
                if model.entries[at].word == "Cancelled" {
                    model.entries[at].word = "Pending";
                }
                if mail && model.entries[at].word == "Pending" {
                    model.mail(&email, "invitation");
                }
            }
        }
        Step::Deassign { person } => {
            let email = address(person);
            let reply = client.think_exam("deassignTest", &json!({"email": email, "testId": "41"}));
            let pending = model.find("think-exam", "41", &email).filter(|at| model.entries[*at].word == "Pending");
            prop_assert_eq!(&reply.json()["result"], if pending.is_some() { "success" } else { "error" });
            if let Some(at) = pending {
                model.entries[at].word = "Cancelled";
            }
        }
        Step::Create { uniq_id, scope, group, labels, after, before } => {
            let (start, end) = (after.map(|minutes| now + minutes * MINUTE), before.map(|minutes| now + minutes * MINUTE));
            let mut body = json!({"kind": "temporary-candidate", "labels": labels, "dates": {}});
            if let Some(uniq_id) = uniq_id {
                body["tracking"] = json!({"uniqId": uniq_id, "scope": scope});
            }
            if let Some(group) = group {
                body["group"] = json!(group);
            }
            for (name, seconds) in [("after", start), ("before", end)] {
                if let Some(seconds) = seconds {
                    body["dates"][name] = json!(seconds);
                }
            }
            let group = group.unwrap_or("default");
            let new = Entry { platform: "testinvite", test: "t".into(), start, end, uniq_id, group, labels, ..blank };
            let reply = client.testinvite("t", &body);
            let refused = model.clashes(&new, scope);
            prop_assert_eq!(reply.status, if refused { 403 } else { 200 }, "{}", reply.text);
            if !refused {
                model.entries.push(new);
            }
        }
        Step::CreateInternal => {
            let email = Some("ada@example.com".to_owned());
            let new = Entry { platform: "testinvite", test: "t".into(), email, uniq_id: Some("ada"), ..blank };
            let reply = client.testinvite("t", &json!({"kind": "internal-candidate", "id": "u-1001"}));
            let refused = model.clashes(&new, "task");
            prop_assert_eq!(reply.status, if refused { 403 } else { 200 }, "{}", reply.text);
            if !refused {
                model.entries.push(new);
            }
        }
        Step::Delete { which } => {
            let shown = client.invitations("");
            if !shown.is_empty() {
                let which = which.index(shown.len());
                let id = shown[which]["invitation_id"].as_str().unwrap_or_default();
                let reply = client.send("DELETE", &format!("{CANDIDATES}/{id}"), &TOKEN, "");
                let entry = &mut model.entries[which];
                // An inactive one is judged by where it stood.
                let word = entry.was.unwrap_or(entry.seen(now));
                let expected = match (entry.platform, word) {
                    ("testinvite", "Pending" | "Expired") => 200,
                    ("testinvite", "In Progress" | "Complete") => 403,
                    _ => 404,
                };
                prop_assert_eq!(reply.status, expected, "{}: {}", shown[which], reply.text);
                if expected == 200 {
                    (entry.word, entry.uniq_id, entry.was) = ("Cancelled", None, None);
                }
            }
        }
        Step::Update { which, group, add, remove, active, before } => {
            let shown = client.invitations("");
            if !shown.is_empty() {
                let which = which.index(shown.len());
                let id = shown[which]["invitation_id"].as_str().unwrap_or_default();
                let end = before.map(|minutes| now + minutes * MINUTE);
                let mut fields = json!({"labels": {"add": add, "remove": remove}});
                for (name, value) in [("group", json!(group)), ("active", json!(active)), ("activeBefore", json!(end))] {
                    if !value.is_null() {
                        fields[name] = value;
                    }
                }
                let reply = client.send("PATCH", &format!("{CANDIDATES}/{id}"), &TOKEN, &json!({ "fields": fields }).to_string());
                let entry = &mut model.entries[which];
                let is_there = entry.platform == "testinvite" && (entry.word != "Cancelled" || entry.was.is_some());
                prop_assert_eq!(reply.status, if is_there { 200 } else { 404 }, "{}: {}", shown[which], reply.text);
                if is_there {
                    entry.group = group.unwrap_or(entry.group);
                    entry.labels.retain(|label| !remove.contains(label));
                    let news: Vec<&str> = add.into_iter().filter(|label| !entry.labels.contains(label)).collect();
                    entry.labels.extend(news);
                    entry.end = end.or(entry.end);
                    match (active, entry.was) {
                        (Some(false), None) => (entry.was, entry.word) = (Some(entry.word), "Cancelled"),
                        (Some(true), Some(was)) => (entry.was, entry.word) = (None, was),
                        _ => {}
                    }
                }
            }
        }
        Step::Attempt { which, event } => {
            let shown = client.invitations("");
            if !shown.is_empty() {
                let which = which.index(shown.len());
                let reply = client.attempt(shown[which]["invitation_id"].as_str().unwrap_or_default(), event);
                let allowed = model.attempt(which, event);
                prop_assert_eq!(reply.status, if allowed { 200 } else { 409 }, "{} of {}: {}", event, shown[which], reply.text);
            }
        }
        Step::Cancel { which } => {
            let shown = client.invitations("");
            if !shown.is_empty() {
                let which = which.index(shown.len());
                let entry = &mut model.entries[which];
                let expected = match (entry.platform, entry.seen(now)) {
                    ("imocha", "Pending") => 200,
                    ("imocha", _) => 400,
                    _ => 404,
                };
                let path = format!("invitations/{}/cancel", id(&shown[which]));
                let reply = client.imocha_call("POST", &path, &Value::Null);
                prop_assert_eq!(reply.status, expected, "{}: {}", shown[which], reply.text);
                if expected == 200 {
                    entry.word = "Cancelled";
                    if entry.mailed {
                        let to = entry.email.clone().unwrap_or_default();
                        model.mail(&to, "cancellation");
                    }
                }
            }
        }
        Step::Reattempt { which, mail, start, end } => {
            let shown = client.invitations("");
            if shown.is_empty() {
                return Ok(());
            }
            let which = which.index(shown.len());
            let addressed = model.entries[which].clone();
            let (start, end) = (start.map(|minutes| now + minutes * MINUTE), end.map(|minutes| now + minutes * MINUTE));
            let mut body = json!({"sendEmail": if mail { "yes" } else { "no" }});
            for (name, seconds) in [("StartDateTime", start), ("EndDateTime", end)] {
                if let Some(seconds) = seconds {
                    body[name] = time(seconds);
                }
            }
            let reply = client.imocha_call("POST", &format!("invitations/{}/reattempt", id(&shown[which])), &body);
            if addressed.platform != "imocha" {
                prop_assert_eq!(reply.status, 404, "{}", reply.text);
                return Ok(());
            }
            let newest = model.find("imocha", &addressed.test, &addressed.email.unwrap_or_default()).unwrap_or(which);
            let at = match model.entries[newest].seen(now) {
                "In Progress" => {
                    prop_assert_eq!(reply.status, 400, "{}", reply.text);
                    prop_assert!(reply.text.contains(&id(&shown[newest])), "{}", reply.text);
                    return Ok(());
                }
                "Complete" | "Test Left" | "Terminated" => {
                    let child = Entry { word: "new", mailed: false, ..model.entries[newest].clone() };
                    model.entries.push(child);
                    model.entries.len() - 1
                }
                _ => newest,
            };
            model.set_window(at, start, end, mail);
            prop_assert_eq!(reply.status, 200, "{}", reply.text);
            let shown = client.invitations("");
            prop_assert_eq!(reply.json()["testInvitationId"].to_string(), id(&shown[at]));
        }
        Step::Retrieve { state } => {
            let words: &[&str] = match state {
                "completed" => &["Complete", "Test Left", "Terminated"],
                "cancelled" => &["Cancelled"],
                _ => &["Expired"],
            };
            let shown = client.invitations("");
            let of_state =
                |(at, entry): (usize, &Entry)| (entry.platform == "imocha" && words.contains(&entry.seen(now))).then(|| id(&shown[at]));
            let mut expected: Vec<String> = model.entries.iter().enumerate().filter_map(of_state).collect();
            let all_times = json!({"StartDateTime": "2000-01-01", "EndDateTime": "2100-01-01"});
            let reply = client.imocha_call("POST", &format!("candidates/testattempts?state={state}"), &all_times).json();
            let listed = reply["result"]["testAttempts"].as_array().cloned().unwrap_or_default();
            let mut found: Vec<String> = listed.iter().map(|attempt| attempt["testInvitationId"].to_string()).collect();
            expected.sort();
            found.sort();
            prop_assert_eq!(found, expected);
        }
        Step::Advance { minutes } => {
            client.advance(&format!("PT{minutes}M"));
            model.now += minutes * MINUTE;
            // An attempt of iMocha lasts as long as its test and no longer (iMocha reference, section 21, time passes).
            for entry in model.entries.iter_mut().filter(|entry| entry.platform == "imocha" && entry.word == "In Progress") {
                if entry.started.is_some_and(|started| started + 60 * MINUTE <= model.now) {
                    entry.word = "Test Left";
                }
            }
        }
    }
    Ok(())
}

const CANDIDATES: &str = "/api/integration/rest/v1/tasks/t/candidates";
const TOKEN: [(&str, &str); 1] = [("authorization", "Bearer sandbox-token")];

/// The candidates of the task as the list tells them, with a further filter.
fn listed(client: &Client, filter: &str) -> Vec<Value> {
    let page = client.send("GET", &format!("{CANDIDATES}?mode=detailed&limit=1000{filter}"), &TOKEN, "").json();
    let told = |one: &Value| json!([one["email"], one["loggedIn"], one["group"], one["labels"]]);
    page["candidates"].as_array().map(|all| all.iter().map(told).collect()).unwrap_or_default()
}

fn compare(model: &Model, client: &Client) -> Result<(), TestCaseError> {
    let shown = client.invitations("");
    let expected: Vec<Value> = model
        .entries
        .iter()
        .map(|entry| json!([entry.platform, entry.test, entry.email, entry.seen(model.now), entry.start.map(time), entry.end.map(time)]))
        .collect();
    let found: Vec<Value> = shown
        .iter()
        .map(|one| {
            let email = one["email"].as_str().map(str::to_lowercase);
            json!([one["platform"], one["test_id"], email, one["status"], one["start"], one["end"]])
        })
        .collect();
    prop_assert_eq!(found, expected);
    let mails: Vec<(String, String)> = client.outbox().into_iter().map(|(to, kind)| (to.to_lowercase(), kind)).collect();
    let expected: Vec<(String, String)> = model.mails.iter().map(|(to, kind)| (to.clone(), (*kind).to_owned())).collect();
    prop_assert_eq!(mails, expected);
    Ok(())
}

/// The candidates of the task, all and those of one address.
fn compare_lists(model: &Model, client: &Client) -> Result<(), TestCaseError> {
    let candidates = |entry: &&Entry| entry.platform == "testinvite" && (entry.word != "Cancelled" || entry.was.is_some());
    let told = |entry: &Entry| json!([entry.email, entry.seen_inside, entry.group, entry.labels]);
    let expected: Vec<Value> = model.entries.iter().filter(candidates).map(told).collect();
    prop_assert_eq!(listed(client, ""), expected);
    let of_ada = |entry: &&Entry| candidates(entry) && entry.email.as_deref() == Some("ada@example.com");
    let expected: Vec<Value> = model.entries.iter().filter(of_ada).map(told).collect();
    prop_assert_eq!(listed(client, "&email=ada%40example.com"), expected);
    Ok(())
}

/// One sandbox for all cases; each begins with a reset.
static RUNNING: Mutex<Option<(Sandbox, Client)>> = Mutex::new(None);

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_sandbox_does_what_the_references_say(steps in prop::collection::vec(step(), 1..40)) {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, client) = running.get_or_insert_with(common::sandbox);
        prop_assert_eq!(client.post("reset", &json!({})).status, 200);
        client.stand_at(common::START);
        let mut model = Model { now: START, ..Model::default() };
        for step in steps {
            take(step, &mut model, client)?;
            compare(&model, client)?;
        }
        compare_lists(&model, client)?;
    }
}
