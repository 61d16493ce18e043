#!/usr/bin/env bash
# publish-packages.sh [flags of scripts/publish.ts]: publishes the packages that the registry does not have yet
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../lib/with-node.sh" scripts/publish.ts "$@"
