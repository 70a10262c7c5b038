#include "bidden.hpp"

std::string_view other_unit();

std::string_view other_unit() { return bidden::version(); }
