//! The shared vectors through the Rust door.

use bidden::http::Response;
use bidden::lifecycle::{Rules, decide};
use bidden::sign::{self, Encoding, Recipe};
use bidden::{AccessWindow, AnyCall, BaseUrl, CallbackEvent, Error, Event, Platform, Secret, Status, Time};
use bidden_tests::{Failures, Vector, all};
use serde_json::{Value, json};

#[test]
fn requests_are_written_as_the_vectors_say() {
    let mut failures = Failures::default();
    for (platform, vector) in all("request") {
        let name = format!("{platform}/{}", vector.id);
        let call = match AnyCall::from_json(vector.text("call").unwrap(), &vector.json("arguments")) {
            Ok(call) => call,
            Err(error) => {
                failures.fail(&name, error);
                continue;
            }
        };
        let base = BaseUrl::parse(vector.text("base_url").unwrap()).unwrap();
        let request = call.to_request(&base).unwrap();
        let expected = vector.value("request");
        failures.compare(&name, &expected["method"].as_str().unwrap(), &request.method());
        failures.compare(&name, &expected["url"].as_str().unwrap(), &request.uri());
        failures.compare(&name, &expected["body"].as_str().unwrap_or(""), &String::from_utf8_lossy(request.body()));
        for (header, text) in expected["headers"].as_object().into_iter().flatten() {
            let found = request.headers().get(header).and_then(|value| value.to_str().ok());
            failures.compare(&name, &text.as_str().unwrap(), &found.unwrap_or_default());
        }
        // The neutral form is the call: reading what it writes gives the same request.
        let again = AnyCall::from_json(call.name(), &call.to_json()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(again.to_request(&base).unwrap().body(), request.body(), "{name}: the neutral form does not come back");
    }
    failures.finish_vectors("rust", "request");
}

fn response(value: &Value) -> Response {
    let mut builder = http::Response::builder().status(u16::try_from(value["status"].as_u64().unwrap()).unwrap());
    if let Some(headers) = value["headers"].as_object() {
        for (name, text) in headers {
            builder = builder.header(name, text.as_str().unwrap());
        }
    }
    builder.body(value["body"].as_str().unwrap_or("").as_bytes().to_vec()).unwrap()
}

fn compare_error(failures: &mut Failures, name: &str, expected: &Value, error: &Error) {
    let field = error.fields().first().map(|field| field.field.clone());
    let found = json!({
        "kind": error.kind().slug(),
        "platform_code": error.platform_code(),
        "http_status": error.http_status(),
        "field": field,
    });
    for (member, value) in expected.as_object().unwrap() {
        if member != "fields" {
            failures.compare(&format!("{name} {member}"), value, &found[member]);
        }
    }
}

#[test]
fn answers_are_read_as_the_vectors_say() {
    let mut failures = Failures::default();
    for (platform, vector) in all("reply") {
        let name = format!("{platform}/{}", vector.id);
        let call =
            AnyCall::from_json(vector.text("call").unwrap(), &vector.json("arguments")).unwrap_or_else(|error| panic!("{name}: {error}"));
        match (call.read_reply(&response(vector.value("response"))), vector.fields.get("reply")) {
            (Ok(reply), Some(expected)) => {
                let found: Value = serde_json::from_str(&reply.to_json()).unwrap();
                if &found != expected {
                    failures.fail(&name, format!("expected {expected}\n  found    {found}"));
                }
                failures.compare(&name, &"read", &"read");
            }
            (Err(error), None) => compare_error(&mut failures, &name, vector.value("error"), &error),
            (Ok(reply), None) => {
                failures.fail(&name, format!("an error is expected: {}, found {}", vector.value("error"), reply.to_json()))
            }
            (Err(error), Some(_)) => failures.fail(&name, format!("{error}")),
        }
    }
    failures.finish_vectors("rust", "reply");
}

#[test]
fn what_cannot_be_right_is_refused_with_every_field() {
    let mut failures = Failures::default();
    for (platform, vector) in all("invalid") {
        let name = format!("{platform}/{}", vector.id);
        match AnyCall::from_json(vector.text("call").unwrap(), &vector.json("arguments")) {
            Ok(_) => failures.fail(&name, "it is accepted"),
            Err(error) => {
                let mut found: Vec<&str> = error.fields().iter().map(|field| field.field.as_str()).collect();
                let mut expected: Vec<&str> =
                    vector.value("error")["fields"].as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
                found.sort_unstable();
                expected.sort_unstable();
                failures.compare(&name, &"invalid-input", &error.kind());
                failures.compare(&name, &expected.join(" "), &found.join(" "));
            }
        }
    }
    failures.finish_vectors("rust", "invalid");
}

fn moment(vector: &Vector, name: &str) -> Option<Time> {
    vector.text(name).map(|text| Time::parse(text).unwrap())
}

#[test]
fn every_cell_of_the_tables_decides_as_the_vectors_say() {
    let mut failures = Failures::default();
    for (platform, vector) in all("decision") {
        let name = format!("{platform}/{}", vector.id);
        let rules = Rules::of(Platform::from_slug(platform).unwrap());
        let state = match vector.text("status").unwrap() {
            "none" => None,
            slug => Some(Status::from_slug(slug).unwrap_or_else(|| panic!("{name}: {slug}"))),
        };
        let event = Event::from_slug(vector.text("event").unwrap()).unwrap();
        let window = AccessWindow { start: moment(&vector, "start"), end: moment(&vector, "end") };
        let now = moment(&vector, "now").unwrap_or(Time::from_seconds(1_700_000_000));
        let found = match decide(rules, state, event, Some(&window), now) {
            Ok(decision) => json!({"decision": {"effect": decision.effect.slug(), "next": decision.next.slug()}}),
            Err(refusal) => json!({"refusal": {"allowed": refusal.allowed.iter().map(Event::slug).collect::<Vec<_>>()}}),
        };
        let expected = match vector.fields.get("decision") {
            Some(decision) => json!({"decision": decision}),
            None => json!({"refusal": vector.value("refusal")}),
        };
        failures.compare(&name, &expected, &found);
    }
    failures.finish_vectors("rust", "decision");
}

fn encoding(word: &str) -> Encoding {
    Encoding::WORDS.iter().find(|(known, _)| *known == word).unwrap_or_else(|| panic!("no encoding {word}")).1
}

fn recipe(value: &Value) -> Recipe {
    match value.as_str() {
        Some(preset) => Recipe::preset(preset).unwrap(),
        None => Recipe::from_json(&value.to_string()).unwrap(),
    }
}

#[test]
fn signatures_are_made_and_verified_as_the_vectors_say() {
    let mut failures = Failures::default();
    for (platform, vector) in all("signature") {
        let name = format!("{platform}/{}", vector.id);
        let text = |member: &str| vector.text(member).unwrap_or_default();
        let recipe = recipe(vector.value("recipe"));
        let mut request = http::Request::new(text("body").as_bytes().to_vec());
        *request.method_mut() = text("method").parse().unwrap();
        *request.uri_mut() = text("url").parse().unwrap();
        let now = moment(&vector, "now").unwrap();
        let secret = Secret::new(text("secret"));
        let triple = recipe.sign(text("ak"), &secret, &request, now).unwrap_or_else(|error| panic!("{name}: {error}"));
        failures.compare(&name, &text("sgn"), &triple.sgn.expose());
        failures.compare(&name, &text("ts"), &triple.ts);
        let message = recipe.message(text("ak"), &triple.ts, &request);
        failures.compare(&name, &text("message").replace('\n', "⏎"), &String::from_utf8_lossy(&message).replace('\n', "⏎"));
        sign::authorize(&mut request, &triple).unwrap();
        if let Err(explanation) = sign::verify(&recipe, text("ak"), &secret, &request, now, 900) {
            failures.fail(&name, format!("does not verify: {explanation:?}"));
        }
    }
    failures.finish_vectors("rust", "signature");
    let mut failures = Failures::default();
    for (platform, vector) in all("hmac") {
        let text = |member: &str| vector.text(member).unwrap_or_default();
        let found = sign::hmac_text(&Secret::new(text("secret")), &text("message").replace('⏎', "\n"), encoding(text("encoding"))).unwrap();
        failures.compare(&format!("{platform}/{}", vector.id), &text("sgn"), &found);
    }
    failures.finish_vectors("rust", "hmac");
}

#[test]
fn every_call_of_the_table_has_vectors_of_each_kind() {
    for row in bidden::CALLS {
        for kind in ["request", "reply", "invalid"] {
            assert!(all(kind).iter().any(|(_, vector)| vector.text("call") == Some(row.name)), "{} has no vector of kind {kind}", row.name);
        }
    }
}

#[test]
fn every_vector_says_where_it_comes_from() {
    for platform in ["imocha", "think-exam", "testinvite"] {
        let mut ids = std::collections::HashSet::new();
        for vector in bidden_tests::vectors(platform) {
            assert!(!vector.source.trim().is_empty(), "{platform}/{} has no source", vector.id);
            assert!(ids.insert(vector.id.clone()), "{platform}/{} stands twice", vector.id);
        }
    }
}

#[test]
fn callbacks_are_read_as_the_vectors_say() {
    let mut failures = Failures::default();
    for (platform, vector) in all("callback") {
        let name = format!("{platform}/{}", vector.id);
        let mut headers = http::HeaderMap::new();
        for (header, text) in vector.value("headers").as_object().unwrap() {
            headers.insert(header.parse::<http::HeaderName>().unwrap(), text.as_str().unwrap().parse().unwrap());
        }
        let (body, key) = (vector.text("body").unwrap(), vector.text("key").map(Secret::new));
        let read = CallbackEvent::read(Platform::from_slug(platform).unwrap(), &headers, body.as_bytes(), key.as_ref());
        match (read, vector.fields.get("event")) {
            (Ok(event), Some(expected)) => {
                let mut found: Value = serde_json::from_str(&event.to_json()).unwrap();
                assert_eq!(found.as_object_mut().unwrap().remove("body").unwrap(), body, "{name}: the body is kept as it came");
                failures.compare(&name, expected, &found);
            }
            (Err(error), None) => compare_error(&mut failures, &name, vector.value("error"), &error),
            (Ok(event), None) => failures.fail(&name, format!("an error is expected, found {}", event.to_json())),
            (Err(error), Some(_)) => failures.fail(&name, error),
        }
    }
    failures.finish_vectors("rust", "callback");
}
