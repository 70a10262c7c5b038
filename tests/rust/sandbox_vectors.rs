//! The vectors of the sandbox's side, over HTTP: the literal requests of the references and the answers they document.

mod document;

use std::collections::HashMap;
use std::time::SystemTime;

use bidden::sign::{self, Recipe};
use bidden::{Secret, Time};
use bidden_sandbox::{Options, Sandbox};
use bidden_tests::{Failures, Ordered, all, expected_shapes, filled, fits};
use document::Document;
use serde_json::{Value, json};

struct Platform<'a> {
    url: &'a str,
    agent: ureq::Agent,
}

impl Platform<'_> {
    fn document(&self) -> Value {
        let mut response = self.agent.get(format!("{}/openapi.json", self.url)).call().unwrap();
        serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap()
    }

    fn control(&self, path: &str, body: &Value) -> Value {
        let mut response = self
            .agent
            .post(format!("{}/_sandbox/{path}", self.url))
            .header("content-type", "application/json")
            .send(body.to_string())
            .unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.status());
        serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap_or(Value::Null)
    }

    /// Sends a vector's request, with what it takes from the answers to the requests before it.
    fn send(&self, request: &Value, answers: &[Value], credentials: &str) -> (u16, String) {
        let body = request["body"].as_str().map(|body| filled(body, answers));
        let mut built = http::Request::new(body.clone().unwrap_or_default().into_bytes());
        *built.method_mut() = request["method"].as_str().unwrap().parse().unwrap();
        *built.uri_mut() = format!("{}{}", self.url, filled(request["path"].as_str().unwrap(), answers)).parse().unwrap();
        if body.is_some() {
            built.headers_mut().insert("content-type", "application/json".parse().unwrap());
        }
        if credentials != "none" {
            built.headers_mut().insert("x-api-key", "sandbox-key".parse().unwrap());
            built.headers_mut().insert("authorization", "Bearer sandbox-token".parse().unwrap());
            let now: Time = SystemTime::now().into();
            let signed = Recipe::default().sign("sandbox-ak", &Secret::new("sandbox-secret"), &built, now).unwrap();
            sign::authorize(&mut built, &signed).unwrap();
        }
        if let Some(headers) = request["headers"].as_object() {
            for (name, text) in headers {
                let name: http::HeaderName = name.parse().unwrap();
                match text.as_str() {
                    Some(text) => built.headers_mut().insert(name, text.parse().unwrap()),
                    None => built.headers_mut().remove(name),
                };
            }
        }
        let mut response = self.agent.run(built).unwrap();
        let status = response.status().as_u16();
        (status, response.body_mut().read_to_string().unwrap())
    }
}

/// Requests that iMocha takes although no page has them so: keys in another letter case (choice 4), values outside of their set
/// (choice 39).
const TOLERATED: [&str; 6] = [
    "serve-send-email-outside-its-set",
    "serve-proctoring-mode-outside-its-set",
    "serve-hide-instruction-outside-its-set",
    "serve-retrieve-invites-keys-in-lower-camel-case",
    "serve-process-callbacks-key-in-other-case",
    "serve-create-test-link-every-field",
];

#[test]
fn the_literal_requests_get_the_documented_answers() {
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let agent = ureq::Agent::new_with_config(
        ureq::Agent::config_builder().http_status_as_error(false).allow_non_standard_methods(true).max_redirects(0).proxy(None).build(),
    );
    let platform = Platform { url: sandbox.url(), agent };
    let mut failures = Failures::default();
    let mut document = Document::new(platform.document());
    let shapes: HashMap<&str, HashMap<String, Ordered>> =
        ["imocha", "think-exam", "testinvite"].into_iter().map(|platform| (platform, expected_shapes(platform))).collect();
    'vectors: for (platform_name, vector) in all("serve") {
        let name = format!("{platform_name}/{}", vector.id);
        platform.control("reset", &json!({}));
        if let Some(now) = vector.text("now") {
            // A clock that stands still reaches the end of a window only when a vector moves it.
            platform.control("clock", &json!({"set": now, "freeze": true}));
        }
        let mut answers = Vec::new();
        for (index, given) in vector.value("given").as_array().unwrap_or(&Vec::new()).iter().enumerate() {
            let (status, body) = platform.send(given, &answers, "");
            let expected = given["status"].as_u64();
            if expected.map_or(!(200..300).contains(&status), |expected| expected != u64::from(status)) {
                failures.fail(&name, format!("given request {index} is answered {status} {body}"));
                continue 'vectors;
            }
            answers.push(serde_json::from_str(&body).unwrap_or_default());
        }
        let (status, body) = platform.send(vector.value("request"), &answers, vector.text("credentials").unwrap_or_default());
        let request = vector.value("request");
        let (method, path) = (request["method"].as_str().unwrap(), filled(request["path"].as_str().unwrap(), &answers));
        let sent = request["body"].as_str().map(|body| filled(body, &answers));
        let mut misfits = document.misfits(method, &path, sent.as_deref(), status, &body);
        if TOLERATED.contains(&vector.id.as_str()) {
            assert!(misfits.iter().any(|misfit| misfit.starts_with("request")), "{name} is as the document says");
            misfits.retain(|misfit| !misfit.starts_with("request"));
        }
        for misfit in misfits {
            failures.fail(&name, format!("{method} {path} is not as /openapi.json says: {misfit}"));
        }
        let expected = vector.value("response");
        failures.compare(&format!("{name} status"), &expected["status"], &status);
        match (expected.get("body"), shapes[platform_name].get(&vector.id)) {
            (Some(text), _) => failures.compare(&name, &filled(text.as_str().unwrap_or_default(), &answers), &body),
            (None, Some(shape)) => {
                let found: Ordered = serde_json::from_str(&body).unwrap_or(Ordered::Leaf(body.clone().into()));
                if !fits(shape, &found, &answers) {
                    failures.fail(&name, format!("expected {}\n  found    {body}\n  after    {answers:?}", expected["json"]));
                }
            }
            (None, None) => {}
        }
    }
    assert!(document.checked > 200, "{} bodies were held against the document", document.checked);
    failures.finish_vectors("sandbox", "serve");
    sandbox.stop();
}
