/*
 * bidden: invite candidates to tests on Think Exam, iMocha and TestInvite.
 *
 * This header is generated from ffi-c/src by `make header`. Do not edit it.
 *
 * NEVER SHIP A PLATFORM'S KEY IN A PROGRAM THAT RUNS ON A CANDIDATE'S MACHINE. Whoever holds the key can invite, cancel and
 * read results in the name of the account. Such a program asks a server of yours, and the server holds the key.
 *
 * CONVENTIONS. Every function keeps them; the comment of a function says only what is special about it.
 *
 * Names      bidden_<noun>_<verb>. `_new` makes, `_free` ends. A `const` handle is only read.
 * Order      Self, inputs, outputs, error.
 * Results    A function that can fail returns an int32_t: BIDDEN_OK (0), or the number of a kind of error, BIDDEN_ERROR_…. Its
 *            last parameter receives an error object and may be NULL. There is no errno and no last error of a thread.
 * Outputs    On entry every output, the error too, is set to NULL or zero, whatever stood there; a value is written on success
 *            only. So a variable need not be initialised, and may be read or freed after any outcome; an old value must be
 *            freed before the variable is used again. An output other than the error must not be NULL.
 * Owning     What a function writes into an output or returns as a bidden_string belongs to the caller and is freed with the
 *            function its comment names. `const char *` is returned for static text only and is never freed.
 * Freeing    `_free` accepts NULL and only frees: it sends nothing, waits for nobody else and cannot fail.
 * NULL       A NULL argument is `invalid-input` unless the comment allows it. Functions that cannot fail give their empty value
 *            (NULL, 0, false, an absent text) for a NULL handle.
 * Texts in   NUL-terminated UTF-8; anything else is `invalid-input`, never repaired. They are copied where they are kept.
 * Bytes in   Secrets and bodies are pointer and length; NULL with 0 is empty, NULL with more is `invalid-input`.
 * Texts out  A bidden_string is NUL-terminated and has its length without the NUL; the length is the truth, because a platform's
 *            text may hold NUL. {NULL, 0} means absent.
 * Structs    A struct whose first member is `size` may grow. Zero it, set `size` to its sizeof, then what is needed. What is zero
 *            is absent.
 * Numbers    Platforms, statuses and events are integers, checked on the way in: an unknown one is `invalid-input` naming the
 *            argument. New numbers may come out of a newer library; old ones never change their meaning.
 * Times      Whole seconds since 1970 UTC; BIDDEN_TIME_ABSENT (0) is none, and for `now_seconds` says: read the clock.
 * Threads    Every handle says what it bears. *Shared*: it does not change, any number of threads may use it at once. *One thread
 *            at a time*: it may move between threads. No handle is bound to the thread that made it, and none may be used while
 *            or after it is freed. Functions without a handle may be called from any thread.
 * Callbacks  Take their context pointer first, say on which thread they run, and must not throw or jump out.
 * Panics     A fault inside the library is caught: the function returns BIDDEN_ERROR_INTERNAL or its empty value, and the program
 *            goes on. Only memory that runs out or a stack that overflows ends the process.
 * Quiet      The library makes no thread before a call needs one, writes nothing to standard output or error, and touches no
 *            signal handler, locale or environment variable. It is never unmapped.
 * Kinds      The boundary adds none: a NULL, bad UTF-8, a number out of range or a wrong size is `invalid-input` with the argument's
 *            name as its field.
 * Features   The library is built with or without its ledger, and without its client too. Define BIDDEN_NO_LEDGER or
 *            BIDDEN_NO_CLIENT to compile against one without it.
 * Versions   BIDDEN_VERSION_… and BIDDEN_ABI_VERSION are those of this header; bidden_version(), bidden_version_number() and
 *            bidden_abi_version() those of the running library. The soname carries the ABI version, which only an incompatible
 *            change of this header raises.
 */

#ifndef BIDDEN_H
#define BIDDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(BIDDEN_NO_CLIENT)
/* The functions of the client are declared. */
#define BIDDEN_CLIENT 1
#endif

#if defined(BIDDEN_CLIENT) && !defined(BIDDEN_NO_LEDGER)
/* The functions of the ledger are declared. */
#define BIDDEN_LEDGER 1
#endif

/** The first part of this header's version. */
#define BIDDEN_VERSION_MAJOR 0

/** The second part. */
#define BIDDEN_VERSION_MINOR 1

/** The third part. */
#define BIDDEN_VERSION_PATCH 0

/** major * 1,000,000 + minor * 1,000 + patch, as bidden_version_number(). */
#define BIDDEN_VERSION_NUMBER 1000

/** As bidden_version(). */
#define BIDDEN_VERSION_STRING "0.1.0"

/*
 * The kinds of error. The numbers are grouped by who has to act: 10 the caller, 20 the rules, 30 patience, 40 the
 * network, 50 the machine and the library. None is ever used for something else.
 */

/** invalid-input: refused before anything was sent. */
#define BIDDEN_ERROR_INVALID_INPUT 10

/** configuration: a missing key, a bad address or a bad recipe. */
#define BIDDEN_ERROR_CONFIGURATION 11

/** unauthorized: key, token or signature not accepted. */
#define BIDDEN_ERROR_UNAUTHORIZED 12

/** refused: the lifecycle forbids it. */
#define BIDDEN_ERROR_REFUSED 20

/** rejected: the platform said no. */
#define BIDDEN_ERROR_REJECTED 21

/** duplicate: the platform holds this candidate already. */
#define BIDDEN_ERROR_DUPLICATE 22

/** not-found: unknown test, task, candidate or invitation. */
#define BIDDEN_ERROR_NOT_FOUND 23

/** rate-limited: too many requests too quickly. */
#define BIDDEN_ERROR_RATE_LIMITED 30

/** quota-exhausted: the account may send no more. */
#define BIDDEN_ERROR_QUOTA_EXHAUSTED 31

/** unavailable: the platform is down or cannot be reached. */
#define BIDDEN_ERROR_UNAVAILABLE 40

/** timed-out: no answer in time. */
#define BIDDEN_ERROR_TIMED_OUT 41

/** malformed-reply: an answer that cannot be read. */
#define BIDDEN_ERROR_MALFORMED_REPLY 42

/** uncertain: perhaps sent, and nobody can say what came of it. */
#define BIDDEN_ERROR_UNCERTAIN 43

/** storage: the ledger or the store failed. */
#define BIDDEN_ERROR_STORAGE 50

/** internal: a fault of bidden itself. */
#define BIDDEN_ERROR_INTERNAL 51

/** The bit of an event in `bidden_decision.allowed_events`. */
#define BIDDEN_EVENT_BIT(event) (UINT32_C(1) << (event))


#if defined(BIDDEN_CLIENT)
// As asked.
#define BIDDEN_SUPPORT_HONOURED 1
#endif

#if defined(BIDDEN_CLIENT)
// Nearly: the note says in what it differs.
#define BIDDEN_SUPPORT_APPROXIMATED 2
#endif

#if defined(BIDDEN_CLIENT)
// Not at all: the note says why, and what to do instead.
#define BIDDEN_SUPPORT_NOT_POSSIBLE 3
#endif

// A fault.
#define BIDDEN_LOG_ERROR 1

// Something doubtful.
#define BIDDEN_LOG_WARNING 2

// What is done.
#define BIDDEN_LOG_INFO 3

// How it is done: each try that failed.
#define BIDDEN_LOG_DEBUG 4

// Everything.
#define BIDDEN_LOG_TRACE 5

// Success.
#define BIDDEN_OK 0

// iMocha.
#define BIDDEN_PLATFORM_IMOCHA 1

// Think Exam.
#define BIDDEN_PLATFORM_THINK_EXAM 2

// TestInvite.
#define BIDDEN_PLATFORM_TESTINVITE 3

// There is no invitation.
#define BIDDEN_STATUS_NONE 0

// Invited, not started.
#define BIDDEN_STATUS_PENDING 1

// Started, not ended.
#define BIDDEN_STATUS_IN_PROGRESS 2

// Submitted.
#define BIDDEN_STATUS_COMPLETE 3

// The candidate left, or time ran out.
#define BIDDEN_STATUS_TEST_LEFT 4

// Ended by the platform.
#define BIDDEN_STATUS_TERMINATED 5

// Withdrawn.
#define BIDDEN_STATUS_CANCELLED 6

// Not started within its window.
#define BIDDEN_STATUS_EXPIRED 7

// An absent or new word of the platform.
#define BIDDEN_STATUS_UNKNOWN 8

// The candidate is invited.
#define BIDDEN_EVENT_INVITE 1

// The invitation is withdrawn.
#define BIDDEN_EVENT_CANCEL 2

// Another attempt is granted.
#define BIDDEN_EVENT_REATTEMPT 3

// The candidate opens the test.
#define BIDDEN_EVENT_START 4

// The candidate submits.
#define BIDDEN_EVENT_FINISH 5

// The candidate leaves.
#define BIDDEN_EVENT_LEAVE 6

// The platform ends the attempt.
#define BIDDEN_EVENT_TERMINATE 7

// The end of the window is reached.
#define BIDDEN_EVENT_EXPIRE 8

// A new invitation.
#define BIDDEN_EFFECT_CREATED 1

// The same invitation; its window is replaced.
#define BIDDEN_EFFECT_REFRESHED 2

// A cancelled or expired invitation returns to pending.
#define BIDDEN_EFFECT_REOPENED 3

// Accepted, nothing moves.
#define BIDDEN_EFFECT_UNCHANGED 4

// The status moves.
#define BIDDEN_EFFECT_MOVED 5

// A new invitation in the same chain.
#define BIDDEN_EFFECT_NEW_ATTEMPT 6

// The same request again does no harm.
#define BIDDEN_REPEAT_FREELY 1

// A lost call may go again only in the form that asks for no mail.
#define BIDDEN_REPEAT_WITHOUT_MAIL 2

// The platform itself refuses a second one, so the same request may go again.
#define BIDDEN_REPEAT_GUARDED 3

// A lost call never goes again: nobody could tell a repeat from a second request.
#define BIDDEN_REPEAT_NEVER 4

