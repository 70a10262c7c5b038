//! `bidden sign`. Expected signatures: Think Exam reference, section 7.3.

use serde_json::json;

use crate::place::Place;

const BODY: &str = r#"{"email":"ada@example.com","testId":"41","isMailEnable":"0","isPasswordSkip":"0"}"#;
const ADDRESS: &str = "https://think-exam.example/api/v1/assignTest";
const DEFAULT_SIGNATURE: &str = "c5a77094300ca0628e8412be85316b2b0c7039fcc05d73cd8be4ee6b8f83d93c";
const MILLISECONDS_SIGNATURE: &str = "07a90f6f65f9432d54a88463526ef20ca397b68e35223bc9563508940cbbdf16";

fn place() -> Place {
    Place::new().variable("BIDDEN_THINK_EXAM_API_KEY", "TEST_API_KEY").variable("BIDDEN_THINK_EXAM_SECRET", "TEST_API_SECRET")
}

#[test]
fn the_default_recipe_signs_key_and_time() {
    let ended = place().run(&["sign", "--url", ADDRESS, "--body", BODY, "--now", "2023-11-14T22:13:20Z", "--json"]).exits(0);
    let expected =
        format!(r#"{{"ak":"TEST_API_KEY","sgn":"{DEFAULT_SIGNATURE}","ts":"1700000000","message":"ak=TEST_API_KEY&ts=1700000000"}}"#);
    assert_eq!(ended.output.trim_end(), expected);
    ended.hides("TEST_API_SECRET");
}

#[test]
fn a_body_comes_from_text_file_or_standard_input() {
    let place = place();
    place.write("body.json", BODY);
    let ask = |body| ["sign", "--recipe", "body-bound", "--url", ADDRESS, "--now", "1700000000", "--body", body];
    for ended in [place.run(&ask(BODY)), place.run(&ask("@body.json")), place.run_with_input(&ask("-"), BODY)] {
        let ended = ended.exits(0);
        assert!(ended.output.contains("sgn: 7ec046416b7239c1f1b45203ffa9db7a7ac89cdb8446bfd57b5d53074437c22a\n"), "{ended}");
    }
}

#[test]
fn a_recipe_comes_from_a_file_of_toml_or_json() {
    let place = place();
    place.write("bare.toml", "ts-unit = \"milliseconds\"\n");
    place.write("headed.toml", "[think-exam.recipe]\nts-unit = \"milliseconds\"\n");
    place.write("recipe.json", r#"{"ts-unit":"milliseconds"}"#);
    for file in ["bare.toml", "headed.toml", "recipe.json"] {
        let made = place.run(&["sign", "--recipe", file, "--now", "1700000000", "--json"]).exits(0).json();
        assert_eq!(made["sgn"], MILLISECONDS_SIGNATURE, "{file}");
    }
    place.run(&["sign", "--recipe", "vendor"]).exits(2).says("configuration").says("startexam-like");
    place.write("wrong.toml", "hash = \"md5\"\n");
    place.run(&["sign", "--recipe", "wrong.toml"]).exits(2).says("md5");
}

#[test]
fn the_signed_message_is_shown_with_its_line_feeds() {
    let ended = place().run(&["sign", "--recipe", "mettl-like", "--url", ADDRESS, "--now", "1700000000", "--explain"]).exits(0);
    assert!(ended.output.contains("message: POSThttps://think-exam.example/api/v1/assignTest⏎TEST_API_KEY⏎1700000000"), "{ended}");
    assert!(ended.output.contains("not known to be the vendor's"), "{ended}");
    ended.hides("TEST_API_SECRET");
}

#[test]
fn a_received_triple_is_judged_with_hints() {
    let place = place();
    let ask =
        |sgn, ts| place.run(&["sign", "--explain", "--json", "--now", "1700000000", "--ak", "TEST_API_KEY", "--sgn", sgn, "--ts", ts]);
    assert_eq!(ask(DEFAULT_SIGNATURE, "1700000000").exits(0).json()["verifies"], true);
    let milliseconds = ask(MILLISECONDS_SIGNATURE, "1700000000000").exits(1);
    assert_eq!(milliseconds.json()["hints"], json!(["milliseconds-not-seconds"]));
    let wrong = ask("00", "1700000000").exits(1);
    assert_eq!(wrong.json()["hints"], json!(["wrong-secret"]));
    wrong.hides("TEST_API_SECRET").hides(DEFAULT_SIGNATURE);
}

#[test]
fn without_key_and_secret_nothing_is_signed() {
    let place = Place::new();
    place.run(&["sign"]).exits(2).says("configuration: BIDDEN_THINK_EXAM_API_KEY is not set").says("hint: ");
    let sandbox = place.run(&["sign", "--sandbox", "--now", "1700000000", "--json"]).exits(0).json();
    assert_eq!(sandbox["sgn"], "ba6efd3abda2a6ea1051585cfb3effaddf2f8188664f5c4ddd1503df80f84962");
}
