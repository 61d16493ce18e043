#!/usr/bin/env bash
# build-artifacts.sh VERSION [flags of scripts/build.ts]: files, digests and metadata, under dist unless --out names another folder
set -euo pipefail
version=()
if [[ $# -gt 0 && $1 != -* ]]; then
  version=(--version "${1#v}")
  shift
fi
exec "$(dirname "${BASH_SOURCE[0]}")/../lib/with-node.sh" scripts/build.ts "${version[@]}" "$@"
