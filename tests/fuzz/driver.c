/* Runs a fuzz target without libFuzzer: every seed of a folder, then mutations of them for some seconds, always the same ones in the same
 * order. What libFuzzer learns from coverage this does not; it keeps the targets compiling, and finds what lies near the seeds. Usage:
 * driver FOLDER SECONDS */
#include "input.h"

#include <dirent.h>
#include <time.h>

enum { MOST_SEEDS = 4096, LONGEST = 1 << 16 };

typedef struct {
    uint8_t *bytes;
    size_t length;
} Seed;

static Seed seeds[MOST_SEEDS];
static size_t seed_count;
static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static size_t below(size_t limit) { return limit == 0 ? 0 : (size_t)(draw() % limit); }

static int by_name(const void *left, const void *right) { return strcmp(*(char *const *)left, *(char *const *)right); }

static void read_seed(const char *path) {
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(LONGEST);
    if (file == NULL || bytes == NULL || seed_count == MOST_SEEDS) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(2);
    }
    seeds[seed_count].length = fread(bytes, 1, LONGEST, file);
    seeds[seed_count].bytes = bytes;
    seed_count++;
    fclose(file);
}

/* The seeds in the order of their names, whatever the folder's own is. */
static void read_seeds(const char *folder) {
    static char *paths[MOST_SEEDS];
    size_t count = 0;
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        fprintf(stderr, "%s cannot be opened\n", folder);
        exit(2);
    }
    for (struct dirent *entry = readdir(directory); entry != NULL && count < MOST_SEEDS; entry = readdir(directory)) {
        if (entry->d_name[0] != '.') {
            const size_t length = strlen(folder) + strlen(entry->d_name) + 2;
            paths[count] = malloc(length);
            if (paths[count] == NULL) {
                exit(2);
            }
            snprintf(paths[count], length, "%s/%s", folder, entry->d_name);
            count++;
        }
    }
    closedir(directory);
    qsort(paths, count, sizeof paths[0], by_name);
    for (size_t i = 0; i < count; i++) {
        read_seed(paths[i]);
        free(paths[i]);
    }
}

/* One small change; gives the new length. */
static size_t change(uint8_t *bytes, size_t length) {
    static const char *const words[] = {"\"", "{", "}", "[", "]", ",", ":", "null", "-1", "0", "9223372036854775808", "1e999", "\\u0000",
                                        "\xff", "\xc3\xa9", "\xf0\x9f\x98\x80", "%", "//", "@", ";", "\n", "2026-01-31T09:00:00Z", "true"};
    const size_t at = below(length + 1);
    switch (below(7)) {
    case 0:
        if (length > 0) {
            bytes[below(length)] ^= (uint8_t)(1u << below(8));
        }
        return length;
    case 1:
        if (length > 0) {
            bytes[below(length)] = (uint8_t)draw();
        }
        return length;
    case 2: { /* A part is left out. */
        const size_t size = below(length - at + 1);
        memmove(bytes + at, bytes + at + size, length - at - size);
        return length - size;
    }
    case 3:
    case 4: { /* A word is put in. */
        const char *word = words[below(sizeof words / sizeof words[0])];
        const size_t size = strlen(word);
        if (length + size > LONGEST) {
            return length;
        }
        memmove(bytes + at + size, bytes + at, length - at);
        memcpy(bytes + at, word, size);
        return length + size;
    }
    case 5: { /* A part comes twice. */
        const size_t size = below(length - at + 1);
        if (length + size > LONGEST) {
            return length;
        }
        memmove(bytes + at + size, bytes + at, length - at);
        return length + size;
    }
    default: { /* The rest is another seed's. */
        const Seed *other = &seeds[below(seed_count)];
        const size_t from = below(other->length + 1), size = other->length - from;
        if (at + size > LONGEST) {
            return length;
        }
        memcpy(bytes + at, other->bytes + from, size);
        return at + size;
    }
    }
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: driver FOLDER SECONDS\n");
        return 2;
    }
    read_seeds(arguments[1]);
    if (seed_count == 0) {
        fprintf(stderr, "there are no seeds in %s\n", arguments[1]);
        return 2;
    }
    unsigned long executions = 0;
    for (size_t i = 0; i < seed_count; i++) {
        (void)LLVMFuzzerTestOneInput(seeds[i].bytes, seeds[i].length);
        executions++;
    }
    (void)LLVMFuzzerTestOneInput(NULL, 0);
    uint8_t *bytes = malloc(LONGEST);
    if (bytes == NULL) {
        return 2;
    }
    const clock_t end = clock() + (clock_t)(strtod(arguments[2], NULL) * CLOCKS_PER_SEC);
    while (clock() < end) {
        const Seed *seed = &seeds[below(seed_count)];
        size_t length = seed->length;
        memcpy(bytes, seed->bytes, length);
        for (size_t changes = 1 + below(4); changes > 0; changes--) {
            length = change(bytes, length);
        }
        /* A block of its own, so that a target that reads beyond it is seen. */
        uint8_t *given = malloc(length == 0 ? 1 : length);
        if (given == NULL) {
            return 2;
        }
        memcpy(given, bytes, length);
        (void)LLVMFuzzerTestOneInput(given, length);
        free(given);
        executions++;
    }
    free(bytes);
    for (size_t i = 0; i < seed_count; i++) {
        free(seeds[i].bytes);
    }
    printf("%lu executions, no finding\n", executions);
    return 0;
}
