//! Invites one person on a sandbox in the same process. The README shows this program.

use bidden::operation::{Invite, InviteOptions, TestId};
use bidden::{Candidate, Platform, Secret, imocha};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = bidden_sandbox::Sandbox::start(bidden_sandbox::Options::in_memory())?;
    let client = imocha::Client::at(sandbox.url(), Secret::new("sandbox-key"))?;
    let candidate = Candidate::new("ada@example.com")?.name("Ada Lovelace")?;
    let now = std::time::SystemTime::now().into();
    let mut invite = Invite::new(Platform::Imocha, &TestId::from(292930), &candidate, &InviteOptions::default(), now)?;
    let outcome = client.run(&mut invite);
    println!("{}: {}", outcome.disposition, outcome.test_url.unwrap_or_default());
    sandbox.stop();
    Ok(())
}
