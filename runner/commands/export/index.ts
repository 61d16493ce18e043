import { defineCommand, optional, required, withDefault } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { choice, filePath, httpUrl } from '../../kit/types.ts'
import { keys, runName } from '../shared/options.ts'

const args = { run: required(runName) }

const options = {
  format: withDefault(
    choice(['bundle', 'json', 'markdown', 'html', 'junit', 'intoto', 'otlp']),
    'bundle',
    'Format; intoto is a signed attestation, otlp a trace for OpenTelemetry.',
  ),
  output: optional(filePath('path'), 'Destination. Default: a new folder for a bundle, else stdout.', {
    short: 'o',
  }),
  send: optional(httpUrl, 'For otlp: receiver that the trace is sent to, such as http://localhost:4318.'),
  key: optional(filePath('file'), 'For intoto: sign with this ed25519 key in PEM format instead.'),
  ...keys,
}

export type Request = Call<typeof args, typeof options>

export const exportRun = defineCommand({
  name: 'export',
  summary: 'Export a run: a bundle that can be checked without this program, or a report.',
  args,
  options,
  effect: 'write',
  interrupted: 'No file was left half written.',
  examples: [
    'runbook export last',
    'runbook export last --format html -o run.html',
    'runbook export last --format intoto',
    'runbook export last --format otlp --send http://localhost:4318',
  ],
  load: () => import('./export-command.ts'),
})
