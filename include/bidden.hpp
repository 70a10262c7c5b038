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

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <iterator>
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

/// What C counts in 32 bits: a time-out below none is none, a longer one than fits is the longest.
inline std::uint32_t milliseconds(std::chrono::milliseconds duration) noexcept {
    const std::int64_t count = duration.count();
    const std::int64_t most = UINT32_MAX;
    return static_cast<std::uint32_t>(count < 0 ? 0 : count > most ? most : count);
}

inline std::int32_t flag(std::optional<bool> flag) noexcept {
    return !flag.has_value() ? BIDDEN_FLAG_ABSENT : *flag ? BIDDEN_FLAG_YES : BIDDEN_FLAG_NO;
}

/// What an object holds in numbered places, as a range: for range-for and, in C++20, for std::ranges. It borrows the object. Values are
/// made when they are looked at.
template <typename Object, typename Value, std::size_t (*Count)(const Object &), Value (*At)(const Object &, std::size_t)>
class Range {
public:
    /// Goes through the places.
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using iterator_concept = std::forward_iterator_tag;
        using value_type = Value;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = Value;

        iterator() = default;
        iterator(const Object *object, std::size_t index) noexcept : object_(object), index_(index) {}
        Value operator*() const { return At(*object_, index_); }
        iterator &operator++() noexcept {
            ++index_;
            return *this;
        }
        iterator operator++(int) noexcept {
            iterator before = *this;
            ++index_;
            return before;
        }
        friend bool operator==(const iterator &left, const iterator &right) noexcept { return left.index_ == right.index_; }
        friend bool operator!=(const iterator &left, const iterator &right) noexcept { return left.index_ != right.index_; }

    private:
        const Object *object_ = nullptr;
        std::size_t index_ = 0;
    };

    explicit Range(const Object &object) noexcept : object_(&object) {}
    iterator begin() const noexcept { return iterator(object_, 0); }
    iterator end() const noexcept { return iterator(object_, size()); }
    /// How many there are.
    std::size_t size() const noexcept { return Count(*object_); }
    /// Whether there is none.
    bool empty() const noexcept { return size() == 0; }
    /// One of them; an empty one behind the last.
    Value operator[](std::size_t index) const { return At(*object_, index); }

private:
    const Object *object_;
};

}  // namespace detail

/// A field of a candidate or an argument, and what is wrong with it, without its value.
struct FieldReason {
    /// Its name.
    std::string field;
    /// Why.
    std::string reason;
};

/// What went wrong: a kind, the platform's own words, the fields.
class Error : public detail::Handle<bidden_error, bidden_error_free> {
public:
    /// Takes a handle of the C interface over.
    static Error from_capi(bidden_error *error) noexcept { return Error(error); }

    /// Its kind; none for a moved-from error.
    Kind kind() const noexcept { return static_cast<Kind>(bidden_error_kind(capi())); }
    /// The name of the kind; empty for a moved-from error.
    std::string_view slug() const noexcept {
        const char *slug = bidden_error_slug(capi());
        return slug == nullptr ? std::string_view() : std::string_view(slug);
    }
    /// One line without secrets and personal data.
    std::string message() const { return detail::take_or_empty(bidden_error_message(capi())); }
    /// Whether the same request may help when sent again, given that nothing was sent or that it may be repeated.
    bool can_retry() const noexcept { return bidden_error_can_retry(capi()); }
    /// The platform it concerns.
    std::optional<Platform> platform() const noexcept {
        const std::int32_t number = bidden_error_platform(capi());
        return number == 0 ? std::nullopt : std::optional<Platform>(static_cast<Platform>(number));
    }
    /// The call it happened in, e.g. `imocha.invite`; nothing when it was none.
    std::optional<std::string> operation() const { return detail::take(bidden_error_operation(capi())); }
    /// The platform's own code, e.g. `3095`; nothing when it gave none.
    std::optional<std::string> platform_code() const { return detail::take(bidden_error_platform_code(capi())); }
    /// The platform's own text: it may hold personal data.
    std::optional<std::string> platform_message() const { return detail::take(bidden_error_platform_message(capi())); }
    /// The answer as it came, where it could not be read: it may hold personal data.
    std::optional<std::string> raw_reply() const { return detail::take(bidden_error_raw_reply(capi())); }
    /// HTTP status of the answer; 0 when there was none.
    std::int32_t http_status() const noexcept { return bidden_error_http_status(capi()); }
    /// How long the platform asks to wait; nothing when it does not say.
    std::optional<std::chrono::seconds> retry_after() const noexcept {
        const std::int64_t seconds = bidden_error_retry_after_seconds(capi());
        return seconds < 0 ? std::nullopt : std::optional<std::chrono::seconds>(seconds);
    }
    /// How many fields were refused.
    std::size_t field_count() const noexcept { return bidden_error_field_count(capi()); }
    /// The name of a refused field or argument, from 0; empty behind the last.
    std::string field(std::size_t index) const { return detail::take_or_empty(bidden_error_field(capi(), index)); }
    /// Why a field was refused, without its value; empty behind the last.
    std::string field_reason(std::size_t index) const { return detail::take_or_empty(bidden_error_field_reason(capi(), index)); }
    /// The fields that were refused, as a range that borrows this error.
    auto fields() const & noexcept { return detail::Range<Error, FieldReason, count_fields, field_at>(*this); }

private:
    static std::size_t count_fields(const Error &error) { return error.field_count(); }
    static FieldReason field_at(const Error &error, std::size_t index) {
        return FieldReason{error.field(index), error.field_reason(index)};
    }

    explicit Error(bidden_error *error) noexcept : Handle(error) {}
};

/// What Result::value() throws. Copies share the error.
class Exception : public std::exception {
public:
    /// Takes the error over.
    explicit Exception(Error error)
        : error_(std::make_shared<Error>(std::move(error))), message_(std::make_shared<std::string>(error_->message())) {}
    /// Its message.
    const char *what() const noexcept override { return message_->c_str(); }
    /// The error.
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
    /// A success.
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    /// A failure.
    Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

    /// Whether it worked.
    bool has_value() const noexcept { return held_.index() == 0; }
    /// The same, in a condition.
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; on a failure it throws Exception, or aborts where exceptions are off. The value moves out of an rvalue.
    T &value() & {
        check();
        return *std::get_if<0>(&held_);
    }
    /// The same for reading.
    const T &value() const & {
        if (!has_value()) {
            const_cast<Result *>(this)->check();
        }
        return *std::get_if<0>(&held_);
    }
    /// The same out of a result that is not needed any more.
    T value() && {
        check();
        return std::move(*std::get_if<0>(&held_));
    }

    /// The value when there is one; ask has_value() first.
    T &operator*() & noexcept { return *std::get_if<0>(&held_); }
    /// The same for reading.
    const T &operator*() const & noexcept { return *std::get_if<0>(&held_); }
    /// A member of the value; ask has_value() first.
    T *operator->() noexcept { return std::get_if<0>(&held_); }
    /// The same for reading.
    const T *operator->() const noexcept { return std::get_if<0>(&held_); }

