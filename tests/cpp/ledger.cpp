// One person through the ledger, against a sandbox. Usage: ledger URL FOLDER
#include "bidden.hpp"

#include <cstdio>
#include <cstdlib>
#include <type_traits>

namespace {

int checked = 0;

void check(bool condition, const char *what, int line) {
    ++checked;
    if (!condition) {
        std::fprintf(stderr, "ledger.cpp:%d: %s\n", line, what);
        std::exit(1);
    }
}

#define CHECK(...) check(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __LINE__)

static_assert(sizeof(bidden::Ledger) == sizeof(void *) && sizeof(bidden::Outcome) == sizeof(void *));
static_assert(std::is_nothrow_move_constructible_v<bidden::Ledger> && !std::is_copy_constructible_v<bidden::Ledger>);
static_assert(std::is_nothrow_move_constructible_v<bidden::Result<bidden::Outcome>>);

}  // namespace

int main(int count, char **arguments) {
    CHECK(count == 3);
    CHECK(bidden::capability_names().size() == 28 && bidden::capability_names().front() == "invite");
    CHECK(bidden::capability_support(bidden::Platform::imocha, "reattempt") == bidden::Support::honoured);
    CHECK(bidden::capability_note(bidden::Platform::imocha, "reattempt").empty());
    CHECK(bidden::capability_support(bidden::Platform::testinvite, "cancel") == bidden::Support::approximated);
    CHECK(bidden::capability_support(bidden::Platform::think_exam, "end") == bidden::Support::not_possible);
    CHECK(bidden::capability_note(bidden::Platform::think_exam, "end").find("no access window") != std::string_view::npos);
    CHECK(bidden::capability_support(bidden::Platform::think_exam, "nothing") == bidden::Support::unknown);
    CHECK(bidden::capability_note(bidden::Platform::think_exam, "nothing").empty());
    const auto report = bidden::Call::create(bidden::ImochaReport{7, 1});
    CHECK(report && report->json().find("\"report_type\":1") != std::string::npos);
    CHECK(bidden::Call::create(bidden::ImochaCancel{7}) && !bidden::Call::create(bidden::ImochaReattempt{}));
    bidden::Options options;
    options.base_url = arguments[1];
    options.api_key = "sandbox-key";
    options.timeout = std::chrono::minutes(2);
    const auto client = bidden::Client::create(bidden::Platform::imocha, options);
    auto opened = bidden::Ledger::open(std::string(arguments[2]) + "/ledger.db");
    auto ada = bidden::Candidate::create();
    CHECK(client && opened && ada);
    CHECK(ada->set("email", "ada@example.com") && ada->set("name", "Ada Lovelace"));
    bidden::Ledger ledger = std::move(*opened);
    CHECK(opened->capi() == nullptr && ledger.location().find("ledger.db") != std::string::npos);

    bidden::Operation invite;
    invite.test = "292930";
    invite.candidate = &*ada;
    invite.send_email = true;
    const auto nowhere = opened->invite(*client, invite);
    CHECK(!nowhere && nowhere.error().field(0) == "ledger");
    const auto first = ledger.invite(*client, invite);
    CHECK(first && first->is_good() && first->disposition() == bidden::Disposition::invited && !first->error());
    CHECK(first->asked_for_mail() && first->email() == bidden::Email::asked && bidden::slug(first->email()) == "asked");
    const auto second = ledger.invite(*client, invite);
    CHECK(second && second->disposition() == bidden::Disposition::unchanged && second->invitation_id() == first->invitation_id());
    CHECK(!second->asked_for_mail() && second->known_from() == bidden::KnownFrom::ledger && bidden::slug(second->known_from()) == "ledger");
    CHECK(second->status() == bidden::Status::pending && second->platform_status() == "Pending" && second->test_url() && !second->invitation_code());

    const auto cancelled = ledger.cancel(*client, invite);
    CHECK(cancelled && bidden::slug(cancelled->disposition()) == "cancelled");
    const auto held = ledger.invite(*client, invite);
    CHECK(held && held->disposition() == bidden::Disposition::held && held->error() && held->error()->kind() == bidden::Kind::refused);
    invite.reopen = true;
    CHECK(ledger.invite(*client, invite)->disposition() == bidden::Disposition::reopened);

    const auto no_window = ledger.reattempt(*client, invite);
    CHECK(!no_window && no_window.error().kind() == bidden::Kind::invalid_input && no_window.error().field_count() == 3);
    const auto registered = ledger.register_candidate(*client, invite);
    CHECK(!registered && registered.error().kind() == bidden::Kind::invalid_input);
    invite.price_amount = "19.90";
    invite.program_ids = {"program-1"};
    const auto lost = ledger.invite(*client, invite);
    CHECK(!lost && lost.error().field(0) == "program_ids" && lost.error().field(1) == "price.currency");

    const auto cancel = bidden::Cancel::create();
    cancel->cancel();
    auto other = ledger.account("other");
    bidden::Operation never;
    never.test = "292930";
    never.candidate = &*ada;
    never.cancel = &*cancel;
    CHECK(other && other->invite(*client, never)->disposition() == bidden::Disposition::not_sent);
    const auto review = ledger.review(*client, invite);
    CHECK(!review && review.error().field(0) == "program_ids");
    bidden::Operation many;
    many.test = "292930";
    many.send_email = true;
    const std::vector<std::string> people = {"alan@example.com", "grace@example.com", "nobody", "alan@example.com"};
    std::size_t given = 0;
    std::vector<bidden::Disposition> came(people.size());
    const auto next = [&](bidden::Candidate &candidate) {
        return given < people.size() && candidate.set("email", people[given++]) && candidate.set("name", "Alan Turing");
    };
    const auto hear = [&](std::uint64_t number, const bidden::Outcome &outcome) { came[number] = outcome.disposition(); };
    const auto summary = ledger.invite_many(*client, many, next, hear, bidden::Many{1});
    CHECK(summary && summary->rows() == 4 && summary->good() == 3 && summary->mails() == 2 && !summary->stopped());
    CHECK(came[0] == bidden::Disposition::invited && came[2] == bidden::Disposition::invalid && came[3] == bidden::Disposition::unchanged);
    auto grace = bidden::Candidate::create();
    CHECK(grace && grace->set("email", "grace@example.com") && grace->set("name", "Grace Hopper"));
    many.candidate = &*grace;
    const auto unchanged = ledger.review(*client, many);
    CHECK(unchanged && unchanged->action() == "unchanged" && !unchanged->sends() && !unchanged->asks_for_mail());
    // On a host that is not this machine nothing goes out without consent, and no mail without a bound.
    bidden::Options live_options;
    live_options.api_key = "live-key";
    live_options.base_url = "https://imocha.invalid";
    const auto live = bidden::Client::create(bidden::Platform::imocha, live_options);
    bidden::Many consent;
    const auto unasked = ledger.invite_many(*live, many, next, hear, consent);
    CHECK(!unasked && unasked.error().field(0) == "confirm");
    consent.confirm = true;
    const auto unbounded = ledger.invite_many(*live, many, next, hear, consent);
    CHECK(!unbounded && unbounded.error().field(0) == "max_emails" && given == people.size());

    // A plan: written, looked at as a range, applied, applied again.
    given = 0;
    many.test = "292939";
    std::uint64_t written = 0;
    const std::string path = std::string(arguments[2]) + "/plan-cpp.jsonl";
    auto plan = ledger.plan(*client, many, next, [&](std::uint64_t done) { written = done; }, path);
    CHECK(plan && written == 4 && plan->row_count() == 4 && plan->sends() == 2 && plan->mails() == 2 && plan->count("invalid") == 1);
    CHECK(plan->platform() == bidden::Platform::imocha && plan->test() == "292939" && plan->account() == "default");
    CHECK(plan->base_url().find(arguments[1]) == 0 && plan->made_at().has_value());
    auto rows = plan->rows();
    CHECK(rows);
    std::vector<std::string> actions;
    for (const bidden::Planned &row : *rows) {
        CHECK(row.number() == actions.size() + 1 && row.field("email") && !row.field("password") && row.why().has_value() == !row.asks_for_mail());
        actions.emplace_back(row.action());
    }
    CHECK(!rows->error() && actions == std::vector<std::string>({"invite", "invite", "invalid", "duplicate-row"}));
    std::uint64_t most = 0, all = 0, told = 0;
    const auto row = [&](const bidden::Planned &planned, const bidden::Outcome &outcome) {
        ++told;
        CHECK(planned.number() >= 1 && outcome.disposition() != bidden::Disposition::none);
    };
    const auto progress = [&](std::uint64_t done, std::uint64_t total) {
        most = done;
        all = total;
    };
    bidden::Apply bound;
    bound.max_emails = 1;
    const auto too_many = ledger.apply(*client, *plan, row, progress, bound);
    CHECK(!too_many && too_many.error().field(0) == "max_emails" && told == 0);
    const auto applied = ledger.apply(*client, *plan, row, progress);
    CHECK(applied && applied->mails() == 2 && told == 4 && most == 4 && all == 4 && !applied->stopped());
    const auto reopened = bidden::Plan::open(path);
    CHECK(reopened && ledger.apply(*client, *reopened, row, progress)->mails() == 0);
    const bidden::Plan moved = std::move(*plan);
    CHECK(moved.mails() == 2 && plan->mails() == 0 && plan->test().empty() && !plan->platform() && !plan->rows());
    CHECK(!ledger.apply(*client, *plan, row, progress) && !bidden::Plan::open(path + "x"));
    const auto history = ledger.history_json("ada@example.com");
    CHECK(history && history->find("\"outcome\":\"reopened\"") != std::string::npos);
    const auto locked = bidden::Ledger::open(ledger.location());
    CHECK(!locked && locked.error().kind() == bidden::Kind::storage);
    std::printf("ledger c++: %d checks passed\n", checked);
    return 0;
}
