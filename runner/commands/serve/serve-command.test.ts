import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

/** The packages that a module and those that it imports at once load. */
function packagesOf(entry: string): Set<string> {
  const packages = new Set<string>()
  const files = new Set<string>()
  const pending = [entry]
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file) || !existsSync(file)) continue
    files.add(file)
    const source = readFileSync(file, 'utf8')
    for (const [, type, from = ''] of source.matchAll(
      /^(?:import|export)( type)? [^'()]*?from '([^']+)'/gm,
    )) {
      if (type !== undefined) continue
      if (from.startsWith('.')) pending.push(join(dirname(file), from))
      else packages.add(from.split('/')[0] ?? '')
    }
  }
  expect(files.size).toBeGreaterThan(20)
  return packages
}

const ofTeams = ['openid-client', 'jose', 'pg', '@dbos-inc']

test('the server of one machine loads none of the packages of a team', () => {
  const loaded = packagesOf(join(import.meta.dirname, 'serve-command.ts'))
  expect(ofTeams.filter((name) => loaded.has(name))).toEqual([])
  expect(packagesOf(join(import.meta.dirname, 'hub/open-hub.ts'))).toContain('openid-client')
})