    /// The error when there is one; ask has_value() first.
    Error &error() & noexcept { return *std::get_if<1>(&held_); }
    /// The same for reading.
    const Error &error() const & noexcept { return *std::get_if<1>(&held_); }
    /// The same out of a result that is not needed any more.
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
    /// A success.
    Result() = default;
    /// A failure.
    Result(Error error) : error_(std::move(error)) {}

    /// Whether it worked.
    bool has_value() const noexcept { return !error_.has_value(); }
    /// The same, in a condition.
    explicit operator bool() const noexcept { return has_value(); }
    /// Throws Exception on a failure, or aborts where exceptions are off.
    void value() {
        if (error_) {
            detail::fail(std::move(*error_));
        }
    }
    /// The error when there is one; ask has_value() first.
    Error &error() & noexcept { return *error_; }
    /// The same for reading.
    const Error &error() const & noexcept { return *error_; }
    /// The same out of a result that is not needed any more.
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

/// The name of one in every language; empty for a number that is none.
inline std::string_view slug(Kind kind) noexcept {
    const char *slug = bidden_kind_slug(static_cast<std::int32_t>(kind));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}
/// The name of one in every language; empty for a number that is none.
inline std::string_view slug(Platform platform) noexcept {
    const char *slug = bidden_platform_slug(static_cast<std::int32_t>(platform));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}
/// The name of one in every language; empty for a number that is none.
inline std::string_view slug(Status status) noexcept {
    const char *slug = bidden_status_slug(static_cast<std::int32_t>(status));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}
/// The name of one in every language; empty for a number that is none.
inline std::string_view slug(Event event) noexcept {
    const char *slug = bidden_event_slug(static_cast<std::int32_t>(event));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}
/// The name of one in every language; empty for a number that is none.
inline std::string_view slug(Effect effect) noexcept {
    const char *slug = bidden_effect_slug(static_cast<std::int32_t>(effect));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}

/// The name of one in every language; empty for a number that is none.
inline std::string_view slug(Disposition disposition) noexcept {
    const char *slug = bidden_disposition_slug(static_cast<std::int32_t>(disposition));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}
/// The name of one in every language; empty for a number that is none.
inline std::string_view slug(KnownFrom known_from) noexcept {
    const char *slug = bidden_known_from_slug(static_cast<std::int32_t>(known_from));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}
/// The name of one in every language; empty for a number that is none.
inline std::string_view slug(Email email) noexcept {
    const char *slug = bidden_email_slug(static_cast<std::int32_t>(email));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}

/// A moment, in whole seconds; none by itself, which for `now` says: read the clock. It is made from and gives std::chrono's system clock
/// as well as seconds since 1970 UTC.
class Time {
public:
    /// The moments of std::chrono's system clock in whole seconds.
    using Point = std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>;

    /// None.
    constexpr Time() noexcept = default;
    /// Seconds since 1970 UTC.
    constexpr Time(std::int64_t seconds) noexcept : seconds_(seconds) {}
    /// A moment of the system clock; what is finer than a second is cut.
    template <typename Duration>
    constexpr Time(std::chrono::time_point<std::chrono::system_clock, Duration> point) noexcept
        : seconds_(std::chrono::floor<std::chrono::seconds>(point).time_since_epoch().count()) {}

    /// Seconds since 1970 UTC; BIDDEN_TIME_ABSENT for none.
    constexpr std::int64_t seconds() const noexcept { return seconds_; }
    /// Whether it is a moment.
    constexpr bool has_value() const noexcept { return seconds_ != BIDDEN_TIME_ABSENT; }
    /// The moment of the system clock; nothing for none.
    constexpr std::optional<Point> point() const noexcept {
        return has_value() ? std::optional<Point>(Point(std::chrono::seconds(seconds_))) : std::nullopt;
    }

    /// The same moment.
    friend constexpr bool operator==(Time left, Time right) noexcept { return left.seconds_ == right.seconds_; }
    /// Another one.
    friend constexpr bool operator!=(Time left, Time right) noexcept { return left.seconds_ != right.seconds_; }
    /// An earlier one; none is before all that are later than 1970.
    friend constexpr bool operator<(Time left, Time right) noexcept { return left.seconds_ < right.seconds_; }
    /// A later one.
    friend constexpr bool operator>(Time left, Time right) noexcept { return right < left; }
    /// So much later.
    friend constexpr Time operator+(Time time, std::chrono::seconds later) noexcept { return time.seconds_ + later.count(); }
    /// From one to another.
    friend constexpr std::chrono::seconds operator-(Time left, Time right) noexcept {
        return std::chrono::seconds(left.seconds_ - right.seconds_);
    }

private:
    std::int64_t seconds_ = BIDDEN_TIME_ABSENT;
};

/// Reads RFC 3339 text, or seconds as digits; with an IANA zone a local time too.
inline Result<Time> parse_time(std::string_view text, std::string_view zone = {}) {
    std::int64_t seconds = 0;
    bidden_error *error = nullptr;
    const std::string zone_text = detail::terminated(zone);
    const std::int32_t number = bidden_time_parse(detail::terminated(text).c_str(), detail::or_null(zone_text), &seconds, &error);
    if (number != BIDDEN_OK) {
        return Error::from_capi(error);
    }
    return Time(seconds);
}

/// A moment as RFC 3339 text in UTC.
inline std::string time_text(Time time) { return detail::take_or_empty(bidden_time_text(time.seconds())); }

/// When a candidate may start: from `start`, until before `end`; either side may be open.
struct Window {
    /// The first moment at which the test may be started; none for an open side.
    Time start{};
    /// The first moment at which it may no longer be started; none for an open side.
    Time end{};

    /// Its end lies after its start and has not passed.
    Result<void> check(Time now = {}) const {
        bidden_error *error = nullptr;
        const bidden_window window = capi();
        const std::int32_t number = bidden_window_check(&window, now.seconds(), &error);
        return detail::done(number, error);
    }
    /// The C struct.
    bidden_window capi() const noexcept { return bidden_window{start.seconds(), end.seconds()}; }
};

/// What `decide` found. A refusal is a decision too.
struct Decision {
    /// Whether the event may happen.
    bool is_allowed = false;
    /// The state that the event met, expiry taken into account.
    Status state = Status::none;
    /// What the event does; none when it is refused.
    Effect effect = Effect::none;
    /// Where the invitation stands then; none when it is refused.
    Status next = Status::none;
    /// What is allowed instead of a refused event, a bit for each; `allows` reads it.
    std::uint32_t allowed_events = 0;
    /// When the event is refused because of the window: the moment at which it opens or ended.
    Time moment{};

