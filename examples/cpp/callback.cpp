// What a receiver of callbacks does with each: read it, drop what was seen before, move forward only, and treat what nobody signed
// as a hint. The body of one callback per line comes from standard input, as a web server of the program's own would hand it over.
//
//   c++ -std=c++17 callback.cpp $(pkg-config --cflags --libs bidden) -o callback
//   ./callback imocha < bodies.jsonl
//   BIDDEN_THINK_EXAM_WEBHOOK_KEY=… ./callback think-exam "$KEY_OF_THE_REQUEST" < bodies.jsonl
//
// Exit code: 0, or 1 when a line was no callback of the platform.
#include <bidden.hpp>

#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

int main(int count, char **arguments) {
    if (count != 2 && count != 3) {
        std::cerr << "usage: callback PLATFORM [WEBHOOK-KEY-OF-THE-REQUEST]\n";
        return 2;
    }
    const auto platform = static_cast<bidden::Platform>(bidden_platform_number(arguments[1]));
    std::vector<std::pair<std::string, std::string>> headers;
    if (count == 3) {
        headers.emplace_back("X-webhook_key", arguments[2]);
    }
    // What Think Exam's receiver was given; the other two platforms have none.
    const char *known = std::getenv("BIDDEN_THINK_EXAM_WEBHOOK_KEY");
    const auto key = known == nullptr ? std::nullopt : std::optional<std::string>(known);

    std::set<std::string> seen;
    std::map<std::string, bidden::Status> standing;
    bool all_read = true;
    for (std::string body; std::getline(std::cin, body);) {
        const auto callback = bidden::Callback::read(platform, body, headers, key);
        if (!callback) {
            std::cerr << "refused: " << callback.error().message() << '\n';
            all_read = false;
            continue;
        }
        const std::string who = callback->invitation_id().value_or(callback->email().value_or("somebody"));
        if (!seen.insert(callback->dedupe_key()).second) {
            std::cout << who << ": told before\n";
            continue;
        }
        auto &known_status = standing.try_emplace(who, bidden::Status::pending).first->second;
        if (!callback->moves(known_status)) {
            std::cout << who << ": " << bidden::slug(callback->status()) << " came late, it is " << bidden::slug(known_status) << '\n';
            continue;
        }
        known_status = callback->status();
        std::cout << who << ": " << bidden::slug(known_status);
        if (const auto score = callback->score(); score && known_status == bidden::Status::complete) {
            std::cout << ", score " << *score;
        }
        // Nobody signed it: a program looks it up before it acts on it.
        std::cout << (callback->authenticity() == bidden::Authenticity::verified ? "\n" : " (a hint)\n");
    }
    return all_read ? 0 : 1;
}
