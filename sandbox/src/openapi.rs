//! `GET /openapi.json`: the platforms and the control plane as OpenAPI 3.1, made from the calls' own descriptions.

use std::iter::Peekable;
use std::str::Chars;

use bidden::engine::{DESCRIBED, Described, Shape};
use bidden::{CALLS, CallRow, Platform};
use serde_json::{Map, Value, json};

/// The statuses of a refusal, by platform: iMocha section 5; Think Exam choices 5, 6 and 42; TestInvite section 2.6. A switch or
/// a fault chooses among them.
const fn refusals(platform: Platform) -> &'static [u16] {
    match platform {
        Platform::Imocha => &[400, 401, 403, 404, 409, 413, 422, 429, 500],
        Platform::ThinkExam => &[400, 401, 403, 404, 405, 413, 422, 429, 500],
        _ => &[400, 401, 403, 404, 409, 413, 422, 429, 500],
    }
}

/// The body of a platform's refusals.
fn refusal(platform: Platform) -> &'static str {
    match platform {
        Platform::Imocha => "{errors: [text]}|{statusCode: integer, message: text}|{result: null, errors: [text]}",
        Platform::ThinkExam => r#"{result: "error"|"no_record", error: {code: text, msg: text, explain?: any}}"#,
        _ => "{error: {code: text, message: text}}",
    }
}

/// What the control plane answers besides.
const REFUSED: &str = "{error: text}";

const NOW: &str = "{now: text}";
const INVITATION: &str = r#"{platform: text, test_id: text, invitation_id: text, email: text|null, name: text|null, status: text, start: text|null,
    end: text|null, time_zone_id: integer|null, test_url: text, invitation_code: text|null, stakeholder_emails: [text], created: text,
    details: any}"#;
const SWITCHES: &str = "{switches: [{platform: text, name: text, value: text, default: text, values: text, source: text, about: text}]}";
const PAGE: &str = "limit?: integer, after?: text";
const SNAPSHOT: &str = crate::snapshot::MEDIA_TYPE;

/// One operation of the control plane: method, path below the sandbox, what it is, query, body, statuses, answer.
struct Control {
    method: &'static str,
    path: &'static str,
    about: &'static str,
    query: &'static str,
    body: Shape,
    statuses: &'static [u16],
    answer: Shape,
}

const fn get(path: &'static str, about: &'static str, query: &'static str, answer: &'static str) -> Control {
    Control { method: "GET", path, about, query, body: Shape::Nothing, statuses: &[200], answer: Shape::Written(answer) }
}

const fn post(path: &'static str, about: &'static str, body: Shape, statuses: &'static [u16], answer: &'static str) -> Control {
    Control { method: "POST", path, about, query: "", body, statuses, answer: Shape::Written(answer) }
}

const fn delete(path: &'static str, about: &'static str, answer: &'static str) -> Control {
    Control { method: "DELETE", path, about, query: "", body: Shape::Nothing, statuses: &[200], answer: Shape::Written(answer) }
}

