//! When a run ends before its end.

#![allow(clippy::unwrap_used, reason = "a helper that cannot do its work fails the test")]

mod support;

use std::time::{Duration, Instant};

use support::{Folder, Platform, Ran, Sandbox, each, invited, people};

/// Invites a list of people on a platform that answers like this.
fn run(count: usize, options: &str, answer: impl Fn(usize, &str) -> (u16, String) + Send + Sync + 'static) -> (Ran, Platform) {
    let folder = Folder::new();
    folder.write("list.csv", &people(count));
    let platform = Platform::answering(answer);
    let ran = folder.bidden(&format!("invite list.csv --on imocha --test 1 --json {options} --base-url {}", platform.url));
    (ran, platform)
}

#[test]
fn a_key_that_is_not_accepted_ends_the_run() {
    let (folder, sandbox) = (Folder::new(), Sandbox::start());
    folder.write("list.csv", &people(200));
    let line = format!("invite list.csv --on imocha --test 1 --json --base-url {}", sandbox.url());
    let ran = folder.bidden_with(&[("BIDDEN_IMOCHA_API_KEY", "wrong")], &line).exits(3).says("stopped: unauthorized");
    let (rows, summary) = ran.rows();
    assert_eq!((rows.len(), rows[199]["disposition"].as_str()), (200, Some("not-sent")));
    let failed = summary["by_disposition"]["failed"].as_u64().unwrap();
    assert!((1..=16).contains(&failed), "{summary}");
    assert_eq!(sandbox.requests().len() as u64, failed);
}

#[test]
fn an_unknown_test_ends_the_run() {
    let (ran, _) = run(200, "", |_, _| (404, r#"{"errors":["test not found"]}"#.to_owned()));
    let (rows, _) = ran.exits(3).says("stopped: not-found").rows();
    assert_eq!((rows[0]["disposition"].as_str(), rows[199]["disposition"].as_str()), (Some("refused"), Some("not-sent")));
}

#[test]
fn twenty_answers_403_without_a_success_end_the_run() {
    let (ran, platform) = run(200, "", |_, _| (403, r#"{"errors":["no"]}"#.to_owned()));
    ran.exits(3).says("20 rows were answered 403");
    assert!((20..20 + 16).contains(&platform.bodies().len()), "{}", platform.bodies().len());
    let (ran, _) = run(60, "--concurrency 1", |number, _| if number == 1 { invited(1) } else { (403, "{}".to_owned()) });
    let (_, summary) = ran.exits(1).rows();
    assert_eq!(summary["by_disposition"].to_string(), r#"{"invited":1,"refused":59}"#);
}

#[test]
fn twenty_unreadable_answers_in_a_row_end_the_run() {
    let (ran, _) = run(200, "--concurrency 1", |number, _| if number == 15 { invited(15) } else { (200, "<html>".to_owned()) });
    let (_, summary) = ran.exits(3).says("20 rows in a row ended as malformed-reply").rows();
    assert_eq!(summary["by_disposition"].to_string(), r#"{"failed":34,"invited":1,"not-sent":165}"#);
}

#[test]
fn the_users_own_limit_ends_the_run() {
    let (ran, _) = run(50, "--concurrency 1 --stop-after-failures 3", |_, _| (400, r#"{"errors":["no"]}"#.to_owned()));
    let (rows, _) = ran.exits(3).says("--stop-after-failures").rows();
    assert_eq!(each(&rows[..5], "disposition"), ["refused", "refused", "refused", "not-sent", "not-sent"]);
}

#[test]
fn the_first_rows_are_sent_and_without_a_terminal_no_others() {
    let (ran, platform) = run(50, "--first 5", |number, _| invited(number));
    let (rows, summary) = ran.exits(3).says("without a terminal").says("45 rows were not sent").rows();
    assert_eq!((platform.bodies().len(), rows.len()), (5, 50));
    assert_eq!(summary["by_disposition"].to_string(), r#"{"invited":5,"not-sent":45}"#);
    let (ran, _) = run(5, "--first 5", |number, _| invited(number));
    ran.exits(0);
}

#[test]
fn a_rate_is_kept() {
    let began = Instant::now();
    let (ran, _) = run(6, "--rate 20/s", |number, _| invited(number));
    ran.exits(0);
    assert!(began.elapsed() >= Duration::from_millis(249), "6 calls at 20/s take 250 ms, took {:?}", began.elapsed());
}

#[cfg(unix)]
mod signals {
    use super::*;

    fn terminate(child: &std::process::Child) {
        let status = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    fn wait_for(what: &str, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < Duration::from_secs(30), "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn the_first_signal_finishes_what_is_in_flight() {
        let folder = Folder::new();
        folder.write("list.csv", &people(500));
        let platform = Platform::answering(|number, _| {
            std::thread::sleep(Duration::from_millis(100));
            invited(number)
        });
        let line = format!("invite list.csv --on imocha --test 1 --json --concurrency 4 --output out.csv --base-url {}", platform.url);
        let child = folder.start(&line);
        wait_for("requests", || platform.bodies().len() >= 4);
        terminate(&child);
        let ran = Ran::finished(child, &line).exits(3).says("stopped: interrupted");
        let (rows, summary) = ran.rows();
        let invited = summary["by_disposition"]["invited"].as_u64().unwrap();
        assert_eq!((rows.len(), invited), (500, platform.bodies().len() as u64), "every request sent is reported");
        assert!(invited < 100, "{summary}");
        assert_eq!(folder.read("out.csv").lines().count(), 501);
    }

    #[test]
    fn the_second_signal_ends_at_once() {
        let folder = Folder::new();
        folder.write("list.csv", &people(50));
        let platform = Platform::answering(|number, _| {
            std::thread::sleep(Duration::from_secs(20));
            invited(number)
        });
        let line = format!("invite list.csv --on imocha --test 1 --base-url {}", platform.url);
        let child = folder.start(&line);
        wait_for("requests", || platform.bodies().len() >= 4);
        let began = Instant::now();
        terminate(&child);
        std::thread::sleep(Duration::from_millis(300));
        terminate(&child);
        Ran::finished(child, &line).exits(130);
        assert!(began.elapsed() < Duration::from_secs(10), "took {:?}", began.elapsed());
    }

    #[test]
    fn a_reader_that_goes_away_ends_the_run_without_a_panic() {
        let folder = Folder::new();
        folder.write("list.csv", &people(2000));
        let platform = Platform::answering(|number, _| invited(number));
        let mut child = folder.start(&format!("invite list.csv --on imocha --test 1 --base-url {}", platform.url));
        wait_for("requests", || platform.bodies().len() >= 4);
        drop(child.stdout.take());
        let ran = Ran::finished(child, "invite").exits(3).says("nobody reads the results any more");
        assert!(!ran.error.contains("panic"), "{}", ran.shown);
    }
}
