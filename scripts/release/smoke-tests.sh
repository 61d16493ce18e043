#!/usr/bin/env bash
# smoke-tests.sh [ENVIRONMENT or URL] [flags of scripts/smoke.ts]; the default is local
set -euo pipefail
target=(--environment local)
if [[ $# -gt 0 && $1 != -* ]]; then
  target=(--environment "$1")
  if [[ $1 == http*://* ]]; then target=(--url "$1"); fi
  shift
fi
exec "$(dirname "${BASH_SOURCE[0]}")/../lib/with-node.sh" scripts/smoke.ts "${target[@]}" "$@"
