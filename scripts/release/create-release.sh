#!/usr/bin/env bash
# create-release.sh VERSION [flags of scripts/release-pipeline.ts]: tag, notes and signed files of a checked commit
set -euo pipefail
version=()
if [[ $# -gt 0 && $1 != -* ]]; then
  version=(--version "${1#v}")
  shift
fi
exec "$(dirname "${BASH_SOURCE[0]}")/../lib/with-node.sh" scripts/release-pipeline.ts "${version[@]}" "$@"