    /// Whether an event is allowed instead of the refused one.
    bool allows(Event event) const noexcept { return (allowed_events & BIDDEN_EVENT_BIT(static_cast<std::int32_t>(event))) != 0; }
};

/// Decides whether an event may happen to an invitation, and what it does.
inline Result<Decision> decide(Platform platform, Status status, Event event, Window window = {}, Time now = {}) {
    bidden_decision found{};
    found.size = sizeof found;
    bidden_error *error = nullptr;
    const bidden_window given = window.capi();
    const std::int32_t number = bidden_decide(static_cast<std::int32_t>(platform), static_cast<std::int32_t>(status),
                                              static_cast<std::int32_t>(event), &given, now.seconds(), &found, &error);
    if (number != BIDDEN_OK) {
        return Error::from_capi(error);
    }
    return Decision{found.is_allowed != 0,
                    static_cast<Status>(found.state),
                    static_cast<Effect>(found.effect),
                    static_cast<Status>(found.next),
                    found.allowed_events,
                    Time(found.moment_seconds)};
}

/// The same in one line for people.
inline Result<std::string> explain_transition(Platform platform, Status status, Event event, Window window = {},
                                              Time now = {}) {
    bidden_string text{};
    bidden_error *error = nullptr;
    const bidden_window given = window.capi();
    const std::int32_t number = bidden_decision_explain(static_cast<std::int32_t>(platform), static_cast<std::int32_t>(status),
                                                        static_cast<std::int32_t>(event), &given, now.seconds(), &text, &error);
    return detail::made_text(number, text, error);
}

/// What validation found: errors keep a candidate from being sent, warnings do not.
class Findings : public detail::Handle<bidden_findings, bidden_findings_free> {
public:
    /// Takes a handle of the C interface over.
    static Findings from_capi(bidden_findings *findings) noexcept { return Findings(findings); }

    /// How many errors were found: what keeps the candidate from being sent.
    std::size_t error_count() const noexcept { return bidden_findings_error_count(capi()); }
    /// How many warnings were found: what a platform would take, but is probably a mistake.
    std::size_t warning_count() const noexcept { return bidden_findings_warning_count(capi()); }
    /// The field of an error, from 0; empty behind the last.
    std::string error_field(std::size_t index) const { return detail::take_or_empty(bidden_findings_error_field(capi(), index)); }
    /// What is wrong with it, without its value; empty behind the last.
    std::string error_reason(std::size_t index) const { return detail::take_or_empty(bidden_findings_error_reason(capi(), index)); }
    /// The field of a warning, from 0; empty behind the last.
    std::string warning_field(std::size_t index) const { return detail::take_or_empty(bidden_findings_warning_field(capi(), index)); }
    /// What is doubtful about it, without its value; empty behind the last.
    std::string warning_reason(std::size_t index) const { return detail::take_or_empty(bidden_findings_warning_reason(capi(), index)); }
    /// The errors, as a range that borrows these findings.
    auto errors() const & noexcept { return detail::Range<Findings, FieldReason, count_errors, error_at>(*this); }
    /// The warnings, likewise.
    auto warnings() const & noexcept { return detail::Range<Findings, FieldReason, count_warnings, warning_at>(*this); }

private:
    static std::size_t count_errors(const Findings &found) { return found.error_count(); }
    static std::size_t count_warnings(const Findings &found) { return found.warning_count(); }
    static FieldReason error_at(const Findings &found, std::size_t index) {
        return FieldReason{found.error_field(index), found.error_reason(index)};
    }
    static FieldReason warning_at(const Findings &found, std::size_t index) {
        return FieldReason{found.warning_field(index), found.warning_reason(index)};
    }

    explicit Findings(bidden_findings *findings) noexcept : Handle(findings) {}
};

/// The fields of one person, as they were given. One thread at a time.
class Candidate : public detail::Handle<bidden_candidate, bidden_candidate_free> {
public:
    /// Takes a handle of the C interface over.
    static Candidate from_capi(bidden_candidate *candidate) noexcept { return Candidate(candidate); }

    /// One without any field.
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
    Result<Findings> validate(std::optional<Platform> platform = std::nullopt, Time now = {}) const {
        bidden_findings *findings = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_candidate_validate(capi(), platform ? static_cast<std::int32_t>(*platform) : 0, now.seconds(),
                                                              &findings, &error);
        return detail::made<Findings>(number, findings, error);
    }

private:
    explicit Candidate(bidden_candidate *candidate) noexcept : Handle(candidate) {}
};

/// The three values `ak`, `sgn` and `ts`. One thread at a time.
class Signature : public detail::Handle<bidden_signature, bidden_signature_free> {
public:
    /// Takes a handle of the C interface over.
    static Signature from_capi(bidden_signature *signature) noexcept { return Signature(signature); }

    /// One that somebody else computed.
    static Result<Signature> create(std::string_view ak, std::string_view sgn, std::string_view ts) {
        bidden_signature *signature = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_signature_new(detail::terminated(ak).c_str(), detail::terminated(sgn).c_str(),
                                                         detail::terminated(ts).c_str(), &signature, &error);
        return detail::made<Signature>(number, signature, error);
    }

    /// The API key.
    std::string ak() const { return detail::take_or_empty(bidden_signature_ak(capi())); }
    /// The signature itself, a credential.
    std::string sgn() const { return detail::take_or_empty(bidden_signature_sgn(capi())); }
    /// The time as it was signed.
    std::string ts() const { return detail::take_or_empty(bidden_signature_ts(capi())); }

private:
    explicit Signature(bidden_signature *signature) noexcept : Handle(signature) {}
};

/// Method, URL, headers and body, for the program's own HTTP stack and for signing. One thread at a time.
class Request : public detail::Handle<bidden_request, bidden_request_free> {
public:
    /// Takes a handle of the C interface over.
    static Request from_capi(bidden_request *request) noexcept { return Request(request); }

    /// One to be signed or verified; `url` is complete, or a path.
    static Result<Request> create(std::string_view method, std::string_view url, std::string_view body = {}) {
        bidden_request *request = nullptr;
        bidden_error *error = nullptr;
        const bidden_bytes given = detail::bytes(body);
        const std::int32_t number = bidden_request_new(detail::terminated(method).c_str(), detail::terminated(url).c_str(),
                                                       given.bytes, given.length, &request, &error);
        return detail::made<Request>(number, request, error);
    }

    /// Sets a header, in place of one of the same name.
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

    /// The method, e.g. `POST`.
    std::string method() const { return detail::take_or_empty(bidden_request_method(capi())); }
    /// The complete URL.
    std::string url() const { return detail::take_or_empty(bidden_request_url(capi())); }
    /// The body; an empty text when it has none.
    std::string body() const { return detail::take_or_empty(bidden_request_body(capi())); }
    /// Names in lower case and values; a credential may be one of them.
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
    /// Takes a handle of the C interface over.
    static Recipe from_capi(bidden_recipe *recipe) noexcept { return Recipe(recipe); }

    /// The name of a preset, or a JSON object.
    static Result<Recipe> read(std::string_view name_or_json) {
        bidden_recipe *recipe = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_recipe_new(detail::terminated(name_or_json).c_str(), &recipe, &error);
        return detail::made<Recipe>(number, recipe, error);
    }

    /// The recipe's name.
    std::string name() const { return detail::take_or_empty(bidden_recipe_name(capi())); }

    /// The bytes that are signed.
    Result<std::string> message(std::string_view ak, std::string_view ts, const Request &request) const {
        bidden_string text{};
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_recipe_message(capi(), detail::terminated(ak).c_str(), detail::terminated(ts).c_str(),
                                                          request.capi(), &text, &error);
        return detail::made_text(number, text, error);
    }

