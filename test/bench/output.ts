import { commandStep, page, workspace } from '../support/workspace.ts'
import { interleave, ratioRow } from './measure.ts'
import type { Row } from './table.ts'

/** Much output: streamed to a file, followed and digested, against the same bytes sent to a file by the shell. */
export function muchOutput(packaged: string): Row[] {
  const gibibyte = 'head -c 1073741824 /dev/zero'
  using space = workspace({
    'content/runbooks/plain.mdx': page(commandStep('print', gibibyte)),
    'content/runbooks/secret.mdx': page(
      commandStep('print', gibibyte),
      'inputs:\n  token:\n    type: secret\n',
    ),
    token: 'a-token-that-is-not-printed',
  })
  const cwd = space.root
  const exec = (name: string, ...more: string[]) =>
    [process.execPath, packaged, 'exec', name, '--yes', '--quiet', ...more] as const
  const [plain, secret, shell] = interleave(
    [
      { name: 'runbook exec', command: exec('plain'), cwd },
      { name: 'runbook exec', command: exec('secret', '-i', 'token=@token'), cwd },
      { name: '`cat > file`', command: ['bash', '-c', `${gibibyte} | cat > out; rm out`], cwd },
    ],
    2,
    0,
  )
  return [
    ratioRow('a step that prints 1 GiB', plain, shell, 2),
    ratioRow('the same, through the redactor', secret, shell),
  ]
}
