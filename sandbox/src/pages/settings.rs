//! What can be set: the clock on every page, faults, switches; and how to reach the sandbox.

use std::collections::BTreeMap;

use bidden::engine::{IMOCHA_API_KEY, TESTINVITE_TOKEN, THINK_EXAM_API_KEY, THINK_EXAM_SECRET};
use bidden::http::Response;
use bidden::{CALLS, Platform};
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use crate::control::{Control, FaultsChange, SwitchesChange};
use crate::faults::{Fault, Preset};
use crate::writer::Writer;

use super::{Asked, Result, View, ask_control, back, page, see_other};

/// The steps by which the clock is moved.
const STEPS: [(&str, &str); 3] = [("PT1H", "+1 hour"), ("P1D", "+1 day"), ("P7D", "+1 week")];

const CONTROL_PLANE: &str = "\
GET  /_sandbox/health
GET  /_sandbox/clock          POST {\"advance\":\"P1D\",\"wait\":true}, {\"set\":\"2026-01-31T09:00:00Z\"} or {\"freeze\":true}
GET  /_sandbox/invitations    ?platform= &test= &email= &limit= &after=
GET  /_sandbox/invitations/{invitation_id}/history
GET  /_sandbox/candidates     ?limit= &after=
GET  /_sandbox/outbox         ?limit= &after=
GET  /_sandbox/requests       ?limit= &after=; as they were sent, without secrets
GET  /_sandbox/callbacks      ?invitation= &limit= &after=
POST /_sandbox/callbacks/{callback_id}/resend
POST /_sandbox/settle         answers when no callback is under way or due
GET  /_sandbox/events         server-sent events: something has changed
GET  /_sandbox/switches       POST {\"imocha.repeat-mail\":\"off\"}, DELETE
GET  /_sandbox/fixtures       POST {\"imocha\":{\"tests\":[{\"test_id\":1}]}}
GET  /_sandbox/snapshot       POST what GET answered
GET  /_sandbox/faults         POST {\"preset\":\"lost-after-commit\"}, DELETE
POST /_sandbox/attempts/{invitation_id}/start, finish, leave, terminate or cancel; of TestInvite start?step=, pay, reinstate?step= too
POST /_sandbox/signature      {\"ak\":\"sandbox-ak\"}
POST /_sandbox/reset
GET  /_sandbox/namespaces     DELETE /_sandbox/namespaces/{name}

/ns/{name} in front of any path gives an isolated copy of all this, made on first use.
";

/// The clock, on every page.
pub(super) fn clock_bar(view: &View) -> Markup {
    html! {
        section.clock #clock data-live aria-label="Clock" {
            p.now {
                time #now datetime=(view.now) data-milliseconds=(view.now.milliseconds()) data-frozen[view.is_frozen] { (super::readable(&view.now.to_string())) }
                " UTC" @if view.is_frozen { " " span.frozen { "frozen" } }
            }
            form.buttons method="post" action=(view.link("clock")) {
                (view.token())
                input type="hidden" name="back" value=(view.here);
                @for (step, name) in STEPS { button type="submit" name="advance" value=(step) { (name) } }
                @if view.is_frozen { button type="submit" name="freeze" value="false" { "Let run" } }
                @else { button type="submit" name="freeze" value="true" { "Freeze" } }
            }
            details #clock-set {
                summary { "Set" }
                form.buttons method="post" action=(view.link("clock")) {
                    (view.token())
                    input type="hidden" name="back" value=(view.here);
                    label { span.unseen { "Time in UTC" } input type="datetime-local" name="set" step="1" required; }
                    button type="submit" { "Set, UTC" }
                }
            }
        }
    }
}

pub(super) fn clock(writer: &mut Writer, asked: &Asked, view: &View) -> Result<Response> {
    let mut change = Map::new();
    if let Some(set) = asked.field("set") {
        // A browser leaves out seconds that are zero, and knows no zone here.
        let seconds = if set.len() == "2026-01-31T09:00".len() { ":00" } else { "" };
        let zone = if set.ends_with('Z') { "" } else { "Z" };
        change.insert("set".to_owned(), json!(format!("{set}{seconds}{zone}")));
    }
    if let Some(advance) = asked.field("advance") {
        change.insert("advance".to_owned(), json!(advance));
    }
    if let Some(freeze) = asked.field("freeze") {
        change.insert("freeze".to_owned(), json!(freeze == "true"));
    }
    let refusal = match asked.form.as_ref().map(|_| serde_json::from_value(Value::Object(change))) {
        None => None,
        Some(Err(_)) => Some("a step, a time or freeze is expected".to_owned()),
        Some(Ok(change)) => match ask_control(writer, &Control::Clock(Some(change)))? {
            Ok(_) => return Ok(see_other(&format!("./{}", back(asked).unwrap_or_default()))),
            Err(reason) => Some(reason),
        },
    };
    let status = if refusal.is_some() { 409 } else { 200 };
    let content =
        html! { p { "The sandbox’s own clock: windows, scheduled mails and callbacks go by it. Signatures are judged by the machine’s." } };
    Ok(page(status, view, "Clock", refusal.as_deref(), &content))
}

/// A value of the control plane's JSON as text.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(super) fn faults(writer: &mut Writer, asked: &Asked, view: &View) -> Result<Response> {
    let refusal = match faults_change(asked) {
        None => None,
        Some(Err(reason)) => Some(reason),
        Some(Ok(change)) => match ask_control(writer, &Control::Faults(Some(change)))? {
            Ok(_) => return Ok(see_other("faults")),
            Err(reason) => Some(reason),
        },
    };
    let active = ask_control(writer, &Control::Faults(None))?.unwrap_or_default();
    let rows = active["faults"].as_array().cloned().unwrap_or_default();
    let content = html! {
        section #faults data-live aria-label="Active faults" {
            @if rows.is_empty() { p.empty { "No fault is on: every call is answered." } }
            @else {
                table.cards {
                    thead { tr {
                        @for name in ["Preset", "Platform", "Call", "Count", "Probability", "Seed", "Hits"] { th scope="col" { (name) } }
                    } }
                    tbody {
                        @for row in &rows {
                            tr {
                                @for (label, name) in [("Preset", "preset"), ("Platform", "platform"), ("Call", "call"), ("Count", "count"),
                                    ("Probability", "probability"), ("Seed", "seed"), ("Hits", "hits")] {
                                    td data-label=(label) { (shown(&row[name])) }
                                }
                            }
                        }
                    }
                }
                form.buttons method="post" { (view.token()) button type="submit" name="clear" value="1" { "Turn all off" } }
            }
        }
        section {
            h2 { "Turn one on" }
            form.fields method="post" {
                (view.token())
                label { "What goes wrong"
                    select name="preset" { @for preset in Preset::ALL { option value=(preset.slug()) { (preset.slug()) } } }
                }
                label { "Platform"
                    select name="platform" { option value="" { "any" } @for platform in Platform::ALL { option value=(platform.slug()) { (platform.title()) } } }
                }
                label { "Call"
                    select name="call" { option value="" { "any" } @for call in CALLS { option value=(call.name) { (call.name) } } }
                }
                label { "Next so many calls" input type="number" name="count" min="1" inputmode="numeric" placeholder="1"; }
                label { "or each with probability" input type="number" name="probability" min="0" max="1" step="any" inputmode="decimal"; }
                label { "Seed" input type="number" name="seed" min="0" inputmode="numeric" placeholder="0"; }
                button type="submit" { "Turn on" }
            }
        }
    };
    Ok(page(if refusal.is_some() { 409 } else { 200 }, view, "Faults", refusal.as_deref(), &content))
}

/// The change that the form asks for.
fn faults_change(asked: &Asked) -> Option<std::result::Result<FaultsChange, String>> {
    asked.form.as_ref()?;
    if asked.field("clear").is_some() {
        return Some(Ok(FaultsChange::Clear));
    }
    let mut wanted = Map::new();
    for name in ["preset", "platform", "call"] {
        if let Some(text) = asked.field(name) {
            wanted.insert(name.to_owned(), json!(text));
        }
    }
    for name in ["count", "probability", "seed"] {
        if let Some(text) = asked.field(name) {
            let Ok(number) = serde_json::from_str::<serde_json::Number>(text) else {
                return Some(Err(format!("{name}: a number is expected")));
            };
            wanted.insert(name.to_owned(), Value::Number(number));
        }
    }
    let wanted = serde_json::from_value(Value::Object(wanted)).map_err(|_| "the form cannot be read".to_owned());
    Some(wanted.and_then(|wanted| Fault::new(&wanted)).map(FaultsChange::Add))
}

pub(super) fn switches(writer: &mut Writer, asked: &Asked, view: &View) -> Result<Response> {
    let wanted = asked.field("name").zip(asked.field("value"));
    let refusal = match wanted {
        None => None,
        Some((name, value)) => {
            let wanted = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            match ask_control(writer, &Control::Switches(Some(SwitchesChange::Set(wanted))))? {
                Ok(_) => return Ok(see_other("switches")),
                Err(reason) => Some(reason),
            }
        }
    };
    let all = ask_control(writer, &Control::Switches(None))?.unwrap_or_default();
    let rows = all["switches"].as_array().cloned().unwrap_or_default();
    let content = html! {
        p { "How the platforms answer where their documentation is silent or has changed." }
        section #switches data-live aria-label="Switches" {
            table.cards {
                thead { tr {
                    @for name in ["Platform", "Switch", "What it changes", "Source", "Value"] { th scope="col" { (name) } }
                } }
                tbody {
                    @for row in &rows {
                        @let full_name = format!("{}.{}", shown(&row["platform"]), shown(&row["name"]));
                        @let value = shown(&row["value"]);
                        tr {
                            td data-label="Platform" { (shown(&row["platform"])) }
                            td.code data-label="Switch" { (shown(&row["name"])) }
                            td data-label="What it changes" { (shown(&row["about"])) }
                            td data-label="Source" { (shown(&row["source"])) }
                            td data-label="Value" {
                                form.buttons method="post" {
                                    (view.token())
                                    input type="hidden" name="name" value=(full_name);
                                    (setting(&full_name, &value, &shown(&row["values"])))
                                    button type="submit" aria-label={ "Set " (full_name) } { "Set" }
                                    @if value != shown(&row["default"]) { span.small { "default " (shown(&row["default"])) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(page(if refusal.is_some() { 409 } else { 200 }, view, "Switches", refusal.as_deref(), &content))
}

/// The field of one switch: its words to choose from, else a text.
fn setting(name: &str, value: &str, values: &str) -> Markup {
    let words: Vec<&str> = values.split(", ").collect();
    let are_words = words.len() > 1 && !words.iter().any(|word| word.contains(' '));
    html! {
        @if are_words {
            select name="value" aria-label=(name) { @for word in words { option value=(word) selected[word == value] { (word) } } }
        } @else {
            input type="text" name="value" value=(value) aria-label=(name) title=(values) size="8";
        }
    }
}

pub(super) fn help(view: &View) -> Response {
    let content = html! {
        p { "Think Exam, iMocha and TestInvite on this machine. Nothing here reaches a platform or a mailbox." }
        section {
            h2 { "Credentials" }
            table.cards {
                thead { tr { th scope="col" { "Platform" } th scope="col" { "What it accepts" } } }
                tbody {
                    tr { td data-label="Platform" { "iMocha" } td.code data-label="What it accepts" { "X-API-KEY: " (IMOCHA_API_KEY) } }
                    tr { td data-label="Platform" { "TestInvite" } td.code data-label="What it accepts" { "Authorization: Bearer " (TESTINVITE_TOKEN) } }
                    tr { td data-label="Platform" { "Think Exam" } td.code data-label="What it accepts" { "ak: " (THINK_EXAM_API_KEY) ", secret " (THINK_EXAM_SECRET) } }
                }
            }
        }
        section {
            h2 { "Control plane" }
            pre tabindex="0" { (CONTROL_PLANE) }
        }
        section {
            h2 { "What candidates see" }
            ul {
                li { "The address of an invitation, on its page." }
                li { "TestInvite: " code { "ti/{taskId}" } ", the login of a task." }
                li { "Think Exam: " a href=(view.link("te")) { "the panel" } ", and " code { "autoLogin/{ACCESS_TOKEN}" } "." }
            }
        }
        section {
            h2 { "Platform calls" }
            table.cards {
                thead { tr { th scope="col" { "Call" } th scope="col" { "Method" } th scope="col" { "Path" } } }
                tbody {
                    @for call in CALLS {
                        tr { td.code data-label="Call" { (call.name) } td.code data-label="Method" { (call.method) } td.code data-label="Path" { (call.path) } }
                    }
                }
            }
        }
    };
    page(200, view, "Help", None, &content)
}