    /// Signs a request.
    Result<Signature> sign(std::string_view ak, std::string_view secret, const Request &request,
                           Time now = {}) const {
        bidden_signature *signature = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_recipe_sign(capi(), detail::terminated(ak).c_str(), detail::bytes(secret),
                                                       request.capi(), now.seconds(), &signature, &error);
        return detail::made<Signature>(number, signature, error);
    }

    /// `unauthorized` when the signature of the request is not good.
    Result<void> verify(std::string_view ak, std::string_view secret, const Request &request, Time now = {},
                        std::uint32_t window_seconds = 900) const {
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_recipe_verify(capi(), detail::terminated(ak).c_str(), detail::bytes(secret),
                                                         request.capi(), now.seconds(), window_seconds, &error);
        return detail::done(number, error);
    }

    /// Why the signature verifies or not, as JSON.
    Result<std::string> explain(std::string_view ak, std::string_view secret, const Request &request,
                                Time now = {}, std::uint32_t window_seconds = 900) const {
        bidden_string text{};
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_recipe_explain(capi(), detail::terminated(ak).c_str(), detail::bytes(secret),
                                                          request.capi(), now.seconds(), window_seconds, &text, &error);
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
    /// Scheme, host, port and path; empty is the live service of iMocha and of TestInvite.
    std::string base_url{};
    /// iMocha: the key.
    std::string api_key{};
    /// TestInvite: the token.
    std::string token{};
    /// Think Exam: the secret, for a recipe.
    std::string secret{};
    /// Think Exam: the recipe, a preset's name or a JSON object, with `api_key` and `secret`.
    std::string recipe{};
    /// Think Exam: asks the caller for each signature, instead of a recipe.
    bidden_signer signer = nullptr;
    /// Handed to it; it must live as long as the client.
    void *signer_context = nullptr;
    /// How long one try may take in all; 0 is 30 seconds.
    std::chrono::milliseconds timeout{0};
    /// How often a call is tried at most, the first included; 0 is 5.
    std::uint32_t tries = 0;
    /// How many threads share the client: that many idle connections are kept; 0 is 16.
    std::uint32_t callers = 0;
    /// Calls per second over all threads; 0 is no limit.
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
        options.timeout_milliseconds = detail::milliseconds(timeout);
        options.tries = tries;
        options.callers = callers;
        options.calls_per_second = calls_per_second;
        return options;
    }
};

/// One candidate of the answer to `think_exam.bulk_candidate_register`; only its place ties it to a candidate of the call.
struct ThinkExamRegistered {
    /// Whether the candidate is registered now, be it by this call or before.
    bool is_success = false;
    /// The platform's code; a success has none.
    std::optional<std::string> code{};
    /// The platform's text.
    std::optional<std::string> msg{};
    /// The platform's id; 0 when it gave none.
    std::int64_t student_id = 0;
    /// The enrolment number.
    std::optional<std::string> enrollment_no{};
};

/// A platform's answer. The readers of one call give nothing for the answer to another.
class Reply : public detail::Handle<bidden_reply, bidden_reply_free> {
public:
    /// Takes a handle of the C interface over.
    static Reply from_capi(bidden_reply *reply) noexcept { return Reply(reply); }

    /// The neutral JSON.
    std::string json() const { return detail::take_or_empty(bidden_reply_json(capi())); }

    /// `imocha.invite`, `imocha.cancel`, `imocha.reattempt`, `imocha.report`: the invitation's id.
    std::int64_t imocha_test_invitation_id() const noexcept { return bidden_imocha_invited_test_invitation_id(capi()); }
    /// `imocha.invite`, `imocha.reattempt`: the candidate's link.
    std::optional<std::string> imocha_test_url() const { return detail::take(bidden_imocha_invited_test_url(capi())); }
    /// `imocha.invite`, `imocha.cancel`, `imocha.report`: where the invitation stands.
    Status imocha_status() const noexcept { return static_cast<Status>(bidden_imocha_invited_status(capi())); }
    /// `imocha.invite`, `imocha.cancel`, `imocha.report`: the platform's own word for it.
    std::optional<std::string> imocha_platform_status() const { return detail::take(bidden_imocha_invited_platform_status(capi())); }

    /// `imocha.report`: the points reached, in percent.
    std::optional<double> imocha_score_percentage() const {
        double percentage = 0;
        return bidden_imocha_report_score_percentage(capi(), &percentage) ? std::optional(percentage) : std::nullopt;
    }
    /// `imocha.report`: where the report lies as PDF.
    std::optional<std::string> imocha_pdf_report_url() const { return detail::take(bidden_imocha_report_pdf_report_url(capi())); }

    /// `think_exam.assign_test` and `think_exam.deassign_test`: the platform's text.
    std::optional<std::string> think_exam_msg() const { return detail::take(bidden_think_exam_assigned_msg(capi())); }
    /// `think_exam.bulk_candidate_register`: how many elements the answer has.
    std::size_t think_exam_registered_count() const noexcept { return bidden_think_exam_registered_count(capi()); }
    /// `think_exam.bulk_candidate_register`: whether a candidate, from 0, is registered now, be it by this call or before.
    bool think_exam_registered_is_success(std::size_t index) const noexcept {
        return bidden_think_exam_registered_is_success(capi(), index);
    }
    /// `think_exam.bulk_candidate_register`: the platform's code for a candidate; a success has none.
    std::optional<std::string> think_exam_registered_code(std::size_t index) const {
        return detail::take(bidden_think_exam_registered_code(capi(), index));
    }
    /// `think_exam.bulk_candidate_register`: the platform's text for a candidate.
    std::optional<std::string> think_exam_registered_msg(std::size_t index) const {
        return detail::take(bidden_think_exam_registered_msg(capi(), index));
    }
    /// `think_exam.bulk_candidate_register`: the platform's id of a candidate.
    std::int64_t think_exam_registered_student_id(std::size_t index) const noexcept {
        return bidden_think_exam_registered_student_id(capi(), index);
    }
    /// `think_exam.bulk_candidate_register`: a candidate's enrolment number.
    std::optional<std::string> think_exam_registered_enrollment_no(std::size_t index) const {
        return detail::take(bidden_think_exam_registered_enrollment_no(capi(), index));
    }

    /// `testinvite.create_candidate`: the candidate's id.
    std::optional<std::string> testinvite_candidate_id() const { return detail::take(bidden_testinvite_created_candidate_id(capi())); }
    /// `testinvite.create_candidate`: the code with which the candidate logs in.
    std::optional<std::string> testinvite_invitation_code() const {
        return detail::take(bidden_testinvite_created_invitation_code(capi()));
    }
    /// `testinvite.create_candidate`: the candidate's link.
    std::optional<std::string> testinvite_direct_access_url() const {
        return detail::take(bidden_testinvite_created_direct_access_url(capi()));
    }
    /// `testinvite.create_candidate`: whether the candidate has logged in.
    bool testinvite_logged_in() const noexcept { return bidden_testinvite_created_logged_in(capi()); }
    /// The candidates of a bulk registration, as a range that borrows this reply.
    auto think_exam_registered() const & noexcept {
        return detail::Range<Reply, ThinkExamRegistered, count_registered, registered_at>(*this);
    }

private:
    static std::size_t count_registered(const Reply &reply) { return reply.think_exam_registered_count(); }
    static ThinkExamRegistered registered_at(const Reply &reply, std::size_t index) {
        return ThinkExamRegistered{reply.think_exam_registered_is_success(index), reply.think_exam_registered_code(index),
                                   reply.think_exam_registered_msg(index), reply.think_exam_registered_student_id(index),
                                   reply.think_exam_registered_enrollment_no(index)};
    }

