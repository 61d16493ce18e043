import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { environmentTable } from '../../../runner/engine/process/environment.ts'
import { eventsOf, runIds } from '../../support/attack/attack.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

function hashOf(root: string): string {
  const hash = createHash('sha256')
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    hash.update(`${path} ${statSync(path).mtimeMs} ${entry.isFile() ? readFileSync(path, 'latin1') : ''}\n`)
  }
  return hash.digest('hex')
}

test('a dry run, a plan and doctor write no file and send no request', async () => {
  let requests = 0
  const server = createServer((_, response) => (requests++, response.end()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const http = `<Http id="post" title="Post">\n\n\`\`\`http\nPOST http://127.0.0.1:${port}/\n\`\`\`\n\n</Http>\n`
  using space = workspace({ 'content/runbooks/r.mdx': page(commandStep('a', 'touch effect') + http) })
  const before = hashOf(space.root)
  for (const args of [['exec', 'r', '--dry-run', '--yes'], ['plan', 'r'], ['doctor', 'r'], ['doctor']]) {
    const { code, stderr } = await space.runbook(args)
    expect(code, stderr).toBe(0)
  }
  expect(hashOf(space.root)).toBe(before)
  expect(requests).toBe(0)
  server.close()
})

const needy =
  'requires:\n  commands: [no-such-program, "node >= 99"]\n  env: [NO_SUCH_VARIABLE]\n  files: [no-such-file]\n'

test('all that is missing is named at once, with its remedy, before the first effect', async () => {
  using space = workspace({ 'content/runbooks/r.mdx': page(commandStep('a', 'touch effect'), needy) })
  const ran = await space.runbook(['exec', 'r', '--yes'])
  expect(ran.code).toBe(1)
  for (const name of ['no-such-program', 'node >= 99', 'NO_SUCH_VARIABLE', 'no-such-file'])
    expect(ran.stderr).toContain(name)
  expect(ran.stderr).toContain('Install no-such-program')
  expect(runIds(space.root)).toEqual([])
  const doctor = await space.runbook(['doctor', 'r', '--json'])
  expect(doctor.code).toBe(1)
  const missing = (JSON.parse(doctor.stdout) as { ok: boolean; remedy: string }[]).filter(({ ok }) => !ok)
  expect(missing.map(({ remedy }) => remedy).every((remedy) => remedy !== '')).toBe(true)
  expect(missing.length).toBe(4)
})

test('a step finds the documented environment and nothing else of the shell', async () => {
  const script = 'env -0 | cut -z -d= -f1 | tr "\\\\0" "\\\\n" | sort > names'
  using space = workspace({
    'content/runbooks/r.mdx': page(
      commandStep('a', script.replaceAll('\\\\', '\\')),
      'inputs:\n  version:\n    type: string\n    default: "1"\nrequires:\n  env: [ASKED_FOR]\nenv:\n  FIXED: "1"\n',
    ),
  })
  const ran = await space.runbook(['exec', 'r', '--yes'], {
    ASKED_FOR: 'x',
    NOT_ASKED_FOR: 'x',
    LC_TIME: 'C',
  })
  expect(ran.code, ran.stderr).toBe(0)
  const documented = new Set(environmentTable.map(({ name }) => name))
  const ofTheShell = ['_', 'PWD', 'SHLVL', 'OLDPWD']
  const names = readFileSync(join(space.root, 'names'), 'utf8').trimEnd().split('\n')
  for (const name of ['PATH', 'HOME', 'RUNBOOK_RUN_ID', 'ASKED_FOR', 'FIXED', 'version'])
    expect(names).toContain(name)
  const others = names.filter(
    (name) => !documented.has(name) && !name.startsWith('LC_') && !ofTheShell.includes(name),
  )
  expect(others.toSorted()).toEqual(['ASKED_FOR', 'FIXED', 'version'])
  expect(eventsOf(space.root).at(-1)).toMatchObject({ type: 'run-ended' })
})
