// Invites a candidate to an iMocha test with bidden's own client, after its fields were checked.
//
//   find_package(bidden REQUIRED), target_link_libraries(invite Bidden::bidden)
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

    bidden::ImochaInvite invite;
    invite.test_id = 292930;
    invite.email = "ada@example.com";
    invite.name = "Ada Lovelace";
    invite.send_email = false;  // mails nobody
    const auto call = bidden::Call::create(invite);
    if (!call) {
        return report(call.error());
    }
    const auto reply = client->call(*call);
    if (!reply) {
        return report(reply.error());
    }
    std::cout << "invitation " << reply->imocha_test_invitation_id() << " is " << bidden::slug(reply->imocha_status()) << ": "
              << reply->imocha_test_url().value_or("(no link)") << '\n';
    return 0;
}
