#!/usr/bin/env bash
# build_msi.sh --version X.Y.Z [--skip-signing] [--dry-run] [flags of `runbook installer windows`]: on Linux and macOS, what build_msi.ps1
# does on Windows
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../../lib/with-node.sh" scripts/installer.ts windows "$@"
