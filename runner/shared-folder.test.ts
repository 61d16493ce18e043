import { chmodSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from './config.ts'

/** An account that is not the one of the tests. */
const other = 65_534
const isRoot = process.getuid?.() === 0

/** A folder like /tmp, with what another account put there, and a folder of the caller in it. */
function shared(mode: number, put: (folder: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'shared-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = put(folder)
  lchownSync(path, other, other)
  chmodSync(folder, mode)
  mkdirSync(join(folder, 'mine'))
  return folder
}

function configuration(folder: string): string {
  const path = join(folder, 'runbook.config.ts')
  writeFileSync(path, "export default { content: 'theirs' }\n")
  return path
}

test.runIf(isRoot)(
  'a configuration of another account is not run where every account can write',
  async () => {
    const folder = shared(0o1777, configuration)
    const problem = `\`${join(folder, 'runbook.config.ts')}\` belongs to another account`
    await expect(loadConfig(join(folder, 'mine'), {})).rejects.toThrow(problem)
    await expect(loadConfig(folder, {})).rejects.toThrow(problem)
  },
)

test.runIf(isRoot)('nor is a link of theirs to a file of the caller followed there', async () => {
  const folder = shared(0o777, (at) => {
    const path = join(at, 'runbook.config.ts')
    symlinkSync('/etc/hostname', path)
    return path
  })
  await expect(loadConfig(join(folder, 'mine'), {})).rejects.toThrow('belongs to another account')
})

test.runIf(isRoot)('nor are runbooks, a state folder or a list of keys believed there', async () => {
  for (const name of ['content', '.runbook', 'allowed_signers']) {
    const folder = shared(0o1777, (at) => {
      mkdirSync(join(at, name))
      if (name === 'content') mkdirSync(join(at, name, 'runbooks'))
      return join(at, name)
    })
    await expect(loadConfig(folder, {})).rejects.toThrow(`${join(folder, name)}\` belongs to another account`)
  }
})

test.runIf(isRoot)('nor are runbooks that the configuration names by `./`', async () => {
  const folder = shared(0o1777, (at) => {
    writeFileSync(join(at, 'runbook.config.ts'), "export default { content: './theirs' }\n")
    mkdirSync(join(at, 'theirs'))
    return join(at, 'theirs')
  })
  await expect(loadConfig(folder, {})).rejects.toThrow(
    `${join(folder, 'theirs')}\` belongs to another account`,
  )
})

test.runIf(isRoot)('a workspace that another account owns counts where others cannot write', async () => {
  const folder = shared(0o755, configuration)
  expect((await loadConfig(join(folder, 'mine'), {})).content).toBe(join(folder, 'theirs'))
})

test('a configuration of the caller counts in any folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shared-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o1777)
  configuration(folder)
  expect((await loadConfig(folder, {})).content).toBe(join(folder, 'theirs'))
})
