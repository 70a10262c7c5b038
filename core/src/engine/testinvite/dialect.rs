//! TestInvite's switches: `docs/platforms/testinvite.md` section 9.

use crate::Platform;
use crate::engine::dialect::switches;

switches! { Platform::TestInvite;
    /// The status with which a duplicate is refused.
    duplicate_status: words("403", "400", "409") = "duplicate-status", "403", "C4";
    /// How many calls a minute are taken before one is answered 429.
    rate_limit: limit(1, 1_000_000) = "rate-limit", "off", "C36";
}
