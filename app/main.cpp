// SPDX-License-Identifier: MIT
#include "app/options.h"

int main(int argc, char** argv) { return pktwalk::run(argc, argv); }