    explicit Reply(bidden_reply *reply) noexcept : Handle(reply) {}
};

/// The arguments of `imocha.invite`. Empty texts and zeros are absent.
struct ImochaInvite {
    /// The test.
    std::int64_t test_id = 0;
    /// The candidate's address.
    std::string email{};
    /// The candidate's name.
    std::string name{};
    /// Where the platform reports to.
    std::string callback_url{};
    /// Where the candidate is led afterwards.
    std::string redirect_url{};
    /// Whether name and address may be left out.
    std::optional<bool> disable_mandatory_fields{};
    /// Whether the instruction page is skipped.
    std::optional<bool> hide_instruction{};
    /// Whether the platform mails the candidate.
    std::optional<bool> send_email{};
    /// Addresses separated by commas, or `disable`.
    std::string stakeholder_emails{};
    /// Since when the test may be started.
    Time start{};
    /// Until when.
    Time end{};
    /// The platform's number of a time zone.
    std::int64_t time_zone_id = 0;
    /// `disabled`, `image` or `video`.
    std::string proctoring_mode{};
    /// Further members of the neutral JSON as an object, e.g.
    std::string more_json{};
};

/// The arguments of `imocha.reattempt`. The window and its time zone are required.
struct ImochaReattempt {
    /// Any invitation of the chain.
    std::int64_t test_invitation_id = 0;
    /// Since when the test may be started.
    Time start{};
    /// Until when.
    Time end{};
    /// The platform's number of a time zone.
    std::int64_t time_zone_id = 0;
    /// Where the platform reports to.
    std::string callback_url{};
    /// Where the candidate is led afterwards.
    std::string redirect_url{};
    /// Whether the instruction page is skipped.
    std::optional<bool> hide_instruction{};
    /// Whether the platform mails the candidate.
    std::optional<bool> send_email{};
    /// Further members of the neutral JSON as an object.
    std::string more_json{};
};

/// The arguments of `imocha.cancel`.
struct ImochaCancel {
    /// The invitation.
    std::int64_t test_invitation_id = 0;
};

/// The arguments of `imocha.report`; a type of 0 is the platform's own.
struct ImochaReport {
    /// The invitation.
    std::int64_t test_invitation_id = 0;
    /// 1, 2 or 3; 0 leaves it to the platform.
    std::int32_t report_type = 0;
};

/// The arguments of `think_exam.assign_test`.
struct ThinkExamAssignTest {
    /// The address of a registered candidate.
    std::string email{};
    /// The test.
    std::string test_id{};
    /// Whether the platform mails the candidate.
    std::optional<bool> is_mail_enable{};
    /// Whether the candidate needs no password.
    std::optional<bool> is_password_skip{};
    /// Further members of the neutral JSON as an object.
    std::string more_json{};
};

/// The arguments of `think_exam.deassign_test`.
struct ThinkExamDeassignTest {
    /// The candidate's address.
    std::string email{};
    /// The test.
    std::string test_id{};
    /// Further members of the neutral JSON as an object.
    std::string more_json{};
};

/// One candidate of `think_exam.bulk_candidate_register`. Empty texts are absent.
struct ThinkExamRegistration {
    /// The full name.
    std::string name{};
    /// The address.
    std::string email{};
    /// NULL lets the platform make one.
    std::string enrollment_number{};
    /// NULL lets the platform make one.
    std::string password{};
    /// Digits with an optional `+`.
    std::string mobile{};
    /// NULL for none.
    std::string gender{};
    /// The date of birth.
    std::string dob{};
    /// NULL for none.
    std::string course_name{};
    /// NULL for none.
    std::string extra1{};
    /// NULL for none.
    std::string extra2{};
    /// NULL for none.
    std::string extra3{};
    /// Address of a picture, or the picture.
    std::string profile_pic{};
};

/// The arguments of `testinvite.create_candidate`. Empty texts and zeros are absent.
struct TestInviteCreateCandidate {
    /// The task.
    std::string task_id{};
    /// An internal candidate: the user's id.
    std::string id{};
    /// A temporary candidate's name.
    std::string fullname{};
    /// A temporary candidate's address.
    std::string email{};
    /// A temporary candidate's first credential.
    std::string credential1{};
    /// A temporary candidate's second credential.
    std::string credential2{};
    /// A temporary candidate's `tracking.uniq_id`: with it the platform itself refuses a second candidate.
    std::string tracking_uniq_id{};
    /// The scope in which it is unique.
    std::string tracking_scope{};
    /// NULL for the default group.
    std::string group{};
    /// An array of labels.
    std::vector<std::string> labels{};
    /// The candidate's id on the caller's side.
    std::string external_id{};
    /// The language of the interface.
    std::string lang{};
    /// An array of ids of programs.
    std::vector<std::string> program_ids{};
    /// An array of further addresses that mails are copied to.
    std::vector<std::string> extra_emails{};
    /// Since when the candidate may log in.
    Time after{};
    /// Until when.
    Time before{};
    /// The template of the invitation mail.
    std::string email_template_name{};
    /// When the mail is sent.
    Time date_to_send{};
    /// Where the platform reports to.
    std::string callback_url{};
    /// `basic` or `detailed`.
    std::string callback_resource{};
    /// Further members of the neutral JSON as an object, e.g.
    std::string more_json{};
};

/// One call of one platform with its arguments, as a value.
class Call : public detail::Handle<bidden_call, bidden_call_free> {
public:
    /// Takes a handle of the C interface over.
    static Call from_capi(bidden_call *call) noexcept { return Call(call); }

    /// The one door: a call by its name and the neutral JSON of its arguments.
    static Result<Call> create(std::string_view name, std::string_view json) {
        bidden_call *call = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_call_new(detail::terminated(name).c_str(), detail::terminated(json).c_str(), &call, &error);
        return detail::made<Call>(number, call, error);
    }

    /// A typed call.
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
        arguments.start_seconds = given.start.seconds();
        arguments.end_seconds = given.end.seconds();
        arguments.time_zone_id = given.time_zone_id;
        arguments.proctoring_mode = detail::or_null(given.proctoring_mode);
        arguments.more_json = detail::or_null(given.more_json);
        return typed(bidden_imocha_invite_new, arguments);
    }

