#!/usr/bin/env bash
# release_pipeline.sh --version X.Y.Z [--dry-run] [--skip-macos] [--skip-windows] [flags of scripts/release-pipeline.ts]
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../lib/with-node.sh" scripts/release-pipeline.ts "$@"
