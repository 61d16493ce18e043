#!/bin/sh
# with-node.sh PROGRAM ARGUMENTS…: runs a program of scripts/ with Node 24, whatever the system's Node is.
here=$(cd "$(dirname "$0")" && pwd)
program=$1
shift
for node in "$here/../../node_modules/.bin/node" node; do
  if "$node" -e 'process.exit(parseInt(process.versions.node) >= 24 ? 0 : 1)' 2>/dev/null; then
    exec "$node" "$here/../$program" "$@"
  fi
done
echo "error: scripts/$program needs Node 24 or later, and the node in PATH is $(node --version 2>/dev/null || echo missing)" >&2
echo "  hint: Run npm install, which brings it." >&2
exit 2
