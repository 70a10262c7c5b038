/* Plan files: any bytes as one; opened, read row by row, applied through a ledger at an address where nobody listens. Input: the file; or,
 * behind a byte 'P', all but its last line, which is made here: without the right digest and counts nothing behind them would be reached. */
#include "input.h"

#include <unistd.h>

static bidden_ledger *ledger;
static bidden_client *client;
static char path[4096];

static void open_once(void) {
    if (ledger != NULL) {
        return;
    }
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/bidden-fuzz-plan-%ld.db", folder == NULL ? "/tmp" : folder, (long)getpid());
    bidden_options options = {0};
    options.size = sizeof options;
    options.base_url = "http://127.0.0.1:1";
    options.tries = 1;
    options.api_key = bidden_bytes_of("sandbox-key");
    if (bidden_client_new(BIDDEN_PLATFORM_IMOCHA, &options, &client, NULL) != BIDDEN_OK ||
        bidden_ledger_open(path, &ledger, NULL) != BIDDEN_OK) {
        finding("no ledger");
    }
    (void)unlink(path);
    memcpy(path + strlen(path) - 2, "jl", 2);
}

/* SHA-256 of bytes as hexadecimal digits (FIPS 180-4). */
static uint32_t turned(uint32_t word, unsigned by) { return word >> by | word << (32 - by); }

