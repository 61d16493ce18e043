#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import module from 'node:module'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 12)) {
  process.stderr.write(`error: runbook needs Node 24.12 or newer; this is ${process.versions.node}\n`)
  process.stderr.write(
    '  hint: Install a newer Node; or put one beside runbook with `npm install node@24`, and start it with `npx runbook`.\n',
  )
  process.exitCode = 1
} else if (process.platform === 'win32') {
  process.stderr.write(
    'error: Windows has no process groups and no signals, which runbook needs to end steps\n',
  )
  process.stderr.write('  hint: Use WSL 2, and keep the workspace on its own disk.\n')
  process.exitCode = 1
} else if (process.argv[2] === '--version' && process.argv.length === 3) {
  // The one question that needs none of the program.
  process.stdout.write(
    `${JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version}\n`,
  )
} else {
  // From the first moment on: Ctrl-C is told in a sentence also while the program is loaded.
  const interrupt = (signal) => {
    process.stderr.write('Interrupted. Nothing was changed.\n')
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, interrupt)
  const { compiledFolder } = await import('./cache-folder.ts')
  const compiled = compiledFolder(process.env, process.argv.slice(2))
  if (compiled !== undefined) module.enableCompileCache(compiled)
  const { ended } = await import('./commands/main.ts')
  for (const signal of signals) process.off(signal, interrupt)
  await ended
}
