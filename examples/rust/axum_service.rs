//! A web service that invites the person it is asked to: `POST /invitations` with `{"email","name"}` answers with the link. The
//! platform's key stays in the service; a candidate's machine never sees it.
//!
//! The sandbox runs in the same process, and the program asks itself once, so that it shows something and ends.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use bidden::{Kind, Secret, imocha};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Person {
    email: String,
    name: String,
}

/// The client blocks, so it gets a thread of its own; it is shared by all requests.
async fn invite(State(client): State<imocha::Client>, Json(person): Json<Person>) -> (StatusCode, Json<Value>) {
    let call = imocha::Invite { name: Some(person.name), ..imocha::Invite::new(292_930, person.email) };
    let result = tokio::task::spawn_blocking(move || client.invite(&call)).await;
    match result {
        Ok(Ok(invited)) => (StatusCode::CREATED, Json(json!({"test_url": invited.test_url, "status": invited.status}))),
        Ok(Err(error)) => {
            let status = if error.kind() == Kind::InvalidInput { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_GATEWAY };
            (status, Json(json!({"error": error.kind().slug(), "message": error.to_string()})))
        }
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"error": "internal"}))),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = bidden_sandbox::Sandbox::start(bidden_sandbox::Options::in_memory())?;
    let client = imocha::Client::at(sandbox.url(), Secret::new("sandbox-key"))?;
    let service = Router::new().route("/invitations", post(invite)).with_state(client);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/invitations", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, service).await });

    let answer = tokio::task::spawn_blocking(move || ask(&address)).await??;
    println!("{answer}");
    Ok(())
}

/// What another program would send.
fn ask(address: &str) -> Result<String, ureq::Error> {
    let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().proxy(None).build());
    let person = json!({"email": "ada@example.com", "name": "Ada Lovelace"}).to_string();
    agent.post(address).content_type("application/json").send(person)?.body_mut().read_to_string()
}
