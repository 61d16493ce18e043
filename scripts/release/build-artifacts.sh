#!/usr/bin/env bash
# build-artifacts.sh VERSION [flags of scripts/build.ts]: files, digests and metadata, under dist unless --out names another folder
set -euo pipefail
version=${1:?"Give the version, such as 1.4.0."}
shift
exec "$(dirname "${BASH_SOURCE[0]}")/../lib/with-node.sh" scripts/build.ts --version "${version#v}" "$@"
