#!/usr/bin/env bash
# with-node.sh PROGRAM ARGUMENTS…: runs a program of this repository, such as scripts/smoke.ts, with Node 24 or later, whatever
# the system's Node is.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=$1
shift
# The steps of a runbook call node too, so that the Node that is found also comes first in PATH.
for path in "$root/node_modules/.bin:$PATH" "$PATH"; do
  if PATH=$path node -e 'process.exit(parseInt(process.versions.node) >= 24 ? 0 : 1)' 2>/dev/null; then
    export PATH=$path
    exec node "$root/$program" "$@"
  fi
done
echo "error: $program needs Node 24 or later, and the node in PATH is $(node --version 2>/dev/null || echo missing)" >&2
echo "  hint: Run npm install, which brings it." >&2
exit 2
