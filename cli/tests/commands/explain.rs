//! `bidden explain` and `bidden platforms`.

use bidden::{Event, Platform, Status};

use crate::place::Place;

#[test]
fn an_allowed_event_exits_0_with_effect_and_next_state() {
    let ended = Place::new().run(&["explain", "--on", "imocha", "--status", "cancelled", "invite", "--json"]).exits(0);
    let verdict = ended.json();
    assert_eq!((&verdict["allowed"], &verdict["effect"], &verdict["next"]), (&true.into(), &"reopened".into(), &"pending".into()));
    let names: Vec<_> = verdict.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names.len(), 8, "{ended}");
}

#[test]
fn a_refused_event_exits_1_and_says_what_is_allowed() {
    let place = Place::new();
    let refused = place.run(&["explain", "--on", "imocha", "--status", "complete", "cancel", "--json"]).exits(1).json();
    assert_eq!(refused["allowed"], false);
    assert!(refused["allowed_events"].as_array().unwrap().contains(&"reattempt".into()), "{refused}");
    let sentence = place.run(&["explain", "--on", "imocha", "--status", "complete", "cancel"]).exits(1);
    assert!(sentence.output.contains("refused: ") && sentence.errors.is_empty(), "{sentence}");
}

#[test]
fn every_status_of_every_platform_can_be_explained() {
    let place = Place::new();
    for platform in Platform::ALL {
        for status in std::iter::once("none").chain(Status::ALL.map(Status::slug)) {
            let row = place.run(&["explain", "--on", platform.slug(), "--status", status, "--json"]).exits(0);
            let events: Vec<String> = row
                .output
                .lines()
                .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(events, Event::ALL.map(Event::slug), "{row}");
        }
    }
}

#[test]
fn a_pending_invitation_whose_window_is_over_is_expired() {
    let window = ["--start", "2026-01-01T00:00:00Z", "--end", "2026-01-02T00:00:00Z"];
    let ask = ["explain", "--on", "imocha", "--status", "pending", "start"];
    let place = Place::new();
    let during = place.run(&[&ask[..], &window[..], &["--now", "2026-01-01T12:00:00Z"]].concat()).exits(0);
    assert!(during.output.contains("in-progress"), "{during}");
    let after = place.run(&[&ask[..], &window[..], &["--now", "2026-01-03T00:00:00Z"]].concat()).exits(1);
    assert!(after.output.contains("expired, because its window is over"), "{after}");
    let before = place.run(&[&ask[..], &window[..], &["--now", "2025-12-31T00:00:00Z", "--json"]].concat()).exits(1);
    assert_eq!(before.json()["reason"], "the window is not open before 2026-01-01T00:00:00Z");
}

#[test]
fn times_that_cannot_be_are_wrong_usage_with_the_option_named() {
    let place = Place::new();
    let ask = ["explain", "--on", "imocha", "--status", "pending", "start"];
    place.run(&[&ask[..], &["--now", "2026-01-01T12:00:00"]].concat()).exits(2).says("now: a time without zone");
    place.run(&[&ask[..], &["--start", "2026-01-02T00:00:00Z", "--end", "2026-01-01T00:00:00Z"]].concat()).exits(2).says("end: ");
    place.run(&["explain", "--on", "imocha", "--status", "asleep", "start"]).exits(2).says("test-left");
    place.run(&["explain", "--on", "imocha", "start"]).exits(2).says("--status");
}

#[test]
fn the_table_has_a_row_for_every_state_and_a_remark_for_every_cell() {
    for platform in Platform::ALL {
        let ended = Place::new().run(&["explain", "--on", platform.slug(), "--table"]).exits(0);
        let rows = ended.output.lines().filter(|line| line.starts_with('|')).count();
        let remarks = ended.output.lines().filter(|line| line.starts_with("- ")).count();
        assert_eq!((rows, remarks), (2 + 8, 8 * 8), "{ended}");
    }
}

#[test]
fn platforms_lists_every_call_with_what_it_requires() {
    let place = Place::new();
    let report = place.run(&["platforms", "--json"]).exits(0).json();
    let platforms = report["platforms"].as_array().unwrap();
    let calls: Vec<_> = platforms.iter().flat_map(|platform| platform["calls"].as_array().unwrap()).collect();
    assert_eq!(calls.len(), bidden::CALLS.len());
    assert_eq!(calls[0]["required"], serde_json::json!(["test_id", "email", "name"]));
    assert_eq!(platforms[1]["options"]["start"]["support"], "not possible");
    let support = |platform: usize, operation: &str| platforms[platform]["operations"][operation]["support"].clone();
    assert_eq!((support(0, "invite"), support(1, "cancel")), ("honoured".into(), "approximated".into()));
    assert_eq!((support(2, "cancel"), support(2, "look-up")), ("approximated".into(), "honoured".into()));
    let shown = place.run(&["platforms"]).exits(0);
    for call in bidden::CALLS {
        assert!(shown.output.contains(call.name), "{shown}");
    }
}
