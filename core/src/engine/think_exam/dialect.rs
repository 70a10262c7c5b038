//! Think Exam's switches: `docs/platforms/think-exam.md` section 9.

use crate::Platform;
use crate::engine::dialect::switches;

switches! { Platform::ThinkExam;
    /// How far a signature is judged: by the recipe, by the presence of its three headers, not at all.
    verify_signature: words("recipe", "presence", "off") = "verify-signature", "recipe", "C1";
    /// How far `ts` may lie from the machine's time, in seconds.
    signature_window: number(1, 86400) = "signature-window", "900", "C4";
    /// The HTTP status of a refused signature.
    auth_status: words("401", "403", "200") = "auth-status", "401", "C5";
    /// The HTTP status of the documented errors, and of 3100 where no other status is named.
    error_status: words("200", "400", "422") = "error-status", "200", "C6";
    /// What stands for `{Field name}` in an error: the JSON key as it is, or its words (`testId` as `Test Id`).
    field_name_style: words("key", "words") = "field-name-style", "key", "C8";
    /// Whether a blank or null field of an assignment counts as missing; else it names nobody, or no test.
    blank_is_missing: flag() = "blank-is-missing", "on", "C10";
    /// The code of a required key that is absent in a bulk registration.
    absent_field_code: words("3084", "3023") = "absent-field-code", "3084", "C11";
    /// Whether a faulty element of a bulk registration is answered in its place, and the others are registered.
    bulk_partial: flag() = "bulk-partial", "off", "C12";
    /// Whether assigning or de-assigning an unknown address or test is an error.
    unknown_target: words("error", "accept") = "unknown-target", "error", "C15";
    /// Whether an assignment to many leaves unknown addresses out instead of assigning none.
    multi_partial: flag() = "multi-partial", "off", "C16";
    /// Assigning what is assigned and not over.
    reassign: words("ignore", "refuse") = "reassign", "ignore", "C17";
    /// De-assigning what is not assigned.
    deassign_missing: words("refuse", "succeed") = "deassign-missing", "refuse", "C18";
    /// De-assigning once the attempt has begun.
    deassign_started: words("refuse", "allow") = "deassign-started", "refuse", "C19";
    /// Whether a flag other than 0 and 1 is refused; else it counts as 0.
    strict_flags: flag() = "strict-flags", "on", "C22";
    /// Whether the login of a known candidate asks for the password with which the candidate was registered.
    login_checks_password: flag() = "login-checks-password", "off", "C25";
    /// Whether the login of a known candidate changes the other fields too, the password left out.
    login_updates: flag() = "login-updates", "off", "C26";
    /// Whether a course that is not declared is refused with 3084.
    known_courses_only: flag() = "known-courses-only", "off", "C27";
    /// How the passwords of a password change are read.
    password_encoding: words("plain", "base64") = "password-encoding", "plain", "C29";
    /// How often a webhook is tried.
    webhook_attempts: number(1, 20) = "webhook-attempts", "1", "C35";
    /// Whether a repeated assignment that asks for mail mails again.
    repeat_mail: flag() = "repeat-mail", "on", "C38";
    /// Assigning a test whose attempt is over.
    assign_after_attempt: words("ignore", "reopen", "refuse") = "assign-after-attempt", "ignore", "C39";
    /// Whether a candidate's login without `Custom-Header` is refused.
    require_custom_header: flag() = "require-custom-header", "off", "C41";
}
