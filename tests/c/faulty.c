/* Planted faults, each of which a tool must see: proof that the tool is on. Usage: faulty leak|overrun|overflow */
#include "bidden.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

int main(int count, char **arguments) {
    if (count != 2) {
        return 2;
    }
    if (strcmp(arguments[1], "leak") == 0) {
        bidden_call *call = NULL;
        bidden_call_new("think_exam.deassign_test", "{\"email\":\"ada@example.com\",\"test_id\":\"41\"}", &call, NULL);
        const char *name = bidden_call_name(call);
        call = NULL; /* never freed */
        printf("%s\n", name);
    } else if (strcmp(arguments[1], "overrun") == 0) {
        bidden_string text = bidden_time_text(0);
        volatile size_t behind = text.length + 1;
        printf("%d\n", text.text[behind]);
        bidden_string_free(&text);
    } else {
        volatile int most = INT_MAX;
        printf("%d\n", most + count);
    }
    return 0;
}
