#!/usr/bin/env bash
# create-release.sh VERSION [flags of scripts/release-pipeline.ts]: tag, notes and signed files of a checked commit
set -euo pipefail
version=${1:?"Give the version, such as 1.4.0."}
shift
exec "$(dirname "${BASH_SOURCE[0]}")/../lib/with-node.sh" scripts/release-pipeline.ts --version "${version#v}" "$@"