static void digest(const uint8_t *bytes, size_t length, char *digits) {
    static const uint32_t rounds[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
        0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
        0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
        0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
        0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
        0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const size_t blocks = (length + 9 + 63) / 64;
    for (size_t block = 0; block < blocks; block++) {
        uint32_t words[64];
        for (size_t i = 0; i < 64; i++) {
            const size_t at = block * 64 + i;
            const uint64_t bits = (uint64_t)length * 8;
            uint8_t one = at < length ? bytes[at] : at == length ? 0x80 : 0;
            if (block == blocks - 1 && i >= 56) {
                one = (uint8_t)(bits >> (8 * (63 - i)));
            }
            words[i / 4] = (i % 4 == 0 ? 0 : words[i / 4]) << 8 | one;
        }
        for (size_t i = 16; i < 64; i++) {
            const uint32_t a = words[i - 15], b = words[i - 2];
            words[i] = words[i - 16] + (turned(a, 7) ^ turned(a, 18) ^ a >> 3) + words[i - 7] + (turned(b, 17) ^ turned(b, 19) ^ b >> 10);
        }
        uint32_t s[8];
        memcpy(s, state, sizeof s);
        for (size_t i = 0; i < 64; i++) {
            const uint32_t one = s[7] + (turned(s[4], 6) ^ turned(s[4], 11) ^ turned(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) +
                                 rounds[i] + words[i];
            const uint32_t two = (turned(s[0], 2) ^ turned(s[0], 13) ^ turned(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
            memmove(s + 1, s, 7 * sizeof s[0]);
            s[4] += one;
            s[0] = one + two;
        }
        for (size_t i = 0; i < 8; i++) {
            state[i] += s[i];
        }
    }
    for (size_t i = 0; i < 8; i++) {
        snprintf(digits + 8 * i, 9, "%08lx", (unsigned long)state[i]);
    }
}

/* How often a word stands in bytes. */
static unsigned occurrences(const uint8_t *bytes, size_t length, const char *word) {
    const size_t size = strlen(word);
    unsigned count = 0;
    for (size_t at = 0; at + size <= length; at++) {
        count += memcmp(bytes + at, word, size) == 0;
    }
    return count;
}

/* The last line of a plan whose other lines are these. */
static void end_plan(FILE *file, const uint8_t *bytes, size_t length) {
    static const char *const actions[] = {"invite", "create",       "refresh",  "reopen",        "resolve", "unchanged", "already-attempted",
                                          "in-progress", "duplicate-row", "invalid", "held", "uncertain", "refused"};
    char digits[65];
    digest(bytes, length, digits);
    const unsigned lines = occurrences(bytes, length, "\n");
    fprintf(file, "{\"end\":{\"rows\":%u,\"mails\":%u,\"counts\":{", lines == 0 ? 0 : lines - 1,
            occurrences(bytes, length, "\"mail\":true"));
    const char *comma = "";
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        char word[64];
        snprintf(word, sizeof word, "\"action\":\"%s\"", actions[i]);
        const unsigned count = occurrences(bytes, length, word);
        if (count > 0) {
            fprintf(file, "%s\"%s\":%u", comma, actions[i], count);
            comma = ",";
        }
    }
    fprintf(file, "},\"digest\":\"%s\"}}\n", digits);
}

static void read_row(const bidden_planned *planned) {
    static const char *const fields[] = {"email", "name", "external_id", "password", "labels", "no such field"};
    if (bidden_planned_action(planned) == NULL) {
        finding("a row without an action");
    }
    (void)bidden_planned_number(planned);
    (void)bidden_planned_asks_for_mail(planned);
    read_text(bidden_planned_why(planned));
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        read_text(bidden_planned_field(planned, fields[i]));
    }
}

static void hear(void *context, const bidden_planned *planned, const bidden_outcome *outcome) {
    bidden_error *why;
    ++*(uint64_t *)context;
    read_row(planned);
    if (bidden_disposition_slug(bidden_outcome_disposition(outcome)) == NULL) {
        finding("an outcome of a number that is none");
    }
    if (bidden_outcome_error(outcome, &why, NULL) == BIDDEN_OK && why != NULL) {
        if (bidden_error_kind(why) == BIDDEN_ERROR_INTERNAL) {
            finding("internal");
        }
        read_error(why);
    }
    bidden_error_free(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length) {
    open_once();
    bidden_error *error;
    bidden_plan *plan;
    bidden_plan_rows *rows;
    bidden_planned *planned;
    bidden_summary *summary;
    FILE *file = fopen(path, "wb");
    const int is_ended_here = length > 0 && data[0] == 'P';
    const uint8_t *bytes = is_ended_here ? data + 1 : data;
    const size_t size = is_ended_here ? length - 1 : length;
    if (file == NULL || (size > 0 && fwrite(bytes, 1, size, file) != size)) {
        finding("the plan cannot be written");
    }
    if (is_ended_here) {
        end_plan(file, bytes, size);
    }
    if (fclose(file) != 0) {
        finding("the plan cannot be closed");
    }
    if (worked(bidden_plan_open(path, &plan, &error), error, plan)) {
        (void)bidden_plan_platform(plan);
        read_text(bidden_plan_test(plan));
        read_text(bidden_plan_account(plan));
        read_text(bidden_plan_base_url(plan));
        read_text(bidden_plan_made_at(plan));
        if (bidden_plan_count(plan, "invite") > bidden_plan_sends(plan)) {
            finding("counts that do not add up");
        }
        if (worked(bidden_plan_rows_new(plan, &rows, &error), error, rows)) {
            uint64_t count = 0;
            while (worked(bidden_plan_rows_next(rows, &planned, &error), error, planned) && planned != NULL) {
                count++;
                read_row(planned);
                bidden_planned_free(planned);
            }
            if (planned == NULL && count > bidden_plan_row_count(plan)) {
                finding("more rows than were counted");
            }
        }
        bidden_plan_rows_free(rows);
        uint64_t heard = 0;
        bidden_apply apply = {0};
        apply.size = sizeof apply;
        apply.row = hear;
        apply.row_context = &heard;
        apply.concurrency = 1;
        if (worked(bidden_ledger_apply(ledger, client, plan, &apply, &summary, &error), error, summary)) {
            if (bidden_summary_rows(summary) != heard || bidden_summary_mails(summary) != 0) {
                finding("rows that nobody heard of, or a mail with nobody there");
            }
            read_text(bidden_summary_stopped(summary));
        }
        bidden_summary_free(summary);
    }
    bidden_plan_free(plan);
    return 0;
}