/// The operations of the control plane.
const CONTROLS: &[Control] = &[
    get("/openapi.json", "this document", "", "record"),
    get("/_sandbox/health", "whether it runs", "", "{status: text, version: text}"),
    get("/_sandbox/clock", "the sandbox's time", "", NOW),
    post(
        "/_sandbox/clock",
        "moves or freezes the time",
        Shape::Written("{advance?: text, set?: text, freeze?: boolean, wait?: boolean}"),
        &[200, 202],
        NOW,
    ),
    Control {
        answer: Shape::With(
            &[("invitations", Shape::List(&Shape::Written(INVITATION)))],
            &Shape::Members(&[("next", Shape::Written("any"))]),
        ),
        ..get(
            "/_sandbox/invitations",
            "the invitations",
            "platform?: text, test?: text, email?: text, limit?: integer, after?: text",
            "any",
        )
    },
    get(
        "/_sandbox/candidates",
        "the candidates",
        PAGE,
        "{candidates: [{platform: text, candidate_id: text, email: text|null, name: text|null}], next?: any}",
    ),
    get(
        "/_sandbox/outbox",
        "the mails that would have gone out",
        PAGE,
        "{messages: [{to: text, cc: [text], platform: text, kind: text, invitation_id: text|null, sent_at: text, subject: text}], next?: any}",
    ),
    get(
        "/_sandbox/requests",
        "the requests that the platforms received",
        PAGE,
        "{requests: [{at: text, method: text, path: text, body: any, status: integer|null}], next?: any}",
    ),
    get(
        "/_sandbox/callbacks",
        "the callbacks and what became of them",
        "invitation?: text, after?: text, limit?: integer",
        "{callbacks: [{callback_id: text, platform: text, invitation_id: text|null, status: text|null, url: text, body: any, state: text,
        reason: text|null, tries: [record]}], next?: any}",
    ),
    post("/_sandbox/callbacks/{callback_id}/resend", "sends a callback again", Shape::Nothing, &[200, 202], "any"),
    post("/_sandbox/settle", "waits until no callback is under way", Shape::Nothing, &[200, 202], NOW),
    get("/_sandbox/faults", "the faults that are active", "", "any"),
    post(
        "/_sandbox/faults",
        "adds a fault",
        Shape::Written("{preset: text, platform?: text, call?: text, count?: integer, probability?: number, seed?: integer}"),
        &[200],
        "any",
    ),
    delete("/_sandbox/faults", "removes every fault", "any"),
    get("/_sandbox/switches", "the platforms' switches", "", SWITCHES),
    post("/_sandbox/switches", "turns switches, by name", Shape::Record, &[200], SWITCHES),
    delete("/_sandbox/switches", "turns every switch back", SWITCHES),
    get("/_sandbox/fixtures", "what is declared", "", "record"),
    post("/_sandbox/fixtures", "declares tests, tasks, users and more", Shape::Record, &[200], "record"),
    post(
        "/_sandbox/signature",
        "signs as Think Exam's Signature Generation is imagined to",
        Shape::Written("{ak: text}"),
        &[200],
        "{ak: text, sgn: text, ts: any}",
    ),
    post("/_sandbox/reset", "forgets everything", Shape::Nothing, &[200], NOW),
    Control {
        query: "step?: text",
        ..post("/_sandbox/attempts/{invitation_id}/{event}", "what happens to an attempt", Shape::Nothing, &[200], INVITATION)
    },
    Control { answer: Shape::File(SNAPSHOT), ..get("/_sandbox/snapshot", "everything, as a file", "", "any") },
    Control { body: Shape::File(SNAPSHOT), ..post("/_sandbox/snapshot", "everything, from a file", Shape::Nothing, &[200], "any") },
    Control { answer: Shape::File("text/event-stream"), ..get("/_sandbox/events", "tells of every change", "", "any") },
    get("/_sandbox/namespaces", "the namespaces; at the root alone", "", "any"),
    delete("/_sandbox/namespaces/{name}", "removes a namespace; at the root alone", "any"),
];

/// The document, for the namespace whose paths have a prefix.
pub(crate) fn document(prefix: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for (row, described) in CALLS.iter().zip(DESCRIBED) {
        add(&mut paths, row.path, row.method, call(row, described));
    }
    for operation in CONTROLS {
        add(&mut paths, operation.path, operation.method, control(operation));
    }
    let (mut schemas, mut responses) = (Map::new(), Map::new());
    let platforms = [Platform::Imocha, Platform::ThinkExam, Platform::TestInvite];
    let refusals = platforms.into_iter().map(|platform| (platform.slug(), refusal(platform)));
    for (slug, notation) in refusals.chain([("sandbox", REFUSED)]) {
        let name = format!("{slug}-refusal");
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        schemas.insert(name.clone(), written(notation));
        responses.insert(name, json!({ "description": "refused", "content": { "application/json": { "schema": schema } } }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "The sandbox of bidden: Think Exam, iMocha and TestInvite on localhost",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": if prefix.is_empty() { "/" } else { prefix } }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "securitySchemes": {
                "imocha": { "type": "apiKey", "in": "header", "name": "X-API-KEY" },
                "testinvite": { "type": "http", "scheme": "bearer" },
                "think-exam-ak": { "type": "apiKey", "in": "header", "name": "ak" },
                "think-exam-sgn": { "type": "apiKey", "in": "header", "name": "sgn" },
                "think-exam-ts": { "type": "apiKey", "in": "header", "name": "ts" },
            },
        },
    })
}

