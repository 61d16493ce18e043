#!/usr/bin/env bash
# build_dmg.sh --version X.Y.Z [--skip-notarize] [--dry-run] [--substitute] [flags of `runbook installer macos`]
# Signing and notarizing are bound to macOS: elsewhere a real run stops before its first effect.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../../lib/with-node.sh" scripts/installer.ts macos "$@"