// Accepted; the answer does not tell new from old.
#define BIDDEN_DISPOSITION_INVITED 1

// A new invitation, on evidence.
#define BIDDEN_DISPOSITION_CREATED 2

// The window was replaced, on evidence.
#define BIDDEN_DISPOSITION_REFRESHED 3

// Was cancelled or expired, on evidence.
#define BIDDEN_DISPOSITION_REOPENED 4

// Nothing to do.
#define BIDDEN_DISPOSITION_UNCHANGED 5

// The attempt is running.
#define BIDDEN_DISPOSITION_IN_PROGRESS 6

// The same person stands twice in a file.
#define BIDDEN_DISPOSITION_DUPLICATE_ROW 7

// Registered.
#define BIDDEN_DISPOSITION_REGISTERED 8

// Was registered before; logged in.
#define BIDDEN_DISPOSITION_LOGGED_IN 9

// Withdrawn.
#define BIDDEN_DISPOSITION_CANCELLED 10

// The attempt is over; a reattempt is needed.
#define BIDDEN_DISPOSITION_ALREADY_ATTEMPTED 11

// The platform holds this candidate already.
#define BIDDEN_DISPOSITION_DUPLICATE 12

// The platform or the rules say no.
#define BIDDEN_DISPOSITION_REFUSED 13

// It cannot be sent.
#define BIDDEN_DISPOSITION_INVALID 14

// It did not work.
#define BIDDEN_DISPOSITION_FAILED 15

// Nobody can say what came of it.
#define BIDDEN_DISPOSITION_UNCERTAIN 16

// Kept back until somebody decides.
#define BIDDEN_DISPOSITION_HELD 17

// It was cancelled before anything was sent.
#define BIDDEN_DISPOSITION_NOT_SENT 18

// Nothing was sent, and nobody was asked.
#define BIDDEN_KNOWN_FROM_NOTHING 0

// The platform's answer.
#define BIDDEN_KNOWN_FROM_REPLY 1

// The ledger; nothing was sent.
#define BIDDEN_KNOWN_FROM_LEDGER 2

// A look-up.
#define BIDDEN_KNOWN_FROM_LOOKUP 3

#if defined(BIDDEN_CLIENT)
// The platform's key was compared and is right.
#define BIDDEN_AUTHENTICITY_VERIFIED 1
#endif

#if defined(BIDDEN_CLIENT)
// The platform sends nothing by which a callback could be known (iMocha, TestInvite).
#define BIDDEN_AUTHENTICITY_UNSIGNED 2
#endif

#if defined(BIDDEN_CLIENT)
// The platform sends a key, and none was given to compare it with.
#define BIDDEN_AUTHENTICITY_NOT_CHECKED 3
#endif

// No mail was asked for.
#define BIDDEN_EMAIL_NONE 0

// The platform was asked for a mail and accepted.
#define BIDDEN_EMAIL_ASKED 1

// The platform was asked to mail later.
#define BIDDEN_EMAIL_SCHEDULED 2

// A mail was asked for, and nobody can say whether it went out.
#define BIDDEN_EMAIL_UNCERTAIN 3

// A yes-or-no member that is not given. A zeroed struct gives none.
#define BIDDEN_FLAG_ABSENT 0

// Yes.
#define BIDDEN_FLAG_YES 1

// No.
#define BIDDEN_FLAG_NO 2

// Lower-case hexadecimal.
#define BIDDEN_ENCODING_HEX 1

// Base64 in the standard alphabet, padded.
#define BIDDEN_ENCODING_BASE64 2

// No moment: an open side of a window, a date that is not given, and for `now_seconds` *read the clock*.
#define BIDDEN_TIME_ABSENT 0

// The version of the binary interface, which the soname carries. Raised by every incompatible change of this header, and by
// nothing else.
#define BIDDEN_ABI_VERSION 1

// One call of one platform with its arguments, as a value. *Shared*.
typedef struct bidden_call bidden_call;

#if defined(BIDDEN_CLIENT)
// What a platform says has happened, in one form for all three. *Shared*.
typedef struct bidden_callback bidden_callback;
#endif

#if defined(BIDDEN_CLIENT)
// Ends the waits of the calls it was given to, from another thread. *Shared*.
typedef struct bidden_cancel bidden_cancel;
#endif

// The fields of one person, as they were given. *One thread at a time.*
typedef struct bidden_candidate bidden_candidate;

#if defined(BIDDEN_CLIENT)
// A client of one platform and one credential. *Shared*: any number of threads may call through it at once.
typedef struct bidden_client bidden_client;
#endif

// What went wrong. *Shared*: any number of threads may read one object.
typedef struct bidden_error bidden_error;

// What validation found. *Shared*.
typedef struct bidden_findings bidden_findings;

#if defined(BIDDEN_LEDGER)
// A durable record of every invitation: *per invitation at most one request that asks the platform for mail ever leaves*, whatever
// crashes. *Shared*: any number of threads may send through it at once; of several processes one has the file at a time.
typedef struct bidden_ledger bidden_ledger;
#endif

#if defined(BIDDEN_LEDGER)
// What an operation came to. *Shared*.
typedef struct bidden_outcome bidden_outcome;
#endif

#if defined(BIDDEN_LEDGER)
// A plan file, open and whole: nothing was cut off or changed since it was written. *Shared*.
typedef struct bidden_plan bidden_plan;
#endif

#if defined(BIDDEN_LEDGER)
// Reads the rows of a plan, one after the other. *One thread at a time.* Several may read one plan.
typedef struct bidden_plan_rows bidden_plan_rows;
#endif

#if defined(BIDDEN_LEDGER)
// A row of a plan. *Shared*.
typedef struct bidden_planned bidden_planned;
#endif

// How a signature is made, as data. *Shared*.
typedef struct bidden_recipe bidden_recipe;

// A platform's answer. *Shared*. The functions of one call give nothing for the answer to another.
typedef struct bidden_reply bidden_reply;

// Method, URL, headers and body. *One thread at a time.*
typedef struct bidden_request bidden_request;

#if defined(BIDDEN_LEDGER)
// What would be done for a candidate. *Shared*.
typedef struct bidden_review bidden_review;
#endif

// The three values `ak`, `sgn` and `ts`, or not yet. *One thread at a time.*
typedef struct bidden_signature bidden_signature;

#if defined(BIDDEN_LEDGER)
// What came of many. *Shared*.
typedef struct bidden_summary bidden_summary;
#endif

// An owned text. It is UTF-8 unless the function that gave it says otherwise, and NUL-terminated.
//
// A platform's text may hold NUL, so `length` is the truth. `{NULL, 0}` stands for *absent* and is a valid empty string
// for `bidden_string_free`. The two members must not be changed.
typedef struct {
    // The text; NULL when absent.
    char *text;
    // Its length in bytes, without the NUL.
    size_t length;
} bidden_string;

// Bytes of the caller: a secret or a body. `{NULL, 0}` is empty.
typedef struct {
    // The first byte.
    const uint8_t *bytes;
    // How many.
    size_t length;
} bidden_bytes;

// Signs a request of Think Exam: sets `ak`, `sgn` and `ts` with `bidden_signature_set` and returns `BIDDEN_OK`, or the number
// of a kind when it cannot (a number that is no kind counts as `configuration`). `request` and `signature` are valid until it
// returns. It runs on the thread that makes the call, on several at once when several make calls, and must not throw.
typedef int32_t (*bidden_signer)(void *context,
                                 const bidden_request *request,
                                 int64_t now_seconds,
                                 bidden_signature *signature);

// Where a platform is, and who calls. Zero it, set `size` to `sizeof (bidden_options)`, then what is needed; everything is
// copied. What is zero has its default.
typedef struct {
    // `sizeof (bidden_options)`.
    size_t size;
    // Scheme, host, port and path, e.g. `http://127.0.0.1:8787`. NULL is the live service of iMocha and of TestInvite; Think
    // Exam has no common host.
    const char *base_url;
    // iMocha: the key. Think Exam: `ak`, for a recipe.
    bidden_bytes api_key;
    // TestInvite: the token.
    bidden_bytes token;
    // Think Exam: the secret, for a recipe.
    bidden_bytes secret;
    // Think Exam: the recipe, a preset's name or a JSON object, with `api_key` and `secret`. On loopback NULL is `default`; anywhere
    // else it is `configuration`, because how the vendor signs is not published.
    const char *recipe;
    // Think Exam: asks the caller for each signature, instead of a recipe.
    bidden_signer signer;
    // Handed to `signer`. It must live as long as the client.
    void *signer_context;
    // How long one try may take in all, in milliseconds; 0 is 30,000. A request in flight is never cut short otherwise.
    uint32_t timeout_milliseconds;
    // How often a call is tried at most, the first included; 0 is 5.
    uint32_t tries;
    // How many threads share the client: that many idle connections are kept; 0 is 16.
    uint32_t callers;
    // Calls per second over all threads; 0 is no limit.
    uint32_t calls_per_second;
} bidden_options;

// A header of an answer.
typedef struct {
    // Its name, in any letter case.
    const char *name;
    // Its value as it came, in whatever encoding.
    const char *value;
} bidden_header;

