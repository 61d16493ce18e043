import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandStep, page, workspace } from '../support/workspace.ts'
import { interleave, ratioRow } from './measure.ts'
import { settle } from './settle.ts'
import type { Row } from './table.ts'

const zx = fileURLToPath(import.meta.resolve('zx/cli'))

/** Three steps that do nothing: journalled, synced and checked here, only run by zx and bash. */
export async function execThree(packaged: string): Promise<Row[]> {
  await settle()
  const steps = ['one', 'two', 'three'].map((id) => commandStep(id, 'true')).join('\n')
  using space = workspace({
    'content/runbooks/three.mdx': page(steps),
    'three.mjs': 'await $`true`\nawait $`true`\nawait $`true`\n',
    'three.sh': 'bash -c true\nbash -c true\nbash -c true\n',
  })
  const cwd = space.root
  const exec = ['exec', 'three', '--yes', '--quiet']
  const [ours, theirs, shell, nothing] = interleave(
    [
      { name: 'runbook exec', command: [process.execPath, packaged, ...exec], cwd },
      { name: 'zx', command: [process.execPath, zx, join(cwd, 'three.mjs')], cwd },
      { name: 'bash', command: ['bash', join(cwd, 'three.sh')], cwd },
      { name: '`node -e 0`', command: [process.execPath, '-e', '0'], cwd },
    ],
    31,
  )
  return [
    ratioRow('`exec` of three steps that do nothing', ours, theirs, 0.95),
    ratioRow('the same', ours, nothing, 3.8),
    ratioRow('the same', ours, shell),
  ]
}
