/* The other of two units of C and one of C++ in a program: what a header defines must not stand twice. */
#include "bidden.h"

uint32_t unit_two(void);

uint32_t unit_two(void) { return bidden_abi_version(); }
