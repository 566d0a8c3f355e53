// SPDX-License-Identifier: MIT
#include "tests/program/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "tests/support/temp_folder.h"

namespace pktwalk::testing {

Ran run_program(const std::vector<std::string>& words) {
  const TempFolder folder;
  const std::string out = folder.path("out"), err = folder.path("err");
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  constexpr int kNew = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.c_str(), kNew, 0600);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err.c_str(), kNew, 0600);
  pid_t child = 0;
  const int failed = posix_spawn(&child, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) {
    return {
        .status = -1, .out = {}, .err = "cannot start " + words[0] + ": " + std::strerror(failed)};
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = read_file(out),
          .err = read_file(err)};
}

Ran run_shell(const std::string& line) { return run_program({"/bin/sh", "-c", line}); }

std::string pktwalk_program() {
  const char* const path = std::getenv("PKTWALK_PROGRAM");
  return path == nullptr ? "PKTWALK_PROGRAM-is-not-set" : path;
}

}  // namespace pktwalk::testing
