# Preset "tidy": clang-tidy reads every file as it is compiled; the checks are in .clang-tidy.
option(PKTWALK_TIDY "Run clang-tidy on every file" OFF)
if(PKTWALK_TIDY)
  find_program(PKTWALK_CLANG_TIDY clang-tidy-14 REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY "${PKTWALK_CLANG_TIDY};--quiet")
endif()
