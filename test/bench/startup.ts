import { interleave, ratioRow } from './measure.ts'
import type { Row } from './table.ts'

/** Start-up of the program against the platform doing nothing. `packaged` is the program as it is installed. */
export function startup(packaged: string): Row[] {
  const [nothing, version, help] = interleave(
    [
      { name: '`node -e 0`', command: [process.execPath, '-e', '0'] },
      { name: 'runbook --version', command: [process.execPath, packaged, '--version'] },
      { name: 'runbook --help', command: [process.execPath, packaged, '--help'] },
    ],
    15,
  )
  return [
    ratioRow('`runbook --version`', version, nothing, 1.15),
    ratioRow('`runbook --help`', help, nothing, 2),
  ]
}
