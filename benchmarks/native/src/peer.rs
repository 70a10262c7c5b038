//! reqwest, as its users write it: one client, a task for each caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Invite {
    email: String,
    name: &'static str,
    #[serde(rename = "sendEmail")]
    send_email: &'static str,
}

#[derive(Deserialize)]
struct Invited {
    #[serde(rename = "testInvitationId")]
    test_invitation_id: u64,
    #[serde(rename = "testUrl")]
    test_url: String,
    status: String,
}

/// So many calls by so many callers.
#[tokio::main]
pub async fn run(url: &str, calls: u64, callers: u64) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url: Arc<str> = format!("{url}/v3/tests/292930/invite").into();
    let next = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (client, url, next) = (client.clone(), Arc::clone(&url), Arc::clone(&next));
            tokio::spawn(async move {
                let mut answered = 0;
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= calls {
                        return answered;
                    }
                    let body = Invite { email: format!("person{number}@example.com"), name: "Ada Lovelace", send_email: "no" };
                    let answer = client.post(&*url).header("X-API-KEY", "sandbox-key").json(&body).send().await.expect("an answer");
                    let invited: Invited = answer.error_for_status().expect("success").json().await.expect("JSON");
                    assert!(invited.test_invitation_id > 0 && !invited.test_url.is_empty() && invited.status == "Pending");
                    answered += 1;
                }
            })
        })
        .collect();
    let mut answered = 0;
    for task in tasks {
        answered += task.await.expect("a task");
    }
    assert_eq!(answered, calls);
    println!(r#"{{"rows":{calls},"seconds":{}}}"#, began.elapsed().as_secs_f64());
}
