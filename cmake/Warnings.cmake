# The warnings of the style guide, as errors in every preset that developers use.
add_library(pktwalk_warnings INTERFACE)
target_compile_options(pktwalk_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum)
option(PKTWALK_WERROR "Treat compiler warnings as errors" OFF)
if(PKTWALK_WERROR)
  target_compile_options(pktwalk_warnings INTERFACE -Werror)
endif()