fn add(paths: &mut Map<String, Value>, path: &str, method: &str, operation: Value) {
    let item = paths.entry(path).or_insert_with(|| json!({}));
    item[method.to_ascii_lowercase()] = operation;
}

fn call(row: &CallRow, described: &Described) -> Value {
    let slug = row.platform.slug();
    let refused = json!({ "$ref": format!("#/components/schemas/{slug}-refusal") });
    let mut answer = content(&described.answer);
    // Think Exam says no with 200 (section 2), and iMocha's report may be told instead of sent (choice 21).
    if row.platform == Platform::ThinkExam {
        let success = answer["application/json"]["schema"].take();
        answer["application/json"]["schema"] = json!({ "anyOf": [success, refused] });
    }
    if let Shape::File(_) = described.answer {
        answer["application/json"] = json!({ "schema": written("{pdfReportUrl: text|null}") });
    }
    let mut responses = Map::new();
    for status in refusals(row.platform) {
        responses.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{slug}-refusal") }));
    }
    for status in described.statuses {
        responses.insert(status.to_string(), json!({ "description": "done", "content": answer }));
    }
    let security = match row.platform {
        _ if !row.is_signed => json!([]),
        Platform::ThinkExam => json!([{ "think-exam-ak": [], "think-exam-sgn": [], "think-exam-ts": [] }]),
        _ => json!([{ slug: [] }]),
    };
    let mut operation = json!({
        "operationId": row.name,
        "tags": [slug],
        "description": format!("docs/platforms/{slug}.md, {}", described.basis),
        "parameters": parameters(row.path, described.query),
        "responses": responses,
        "security": security,
    });
    body(&mut operation, &described.body);
    operation
}

fn control(control: &Control) -> Value {
    let mut responses = Map::new();
    for status in [400, 403, 404, 405, 409, 413, 415, 503] {
        responses.insert(status.to_string(), json!({ "$ref": "#/components/responses/sandbox-refusal" }));
    }
    for status in control.statuses {
        let mut done = json!({ "description": "done" });
        // What has begun and is not done has no body yet.
        if *status != 202 {
            done["content"] = content(&control.answer);
        }
        responses.insert(status.to_string(), done);
    }
    let mut operation = json!({
        "operationId": format!("{} {}", control.method, control.path),
        "tags": ["sandbox"],
        "description": control.about,
        "parameters": parameters(control.path, control.query),
        "responses": responses,
        "security": [],
    });
    body(&mut operation, &control.body);
    operation
}

fn body(operation: &mut Value, shape: &Shape) {
    if !matches!(shape, Shape::Nothing) {
        operation["requestBody"] = json!({ "required": true, "content": content(shape) });
    }
}

fn content(shape: &Shape) -> Value {
    match shape {
        Shape::File(media_type) => json!({ *media_type: {} }),
        shape => json!({ "application/json": { "schema": schema(shape) } }),
    }
}

fn parameters(path: &str, query: &str) -> Vec<Value> {
    let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> =
        named.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } })).collect();
    let members = Notation::new(query).members();
    parameters.extend(
        members
            .into_iter()
            .map(|(name, is_needed, schema)| json!({ "name": name, "in": "query", "required": is_needed, "schema": schema })),
    );
    parameters
}

