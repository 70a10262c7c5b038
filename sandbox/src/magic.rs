//! Magic addresses: what the candidate's address alone makes happen, so that a test needs no control plane.
//!
//! Only addresses under the example domains are magic: nobody's real address ever is. The word stands before the `@`, or
//! before a `+`, so that a test may have as many as it likes: `complete+7@example.com`.

use std::collections::HashSet;
use std::time::Duration;

use bidden::engine::Invitation;
use bidden::{AnyCall, Event, Platform, Status, Time};

use crate::database::Due;
use crate::faults::{Fault, Hit, Preset};

/// One magic word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MagicAddress {
    /// What stands before the `@`.
    pub word: &'static str,
    /// What it makes happen.
    pub about: &'static str,
    acts: Acts,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Acts {
    /// The candidate does this by itself, a second after the invitation and after each other.
    Moves(&'static [Event]),
    /// The mail comes back.
    Bounces,
    /// This fault hits the first call that names the address on a platform.
    Once(Preset),
    /// This fault hits every call that names the address.
    Always(Preset),
}

/// The one table of magic words.
pub const MAGIC_ADDRESSES: &[MagicAddress] = &[
    MagicAddress {
        word: "complete",
        about: "The candidate starts a second after the invitation by the sandbox's clock, and finishes a second later.",
        acts: Acts::Moves(&[Event::Start, Event::Finish]),
    },
    MagicAddress {
        word: "in-progress",
        about: "The candidate starts a second after the invitation, and does not finish.",
        acts: Acts::Moves(&[Event::Start]),
    },
    MagicAddress {
        word: "test-left",
        about: "The candidate starts a second after the invitation, and leaves the test a second later.",
        acts: Acts::Moves(&[Event::Start, Event::Leave]),
    },
    MagicAddress {
        word: "terminated",
        about: "The candidate starts a second after the invitation; a second later the platform ends the attempt.",
        acts: Acts::Moves(&[Event::Start, Event::Terminate]),
    },
    MagicAddress {
        word: "bounced",
        about: "A mail to it stands in the outbox with `\"bounced\":true`. No platform tells its caller.",
        acts: Acts::Bounces,
    },
    MagicAddress {
        word: "no-mail",
        about: "Every call that names it is accepted, and no mail leaves: as `draft-test-no-mail`.",
        acts: Acts::Always(Preset::DraftTestNoMail),
    },
    MagicAddress {
        word: "rate-limited",
        about: "The first call of a platform that names it is answered 429: as `rate-limited`.",
        acts: Acts::Once(Preset::RateLimited),
    },
    MagicAddress {
        word: "unavailable",
        about: "The first call of a platform that names it is answered with a proxy's page: as `html-error-page`.",
        acts: Acts::Once(Preset::HtmlErrorPage),
    },
    MagicAddress {
        word: "lost",
        about: "The first call of a platform that names it takes effect and is never answered: as `lost-after-commit`.",
        acts: Acts::Once(Preset::LostAfterCommit),
    },
];

/// Between an invitation and what its candidate does, and between two things that it does.
const PAUSE: Duration = Duration::from_secs(1);

/// The row of an address; `None` for one that is not magic.
fn of(address: &str) -> Option<&'static MagicAddress> {
    let (local, domain) = address.trim().rsplit_once('@')?;
    let domain = domain.to_ascii_lowercase();
    let is_example = matches!(domain.as_str(), "example.com" | "example.org" | "example.net") || domain.ends_with(".example");
    let word = local.split('+').next().unwrap_or_default();
    MAGIC_ADDRESSES.iter().find(|row| is_example && row.word.eq_ignore_ascii_case(word))
}

/// Whether a mail to this address comes back.
pub(crate) fn bounces(address: &str) -> bool {
    of(address).is_some_and(|row| row.acts == Acts::Bounces)
}

/// Whether an address of a call makes the call itself go wrong.
pub(crate) fn is_magic(call: &AnyCall) -> bool {
    call.is_change() && call.addresses().iter().any(|address| fault_of(address).is_some())
}

fn fault_of(address: &str) -> Option<(Preset, bool)> {
    match of(address)?.acts {
        Acts::Once(preset) => Some((preset, true)),
        Acts::Always(preset) => Some((preset, false)),
        Acts::Moves(_) | Acts::Bounces => None,
    }
}

/// What the candidate of a pending invitation does by itself, and when: at once where a fault `hurries` it.
pub(crate) fn moves(invitation: &Invitation, at: Time, hurries: bool) -> Vec<(Time, Due)> {
    let Some(Acts::Moves(events)) = invitation.email.as_deref().and_then(of).map(|row| row.acts) else { return Vec::new() };
    if invitation.status != Status::Pending {
        return Vec::new();
    }
    // Nobody gets in before the window opens.
    let mut when = invitation.window.start.map_or(at, |start| start.max(at));
    let step = |event: &Event| {
        if !hurries {
            when = when.after(PAUSE);
        }
        (when, Due::candidate(&invitation.id, *event))
    };
    // A TestInvite task that nobody declared has two steps, and the candidate is complete with the last (TestInvite reference, 3.4).
    let rounds = if invitation.platform == Platform::TestInvite && events.ends_with(&[Event::Finish]) { 2 } else { 1 };
    std::iter::repeat_n(events, rounds).flatten().map(step).collect()
}

/// Which addresses have done what they do once.
#[derive(Default)]
pub(crate) struct Magic {
    spent: HashSet<(Platform, String)>,
    /// Of these it is not yet kept what they did.
    lately: Vec<(Platform, String)>,
}

impl Magic {
    /// What the addresses of a call do to it.
    pub(crate) fn judge(&mut self, call: &AnyCall, path: &str) -> Option<Hit> {
        if !call.is_change() {
            return None;
        }
        let platform = call.row().platform;
        for address in call.addresses() {
            let Some((preset, is_once)) = fault_of(address) else { continue };
            if is_once {
                let key = (platform, bidden::candidate::email_key(address));
                if !self.spent.insert(key.clone()) {
                    continue;
                }
                self.lately.push(key);
            }
            return Some(Fault::from(preset).hit(0, path));
        }
        None
    }

    /// What was done since the last time is kept.
    pub(crate) fn keep(&mut self) {
        self.lately.clear();
    }

    /// Nothing of it was kept.
    pub(crate) fn undo(&mut self) {
        for key in self.lately.drain(..) {
            self.spent.remove(&key);
        }
    }

    /// Every address may do again what it does once.
    pub(crate) fn forget(&mut self) {
        self.spent.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_an_example_domain_is_magic() {
        for address in ["complete@example.com", "Complete+7@EXAMPLE.org", " complete@example.net ", "complete@school.example"] {
            assert_eq!(of(address).map(|row| row.word), Some("complete"), "{address}");
        }
        for address in [
            "complete@example.io",
            "complete@notexample.com",
            "complete@example.com.attacker.test",
            "completed@example.com",
            "complete",
            "7+complete@example.com",
        ] {
            assert_eq!(of(address), None, "{address}");
        }
    }

    #[test]
    fn no_word_stands_twice() {
        let words: HashSet<_> = MAGIC_ADDRESSES.iter().map(|row| row.word).collect();
        assert_eq!(words.len(), MAGIC_ADDRESSES.len());
    }
}
