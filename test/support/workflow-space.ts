import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A workspace with our runbooks, and this repository's program as its installed `runbook`. */
export function operationsSpace(space: string, root: string): void {
  mkdirSync(join(space, 'node_modules/.bin'), { recursive: true })
  writeFileSync(join(space, 'package.json'), '{ "name": "operations", "private": true }')
  symlinkSync(join(root, 'runner/main.mjs'), join(space, 'node_modules/.bin/runbook'))
  cpSync(join(root, 'content'), join(space, 'content'), { recursive: true })
}
