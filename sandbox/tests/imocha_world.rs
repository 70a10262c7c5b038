//! iMocha as it can be set up: declared tests and links, callbacks, masking, and every switch of section 22 of
//! `docs/platforms/imocha.md` that changes what an integration must handle.

// Helpers of a test fail as the test does.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::HashMap;

use common::{Client, Reply, sandbox};
use serde_json::value::RawValue;
use serde_json::{Value, json};

const HOOK: &str = "https://hooks.example.com/imocha?key=7f3a";

fn switch(client: &Client, name: &str, value: &str) {
    let reply = client.post("switches", &json!({ format!("imocha.{name}"): value }));
    assert_eq!(reply.status, 200, "{name}={value}: {}", reply.text);
}

fn declare(client: &Client, tests: &Value) {
    let reply = client.post("fixtures", &json!({"imocha": {"tests": tests}}));
    assert_eq!(reply.status, 200, "{}", reply.text);
}

fn send(client: &Client, more: &Value) -> Reply {
    let mut body = json!({"email": "ada@example.com", "name": "Ada Lovelace"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.imocha(1, &body)
}

fn invite(client: &Client, more: &Value) -> String {
    let reply = send(client, more);
    assert!(matches!(reply.status, 200 | 201), "{}", reply.text);
    reply.json()["testInvitationId"].to_string()
}

fn act(client: &Client, id: &str, events: &[&str]) {
    for event in events {
        let reply = client.attempt(id, event);
        assert_eq!(reply.status, 200, "{event}: {}", reply.text);
    }
}

fn finished(client: &Client, more: &Value) -> String {
    let id = invite(client, more);
    act(client, &id, &["start", "finish"]);
    id
}

fn get(client: &Client, path: &str) -> Reply {
    client.imocha_call("GET", path, &Value::Null)
}

fn reattempt(client: &Client, id: &str, body: &Value) -> Reply {
    client.imocha_call("POST", &format!("invitations/{id}/reattempt"), body)
}

fn shown(client: &Client, id: &str) -> Value {
    client.invitations("").into_iter().find(|one| one["invitation_id"] == id).unwrap()
}

fn attempts(client: &Client, state: &str) -> Reply {
    let body = json!({"StartDateTime": "2026-01-01", "EndDateTime": "2027-01-01"});
    client.imocha_call("POST", &format!("candidates/testattempts?state={state}"), &body)
}

/// The bodies of the callbacks as they go over the wire, in the order of their members.
fn callbacks(client: &Client) -> Vec<String> {
    let text = client.send("GET", "/_sandbox/callbacks", &[], "").text;
    let found: HashMap<String, Box<RawValue>> = serde_json::from_str(&text).unwrap();
    let rows: Vec<HashMap<String, Box<RawValue>>> = serde_json::from_str(found["callbacks"].get()).unwrap();
    rows.into_iter().map(|row| row["body"].get().to_owned()).collect()
}

#[test]
fn a_callback_has_the_published_names_order_and_forms() {
    let (_sandbox, client) = sandbox();
    client.stand_at("2020-10-09T13:21:53Z");
    let id = invite(&client, &json!({"callbackUrl": HOOK, "timeZoneId": 1720}));
    act(&client, &id, &["start"]);
    client.advance("PT10M");
    act(&client, &id, &["finish"]);
    let called = callbacks(&client);
    let began = format!(
        r#"{{"CandidateEmailId":"ada@example.com","AttemptedOn":"09-Oct-2020 06:51 PM","TotalScore":0,"CandidateScore":0,"ReportPDFUrl":null,"TestInvitationId":{id},"Status":"In Progress","AttemptedOnUtc":"2020-10-09T13:21:53","PerformanceCategory":null}}"#
    );
    assert_eq!(called[0], began);
    let report = get(&client, &format!("reports/{id}")).json();
    let ended: Value = serde_json::from_str(&called[1]).unwrap();
    let order: Vec<&str> = called[1].split('"').filter(|part| began.contains(&format!("\"{part}\":"))).collect();
    assert_eq!(order.len(), 9, "{}", called[1]);
    for (of_callback, of_report) in [
        ("CandidateEmailId", "candidateEmail"),
        ("TestInvitationId", "testInvitationId"),
        ("Status", "status"),
        ("ReportPDFUrl", "pdfReportUrl"),
        ("PerformanceCategory", "performanceCategory"),
    ] {
        assert_eq!(ended[of_callback], report[of_report], "{of_callback}");
    }
    assert_eq!(
        (ended["TotalScore"].as_f64(), ended["CandidateScore"].as_f64()),
        (report["totalTestPoints"].as_f64(), report["candidatePoints"].as_f64())
    );
    assert_eq!((&ended["AttemptedOn"], &ended["AttemptedOnUtc"]), (&json!("09-Oct-2020 06:51 PM"), &json!("2020-10-09T13:21:53")));
    let kept = client.get("callbacks")["callbacks"][1].clone();
    assert_eq!((&kept["url"], &kept["status"], &kept["invitation_id"]), (&json!(HOOK), &json!("Complete"), &json!(id)));
}

#[test]
fn a_zone_that_is_not_known_is_the_accounts() {
    let (_sandbox, client) = sandbox();
    for (offset, local) in [(None, "01-Mar-2026 12:00 AM"), (Some("+05:45"), "01-Mar-2026 05:45 PM")] {
        if let Some(offset) = offset {
            switch(&client, "account-utc-offset", offset);
        }
        let id = invite(
            &client,
            &json!({"email": format!("{}@example.com", local.len() + offset.map_or(0, str::len)), "callbackUrl": HOOK, "timeZoneId": 200}),
        );
        act(&client, &id, &["start"]);
        let last: Value = serde_json::from_str(callbacks(&client).last().unwrap()).unwrap();
        assert_eq!(last["AttemptedOn"], local);
    }
}

#[test]
fn a_replay_sends_the_final_callback_again_and_nothing_else() {
    let (_sandbox, client) = sandbox();
    let done = finished(&client, &json!({"callbackUrl": HOOK}));
    let running = invite(&client, &json!({"email": "b@example.com", "callbackUrl": HOOK}));
    act(&client, &running, &["start"]);
    let before = callbacks(&client);
    assert_eq!(before.len(), 3);
    let ids = |ids: &[&str]| json!({"testinvitationIds": ids.iter().map(|id| id.parse::<i64>().unwrap()).collect::<Vec<_>>()});
    let reply = client.imocha_call("POST", "callbacks/process", &ids(&[&done, &running]));
    let expected = json!({"result": {"testinvitationIds": {"successful": [done.parse::<i64>().unwrap()], "failed": [running.parse::<i64>().unwrap()]}}, "errors": null});
    assert_eq!((reply.status, reply.json()), (200, expected));
    let after = callbacks(&client);
    assert_eq!((after.len(), &after[3]), (4, &before[1]));
    // One unknown id refuses all of them, and nothing is queued.
    let reply = client.imocha_call("POST", "callbacks/process", &json!({"testinvitationIds": [done.parse::<i64>().unwrap(), 94761]}));
    assert_eq!(
        (reply.status, reply.text.as_str()),
        (401, r#"{"result":null,"errors":["testinvitationIds does not belong to account or not found","94761"]}"#)
    );
    assert_eq!(callbacks(&client).len(), 4);
    // Of more than a hundred the first hundred are taken.
    let mut many = vec![done.parse::<i64>().unwrap(); 100];
    many.push(94761);
    let reply = client.imocha_call("POST", "callbacks/process", &json!({ "testinvitationIds": many })).json();
    let ids = &reply["result"]["testinvitationIds"];
    assert_eq!((ids["successful"].as_array().unwrap().len(), &ids["failed"]), (100, &json!([94761])));
}

#[test]
fn bad_input_is_refused_with_401_on_two_calls_and_is_no_matter_of_the_key() {
    let (_sandbox, client) = sandbox();
    let body = json!({"StartDateTime": "soon", "EndDateTime": "2027-01-01"});
    let reply = client.imocha_call("POST", "candidates/testattempts?state=completed", &body);
    assert_eq!(
        (reply.status, reply.text.as_str()),
        (401, r#"{"result":null,"errors":["Date & time is not invalid or incorrect format"]}"#)
    );
    for body in [json!({}), json!({"testinvitationIds": []}), json!({"testinvitationIds": "x"})] {
        let reply = client.imocha_call("POST", "callbacks/process", &body);
        assert_eq!((reply.status, &reply.json()["result"]), (401, &Value::Null), "{}", reply.text);
        assert!(reply.json()["errors"][0].is_string());
    }
    let reply = client.send("POST", "/v3/callbacks/process", &[("x-api-key", "wrong")], r#"{"testinvitationIds":[1]}"#);
    assert_eq!((reply.status, reply.json().get("result")), (401, None), "{}", reply.text);
}

#[test]
fn masking_is_accepted_at_once_and_seen_later_everywhere() {
    let (_sandbox, client) = sandbox();
    let id = finished(
        &client,
        &json!({"callbackUrl": HOOK, "sendEmail": "yes", "stakeholderEmails": "boss@example.com", "ccEmail": "ada@example.com"}),
    );
    let other = invite(&client, &json!({"email": "b@example.com", "name": "B"}));
    let second = client.imocha(2, &json!({"email": "ADA@example.com", "name": "Ada Lovelace"})).json()["testInvitationId"].to_string();
    let score = get(&client, &format!("reports/{id}")).json()["score"].clone();
    let reply = client.imocha_call("POST", "gdpr/requests", &json!({"CandidateEmail": " Ada@Example.com "}));
    assert_eq!((reply.status, reply.text.as_str()), (200, r#"{"result":"Request accepted for processing"}"#));
    assert_eq!(get(&client, &format!("reports/{id}")).json()["candidateEmail"], "ada@example.com", "not yet");
    client.advance("PT1M");
    let everywhere = [
        get(&client, &format!("reports/{id}")).text,
        attempts(&client, "completed").text,
        client.get("invitations").to_string(),
        client.get("outbox").to_string(),
        client.get("candidates").to_string(),
        callbacks(&client).join(" "),
    ];
    for text in &everywhere {
        assert!(!text.to_lowercase().contains("ada"), "{text}");
    }
    let report = get(&client, &format!("reports/{id}")).json();
    assert_eq!((&report["score"], &report["status"]), (&score, &json!("Complete")), "ids and scores are kept");
    let masked = (report["candidateEmail"].clone(), report["candidateName"].clone());
    let of_second = shown(&client, &second);
    assert_eq!((of_second["email"].clone(), of_second["name"].clone()), masked, "constant text for all records of the account");
    assert_eq!(shown(&client, &other)["email"], "b@example.com");
    assert!(client.outbox().contains(&("boss@example.com".to_owned(), "stakeholder-completion".to_owned())));
    // A replay says the constant text, under the same id.
    client.imocha_call("POST", "callbacks/process", &json!({"testinvitationIds": [id.parse::<i64>().unwrap()]}));
    let last: Value = serde_json::from_str(callbacks(&client).last().unwrap()).unwrap();
    assert_eq!((&last["CandidateEmailId"], last["TestInvitationId"].to_string()), (&masked.0, id.clone()));
    // Who was masked is nobody that the platform knows: a second request finds nothing, an invite makes a new invitation.
    let again = client.imocha_call("POST", "gdpr/requests", &json!({"CandidateEmail": "ada@example.com"}));
    assert_eq!((again.status, again.text.as_str()), (400, r#"{"errors":["No records found for given Email address: ada@example.com"]}"#));
    let fresh = invite(&client, &json!({}));
    assert!(fresh != id && fresh != second);
    // And two masked ones are not one chain.
    let child = reattempt(&client, &id, &json!({})).json()["testInvitationId"].to_string();
    assert!(child != second && child != fresh && child != id);
}

#[test]
fn one_invitation_can_be_masked_alone() {
    let (_sandbox, client) = sandbox();
    let id = invite(&client, &json!({}));
    let other = client.imocha(2, &json!({"email": "ada@example.com", "name": "Ada"})).json()["testInvitationId"].to_string();
    let ask = |email: &str, id: &str| {
        client.imocha_call("POST", "gdpr/requests", &json!({"CandidateEmail": email, "testinvitationId": id.parse::<i64>().unwrap()}))
    };
    assert_eq!(ask("somebody@example.com", &id).status, 400);
    assert_eq!(ask("ada@example.com", &id).status, 200);
    client.advance("PT1M");
    assert_ne!(shown(&client, &id)["email"], "ada@example.com");
    assert_eq!(shown(&client, &other)["email"], "ada@example.com");
}

#[test]
fn declared_tests_are_the_only_ones_and_look_as_declared() {
    let (_sandbox, client) = sandbox();
    declare(
        &client,
        &json!([
            {"test_id": 1, "name": "Java", "duration": 45, "questions": 4, "status": "Live", "labels": ["x", "y"]},
            {"test_id": 2, "labels": ["x"]},
            {"test_id": 3}
        ]),
    );
    assert_eq!(
        get(&client, "tests/1").json(),
        json!({"testId": 1, "testName": "Java", "duration": 45, "questions": 4,
            "sections": [{"sectionName": "S1", "sectionType": "MCQ", "questions": 4, "duration": 45}]})
    );
    let unknown = json!({"email": "ada@example.com", "name": "Ada"});
    assert_eq!(client.imocha(9, &unknown).status, 404);
    for path in ["tests/9", "tests/9/testlinks", "tests/9/testlinks/1"] {
        assert_eq!(get(&client, path).status, 404, "{path}");
    }
    assert_eq!(client.imocha_call("POST", "tests/9/testlinks", &json!({"testLinkName": "L"})).status, 404);
    assert_eq!(client.imocha_call("POST", "tests/9/testlinks/1/invite", &unknown).status, 404);
    assert_eq!(client.invitations(""), Vec::<Value>::new());

    let listed = |query: &str| {
        let page = get(&client, &format!("tests{query}")).json();
        let ids: Vec<i64> = page["tests"].as_array().unwrap().iter().map(|test| test["testId"].as_i64().unwrap()).collect();
        (ids, page["count"].as_i64().unwrap())
    };
    assert_eq!(
        get(&client, "tests?pageSize=1").json(),
        json!({"tests": [{"testId": 1, "testName": "Java", "status": "Live", "duration": 45, "labels": ["x", "y"]}], "count": 3})
    );
    assert_eq!(listed(""), (vec![1, 2, 3], 3));
    assert_eq!(listed("?pageNo=2&pageSize=2"), (vec![3], 3));
    assert_eq!(listed("?pageNo=0&pageSize=0"), (vec![1, 2, 3], 3), "0 is the default");
    assert_eq!(listed("?pageNo=9"), (vec![], 3));
    assert_eq!(listed("?labelsFilter=x"), (vec![1, 2], 2));
    switch(&client, "tests-page-size", "2");
    assert_eq!(listed("?pageNo=2"), (vec![3], 3));

    let id = invite(&client, &json!({}));
    act(&client, &id, &["start"]);
    client.advance("PT45M");
    assert_eq!(shown(&client, &id)["status"], "Test Left", "the declared duration is over");
    let report = get(&client, &format!("reports/{id}?reportType=3")).json();
    assert_eq!((&report["testName"], &report["testDuration"], &report["totalTestPoints"]), (&json!("Java"), &json!(45), &json!(20.0)));
    assert_eq!((&report["sections"][0]["noOfQue"], &report["skills"][0]["noOfQue"]), (&json!(4), &json!(4)));
}

#[test]
fn declared_links_give_their_settings_to_the_invitation() {
    let (_sandbox, client) = sandbox();
    declare(
        &client,
        &json!([{"test_id": 1, "links": [
            {"test_link_id": 1, "name": "Fourteen", "validity_in_days": 14, "time_zone_id": 1200, "proctoring_mode": "image",
             "stakeholder_emails": ["hr@example.com"], "invitation_type": "open"},
            {"test_link_id": 2, "schedule_type": "timebound", "start_date_time": "2026-03-10T00:00:00Z", "end_date_time": "2026-03-11T00:00:00Z"},
            {"test_link_id": 3, "schedule_type": "slotwise", "end_date_time": "2026-03-20T00:00:00Z"},
            {"test_link_id": 4, "status": "inactive"}
        ]}]),
    );
    let through = |link: i64, more: Value| {
        let mut body = json!({"email": "ada@example.com", "name": "Ada"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        client.imocha_call("POST", &format!("tests/1/testlinks/{link}/invite"), &body)
    };
    let settings = |link: i64, more: Value| {
        let reply = through(link, more);
        assert_eq!(reply.status, 200, "{}", reply.text);
        let one = shown(&client, &reply.json()["testInvitationId"].to_string());
        json!([one["start"], one["end"], one["time_zone_id"], one["stakeholder_emails"], one["details"]["proctoring_mode"]])
    };
    let owner = json!(["owner@example.com"]);
    assert_eq!(settings(1, json!({})), json!(["2026-03-01T12:00:00Z", "2026-03-15T12:00:00Z", 1200, ["hr@example.com"], "image"]));
    assert_eq!(settings(2, json!({})), json!(["2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z", 1720, owner, null]));
    assert_eq!(settings(3, json!({})), json!(["2026-03-01T12:00:00Z", "2026-03-20T00:00:00Z", 1720, owner, null]));
    // What the call says goes before the link.
    let more = json!({"email": "b@example.com", "endDateTime": "2026-03-05T00:00:00Z", "timeZoneId": 1720, "ProctoringMode": "video", "stakeholderEmails": "disable"});
    assert_eq!(settings(1, more), json!(["2026-03-01T12:00:00Z", "2026-03-05T00:00:00Z", 1720, [], "video"]));
    let refused = through(4, json!({}));
    assert_eq!((refused.status, &refused.json()["statusCode"]), (403, &json!(403)), "{}", refused.text);
    assert_eq!(through(9, json!({})).status, 404);
    // The default link is another one, and takes no id that is declared.
    invite(&client, &json!({}));
    let links = get(&client, "tests/1/testlinks").json()["testLinks"].as_array().unwrap().clone();
    let told: Vec<Value> =
        links.iter().map(|link| json!([link["testLinkId"], link["testLinkName"], link["isApiLink"], link["testLinkStatus"]])).collect();
    let expected = json!([
        [1, "Fourteen", false, "active"],
        [2, "Link 2", false, "active"],
        [3, "Link 3", false, "active"],
        [4, "Link 4", false, "inactive"],
        [5, "API", true, "active"]
    ]);
    assert_eq!(json!(told), expected);
    assert_eq!(
        links[0]["invitationSchedule"],
        json!({"scheduleType": "validityindays", "scheduleDetails": {"invitationValidityInDays": 14, "timeZoneId": 1200}})
    );
    assert_eq!(get(&client, "tests/1/testlinks/2").json(), links[1]);
    switch(&client, "inactive-link", "accept");
    assert_eq!(through(4, json!({})).status, 200);
}

#[test]
fn a_declared_default_link_is_the_one_that_invites_go_through() {
    let (_sandbox, client) = sandbox();
    declare(
        &client,
        &json!([{"test_id": 1, "links": [{"test_link_id": 77, "is_api_link": true, "validity_in_days": 30, "stakeholder_emails": []}]}]),
    );
    let id = invite(&client, &json!({}));
    let one = shown(&client, &id);
    assert_eq!((&one["end"], &one["stakeholder_emails"]), (&json!("2026-03-31T12:00:00Z"), &json!([])));
    assert_eq!(get(&client, "tests/1/testlinks").json()["testLinks"].as_array().unwrap().len(), 1);
    act(&client, &id, &["start", "finish"]);
    assert!(client.attempt(&id, "start").text.contains("You have already attempted this test."), "text A");
}

#[test]
fn what_a_created_link_says_holds_for_its_invitations() {
    let (_sandbox, client) = sandbox();
    let body = json!({"testLinkName": "Campus", "proctoringSettings": {"proctoringMode": "video"}, "stakeholderEmails": "a@example.com,b@example.com",
        "invitationSchedule": {"scheduleType": "validityindays", "scheduleDetails": {"invitationValidityInDays": 3, "timeZoneId": 200}}});
    let link = client.imocha_call("POST", "tests/1/testlinks", &body);
    assert_eq!(link.status, 201, "{}", link.text);
    assert_eq!(get(&client, &format!("tests/1/testlinks/{}", link.json()["testLinkId"])).json(), link.json());
    let path = format!("tests/1/testlinks/{}/invite", link.json()["testLinkId"]);
    let invited = client.imocha_call("POST", &path, &json!({"email": "ada@example.com", "name": "Ada"})).json();
    let one = shown(&client, &invited["testInvitationId"].to_string());
    assert_eq!(
        json!([one["end"], one["time_zone_id"], one["stakeholder_emails"], one["details"]["proctoring_mode"]]),
        json!(["2026-03-04T12:00:00Z", 200, ["a@example.com", "b@example.com"], "video"])
    );
}

#[test]
fn the_report_as_a_file_or_as_an_address() {
    let (_sandbox, client) = sandbox();
    let id = invite(&client, &json!({}));
    assert_eq!(get(&client, &format!("reports/{id}/pdf")).status, 404, "nothing is over yet");
    act(&client, &id, &["start", "finish"]);
    let file = get(&client, &format!("reports/{id}/pdf")).text;
    assert!(file.starts_with("%PDF-1.4\n") && file.ends_with("%%EOF\n"), "{file}");
    // The table of objects says where each begins.
    let start: usize = file.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
    assert!(file[start..].starts_with("xref\n0 6\n"));
    for (number, line) in file[start..].lines().skip(3).take(5).enumerate() {
        let at: usize = line[..10].parse().unwrap();
        assert!(file[at..].starts_with(&format!("{} 0 obj\n", number + 1)), "{line}");
    }
    switch(&client, "report-pdf-answer", "json-url");
    let told = get(&client, &format!("reports/{id}/pdf")).json();
    assert_eq!(told["pdfReportUrl"], get(&client, &format!("reports/{id}")).json()["pdfReportUrl"]);
    let path = told["pdfReportUrl"].as_str().unwrap().strip_prefix(&client.url).unwrap().to_owned();
    assert_eq!(client.send("GET", &path, &[], "").text, file, "the address leads to the file");
    assert_eq!(client.send("GET", &path[..path.len() - 2], &[], "").status, 404);
}

#[test]
fn switches_of_the_invite() {
    let (_sandbox, client) = sandbox();
    switch(&client, "invite-success-status", "201");
    let reply = send(&client, &json!({}));
    assert_eq!((reply.status, reply.json()["status"].as_str()), (201, Some("Pending")));
    switch(&client, "invite-omit-status", "on");
    assert_eq!(send(&client, &json!({})).json().get("status"), None);

    switch(&client, "strict-dates", "on");
    let backwards = json!({"startDateTime": "2026-03-02T00:00:00Z", "endDateTime": "2026-03-02T00:00:00Z"});
    assert_eq!(send(&client, &backwards).status, 400);
    switch(&client, "strict-dates", "off");
    assert_eq!(send(&client, &backwards).status, 201);

    for odd in [
        json!({"sendEmail": "perhaps"}),
        json!({"ProctoringMode": "cat"}),
        json!({"hideInstruction": 2}),
        json!({"disableMandatoryFields": "x"}),
    ] {
        switch(&client, "strict-values", "on");
        let reply = send(&client, &odd);
        assert_eq!((reply.status, reply.json()["errors"].is_array()), (400, true), "{odd}: {}", reply.text);
        switch(&client, "strict-values", "off");
        assert_eq!(send(&client, &odd).status, 201, "{odd}");
    }
    switch(&client, "strict-values", "on");
    assert_eq!(send(&client, &json!({"sendEmail": "NO", "ProctoringMode": "Video", "hideInstruction": "1"})).status, 201);

    switch(&client, "strict-time-zones", "on");
    assert_eq!(send(&client, &json!({"timeZoneId": 0})).status, 400);
    switch(&client, "strict-time-zones", "off");
    assert_eq!(send(&client, &json!({"timeZoneId": -5})).status, 201);

    let past = json!({"endDateTime": "2026-02-01T00:00:00Z"});
    switch(&client, "refuse-past-window", "on");
    assert_eq!(send(&client, &past).status, 400);
    switch(&client, "refuse-past-window", "off");
    let id = invite(&client, &past);
    assert_eq!(shown(&client, &id)["status"], "Expired");
}

#[test]
fn switches_of_the_default_link() {
    let (_sandbox, client) = sandbox();
    switch(&client, "default-link-days", "30");
    switch(&client, "default-link-zone", "200");
    switch(&client, "test-owner", "chief@example.com");
    let one = shown(&client, &invite(&client, &json!({})));
    assert_eq!(
        json!([one["end"], one["time_zone_id"], one["stakeholder_emails"]]),
        json!(["2026-03-31T12:00:00Z", 200, ["chief@example.com"]])
    );
}

#[test]
fn switches_of_the_repeat() {
    let (_sandbox, client) = sandbox();
    let id = invite(&client, &json!({"callbackUrl": HOOK, "endDateTime": "2026-03-05T12:00:00Z"}));
    let other = json!({"name": "Somebody Else", "callbackUrl": "https://other.example/", "redirectUrl": "https://done.example/"});
    assert_eq!(invite(&client, &other), id);
    assert_eq!((&shown(&client, &id)["name"], &shown(&client, &id)["details"]["callback_url"]), (&json!("Ada Lovelace"), &json!(HOOK)));
    switch(&client, "repeat-updates", "v2-style");
    assert_eq!(invite(&client, &other), id);
    let one = shown(&client, &id);
    assert_eq!(
        json!([one["name"], one["details"]["callback_url"], one["details"]["redirect_url"]]),
        json!(["Somebody Else", "https://other.example/", "https://done.example/"])
    );
    assert_eq!(one["end"], "2026-03-05T12:00:00Z", "pending keeps its window");
    switch(&client, "repeat-without-dates", "fresh");
    invite(&client, &json!({}));
    assert_eq!(shown(&client, &id)["end"], "2026-03-08T12:00:00Z");
    switch(&client, "repeat-without-dates", "keep");
    client.advance("P8D");
    invite(&client, &json!({}));
    let one = shown(&client, &id);
    assert_eq!((&one["end"], &one["status"]), (&json!("2026-03-08T12:00:00Z"), &json!("Expired")), "revived expired");

    switch(&client, "repeat-mail", "off");
    let mailed = |body: Value| {
        let before = client.outbox().len();
        send(&client, &body);
        client.outbox().len() - before
    };
    assert_eq!(mailed(json!({"sendEmail": "yes", "email": "new@example.com"})), 1);
    assert_eq!(mailed(json!({"sendEmail": "yes", "email": "new@example.com"})), 0);
    switch(&client, "repeat-mail", "on");
    assert_eq!(mailed(json!({"sendEmail": "yes", "email": "new@example.com"})), 1);
}

#[test]
fn switches_of_cancel_and_reattempt() {
    let (_sandbox, client) = sandbox();
    switch(&client, "cancel-mails", "never");
    let id = invite(&client, &json!({"sendEmail": "yes"}));
    client.imocha_call("POST", &format!("invitations/{id}/cancel"), &Value::Null);
    assert_eq!(client.outbox(), [("ada@example.com".to_owned(), "invitation".to_owned())]);

    switch(&client, "reattempt-success-status", "201");
    assert_eq!(reattempt(&client, &id, &json!({})).status, 201);
    switch(&client, "reattempt-requires-window", "on");
    let refused = reattempt(&client, &id, &json!({"StartDateTime": "2026-03-01T00:00:00Z"}));
    assert_eq!((refused.status, refused.json()["errors"].as_array().unwrap().len()), (400, 2), "{}", refused.text);
    switch(&client, "reattempt-requires-window", "off");

    switch(&client, "reattempt-rules", "2020");
    let states = "which is in pending, inprogress, expired or cancelled state";
    let text = format!("Reattempt is not allowed on Test invitation id: {id} {states}");
    let refused = reattempt(&client, &id, &json!({}));
    assert_eq!((refused.status, refused.json()), (400, json!({ "errors": [text] })));
    act(&client, &id, &["start"]);
    switch(&client, "reattempt-refusal-status", "403");
    assert_eq!(reattempt(&client, &id, &json!({})).status, 403);
    switch(&client, "reattempt-rules", "current");
    let refused = reattempt(&client, &id, &json!({}));
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("inprogress state."), "{}", refused.text);
    act(&client, &id, &["finish"]);
    switch(&client, "reattempt-rules", "2020");
    assert_eq!(reattempt(&client, &id, &json!({})).status, 201, "a finished one can be taken again");
}

#[test]
fn switches_of_what_is_read() {
    let (_sandbox, client) = sandbox();
    let none = attempts(&client, "completed");
    assert_eq!((none.status, none.text.as_str()), (200, r#"{"result":{"testAttempts":[]},"errors":null}"#));
    switch(&client, "testattempts-empty", "not-found");
    assert_eq!(attempts(&client, "completed").status, 404);

    let id = invite(&client, &json!({}));
    let report = |client: &Client| get(client, &format!("reports/{id}"));
    assert_eq!(report(&client).json()["status"], Value::Null);
    switch(&client, "unfinished-report", "none-text");
    assert_eq!(report(&client).json()["status"], "None");
    switch(&client, "unfinished-report", "not-found");
    assert_eq!(report(&client).status, 404);
    act(&client, &id, &["start", "leave"]);
    assert_eq!(report(&client).json()["status"], "Test Left");
    switch(&client, "report-status-spelling", "joined");
    assert_eq!(report(&client).json()["status"], "TestLeft");
    switch(&client, "report-key-casing", "table");
    let table = report(&client).json();
    assert_eq!((&table["Status"], &table["testId"], table["PerformanceCategory"].is_string()), (&json!("TestLeft"), &json!("1"), true));
    assert_eq!((table.get("status"), table.get("performanceCategory")), (None, None));

    let done = finished(&client, &json!({"email": "b@example.com"}));
    let page = attempts(&client, "completed").json()["result"]["testAttempts"].clone();
    assert_eq!((&page[1]["testInvitationId"].to_string(), &page[1]["testStatus"]), (&done, &json!("Completed")));
    switch(&client, "testattempts-spelling", "observed");
    let observed = attempts(&client, "completed").json()["result"]["testAttempts"].clone();
    assert_eq!((&observed[1]["teststatus"], observed[1].get("testStatus")), (&json!("Complete"), None));
    switch(&client, "strict-values", "on");
    assert_eq!(get(&client, &format!("reports/{done}?reportType=4")).status, 400);
}

#[test]
fn switches_of_the_candidate_and_the_callbacks() {
    let (_sandbox, client) = sandbox();
    switch(&client, "callback-duplicates", "on");
    let id = finished(&client, &json!({"callbackUrl": HOOK}));
    let called = callbacks(&client);
    assert_eq!((called.len(), &called[0], &called[2]), (4, &called[1], &called[3]));
    let a = "You have already attempted this test.";
    let b = "You have already appeared for the test. Please contact test administrator for further assistance.";
    for (value, text) in [("per-endpoint", a), ("b", b), ("a", a)] {
        switch(&client, "already-taken-text", value);
        assert!(client.attempt(&id, "start").text.contains(text), "{value}");
    }
    switch(&client, "overrun", "stop-at-window");
    let id = invite(&client, &json!({"email": "b@example.com", "endDateTime": "2026-03-01T12:10:00Z"}));
    act(&client, &id, &["start"]);
    client.advance("PT10M");
    assert_eq!(shown(&client, &id)["status"], "Test Left");
}

#[test]
fn own_wording_comes_in_the_body_that_is_set_and_published_wording_stays() {
    let (_sandbox, client) = sandbox();
    let wrong_key = || client.send("POST", "/v3/tests/1/invite", &[("x-api-key", "wrong")], "{}");
    let unknown = || get(&client, "reports/999");
    assert_eq!((wrong_key().json()["statusCode"].clone(), unknown().json()["errors"].is_array()), (json!(401), true));
    switch(&client, "own-error-body", "message");
    assert_eq!((unknown().status, unknown().json()["statusCode"].clone()), (404, json!(404)));
    switch(&client, "own-error-body", "empty");
    for reply in [wrong_key(), unknown(), client.send("PUT", "/v3/tests/1/invite", &[("x-api-key", "sandbox-key")], "")] {
        assert_eq!(reply.text, "", "{}", reply.status);
    }
    assert_eq!((wrong_key().status, unknown().status), (401, 404));
    let documented = client.imocha(1, &json!({"name": "Ada"}));
    assert_eq!(documented.text, r#"{"errors":["'Email' must not be empty.","Email address is in invalid format"]}"#);
    let id = finished(&client, &json!({}));
    assert!(client.imocha_call("POST", &format!("invitations/{id}/cancel"), &Value::Null).text.contains("can not be cancelled."));
    let published = client.imocha_call("POST", "callbacks/process", &json!({"testinvitationIds": [94761]}));
    assert!(published.text.contains("94761"), "{}", published.text);
}
