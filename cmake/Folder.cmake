# pktwalk_folder(TARGET folder [EXCLUDE regex]): gives TARGET every source below folder, but for those that a registry
# adds (cmake/Registry.cmake), and lists every header, so that the target
# all_verify_interface_header_sets compiles each of them alone.
function(pktwalk_folder target folder)
  cmake_parse_arguments(ARG "" "EXCLUDE" "" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.h")
  list(FILTER sources EXCLUDE REGEX "/(matches/match_|targets/target_|trackers/ct_|parse/parse_)[^/]*$")
  if(ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${ARG_EXCLUDE}")
  endif()
  if(NOT sources)  # a library needs one source, also while its folder is empty
    set(sources "${PROJECT_BINARY_DIR}/empty/${target}.cpp")
    file(CONFIGURE OUTPUT "${sources}" CONTENT "// ${folder}/ has no source of its own yet.\n")
  endif()
  target_sources(${target} PRIVATE ${sources})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${headers})
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE pktwalk_warnings)
endfunction()
