//! Invites one person on a sandbox in the same process, through a ledger. The README shows this program.

use bidden::operation::{InviteOptions, TestId};
use bidden::{Candidate, Secret, imocha};
use bidden_ledger::Ledger;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = bidden_sandbox::Sandbox::start(bidden_sandbox::Options::in_memory())?;
    let client = imocha::Client::at(sandbox.url(), Secret::new("sandbox-key"))?;
    let ledger = Ledger::in_memory()?; // one that outlives the program is a file: Ledger::open("bidden.db")
    let candidate = Candidate::new("ada@example.com")?.name("Ada Lovelace")?;
    let options = InviteOptions { send_email: true, ..InviteOptions::default() };
    for _ in 0..2 {
        let outcome = ledger.invite(&client, TestId::from(292930), &candidate, &options)?; // the second time nothing is sent
        println!("{}: {}", outcome.disposition, outcome.test_url.unwrap_or_default());
    }
    sandbox.stop();
    Ok(())
}
