#!/bin/sh
# Before a removal, not an upgrade: dpkg says `remove`, rpm 0. The accounts stay, for the files that they own.
set -e
case "${1:-}" in
  remove | 0) if [ -d /run/systemd/system ]; then systemctl disable --now runbook-alerts runbook-runner; fi ;;
esac
