// Two units of C and one of C++ in one program.
#include "bidden.hpp"

#include <cstdio>

extern "C" {
std::uint32_t unit_one(void);
std::uint32_t unit_two(void);
}

int main() {
    const auto call = bidden::Call::create(bidden::ImochaCancel{7});
    if (unit_one() != BIDDEN_VERSION_NUMBER || unit_two() != BIDDEN_ABI_VERSION || !call) {
        return 1;
    }
    std::puts("mixed passed");
    return 0;
}
