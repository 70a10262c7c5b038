// Ownership, failures and texts of bidden.hpp; built with and without exceptions, as two units that both include the header.
#include "bidden.hpp"

#include <cstdio>
#include <cstdlib>
#include <type_traits>
#if __cplusplus >= 202002L
#include <algorithm>
#include <ranges>
#endif

namespace {

int checked = 0;

void check(bool condition, const char *what, int line) {
    ++checked;
    if (!condition) {
        std::fprintf(stderr, "ownership.cpp:%d: %s\n", line, what);
        std::exit(1);
    }
}

#define CHECK(...) check(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __LINE__)

// The deleter has no state, moves cannot throw, nothing is copied by accident.
static_assert(sizeof(bidden::Call) == sizeof(void *));
static_assert(std::is_nothrow_move_constructible_v<bidden::Call> && std::is_nothrow_move_assignable_v<bidden::Call>);
static_assert(!std::is_copy_constructible_v<bidden::Call> && !std::is_copy_assignable_v<bidden::Error>);
static_assert(std::is_nothrow_move_constructible_v<bidden::Result<bidden::Call>>);
static_assert(static_cast<std::int32_t>(bidden::Kind::internal) == BIDDEN_ERROR_INTERNAL);

const char *const JSON = R"({"test_id":292930,"email":"ada@example.com","name":"Ada Lovelace"})";

bidden::Call call() {
    auto made = bidden::Call::create("imocha.invite", JSON);
    CHECK(made.has_value());
    return std::move(made).value();
}

void moving_leaves_an_empty_object_behind() {
    bidden::Call first = call();
    bidden_call *handle = first.capi();
    bidden::Call second = std::move(first);
    CHECK(second.capi() == handle && first.capi() == nullptr);
    CHECK(first.name().empty() && first.json().empty() && !first.asks_for_mail());
    const auto request = first.request();
    CHECK(!request && request.error().kind() == bidden::Kind::invalid_input && request.error().field(0) == "call");
    bidden::Call third = call();
    third = std::move(second);
    CHECK(third.capi() == handle);
    bidden::Call &itself = third;
    third = std::move(itself);
    CHECK(third.capi() == handle && third.name() == "imocha.invite");
}

void a_released_handle_is_the_callers() {
    bidden::Call owner = call();
    bidden_call *handle = owner.capi_release();
    CHECK(handle != nullptr && owner.capi() == nullptr);
    const bidden::Call again = bidden::Call::from_capi(handle);
    CHECK(again.json().find("292930") != std::string::npos);
}

void a_failure_says_what_and_where() {
    const auto made = bidden::Call::create("imocha.invite", "{}");
    CHECK(!made);
    CHECK(made.error().kind() == bidden::Kind::invalid_input && made.error().slug() == "invalid-input");
    CHECK(made.error().field_count() >= 3 && made.error().operation() == "imocha.invite");
    CHECK(made.error().platform() == bidden::Platform::imocha && !made.error().platform_code());
    CHECK(made.error().http_status() == 0 && !made.error().retry_after());
    bidden::Error first = std::move(bidden::Call::create("x", "{}")).error();
    const bidden::Error second = std::move(first);
    CHECK(first.kind() == bidden::Kind::none && first.message().empty() && first.slug().empty());
    CHECK(second.message().find("there is no call") != std::string::npos);
}

void a_view_with_nul_or_bad_utf8_is_refused_by_name() {
    using namespace std::string_view_literals;
    const auto name = bidden::Call::create("imocha\0invite"sv, "{}");
    CHECK(!name && name.error().field(0) == "name");
    auto candidate = bidden::Candidate::create().value();
    CHECK(candidate.set("email", "ada@example.com"sv.substr(0, 3)).has_value());
    const auto text = candidate.set("email", "ada\0@example.com"sv);
    CHECK(!text && text.error().field(0) == "text");
    const auto findings = candidate.validate(bidden::Platform::think_exam, 1700000000);
    CHECK(findings && findings->error_count() == 2 && findings->error_field(0) == "name" && findings->error_field(1) == "email");
    CHECK(findings->error_reason(9).empty() && findings->warning_count() == 0);
    const auto body = bidden::Request::create("POST", "https://host.example/x", "a\0b"sv);
    CHECK(body && body->body() == "a\0b"sv);
}

void a_member_with_nul_is_refused_by_name_and_not_cut_short() {
    using namespace std::string_literals;
    bidden::ImochaInvite invite;
    invite.test_id = 292930;
    invite.email = "ada@example.com";
    invite.name = "Ada\0 Lovelace"s;
    auto made = bidden::Call::create(invite);
    CHECK(!made && made.error().field(0) == "name");
    bidden::TestInviteCreateCandidate create;
    create.task_id = "task-1";
    create.email = "ada@example.com";
    create.labels = {"red", "b\0lue"s};
    made = bidden::Call::create(create);
    CHECK(!made && made.error().field(0) == "labels");
    bidden::Options options;
    options.base_url = "http://127.0.0.1:1\0@host.example"s;
    const auto request = call().request(options);
    CHECK(!request && request.error().field(0) == "options.base_url");
    const auto reply = call().read_reply(429, "{}", {{"retry-after", "7\0"s}});
    CHECK(!reply && reply.error().field(0) == "headers.value");
}

void typed_calls_are_the_calls_of_the_one_door() {
    bidden::ImochaInvite invite;
    invite.test_id = 292930;
    invite.email = "ada@example.com";
    invite.name = "Ada Lovelace";
    CHECK(bidden::Call::create(invite).value().json() == call().json());
    bidden::ThinkExamAssignTest assign;
    assign.email = "ada@example.com";
    assign.test_id = "41";
    assign.is_mail_enable = true;
    CHECK(bidden::Call::create(assign).value().asks_for_mail());
    bidden::ThinkExamDeassignTest deassign;
    deassign.email = "ada@example.com";
    deassign.test_id = "41";
    CHECK(bidden::Call::create(deassign).value().repeat() != bidden::Repeat::none);
    bidden::ThinkExamRegistration ada;
    ada.name = "Ada";
    ada.email = "ada@example.com";
    CHECK(bidden::Call::create(std::vector<bidden::ThinkExamRegistration>{ada, ada}).value().name() == "think_exam.bulk_candidate_register");
    bidden::TestInviteCreateCandidate create;
    create.task_id = "task-1";
    create.email = "ada@example.com";
    create.labels = {"red", "blue"};
    create.tracking_uniq_id = "ada@example.com";
    const auto made = bidden::Call::create(create).value();
    CHECK(made.repeat() == bidden::Repeat::guarded && made.json().find("blue") != std::string::npos);
    CHECK(bidden::call_names().size() >= 5);
}

void decisions_are_values() {
    const auto decision = bidden::decide(bidden::Platform::imocha, bidden::Status::complete, bidden::Event::cancel);
    CHECK(decision && !decision->is_allowed && decision->allows(bidden::Event::reattempt) && !decision->allows(bidden::Event::cancel));
    const auto wrong = bidden::decide(static_cast<bidden::Platform>(77), bidden::Status::none, bidden::Event::invite);
    CHECK(!wrong && wrong.error().field(0) == "platform");
    CHECK(!bidden::Window{1700003600, 1700000000}.check(1600000000));
    CHECK(bidden::time_text(*bidden::parse_time("2026-01-31T09:00", "Asia/Kolkata")) == "2026-01-31T03:30:00Z");
    CHECK(bidden::explain_transition(bidden::Platform::imocha, bidden::Status::none, bidden::Event::invite).has_value());
}

void only_value_throws() {
#if defined(__cpp_exceptions)
    bool caught = false;
    try {
        static_cast<void>(bidden::Call::create("imocha.invite", "{}").value());
    } catch (const bidden::Exception &exception) {
        const bidden::Exception copy = exception;
        caught = copy.error().kind() == bidden::Kind::invalid_input && std::string_view(copy.what()).find("invalid-input") == 0;
    }
    CHECK(caught);
    caught = false;
    try {
        bidden::Window{1700003600, 1700000000}.check().value();
    } catch (const std::exception &) {
        caught = true;
    }
    CHECK(caught);
#endif
}

void results_are_ranges() {
    const auto made = bidden::Call::create("imocha.invite", "{}");
    CHECK(!made);
    std::size_t count = 0;
    for (const bidden::FieldReason &fault : made.error().fields()) {
        CHECK(fault.field == made.error().field(count) && fault.reason == made.error().field_reason(count) && !fault.reason.empty());
        ++count;
    }
    CHECK(count == made.error().field_count() && count == made.error().fields().size() && !made.error().fields().empty());
    CHECK(made.error().fields()[count].field.empty());
    auto candidate = bidden::Candidate::create().value();
    CHECK(candidate.set("email", "nobody") && candidate.set("dob", "1999-02-30"));
    const auto findings = candidate.validate();
    CHECK(findings && !findings->errors().empty() && (*findings->errors().begin()).field == findings->error_field(0));
    bool is_doubtful = findings->warnings().empty();
    for (const auto &doubt : findings->warnings()) {
        is_doubtful = is_doubtful || doubt.field == "dob";
    }
    CHECK(is_doubtful && findings->warnings().size() == findings->warning_count());
    const bidden::Reply none = bidden::Reply::from_capi(nullptr);
    CHECK(none.think_exam_registered().empty());
#if defined(__cpp_lib_ranges)
    static_assert(std::ranges::forward_range<decltype(findings->errors())> && std::ranges::sized_range<decltype(findings->errors())>);
    CHECK(std::ranges::count_if(findings->errors(), [](const bidden::FieldReason &fault) { return fault.field == "email"; }) == 1);
#if defined(BIDDEN_LEDGER)
    static_assert(std::ranges::input_range<bidden::PlanRows>);
#endif
#endif
}

void moments_are_those_of_chrono() {
    const auto now = std::chrono::system_clock::now();
    const bidden::Time time = now;
    CHECK(time.point() == std::chrono::floor<std::chrono::seconds>(now) && time.has_value());
    CHECK(!bidden::Time().has_value() && !bidden::Time().point() && bidden::Time() == bidden::Time(BIDDEN_TIME_ABSENT));
    const auto read = bidden::parse_time("2026-01-31T09:00:00+01:00");
    CHECK(read && bidden::time_text(*read) == "2026-01-31T08:00:00Z" && bidden::time_text(*read->point()) == "2026-01-31T08:00:00Z");
    CHECK(*read < *read + std::chrono::seconds(1) && bidden::Time(10) - bidden::Time(7) == std::chrono::seconds(3));
    const bidden::Window window{now, now + std::chrono::hours(1)};
    CHECK(window.check() && bidden::decide(bidden::Platform::imocha, bidden::Status::pending, bidden::Event::start, window)->is_allowed);
}

void options_read_like_named_arguments() {
#if __cplusplus >= 202002L
    const auto call = bidden::Call::create(bidden::ImochaInvite{.test_id = 292930, .email = "ada@example.com", .name = "Ada", .send_email = true});
    CHECK(call && call->asks_for_mail());
    const bidden::Options options{.base_url = "http://127.0.0.1:1", .timeout = std::chrono::seconds(5)};
#else
    bidden::ImochaInvite invite;
    invite.test_id = 292930;
    invite.email = "ada@example.com";
    invite.name = "Ada";
    invite.send_email = true;
    const auto call = bidden::Call::create(invite);
    CHECK(call && call->asks_for_mail());
    bidden::Options options;
    options.base_url = "http://127.0.0.1:1";
    options.timeout = std::chrono::seconds(5);
#endif
    CHECK(options.capi().timeout_milliseconds == 5000 && call->request(options)->url().find("http://127.0.0.1:1/") == 0);
    bidden::Options odd;
    odd.timeout = std::chrono::milliseconds(-1);
    CHECK(odd.capi().timeout_milliseconds == 0);
    odd.timeout = std::chrono::hours(10000);
    CHECK(odd.capi().timeout_milliseconds == UINT32_MAX);
}

void an_object_moved_to_itself_is_still_whole() {
    auto candidate = bidden::Candidate::create().value();
    auto &candidate_itself = candidate;
    candidate = std::move(candidate_itself);
    CHECK(candidate.set("email", "ada@example.com"));
    auto error = std::move(bidden::Call::create("x", "{}")).error();
    auto &error_itself = error;
    error = std::move(error_itself);
    CHECK(error.kind() == bidden::Kind::invalid_input);
    auto recipe = bidden::Recipe::read("default").value();
    const bidden::Recipe other = std::move(recipe);
    CHECK(recipe.name().empty() && other.name() == "default");
    const auto request = bidden::Request::create("GET", "/x");
    CHECK(request && !recipe.sign("ak", "secret", *request) && !recipe.verify("ak", "secret", *request));
    auto result = bidden::Call::create("imocha.invite", JSON);
    auto &result_itself = result;
    result = std::move(result_itself);
    CHECK(result && result->name() == "imocha.invite");
}

void a_client_needs_a_credential() {
#if defined(BIDDEN_CLIENT)
    const auto client = bidden::Client::create(bidden::Platform::imocha, bidden::Options());
    CHECK(!client && client.error().kind() == bidden::Kind::configuration);
    bidden::Options options;
    options.base_url = "http://127.0.0.1:1";
    options.api_key = "sandbox-key";
    options.tries = 1;
    const auto made = bidden::Client::create(bidden::Platform::imocha, options);
    const auto cancel = bidden::Cancel::create();
    CHECK(made && cancel);
    const auto refused = made->call(call());
    CHECK(!refused && refused.error().kind() == bidden::Kind::unavailable && refused.error().can_retry());
    cancel->cancel();
    CHECK(made->call(call(), *cancel).error().kind() == bidden::Kind::timed_out);
#endif
}

}  // namespace

// The other unit includes the header too: what is not inline would stand twice.
std::string_view other_unit();

int main() {
    CHECK(other_unit() == BIDDEN_VERSION_STRING);
    moving_leaves_an_empty_object_behind();
    a_released_handle_is_the_callers();
    a_failure_says_what_and_where();
    a_view_with_nul_or_bad_utf8_is_refused_by_name();
    a_member_with_nul_is_refused_by_name_and_not_cut_short();
    typed_calls_are_the_calls_of_the_one_door();
    decisions_are_values();
    only_value_throws();
    results_are_ranges();
    moments_are_those_of_chrono();
    options_read_like_named_arguments();
    an_object_moved_to_itself_is_still_whole();
    a_client_needs_a_credential();
    std::printf("ownership c++: %d checks passed\n", checked);
    return 0;
}
