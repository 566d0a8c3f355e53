# A kind of thing is one file plus one test, found by the build.
#
#   pktwalk_registry(TARGET DIR folder PREFIX match_ TYPE MatchDef HEADER model/netfilter/match.h
#                    TESTS tests/model/netfilter/matches)
#
# globs DIR for PREFIX*.cpp, adds the files to TARGET, and generates the table that registered<TYPE>() returns:
# every such file defines `const TYPE <stem>` with external linkage.  A file without a test of the same stem stops
# the configuration with a sentence.
function(pktwalk_registry target)
  cmake_parse_arguments(ARG "" "DIR;PREFIX;TYPE;HEADER;TESTS" "" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${ARG_DIR}/${ARG_PREFIX}*.cpp")
  list(SORT sources)
  if(NOT sources AND NOT EXISTS "${PROJECT_SOURCE_DIR}/${ARG_HEADER}")
    return()  # neither the kind nor a thing of it exists yet
  endif()
  target_sources(${target} PRIVATE ${sources})

  set(declarations "")
  set(entries "")
  foreach(source IN LISTS sources)
    get_filename_component(stem "${source}" NAME_WE)
    string(APPEND declarations "extern const ${ARG_TYPE} ${stem};\n")
    string(APPEND entries "      &${stem},\n")
    if(ARG_TESTS AND NOT EXISTS "${PROJECT_SOURCE_DIR}/${ARG_TESTS}/${stem}_test.cpp")
      message(FATAL_ERROR "${ARG_DIR}/${stem}.cpp has no test: write ${ARG_TESTS}/${stem}_test.cpp")
    endif()
  endforeach()

  set(content "// Generated from the files in ${ARG_DIR}; do not edit.
#include \"${ARG_HEADER}\"
namespace pktwalk {
${declarations}
template <>
std::span<const ${ARG_TYPE}* const> registered<${ARG_TYPE}>() {
  static constexpr std::array<const ${ARG_TYPE}*, @count@> all{
${entries}  };
  return all;
}
}  // namespace pktwalk
")
  list(LENGTH sources count)
  string(REPLACE "@count@" "${count}" content "${content}")
  set(generated "${PROJECT_BINARY_DIR}/registry/${ARG_TYPE}.cpp")
  file(GENERATE OUTPUT "${generated}" CONTENT "${content}")
  target_sources(${target} PRIVATE "${generated}")
endfunction()