#if defined(BIDDEN_LEDGER)
// What is to be done for one candidate: the options of `bidden invite`, in the same words. Zero it, set `size`, then what is
// needed; everything is read before the function returns. Without any option nobody is mailed.
typedef struct {
    // `sizeof (bidden_operation)`.
    size_t size;
    // The test; TestInvite calls it task. Required, but not for registering.
    const char *test;
    // The person. For cancelling and another attempt an address or an external id is enough, and may be left out where
    // `invitation_id` is given.
    const bidden_candidate *candidate;
    // Cancelling and another attempt: the platform's id of the invitation; NULL for what the ledger or a look-up says.
    const char *invitation_id;
    // Ends the waits: what is in flight is finished, nothing new is sent. NULL for none.
    const bidden_cancel *cancel;
    // `BIDDEN_FLAG_…`: whether the platform mails the candidate. Absent is no.
    int32_t send_email;
    // iMocha, `BIDDEN_FLAG_…`: whether the instruction page is skipped.
    int32_t hide_instruction;
    // Think Exam, `BIDDEN_FLAG_…`: whether the candidate needs no password.
    int32_t skip_password;
    // TestInvite, `BIDDEN_FLAG_…`: whether nothing is sent that guards against a second candidate.
    int32_t no_tracking;
    // TestInvite: the saved template that is mailed; NULL for none.
    const char *email_template;
    // TestInvite: when it is mailed; `BIDDEN_TIME_ABSENT` for at once.
    int64_t send_at_seconds;
    // iMocha: comma-separated addresses told of completion, or `disable`; NULL for the account's own.
    const char *stakeholder_emails;
    // Since when the test may be started; `BIDDEN_TIME_ABSENT` for at once.
    int64_t start_seconds;
    // Until when; `BIDDEN_TIME_ABSENT` for the platform's own.
    int64_t end_seconds;
    // iMocha: the number of a time zone; 0 for none.
    int64_t time_zone_id;
    // Where the platform reports to; NULL for none.
    const char *callback_url;
    // TestInvite: `basic` or `detailed`; NULL for none.
    const char *callback_resource;
    // iMocha: where the candidate is led afterwards; NULL for none.
    const char *redirect_url;
    // iMocha: `disabled`, `image` or `video`; NULL for the test's own.
    const char *proctoring;
    // TestInvite: the language of the interface; NULL for the task's.
    const char *language;
    // TestInvite: an array of ids of programs.
    const char *const *program_ids;
    // How many.
    size_t program_id_count;
    // TestInvite: where the candidate must be unique: `task`, `group`, `labels` or `programs`; NULL for the task.
    const char *unique_within;
    // TestInvite: what the candidate pays, as digits such as `19.90`; NULL for nothing.
    const char *price_amount;
    // Its currency, such as `EUR`. Required with an amount.
    const char *price_currency;
    // Consent, `BIDDEN_FLAG_…`: a cancelled or expired invitation may be opened again.
    int32_t reopen;
    // Consent, `BIDDEN_FLAG_…`: a mail may be asked for although one was before.
    int32_t mail_again;
    // Consent, `BIDDEN_FLAG_…`: what nobody can say what came of may be sent again, without mail.
    int32_t resend_uncertain;
    // Always 0.
    int32_t reserved;
} bidden_operation;
#endif

// When a candidate may start: from `start_seconds`, until before `end_seconds`. A zeroed window is open on both sides.
typedef struct {
    // The first moment at which the test may be started; `BIDDEN_TIME_ABSENT` for none.
    int64_t start_seconds;
    // The first moment at which it may no longer be started; `BIDDEN_TIME_ABSENT` for none.
    int64_t end_seconds;
} bidden_window;

// What `bidden_decide` found. The caller sets `size` to `sizeof (bidden_decision)`; the rest is written.
typedef struct {
    // `sizeof (bidden_decision)`, set by the caller.
    size_t size;
    // 1 when the event may happen, 0 when it is refused.
    int32_t is_allowed;
    // The state that the event met, `BIDDEN_STATUS_…`, expiry taken into account.
    int32_t state;
    // What the event does, `BIDDEN_EFFECT_…`; 0 when it is refused.
    int32_t effect;
    // Where the invitation stands then, `BIDDEN_STATUS_…`; 0 when it is refused.
    int32_t next;
    // When the event is refused: what is allowed instead, a bit `1 << BIDDEN_EVENT_…` for each. Else 0.
    uint32_t allowed_events;
    // Always 0.
    uint32_t reserved;
    // When the event is refused because of the window: the moment at which it opens or ended. Else `BIDDEN_TIME_ABSENT`.
    int64_t moment_seconds;
} bidden_decision;

// Receives one line without secrets and addresses; `message` is valid until it returns. It runs on the thread that caused the
// line, on several at once when several cause one. It must not throw and must not call `bidden_log_set`.
typedef void (*bidden_log)(void *context, int32_t level, const char *message);

#if defined(BIDDEN_LEDGER)
// Gives the next candidate: fills the empty one that it is given by `bidden_candidate_set`, and returns 1; 0 when there is nobody
// any more. The candidate is the library's and is gone when the function that is running returns; do not free it. It runs on
// threads of the library, on one at a time, and must not throw.
typedef int32_t (*bidden_next)(void *context, bidden_candidate *candidate);
#endif

