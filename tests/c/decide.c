/* How long one decision takes through the C ABI, in nanoseconds: the smallest of many batches, in the time of this thread. */
#include "bidden.h"

#include <stdio.h>
#include <time.h>

enum { BATCHES = 500, DECISIONS = 10000 };

int main(void) {
    const bidden_window window = {1600000000, 1800000000};
    double smallest = 1e9;
    for (int batch = 0; batch < BATCHES; batch++) {
        struct timespec began, ended;
        int32_t effects = 0;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &began);
        for (int count = 0; count < DECISIONS; count++) {
            bidden_decision decision = {.size = sizeof decision};
            bidden_decide(BIDDEN_PLATFORM_IMOCHA, BIDDEN_STATUS_PENDING, BIDDEN_EVENT_START, &window, 1700000000, &decision, NULL);
            effects += decision.effect;
        }
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
        if (effects != DECISIONS * BIDDEN_EFFECT_MOVED) {
            fputs("a start is refused\n", stderr);
            return 1;
        }
        const double seconds = (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
        const double each = seconds * 1e9 / DECISIONS;
        smallest = each < smallest ? each : smallest;
    }
    printf("%.1f\n", smallest);
    return 0;
}
