//! The shared vectors through the command: `call --request`, `call --reply`, `explain --json`, `sign --json`.

use bidden_tests::{Failures, all, run, run_with};
use serde_json::Value;

fn shown(output: &std::process::Output) -> String {
    format!("exit {:?}\n  {}\n  {}", output.status.code(), String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn json(output: &std::process::Output) -> Result<Value, String> {
    serde_json::from_slice(&output.stdout).map_err(|_| shown(output))
}

#[test]
fn call_prints_the_requests_of_the_vectors() {
    let mut failures = Failures::default();
    for (platform, vector) in all("request") {
        let name = format!("{platform}/{}", vector.id);
        let arguments = ["call", vector.text("call").unwrap(), "-", "--request", "--base-url", vector.text("base_url").unwrap()];
        match json(&run(&arguments, &vector.json("arguments"))) {
            Err(why) => failures.fail(&name, why),
            Ok(found) => {
                let expected = vector.value("request");
                for member in ["method", "url", "body"] {
                    failures.compare(
                        &format!("{name} {member}"),
                        &expected[member].as_str().unwrap_or(""),
                        &found[member].as_str().unwrap_or(""),
                    );
                }
            }
        }
    }
    failures.finish_vectors("command", "request");
}

#[test]
fn call_reads_the_answers_of_the_vectors() {
    let mut failures = Failures::default();
    for (platform, vector) in all("reply") {
        let name = format!("{platform}/{}", vector.id);
        let arguments = vector.json("arguments");
        let output = run(&["call", vector.text("call").unwrap(), &arguments, "--reply", "-"], &vector.json("response"));
        let found = match json(&output) {
            Ok(found) => found,
            Err(why) => {
                failures.fail(&name, why);
                continue;
            }
        };
        match vector.fields.get("reply") {
            Some(expected) if expected == &found => failures.compare(&name, &0, &output.status.code().unwrap_or(-1)),
            Some(expected) => failures.fail(&name, format!("expected {expected}\n  found    {found}")),
            None => {
                failures.compare(&name, vector.value("error").get("kind").unwrap_or(&Value::Null), &found["error"]["kind"]);
                if output.status.success() {
                    failures.fail(&name, "an error must not exit 0");
                }
            }
        }
    }
    failures.finish_vectors("command", "reply");
}

#[test]
fn call_refuses_what_cannot_be_right_with_exit_2() {
    let mut failures = Failures::default();
    for (platform, vector) in all("invalid") {
        let name = format!("{platform}/{}", vector.id);
        let output = run(&["call", vector.text("call").unwrap(), "-", "--request"], &vector.json("arguments"));
        failures.compare(&format!("{name} exit"), &2, &output.status.code().unwrap_or(-1));
        match json(&output) {
            Err(why) => failures.fail(&name, why),
            Ok(found) => {
                let mut expected: Vec<&str> =
                    vector.value("error")["fields"].as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
                let mut fields: Vec<&str> =
                    found["error"]["fields"].as_array().unwrap().iter().map(|field| field["field"].as_str().unwrap()).collect();
                expected.sort_unstable();
                fields.sort_unstable();
                failures.compare(&name, &expected.join(" "), &fields.join(" "));
            }
        }
    }
    failures.finish_vectors("command", "invalid");
}

#[test]
fn callback_reads_the_callbacks_of_the_vectors() {
    let mut failures = Failures::default();
    let folder = tempfile::tempdir().unwrap();
    let headers = folder.path().join("headers.json");
    for (platform, vector) in all("callback") {
        let name = format!("{platform}/{}", vector.id);
        std::fs::write(&headers, vector.json("headers")).unwrap();
        let key: Vec<(&str, &str)> = vector.text("key").map(|key| ("BIDDEN_THINK_EXAM_WEBHOOK_KEY", key)).into_iter().collect();
        let output =
            run_with(&key, &["callback", platform, "-", "--headers", headers.to_str().unwrap()], vector.text("body").unwrap_or_default());
        let mut found = match json(&output) {
            Ok(found) => found,
            Err(why) => {
                failures.fail(&name, why);
                continue;
            }
        };
        match vector.fields.get("event") {
            Some(expected) => {
                found.as_object_mut().unwrap().remove("body");
                failures.compare(&name, expected, &found);
            }
            None => failures.compare(&name, &vector.value("error")["kind"], &found["error"]["kind"]),
        }
        failures.compare(&name, &i32::from(!vector.fields.contains_key("event")), &output.status.code().unwrap_or(-1));
    }
    failures.finish_vectors("command", "callback");
}

#[test]
fn explain_decides_as_the_vectors_say() {
    let mut failures = Failures::default();
    for (platform, vector) in all("decision") {
        let name = format!("{platform}/{}", vector.id);
        let mut arguments =
            vec!["explain", "--json", "--on", platform, "--status", vector.text("status").unwrap(), vector.text("event").unwrap()];
        for (option, member) in [("--start", "start"), ("--end", "end"), ("--now", "now")] {
            if let Some(time) = vector.text(member) {
                arguments.extend([option, time]);
            }
        }
        let output = run(&arguments, "");
        let found = match json(&output) {
            Ok(found) => found,
            Err(why) => {
                failures.fail(&name, why);
                continue;
            }
        };
        match vector.fields.get("decision") {
            Some(decision) => {
                failures.compare(&name, &decision["effect"], &found["effect"]);
                failures.compare(&name, &decision["next"], &found["next"]);
                failures.compare(&name, &0, &output.status.code().unwrap_or(-1));
            }
            None => {
                failures.compare(&name, &vector.value("refusal")["allowed"], &found["allowed_events"]);
                failures.compare(&name, &1, &output.status.code().unwrap_or(-1));
            }
        }
    }
    failures.finish_vectors("command", "decision");
}

#[test]
fn sign_signs_as_the_vectors_say() {
    let mut failures = Failures::default();
    for (platform, vector) in all("signature") {
        let name = format!("{platform}/{}", vector.id);
        let text = |member: &str| vector.text(member).unwrap_or_default();
        let folder = std::env::temp_dir().join(format!("bidden-sign-{}-{}", std::process::id(), vector.id));
        std::fs::create_dir_all(&folder).unwrap();
        let recipe = match vector.value("recipe").as_str() {
            Some(preset) => preset.to_owned(),
            None => {
                let path = folder.join("recipe.json");
                std::fs::write(&path, vector.json("recipe")).unwrap();
                path.display().to_string()
            }
        };
        let output = std::process::Command::new(bidden_tests::command())
            .args([
                "sign",
                "--json",
                "--recipe",
                &recipe,
                "--method",
                text("method"),
                "--url",
                text("url"),
                "--body",
                text("body"),
                "--now",
                text("now"),
            ])
            .env_clear()
            .env("BIDDEN_THINK_EXAM_API_KEY", text("ak"))
            .env("BIDDEN_THINK_EXAM_SECRET", text("secret"))
            .current_dir(&folder)
            .output()
            .unwrap();
        let _ = std::fs::remove_dir_all(&folder);
        match json(&output) {
            Err(why) => failures.fail(&name, why),
            Ok(found) => {
                failures.compare(&format!("{name} ts"), &text("ts"), &found["ts"].as_str().unwrap_or_default());
                failures.compare(&format!("{name} sgn"), &text("sgn"), &found["sgn"].as_str().unwrap_or_default());
            }
        }
        let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        if printed.contains(text("secret")) {
            failures.fail(&name, "the secret is printed");
        }
    }
    failures.finish_vectors("command", "signature");
}
