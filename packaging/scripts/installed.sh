#!/bin/sh
# After an installation or an upgrade. Without systemd there are no units, and they need no accounts.
set -e
if command -v systemd-sysusers >/dev/null; then systemd-sysusers runbook.conf; fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
