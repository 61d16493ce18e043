import { interleave, ratioRow } from './measure.ts'
import type { Row } from './measure.ts'
import { binary } from '../support/workspace.ts'

/** Start-up of the program against the platform doing nothing. */
export function startup(): Row[] {
  const [nothing, version, help] = interleave(
    [
      { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
      { name: 'runbook --version', command: [process.execPath, binary, '--version'] },
      { name: 'runbook --help', command: [process.execPath, binary, '--help'] },
    ],
    15,
  )
  return [
    ratioRow('runbook --version', version, nothing, 1.6),
    ratioRow('runbook --help', help, nothing, 2.5),
  ]
}
