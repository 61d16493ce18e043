#!/usr/bin/env bash
# build_packages.sh --version X.Y.Z [--dry-run] [flags of `runbook installer linux`]: a .deb and an .rpm
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../../lib/with-node.sh" scripts/installer.ts linux "$@"
