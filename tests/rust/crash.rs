//! `kill -9` of the sandbox under load: every answered invitation is there once, none in half.

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bidden::client::{Client, ClientOptions, Credential};
use bidden::retry::Policy;
use bidden::{AnyCall, AnyReply, BaseUrl, Secret};
use serde_json::Value;

fn start(folder: &std::path::Path, round: usize) -> (Child, String) {
    let ready = folder.join(format!("ready-{round}.json"));
    let mut child = Command::new(bidden_tests::command())
        .args(["sandbox", "--listen", "127.0.0.1:0", "--database"])
        .arg(folder.join("sandbox.db"))
        .arg("--ready")
        .arg(&ready)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(20) {
        let line = std::fs::read_to_string(&ready).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
        if let Some(line) = line {
            return (child, line["url"].as_str().unwrap().to_owned());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("the sandbox did not say that it is ready");
}

fn client(url: &str) -> Client {
    let policy = Policy { tries: 1, ..Policy::default() };
    let options = ClientOptions { policy, callers: 8, timeout: Duration::from_secs(5), ..ClientOptions::default() };
    Client::new(BaseUrl::parse(url).unwrap(), Credential::ImochaKey(Secret::new("sandbox-key")), options).unwrap()
}

#[test]
fn an_answered_invitation_survives_kill_9_and_is_there_once() {
    let rounds = if std::env::var_os("BIDDEN_SOAK").is_some() { 200 } else { 50 };
    let folder = std::env::temp_dir().join(format!("bidden-crash-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // What was answered: the address, and the id that the answer gave.
    let answered: Mutex<HashMap<String, i64>> = Mutex::new(HashMap::new());
    for round in 0..rounds {
        let (mut child, url) = start(&folder, round);
        let client = client(&url);
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for worker in 0..8 {
                let (client, answered, is_over) = (&client, &answered, &is_over);
                scope.spawn(move || {
                    for number in 0.. {
                        if is_over.load(Ordering::Relaxed) {
                            return;
                        }
                        let email = format!("r{round}w{worker}n{number}@example.com");
                        let json = format!(r#"{{"test_id":1,"email":"{email}","name":"A B"}}"#);
                        let call = AnyCall::from_json("imocha.invite", &json).unwrap();
                        if let Ok(AnyReply::ImochaInvite(reply)) = client.call(&call) {
                            answered.lock().unwrap().insert(email, reply.test_invitation_id);
                        }
                    }
                });
            }
            // A different instant in every round, spread over the first fifth of a second under load.
            std::thread::sleep(Duration::from_millis(20 + (round as u64 * 37) % 180));
            child.kill().unwrap();
            child.wait().unwrap();
            is_over.store(true, Ordering::Relaxed);
        });
    }
    let (mut child, url) = start(&folder, rounds);
    let text = ureq::get(format!("{url}/_sandbox/invitations?platform=imocha"))
        .config()
        .proxy(None)
        .build()
        .call()
        .unwrap()
        .body_mut()
        .with_config()
        .limit(1 << 30)
        .read_to_string()
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let listed: Value = serde_json::from_str(&text).unwrap();
    let mut found: HashMap<&str, Vec<&Value>> = HashMap::new();
    for invitation in listed["invitations"].as_array().unwrap() {
        for member in ["test_id", "invitation_id", "email", "name", "status", "test_url"] {
            assert!(invitation[member].is_string(), "half an invitation: {invitation}");
        }
        found.entry(invitation["email"].as_str().unwrap()).or_default().push(invitation);
    }
    let answered = answered.into_inner().unwrap();
    assert!(answered.len() > rounds, "hardly any load: {} answers in {rounds} rounds", answered.len());
    for (email, id) in &answered {
        let invitations = found.get(email.as_str()).map_or(&[][..], Vec::as_slice);
        assert_eq!(invitations.len(), 1, "{email} was answered and is there {} times", invitations.len());
        assert_eq!(invitations[0]["invitation_id"].as_str(), Some(id.to_string().as_str()), "{email}");
    }
    assert!(found.values().all(|invitations| invitations.len() == 1), "an invitation is there twice");
    println!("{} answered invitations survived {rounds} kills", answered.len());
    let _ = std::fs::remove_dir_all(&folder);
}
