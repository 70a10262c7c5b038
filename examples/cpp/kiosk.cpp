// A lock-down exam browser asks: may this candidate start now? The rules of the platform answer, on this machine, with no network
// and no key: the status and the window came with the program's own configuration, from a server that holds the key.
//
//   c++ -std=c++17 kiosk.cpp $(pkg-config --cflags --libs bidden) -o kiosk
//   ./kiosk imocha pending 2026-03-02T09:00:00Z 2026-03-02T11:00:00Z [NOW]
//
// Exit code: 0 yes, 1 no, 2 a mistake in the arguments. A library without client and ledger does: BIDDEN_NO_CLIENT.
#include <bidden.hpp>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>

namespace {

std::string duration(std::int64_t seconds) {
    const std::int64_t hours = seconds / 3600, minutes = seconds / 60 % 60;
    if (hours > 0) {
        return std::to_string(hours) + " h " + std::to_string(minutes) + " min";
    }
    return minutes > 0 ? std::to_string(minutes) + " min" : std::to_string(seconds) + " s";
}

int mistake(const bidden::Error &error) {
    std::cerr << "kiosk: " << error.message() << '\n';
    return 2;
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 5 && count != 6) {
        std::cerr << "usage: kiosk PLATFORM STATUS START END [NOW]\n";
        return 2;
    }
    const auto platform = static_cast<bidden::Platform>(bidden_platform_number(arguments[1]));
    const auto status = static_cast<bidden::Status>(bidden_status_number(arguments[2]));
    const auto start = bidden::parse_time(arguments[3]);
    const auto end = bidden::parse_time(arguments[4]);
    if (!start || !end) {
        return mistake(!start ? start.error() : end.error());
    }
    const bidden::Window window{*start, *end};
    bidden::Time now = std::chrono::system_clock::now();
    if (count == 6) {
        const auto given = bidden::parse_time(arguments[5]);
        if (!given) {
            return mistake(given.error());
        }
        now = *given;
    }

    const auto decision = bidden::decide(platform, status, bidden::Event::start, window, now);
    if (!decision) {
        return mistake(decision.error());
    }
    if (decision->is_allowed) {
        std::cout << "You may begin. The test can be started for another " << duration((*end - now).count()) << ".\n";
        return 0;
    }
    const auto why = bidden::explain_transition(platform, status, bidden::Event::start, window, now);
    std::cout << "You cannot begin: " << (why ? *why : why.error().message()) << '\n';
    if (decision->moment > now) {
        std::cout << "It opens in " << duration((decision->moment - now).count()) << ".\n";
    }
    return 1;
}
