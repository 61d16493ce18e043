#!/bin/sh
exec "$(dirname "$0")/with-node.sh" status-page.ts "$@"