#if defined(BIDDEN_LEDGER)
// Hears what came of a candidate: his number, from 0 in the order in which they were given, and the outcome, which is the
// library's and may be read until the function returns. It runs on threads of the library, on one at a time, in the order in
// which they end, and must not throw. What it is told is durable already.
typedef void (*bidden_row)(void *context, uint64_t number, const bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// Hears how far a run is, after every row: how many rows are done, and how many there are in all, 0 where nobody knows yet. It runs on
// threads of the library, on one at a time, and must not throw.
typedef void (*bidden_progress)(void *context, uint64_t done, uint64_t total);
#endif

#if defined(BIDDEN_LEDGER)
// How many are invited, or planned. Zero it, set `size`, then what is needed; `next` is required.
typedef struct {
    // `sizeof (bidden_many)`.
    size_t size;
    // Gives the candidates.
    bidden_next next;
    // Given to it.
    void *next_context;
    // Hears what came of each; NULL for nobody.
    bidden_row row;
    // Given to it.
    void *row_context;
    // How many are under way at once; 0 for 16.
    uint32_t concurrency;
    // How many calls a second all workers of the ledger's account make together; 0 for no limit.
    uint32_t calls_per_second;
    // Ends the run after so many that did not end well; 0 for never.
    uint64_t stop_after_failures;
    // Consent: the most mails that may be asked for in this run, which ends before one more; 0 for no bound. A host that is not this
    // machine needs one where the operation asks for mails.
    uint64_t max_emails;
    // Consent, `BIDDEN_FLAG_…`: people may be reached on a host that is not this machine. Nothing is sent there without it.
    int32_t confirm;
    // Always 0.
    int32_t reserved;
    // Hears how far it is; NULL for nobody.
    bidden_progress progress;
    // Given to it.
    void *progress_context;
} bidden_many;
#endif

#if defined(BIDDEN_LEDGER)
// Hears what came of a row of a plan; both are the library's and may be read until the function returns. It runs on threads of the
// library, on one at a time, in the order in which they end, and must not throw. What it is told is durable already.
typedef void (*bidden_planned_row)(void *context, const bidden_planned *planned, const bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// How a plan is sent. Zero it, set `size`, then what is needed; NULL is a zeroed one.
typedef struct {
    // `sizeof (bidden_apply)`.
    size_t size;
    // Ends the run from any thread: who is under way is finished, nobody else is sent. NULL for none.
    const bidden_cancel *cancel;
    // Hears what came of each row; NULL for nobody.
    bidden_planned_row row;
    // Given to it.
    void *row_context;
    // Hears how far it is; NULL for nobody.
    bidden_progress progress;
    // Given to it.
    void *progress_context;
    // How many are under way at once; 0 for 16.
    uint32_t concurrency;
    // How many calls a second all workers of the ledger's account make together; 0 for no limit.
    uint32_t calls_per_second;
    // Ends the run after so many that did not end well; 0 for never.
    uint64_t stop_after_failures;
    // Refuses the run when it would ask for more mails than this; 0 for no bound but the plan's own.
    uint64_t max_emails;
} bidden_apply;
#endif

// The arguments of `imocha.invite` (iMocha reference, section 7). Zero it, set `size`, then what is needed.
typedef struct {
    // `sizeof (bidden_imocha_invite)`.
    size_t size;
    // The test. Required.
    int64_t test_id;
    // The candidate's address. Required unless mandatory fields are disabled.
    const char *email;
    // The candidate's name. Required unless mandatory fields are disabled.
    const char *name;
    // Where the platform reports to; NULL for none.
    const char *callback_url;
    // Where the candidate is led afterwards; NULL for none.
    const char *redirect_url;
    // `BIDDEN_FLAG_…`: whether name and address may be left out.
    int32_t disable_mandatory_fields;
    // `BIDDEN_FLAG_…`: whether the instruction page is skipped.
    int32_t hide_instruction;
    // `BIDDEN_FLAG_…`: whether the platform mails the candidate. Absent is no.
    int32_t send_email;
    // Always 0.
    int32_t reserved;
    // Addresses separated by commas, or `disable`; NULL for the account's own.
    const char *stakeholder_emails;
    // Since when the test may be started; `BIDDEN_TIME_ABSENT` for at once.
    int64_t start_seconds;
    // Until when; `BIDDEN_TIME_ABSENT` for the account's own.
    int64_t end_seconds;
    // The platform's number of a time zone; 0 for none.
    int64_t time_zone_id;
    // `disabled`, `image` or `video`; NULL for the test's own.
    const char *proctoring_mode;
    // Further members of the neutral JSON as an object, e.g. `{"extra":{…}}`; NULL for none.
    const char *more_json;
} bidden_imocha_invite;

// The arguments of `imocha.reattempt` (iMocha reference, section 9). Zero it, set `size`, then what is needed; the window and its time
// zone are required.
typedef struct {
    // `sizeof (bidden_imocha_reattempt)`.
    size_t size;
    // Any invitation of the chain. Required.
    int64_t test_invitation_id;
    // Since when the test may be started. Required.
    int64_t start_seconds;
    // Until when. Required.
    int64_t end_seconds;
    // The platform's number of a time zone. Required.
    int64_t time_zone_id;
    // Where the platform reports to; NULL for none.
    const char *callback_url;
    // Where the candidate is led afterwards; NULL for none.
    const char *redirect_url;
    // `BIDDEN_FLAG_…`: whether the instruction page is skipped.
    int32_t hide_instruction;
    // `BIDDEN_FLAG_…`: whether the platform mails the candidate. Absent is no.
    int32_t send_email;
    // Further members of the neutral JSON as an object; NULL for none.
    const char *more_json;
} bidden_imocha_reattempt;

// The arguments of `think_exam.assign_test` (Think Exam reference, section 3.1). Zero it, set `size`, then what is needed.
typedef struct {
    // `sizeof (bidden_think_exam_assign_test)`.
    size_t size;
    // The address of a registered candidate. Required.
    const char *email;
    // The test. Required.
    const char *test_id;
    // `BIDDEN_FLAG_…`: whether the platform mails the candidate. Absent is no.
    int32_t is_mail_enable;
    // `BIDDEN_FLAG_…`: whether the candidate needs no password. Absent is no.
    int32_t is_password_skip;
    // Further members of the neutral JSON as an object; NULL for none.
    const char *more_json;
} bidden_think_exam_assign_test;

// The arguments of `think_exam.deassign_test` (Think Exam reference, section 3.2). Zero it, set `size`, then what is needed.
typedef struct {
    // `sizeof (bidden_think_exam_deassign_test)`.
    size_t size;
    // The candidate's address. Required.
    const char *email;
    // The test. Required.
    const char *test_id;
    // Further members of the neutral JSON as an object; NULL for none.
    const char *more_json;
} bidden_think_exam_deassign_test;

// One candidate to be registered. Zero it, set `size`, then what is needed.
typedef struct {
    // `sizeof (bidden_think_exam_registration)`.
    size_t size;
    // The full name. Required.
    const char *name;
    // The address. Required.
    const char *email;
    // NULL lets the platform make one.
    const char *enrollment_number;
    // NULL lets the platform make one.
    const char *password;
    // Digits with an optional `+`; NULL for none.
    const char *mobile;
    // NULL for none.
    const char *gender;
    // The date of birth; NULL for none.
    const char *dob;
    // NULL for none.
    const char *course_name;
    // NULL for none.
    const char *extra1;
    // NULL for none.
    const char *extra2;
    // NULL for none.
    const char *extra3;
    // Address of a picture, or the picture; NULL for none.
    const char *profile_pic;
} bidden_think_exam_registration;

// The arguments of `think_exam.bulk_candidate_register` (Think Exam reference, section 3.3). Zero it, set `size`, then what
// is needed.
typedef struct {
    // `sizeof (bidden_think_exam_bulk_candidate_register)`.
    size_t size;
    // An array of pointers, one for each candidate.
    const bidden_think_exam_registration *const *candidates;
    // How many.
    size_t candidate_count;
} bidden_think_exam_bulk_candidate_register;

// The arguments of `testinvite.create_candidate` (TestInvite reference, section 2). Zero it, set `size`, then what is needed.
typedef struct {
    // `sizeof (bidden_testinvite_create_candidate)`.
    size_t size;
    // The task. Required.
    const char *task_id;
    // An internal candidate: the user's id. NULL makes a temporary candidate.
    const char *id;
    // A temporary candidate's name; NULL for none.
    const char *fullname;
    // A temporary candidate's address; NULL for none.
    const char *email;
    // A temporary candidate's first credential; NULL for none.
    const char *credential1;
    // A temporary candidate's second credential; NULL for none.
    const char *credential2;
    // A temporary candidate's `tracking.uniq_id`: with it the platform itself refuses a second candidate. NULL for none.
    const char *tracking_uniq_id;
    // The scope in which it is unique; NULL for the task.
    const char *tracking_scope;
    // NULL for the default group.
    const char *group;
    // An array of labels.
    const char *const *labels;
    // How many.
    size_t label_count;
    // The candidate's id on the caller's side; NULL for none.
    const char *external_id;
    // The language of the interface; NULL for the task's.
    const char *lang;
    // An array of ids of programs.
    const char *const *program_ids;
    // How many.
    size_t program_id_count;
    // An array of further addresses that mails are copied to.
    const char *const *extra_emails;
    // How many.
    size_t extra_email_count;
    // Since when the candidate may log in; `BIDDEN_TIME_ABSENT` for at once.
    int64_t after_seconds;
    // Until when; `BIDDEN_TIME_ABSENT` for the task's own.
    int64_t before_seconds;
    // The template of the invitation mail; NULL mails nobody.
    const char *email_template_name;
    // When it is sent; `BIDDEN_TIME_ABSENT` for at once.
    int64_t date_to_send_seconds;
    // Where the platform reports to; NULL for none.
    const char *callback_url;
    // `basic` or `detailed`. Required with a callback_url.
    const char *callback_resource;
    // Further members of the neutral JSON as an object, e.g. `{"tags":{…},"price":{…},"customized_steps":[…]}`; NULL for none.
    const char *more_json;
} bidden_testinvite_create_candidate;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// How many calls there are.
size_t bidden_call_count(void);

// The name of a call of the table, from 0, e.g. `"imocha.invite"`: static text. NULL behind the last.
const char *bidden_call_name_at(size_t index);

// The HTTP method of a call of the table, from 0: static text. NULL behind the last.
const char *bidden_call_method_at(size_t index);

// The path of a call of the table, from 0, its parameters in braces: static text. NULL behind the last.
const char *bidden_call_path_at(size_t index);

// The platform of a call of the table, from 0, `BIDDEN_PLATFORM_…`; 0 behind the last.
int32_t bidden_call_platform_at(size_t index);

// Makes a call from its name and the neutral JSON of its arguments: one flat object with the reference's field names in
// snake_case, path parameters beside them, a bare array under `candidates`, flags as booleans, times as RFC 3339 or seconds,
// unknown fields under `extra`. Free it with `bidden_call_free`.
//
// `invalid-input`: an unknown name; every field that is missing or cannot be right, all at once.
int32_t bidden_call_new(const char *name,
                        const char *json,
                        bidden_call **call,
                        bidden_error **error);

// Frees a call. NULL is allowed.
void bidden_call_free(bidden_call *call);

// The call's name: static text. NULL for NULL.
const char *bidden_call_name(const bidden_call *call);

// Whose call it is, `BIDDEN_PLATFORM_…`; 0 for NULL.
int32_t bidden_call_platform(const bidden_call *call);

// Whether the call may be sent again when nobody knows what became of it, `BIDDEN_REPEAT_…`; 0 for NULL.
int32_t bidden_call_repeat(const bidden_call *call);

// Whether the call asks the platform to mail the candidate.
bool bidden_call_asks_for_mail(const bidden_call *call);

// The same call asking for no mail: what a lost call of `BIDDEN_REPEAT_WITHOUT_MAIL` is repeated as. Free it with
// `bidden_call_free`.
int32_t bidden_call_without_mail(const bidden_call *call,
                                 bidden_call **without_mail,
                                 bidden_error **error);

// The neutral JSON of the arguments. It may hold secrets of a candidate. Free it with `bidden_string_free`.
bidden_string bidden_call_json(const bidden_call *call);

// The request of a call, to be sent with the program's own HTTP stack. `options` says where to; when it holds the platform's
// credential, the request carries it and the client's guards are kept: no key of the sandbox leaves the machine, no example
// address goes to a live host. Without one (NULL: the platform's live address) the program adds it. `now_seconds` is signed
// by Think Exam's recipes and may be `BIDDEN_TIME_ABSENT`: the clock is read. Free it with `bidden_request_free`.
//
// `invalid-input`, `configuration`, and what a signer returns.
int32_t bidden_call_request(const bidden_call *call,
                            const bidden_options *options,
                            int64_t now_seconds,
                            bidden_request **request,
                            bidden_error **error);

// Reads the platform's answer to a call: HTTP status, headers (NULL with 0 when the program has none; `retry-after` and
// `date` are read), and the body's bytes. What the platform refused is an error. Free the reply with `bidden_reply_free`.
//
// Any kind that an answer can mean; `malformed-reply` for what cannot be read.
int32_t bidden_call_read_reply(const bidden_call *call,
                               int32_t http_status,
                               const bidden_header *headers,
                               size_t header_count,
                               const uint8_t *body,
                               size_t body_length,
                               bidden_reply **reply,
                               bidden_error **error);

#if defined(BIDDEN_CLIENT)
// Reads a callback: its headers (NULL with 0 when the program has none) and its body's bytes. `key` is what Think Exam's receiver
// was given, compared in constant time; NULL leaves it unchecked, and the other two platforms have none. Nothing is assumed of
// order or of number. What is not verified is a hint: look it up at the platform before you act on it. Free it with
// `bidden_callback_free`.
//
// `unauthorized`: the key is missing or another. `malformed-reply`: the body is no callback of the platform.
int32_t bidden_callback_read(int32_t platform,
                             const bidden_header *headers,
                             size_t header_count,
                             const uint8_t *body,
                             size_t body_length,
                             const char *key,
                             bidden_callback **callback,
                             bidden_error **error);
#endif

#if defined(BIDDEN_CLIENT)
// Frees a callback. NULL is allowed.
void bidden_callback_free(bidden_callback *callback);
#endif

#if defined(BIDDEN_CLIENT)
// Whose it is, `BIDDEN_PLATFORM_…`; 0 for NULL.
int32_t bidden_callback_platform(const bidden_callback *callback);
#endif

#if defined(BIDDEN_CLIENT)
// Where the attempt stands, `BIDDEN_STATUS_…`; 0 for NULL. TestInvite speaks of one test session, of which an invitation may
// have several.
int32_t bidden_callback_status(const bidden_callback *callback);
#endif

#if defined(BIDDEN_CLIENT)
// How far it can be believed, `BIDDEN_AUTHENTICITY_…`; 0 for NULL.
int32_t bidden_callback_authenticity(const bidden_callback *callback);
#endif

#if defined(BIDDEN_CLIENT)
// Whether it moves an invitation that stands at `known_status`, `BIDDEN_STATUS_…`: callbacks come late, twice and in any order,
// and what is over is not in progress again. False for NULL and for a number that is no status.
bool bidden_callback_moves(const bidden_callback *callback,
                           int32_t known_status);
#endif

#if defined(BIDDEN_CLIENT)
// Equal for two callbacks that say the same; holds no personal data. Free it with `bidden_string_free`.
bidden_string bidden_callback_dedupe_key(const bidden_callback *callback);
#endif

#if defined(BIDDEN_CLIENT)
// The invitation by the platform's id: iMocha's invitation, TestInvite's candidate. Absent for Think Exam. Free it with
// `bidden_string_free`.
bidden_string bidden_callback_invitation_id(const bidden_callback *callback);
#endif

#if defined(BIDDEN_CLIENT)
// The candidate's address, where it is told. Free it with `bidden_string_free`.
bidden_string bidden_callback_email(const bidden_callback *callback);
#endif

#if defined(BIDDEN_CLIENT)
// The score, where it is told. False when it is not, and then `score` is left alone.
bool bidden_callback_score(const bidden_callback *callback, double *score);
#endif

#if defined(BIDDEN_CLIENT)
// The neutral JSON: every known member, `null` when not told, unknown ones under `extra`, the body as it came under `body`. It
// holds personal data. Free it with `bidden_string_free`.
bidden_string bidden_callback_json(const bidden_callback *callback);
#endif

// Makes a candidate without any field. Free it with `bidden_candidate_free`.
int32_t bidden_candidate_new(bidden_candidate **candidate, bidden_error **error);

// Frees a candidate; its texts are zeroed. NULL is allowed.
void bidden_candidate_free(bidden_candidate *candidate);

// Sets a field by its name: `email`, `name`, `external_id`, `uniq_id`, `user_id`, `enrollment_number`, `password`, `mobile`,
// `gender`, `dob`, `course_name`, `extra1`, `extra2`, `extra3`, `profile_pic`, `group`, `labels`, `tags`, `credential1`,
// `credential2`, `extra_emails`. Lists are separated by `;`. The text is copied and not yet judged; NULL takes the field away.
//
// `invalid-input`: an unknown field, or text that is not UTF-8.
int32_t bidden_candidate_set(bidden_candidate *candidate,
                             const char *field,
                             const char *text,
                             bidden_error **error);

// Checks all fields at once. With a platform (`BIDDEN_PLATFORM_…`) what its call requires is required; 0 checks what is
// common to all. Findings are a result, not an error: `BIDDEN_OK` however many there are. `now_seconds` may be
// `BIDDEN_TIME_ABSENT`: the clock is read. An internationalised domain is judged in its ASCII form; a library built without the tables
// for that takes its letters as they are. Free the findings with `bidden_findings_free`.
//
// `invalid-input`: an unknown platform.
int32_t bidden_candidate_validate(const bidden_candidate *candidate,
                                  int32_t platform,
                                  int64_t now_seconds,
                                  bidden_findings **findings,
                                  bidden_error **error);

// Frees findings. NULL is allowed.
void bidden_findings_free(bidden_findings *findings);

// How many errors were found: what keeps the candidate from being sent.
size_t bidden_findings_error_count(const bidden_findings *findings);

// How many warnings were found: what a platform would take, but is probably a mistake.
size_t bidden_findings_warning_count(const bidden_findings *findings);

// The field of an error, from 0; absent behind the last. Free it with `bidden_string_free`.
bidden_string bidden_findings_error_field(const bidden_findings *findings, size_t index);

// What is wrong with it, without its value; absent behind the last. Free it with `bidden_string_free`.
bidden_string bidden_findings_error_reason(const bidden_findings *findings, size_t index);

// The field of a warning, from 0; absent behind the last. Free it with `bidden_string_free`.
bidden_string bidden_findings_warning_field(const bidden_findings *findings, size_t index);

// What is doubtful about it, without its value; absent behind the last. Free it with `bidden_string_free`.
bidden_string bidden_findings_warning_reason(const bidden_findings *findings, size_t index);

#if defined(BIDDEN_CLIENT)
// How many operations and options there are.
size_t bidden_capability_count(void);
#endif

#if defined(BIDDEN_CLIENT)
// The name of an operation or an option of the command, from 0, e.g. `"reattempt"`, `"send-email"`: static text. NULL behind the
// last.
const char *bidden_capability_name_at(size_t index);
#endif

#if defined(BIDDEN_CLIENT)
// What a platform makes of an operation or an option, `BIDDEN_SUPPORT_…`; 0 for a platform or a name that is none. What is lost of
// an invitation is known beforehand: ask for each option that is set.
int32_t bidden_capability_support(int32_t platform,
                                  const char *name);
#endif

#if defined(BIDDEN_CLIENT)
// In what it differs, or why it is not possible and what to do instead: static text, empty when it is honoured. NULL for a platform
// or a name that is none.
const char *bidden_capability_note(int32_t platform,
                                   const char *name);
#endif

#if defined(BIDDEN_CLIENT)
// Makes a client of a platform, `BIDDEN_PLATFORM_…`. Nothing is sent and no thread is made. Free it with
// `bidden_client_free`.
//
// `configuration`: no credential, an address that cannot be read, a key of the sandbox for another machine.
int32_t bidden_client_new(int32_t platform,
                          const bidden_options *options,
                          bidden_client **client,
                          bidden_error **error);
#endif

#if defined(BIDDEN_CLIENT)
// Frees a client and closes its idle connections; nothing is sent or waited for. No call may be under way. NULL is allowed.
void bidden_client_free(bidden_client *client);
#endif

#if defined(BIDDEN_CLIENT)
// Sends a call and reads the answer; once more where the call's class and the policy allow it, never so that a second mail
// could go out. One request that is in no ledger: the program remembers what came of it. Blocks. `cancel` may be NULL. Free
// the reply with `bidden_reply_free`.
//
// Any kind. `uncertain` when something was sent that changes something and nobody can say what came of it; `timed-out` when
// it was cancelled before anything was sent.
int32_t bidden_client_call(const bidden_client *client,
                           const bidden_call *call,
                           const bidden_cancel *cancel,
                           bidden_reply **reply,
                           bidden_error **error);
#endif

#if defined(BIDDEN_CLIENT)
// Makes a handle that can end the waits of calls. Free it with `bidden_cancel_free`.
int32_t bidden_cancel_new(bidden_cancel **cancel, bidden_error **error);
#endif

#if defined(BIDDEN_CLIENT)
// Ends the waits of every call that was given this handle, and of those that will be: it stays cancelled. A request in flight
// is finished, bounded by `timeout_milliseconds`. May be called from any thread. NULL is allowed.
void bidden_cancel_cancel(const bidden_cancel *cancel);
#endif

#if defined(BIDDEN_CLIENT)
// Frees a handle; calls that were given it go on. NULL is allowed.
void bidden_cancel_free(bidden_cancel *cancel);
#endif

// Frees an error. NULL is allowed.
void bidden_error_free(bidden_error *error);

// The number of its kind, `BIDDEN_ERROR_…`; `BIDDEN_OK` for NULL.
int32_t bidden_error_kind(const bidden_error *error);

// The name of its kind, e.g. `"not-found"`: static text. NULL for NULL.
const char *bidden_error_slug(const bidden_error *error);

// One line for people and logs, without secrets and personal data. Absent for NULL. Free it with `bidden_string_free`.
bidden_string bidden_error_message(const bidden_error *error);

// Whether the same request may help when sent again, given that nothing was sent or that it may be repeated.
bool bidden_error_can_retry(const bidden_error *error);

// The platform it concerns, `BIDDEN_PLATFORM_…`; 0 when it concerns none.
int32_t bidden_error_platform(const bidden_error *error);

// The call it happened in, e.g. `imocha.invite`; absent when it was none. Free it with `bidden_string_free`.
bidden_string bidden_error_operation(const bidden_error *error);

// The platform's own code, e.g. `3095`; absent when it gave none. Free it with `bidden_string_free`.
bidden_string bidden_error_platform_code(const bidden_error *error);

// The platform's own text as it came: it may hold personal data. Absent when it gave none. Free it with
// `bidden_string_free`.
bidden_string bidden_error_platform_message(const bidden_error *error);

// The answer as it came, where it could not be read: it may hold personal data. Else absent. Free it with
// `bidden_string_free`.
bidden_string bidden_error_raw_reply(const bidden_error *error);

// HTTP status of the answer; 0 when there was none.
int32_t bidden_error_http_status(const bidden_error *error);

// How many seconds the platform asks to wait, rounded up; -1 when it does not say.
int64_t bidden_error_retry_after_seconds(const bidden_error *error);

// How many fields were refused.
size_t bidden_error_field_count(const bidden_error *error);

// The name of a refused field or argument, from 0; absent behind the last. Free it with `bidden_string_free`.
bidden_string bidden_error_field(const bidden_error *error, size_t index);

// Why a field was refused, without its value; absent behind the last. Free it with `bidden_string_free`.
bidden_string bidden_error_field_reason(const bidden_error *error, size_t index);

#if defined(BIDDEN_LEDGER)
// Opens a ledger in a file, which is made when it is missing, readable by its owner only. It has a thread of its own. Free it
// with `bidden_ledger_free`.
//
// `storage`: the file cannot be opened or written, is in use by another process, or was written by a newer version.
// `configuration`: an address of PostgreSQL, which libbidden does not know.
int32_t bidden_ledger_open(const char *location,
                           bidden_ledger **ledger,
                           bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// The same ledger for another account, a name of the caller's that is never made from a key; `bidden_ledger_open` opens it for
// `default`. An invitation of one account is none of another's. Free it with `bidden_ledger_free`; the file is open until the
// last one is freed.
int32_t bidden_ledger_account(const bidden_ledger *ledger,
                              const char *name,
                              bidden_ledger **other,
                              bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// Where the record is kept. Absent for NULL. Free it with `bidden_string_free`.
bidden_string bidden_ledger_location(const bidden_ledger *ledger);
#endif

#if defined(BIDDEN_LEDGER)
// Closes a ledger. What a function that has returned wrote is on the disk already. NULL is allowed.
void bidden_ledger_free(bidden_ledger *ledger);
#endif

#if defined(BIDDEN_LEDGER)
// Invites a candidate, at most once with a mail, however often it is called; what the platform refused goes again. On Think
// Exam a candidate whom the ledger does not know is registered first. Blocks. What the platform says, and what the ledger
// holds back, is the outcome; free it with `bidden_outcome_free`.
//
// `storage`; `invalid-input` and `configuration`, when they keep the invitation from being tried.
int32_t bidden_ledger_invite(const bidden_ledger *ledger,
                             const bidden_client *client,
                             const bidden_operation *operation,
                             bidden_outcome **outcome,
                             bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// Withdraws the invitation of a candidate: iMocha cancels it, Think Exam takes the test back, TestInvite deletes the candidate.
// Of the members `test`, `candidate`, `invitation_id`, `cancel` and the consents count. Blocks. Free the outcome with
// `bidden_outcome_free`.
//
// `storage`; `invalid-input` and `configuration`, when they keep it from being tried.
int32_t bidden_ledger_cancel(const bidden_ledger *ledger,
                             const bidden_client *client,
                             const bidden_operation *operation,
                             bidden_outcome **outcome,
                             bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// Allows a candidate another attempt (iMocha), which is a new invitation. `start_seconds`, `end_seconds` and `time_zone_id` are
// required. Blocks. Free the outcome with `bidden_outcome_free`.
//
// `storage`; `invalid-input` and `configuration`, when they keep it from being tried.
int32_t bidden_ledger_reattempt(const bidden_ledger *ledger,
                                const bidden_client *client,
                                const bidden_operation *operation,
                                bidden_outcome **outcome,
                                bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// Registers a candidate (Think Exam), unless the ledger knows that he is. Of the members `candidate` and `cancel` count.
// Blocks. Free the outcome with `bidden_outcome_free`.
//
// `storage`; `invalid-input` and `configuration`, when they keep it from being tried.
int32_t bidden_ledger_register(const bidden_ledger *ledger,
                               const bidden_client *client,
                               const bidden_operation *operation,
                               bidden_outcome **outcome,
                               bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// Every invitation of an address with all its operations, as a JSON array: the proof of what was asked for, when, and what came
// of it. It holds personal data and links, no secrets. Free it with `bidden_string_free`.
//
// `storage`.
int32_t bidden_ledger_history_json(const bidden_ledger *ledger,
                                   const char *email,
                                   bidden_string *json,
                                   bidden_error **error);
#endif

// Decides by the platform's table whether `event` may happen to an invitation whose status is `status`
// (`BIDDEN_STATUS_NONE`: there is none) and whose window is `window` (NULL: not known, or open). A refusal is a decision too:
// `BIDDEN_OK`, and `decision->is_allowed` is 0. Allocates nothing unless an argument is wrong. On `BIDDEN_STATUS_UNKNOWN`
// every event is refused. `now_seconds` may be `BIDDEN_TIME_ABSENT`: the clock is read.
//
// `invalid-input`: an unknown number, or a time that is none.
int32_t bidden_decide(int32_t platform,
                      int32_t status,
                      int32_t event,
                      const bidden_window *window,
                      int64_t now_seconds,
                      bidden_decision *decision,
                      bidden_error **error);

// Explains a decision in one line for people: what the event does, or why it is refused and what is allowed instead.
// Arguments as for `bidden_decide`. Free the text with `bidden_string_free`.
//
// `invalid-input`: an unknown number, or a time that is none.
int32_t bidden_decision_explain(int32_t platform,
                                int32_t status,
                                int32_t event,
                                const bidden_window *window,
                                int64_t now_seconds,
                                bidden_string *explanation,
                                bidden_error **error);

// Sets the function that receives log lines up to `level`, `BIDDEN_LOG_…`, for the whole process; NULL ends it, and then it
// is not running any more. Without one nothing is written anywhere.
//
// `invalid-input`: an unknown level, or called from the function itself.
int32_t bidden_log_set(void *context,
                       bidden_log log,
                       int32_t level,
                       bidden_error **error);

#if defined(BIDDEN_LEDGER)
// Invites everybody whom `many->next` gives, through the ledger, each at most once with a mail, however often it is run: what an
// interruption left is finished by the next run of the same candidates. `operation` says how; its `candidate` and
// `invitation_id` are not read, and its `cancel` ends the run from any thread: those who are under way are finished, nobody new is
// asked for. An error that concerns every row ends it too, and a platform that is down after twenty rows; the rest is told as
// `BIDDEN_DISPOSITION_NOT_SENT`. Blocks. Free the summary with `bidden_summary_free`.
//
// On a host that is not this machine `many->confirm` says yes to reaching people, and `many->max_emails` to how many mails; a plan
// that was looked at is a consent too (`bidden_ledger_apply`).
//
// `storage`, when the ledger fails; `invalid-input` and `configuration`, when they keep it from being begun: field `confirm` or
// `max_emails`, when the consent is missing.
int32_t bidden_ledger_invite_many(const bidden_ledger *ledger,
                                  const bidden_client *client,
                                  const bidden_operation *operation,
                                  const bidden_many *many,
                                  bidden_summary **summary,
                                  bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// Frees a summary. NULL is allowed.
void bidden_summary_free(bidden_summary *summary);
#endif

#if defined(BIDDEN_LEDGER)
// How many candidates were given; 0 for NULL.
uint64_t bidden_summary_rows(const bidden_summary *summary);
#endif

#if defined(BIDDEN_LEDGER)
// How many of them ended well, now or before; 0 for NULL.
uint64_t bidden_summary_good(const bidden_summary *summary);
#endif

#if defined(BIDDEN_LEDGER)
// How many were not sent, because the run ended before; 0 for NULL.
uint64_t bidden_summary_not_sent(const bidden_summary *summary);
#endif

#if defined(BIDDEN_LEDGER)
// How many mails to candidates were asked for in this run; 0 for NULL.
uint64_t bidden_summary_mails(const bidden_summary *summary);
#endif

#if defined(BIDDEN_LEDGER)
// Why the run ended before its end; absent when it did not. Free it with `bidden_string_free`.
bidden_string bidden_summary_stopped(const bidden_summary *summary);
#endif

#if defined(BIDDEN_LEDGER)
// What `bidden_ledger_invite` would do for a candidate, by what the ledger holds, and the platform where the ledger holds him:
// nothing is written, and nothing is sent that changes anything. Free it with `bidden_review_free`.
//
// `storage`, and what a look-up says; `invalid-input` and `configuration`.
int32_t bidden_ledger_review(const bidden_ledger *ledger,
                             const bidden_client *client,
                             const bidden_operation *operation,
                             bidden_review **review,
                             bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// Frees a review. NULL is allowed.
void bidden_review_free(bidden_review *review);
#endif

#if defined(BIDDEN_LEDGER)
// What would be done, in the words of `bidden plan`: `"invite"`, `"create"`, `"refresh"`, `"reopen"`, `"unchanged"`, `"held"` and
// so on: static text. NULL for NULL.
const char *bidden_review_action(const bidden_review *review);
#endif

#if defined(BIDDEN_LEDGER)
// Whether something would be sent that changes the invitation. False for NULL.
bool bidden_review_sends(const bidden_review *review);
#endif

#if defined(BIDDEN_LEDGER)
// Whether a mail to the candidate would be asked for. False for NULL.
bool bidden_review_asks_for_mail(const bidden_review *review);
#endif

#if defined(BIDDEN_LEDGER)
// Why nothing would be done; absent when something would. Free it with `bidden_string_free`.
bidden_string bidden_review_why(const bidden_review *review);
#endif

// How many kinds of error there are.
size_t bidden_kind_count(void);

// The number of the kind at a place of the table, from 0; -1 behind its end.
int32_t bidden_kind_at(size_t index);

// The name of a kind, e.g. `"rate-limited"`: static text. NULL for a number that is no kind.
const char *bidden_kind_slug(int32_t number);

// The number of a kind's name; -1 for a name that is not known, and for NULL.
int32_t bidden_kind_number(const char *slug);

// The name of a platform, e.g. `"think-exam"`: static text. NULL for a number that is no platform.
const char *bidden_platform_slug(int32_t number);

// The number of a platform's name; -1 for a name that is not known, and for NULL.
int32_t bidden_platform_number(const char *slug);

// The name of a status, e.g. `"in-progress"`, `"none"` for `BIDDEN_STATUS_NONE`: static text. NULL for a number that is no
// status.
const char *bidden_status_slug(int32_t number);

// The number of a status's name; -1 for a name that is not known, and for NULL.
int32_t bidden_status_number(const char *slug);

// The name of an event, e.g. `"reattempt"`: static text. NULL for a number that is no event.
const char *bidden_event_slug(int32_t number);

// The number of an event's name; -1 for a name that is not known, and for NULL.
int32_t bidden_event_number(const char *slug);

// The name of an effect, e.g. `"new-attempt"`: static text. NULL for a number that is no effect.
const char *bidden_effect_slug(int32_t number);

// The name of a disposition, e.g. `"already-attempted"`: static text. NULL for a number that is no disposition.
const char *bidden_disposition_slug(int32_t number);

// The name of where something is known from, e.g. `"ledger"`: static text. NULL for `BIDDEN_KNOWN_FROM_NOTHING` and for a number
// that is none.
const char *bidden_known_from_slug(int32_t number);

// The name of what became of a mail, e.g. `"asked"`: static text. NULL for a number that is none.
const char *bidden_email_slug(int32_t number);

#if defined(BIDDEN_CLIENT)
// The name of how far a callback can be believed, e.g. `"verified"`: static text. NULL for a number that is none.
const char *bidden_authenticity_slug(int32_t number);
#endif

#if defined(BIDDEN_LEDGER)
// Frees an outcome. NULL is allowed.
void bidden_outcome_free(bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// What it came to, `BIDDEN_DISPOSITION_…`; 0 for NULL.
int32_t bidden_outcome_disposition(const bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// Whether it ended well: what was wished is so, by this call or before. False for NULL.
bool bidden_outcome_is_good(const bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// Where that is known from, `BIDDEN_KNOWN_FROM_…`.
int32_t bidden_outcome_known_from(const bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// What became of the platform's mail to the candidate, over all that the ledger knows of the invitation, `BIDDEN_EMAIL_…`.
int32_t bidden_outcome_email(const bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// Whether this very operation asked for a mail and was not refused. False for NULL.
bool bidden_outcome_asked_for_mail(const bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// Where the invitation stands, `BIDDEN_STATUS_…`; 0 for NULL.
int32_t bidden_outcome_status(const bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// The platform's own word for it; absent when it gave none. Free it with `bidden_string_free`.
bidden_string bidden_outcome_platform_status(const bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// The platform's id of the invitation; absent when nobody knows it. Free it with `bidden_string_free`.
bidden_string bidden_outcome_invitation_id(const bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// TestInvite: the code with which the candidate logs in; absent when nobody knows it. Free it with `bidden_string_free`.
bidden_string bidden_outcome_invitation_code(const bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// What the candidate opens; absent when nobody knows it. Free it with `bidden_string_free`.
bidden_string bidden_outcome_test_url(const bidden_outcome *outcome);
#endif

#if defined(BIDDEN_LEDGER)
// Why it did not end well: a copy, or NULL when nothing went wrong. Free it with `bidden_error_free`.
int32_t bidden_outcome_error(const bidden_outcome *outcome, bidden_error **why, bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// Writes a plan into a file: what `bidden_ledger_invite_many` would do for everybody whom `many->next` gives, by what the ledger holds,
// and the platform where the ledger holds them. Nothing is sent that changes anything. The file is the one of `bidden plan`: JSON
// Lines, readable by its owner only, with people and without passwords; what stood there is replaced. Of `many` the members `next`,
// `progress` and their contexts count; of `operation` all but `candidate` and `invitation_id`, its consents are the plan's. Blocks.
// The plan is open then; free it with `bidden_plan_free`.
//
// `storage`, when the ledger or the file fails; what a look-up says; `timed-out`, when it was cancelled, and then there is no file;
// `invalid-input` and `configuration`.
int32_t bidden_ledger_plan(const bidden_ledger *ledger,
                           const bidden_client *client,
                           const bidden_operation *operation,
                           const bidden_many *many,
                           const char *path,
                           bidden_plan **plan,
                           bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// Opens a plan file, whoever made it: `bidden_ledger_plan`, the command `bidden plan`, or Python. It is read to its end once. Free it
// with `bidden_plan_free`.
//
// `invalid-input`: it cannot be read, is no plan of this version, or was cut or changed.
int32_t bidden_plan_open(const char *path,
                         bidden_plan **plan,
                         bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// Closes a plan; the file stays. No reader of its rows is ended by it. NULL is allowed.
void bidden_plan_free(bidden_plan *plan);
#endif

#if defined(BIDDEN_LEDGER)
// For which platform it was made, `BIDDEN_PLATFORM_…`; 0 for one that is not known, and for NULL.
int32_t bidden_plan_platform(const bidden_plan *plan);
#endif

#if defined(BIDDEN_LEDGER)
// For which test. Absent for NULL. Free it with `bidden_string_free`.
bidden_string bidden_plan_test(const bidden_plan *plan);
#endif

#if defined(BIDDEN_LEDGER)
// For which account of the ledger. Absent for NULL. Free it with `bidden_string_free`.
bidden_string bidden_plan_account(const bidden_plan *plan);
#endif

#if defined(BIDDEN_LEDGER)
// For which address of the platform. Absent for NULL. Free it with `bidden_string_free`.
bidden_string bidden_plan_base_url(const bidden_plan *plan);
#endif

#if defined(BIDDEN_LEDGER)
// When it was made, as RFC 3339 text in UTC. Absent for NULL. Free it with `bidden_string_free`.
bidden_string bidden_plan_made_at(const bidden_plan *plan);
#endif

#if defined(BIDDEN_LEDGER)
// How many rows it has; 0 for NULL.
uint64_t bidden_plan_row_count(const bidden_plan *plan);
#endif

#if defined(BIDDEN_LEDGER)
// For how many of them something would be sent that changes the invitation; 0 for NULL.
uint64_t bidden_plan_sends(const bidden_plan *plan);
#endif

#if defined(BIDDEN_LEDGER)
// How many mails to candidates would be asked for; 0 for NULL.
uint64_t bidden_plan_mails(const bidden_plan *plan);
#endif

#if defined(BIDDEN_LEDGER)
// How many rows come to an action, by its word: `"invite"`, `"unchanged"`, `"held"` and so on, as `bidden_review_action` names them.
// 0 for NULL and for a word that is none.
uint64_t bidden_plan_count(const bidden_plan *plan,
                           const char *action);
#endif

#if defined(BIDDEN_LEDGER)
// Begins to read the rows of a plan, from the first. Free it with `bidden_plan_rows_free`; the plan may be freed before.
//
// `invalid-input`: the file cannot be read.
int32_t bidden_plan_rows_new(const bidden_plan *plan,
                             bidden_plan_rows **rows,
                             bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// Ends the reading. NULL is allowed.
void bidden_plan_rows_free(bidden_plan_rows *rows);
#endif

#if defined(BIDDEN_LEDGER)
// The next row; NULL behind the last. Free it with `bidden_planned_free`.
//
// `invalid-input`: the file was changed since it was opened.
int32_t bidden_plan_rows_next(bidden_plan_rows *rows, bidden_planned **planned, bidden_error **error);
#endif

#if defined(BIDDEN_LEDGER)
// Frees a row. NULL is allowed.
void bidden_planned_free(bidden_planned *planned);
#endif

#if defined(BIDDEN_LEDGER)
// The number of the row, from 1 in the order in which they were given; 0 for NULL.
uint64_t bidden_planned_number(const bidden_planned *planned);
#endif

#if defined(BIDDEN_LEDGER)
// What would be done, as `bidden_review_action` names it: static text. NULL for NULL.
const char *bidden_planned_action(const bidden_planned *planned);
#endif

#if defined(BIDDEN_LEDGER)
// Whether a mail to the candidate would be asked for. False for NULL.
bool bidden_planned_asks_for_mail(const bidden_planned *planned);
#endif

#if defined(BIDDEN_LEDGER)
// A field of the candidate by its name, as `bidden_candidate_set` names them; absent where it is not given, and for secrets, which no
// plan holds. Free it with `bidden_string_free`.
bidden_string bidden_planned_field(const bidden_planned *planned,
                                   const char *field);
#endif

#if defined(BIDDEN_LEDGER)
// Why nothing would be done; absent when something would. Free it with `bidden_string_free`.
bidden_string bidden_planned_why(const bidden_planned *planned);
#endif

#if defined(BIDDEN_LEDGER)
// Sends what a plan says, after it has looked at every row once more; that the plan was made and is sent is the consent. Applied
// again, after a cancel, a crash or a power cut, it goes on where it was, and nobody is mailed twice. Rows whose password the plan leaves
// out are held. `apply` may be NULL. Blocks. Free the summary with `bidden_summary_free`.
//
// `invalid-input`, and nothing was sent: the plan is of another platform, address or account than client and ledger, is stale (what it
// saw does not hold any more, with the first rows), or would ask for more mails than `apply->max_emails`. `storage`, when the ledger
// fails.
int32_t bidden_ledger_apply(const bidden_ledger *ledger,
                            const bidden_client *client,
                            const bidden_plan *plan,
                            const bidden_apply *apply,
                            bidden_summary **summary,
                            bidden_error **error);
#endif

// Frees a reply. NULL is allowed.
void bidden_reply_free(bidden_reply *reply);

// The neutral JSON of the answer: every known field, `null` when not known, unknown ones under `extra`. It may hold
// credentials of a candidate. Free it with `bidden_string_free`.
bidden_string bidden_reply_json(const bidden_reply *reply);

// `imocha.invite`, `imocha.cancel`, `imocha.reattempt`, `imocha.report`: the invitation's id, after a finished attempt that of the new
// one; 0 when it is another call's reply.
int64_t bidden_imocha_invited_test_invitation_id(const bidden_reply *reply);

// `imocha.invite`, `imocha.reattempt`: the candidate's link. Free it with `bidden_string_free`.
bidden_string bidden_imocha_invited_test_url(const bidden_reply *reply);

// `imocha.invite`, `imocha.cancel`, `imocha.report`: where the invitation stands, `BIDDEN_STATUS_…`; 0 when it is another call's
// reply. A report says `BIDDEN_STATUS_UNKNOWN` as long as the attempt is not over.
int32_t bidden_imocha_invited_status(const bidden_reply *reply);

// `imocha.invite`, `imocha.cancel`, `imocha.report`: the platform's own word for it. Free it with `bidden_string_free`.
bidden_string bidden_imocha_invited_platform_status(const bidden_reply *reply);

// `imocha.report`: the points reached, in percent. False when it does not say, and then `percentage` is left alone.
bool bidden_imocha_report_score_percentage(const bidden_reply *reply,
                                           double *percentage);

// `imocha.report`: where the report lies as PDF. Free it with `bidden_string_free`.
bidden_string bidden_imocha_report_pdf_report_url(const bidden_reply *reply);

// `think_exam.assign_test` and `think_exam.deassign_test`: the platform's text. Free it with `bidden_string_free`.
bidden_string bidden_think_exam_assigned_msg(const bidden_reply *reply);

// `think_exam.bulk_candidate_register`: how many elements the answer has. Only the position ties an element to a candidate.
size_t bidden_think_exam_registered_count(const bidden_reply *reply);

// `think_exam.bulk_candidate_register`: whether a candidate, from 0, is registered now, be it by this call or before.
bool bidden_think_exam_registered_is_success(const bidden_reply *reply,
                                             size_t index);

// `think_exam.bulk_candidate_register`: the platform's code for a candidate; a success has none. Free it with
// `bidden_string_free`.
bidden_string bidden_think_exam_registered_code(const bidden_reply *reply, size_t index);

// `think_exam.bulk_candidate_register`: the platform's text for a candidate. Free it with `bidden_string_free`.
bidden_string bidden_think_exam_registered_msg(const bidden_reply *reply,
                                               size_t index);

// `think_exam.bulk_candidate_register`: the platform's id of a candidate; 0 when it gave none.
int64_t bidden_think_exam_registered_student_id(const bidden_reply *reply, size_t index);

// `think_exam.bulk_candidate_register`: a candidate's enrolment number. Free it with `bidden_string_free`.
bidden_string bidden_think_exam_registered_enrollment_no(const bidden_reply *reply, size_t index);

// `testinvite.create_candidate`: the candidate's id. Free it with `bidden_string_free`.
bidden_string bidden_testinvite_created_candidate_id(const bidden_reply *reply);

// `testinvite.create_candidate`: the code with which the candidate logs in. Free it with `bidden_string_free`.
bidden_string bidden_testinvite_created_invitation_code(const bidden_reply *reply);

// `testinvite.create_candidate`: the candidate's link. Free it with `bidden_string_free`.
bidden_string bidden_testinvite_created_direct_access_url(const bidden_reply *reply);

// `testinvite.create_candidate`: whether the candidate has logged in.
bool bidden_testinvite_created_logged_in(const bidden_reply *reply);

// Makes a request to be signed or verified. `url` is complete, or a path beginning with `/`. Free it with
// `bidden_request_free`.
//
// `invalid-input`: a method or URL that cannot be one.
int32_t bidden_request_new(const char *method,
                           const char *url,
                           const uint8_t *body,
                           size_t body_length,
                           bidden_request **request,
                           bidden_error **error);

// Frees a request. NULL is allowed.
void bidden_request_free(bidden_request *request);

// Sets a header, in place of one of the same name.
//
// `invalid-input`: a name or value that no header can have.
int32_t bidden_request_set_header(bidden_request *request,
                                  const char *name,
                                  const char *value,
                                  bidden_error **error);

// The method, e.g. `POST`. Free it with `bidden_string_free`.
bidden_string bidden_request_method(const bidden_request *request);

// The complete URL. Free it with `bidden_string_free`.
bidden_string bidden_request_url(const bidden_request *request);

// The body; an empty text when it has none. Free it with `bidden_string_free`.
bidden_string bidden_request_body(const bidden_request *request);

// How many headers it has. A credential is one of them when the request was made with one.
size_t bidden_request_header_count(const bidden_request *request);

// The name of a header, from 0, in lower case; absent behind the last. Free it with `bidden_string_free`.
bidden_string bidden_request_header_name(const bidden_request *request, size_t index);

// The value of a header, from 0; it may be a credential. Absent behind the last. Free it with `bidden_string_free`.
bidden_string bidden_request_header_value(const bidden_request *request,
                                          size_t index);

// Reads a recipe: the name of a preset (`default`, `body-bound`, `startexam-like`, `proctorexam-like`, `mettl-like`), or a
// JSON object. How the vendor signs is not published; none of these is claimed to be it. Free it with `bidden_recipe_free`.
//
// `configuration`: an unknown preset or word.
int32_t bidden_recipe_new(const char *name_or_json,
                          bidden_recipe **recipe,
                          bidden_error **error);

// Frees a recipe. NULL is allowed.
void bidden_recipe_free(bidden_recipe *recipe);

// The recipe's name. Free it with `bidden_string_free`.
bidden_string bidden_recipe_name(const bidden_recipe *recipe);

// The bytes that the recipe signs for a request, given `ak` and `ts`; a body among them need not be UTF-8. Free them with
// `bidden_string_free`.
int32_t bidden_recipe_message(const bidden_recipe *recipe,
                              const char *ak,
                              const char *ts,
                              const bidden_request *request,
                              bidden_string *message,
                              bidden_error **error);

// Signs a request. `now_seconds` may be `BIDDEN_TIME_ABSENT`: the clock is read. Free the signature with
// `bidden_signature_free`.
//
// `configuration`: a secret that is not what the recipe's `key` says.
int32_t bidden_recipe_sign(const bidden_recipe *recipe,
                           const char *ak,
                           bidden_bytes secret,
                           const bidden_request *request,
                           int64_t now_seconds,
                           bidden_signature **signature,
                           bidden_error **error);

// Verifies the headers `ak`, `sgn` and `ts` of a request, in constant time where `sgn` is compared. `window_seconds` is how
// far `ts` may lie from `now_seconds` on either side (900 in the sandbox).
//
// `unauthorized`: the signature is not good; the message says which check failed. `bidden_recipe_explain` says more.
int32_t bidden_recipe_verify(const bidden_recipe *recipe,
                             const char *ak,
                             bidden_bytes secret,
                             const bidden_request *request,
                             int64_t now_seconds,
                             uint32_t window_seconds,
                             bidden_error **error);

// Explains why a signature verifies or not, for people who debug their own signing: JSON
// `{"check","message","ts_offset_s","hints"}`, without the secret and without the expected signature. Arguments as for
// `bidden_recipe_verify`. Free it with `bidden_string_free`.
int32_t bidden_recipe_explain(const bidden_recipe *recipe,
                              const char *ak,
                              bidden_bytes secret,
                              const bidden_request *request,
                              int64_t now_seconds,
                              uint32_t window_seconds,
                              bidden_string *explanation,
                              bidden_error **error);

// Makes a signature that somebody else computed, or an empty one when `ak`, `sgn` and `ts` are all NULL. Free it with
// `bidden_signature_free`.
int32_t bidden_signature_new(const char *ak,
                             const char *sgn,
                             const char *ts,
                             bidden_signature **signature,
                             bidden_error **error);

// Sets the three values, which are sent as they are: what a `bidden_signer` does.
int32_t bidden_signature_set(bidden_signature *signature,
                             const char *ak,
                             const char *sgn,
                             const char *ts,
                             bidden_error **error);

// Frees a signature. NULL is allowed.
void bidden_signature_free(bidden_signature *signature);

// The API key; absent when not set. Free it with `bidden_string_free`.
bidden_string bidden_signature_ak(const bidden_signature *signature);

// The signature itself, a credential; absent when not set. Free it with `bidden_string_free`.
bidden_string bidden_signature_sgn(const bidden_signature *signature);

// The time as it was signed; absent when not set. Free it with `bidden_string_free`.
bidden_string bidden_signature_ts(const bidden_signature *signature);

// Puts a signature into the headers `ak`, `sgn` and `ts` of a request.
//
// `configuration`: a value that no header can have, or a signature that was never set.
int32_t bidden_request_authorize(bidden_request *request,
                                 const bidden_signature *signature,
                                 bidden_error **error);

// HMAC-SHA256 of a text, the key being the secret's bytes, written as `BIDDEN_ENCODING_…`. Free it with
// `bidden_string_free`.
int32_t bidden_hmac(bidden_bytes secret,
                    const char *message,
                    int32_t encoding,
                    bidden_string *sgn,
                    bidden_error **error);

// Frees a text and sets it to `{NULL, 0}`; the bytes are zeroed first. NULL and a zeroed text are allowed.
void bidden_string_free(bidden_string *string);

// The bytes of a NUL-terminated text, without the NUL, for secrets that are text. They stay the caller's. NULL gives
// `{NULL, 0}`.
bidden_bytes bidden_bytes_of(const char *text);

// Reads RFC 3339 text such as `2026-01-31T09:00:00+01:00`, or seconds since 1970 as digits. With a `zone` (an IANA name such
// as `Europe/Berlin`; NULL for none) a local time such as `2026-01-31T09:00` is read too.
//
// `invalid-input`: a time without zone, milliseconds, a duration, a local time that a clock change skips or repeats; `zone`
// that is not NULL, in a library built without time zones.
int32_t bidden_time_parse(const char *text,
                          const char *zone,
                          int64_t *seconds,
                          bidden_error **error);

// A moment as RFC 3339 text in UTC, e.g. `2026-01-31T08:00:00Z`; held between the years 0 and 9999. Free it with
// `bidden_string_free`.
bidden_string bidden_time_text(int64_t seconds);

// Checks a window: its end lies after its start and has not passed. `window` may be NULL: it is open.
//
// `invalid-input`, field `end` or the argument.
int32_t bidden_window_check(const bidden_window *window, int64_t now_seconds, bidden_error **error);

// Makes the call `imocha.invite`. Free it with `bidden_call_free`.
//
// `invalid-input`: every field that is missing or cannot be right, all at once.
int32_t bidden_imocha_invite_new(const bidden_imocha_invite *arguments,
                                 bidden_call **call,
                                 bidden_error **error);

// Makes the call `imocha.reattempt`. Free it with `bidden_call_free`.
//
// `invalid-input`: every field that is missing or cannot be right, all at once.
int32_t bidden_imocha_reattempt_new(const bidden_imocha_reattempt *arguments,
                                    bidden_call **call,
                                    bidden_error **error);

// Makes the call `imocha.cancel` (iMocha reference, section 10). Free it with `bidden_call_free`.
//
// `invalid-input`: an id that is no positive number.
int32_t bidden_imocha_cancel_new(int64_t test_invitation_id, bidden_call **call, bidden_error **error);

// Makes the call `imocha.report` (iMocha reference, section 15). `report_type` is 1, 2 or 3; 0 leaves it to the platform. Free it with
// `bidden_call_free`.
//
// `invalid-input`: an id that is no positive number, or an unknown type.
int32_t bidden_imocha_report_new(int64_t test_invitation_id,
                                 int32_t report_type,
                                 bidden_call **call,
                                 bidden_error **error);

// Makes the call `think_exam.assign_test`. Free it with `bidden_call_free`.
//
// `invalid-input`: every field that is missing or cannot be right, all at once.
int32_t bidden_think_exam_assign_test_new(const bidden_think_exam_assign_test *arguments,
                                          bidden_call **call,
                                          bidden_error **error);

// Makes the call `think_exam.deassign_test`. Free it with `bidden_call_free`.
//
// `invalid-input`: every field that is missing or cannot be right, all at once.
int32_t bidden_think_exam_deassign_test_new(const bidden_think_exam_deassign_test *arguments,
                                            bidden_call **call,
                                            bidden_error **error);

// Makes the call `think_exam.bulk_candidate_register`. Free it with `bidden_call_free`.
//
// `invalid-input`: every field that is missing or cannot be right, all at once.
int32_t bidden_think_exam_bulk_candidate_register_new(const bidden_think_exam_bulk_candidate_register *arguments,
                                                      bidden_call **call,
                                                      bidden_error **error);

// Makes the call `testinvite.create_candidate`. Free it with `bidden_call_free`.
//
// `invalid-input`: every field that is missing or cannot be right, all at once.
int32_t bidden_testinvite_create_candidate_new(const bidden_testinvite_create_candidate *arguments,
                                               bidden_call **call,
                                               bidden_error **error);

// The running library's version, e.g. `"0.1.0"`: static text, the same as `BIDDEN_VERSION_STRING` when header and library
// belong together.
const char *bidden_version(void);

// The running library's version as major × 1,000,000 + minor × 1,000 + patch, as `BIDDEN_VERSION_NUMBER`.
uint32_t bidden_version_number(void);

// The running library's `BIDDEN_ABI_VERSION`.
uint32_t bidden_abi_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* BIDDEN_H */
