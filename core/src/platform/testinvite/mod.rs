//! TestInvite, REST integration API. Reference: `docs/platforms/testinvite.md`.

pub mod lifecycle;
