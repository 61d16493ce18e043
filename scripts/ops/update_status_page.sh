#!/bin/sh
exec node "$(dirname "$0")/../status-page.ts" "$@"
