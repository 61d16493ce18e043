import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { binary, commandStep, page, workspace } from '../support/workspace.ts'
import { interleave, ratioRow } from './measure.ts'
import type { Row } from './measure.ts'

const zx = fileURLToPath(import.meta.resolve('zx/cli'))

/** Three steps that do nothing: journalled, synced and checked here, only run by zx and bash. */
export function execThree(packaged: string): Row[] {
  const steps = ['one', 'two', 'three'].map((id) => commandStep(id, 'true')).join('\n')
  using space = workspace({
    'content/runbooks/three.mdx': page(steps),
    'three.mjs': 'await $`true`\nawait $`true`\nawait $`true`\n',
    'three.sh': 'bash -c true\nbash -c true\nbash -c true\n',
  })
  const cwd = space.root
  const exec = ['exec', 'three', '--yes', '--quiet']
  const [ours, theirs, shell, source] = interleave(
    [
      { name: 'runbook exec', command: [process.execPath, packaged, ...exec], cwd },
      { name: 'zx', command: [process.execPath, zx, join(cwd, 'three.mjs')], cwd },
      { name: 'bash', command: ['bash', join(cwd, 'three.sh')], cwd },
      { name: 'runbook exec', command: [process.execPath, binary, ...exec], cwd },
    ],
    31,
  )
  return [
    ratioRow('exec of three steps', ours, theirs, 1),
    ratioRow('exec of three steps, from source', source, theirs, Infinity),
    ratioRow('exec of three steps', ours, shell, Infinity),
  ]
}
