#!/usr/bin/env node
import module from 'node:module'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 12)) {
  process.stderr.write(`error: runbook needs Node 24.12 or newer; this is ${process.versions.node}\n`)
  process.stderr.write(
    '  hint: Install a newer Node, or start it with `npx runbook` where it is installed with npm.\n',
  )
  process.exit(1)
}
module.enableCompileCache()
await import('./cli/main.ts')
