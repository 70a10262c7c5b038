/* The shared vectors as c_and_cpp.rs writes them for programs without a JSON parser: records of fields, each "name length\n",
 * the bytes, "\n"; a record ends with "-- 0\n\n". */
#ifndef BIDDEN_TESTS_TABLE_H
#define BIDDEN_TESTS_TABLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_MOST_FIELDS 40

typedef struct {
    size_t count;
    char names[TABLE_MOST_FIELDS][32];
    char *texts[TABLE_MOST_FIELDS];
    size_t lengths[TABLE_MOST_FIELDS];
} Record;

/* The text of a field; NULL when the record has none. */
static inline const char *field(const Record *record, const char *name) {
    for (size_t i = 0; i < record->count; i++) {
        if (strcmp(record->names[i], name) == 0) {
            return record->texts[i];
        }
    }
    return NULL;
}

/* The length of a field in bytes. */
static inline size_t field_length(const Record *record, const char *name) {
    for (size_t i = 0; i < record->count; i++) {
        if (strcmp(record->names[i], name) == 0) {
            return record->lengths[i];
        }
    }
    return 0;
}

static inline void record_free(Record *record) {
    for (size_t i = 0; i < record->count; i++) {
        free(record->texts[i]);
    }
    record->count = 0;
}

/* Reads the next record. 1 when there is one, 0 at the end; a broken table ends the program. */
static inline int record_read(FILE *table, Record *record) {
    record->count = 0;
    char name[32];
    size_t length;
    while (fscanf(table, "%31s %zu", name, &length) == 2) {
        if (fgetc(table) != '\n' || record->count == TABLE_MOST_FIELDS) {
            fprintf(stderr, "the table is broken\n");
            exit(2);
        }
        char *text = malloc(length + 1);
        if (text == NULL || fread(text, 1, length, table) != length || fgetc(table) != '\n') {
            fprintf(stderr, "the table is broken at %s\n", name);
            exit(2);
        }
        text[length] = '\0';
        if (strcmp(name, "--") == 0) {
            free(text);
            return 1;
        }
        memcpy(record->names[record->count], name, sizeof name);
        record->texts[record->count] = text;
        record->lengths[record->count] = length;
        record->count++;
    }
    return 0;
}

#endif
