// bidden for C++17: header-only over bidden.h, whose conventions hold here too. NEVER SHIP A PLATFORM'S KEY IN A PROGRAM
// THAT RUNS ON A CANDIDATE'S MACHINE.
//
// Every class owns one handle of the C interface and frees it when it ends. They move, they do not copy unless they say so; a
// moved-from object is empty: its readers give empty values, its functions that can fail give `invalid-input`. `capi()` lends the
// handle, `capi_release()` hands it over, `from_capi()` takes one.
//
// What can fail gives a Result. Nothing throws but Result::value(), and that only where exceptions are on; with -fno-exceptions
// it aborts on a failure, so ask first. Texts go in as std::string_view; one that holds NUL is refused like bad UTF-8.
#ifndef BIDDEN_HPP
#define BIDDEN_HPP

#include "bidden.h"

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace bidden {

/// A platform. Numbers that this header does not know can come out of a newer library.
enum class Platform : std::int32_t {
    imocha = BIDDEN_PLATFORM_IMOCHA,
    think_exam = BIDDEN_PLATFORM_THINK_EXAM,
    testinvite = BIDDEN_PLATFORM_TESTINVITE,
};

/// Where an invitation stands.
enum class Status : std::int32_t {
    none = BIDDEN_STATUS_NONE,
    pending = BIDDEN_STATUS_PENDING,
    in_progress = BIDDEN_STATUS_IN_PROGRESS,
    complete = BIDDEN_STATUS_COMPLETE,
    test_left = BIDDEN_STATUS_TEST_LEFT,
    terminated = BIDDEN_STATUS_TERMINATED,
    cancelled = BIDDEN_STATUS_CANCELLED,
    expired = BIDDEN_STATUS_EXPIRED,
    unknown = BIDDEN_STATUS_UNKNOWN,
};

/// What somebody does to an invitation, or what time does.
enum class Event : std::int32_t {
    invite = BIDDEN_EVENT_INVITE,
    cancel = BIDDEN_EVENT_CANCEL,
    reattempt = BIDDEN_EVENT_REATTEMPT,
    start = BIDDEN_EVENT_START,
    finish = BIDDEN_EVENT_FINISH,
    leave = BIDDEN_EVENT_LEAVE,
    terminate = BIDDEN_EVENT_TERMINATE,
    expire = BIDDEN_EVENT_EXPIRE,
};

/// What an allowed event does.
enum class Effect : std::int32_t {
    none = 0,
    created = BIDDEN_EFFECT_CREATED,
    refreshed = BIDDEN_EFFECT_REFRESHED,
    reopened = BIDDEN_EFFECT_REOPENED,
    unchanged = BIDDEN_EFFECT_UNCHANGED,
    moved = BIDDEN_EFFECT_MOVED,
    new_attempt = BIDDEN_EFFECT_NEW_ATTEMPT,
};

/// Whether a call may be sent again when nobody knows what became of it.
enum class Repeat : std::int32_t {
    none = 0,
    freely = BIDDEN_REPEAT_FREELY,
    without_mail = BIDDEN_REPEAT_WITHOUT_MAIL,
    guarded = BIDDEN_REPEAT_GUARDED,
    never = BIDDEN_REPEAT_NEVER,
};

/// What an operation came to. Numbers that this header does not know can come out of a newer library.
enum class Disposition : std::int32_t {
    none = 0,
    invited = BIDDEN_DISPOSITION_INVITED,
    created = BIDDEN_DISPOSITION_CREATED,
    refreshed = BIDDEN_DISPOSITION_REFRESHED,
    reopened = BIDDEN_DISPOSITION_REOPENED,
    unchanged = BIDDEN_DISPOSITION_UNCHANGED,
    in_progress = BIDDEN_DISPOSITION_IN_PROGRESS,
    duplicate_row = BIDDEN_DISPOSITION_DUPLICATE_ROW,
    registered = BIDDEN_DISPOSITION_REGISTERED,
    logged_in = BIDDEN_DISPOSITION_LOGGED_IN,
    cancelled = BIDDEN_DISPOSITION_CANCELLED,
    already_attempted = BIDDEN_DISPOSITION_ALREADY_ATTEMPTED,
    duplicate = BIDDEN_DISPOSITION_DUPLICATE,
    refused = BIDDEN_DISPOSITION_REFUSED,
    invalid = BIDDEN_DISPOSITION_INVALID,
    failed = BIDDEN_DISPOSITION_FAILED,
    uncertain = BIDDEN_DISPOSITION_UNCERTAIN,
    held = BIDDEN_DISPOSITION_HELD,
    not_sent = BIDDEN_DISPOSITION_NOT_SENT,
};

/// Where an outcome is known from.
enum class KnownFrom : std::int32_t {
    nothing = BIDDEN_KNOWN_FROM_NOTHING,
    reply = BIDDEN_KNOWN_FROM_REPLY,
    ledger = BIDDEN_KNOWN_FROM_LEDGER,
    lookup = BIDDEN_KNOWN_FROM_LOOKUP,
};

/// What became of the platform's mail to the candidate.
enum class Email : std::int32_t {
    none = BIDDEN_EMAIL_NONE,
    asked = BIDDEN_EMAIL_ASKED,
    scheduled = BIDDEN_EMAIL_SCHEDULED,
    uncertain = BIDDEN_EMAIL_UNCERTAIN,
};

/// How a signature is written.
enum class Encoding : std::int32_t { hex = BIDDEN_ENCODING_HEX, base64 = BIDDEN_ENCODING_BASE64 };

/// A kind of error. Numbers that this header does not know can come out of a newer library.
enum class Kind : std::int32_t {
    none = BIDDEN_OK,
    invalid_input = BIDDEN_ERROR_INVALID_INPUT,
    configuration = BIDDEN_ERROR_CONFIGURATION,
    unauthorized = BIDDEN_ERROR_UNAUTHORIZED,
    refused = BIDDEN_ERROR_REFUSED,
    rejected = BIDDEN_ERROR_REJECTED,
    duplicate = BIDDEN_ERROR_DUPLICATE,
    not_found = BIDDEN_ERROR_NOT_FOUND,
    rate_limited = BIDDEN_ERROR_RATE_LIMITED,
    quota_exhausted = BIDDEN_ERROR_QUOTA_EXHAUSTED,
    unavailable = BIDDEN_ERROR_UNAVAILABLE,
    timed_out = BIDDEN_ERROR_TIMED_OUT,
    malformed_reply = BIDDEN_ERROR_MALFORMED_REPLY,
    uncertain = BIDDEN_ERROR_UNCERTAIN,
    storage = BIDDEN_ERROR_STORAGE,
    internal = BIDDEN_ERROR_INTERNAL,
};

namespace detail {

template <typename T, void (*Free)(T *)>
struct Deleter {
    void operator()(T *handle) const noexcept { Free(handle); }
};

/// Owns one handle. The deleter has no state, so an object is as large as a pointer.
template <typename T, void (*Free)(T *)>
class Handle {
public:
    /// Lends the handle; it stays this object's.
    T *capi() noexcept { return owned_.get(); }
    /// Lends the handle for reading; it stays this object's.
    const T *capi() const noexcept { return owned_.get(); }
    /// Hands the handle over: the caller frees it.
    [[nodiscard]] T *capi_release() noexcept { return owned_.release(); }

protected:
    explicit Handle(T *handle) noexcept : owned_(handle) {}

private:
    std::unique_ptr<T, Deleter<T, Free>> owned_;
};

inline std::optional<std::string> take(bidden_string text) {
    std::optional<std::string> copy;
    if (text.text != nullptr) {
        copy.emplace(text.text, text.length);
    }
    bidden_string_free(&text);
    return copy;
}

inline std::string take_or_empty(bidden_string text) { return take(text).value_or(std::string()); }

/// A view made NUL-terminated. A NUL inside would cut it short unseen; made a byte that is never UTF-8, the library refuses the
/// argument by its name.
inline std::string terminated(std::string_view text) {
    std::string copy(text);
    for (char &c : copy) {
        if (c == '\0') {
            c = static_cast<char>(0xff);
        }
    }
    return copy;
}

/// The same for a text that stays where it is: one that holds NUL becomes what is never UTF-8 and stands in no header.
inline const char *whole(const std::string &text) noexcept { return text.find('\0') == std::string::npos ? text.c_str() : "\xff\n"; }

/// An optional text of an argument struct: empty is absent.
inline const char *or_null(const std::string &text) noexcept { return text.empty() ? nullptr : whole(text); }

inline bidden_bytes bytes(std::string_view text) noexcept {
    return bidden_bytes{reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

/// The C array of texts, which borrows them.
inline std::vector<const char *> pointers(const std::vector<std::string> &texts) {
    std::vector<const char *> pointers;
    pointers.reserve(texts.size());
    for (const std::string &text : texts) {
        pointers.push_back(whole(text));
    }
    return pointers;
}

/// The C array of headers, which borrows them.
inline std::vector<bidden_header> headers(const std::vector<std::pair<std::string, std::string>> &given) {
    std::vector<bidden_header> headers;
    headers.reserve(given.size());
    for (const auto &header : given) {
        headers.push_back(bidden_header{whole(header.first), whole(header.second)});
    }
    return headers;
}

inline std::int32_t flag(std::optional<bool> flag) noexcept {
    return !flag.has_value() ? BIDDEN_FLAG_ABSENT : *flag ? BIDDEN_FLAG_YES : BIDDEN_FLAG_NO;
}

}  // namespace detail

/// What went wrong: a kind, the platform's own words, the fields.
class Error : public detail::Handle<bidden_error, bidden_error_free> {
public:
    static Error from_capi(bidden_error *error) noexcept { return Error(error); }

    Kind kind() const noexcept { return static_cast<Kind>(bidden_error_kind(capi())); }
    /// The name of the kind; empty for a moved-from error.
    std::string_view slug() const noexcept {
        const char *slug = bidden_error_slug(capi());
        return slug == nullptr ? std::string_view() : std::string_view(slug);
    }
    /// One line without secrets and personal data.
    std::string message() const { return detail::take_or_empty(bidden_error_message(capi())); }
    bool can_retry() const noexcept { return bidden_error_can_retry(capi()); }
    std::optional<Platform> platform() const noexcept {
        const std::int32_t number = bidden_error_platform(capi());
        return number == 0 ? std::nullopt : std::optional<Platform>(static_cast<Platform>(number));
    }
    std::optional<std::string> operation() const { return detail::take(bidden_error_operation(capi())); }
    std::optional<std::string> platform_code() const { return detail::take(bidden_error_platform_code(capi())); }
    /// The platform's own text: it may hold personal data.
    std::optional<std::string> platform_message() const { return detail::take(bidden_error_platform_message(capi())); }
    std::optional<std::string> raw_reply() const { return detail::take(bidden_error_raw_reply(capi())); }
    /// HTTP status of the answer; 0 when there was none.
    std::int32_t http_status() const noexcept { return bidden_error_http_status(capi()); }
    std::optional<std::int64_t> retry_after_seconds() const noexcept {
        const std::int64_t seconds = bidden_error_retry_after_seconds(capi());
        return seconds < 0 ? std::nullopt : std::optional<std::int64_t>(seconds);
    }
    std::size_t field_count() const noexcept { return bidden_error_field_count(capi()); }
    std::string field(std::size_t index) const { return detail::take_or_empty(bidden_error_field(capi(), index)); }
    std::string field_reason(std::size_t index) const { return detail::take_or_empty(bidden_error_field_reason(capi(), index)); }

private:
    explicit Error(bidden_error *error) noexcept : Handle(error) {}
};

/// What Result::value() throws. Copies share the error.
class Exception : public std::exception {
public:
    explicit Exception(Error error)
        : error_(std::make_shared<Error>(std::move(error))), message_(std::make_shared<std::string>(error_->message())) {}
    const char *what() const noexcept override { return message_->c_str(); }
    const Error &error() const noexcept { return *error_; }

private:
    std::shared_ptr<Error> error_;
    std::shared_ptr<std::string> message_;
};

namespace detail {

[[noreturn]] inline void fail(Error error) {
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
    throw Exception(std::move(error));
#else
    static_cast<void>(error);
    std::abort();
#endif
}

}  // namespace detail

/// A value, or the error that kept it from being.
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const noexcept { return held_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; on a failure it throws Exception, or aborts where exceptions are off. The value moves out of an rvalue.
    T &value() & {
        check();
        return *std::get_if<0>(&held_);
    }
    const T &value() const & {
        if (!has_value()) {
            const_cast<Result *>(this)->check();
        }
        return *std::get_if<0>(&held_);
    }
    T value() && {
        check();
        return std::move(*std::get_if<0>(&held_));
    }

    /// The value when there is one; ask has_value() first.
    T &operator*() & noexcept { return *std::get_if<0>(&held_); }
    const T &operator*() const & noexcept { return *std::get_if<0>(&held_); }
    T *operator->() noexcept { return std::get_if<0>(&held_); }
    const T *operator->() const noexcept { return std::get_if<0>(&held_); }

    /// The error when there is one; ask has_value() first.
    Error &error() & noexcept { return *std::get_if<1>(&held_); }
    const Error &error() const & noexcept { return *std::get_if<1>(&held_); }
    Error &&error() && noexcept { return std::move(*std::get_if<1>(&held_)); }

private:
    void check() {
        if (Error *error = std::get_if<1>(&held_)) {
            detail::fail(std::move(*error));
        }
    }

    std::variant<T, Error> held_;
};

/// Success, or the error.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool has_value() const noexcept { return !error_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }
    /// Throws Exception on a failure, or aborts where exceptions are off.
    void value() {
        if (error_) {
            detail::fail(std::move(*error_));
        }
    }
    Error &error() & noexcept { return *error_; }
    const Error &error() const & noexcept { return *error_; }
    Error &&error() && noexcept { return std::move(*error_); }

private:
    std::optional<Error> error_;
};

namespace detail {

/// Makes a Result of an object from what a C function wrote.
template <typename Object, typename T>
Result<Object> made(std::int32_t number, T *handle, bidden_error *error) {
    if (number != BIDDEN_OK) {
        return Error::from_capi(error);
    }
    return Object::from_capi(handle);
}

inline Result<std::string> made_text(std::int32_t number, bidden_string text, bidden_error *error) {
    if (number != BIDDEN_OK) {
        return Error::from_capi(error);
    }
    return take_or_empty(text);
}

inline Result<void> done(std::int32_t number, bidden_error *error) {
    if (number != BIDDEN_OK) {
        return Error::from_capi(error);
    }
    return {};
}

}  // namespace detail

/// The running library's version.
inline std::string_view version() noexcept { return bidden_version(); }

inline std::string_view slug(Kind kind) noexcept {
    const char *slug = bidden_kind_slug(static_cast<std::int32_t>(kind));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}
inline std::string_view slug(Platform platform) noexcept {
    const char *slug = bidden_platform_slug(static_cast<std::int32_t>(platform));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}
inline std::string_view slug(Status status) noexcept {
    const char *slug = bidden_status_slug(static_cast<std::int32_t>(status));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}
inline std::string_view slug(Event event) noexcept {
    const char *slug = bidden_event_slug(static_cast<std::int32_t>(event));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}
inline std::string_view slug(Effect effect) noexcept {
    const char *slug = bidden_effect_slug(static_cast<std::int32_t>(effect));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}

inline std::string_view slug(Disposition disposition) noexcept {
    const char *slug = bidden_disposition_slug(static_cast<std::int32_t>(disposition));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}
inline std::string_view slug(KnownFrom known_from) noexcept {
    const char *slug = bidden_known_from_slug(static_cast<std::int32_t>(known_from));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}
inline std::string_view slug(Email email) noexcept {
    const char *slug = bidden_email_slug(static_cast<std::int32_t>(email));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}

/// A moment as whole seconds since 1970 UTC; BIDDEN_TIME_ABSENT for none, and for `now`: read the clock.
using Seconds = std::int64_t;

/// Reads RFC 3339 text, or seconds as digits; with an IANA zone a local time too.
inline Result<Seconds> parse_time(std::string_view text, std::string_view zone = {}) {
    Seconds seconds = 0;
    bidden_error *error = nullptr;
    const std::string zone_text = detail::terminated(zone);
    const std::int32_t number = bidden_time_parse(detail::terminated(text).c_str(), detail::or_null(zone_text), &seconds, &error);
    if (number != BIDDEN_OK) {
        return Error::from_capi(error);
    }
    return seconds;
}

/// A moment as RFC 3339 text in UTC.
inline std::string time_text(Seconds seconds) { return detail::take_or_empty(bidden_time_text(seconds)); }

/// When a candidate may start: from `start`, until before `end`; either side may be open.
struct Window {
    Seconds start = BIDDEN_TIME_ABSENT;
    Seconds end = BIDDEN_TIME_ABSENT;

    /// Its end lies after its start and has not passed.
    Result<void> check(Seconds now = BIDDEN_TIME_ABSENT) const {
        bidden_error *error = nullptr;
        const bidden_window window = capi();
        const std::int32_t number = bidden_window_check(&window, now, &error);
        return detail::done(number, error);
    }
    bidden_window capi() const noexcept { return bidden_window{start, end}; }
};

/// What `decide` found. A refusal is a decision too.
struct Decision {
    bool is_allowed = false;
    Status state = Status::none;
    Effect effect = Effect::none;
    Status next = Status::none;
    std::uint32_t allowed_events = 0;
    Seconds moment = BIDDEN_TIME_ABSENT;

    /// Whether an event is allowed instead of the refused one.
    bool allows(Event event) const noexcept { return (allowed_events & BIDDEN_EVENT_BIT(static_cast<std::int32_t>(event))) != 0; }
};

/// Decides whether an event may happen to an invitation, and what it does.
inline Result<Decision> decide(Platform platform, Status status, Event event, Window window = {}, Seconds now = BIDDEN_TIME_ABSENT) {
    bidden_decision found{};
    found.size = sizeof found;
    bidden_error *error = nullptr;
    const bidden_window given = window.capi();
    const std::int32_t number = bidden_decide(static_cast<std::int32_t>(platform), static_cast<std::int32_t>(status),
                                              static_cast<std::int32_t>(event), &given, now, &found, &error);
    if (number != BIDDEN_OK) {
        return Error::from_capi(error);
    }
    return Decision{found.is_allowed != 0,
                    static_cast<Status>(found.state),
                    static_cast<Effect>(found.effect),
                    static_cast<Status>(found.next),
                    found.allowed_events,
                    found.moment_seconds};
}

/// The same in one line for people.
inline Result<std::string> explain_transition(Platform platform, Status status, Event event, Window window = {},
                                              Seconds now = BIDDEN_TIME_ABSENT) {
    bidden_string text{};
    bidden_error *error = nullptr;
    const bidden_window given = window.capi();
    const std::int32_t number = bidden_decision_explain(static_cast<std::int32_t>(platform), static_cast<std::int32_t>(status),
                                                        static_cast<std::int32_t>(event), &given, now, &text, &error);
    return detail::made_text(number, text, error);
}

/// What validation found: errors keep a candidate from being sent, warnings do not.
class Findings : public detail::Handle<bidden_findings, bidden_findings_free> {
public:
    static Findings from_capi(bidden_findings *findings) noexcept { return Findings(findings); }

    std::size_t error_count() const noexcept { return bidden_findings_error_count(capi()); }
    std::size_t warning_count() const noexcept { return bidden_findings_warning_count(capi()); }
    std::string error_field(std::size_t index) const { return detail::take_or_empty(bidden_findings_error_field(capi(), index)); }
    std::string error_reason(std::size_t index) const { return detail::take_or_empty(bidden_findings_error_reason(capi(), index)); }
    std::string warning_field(std::size_t index) const { return detail::take_or_empty(bidden_findings_warning_field(capi(), index)); }
    std::string warning_reason(std::size_t index) const { return detail::take_or_empty(bidden_findings_warning_reason(capi(), index)); }

private:
    explicit Findings(bidden_findings *findings) noexcept : Handle(findings) {}
};

/// The fields of one person, as they were given. One thread at a time.
class Candidate : public detail::Handle<bidden_candidate, bidden_candidate_free> {
public:
    static Candidate from_capi(bidden_candidate *candidate) noexcept { return Candidate(candidate); }

    static Result<Candidate> create() {
        bidden_candidate *candidate = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_candidate_new(&candidate, &error);
        return detail::made<Candidate>(number, candidate, error);
    }

    /// Sets a field by its name, e.g. `enrollment_number`.
    Result<void> set(std::string_view field, std::string_view text) {
        bidden_error *error = nullptr;
        const std::int32_t number =
            bidden_candidate_set(capi(), detail::terminated(field).c_str(), detail::terminated(text).c_str(), &error);
        return detail::done(number, error);
    }

    /// Checks all fields at once; with a platform, what its call requires is required.
    Result<Findings> validate(std::optional<Platform> platform = std::nullopt, Seconds now = BIDDEN_TIME_ABSENT) const {
        bidden_findings *findings = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_candidate_validate(capi(), platform ? static_cast<std::int32_t>(*platform) : 0, now,
                                                              &findings, &error);
        return detail::made<Findings>(number, findings, error);
    }

private:
    explicit Candidate(bidden_candidate *candidate) noexcept : Handle(candidate) {}
};

/// The three values `ak`, `sgn` and `ts`. One thread at a time.
class Signature : public detail::Handle<bidden_signature, bidden_signature_free> {
public:
    static Signature from_capi(bidden_signature *signature) noexcept { return Signature(signature); }

    static Result<Signature> create(std::string_view ak, std::string_view sgn, std::string_view ts) {
        bidden_signature *signature = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_signature_new(detail::terminated(ak).c_str(), detail::terminated(sgn).c_str(),
                                                         detail::terminated(ts).c_str(), &signature, &error);
        return detail::made<Signature>(number, signature, error);
    }

    std::string ak() const { return detail::take_or_empty(bidden_signature_ak(capi())); }
    std::string sgn() const { return detail::take_or_empty(bidden_signature_sgn(capi())); }
    std::string ts() const { return detail::take_or_empty(bidden_signature_ts(capi())); }

private:
    explicit Signature(bidden_signature *signature) noexcept : Handle(signature) {}
};

/// Method, URL, headers and body, for the program's own HTTP stack and for signing. One thread at a time.
class Request : public detail::Handle<bidden_request, bidden_request_free> {
public:
    static Request from_capi(bidden_request *request) noexcept { return Request(request); }

    static Result<Request> create(std::string_view method, std::string_view url, std::string_view body = {}) {
        bidden_request *request = nullptr;
        bidden_error *error = nullptr;
        const bidden_bytes given = detail::bytes(body);
        const std::int32_t number = bidden_request_new(detail::terminated(method).c_str(), detail::terminated(url).c_str(),
                                                       given.bytes, given.length, &request, &error);
        return detail::made<Request>(number, request, error);
    }

    Result<void> set_header(std::string_view name, std::string_view value) {
        bidden_error *error = nullptr;
        const std::int32_t number =
            bidden_request_set_header(capi(), detail::terminated(name).c_str(), detail::terminated(value).c_str(), &error);
        return detail::done(number, error);
    }
    /// Puts a signature into the headers `ak`, `sgn` and `ts`.
    Result<void> authorize(const Signature &signature) {
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_request_authorize(capi(), signature.capi(), &error);
        return detail::done(number, error);
    }

    std::string method() const { return detail::take_or_empty(bidden_request_method(capi())); }
    std::string url() const { return detail::take_or_empty(bidden_request_url(capi())); }
    std::string body() const { return detail::take_or_empty(bidden_request_body(capi())); }
    std::vector<std::pair<std::string, std::string>> headers() const {
        std::vector<std::pair<std::string, std::string>> headers;
        const std::size_t count = bidden_request_header_count(capi());
        headers.reserve(count);
        for (std::size_t index = 0; index < count; ++index) {
            headers.emplace_back(detail::take_or_empty(bidden_request_header_name(capi(), index)),
                                 detail::take_or_empty(bidden_request_header_value(capi(), index)));
        }
        return headers;
    }

private:
    explicit Request(bidden_request *request) noexcept : Handle(request) {}
};

/// How a signature is made, as data.
class Recipe : public detail::Handle<bidden_recipe, bidden_recipe_free> {
public:
    static Recipe from_capi(bidden_recipe *recipe) noexcept { return Recipe(recipe); }

    /// The name of a preset, or a JSON object.
    static Result<Recipe> read(std::string_view name_or_json) {
        bidden_recipe *recipe = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_recipe_new(detail::terminated(name_or_json).c_str(), &recipe, &error);
        return detail::made<Recipe>(number, recipe, error);
    }

    std::string name() const { return detail::take_or_empty(bidden_recipe_name(capi())); }

    /// The bytes that are signed.
    Result<std::string> message(std::string_view ak, std::string_view ts, const Request &request) const {
        bidden_string text{};
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_recipe_message(capi(), detail::terminated(ak).c_str(), detail::terminated(ts).c_str(),
                                                          request.capi(), &text, &error);
        return detail::made_text(number, text, error);
    }

    Result<Signature> sign(std::string_view ak, std::string_view secret, const Request &request,
                           Seconds now = BIDDEN_TIME_ABSENT) const {
        bidden_signature *signature = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_recipe_sign(capi(), detail::terminated(ak).c_str(), detail::bytes(secret),
                                                       request.capi(), now, &signature, &error);
        return detail::made<Signature>(number, signature, error);
    }

    /// `unauthorized` when the signature of the request is not good.
    Result<void> verify(std::string_view ak, std::string_view secret, const Request &request, Seconds now = BIDDEN_TIME_ABSENT,
                        std::uint32_t window_seconds = 900) const {
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_recipe_verify(capi(), detail::terminated(ak).c_str(), detail::bytes(secret),
                                                         request.capi(), now, window_seconds, &error);
        return detail::done(number, error);
    }

    /// Why the signature verifies or not, as JSON.
    Result<std::string> explain(std::string_view ak, std::string_view secret, const Request &request,
                                Seconds now = BIDDEN_TIME_ABSENT, std::uint32_t window_seconds = 900) const {
        bidden_string text{};
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_recipe_explain(capi(), detail::terminated(ak).c_str(), detail::bytes(secret),
                                                          request.capi(), now, window_seconds, &text, &error);
        return detail::made_text(number, text, error);
    }

private:
    explicit Recipe(bidden_recipe *recipe) noexcept : Handle(recipe) {}
};

/// HMAC-SHA256 of a text.
inline Result<std::string> hmac(std::string_view secret, std::string_view message, Encoding encoding) {
    bidden_string text{};
    bidden_error *error = nullptr;
    const std::int32_t number = bidden_hmac(detail::bytes(secret), detail::terminated(message).c_str(),
                                            static_cast<std::int32_t>(encoding), &text, &error);
    return detail::made_text(number, text, error);
}

/// Where a platform is, and who calls. Empty texts and zeros have their defaults.
struct Options {
    std::string base_url;
    std::string api_key;
    std::string token;
    std::string secret;
    std::string recipe;
    bidden_signer signer = nullptr;
    void *signer_context = nullptr;
    std::uint32_t timeout_milliseconds = 0;
    std::uint32_t tries = 0;
    std::uint32_t callers = 0;
    std::uint32_t calls_per_second = 0;

    /// The C struct, which borrows the texts of this one.
    bidden_options capi() const noexcept {
        bidden_options options{};
        options.size = sizeof options;
        options.base_url = detail::or_null(base_url);
        options.api_key = detail::bytes(api_key);
        options.token = detail::bytes(token);
        options.secret = detail::bytes(secret);
        options.recipe = detail::or_null(recipe);
        options.signer = signer;
        options.signer_context = signer_context;
        options.timeout_milliseconds = timeout_milliseconds;
        options.tries = tries;
        options.callers = callers;
        options.calls_per_second = calls_per_second;
        return options;
    }
};

/// A platform's answer. The readers of one call give nothing for the answer to another.
class Reply : public detail::Handle<bidden_reply, bidden_reply_free> {
public:
    static Reply from_capi(bidden_reply *reply) noexcept { return Reply(reply); }

    /// The neutral JSON.
    std::string json() const { return detail::take_or_empty(bidden_reply_json(capi())); }

    std::int64_t imocha_test_invitation_id() const noexcept { return bidden_imocha_invited_test_invitation_id(capi()); }
    std::optional<std::string> imocha_test_url() const { return detail::take(bidden_imocha_invited_test_url(capi())); }
    Status imocha_status() const noexcept { return static_cast<Status>(bidden_imocha_invited_status(capi())); }
    std::optional<std::string> imocha_platform_status() const { return detail::take(bidden_imocha_invited_platform_status(capi())); }

    std::optional<double> imocha_score_percentage() const {
        double percentage = 0;
        return bidden_imocha_report_score_percentage(capi(), &percentage) ? std::optional(percentage) : std::nullopt;
    }
    std::optional<std::string> imocha_pdf_report_url() const { return detail::take(bidden_imocha_report_pdf_report_url(capi())); }

    std::optional<std::string> think_exam_msg() const { return detail::take(bidden_think_exam_assigned_msg(capi())); }
    std::size_t think_exam_registered_count() const noexcept { return bidden_think_exam_registered_count(capi()); }
    bool think_exam_registered_is_success(std::size_t index) const noexcept {
        return bidden_think_exam_registered_is_success(capi(), index);
    }
    std::optional<std::string> think_exam_registered_code(std::size_t index) const {
        return detail::take(bidden_think_exam_registered_code(capi(), index));
    }
    std::optional<std::string> think_exam_registered_msg(std::size_t index) const {
        return detail::take(bidden_think_exam_registered_msg(capi(), index));
    }
    std::int64_t think_exam_registered_student_id(std::size_t index) const noexcept {
        return bidden_think_exam_registered_student_id(capi(), index);
    }
    std::optional<std::string> think_exam_registered_enrollment_no(std::size_t index) const {
        return detail::take(bidden_think_exam_registered_enrollment_no(capi(), index));
    }

    std::optional<std::string> testinvite_candidate_id() const { return detail::take(bidden_testinvite_created_candidate_id(capi())); }
    std::optional<std::string> testinvite_invitation_code() const {
        return detail::take(bidden_testinvite_created_invitation_code(capi()));
    }
    std::optional<std::string> testinvite_direct_access_url() const {
        return detail::take(bidden_testinvite_created_direct_access_url(capi()));
    }
    bool testinvite_logged_in() const noexcept { return bidden_testinvite_created_logged_in(capi()); }

private:
    explicit Reply(bidden_reply *reply) noexcept : Handle(reply) {}
};

/// The arguments of `imocha.invite`. Empty texts and zeros are absent.
struct ImochaInvite {
    std::int64_t test_id = 0;
    std::string email;
    std::string name;
    std::string callback_url;
    std::string redirect_url;
    std::optional<bool> disable_mandatory_fields;
    std::optional<bool> hide_instruction;
    std::optional<bool> send_email;
    std::string stakeholder_emails;
    Seconds start = BIDDEN_TIME_ABSENT;
    Seconds end = BIDDEN_TIME_ABSENT;
    std::int64_t time_zone_id = 0;
    std::string proctoring_mode;
    std::string more_json;
};

/// The arguments of `imocha.reattempt`. The window and its time zone are required.
struct ImochaReattempt {
    std::int64_t test_invitation_id = 0;
    Seconds start = BIDDEN_TIME_ABSENT;
    Seconds end = BIDDEN_TIME_ABSENT;
    std::int64_t time_zone_id = 0;
    std::string callback_url;
    std::string redirect_url;
    std::optional<bool> hide_instruction;
    std::optional<bool> send_email;
    std::string more_json;
};

/// The arguments of `imocha.cancel`.
struct ImochaCancel {
    std::int64_t test_invitation_id = 0;
};

/// The arguments of `imocha.report`; a type of 0 is the platform's own.
struct ImochaReport {
    std::int64_t test_invitation_id = 0;
    std::int32_t report_type = 0;
};

/// The arguments of `think_exam.assign_test`.
struct ThinkExamAssignTest {
    std::string email;
    std::string test_id;
    std::optional<bool> is_mail_enable;
    std::optional<bool> is_password_skip;
    std::string more_json;
};

/// The arguments of `think_exam.deassign_test`.
struct ThinkExamDeassignTest {
    std::string email;
    std::string test_id;
    std::string more_json;
};

/// One candidate of `think_exam.bulk_candidate_register`. Empty texts are absent.
struct ThinkExamRegistration {
    std::string name;
    std::string email;
    std::string enrollment_number;
    std::string password;
    std::string mobile;
    std::string gender;
    std::string dob;
    std::string course_name;
    std::string extra1;
    std::string extra2;
    std::string extra3;
    std::string profile_pic;
};

/// The arguments of `testinvite.create_candidate`. Empty texts and zeros are absent.
struct TestInviteCreateCandidate {
    std::string task_id;
    std::string id;
    std::string fullname;
    std::string email;
    std::string credential1;
    std::string credential2;
    std::string tracking_uniq_id;
    std::string tracking_scope;
    std::string group;
    std::vector<std::string> labels;
    std::string external_id;
    std::string lang;
    std::vector<std::string> program_ids;
    std::vector<std::string> extra_emails;
    Seconds after = BIDDEN_TIME_ABSENT;
    Seconds before = BIDDEN_TIME_ABSENT;
    std::string email_template_name;
    Seconds date_to_send = BIDDEN_TIME_ABSENT;
    std::string callback_url;
    std::string callback_resource;
    std::string more_json;
};

/// One call of one platform with its arguments, as a value.
class Call : public detail::Handle<bidden_call, bidden_call_free> {
public:
    static Call from_capi(bidden_call *call) noexcept { return Call(call); }

    /// The one door: a call by its name and the neutral JSON of its arguments.
    static Result<Call> create(std::string_view name, std::string_view json) {
        bidden_call *call = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_call_new(detail::terminated(name).c_str(), detail::terminated(json).c_str(), &call, &error);
        return detail::made<Call>(number, call, error);
    }

    static Result<Call> create(const ImochaInvite &given) {
        bidden_imocha_invite arguments{};
        arguments.size = sizeof arguments;
        arguments.test_id = given.test_id;
        arguments.email = detail::or_null(given.email);
        arguments.name = detail::or_null(given.name);
        arguments.callback_url = detail::or_null(given.callback_url);
        arguments.redirect_url = detail::or_null(given.redirect_url);
        arguments.disable_mandatory_fields = detail::flag(given.disable_mandatory_fields);
        arguments.hide_instruction = detail::flag(given.hide_instruction);
        arguments.send_email = detail::flag(given.send_email);
        arguments.stakeholder_emails = detail::or_null(given.stakeholder_emails);
        arguments.start_seconds = given.start;
        arguments.end_seconds = given.end;
        arguments.time_zone_id = given.time_zone_id;
        arguments.proctoring_mode = detail::or_null(given.proctoring_mode);
        arguments.more_json = detail::or_null(given.more_json);
        return typed(bidden_imocha_invite_new, arguments);
    }

    static Result<Call> create(const ImochaReattempt &given) {
        bidden_imocha_reattempt arguments{};
        arguments.size = sizeof arguments;
        arguments.test_invitation_id = given.test_invitation_id;
        arguments.start_seconds = given.start;
        arguments.end_seconds = given.end;
        arguments.time_zone_id = given.time_zone_id;
        arguments.callback_url = detail::or_null(given.callback_url);
        arguments.redirect_url = detail::or_null(given.redirect_url);
        arguments.hide_instruction = detail::flag(given.hide_instruction);
        arguments.send_email = detail::flag(given.send_email);
        arguments.more_json = detail::or_null(given.more_json);
        return typed(bidden_imocha_reattempt_new, arguments);
    }

    static Result<Call> create(const ImochaCancel &given) {
        bidden_call *call = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_imocha_cancel_new(given.test_invitation_id, &call, &error);
        return detail::made<Call>(number, call, error);
    }

    static Result<Call> create(const ImochaReport &given) {
        bidden_call *call = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_imocha_report_new(given.test_invitation_id, given.report_type, &call, &error);
        return detail::made<Call>(number, call, error);
    }

    static Result<Call> create(const ThinkExamAssignTest &given) {
        bidden_think_exam_assign_test arguments{};
        arguments.size = sizeof arguments;
        arguments.email = detail::or_null(given.email);
        arguments.test_id = detail::or_null(given.test_id);
        arguments.is_mail_enable = detail::flag(given.is_mail_enable);
        arguments.is_password_skip = detail::flag(given.is_password_skip);
        arguments.more_json = detail::or_null(given.more_json);
        return typed(bidden_think_exam_assign_test_new, arguments);
    }

    static Result<Call> create(const ThinkExamDeassignTest &given) {
        bidden_think_exam_deassign_test arguments{};
        arguments.size = sizeof arguments;
        arguments.email = detail::or_null(given.email);
        arguments.test_id = detail::or_null(given.test_id);
        arguments.more_json = detail::or_null(given.more_json);
        return typed(bidden_think_exam_deassign_test_new, arguments);
    }

    static Result<Call> create(const std::vector<ThinkExamRegistration> &candidates) {
        std::vector<bidden_think_exam_registration> rows;
        rows.reserve(candidates.size());
        for (const ThinkExamRegistration &given : candidates) {
            bidden_think_exam_registration row{};
            row.size = sizeof row;
            row.name = detail::or_null(given.name);
            row.email = detail::or_null(given.email);
            row.enrollment_number = detail::or_null(given.enrollment_number);
            row.password = detail::or_null(given.password);
            row.mobile = detail::or_null(given.mobile);
            row.gender = detail::or_null(given.gender);
            row.dob = detail::or_null(given.dob);
            row.course_name = detail::or_null(given.course_name);
            row.extra1 = detail::or_null(given.extra1);
            row.extra2 = detail::or_null(given.extra2);
            row.extra3 = detail::or_null(given.extra3);
            row.profile_pic = detail::or_null(given.profile_pic);
            rows.push_back(row);
        }
        std::vector<const bidden_think_exam_registration *> pointers;
        pointers.reserve(rows.size());
        for (const bidden_think_exam_registration &row : rows) {
            pointers.push_back(&row);
        }
        bidden_think_exam_bulk_candidate_register arguments{};
        arguments.size = sizeof arguments;
        arguments.candidates = pointers.data();
        arguments.candidate_count = pointers.size();
        return typed(bidden_think_exam_bulk_candidate_register_new, arguments);
    }

    static Result<Call> create(const TestInviteCreateCandidate &given) {
        const std::vector<const char *> labels = detail::pointers(given.labels);
        const std::vector<const char *> program_ids = detail::pointers(given.program_ids);
        const std::vector<const char *> extra_emails = detail::pointers(given.extra_emails);
        bidden_testinvite_create_candidate arguments{};
        arguments.size = sizeof arguments;
        arguments.task_id = detail::or_null(given.task_id);
        arguments.id = detail::or_null(given.id);
        arguments.fullname = detail::or_null(given.fullname);
        arguments.email = detail::or_null(given.email);
        arguments.credential1 = detail::or_null(given.credential1);
        arguments.credential2 = detail::or_null(given.credential2);
        arguments.tracking_uniq_id = detail::or_null(given.tracking_uniq_id);
        arguments.tracking_scope = detail::or_null(given.tracking_scope);
        arguments.group = detail::or_null(given.group);
        arguments.labels = labels.data();
        arguments.label_count = labels.size();
        arguments.external_id = detail::or_null(given.external_id);
        arguments.lang = detail::or_null(given.lang);
        arguments.program_ids = program_ids.data();
        arguments.program_id_count = program_ids.size();
        arguments.extra_emails = extra_emails.data();
        arguments.extra_email_count = extra_emails.size();
        arguments.after_seconds = given.after;
        arguments.before_seconds = given.before;
        arguments.email_template_name = detail::or_null(given.email_template_name);
        arguments.date_to_send_seconds = given.date_to_send;
        arguments.callback_url = detail::or_null(given.callback_url);
        arguments.callback_resource = detail::or_null(given.callback_resource);
        arguments.more_json = detail::or_null(given.more_json);
        return typed(bidden_testinvite_create_candidate_new, arguments);
    }

    std::string_view name() const noexcept {
        const char *name = bidden_call_name(capi());
        return name == nullptr ? std::string_view() : std::string_view(name);
    }
    Repeat repeat() const noexcept { return static_cast<Repeat>(bidden_call_repeat(capi())); }
    bool asks_for_mail() const noexcept { return bidden_call_asks_for_mail(capi()); }
    std::string json() const { return detail::take_or_empty(bidden_call_json(capi())); }

    /// The same call asking for no mail.
    Result<Call> without_mail() const {
        bidden_call *call = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_call_without_mail(capi(), &call, &error);
        return detail::made<Call>(number, call, error);
    }

    /// The request, for the program's own HTTP stack; it carries the credential when the options hold one.
    Result<Request> request(const Options &options = {}, Seconds now = BIDDEN_TIME_ABSENT) const {
        bidden_request *request = nullptr;
        bidden_error *error = nullptr;
        const bidden_options given = options.capi();
        const std::int32_t number = bidden_call_request(capi(), &given, now, &request, &error);
        return detail::made<Request>(number, request, error);
    }

    /// Reads the platform's answer.
    Result<Reply> read_reply(std::int32_t http_status, std::string_view body,
                             const std::vector<std::pair<std::string, std::string>> &headers = {}) const {
        const std::vector<bidden_header> given = detail::headers(headers);
        bidden_reply *reply = nullptr;
        bidden_error *error = nullptr;
        const bidden_bytes bytes = detail::bytes(body);
        const std::int32_t number = bidden_call_read_reply(capi(), http_status, given.data(), given.size(), bytes.bytes, bytes.length,
                                                           &reply, &error);
        return detail::made<Reply>(number, reply, error);
    }

private:
    explicit Call(bidden_call *call) noexcept : Handle(call) {}

    template <typename Arguments>
    static Result<Call> typed(std::int32_t (*create)(const Arguments *, bidden_call **, bidden_error **), const Arguments &arguments) {
        bidden_call *call = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = create(&arguments, &call, &error);
        return detail::made<Call>(number, call, error);
    }
};

/// The names of all calls.
inline std::vector<std::string_view> call_names() {
    std::vector<std::string_view> names;
    const std::size_t count = bidden_call_count();
    names.reserve(count);
    for (std::size_t index = 0; index < count; ++index) {
        names.emplace_back(bidden_call_name_at(index));
    }
    return names;
}

#if defined(BIDDEN_CLIENT)

/// What a platform makes of an operation or an option.
enum class Support : std::int32_t {
    unknown = 0,
    honoured = BIDDEN_SUPPORT_HONOURED,
    approximated = BIDDEN_SUPPORT_APPROXIMATED,
    not_possible = BIDDEN_SUPPORT_NOT_POSSIBLE,
};

/// The operations and the options of an invitation, by the names of the command.
inline std::vector<std::string_view> capability_names() {
    std::vector<std::string_view> names(bidden_capability_count());
    for (std::size_t index = 0; index < names.size(); ++index) {
        names[index] = bidden_capability_name_at(index);
    }
    return names;
}

/// What a platform makes of one of them; unknown for a name that is none.
inline Support capability_support(Platform platform, std::string_view name) {
    return static_cast<Support>(bidden_capability_support(static_cast<std::int32_t>(platform), detail::terminated(name).c_str()));
}

/// In what it differs, or why it is not possible; empty when it is honoured.
inline std::string_view capability_note(Platform platform, std::string_view name) {
    const char *note = bidden_capability_note(static_cast<std::int32_t>(platform), detail::terminated(name).c_str());
    return note == nullptr ? std::string_view() : std::string_view(note);
}

/// How far a callback can be believed.
enum class Authenticity : std::int32_t {
    verified = BIDDEN_AUTHENTICITY_VERIFIED,
    unsigned_ = BIDDEN_AUTHENTICITY_UNSIGNED,
    not_checked = BIDDEN_AUTHENTICITY_NOT_CHECKED,
};

inline std::string_view slug(Authenticity authenticity) noexcept {
    const char *slug = bidden_authenticity_slug(static_cast<std::int32_t>(authenticity));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}

/// What a platform says has happened, sent to an address of the program's. What is not verified is a hint: look it up before you
/// act on it. Any number of threads may read one.
class Callback : public detail::Handle<bidden_callback, bidden_callback_free> {
public:
    static Callback from_capi(bidden_callback *callback) noexcept { return Callback(callback); }

    /// Reads a callback. `key` is what Think Exam's receiver was given; the other two platforms have none.
    static Result<Callback> read(Platform platform, std::string_view body,
                                 const std::vector<std::pair<std::string, std::string>> &headers = {},
                                 const std::optional<std::string> &key = std::nullopt) {
        const std::vector<bidden_header> given = detail::headers(headers);
        bidden_callback *callback = nullptr;
        bidden_error *error = nullptr;
        const bidden_bytes bytes = detail::bytes(body);
        const std::int32_t number =
            bidden_callback_read(static_cast<std::int32_t>(platform), given.data(), given.size(), bytes.bytes, bytes.length,
                                 key ? detail::whole(*key) : nullptr, &callback, &error);
        return detail::made<Callback>(number, callback, error);
    }

    Platform platform() const noexcept { return static_cast<Platform>(bidden_callback_platform(capi())); }
    Status status() const noexcept { return static_cast<Status>(bidden_callback_status(capi())); }
    Authenticity authenticity() const noexcept { return static_cast<Authenticity>(bidden_callback_authenticity(capi())); }
    /// Whether it moves an invitation that stands at `known`: callbacks come late, twice and in any order.
    bool moves(Status known) const noexcept { return bidden_callback_moves(capi(), static_cast<std::int32_t>(known)); }
    /// Equal for two callbacks that say the same.
    std::string dedupe_key() const { return detail::take_or_empty(bidden_callback_dedupe_key(capi())); }
    std::optional<std::string> invitation_id() const { return detail::take(bidden_callback_invitation_id(capi())); }
    std::optional<std::string> email() const { return detail::take(bidden_callback_email(capi())); }
    std::optional<double> score() const {
        double score = 0;
        return bidden_callback_score(capi(), &score) ? std::optional(score) : std::nullopt;
    }
    /// The neutral JSON; it holds personal data.
    std::string json() const { return detail::take_or_empty(bidden_callback_json(capi())); }

private:
    explicit Callback(bidden_callback *callback) noexcept : Handle(callback) {}
};

/// Ends the waits of calls from another thread.
class Cancel : public detail::Handle<bidden_cancel, bidden_cancel_free> {
public:
    static Cancel from_capi(bidden_cancel *cancel) noexcept { return Cancel(cancel); }

    static Result<Cancel> create() {
        bidden_cancel *cancel = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_cancel_new(&cancel, &error);
        return detail::made<Cancel>(number, cancel, error);
    }

    void cancel() const noexcept { bidden_cancel_cancel(capi()); }

private:
    explicit Cancel(bidden_cancel *cancel) noexcept : Handle(cancel) {}
};

/// A blocking client of one platform; any number of threads may call through one.
class Client : public detail::Handle<bidden_client, bidden_client_free> {
public:
    static Client from_capi(bidden_client *client) noexcept { return Client(client); }

    static Result<Client> create(Platform platform, const Options &options) {
        bidden_client *client = nullptr;
        bidden_error *error = nullptr;
        const bidden_options given = options.capi();
        const std::int32_t number = bidden_client_new(static_cast<std::int32_t>(platform), &given, &client, &error);
        return detail::made<Client>(number, client, error);
    }

    /// Sends a call and reads the answer. Blocks.
    Result<Reply> call(const Call &call) const { return sent(call, nullptr); }
    /// The same until somebody cancels.
    Result<Reply> call(const Call &call, const Cancel &cancel) const { return sent(call, cancel.capi()); }

private:
    explicit Client(bidden_client *client) noexcept : Handle(client) {}

    Result<Reply> sent(const Call &call, const bidden_cancel *cancel) const {
        bidden_reply *reply = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_client_call(capi(), call.capi(), cancel, &reply, &error);
        return detail::made<Reply>(number, reply, error);
    }
};

#endif  // BIDDEN_CLIENT

#if defined(BIDDEN_LEDGER)

/// What an operation through a ledger came to. Any number of threads may read one.
class Outcome : public detail::Handle<bidden_outcome, bidden_outcome_free> {
public:
    static Outcome from_capi(bidden_outcome *outcome) noexcept { return Outcome(outcome); }

    Disposition disposition() const noexcept { return static_cast<Disposition>(bidden_outcome_disposition(capi())); }
    /// Whether what was wished is so, by this call or before.
    bool is_good() const noexcept { return bidden_outcome_is_good(capi()); }
    KnownFrom known_from() const noexcept { return static_cast<KnownFrom>(bidden_outcome_known_from(capi())); }
    Email email() const noexcept { return static_cast<Email>(bidden_outcome_email(capi())); }
    /// Whether this very operation asked for a mail and was not refused.
    bool asked_for_mail() const noexcept { return bidden_outcome_asked_for_mail(capi()); }
    Status status() const noexcept { return static_cast<Status>(bidden_outcome_status(capi())); }
    std::optional<std::string> platform_status() const { return detail::take(bidden_outcome_platform_status(capi())); }
    std::optional<std::string> invitation_id() const { return detail::take(bidden_outcome_invitation_id(capi())); }
    std::optional<std::string> invitation_code() const { return detail::take(bidden_outcome_invitation_code(capi())); }
    std::optional<std::string> test_url() const { return detail::take(bidden_outcome_test_url(capi())); }
    /// Why it did not end well; none when nothing went wrong.
    std::optional<Error> error() const {
        bidden_error *why = nullptr;
        if (bidden_outcome_error(capi(), &why, nullptr) != BIDDEN_OK || why == nullptr) {
            return std::nullopt;
        }
        return Error::from_capi(why);
    }

private:
    explicit Outcome(bidden_outcome *outcome) noexcept : Handle(outcome) {}
};

/// What is to be done for one candidate: the options of `bidden invite`. Empty texts and zeros are absent; nobody is mailed unless
/// it says so. It borrows the candidate and the cancel handle.
struct Operation {
    std::string test;
    const Candidate *candidate = nullptr;
    std::string invitation_id;
    const Cancel *cancel = nullptr;
    std::optional<bool> send_email;
    std::optional<bool> hide_instruction;
    std::optional<bool> skip_password;
    std::optional<bool> no_tracking;
    std::string email_template;
    Seconds send_at = BIDDEN_TIME_ABSENT;
    std::string stakeholder_emails;
    Window window;
    std::int64_t time_zone_id = 0;
    std::string callback_url;
    std::string callback_resource;
    std::string redirect_url;
    std::string proctoring;
    std::string language;
    std::vector<std::string> program_ids;
    std::string unique_within;
    std::string price_amount;
    std::string price_currency;
    bool reopen = false;
    bool mail_again = false;
    bool resend_uncertain = false;
};

/// What came of many. Any number of threads may read one.
class Summary : public detail::Handle<bidden_summary, bidden_summary_free> {
public:
    static Summary from_capi(bidden_summary *summary) noexcept { return Summary(summary); }

    /// How many candidates were given.
    std::uint64_t rows() const noexcept { return bidden_summary_rows(capi()); }
    /// How many of them ended well, now or before.
    std::uint64_t good() const noexcept { return bidden_summary_good(capi()); }
    /// How many were not sent, because the run ended before.
    std::uint64_t not_sent() const noexcept { return bidden_summary_not_sent(capi()); }
    /// How many mails to candidates were asked for in this run.
    std::uint64_t mails() const noexcept { return bidden_summary_mails(capi()); }
    /// Why the run ended before its end; none when it did not.
    std::optional<std::string> stopped() const { return detail::take(bidden_summary_stopped(capi())); }

private:
    explicit Summary(bidden_summary *summary) noexcept : Handle(summary) {}
};

/// What would be done for a candidate. Any number of threads may read one.
class Review : public detail::Handle<bidden_review, bidden_review_free> {
public:
    static Review from_capi(bidden_review *review) noexcept { return Review(review); }

    /// In the words of `bidden plan`.
    std::string_view action() const noexcept {
        const char *action = bidden_review_action(capi());
        return action == nullptr ? std::string_view() : std::string_view(action);
    }
    /// Whether something would be sent that changes the invitation.
    bool sends() const noexcept { return bidden_review_sends(capi()); }
    /// Whether a mail to the candidate would be asked for.
    bool asks_for_mail() const noexcept { return bidden_review_asks_for_mail(capi()); }
    /// Why nothing would be done; none when something would.
    std::optional<std::string> why() const { return detail::take(bidden_review_why(capi())); }

private:
    explicit Review(bidden_review *review) noexcept : Handle(review) {}
};

/// How many are invited at once. Zeros are absent.
struct Many {
    /// How many are under way at once; 0 for 16.
    std::uint32_t concurrency = 0;
    /// How many calls a second all workers of the ledger's account make together.
    std::uint32_t calls_per_second = 0;
    /// Ends the run after so many that did not end well.
    std::uint64_t stop_after_failures = 0;
};

/// A durable record of every invitation: at most one request that asks for mail ever leaves, whatever crashes. Any number of
/// threads may send through one.
class Ledger : public detail::Handle<bidden_ledger, bidden_ledger_free> {
public:
    static Ledger from_capi(bidden_ledger *ledger) noexcept { return Ledger(ledger); }

    /// Opens a ledger in a file, which is made when it is missing.
    static Result<Ledger> open(std::string_view location) {
        bidden_ledger *ledger = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_ledger_open(detail::terminated(location).c_str(), &ledger, &error);
        return detail::made<Ledger>(number, ledger, error);
    }

    /// The same ledger for another account.
    Result<Ledger> account(std::string_view name) const {
        bidden_ledger *other = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_ledger_account(capi(), detail::terminated(name).c_str(), &other, &error);
        return detail::made<Ledger>(number, other, error);
    }

    std::string location() const { return detail::take_or_empty(bidden_ledger_location(capi())); }

    /// Invites a candidate, at most once with a mail, however often it is called. Blocks.
    Result<Outcome> invite(const Client &client, const Operation &operation) const {
        return done(bidden_ledger_invite, client, operation);
    }
    /// Withdraws the invitation of a candidate. Blocks.
    Result<Outcome> cancel(const Client &client, const Operation &operation) const {
        return done(bidden_ledger_cancel, client, operation);
    }
    /// Allows a candidate another attempt (iMocha). Blocks.
    Result<Outcome> reattempt(const Client &client, const Operation &operation) const {
        return done(bidden_ledger_reattempt, client, operation);
    }
    /// Registers a candidate (Think Exam). Blocks.
    Result<Outcome> register_candidate(const Client &client, const Operation &operation) const {
        return done(bidden_ledger_register, client, operation);
    }

    /// What `invite` would do: nothing is written, and nothing is sent that changes anything.
    Result<Review> review(const Client &client, const Operation &operation) const {
        bidden_review *review = nullptr;
        bidden_error *error = nullptr;
        const auto call = [&](const bidden_operation &given) {
            return bidden_ledger_review(capi(), client.capi(), &given, &review, &error);
        };
        const std::int32_t number = with(operation, call);
        return detail::made<Review>(number, review, error);
    }

    /// Invites everybody whom `next` gives: `bool next(Candidate &)` fills the candidate and returns whether there is one;
    /// `void row(std::uint64_t number, const Outcome &)` hears what came of each. Both run on threads of the library, one at a time,
    /// and must not throw: an exception ends the program. `operation.cancel` ends the run from any thread. Blocks.
    template <typename Next, typename Row>
    Result<Summary> invite_many(const Client &client, const Operation &operation, Next next, Row row, Many many = {}) const {
        bidden_many run{};
        run.size = sizeof run;
        run.next = [](void *context, bidden_candidate *lent) noexcept -> std::int32_t {
            Candidate candidate = Candidate::from_capi(lent);
            const bool is_one = (*static_cast<Next *>(context))(candidate);
            static_cast<void>(candidate.capi_release());
            return is_one ? 1 : 0;
        };
        run.next_context = &next;
        run.row = [](void *context, std::uint64_t number, const bidden_outcome *lent) noexcept {
            // The outcome stays the library's, and the program only reads it.
            Outcome outcome = Outcome::from_capi(const_cast<bidden_outcome *>(lent));
            (*static_cast<Row *>(context))(number, static_cast<const Outcome &>(outcome));
            static_cast<void>(outcome.capi_release());
        };
        run.row_context = &row;
        run.concurrency = many.concurrency;
        run.calls_per_second = many.calls_per_second;
        run.stop_after_failures = many.stop_after_failures;
        bidden_summary *summary = nullptr;
        bidden_error *error = nullptr;
        const auto call = [&](const bidden_operation &given) {
            return bidden_ledger_invite_many(capi(), client.capi(), &given, &run, &summary, &error);
        };
        const std::int32_t number = with(operation, call);
        return detail::made<Summary>(number, summary, error);
    }

    /// Every invitation of an address with all its operations, as a JSON array.
    Result<std::string> history_json(std::string_view email) const {
        bidden_string json{};
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_ledger_history_json(capi(), detail::terminated(email).c_str(), &json, &error);
        return detail::made_text(number, json, error);
    }

private:
    explicit Ledger(bidden_ledger *ledger) noexcept : Handle(ledger) {}

    using Function = std::int32_t (*)(const bidden_ledger *, const bidden_client *, const bidden_operation *, bidden_outcome **,
                                      bidden_error **);

    Result<Outcome> done(Function function, const Client &client, const Operation &given) const {
        bidden_outcome *outcome = nullptr;
        bidden_error *error = nullptr;
        const auto call = [&](const bidden_operation &operation) {
            return function(capi(), client.capi(), &operation, &outcome, &error);
        };
        const std::int32_t number = with(given, call);
        return detail::made<Outcome>(number, outcome, error);
    }

    /// Calls with the operation as C has it, which borrows from this one.
    template <typename Call> static std::int32_t with(const Operation &given, Call call) {
        const std::vector<const char *> program_ids = detail::pointers(given.program_ids);
        bidden_operation operation{};
        operation.size = sizeof operation;
        operation.test = detail::or_null(given.test);
        operation.candidate = given.candidate == nullptr ? nullptr : given.candidate->capi();
        operation.invitation_id = detail::or_null(given.invitation_id);
        operation.cancel = given.cancel == nullptr ? nullptr : given.cancel->capi();
        operation.send_email = detail::flag(given.send_email);
        operation.hide_instruction = detail::flag(given.hide_instruction);
        operation.skip_password = detail::flag(given.skip_password);
        operation.no_tracking = detail::flag(given.no_tracking);
        operation.email_template = detail::or_null(given.email_template);
        operation.send_at_seconds = given.send_at;
        operation.stakeholder_emails = detail::or_null(given.stakeholder_emails);
        operation.start_seconds = given.window.start;
        operation.end_seconds = given.window.end;
        operation.time_zone_id = given.time_zone_id;
        operation.callback_url = detail::or_null(given.callback_url);
        operation.callback_resource = detail::or_null(given.callback_resource);
        operation.redirect_url = detail::or_null(given.redirect_url);
        operation.proctoring = detail::or_null(given.proctoring);
        operation.language = detail::or_null(given.language);
        operation.program_ids = program_ids.data();
        operation.program_id_count = program_ids.size();
        operation.unique_within = detail::or_null(given.unique_within);
        operation.price_amount = detail::or_null(given.price_amount);
        operation.price_currency = detail::or_null(given.price_currency);
        operation.reopen = detail::flag(given.reopen);
        operation.mail_again = detail::flag(given.mail_again);
        operation.resend_uncertain = detail::flag(given.resend_uncertain);
        return call(operation);
    }
};

#endif  // BIDDEN_LEDGER

}  // namespace bidden

#endif  // BIDDEN_HPP