    /// A typed call.
    static Result<Call> create(const ImochaReattempt &given) {
        bidden_imocha_reattempt arguments{};
        arguments.size = sizeof arguments;
        arguments.test_invitation_id = given.test_invitation_id;
        arguments.start_seconds = given.start.seconds();
        arguments.end_seconds = given.end.seconds();
        arguments.time_zone_id = given.time_zone_id;
        arguments.callback_url = detail::or_null(given.callback_url);
        arguments.redirect_url = detail::or_null(given.redirect_url);
        arguments.hide_instruction = detail::flag(given.hide_instruction);
        arguments.send_email = detail::flag(given.send_email);
        arguments.more_json = detail::or_null(given.more_json);
        return typed(bidden_imocha_reattempt_new, arguments);
    }

    /// A typed call.
    static Result<Call> create(const ImochaCancel &given) {
        bidden_call *call = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_imocha_cancel_new(given.test_invitation_id, &call, &error);
        return detail::made<Call>(number, call, error);
    }

    /// A typed call.
    static Result<Call> create(const ImochaReport &given) {
        bidden_call *call = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_imocha_report_new(given.test_invitation_id, given.report_type, &call, &error);
        return detail::made<Call>(number, call, error);
    }

    /// A typed call.
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

    /// A typed call.
    static Result<Call> create(const ThinkExamDeassignTest &given) {
        bidden_think_exam_deassign_test arguments{};
        arguments.size = sizeof arguments;
        arguments.email = detail::or_null(given.email);
        arguments.test_id = detail::or_null(given.test_id);
        arguments.more_json = detail::or_null(given.more_json);
        return typed(bidden_think_exam_deassign_test_new, arguments);
    }

    /// The call `think_exam.bulk_candidate_register`.
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

