# Preset "cover": the tests write what they reached, and the last test of the run (coverage) puts it together in
# build/cover/coverage.txt, one line a source file; coverage/ beside it shows the lines.
option(PKTWALK_COVER "Report which lines the tests reach (clang)" OFF)
function(pktwalk_coverage)
  if(NOT PKTWALK_COVER)
    return()
  endif()
  find_program(PKTWALK_PROFDATA llvm-profdata-14 REQUIRED)
  find_program(PKTWALK_COV llvm-cov-14 REQUIRED)
  set(profiles "${PROJECT_BINARY_DIR}/profiles")
  add_test(NAME forget-coverage COMMAND "${CMAKE_COMMAND}" -E rm -rf "${profiles}")
  set_tests_properties(forget-coverage PROPERTIES FIXTURES_SETUP coverage)
  set(objects "")
  foreach(name IN ITEMS unit kernel)
    if(TEST ${name})
      set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED coverage
                                              ENVIRONMENT "LLVM_PROFILE_FILE=${profiles}/${name}-%m.profraw")
    endif()
  endforeach()
  if(TARGET pktwalk)
    set(objects "-object \"$<TARGET_FILE:pktwalk>\"")
  endif()
  file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/coverage.sh" CONTENT "set -e
\"${PKTWALK_PROFDATA}\" merge -sparse -o \"${profiles}/all\" \"${profiles}\"/*.profraw
cov() { command=$1; shift; \"${PKTWALK_COV}\" \"$command\" -instr-profile \"${profiles}/all\" \"$<TARGET_FILE:pktwalk_tests>\" ${objects} \\
  -ignore-filename-regex '(/usr/|/tests/|/build/)' \"$@\"; }
cov report > \"${PROJECT_BINARY_DIR}/coverage.txt\"
cov show -format=html -output-dir=\"${PROJECT_BINARY_DIR}/coverage\"
tail -n 1 \"${PROJECT_BINARY_DIR}/coverage.txt\"
")
  add_test(NAME coverage COMMAND sh "${PROJECT_BINARY_DIR}/coverage.sh" WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(coverage PROPERTIES FIXTURES_CLEANUP coverage)
endfunction()
