# shellcheck shell=bash
# What ./check and ./demo have in common: words for the person, and the packages.  Sourced, never run.

say() { printf '==> %s\n' "$*" >&2; }
die() {
  printf 'pktwalk: %s\n' "$*" >&2
  exit 1
}

# wanted_packages KIND...: the packages of these kinds in cmake/debian-packages.txt, one a line.
wanted_packages() {
  local kind package rest
  while read -r kind package rest; do
    case " $* " in *" $kind "*) echo "$package" ;; esac
  done <cmake/debian-packages.txt
}

missing_packages() {
  local package
  for package in $(wanted_packages "$@"); do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# install_packages KIND...: installs what is missing of these kinds; says so before it does.
install_packages() {
  local missing sudo=() log=build/apt.log
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die "this system has no apt-get, so nothing can be installed here. Install the counterparts of these Debian
packages yourself and call again with --no-install: $(wanted_packages "$@" | tr '\n' ' ')"
  fi
  missing=$(missing_packages "$@" | tr '\n' ' ')
  missing=${missing% }
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      die "packages are missing, and there is neither root nor sudo to install them. As root: apt-get install $missing"
    sudo=(sudo)
  fi
  say "installing Debian packages${sudo:+ (with sudo)}: $missing"
  mkdir -p build
  # No recommended packages: they would double the download and nothing here uses them.
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update >"$log" 2>&1 ||
    say "apt-get update failed (see $log); trying with the lists that are here"
  # shellcheck disable=SC2086  # a list of words
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing \
    </dev/null >>"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    die "apt-get could not install: $missing (everything it said is in $log)"
  }
}

# configure PRESET: only when it was not done; ninja itself configures again after a change of the build.
configure() {
  [ -f "build/$1/build.ninja" ] && return 0
  cmake --preset "$1"
}