    /// A typed call.
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
        arguments.after_seconds = given.after.seconds();
        arguments.before_seconds = given.before.seconds();
        arguments.email_template_name = detail::or_null(given.email_template_name);
        arguments.date_to_send_seconds = given.date_to_send.seconds();
        arguments.callback_url = detail::or_null(given.callback_url);
        arguments.callback_resource = detail::or_null(given.callback_resource);
        arguments.more_json = detail::or_null(given.more_json);
        return typed(bidden_testinvite_create_candidate_new, arguments);
    }

    /// The call's name: static text.
    std::string_view name() const noexcept {
        const char *name = bidden_call_name(capi());
        return name == nullptr ? std::string_view() : std::string_view(name);
    }
    /// Whether the call may be sent again when nobody knows what became of it.
    Repeat repeat() const noexcept { return static_cast<Repeat>(bidden_call_repeat(capi())); }
    /// Whether the call asks the platform to mail the candidate.
    bool asks_for_mail() const noexcept { return bidden_call_asks_for_mail(capi()); }
    /// The neutral JSON of the arguments.
    std::string json() const { return detail::take_or_empty(bidden_call_json(capi())); }

    /// The same call asking for no mail.
    Result<Call> without_mail() const {
        bidden_call *call = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_call_without_mail(capi(), &call, &error);
        return detail::made<Call>(number, call, error);
    }

    /// The request, for the program's own HTTP stack; it carries the credential when the options hold one.
    Result<Request> request(const Options &options = {}, Time now = {}) const {
        bidden_request *request = nullptr;
        bidden_error *error = nullptr;
        const bidden_options given = options.capi();
        const std::int32_t number = bidden_call_request(capi(), &given, now.seconds(), &request, &error);
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
    /// How many calls there are.
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
    /// How many operations and options there are.
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

/// The name of one in every language; empty for a number that is none.
inline std::string_view slug(Authenticity authenticity) noexcept {
    const char *slug = bidden_authenticity_slug(static_cast<std::int32_t>(authenticity));
    return slug == nullptr ? std::string_view() : std::string_view(slug);
}

/// What a platform says has happened, sent to an address of the program's. What is not verified is a hint: look it up before you
/// act on it. Any number of threads may read one.
class Callback : public detail::Handle<bidden_callback, bidden_callback_free> {
public:
    /// Takes a handle of the C interface over.
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

    /// Whose it is.
    Platform platform() const noexcept { return static_cast<Platform>(bidden_callback_platform(capi())); }
    /// Where the attempt stands.
    Status status() const noexcept { return static_cast<Status>(bidden_callback_status(capi())); }
    /// How far it can be believed.
    Authenticity authenticity() const noexcept { return static_cast<Authenticity>(bidden_callback_authenticity(capi())); }
    /// Whether it moves an invitation that stands at `known`: callbacks come late, twice and in any order.
    bool moves(Status known) const noexcept { return bidden_callback_moves(capi(), static_cast<std::int32_t>(known)); }
    /// Equal for two callbacks that say the same.
    std::string dedupe_key() const { return detail::take_or_empty(bidden_callback_dedupe_key(capi())); }
    /// The invitation by the platform's id: iMocha's invitation, TestInvite's candidate.
    std::optional<std::string> invitation_id() const { return detail::take(bidden_callback_invitation_id(capi())); }
    /// The candidate's address, where it is told.
    std::optional<std::string> email() const { return detail::take(bidden_callback_email(capi())); }
    /// The score, where it is told.
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
    /// Takes a handle of the C interface over.
    static Cancel from_capi(bidden_cancel *cancel) noexcept { return Cancel(cancel); }

    /// One that is not cancelled.
    static Result<Cancel> create() {
        bidden_cancel *cancel = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_cancel_new(&cancel, &error);
        return detail::made<Cancel>(number, cancel, error);
    }

    /// Ends the waits of every call that was given this handle, and of those that will be: it stays cancelled.
    void cancel() const noexcept { bidden_cancel_cancel(capi()); }

private:
    explicit Cancel(bidden_cancel *cancel) noexcept : Handle(cancel) {}
};

/// A blocking client of one platform; any number of threads may call through one.
class Client : public detail::Handle<bidden_client, bidden_client_free> {
public:
    /// Takes a handle of the C interface over.
    static Client from_capi(bidden_client *client) noexcept { return Client(client); }

    /// A client of a platform; nothing is sent.
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
    /// Takes a handle of the C interface over.
    static Outcome from_capi(bidden_outcome *outcome) noexcept { return Outcome(outcome); }

    /// What it came to.
    Disposition disposition() const noexcept { return static_cast<Disposition>(bidden_outcome_disposition(capi())); }
    /// Whether what was wished is so, by this call or before.
    bool is_good() const noexcept { return bidden_outcome_is_good(capi()); }
    /// Where that is known from.
    KnownFrom known_from() const noexcept { return static_cast<KnownFrom>(bidden_outcome_known_from(capi())); }
    /// What became of the platform's mail to the candidate, over all that the ledger knows of the invitation.
    Email email() const noexcept { return static_cast<Email>(bidden_outcome_email(capi())); }
    /// Whether this very operation asked for a mail and was not refused.
    bool asked_for_mail() const noexcept { return bidden_outcome_asked_for_mail(capi()); }
    /// Where the invitation stands.
    Status status() const noexcept { return static_cast<Status>(bidden_outcome_status(capi())); }
    /// The platform's own word for it.
    std::optional<std::string> platform_status() const { return detail::take(bidden_outcome_platform_status(capi())); }
    /// The platform's id of the invitation.
    std::optional<std::string> invitation_id() const { return detail::take(bidden_outcome_invitation_id(capi())); }
    /// TestInvite: the code with which the candidate logs in.
    std::optional<std::string> invitation_code() const { return detail::take(bidden_outcome_invitation_code(capi())); }
    /// What the candidate opens.
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
    /// The test; TestInvite calls it task.
    std::string test{};
    /// The person; for cancelling and another attempt an address or an external id is enough.
    const Candidate *candidate = nullptr;
    /// Cancelling and another attempt: the platform's id of the invitation.
    std::string invitation_id{};
    /// Ends the waits from any thread.
    const Cancel *cancel = nullptr;
    /// Whether the platform mails the candidate.
    std::optional<bool> send_email{};
    /// iMocha: whether the instruction page is skipped.
    std::optional<bool> hide_instruction{};
    /// Think Exam: whether the candidate needs no password.
    std::optional<bool> skip_password{};
    /// TestInvite: whether nothing is sent that guards against a second candidate.
    std::optional<bool> no_tracking{};
    /// TestInvite: the saved template that is mailed.
    std::string email_template{};
    /// TestInvite: when the mail is sent.
    Time send_at{};
    /// iMocha: comma-separated addresses told of completion, or `disable`.
    std::string stakeholder_emails{};
    /// When the test may be started.
    Window window{};
    /// iMocha: the number of a time zone.
    std::int64_t time_zone_id = 0;
    /// Where the platform reports to.
    std::string callback_url{};
    /// TestInvite: `basic` or `detailed`.
    std::string callback_resource{};
    /// iMocha: where the candidate is led afterwards.
    std::string redirect_url{};
    /// iMocha: `disabled`, `image` or `video`.
    std::string proctoring{};
    /// TestInvite: the language of the interface.
    std::string language{};
    /// TestInvite: an array of ids of programs.
    std::vector<std::string> program_ids{};
    /// TestInvite: where the candidate must be unique: `task`, `group`, `labels` or `programs`.
    std::string unique_within{};
    /// TestInvite: what the candidate pays, as digits such as `19.90`.
    std::string price_amount{};
    /// Its currency, such as `EUR`.
    std::string price_currency{};
    /// Consent: a cancelled or expired invitation may be opened again.
    bool reopen = false;
    /// Consent: a mail may be asked for although one was before.
    bool mail_again = false;
    /// Consent: what nobody can say what came of may be sent again, without mail.
    bool resend_uncertain = false;
};

/// What came of many. Any number of threads may read one.
class Summary : public detail::Handle<bidden_summary, bidden_summary_free> {
public:
    /// Takes a handle of the C interface over.
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
    /// Takes a handle of the C interface over.
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
    /// Consent: the most mails that may be asked for, and the run ends before one more; 0 for no bound. A host that is not this machine
    /// needs one where the operation asks for mails.
    std::uint64_t max_emails = 0;
    /// Consent: people may be reached on a host that is not this machine.
    bool confirm = false;
};

/// How a plan is sent. Zeros are absent. It borrows the cancel handle.
struct Apply {
    /// Ends the run from any thread.
    const Cancel *cancel = nullptr;
    /// How many are under way at once; 0 for 16.
    std::uint32_t concurrency = 0;
    /// How many calls a second all workers of the ledger's account make together.
    std::uint32_t calls_per_second = 0;
    /// Ends the run after so many that did not end well.
    std::uint64_t stop_after_failures = 0;
    /// Refuses the run when it would ask for more mails than this.
    std::uint64_t max_emails = 0;
};

/// A row of a plan. Any number of threads may read one.
class Planned : public detail::Handle<bidden_planned, bidden_planned_free> {
public:
    /// Takes a handle of the C interface over.
    static Planned from_capi(bidden_planned *planned) noexcept { return Planned(planned); }

    /// Its number, from 1 in the order in which the rows were given.
    std::uint64_t number() const noexcept { return bidden_planned_number(capi()); }
    /// What would be done, in the words of `bidden plan`.
    std::string_view action() const noexcept {
        const char *action = bidden_planned_action(capi());
        return action == nullptr ? std::string_view() : std::string_view(action);
    }
    /// Whether a mail to the candidate would be asked for.
    bool asks_for_mail() const noexcept { return bidden_planned_asks_for_mail(capi()); }
    /// A field of the candidate by its name; nothing where it is not given, and for secrets.
    std::optional<std::string> field(std::string_view name) const {
        return detail::take(bidden_planned_field(capi(), detail::terminated(name).c_str()));
    }
    /// Why nothing would be done; nothing when something would.
    std::optional<std::string> why() const { return detail::take(bidden_planned_why(capi())); }

private:
    explicit Planned(bidden_planned *planned) noexcept : Handle(planned) {}
};

/// The rows of a plan, each read when it is come to: a range for range-for and std::ranges that can be gone through once. When the file was
/// changed meanwhile it ends early, and error() says why. One thread at a time.
class PlanRows : public detail::Handle<bidden_plan_rows, bidden_plan_rows_free> {
public:
    /// Takes a handle of the C interface over.
    static PlanRows from_capi(bidden_plan_rows *rows) noexcept { return PlanRows(rows); }

    /// The next row; none behind the last.
    Result<std::optional<Planned>> next() {
        bidden_planned *planned = nullptr;
        bidden_error *error = nullptr;
        if (bidden_plan_rows_next(capi(), &planned, &error) != BIDDEN_OK) {
            return Error::from_capi(error);
        }
        return planned == nullptr ? std::optional<Planned>() : std::optional<Planned>(Planned::from_capi(planned));
    }

    /// Goes through the rows; a copy is at the same place.
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Planned;
        using difference_type = std::ptrdiff_t;
        using pointer = const Planned *;
        using reference = const Planned &;

        iterator() = default;
        explicit iterator(PlanRows *rows) noexcept : rows_(rows) { advance(); }
        const Planned &operator*() const noexcept { return *rows_->row_; }
        const Planned *operator->() const noexcept { return &*rows_->row_; }
        iterator &operator++() {
            advance();
            return *this;
        }
        void operator++(int) { advance(); }
        friend bool operator==(const iterator &left, const iterator &right) noexcept { return left.rows_ == right.rows_; }
        friend bool operator!=(const iterator &left, const iterator &right) noexcept { return left.rows_ != right.rows_; }

    private:
        void advance() {
            if (rows_ != nullptr && !rows_->read()) {
                rows_ = nullptr;
            }
        }

        PlanRows *rows_ = nullptr;
    };

    /// Reads the first row that is left.
    iterator begin() { return iterator(this); }
    /// Behind the last.
    iterator end() const noexcept { return iterator(); }
    /// Why it ended early; none when it did not.
    const std::optional<Error> &error() const noexcept { return error_; }

private:
    explicit PlanRows(bidden_plan_rows *rows) noexcept : Handle(rows) {}

    bool read() {
        Result<std::optional<Planned>> found = next();
        row_.reset();
        if (!found) {
            error_.emplace(std::move(found).error());
        } else {
            row_ = std::move(*found);
        }
        return row_.has_value();
    }

    std::optional<Planned> row_;
    std::optional<Error> error_;
};

