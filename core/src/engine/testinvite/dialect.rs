//! TestInvite's switches: `docs/platforms/testinvite.md` section 9.

use crate::Platform;
use crate::engine::dialect::switches;

switches! { Platform::TestInvite;
    /// The header that carries the token.
    auth_header: header_name() = "auth-header", "Authorization", "C1";
    /// What stands before the token in its header, followed by a space; `none` means that the token stands alone.
    auth_prefix: text() = "auth-prefix", "Bearer", "C1";
    /// The status of a create that succeeds.
    create_status: words("200", "201") = "create-status", "200", "C3";
    /// The status with which a duplicate is refused.
    duplicate_status: words("403", "400", "409") = "duplicate-status", "403", "C4";
    /// What the body of a refusal is.
    error_body: words("json", "empty", "html") = "error-body", "json", "C5";
    /// The group of a candidate that was given none.
    default_group: text() = "default-group", "default", "C6";
    /// Whether an empty list under scope labels or programs is no clash, or overlaps with everything.
    empty_scope_sets: words("allow", "refuse") = "empty-scope-sets", "allow", "C7";
    /// Whether the scope of an existing candidate is tested as well as the new one's.
    existing_scope_counts: flag() = "existing-scope-counts", "off", "C9";
    /// The member of a create that holds the further addresses.
    extra_emails_key: text() = "extra-emails-key", "extraEmails", "C14";
    /// Where a candidate's own link is told.
    direct_access_url: words("none", "list", "all") = "direct-access-url", "list", "C15";
    /// Whether the invitation code of a user is null.
    null_code_for_users: flag() = "null-code-for-users", "off", "C16";
    /// Whether the calls that are printed without `/v1` are served both ways, or with it only.
    unversioned_paths: words("printed", "v1") = "unversioned-paths", "printed", "C17";
    /// The parameter of the session list that names the candidate; `candidateId` takes both names.
    candidate_filter_key: words("candidateId", "ticketId") = "candidate-filter-key", "candidateId", "C21";
    /// The largest `limit` of a list; a larger one is refused.
    max_limit: limit(1, 100000) = "max-limit", "off", "C23";
    /// What a callback's body is: the bare session, or the answer of the session search with the one session in it.
    callback_body: words("instance", "search") = "callback-body", "instance", "C26";
    /// Where the params of a callback go: under the key `params`, into the body itself, or into the address.
    callback_params: words("key", "merge", "query") = "callback-params", "key", "C27";
    /// A header that a callback carries, as `Name: value`; `none` adds none.
    callback_header: header() = "callback-header", "none", "C28";
    /// How often a callback that failed is tried again.
    callback_retries: number(0, 20) = "callback-retries", "0", "C29";
    /// The status with which an unknown user, program, step or template in a body is refused.
    unknown_reference_status: words("400", "403", "404") = "unknown-reference-status", "400", "C30";
    /// Whose value of a tag wins that the user and the request have.
    tag_clash_winner: words("request", "user") = "tag-clash-winner", "request", "C34";
    /// How many calls a minute are taken before one is answered 429.
    rate_limit: limit(1, 1_000_000) = "rate-limit", "off", "C36";
    /// Whether members of a body that are not known are ignored, or refused.
    unknown_keys: words("ignore", "reject") = "unknown-keys", "ignore", "C42";
}
