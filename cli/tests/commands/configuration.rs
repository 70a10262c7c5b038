//! Credentials from environment and profile.

use crate::place::Place;

const INVITE: &str = r#"{"test_id":292930,"email":"ada@example.com","name":"Ada Lovelace"}"#;
const ASSIGN: &str = r#"{"email":"ada@example.com","test_id":"41"}"#;
const REGISTER: &str = r#"{"candidates":[{"name":"Ada","email":"ada@example.com"}]}"#;

#[test]
#[cfg(unix)]
fn a_profile_that_others_can_read_is_refused() {
    let place = Place::new();
    place.write("bidden.toml", "[profile.default.imocha]\napi-key = \"k\"\n");
    std::fs::set_permissions(place.path("bidden.toml"), std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    place.run(&["call", "imocha.invite", INVITE, "--base-url", "http://127.0.0.1:9"]).exits(2).says("others can read").says("chmod 600");
}

#[test]
fn an_unknown_key_is_named_with_the_known_ones() {
    for (text, unknown, known) in [
        ("[profile.work.imocha]\napi_key = \"hush\"\n", "api_key", "api-key, base-url, account"),
        ("[profile.work.mocha]\napi-key = \"hush\"\n", "mocha", "imocha, think-exam, testinvite"),
        ("[profiles.work.imocha]\napi-key = \"hush\"\n", "profiles", "profile"),
        ("[profile.work.think-exam]\nsecret = 12345678\n", "secret", "text in quotes"),
    ] {
        let place = Place::new();
        place.write_private("bidden.toml", text);
        let ended = place.run(&["call", "imocha.invite", INVITE, "--base-url", "http://127.0.0.1:9"]).exits(2);
        ended.says("configuration").says(unknown).says(known).hides("hush").hides("12345678");
    }
}

#[test]
fn a_broken_profile_is_reported_by_line_without_showing_it() {
    let place = Place::new();
    place.write_private("bidden.toml", "[profile.default.imocha]\napi-key = hush-hush\n");
    place.run(&["call", "imocha.invite", INVITE, "--base-url", "http://127.0.0.1:9"]).exits(2).says("line 2").hides("hush-hush");
}

#[test]
fn the_environment_comes_before_the_default_profile_and_after_a_named_one() {
    let place = Place::new();
    let sandbox = place.sandbox();
    let profiles = format!(
        "[profile.default.imocha]\napi-key = \"sandbox-wrong\"\n[profile.right.imocha]\napi-key = \"sandbox-key\"\nbase-url = \"{}\"\n",
        sandbox.url
    );
    place.write_private("bidden.toml", &profiles);
    let base = ["call", "imocha.invite", INVITE, "--base-url", &sandbox.url];
    place.run(&base).exits(1).says("unauthorized");
    place.run(&["call", "imocha.invite", INVITE, "--profile", "right"]).exits(0);
    place.run(&["call", "imocha.invite", INVITE, "--profile", "left"]).exits(2).says("default, right");
    place.run(&["call", "imocha.invite", INVITE, "--config", "elsewhere.toml"]).exits(2).says("elsewhere.toml");

    let place = place.variable("BIDDEN_IMOCHA_API_KEY", "sandbox-key").variable("BIDDEN_IMOCHA_BASE_URL", &sandbox.url);
    place.run(&["call", "imocha.invite", INVITE]).exits(0);
    let place = place.variable("BIDDEN_IMOCHA_API_KEY", "sandbox-wrong");
    place.run(&["call", "imocha.invite", INVITE]).exits(1).says("unauthorized");
    place.run(&["call", "imocha.invite", INVITE, "--profile", "right"]).exits(0);
}

#[test]
fn the_sandbox_ignores_real_credentials_and_broken_profiles() {
    let place = Place::new().variable("BIDDEN_IMOCHA_API_KEY", "a-real-key").variable("BIDDEN_IMOCHA_BASE_URL", "https://imocha.example");
    place.write("bidden.toml", "not TOML");
    place.run(&["call", "imocha.invite", INVITE, "--sandbox"]).exits(0);
}

#[test]
fn think_exam_signs_by_recipe_on_loopback_and_the_signer_can_be_chosen() {
    let place = Place::new();
    let sandbox = place.sandbox();
    let place = place.variable("BIDDEN_THINK_EXAM_BASE_URL", &sandbox.url);
    place.run(&["call", "think_exam.bulk_candidate_register", REGISTER]).exits(0);
    place.run(&["call", "think_exam.assign_test", ASSIGN]).exits(0);
    let place = place.variable("BIDDEN_THINK_EXAM_SIGNER", "guess");
    place.run(&["call", "think_exam.assign_test", ASSIGN]).exits(2).says("recipe, fetched or command");
    let place = place.variable("BIDDEN_THINK_EXAM_SIGNER", "command");
    place.run(&["call", "think_exam.assign_test", ASSIGN]).exits(2).says("signature-command is not set");
    let place = place.variable("BIDDEN_THINK_EXAM_SIGNER", "fetched");
    place.run(&["call", "think_exam.assign_test", ASSIGN]).exits(2).says("BIDDEN_THINK_EXAM_SIGNATURE_URL is not set");
}

#[test]
fn signatures_are_fetched_where_the_profile_says() {
    let place = Place::new();
    let sandbox = place.sandbox();
    let profile = format!(
        "[profile.default.think-exam]\nbase-url = \"{0}\"\nsigner = \"fetched\"\nsignature-url = \"{0}/_sandbox/signature\"\n\
         signature-body = '{{\"ak\":\"sandbox-ak\"}}'\nsignature-pointers = [\"/ak\", \"/sgn\", \"/ts\"]\nsignature-reuse = 60\n",
        sandbox.url
    );
    place.write_private("bidden.toml", &profile);
    place.run(&["call", "think_exam.bulk_candidate_register", REGISTER]).exits(0);
}

#[test]
#[cfg(unix)]
fn a_program_of_the_user_signs() {
    let place = Place::new();
    let sandbox = place.sandbox();
    // The user's program is bidden itself, with the sandbox's credential.
    place.write("sign.sh", &format!("cat > question.json\nexec '{}' sign --sandbox --json\n", env!("CARGO_BIN_EXE_bidden")));
    let profile = |command: &str| {
        format!("[profile.default.think-exam]\nbase-url = \"{}\"\nsigner = \"command\"\nsignature-command = [{command}]\n", sandbox.url)
    };
    place.write_private("bidden.toml", &profile(r#""sh", "sign.sh""#));
    place.run(&["call", "think_exam.bulk_candidate_register", REGISTER]).exits(0);
    let question: serde_json::Value = serde_json::from_slice(&std::fs::read(place.path("question.json")).unwrap()).unwrap();
    assert_eq!(question["url"], format!("{}/api/v1/bulkCandidateRegister", sandbox.url));
    assert_eq!(question["body"], r#"[{"name":"Ada","email":"ada@example.com"}]"#);

    place.write_private("bidden.toml", &profile(r#""sh", "-c", "exit 3""#));
    place.run(&["call", "think_exam.assign_test", ASSIGN]).exits(1).says("unauthorized").says("exit status: 3");
    place.write_private("bidden.toml", &profile(r#""./no-such-program""#));
    place.run(&["call", "think_exam.assign_test", ASSIGN]).exits(2).says("cannot be started");
}
