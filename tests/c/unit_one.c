/* One of two units of C and one of C++ in a program: what a header defines must not stand twice. */
#include "bidden.h"

uint32_t unit_one(void);

uint32_t unit_one(void) { return bidden_version_number(); }
