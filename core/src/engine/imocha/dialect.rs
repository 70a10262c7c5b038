//! iMocha's switches: `docs/platforms/imocha.md` section 22.

use crate::Platform;
use crate::engine::dialect::switches;

switches! { Platform::Imocha;
    /// The status of an invite that succeeds: 201 in the oldest pages, 200 in the base text.
    invite_success_status: words("200", "201") = "invite-success-status", "200", "choice 1";
    /// Whether an invite's answer lacks `status`, as in the oldest pages.
    invite_omit_status: flag() = "invite-omit-status", "off", "choice 2";
    /// How a report spells `Test Left` and the like: with a blank or without.
    report_status_spelling: words("spaced", "joined") = "report-status-spelling", "spaced", "choice 3";
    /// The key and the word of a finished attempt in retrieve invites: the page's `testStatus` and `Completed`, or what a client reads.
    testattempts_spelling: words("page", "observed") = "testattempts-spelling", "page", "choice 5";
    /// The keys of a report: all in lowerCamelCase, or `Status` and `PerformanceCategory` as in the page's table.
    report_key_casing: words("camel", "table") = "report-key-casing", "camel", "choice 5";
    /// What the candidate reads who has finished: text A on the default link and text B on others, or one of them on all.
    already_taken_text: words("per-endpoint", "a", "b") = "already-taken-text", "per-endpoint", "choice 6";
    /// What a repeat replaces of a pending invitation: window and zone, or name and URLs too.
    repeat_updates: words("window", "v2-style") = "repeat-updates", "window", "choice 7";
    /// The window of a repeat without dates: a pending invitation keeps its own and a revived one takes the link's, or always one of the two.
    repeat_without_dates: words("by-state", "keep", "fresh") = "repeat-without-dates", "by-state", "choice 8";
    /// The status of a reattempt that is refused.
    reattempt_refusal_status: words("400", "403") = "reattempt-refusal-status", "400", "choice 9";
    /// The status of a reattempt that succeeds.
    reattempt_success_status: words("200", "201") = "reattempt-success-status", "200", "choice 9";
    /// Whether a reattempt without window or zone is refused.
    reattempt_requires_window: flag() = "reattempt-requires-window", "off", "choice 10";
    /// The bodies of refusals whose wording is not published.
    own_error_body: words("mixed", "message", "empty") = "own-error-body", "mixed", "choice 11";
    /// How many calls a minute are taken before one is answered 429.
    rate_limit: limit(1, 1_000_000) = "rate-limit", "off", "choice 13";
    /// The seconds that `Retry-After` names on a 429 of `rate-limit`.
    retry_after: limit(0, 86_400) = "retry-after", "off", "choice 13";
    /// Whether a time zone of 0 or less is refused.
    strict_time_zones: flag() = "strict-time-zones", "off", "choice 14";
    /// Whether an end that does not lie after the start is refused.
    strict_dates: flag() = "strict-dates", "off", "choice 15";
    /// How many days an invitation of the default link is valid.
    default_link_days: number(1, 3650) = "default-link-days", "7", "choice 17";
    /// The zone of the default link.
    default_link_zone: number(1, 1_000_000) = "default-link-zone", "1720", "choice 17";
    /// How long an attempt runs on: until the test's duration is over, or no longer than its window.
    overrun: words("until-duration", "stop-at-window") = "overrun", "until-duration", "choice 19";
    /// What the report of an attempt says that is not over.
    unfinished_report: words("null", "none-text", "not-found") = "unfinished-report", "null", "choice 20";
    /// What the PDF endpoint answers: the file, or where it is.
    report_pdf_answer: words("file", "json-url") = "report-pdf-answer", "file", "choice 21";
    /// How often a callback is tried in all.
    callback_attempts: words("5", "6") = "callback-attempts", "5", "choice 22";
    /// Seconds between two tries of a callback.
    callback_retry_delay: number(0, 86_400) = "callback-retry-delay", "10", "choice 22";
    /// Whether every callback is sent twice.
    callback_duplicates: flag() = "callback-duplicates", "off", "choice 22";
    /// What retrieve invites answers when there is nothing.
    testattempts_empty: words("list", "not-found") = "testattempts-empty", "list", "choice 24";
    /// Whether the candidate is mailed when the API cancels.
    cancel_mails: words("if-invited-by-mail", "never") = "cancel-mails", "if-invited-by-mail", "choice 27";
    /// Whether a window that is over already is refused.
    refuse_past_window: flag() = "refuse-past-window", "off", "choice 30";
    /// What an invite through an inactive link comes to.
    inactive_link: words("refuse", "accept") = "inactive-link", "refuse", "choice 31";
    /// Which states refuse a reattempt: In Progress, or the four of 2020.
    reattempt_rules: words("current", "2020") = "reattempt-rules", "current", "choice 35";
    /// The account's offset from UTC, for a callback whose time zone is not known.
    account_utc_offset: words(
        "-12:00", "-11:00", "-10:00", "-09:30", "-09:00", "-08:00", "-07:00", "-06:00", "-05:00", "-04:00", "-03:30", "-03:00", "-02:00",
        "-01:00", "+00:00", "+01:00", "+02:00", "+03:00", "+03:30", "+04:00", "+04:30", "+05:00", "+05:30", "+05:45", "+06:00", "+06:30",
        "+07:00", "+08:00", "+08:45", "+09:00", "+09:30", "+10:00", "+10:30", "+11:00", "+12:00", "+12:45", "+13:00", "+14:00"
    ) = "account-utc-offset", "-12:00", "choice 36";
    /// How many tests a page of the list has unless the call says.
    tests_page_size: number(1, 1000) = "tests-page-size", "10", "choice 37";
    /// Whether values outside an allowed set are refused; else they take the default.
    strict_values: flag() = "strict-values", "off", "choice 39";
    /// Whether a repeat that asks for mail mails again.
    repeat_mail: flag() = "repeat-mail", "on", "choice 40";
    /// Who is told of completion when neither the call nor the link says.
    test_owner: text() = "test-owner", "owner@example.com", "choice 41";
}
