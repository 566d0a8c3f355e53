# The warnings of the project, as errors in every preset that developers use.
add_library(pktwalk_warnings INTERFACE)
target_compile_options(pktwalk_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum)
# Designated initialisers name what differs and leave the rest at its default: that is their point.
target_compile_options(pktwalk_warnings INTERFACE -Wno-missing-field-initializers)
option(PKTWALK_WERROR "Treat compiler warnings as errors" OFF)
if(PKTWALK_WERROR)
  target_compile_options(pktwalk_warnings INTERFACE -Werror)
endif()
