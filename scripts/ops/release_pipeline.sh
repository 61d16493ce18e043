#!/bin/sh
exec "$(dirname "$0")/with-node.sh" release-pipeline.ts "$@"
