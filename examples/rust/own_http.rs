//! A Rust program with an HTTP stack of its own: crate `bidden` without any feature makes the request, puts the credential on
//! it and reads the answer; the bytes are carried by whatever the program has (here ureq).
//!
//! The sandbox runs in the same process; a real program sets another address and key.

use std::time::SystemTime;

use bidden::{AnyCall, BaseUrl, Credential, Secret};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = bidden_sandbox::Sandbox::start(bidden_sandbox::Options::in_memory())?;
    let base = BaseUrl::parse(sandbox.url())?;
    let credential = Credential::ImochaKey(Secret::new("sandbox-key"));
    let call = AnyCall::from_json("imocha.invite", r#"{"test_id":292930,"email":"ada@example.com","name":"Ada Lovelace"}"#)?;

    let request = credential.request(&call, &base, SystemTime::now().into())?;
    let (parts, mut body) = send(request)?.into_parts();
    let reply = call.read_reply(&bidden::http::Response::from_parts(parts, body.read_to_vec()?))?;
    println!("{}", reply.to_json());
    Ok(())
}

/// The program's own stack. It must give refusals back as they are: they are read as answers.
fn send(request: bidden::http::Request) -> Result<http::Response<ureq::Body>, ureq::Error> {
    ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build()).run(request)
}