fn schema(shape: &Shape) -> Value {
    match shape {
        Shape::Nothing => json!({}),
        Shape::Text | Shape::File(_) => json!({ "type": "string" }),
        Shape::Integer => json!({ "type": "integer" }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Record => json!({ "type": "object" }),
        Shape::List(entry) => json!({ "type": "array", "items": schema(entry) }),
        Shape::OrNothing(value) => json!({ "anyOf": [schema(value), { "enum": [null, false] }] }),
        Shape::Members(members) => {
            let properties: Map<String, Value> = members.iter().map(|(name, shape)| ((*name).to_owned(), schema(shape))).collect();
            json!({ "type": "object", "properties": properties })
        }
        Shape::With(needed, rest) => {
            let mut object = schema(&Shape::Members(needed));
            if let (Some(properties), Some(others)) = (object["properties"].as_object_mut(), schema(rest)["properties"].as_object()) {
                properties.extend(others.clone());
            }
            object["required"] = needed.iter().map(|(name, _)| *name).collect();
            object
        }
        Shape::Written(notation) => written(notation),
    }
}

fn written(notation: &str) -> Value {
    Notation::new(notation).value()
}

/// Reads the notation of [`Shape::Written`].
struct Notation<'a>(Peekable<Chars<'a>>);

impl<'a> Notation<'a> {
    fn new(text: &'a str) -> Self {
        Notation(text.chars().peekable())
    }

    fn next(&mut self) -> Option<char> {
        while self.0.next_if(|letter| letter.is_whitespace()).is_some() {}
        self.0.peek().copied()
    }

    fn skip(&mut self, expected: char) -> bool {
        self.next() == Some(expected) && self.0.next().is_some()
    }

    fn word(&mut self) -> String {
        self.next();
        std::iter::from_fn(|| self.0.next_if(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'))).collect()
    }

    fn value(&mut self) -> Value {
        let mut values = vec![self.single()];
        while self.skip('|') {
            values.push(self.single());
        }
        let literals: Option<Vec<&Value>> = values.iter().map(|value| value.get("const")).collect();
        match (literals, values.len()) {
            (_, 1) => values.remove(0),
            (Some(literals), _) => json!({ "enum": literals }),
            _ => json!({ "anyOf": values }),
        }
    }

    fn single(&mut self) -> Value {
        if self.skip('[') {
            let entry = self.value();
            self.skip(']');
            return json!({ "type": "array", "items": entry });
        }
        if self.skip('{') {
            let members = self.members();
            self.skip('}');
            let needed: Vec<&String> = members.iter().filter(|(_, is_needed, _)| *is_needed).map(|(name, ..)| name).collect();
            let mut object = json!({ "type": "object" });
            if !needed.is_empty() {
                object["required"] = json!(needed);
            }
            object["properties"] = members.iter().map(|(name, _, schema)| (name.clone(), schema.clone())).collect::<Map<_, _>>().into();
            return object;
        }
        if self.skip('"') {
            let text: String = std::iter::from_fn(|| self.0.next_if(|letter| *letter != '"')).collect();
            self.0.next();
            return json!({ "const": text });
        }
        match self.word().as_str() {
            "text" => json!({ "type": "string" }),
            "record" => json!({ "type": "object" }),
            "any" => json!({}),
            word => match word.parse::<i64>() {
                Ok(number) => json!({ "const": number }),
                Err(_) => json!({ "type": word }),
            },
        }
    }

    /// Each member's name, whether it has to be there, and its schema.
    fn members(&mut self) -> Vec<(String, bool, Value)> {
        let mut members = Vec::new();
        while !matches!(self.next(), None | Some('}')) {
            let name = self.word();
            let is_needed = !self.skip('?');
            self.skip(':');
            members.push((name, is_needed, self.value()));
            if !self.skip(',') {
                break;
            }
        }
        members
    }
}
