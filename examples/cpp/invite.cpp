// Invites a candidate to an iMocha test with bidden's own client, through a ledger, after its fields were checked: run it twice,
// and the second run sends nothing.
//
//   find_package(bidden REQUIRED), target_link_libraries(invite bidden::bidden)
//   bidden sandbox --ready sandbox.json &
//   BIDDEN_IMOCHA_API_KEY=sandbox-key BIDDEN_IMOCHA_BASE_URL=http://127.0.0.1:8787 ./invite
//
// The key comes from the environment of a server: never ship a platform's key in a program that runs on a candidate's machine.
#include <bidden.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

namespace {

std::string environment(const char *name) {
    const char *value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

int report(const bidden::Error &error) {
    std::cerr << error.message() << '\n';
    return 1;
}

}  // namespace

int main() {
    auto candidate = bidden::Candidate::create();
    if (!candidate) {
        return report(candidate.error());
    }
    for (const auto &[field, text] : {std::pair("email", "ada@example.com"), std::pair("name", "Ada Lovelace")}) {
        if (const auto set = candidate->set(field, text); !set) {
            return report(set.error());
        }
    }
    const auto findings = candidate->validate(bidden::Platform::imocha);
    if (!findings) {
        return report(findings.error());
    }
    for (std::size_t index = 0; index < findings->error_count(); ++index) {
        std::cerr << findings->error_field(index) << ' ' << findings->error_reason(index) << '\n';
    }

    bidden::Options options;
    options.base_url = environment("BIDDEN_IMOCHA_BASE_URL");  // empty is the live service
    options.api_key = environment("BIDDEN_IMOCHA_API_KEY");
    const auto client = bidden::Client::create(bidden::Platform::imocha, options);
    if (!client) {
        return report(client.error());
    }

    const std::string file = environment("BIDDEN_LEDGER");
    const auto ledger = bidden::Ledger::open(file.empty() ? "bidden.db" : file);
    if (!ledger) {
        return report(ledger.error());
    }

    bidden::Operation invite;
    invite.test = "292930";
    invite.candidate = &*candidate;
    invite.send_email = false;  // mails nobody; with a mail the ledger sees to it that it is one
    const auto outcome = ledger->invite(*client, invite);
    if (!outcome) {
        return report(outcome.error());
    }
    std::cout << bidden::slug(outcome->disposition()) << ": " << outcome->test_url().value_or("(no link)") << '\n';
    return outcome->is_good() ? 0 : 1;
}
