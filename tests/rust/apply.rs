//! The command under faults and kills: whatever happens, nobody is asked to be mailed twice, and every row is accounted for.
//!
//! `BIDDEN_SOAK=1` takes as many people and kills as the law is promised for.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use bidden::Platform;
use bidden_ledger::record::Deed;
use bidden_ledger::{Ledger, LedgerOptions};
use bidden_sandbox::{Options, Sandbox};
use serde_json::{Value, json};

const TEST: &str = "292930";

/// One platform, one folder, one ledger.
struct World {
    platform: Platform,
    sandbox: Sandbox,
    folder: tempfile::TempDir,
}

/// What a run of the command came to.
struct Ran {
    code: Option<i32>,
    output: String,
    error: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), output: text(output.stdout), error: text(output.stderr) }
    }

    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "--- standard output\n{}\n--- standard error\n{}", self.output, self.error);
        self
    }

    #[track_caller]
    fn says(self, text: &str) -> Self {
        assert!(self.error.contains(text), "“{text}” is not on standard error:\n{}", self.error);
        self
    }

    fn lines(&self) -> Vec<Value> {
        self.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The rows of `--json`; empty when the run broke off before the first.
    fn rows(&self) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line["row"].is_u64()).collect()
    }

    fn by_disposition(&self) -> Option<BTreeMap<String, u64>> {
        let summary = self.lines().into_iter().find(|line| line["summary"].is_object())?;
        let counts = summary["summary"]["by_disposition"].as_object()?.clone();
        Some(counts.into_iter().filter_map(|(name, count)| Some((name, count.as_u64().filter(|count| *count > 0)?))).collect())
    }
}

impl World {
    fn new(platform: Platform) -> Self {
        World { platform, sandbox: Sandbox::start(Options::in_memory()).unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command line in the folder, words parted by blanks, with the sandbox's credentials and no other configuration.
    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(bidden_tests::command());
        command
            .args(line.split_whitespace())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("XDG_CONFIG_HOME", self.folder.path())
            .env("XDG_DATA_HOME", self.folder.path())
            .env("BIDDEN_IMOCHA_API_KEY", "sandbox-key")
            .env("BIDDEN_TESTINVITE_TOKEN", "sandbox-token")
            .env("BIDDEN_THINK_EXAM_API_KEY", "sandbox-ak")
            .env("BIDDEN_THINK_EXAM_SECRET", "sandbox-secret")
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, line: &str) -> Ran {
        Ran::of(self.command(line).output().unwrap())
    }

    /// `invite` or `plan` of a file, to this sandbox.
    fn to_here(&self, line: &str) -> String {
        format!("{line} --on {} --test {TEST} --base-url {}", self.platform.slug(), self.sandbox.url())
    }

    /// What asks this platform for mail.
    fn mail(&self) -> &'static str {
        if self.platform == Platform::TestInvite { "--email-template welcome" } else { "--send-email" }
    }

    fn write_people(&self, count: usize) {
        let mut text = "name,email,enrollment_number,mobile,gender,dob,course_name\n".to_owned();
        for number in 1..=count {
            text += &format!("Person Number,person{number}@example.com,E{number},14165550168,male,1990-05-24,Analyst\n");
        }
        std::fs::write(self.path("people.csv"), text).unwrap();
    }

    fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.sandbox.url());
        let mut answer = ureq::get(url).config().proxy(None).build().call().unwrap();
        serde_json::from_str(&answer.body_mut().with_config().limit(1 << 30).read_to_string().unwrap()).unwrap()
    }

    fn post(&self, path: &str, body: &Value) {
        let url = format!("{}{path}", self.sandbox.url());
        let request = ureq::post(url).config().proxy(None).build().header("content-type", "application/json");
        request.send(body.to_string()).unwrap();
    }

    fn requests(&self) -> Vec<Value> {
        self.get("/_sandbox/requests")["requests"].as_array().unwrap().clone()
    }

    /// The calls that change something: everything but the look-ups.
    fn changes(&self) -> usize {
        self.requests().iter().filter(|request| is_change(request)).count()
    }

    /// The law, on the requests that the platform received and on the mails that it sent.
    #[track_caller]
    fn assert_law(&self, when: &str) {
        let mut asked: HashMap<String, Vec<String>> = HashMap::new();
        for request in self.requests().iter().filter(|request| asks_for_mail(request)) {
            if request["status"].as_u64().is_none_or(|status| !(400..500).contains(&status)) {
                let person = request["body"]["email"].as_str().unwrap().to_lowercase();
                asked.entry(person).or_default().push(request["body"].to_string());
            }
        }
        assert!(!asked.is_empty(), "{when}: nobody was to be mailed");
        for (person, mut bodies) in asked {
            if self.platform == Platform::TestInvite {
                // The same body again goes under the platform's own guard and counts as the one request.
                bodies.dedup();
            }
            assert!(bodies.len() <= 1, "{when}: {person} was to be mailed {} times: {bodies:#?}", bodies.len());
        }
        let mut mails: HashMap<String, usize> = HashMap::new();
        for message in self.get("/_sandbox/outbox")["messages"].as_array().unwrap() {
            if message["kind"] == "invitation" {
                *mails.entry(message["to"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
        let twice: Vec<_> = mails.iter().filter(|(_, count)| **count > 1).collect();
        assert!(twice.is_empty(), "{when}: mailed more than once: {twice:?}");
    }

    /// The rows whose invitation was begun and has no outcome, as the ledger holds them.
    fn unfinished(&self) -> BTreeSet<i64> {
        let options = LedgerOptions { read_only: true, ..LedgerOptions::default() };
        let Ok(ledger) = Ledger::open_with(self.path("ledger.db"), &options) else { return BTreeSet::new() };
        ledger
            .ask(|storage| {
                let mut found = BTreeSet::new();
                storage.each(None, &mut |_, record| {
                    if record.standing.pending.is_some_and(|pending| pending.deed == Deed::Invite) {
                        found.insert(record.id);
                    }
                    Ok(true)
                })?;
                Ok(found)
            })
            .unwrap()
    }
}

fn is_change(request: &Value) -> bool {
    request["method"] != "GET" && !request["path"].as_str().unwrap().contains("/testattempts")
}

fn asks_for_mail(request: &Value) -> bool {
    let body = &request["body"];
    is_change(request) && (body["sendEmail"] == "yes" || body["isMailEnable"] == "1" || body["inviteByEmail"].is_object())
}

fn is_soak() -> bool {
    std::env::var_os("BIDDEN_SOAK").is_some()
}

/// Runs a part on every platform at once: most of the time they wait.
fn on_each_platform(part: impl Fn(Platform) + Sync) {
    std::thread::scope(|scope| {
        for platform in Platform::ALL {
            let part = &part;
            scope.spawn(move || part(platform));
        }
    });
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Numbers without a pattern, the same in every run.
struct Draws(u64);

impl Draws {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn a_second_run_sends_nothing_and_a_later_window_is_a_refresh_where_the_platform_has_one() {
    on_each_platform(|platform| {
        let world = World::new(platform);
        std::fs::copy(bidden_tests::root().join("examples/candidates.csv"), world.path("people.csv")).unwrap();
        let window = |end: &str| match platform {
            Platform::ThinkExam => String::new(),
            Platform::Imocha => format!("--start 2027-03-01T09:00:00Z --end {end} --time-zone-id 1720"),
            Platform::TestInvite => format!("--start 2027-03-01T09:00:00Z --end {end}"),
        };
        let first = window("2027-03-08T09:00:00Z");
        let needed = if platform == Platform::ThinkExam { 250 + 5 } else { 250 };
        for (output, expected) in [("first.csv", None), ("second.csv", Some("unchanged"))] {
            let line = format!("invite people.csv {first} --ledger ledger.db --output {output} --json");
            let ran = world.run(&world.to_here(&line)).exits(0);
            let dispositions: HashSet<String> = ran.rows().iter().map(|row| row["disposition"].as_str().unwrap().to_owned()).collect();
            assert_eq!(ran.rows().len(), 250);
            if let Some(expected) = expected {
                assert_eq!(dispositions, HashSet::from([expected.to_owned()]), "{platform}");
            }
            assert_eq!(std::fs::read_to_string(world.path(output)).unwrap().lines().count(), 251, "{platform}: {output}");
            assert_eq!(world.changes(), needed, "{platform}: exactly as many requests as needed");
        }
        if platform != Platform::ThinkExam {
            let later = window("2027-03-09T09:00:00Z");
            let line = format!("plan people.csv {later} --ledger ledger.db -o plan.jsonl --json");
            let plan = world.run(&world.to_here(&line)).exits(0);
            assert_eq!(plan.lines()[0]["actions"], json!({"refresh": 250}), "{platform}: {}", plan.output);
            assert_eq!(world.changes(), needed);
        }
    });
}

/// Repeats a command until nothing more changes; the runs are told.
fn repeat(world: &World, line: &str, most: usize) -> Ran {
    let mut last = None;
    for _ in 0..most {
        let before = world.changes();
        let ran = world.run(line);
        assert!(matches!(ran.code, Some(0 | 1 | 3)), "{}", ran.error);
        let counts = ran.by_disposition();
        let is_open = counts.as_ref().is_none_or(|counts| ["not-sent", "failed"].iter().any(|word| counts.contains_key(*word)));
        if !is_open && counts == last && world.changes() == before {
            return ran;
        }
        last = counts;
    }
    panic!("{most} runs of `{line}` still change something: {last:?}");
}

fn survives(platform: Platform, preset: &str, seed: u64) {
    let people = if is_soak() { 1000 } else { 60 };
    let world = World::new(platform);
    world.write_people(people);
    let mut fault = json!({"preset": preset, "platform": platform.slug(), "probability": 0.2, "seed": seed});
    if preset == "slow" {
        fault["milliseconds"] = 30.into();
    }
    world.post("/_sandbox/faults", &fault);
    let line = format!("invite people.csv {} --ledger ledger.db --concurrency 32 --batch-size 8 --json", world.mail());
    let line = world.to_here(&if platform == Platform::ThinkExam { line } else { line.replace("--batch-size 8 ", "") });
    let most = if is_soak() { 2000 } else { 200 };
    let when = format!("{platform} under {preset}");
    let mut ran = repeat(&world, &line, most);
    world.assert_law(&when);
    if preset == "late-commit" {
        world.post("/_sandbox/clock", &json!({"advance": "PT11M"}));
        world.assert_law(&format!("{when}, eleven minutes later"));
        ran = repeat(&world, &line, most);
        world.assert_law(&format!("{when}, and once more"));
    }
    let rows = ran.rows();
    let numbers: Vec<u64> = rows.iter().filter_map(|row| row["row"].as_u64()).collect();
    assert_eq!(numbers, (1..=people as u64).collect::<Vec<_>>(), "{when}: every row once");
    // Every platform has a way to ask again without a second mail, so that nothing stays open.
    for row in &rows {
        assert_eq!(row["disposition"], "unchanged", "{when}: {row}");
        assert!(["asked", "uncertain"].contains(&row["email"].as_str().unwrap_or_default()), "{when}: {row}");
    }
    let hits = world.get("/_sandbox/faults")["faults"][0]["hits"].as_u64().unwrap();
    assert!(hits > 0, "{when}: no fault hit");
    let invited: HashSet<String> = world.get("/_sandbox/invitations")["invitations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|invitation| invitation["email"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(invited.len(), people, "{when}: everybody is invited");
}

fn survives_on_each_platform(presets: &[&str]) {
    on_each_platform(|platform| {
        std::thread::scope(|scope| {
            for (preset, seed) in presets.iter().zip(7..) {
                scope.spawn(move || survives(platform, preset, seed));
            }
        });
    });
}

#[test]
fn lost_and_late_answers_never_send_a_second_mail() {
    survives_on_each_platform(&["lost-after-commit", "lost-before-commit", "late-commit"]);
}

#[test]
fn slow_and_cut_answers_never_send_a_second_mail() {
    survives_on_each_platform(&["slow", "cut-mid-answer"]);
}

#[test]
fn refusals_for_speed_or_quota_never_send_a_second_mail() {
    survives_on_each_platform(&["rate-limited", "quota-mid-batch"]);
}

#[test]
fn broken_platforms_and_proxies_never_send_a_second_mail() {
    survives_on_each_platform(&["error-5xx", "html-error-page"]);
}

/// Slows the calls that invite, so that a kill meets some under way.
fn slow_down(world: &World, milliseconds: u64) {
    let call = match world.platform {
        Platform::Imocha => "imocha.invite",
        Platform::ThinkExam => "think_exam.assign_test",
        Platform::TestInvite => "testinvite.create_candidate",
    };
    world.post("/_sandbox/faults", &json!({"preset": "slow", "call": call, "probability": 1, "milliseconds": milliseconds}));
}

fn plan(world: &World, options: &str) {
    let line = format!("plan people.csv {options} --ledger ledger.db -o plan.jsonl --quiet");
    world.run(&world.to_here(&line)).exits(0);
}

#[test]
fn apply_killed_at_any_instant_goes_on_where_it_was() {
    const CONCURRENCY: usize = 4;
    let (people, kills) = if is_soak() { (2000, 200) } else { (200, 10) };
    on_each_platform(|platform| {
        let world = World::new(platform);
        world.write_people(people);
        plan(&world, world.mail());
        slow_down(&world, if is_soak() { 80 } else { 20 });
        let line = format!("apply plan.jsonl --ledger ledger.db --concurrency {CONCURRENCY} --output out.csv --json");
        let mut draws = Draws(0x9e37_79b9_7f4a_7c15 ^ platform.slug().len() as u64);
        let (mut killed_midway, mut open) = (0, BTreeSet::new());
        for kill in 0..kills {
            let before = world.changes();
            let mut child = world.command(&line).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // Any instant from the first request on; every fourth kill meets the start itself.
            while kill % 4 > 0 && child.try_wait().unwrap().is_none() && world.changes() == before {
                std::thread::sleep(Duration::from_millis(2));
            }
            std::thread::sleep(Duration::from_millis(draws.below(60)));
            let is_running = child.try_wait().unwrap().is_none();
            child.kill().unwrap();
            child.wait().unwrap();
            killed_midway += usize::from(is_running && world.changes() > before);
            let left = world.unfinished();
            let new = left.difference(&open).count();
            assert!(new <= CONCURRENCY, "{platform}, kill {kill}: {new} rows were left open by {CONCURRENCY} threads");
            open = left;
        }
        assert!(killed_midway > kills / 4, "{platform}: only {killed_midway} of {kills} kills met requests");
        let last = world.run(&line).exits(0);
        world.assert_law(&format!("{platform} after {kills} kills"));
        let rows = last.rows();
        assert_eq!(rows.iter().map(|row| row["row"].as_u64().unwrap()).collect::<Vec<_>>(), (1..=people as u64).collect::<Vec<_>>());
        let uncertain = rows.iter().filter(|row| row["email"] == "uncertain").count();
        assert!(uncertain <= CONCURRENCY * kills, "{platform}: {uncertain} mails are uncertain after {kills} kills");
        let output = std::fs::read_to_string(world.path("out.csv")).unwrap();
        let told: HashSet<&str> = output.lines().skip(1).filter_map(|line| line.split(',').find(|cell| cell.contains('@'))).collect();
        assert_eq!((output.lines().count(), told.len()), (people + 1, people), "{platform}: every row once in the output");
        assert!(world.unfinished().is_empty(), "{platform}: everything came to an end");
    });
}

#[test]
fn a_ledger_in_use_by_a_stopped_process_is_left_to_it() {
    let world = World::new(Platform::Imocha);
    world.write_people(40);
    plan(&world, "--send-email");
    slow_down(&world, 100);
    let line = "apply plan.jsonl --ledger ledger.db --concurrency 4 --json";
    let mut first = world.command(line).stderr(Stdio::null()).spawn().unwrap();
    let mut shown = BufReader::new(first.stdout.take().unwrap());
    shown.read_line(&mut String::new()).unwrap();
    signal(&first, "-STOP");
    std::thread::sleep(Duration::from_millis(300));
    let before = world.requests().len();
    let said = format!("in use by process {}", first.id());
    world.run(line).exits(3).says(&said);
    assert_eq!(world.requests().len(), before, "the second run sent something");
    signal(&first, "-CONT");
    std::io::copy(&mut shown, &mut std::io::sink()).unwrap();
    assert!(first.wait().unwrap().success());
    world.assert_law("a stopped process");
    assert_eq!(world.changes(), 40);
}

/// A right that nothing can be installed for: reported, and skipped where all else must run too.
fn may_not_mount(what: &str) {
    eprintln!("SKIPPED: {what} cannot be mounted here; that needs root and a kernel that lets it");
}

/// A file system of its own, in memory; unmounted when dropped.
struct Mount(PathBuf);

impl Mount {
    /// `None` for whoever may not mount.
    fn new(path: PathBuf, kilobytes: u32) -> Option<Self> {
        std::fs::create_dir_all(&path).unwrap();
        let options = format!("size={kilobytes}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&path).stderr(Stdio::null()).status();
        mounted.is_ok_and(|status| status.success()).then_some(Mount(path))
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // What cannot be unmounted shows in the temporary folder that is left over.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_keeps_everything_from_being_sent() {
    let world = World::new(Platform::Imocha);
    world.write_people(300);
    plan(&world, "--send-email");
    let Some(disk) = Mount::new(world.path("disk"), 128) else { return may_not_mount("a small disk") };
    let line = "apply plan.jsonl --ledger disk/ledger.db --json";
    let filler = disk.0.join("filler");
    // The first write that finds no room ends the loop.
    let mut file = std::fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
    drop(file);
    world.run(line).exits(3).says("the disk is full");
    assert_eq!(world.requests().len(), 0);
    // Room for a part of the rows: the run stops in the middle, and what was sent is known.
    std::fs::remove_file(&filler).unwrap();
    let ran = world.run(line).exits(3).says("the disk is full");
    let sent = world.changes();
    assert!(sent < 300, "the disk was too large for this test");
    assert!(ran.by_disposition().is_some_and(|counts| counts.contains_key("not-sent")), "{}", ran.output);
    disk.remount("size=65536k");
    let ran = world.run(line).exits(0);
    assert_eq!(ran.rows().len(), 300);
    world.assert_law("a full disk");
}

#[test]
fn a_ledger_that_cannot_be_written_keeps_everything_from_being_sent() {
    let world = World::new(Platform::Imocha);
    world.write_people(3);
    plan(&world, "--send-email");
    std::fs::write(world.path("file"), "no folder").unwrap();
    world.run("apply plan.jsonl --ledger file/ledger.db").exits(3).says("ledger");
    std::fs::write(world.path("other.db"), "this is text, and no ledger at all, however long one looks at it").unwrap();
    world.run("apply plan.jsonl --ledger other.db").exits(3).says("no ledger");
    assert_eq!(world.requests().len(), 0);
    let Some(disk) = Mount::new(world.path("disk"), 4096) else { return may_not_mount("a disk that is read-only") };
    disk.remount("ro");
    world.run("apply plan.jsonl --ledger disk/ledger.db").exits(3).says("ead-only");
    disk.remount("rw");
    drop(Ledger::open(disk.0.join("ledger.db")).unwrap());
    disk.remount("ro");
    world.run("apply plan.jsonl --ledger disk/ledger.db").exits(3).says("ead-only");
    assert_eq!(world.requests().len(), 0);
}

#[test]
fn a_plan_whose_world_has_moved_is_refused_and_names_the_row() {
    for platform in [Platform::Imocha, Platform::TestInvite] {
        let world = World::new(platform);
        world.write_people(5);
        world.run(&world.to_here("invite people.csv --ledger ledger.db")).exits(0);
        plan(&world, "");
        let found = world.get("/_sandbox/invitations?email=person3@example.com");
        let id = found["invitations"][0]["invitation_id"].as_str().unwrap().to_owned();
        world.post(&format!("/_sandbox/attempts/{id}/cancel"), &json!({}));
        let before = world.changes();
        let ran = world.run("apply plan.jsonl --ledger ledger.db").exits(2).says("row 3: ").says("cancelled");
        assert!(!ran.error.contains("row 2") && !ran.error.contains("row 4"), "{platform}: {}", ran.error);
        assert_eq!(world.changes(), before, "{platform}: nothing was sent");
    }
}

#[test]
fn what_a_run_looked_up_itself_makes_its_plan_not_stale() {
    for platform in [Platform::Imocha, Platform::TestInvite] {
        let world = World::new(platform);
        world.write_people(4);
        world.run(&world.to_here("invite people.csv --ledger ledger.db")).exits(0);
        let id = |person: u32| {
            let found = world.get(&format!("/_sandbox/invitations?email=person{person}@example.com"));
            found["invitations"][0]["invitation_id"].as_str().unwrap().to_owned()
        };
        world.post(&format!("/_sandbox/attempts/{}/cancel", id(3)), &json!({}));
        plan(&world, "");
        // Neither the plan nor the first run is given --reopen: it notes what it saw, and holds the row.
        let held = world.run("apply plan.jsonl --ledger ledger.db --json").exits(1);
        assert_eq!(held.by_disposition(), Some(BTreeMap::from([("held".to_owned(), 1), ("unchanged".to_owned(), 3)])), "{platform}");
        let reopened = world.run("apply plan.jsonl --ledger ledger.db --reopen --json").exits(0);
        let dispositions: Vec<String> = reopened.rows().iter().map(|row| row["disposition"].as_str().unwrap().to_owned()).collect();
        let third = if platform == Platform::Imocha { "reopened" } else { "created" };
        assert_eq!(dispositions, ["unchanged", "unchanged", third, "unchanged"], "{platform}");
        // What others do after it is a move all the same.
        plan(&world, "");
        world.run("apply plan.jsonl --ledger ledger.db").exits(0);
        world.post(&format!("/_sandbox/attempts/{}/cancel", id(2)), &json!({}));
        world.run("apply plan.jsonl --ledger ledger.db --json").exits(2).says("row 2: ").says("cancelled");
    }
}

/// What was said yes to when a plan was made is in it; a second mail is one mail, however often the plan is applied.
#[test]
fn a_plan_carries_its_consent_and_mails_again_once() {
    let world = World::new(Platform::Imocha);
    world.write_people(3);
    world.run(&world.to_here("invite people.csv --ledger ledger.db --send-email --yes")).exits(0);
    let found = world.get("/_sandbox/invitations?email=person2@example.com");
    let id = found["invitations"][0]["invitation_id"].as_str().unwrap().to_owned();
    world.post(&format!("/_sandbox/attempts/{id}/cancel"), &json!({}));
    plan(&world, "--reopen --send-email --mail-again");
    for _ in 0..3 {
        let ran = world.run("apply plan.jsonl --ledger ledger.db --yes --json").exits(0);
        let dispositions: Vec<String> = ran.rows().iter().map(|row| row["disposition"].as_str().unwrap().to_owned()).collect();
        assert_eq!(dispositions, ["invited", "reopened", "invited"]);
        world.run("apply plan.jsonl --ledger ledger.db --yes --json --mail-again").exits(0);
    }
    let outbox = world.get("/_sandbox/outbox");
    let invitations = outbox["messages"].as_array().unwrap().iter().filter(|message| message["kind"] == "invitation");
    assert_eq!(invitations.count(), 6, "{outbox}");
}

#[test]
fn a_plan_cut_anywhere_is_refused() {
    let world = World::new(Platform::Imocha);
    world.write_people(4);
    plan(&world, "--send-email");
    let whole = std::fs::read(world.path("plan.jsonl")).unwrap();
    let ends: Vec<usize> = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(index, _)| index + 1).collect();
    let last = whole.len();
    // At the ends of lines, beside them, and at every part in between; without its last line end alone a plan is whole.
    let beside = ends.iter().flat_map(|end| [end - 1, *end, end + 1]);
    let cuts: BTreeSet<usize> = beside.chain((0..last).step_by(last / 16)).chain([last - 2]).filter(|cut| *cut < last - 1).collect();
    for cut in cuts {
        std::fs::write(world.path("cut.jsonl"), &whole[..cut]).unwrap();
        let ran = world.run("apply cut.jsonl --ledger ledger.db");
        assert_eq!(ran.code, Some(2), "cut at {cut} of {last}: {}{}", ran.output, ran.error);
    }
    // A line taken out of the middle, too.
    let holed: Vec<u8> = whole[..ends[1]].iter().chain(&whole[ends[2]..]).copied().collect();
    std::fs::write(world.path("cut.jsonl"), holed).unwrap();
    world.run("apply cut.jsonl --ledger ledger.db").exits(2);
    assert_eq!(world.requests().len(), 0);
}

#[test]
fn passwords_stay_out_of_the_plan_and_come_from_the_original_file() {
    let world = World::new(Platform::ThinkExam);
    let header = "name,email,enrollment_number,password,mobile,gender,dob,course_name\n";
    let row =
        |number: usize| format!("Person,p{number}@example.com,E{number},hunter-{number}-Secret,14165550168,male,1990-05-24,Analyst\n");
    let original = format!("{header}{}{}", row(1), row(2));
    std::fs::write(world.path("people.csv"), &original).unwrap();
    plan(&world, "--send-email");
    assert!(!std::fs::read_to_string(world.path("plan.jsonl")).unwrap().contains("hunter-"));
    let held = world.run("apply plan.jsonl --ledger ledger.db --json").exits(1);
    assert_eq!(held.by_disposition(), Some(BTreeMap::from([("held".to_owned(), 2)])));
    std::fs::write(world.path("other.csv"), format!("{original}{}", row(3))).unwrap();
    world.run("apply plan.jsonl --ledger ledger.db --secrets other.csv").exits(2).says("is not the file");
    assert_eq!(world.requests().len(), 0);
    world.run("apply plan.jsonl --ledger ledger.db --secrets people.csv").exits(0);
    assert_eq!(world.get("/_sandbox/invitations")["invitations"].as_array().unwrap().len(), 2);
    world.assert_law("a plan with secrets");
    // The rows are known by now: a plan of them is not stale because their secrets are missing.
    plan(&world, "--send-email");
    let held = world.run("apply plan.jsonl --ledger ledger.db --json").exits(1);
    assert_eq!(held.by_disposition(), Some(BTreeMap::from([("held".to_owned(), 2)])));
    for file in std::fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().path()) {
        let is_input = ["people.csv", "other.csv"].iter().any(|name| file.ends_with(name));
        let holds = |bytes: Vec<u8>| bytes.windows(7).any(|part| part == b"hunter-");
        assert!(is_input || !file.is_file() || !holds(std::fs::read(&file).unwrap()), "{} holds a password", file.display());
    }
}
