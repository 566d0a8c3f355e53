#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Make every capture anew. The packet numbers in captures/README.md are those of the files that stand beside it.
set -euo pipefail
cd "$(dirname "$0")"
for script in *.sh; do
    case $script in all.sh | lib.sh) ;; *) "./$script" ;; esac
done