/// A plan file: what would be done for many, whole and unchanged. Any number of threads may read one.
class Plan : public detail::Handle<bidden_plan, bidden_plan_free> {
public:
    /// Takes a handle of the C interface over.
    static Plan from_capi(bidden_plan *plan) noexcept { return Plan(plan); }

    /// Opens a plan, whoever made it: Ledger::plan, the command `bidden plan`, or Python.
    static Result<Plan> open(std::string_view path) {
        bidden_plan *plan = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_plan_open(detail::terminated(path).c_str(), &plan, &error);
        return detail::made<Plan>(number, plan, error);
    }

    /// For which platform; nothing for one that is not known.
    std::optional<Platform> platform() const noexcept {
        const std::int32_t number = bidden_plan_platform(capi());
        return number == 0 ? std::nullopt : std::optional<Platform>(static_cast<Platform>(number));
    }
    /// For which test.
    std::string test() const { return detail::take_or_empty(bidden_plan_test(capi())); }
    /// For which account of the ledger.
    std::string account() const { return detail::take_or_empty(bidden_plan_account(capi())); }
    /// For which address of the platform.
    std::string base_url() const { return detail::take_or_empty(bidden_plan_base_url(capi())); }
    /// When it was made.
    Time made_at() const {
        std::int64_t seconds = BIDDEN_TIME_ABSENT;
        static_cast<void>(bidden_time_parse(detail::take_or_empty(bidden_plan_made_at(capi())).c_str(), nullptr, &seconds, nullptr));
        return seconds;
    }
    /// How many rows it has.
    std::uint64_t row_count() const noexcept { return bidden_plan_row_count(capi()); }
    /// For how many of them something would be sent that changes the invitation.
    std::uint64_t sends() const noexcept { return bidden_plan_sends(capi()); }
    /// How many mails to candidates would be asked for.
    std::uint64_t mails() const noexcept { return bidden_plan_mails(capi()); }
    /// How many rows come to an action, by its word.
    std::uint64_t count(std::string_view action) const { return bidden_plan_count(capi(), detail::terminated(action).c_str()); }
    /// Its rows from the first on; the plan may end before them.
    Result<PlanRows> rows() const {
        bidden_plan_rows *rows = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_plan_rows_new(capi(), &rows, &error);
        return detail::made<PlanRows>(number, rows, error);
    }

private:
    explicit Plan(bidden_plan *plan) noexcept : Handle(plan) {}
};

/// A durable record of every invitation: at most one request that asks for mail ever leaves, whatever crashes. Any number of
/// threads may send through one.
class Ledger : public detail::Handle<bidden_ledger, bidden_ledger_free> {
public:
    /// Takes a handle of the C interface over.
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

    /// Where the record is kept.
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
        bidden_many run = giving(next);
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
        run.max_emails = many.max_emails;
        run.confirm = detail::flag(many.confirm);
        bidden_summary *summary = nullptr;
        bidden_error *error = nullptr;
        const auto call = [&](const bidden_operation &given) {
            return bidden_ledger_invite_many(capi(), client.capi(), &given, &run, &summary, &error);
        };
        const std::int32_t number = with(operation, call);
        return detail::made<Summary>(number, summary, error);
    }

    /// Writes a plan into a file: what `invite_many` would do for everybody whom `next` gives; nothing is sent that changes anything.
    /// `void progress(std::uint64_t done)` hears of every row that is written. Blocks.
    template <typename Next, typename Progress>
    Result<Plan> plan(const Client &client, const Operation &operation, Next next, Progress progress, std::string_view path) const {
        bidden_many run = giving(next);
        run.progress = [](void *context, std::uint64_t done, std::uint64_t) noexcept { (*static_cast<Progress *>(context))(done); };
        run.progress_context = &progress;
        bidden_plan *plan = nullptr;
        bidden_error *error = nullptr;
        const std::string file = detail::terminated(path);
        const auto call = [&](const bidden_operation &given) {
            return bidden_ledger_plan(capi(), client.capi(), &given, &run, file.c_str(), &plan, &error);
        };
        const std::int32_t number = with(operation, call);
        return detail::made<Plan>(number, plan, error);
    }

    /// The same, and nobody hears how far it is.
    template <typename Next>
    Result<Plan> plan(const Client &client, const Operation &operation, Next next, std::string_view path) const {
        return this->plan(client, operation, std::move(next), [](std::uint64_t) noexcept {}, path);
    }

    /// Sends what a plan says, after it has looked at every row once more; that the plan was made and is sent is the consent. The same
    /// plan again goes on where it was. `void row(const Planned &, const Outcome &)` hears what came of each,
    /// `void progress(std::uint64_t done, std::uint64_t total)` how far it is. Both run on threads of the library, one at a time, and must
    /// not throw: an exception ends the program. Blocks.
    template <typename Row, typename Progress>
    Result<Summary> apply(const Client &client, const Plan &plan, Row row, Progress progress, Apply apply = {}) const {
        bidden_apply run{};
        run.size = sizeof run;
        run.cancel = apply.cancel == nullptr ? nullptr : apply.cancel->capi();
        run.row = [](void *context, const bidden_planned *planned, const bidden_outcome *outcome) noexcept {
            // Both stay the library's, and the program only reads them.
            Planned lent = Planned::from_capi(const_cast<bidden_planned *>(planned));
            Outcome came = Outcome::from_capi(const_cast<bidden_outcome *>(outcome));
            (*static_cast<Row *>(context))(static_cast<const Planned &>(lent), static_cast<const Outcome &>(came));
            static_cast<void>(lent.capi_release());
            static_cast<void>(came.capi_release());
        };
        run.row_context = &row;
        run.progress = [](void *context, std::uint64_t done, std::uint64_t total) noexcept {
            (*static_cast<Progress *>(context))(done, total);
        };
        run.progress_context = &progress;
        run.concurrency = apply.concurrency;
        run.calls_per_second = apply.calls_per_second;
        run.stop_after_failures = apply.stop_after_failures;
        run.max_emails = apply.max_emails;
        bidden_summary *summary = nullptr;
        bidden_error *error = nullptr;
        const std::int32_t number = bidden_ledger_apply(capi(), client.capi(), plan.capi(), &run, &summary, &error);
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

    /// A run over the candidates that a function gives; it borrows the function.
    template <typename Next> static bidden_many giving(Next &next) noexcept {
        bidden_many run{};
        run.size = sizeof run;
        run.next = [](void *context, bidden_candidate *lent) noexcept -> std::int32_t {
            Candidate candidate = Candidate::from_capi(lent);
            const bool is_one = (*static_cast<Next *>(context))(candidate);
            static_cast<void>(candidate.capi_release());
            return is_one ? 1 : 0;
        };
        run.next_context = &next;
        return run;
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
        operation.send_at_seconds = given.send_at.seconds();
        operation.stakeholder_emails = detail::or_null(given.stakeholder_emails);
        operation.start_seconds = given.window.start.seconds();
        operation.end_seconds = given.window.end.seconds();
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
