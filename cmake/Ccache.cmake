# Compiles through ccache where it is installed, so that a second checkout of the same sources, or another
# build folder, costs next to nothing.  base_dir and nohashdir let checkouts in different folders share results;
# precompiled headers, and files that a checkout wrote a moment ago, need the sloppiness.
find_program(PKTWALK_CCACHE ccache)
if(PKTWALK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_BASEDIR=${PROJECT_SOURCE_DIR};CCACHE_NOHASHDIR=1;CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime;${PKTWALK_CCACHE}")
endif()
# Names in assertions and debug information are relative to the project, wherever it was built.
add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")  # else ccache takes every new precompiled header for a change
endif()
