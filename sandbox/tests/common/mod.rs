//! A client as plain as curl: it sends what a test writes, with the sandbox's credentials, and gives back what came.

// Each test file is a program of its own and uses a part of this.
#![allow(dead_code)]
// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used, clippy::panic)]

use bidden::sign::Recipe;
use bidden::{Secret, Time};
use bidden_sandbox::{Options, Sandbox};
use serde_json::{Value, json};

/// A moment on which the tests stand, by the sandbox's clock.
pub const START: &str = "2026-03-01T12:00:00Z";

pub struct Client {
    pub url: String,
    agent: ureq::Agent,
}

pub struct Reply {
    pub status: u16,
    /// What the header `Allow` says.
    pub allow: Option<String>,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text))
    }
}

/// A fresh sandbox whose clock stands still at [`START`].
pub fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let client = Client::of(sandbox.url());
    client.stand_at(START);
    (sandbox, client)
}

impl Client {
    pub fn of(url: &str) -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Client { url: url.to_owned(), agent }
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = self.agent.run(request.body(body.to_owned()).unwrap()).unwrap();
        let text = response.body_mut().with_config().limit(64 << 20).read_to_string().unwrap();
        let allow = response.headers().get("allow").map(|value| value.to_str().unwrap().to_owned());
        Reply { status: response.status().as_u16(), allow, text }
    }

    pub fn get(&self, path: &str) -> Value {
        let reply = self.send("GET", &format!("/_sandbox/{path}"), &[], "");
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.json()
    }

    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", &format!("/_sandbox/{path}"), &[("content-type", "application/json")], &body.to_string())
    }

    pub fn stand_at(&self, time: &str) {
        assert_eq!(self.post("clock", &json!({"set": time, "freeze": true})).json(), json!({ "now": time }));
    }

    pub fn advance(&self, duration: &str) {
        let reply = self.post("clock", &json!({ "advance": duration }));
        assert_eq!(reply.status, 200, "{}", reply.text);
    }

    pub fn attempt(&self, invitation_id: &str, event: &str) -> Reply {
        self.send("POST", &format!("/_sandbox/attempts/{invitation_id}/{event}"), &[], "")
    }

    pub fn imocha(&self, test_id: i64, body: &Value) -> Reply {
        let headers = [("x-api-key", "sandbox-key"), ("content-type", "application/json")];
        self.send("POST", &format!("/v3/tests/{test_id}/invite"), &headers, &body.to_string())
    }

    /// Any iMocha call; a body of null is none.
    pub fn imocha_call(&self, method: &str, path: &str, body: &Value) -> Reply {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, &format!("/v3/{path}"), &[("x-api-key", "sandbox-key")], &text)
    }

    pub fn testinvite(&self, task_id: &str, body: &Value) -> Reply {
        let headers = [("authorization", "Bearer sandbox-token"), ("content-type", "application/json")];
        self.send("POST", &format!("/api/integration/rest/v1/tasks/{task_id}/candidates"), &headers, &body.to_string())
    }

    pub fn think_exam(&self, call: &str, body: &Value) -> Reply {
        self.signed(call, body, "sandbox-secret", std::time::SystemTime::now().into())
    }

    pub fn signed(&self, call: &str, body: &Value, secret: &str, at: Time) -> Reply {
        let request = bidden::http::Request::default();
        let triple = Recipe::default().sign("sandbox-ak", &Secret::new(secret), &request, at).unwrap();
        let headers = [("ak", triple.ak.as_str()), ("sgn", triple.sgn.expose()), ("ts", &triple.ts), ("content-type", "application/json")];
        self.send("POST", &format!("/api/v1/{call}"), &headers, &body.to_string())
    }

    pub fn invitations(&self, filter: &str) -> Vec<Value> {
        self.get(&format!("invitations{filter}"))["invitations"].as_array().unwrap().clone()
    }

    /// The messages as `(to, kind)`.
    pub fn outbox(&self) -> Vec<(String, String)> {
        let word = |message: &Value, name: &str| message[name].as_str().unwrap().to_owned();
        self.get("outbox")["messages"].as_array().unwrap().iter().map(|message| (word(message, "to"), word(message, "kind"))).collect()
    }
}
