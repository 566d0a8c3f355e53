# The direction of dependencies, held by a search through the sources:
#
#     app  ->  ui  ->  tracer  ->  model       each may use what stands right of it, never the other way
#
# The packages' headers lie in /usr/include, where every file can see them, so the compiler cannot hold these rules.
# A violation is named with its file, its line and the rule.  Run it by hand: cmake -DROOT=. -P tests/layering_test.cmake
cmake_minimum_required(VERSION 3.25)
get_filename_component(ROOT "${ROOT}" ABSOLUTE)
set(violations 0)
file(GLOB_RECURSE files RELATIVE "${ROOT}"
     "${ROOT}/model/*.cpp" "${ROOT}/model/*.h" "${ROOT}/tracer/*.cpp" "${ROOT}/tracer/*.h"
     "${ROOT}/ui/*.cpp" "${ROOT}/ui/*.h" "${ROOT}/app/*.cpp" "${ROOT}/app/*.h")

# Sets `number` to the first line of the file that holds `line`.
function(line_number file line number)
  file(READ "${ROOT}/${file}" text)
  string(FIND "${text}" "${line}" at)
  string(SUBSTRING "${text}" 0 ${at} before)
  string(REGEX REPLACE "[^\n]" "" before "${before}")
  string(LENGTH "${before}" count)
  math(EXPR count "${count} + 1")
  set(${number} ${count} PARENT_SCOPE)
endfunction()

# forbid(IN regex [EXCEPT regex] LINE regex [BUT regex] RULE sentence): files like IN, other than those like EXCEPT,
# have no line like LINE, other than those like BUT.
function(forbid)
  cmake_parse_arguments(ARG "" "IN;EXCEPT;LINE;BUT;RULE" "" ${ARGN})
  foreach(file IN LISTS files)
    if(NOT file MATCHES "${ARG_IN}" OR (ARG_EXCEPT AND file MATCHES "${ARG_EXCEPT}"))
      continue()
    endif()
    file(STRINGS "${ROOT}/${file}" lines REGEX "${ARG_LINE}")
    foreach(line IN LISTS lines)
      if(ARG_BUT AND line MATCHES "${ARG_BUT}")
        continue()
      endif()
      line_number("${file}" "${line}" number)
      message("${file}:${number}: ${ARG_RULE}\n    ${line}")
      math(EXPR violations "${violations} + 1")
    endforeach()
  endforeach()
  set(violations ${violations} PARENT_SCOPE)
endfunction()

set(include "^[ \t]*#[ \t]*include[ \t]*")

forbid(IN "^model/" LINE "${include}\"(tracer|ui|app|tests|bench)/" RULE "model/ uses nothing but itself")
forbid(IN "^tracer/" LINE "${include}\"(ui|app|tests|bench)/" RULE "tracer/ uses itself and model/ only")
forbid(IN "^ui/" LINE "${include}\"(app|tests|bench)/" RULE "ui/ uses itself, tracer/ and model/ only")
forbid(IN "^app/" LINE "${include}\"(tests|bench)/" RULE "production code includes no test code")
forbid(IN "." LINE "${include}\"" BUT "${include}\"(model|tracer|ui|app|tests|bench)/"
       RULE "an include is written from the root of the project: \"model/core/result.h\"")

forbid(IN "^model/" LINE "${include}<(pcap|tins/|ncurses|curses|archive|CLI/)"
       RULE "model/ knows no libpcap, libtins, ncurses, libarchive or command line")
forbid(IN "^model/" LINE "${include}<(fstream|filesystem|unistd\\.h|fcntl\\.h|sys/stat\\.h|dirent\\.h)"
       RULE "model/ touches no files: text and bytes come in as values")
forbid(IN "^model/" LINE "(system|steady|high_resolution)_clock|gettimeofday|clock_gettime|std::time\\(|[^_a-z]time\\((NULL|nullptr|0)\\)"
       RULE "model/ reads no clock: time comes in as a value")
forbid(IN "^model/" LINE "std::random_device|[^_a-z]rand\\(\\)"
       RULE "model/ draws nothing at random: choices come in with the state")
forbid(IN "^model/" EXCEPT "^model/parse/" LINE "${include}<nlohmann/" RULE "JSON is read in model/parse/ only")

forbid(IN "^(ui|app)/" LINE "${include}<(pcap|tins/)" RULE "libpcap and libtins are the tracer's")
forbid(IN "^tracer/.*\\.h$" LINE "${include}<(pcap|tins/|archive)" RULE "a header of the tracer shows no type of a library")
forbid(IN "^(tracer|app)/" LINE "${include}<(ncurses|curses)" RULE "ncurses is known to ui/ncurses_screen.cpp and ui/terminal_type.cpp only")
forbid(IN "^ui/" EXCEPT "^ui/(ncurses_screen|terminal_type)\\.cpp$" LINE "${include}<(ncurses|curses)"
       RULE "ncurses is known to ui/ncurses_screen.cpp and ui/terminal_type.cpp only")
forbid(IN "^(tracer|ui)/" LINE "${include}<CLI/" RULE "the command line is read in app/ only")

forbid(IN "\\.h$" LINE "${include}<(fmt/|nlohmann/)" RULE "fmt and nlohmann-json are included in .cpp files only (compile time)")
forbid(IN "." LINE "${include}<iostream>" RULE "text is made with fmt, not with iostream")

list(LENGTH files count)
if(violations)
  message(FATAL_ERROR "layering: ${violations} violation(s) in ${count} files")
endif()
message(STATUS "layering: ${count} files keep to the rules")
