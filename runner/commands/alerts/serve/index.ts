import { defineCommand, flag, optional, withDefault } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'
import { filePath, integer, string } from '../../../kit/types.ts'

const args = {}

const options = {
  host: withDefault(string('address'), '127.0.0.1', 'Where to listen.'),
  port: withDefault(integer(0, 65_535), '47900', 'Port to listen on; 0 selects a free one.'),
  secretFile: optional(
    filePath('file'),
    'File with the secret that senders must send as `Authorization: Bearer …`. Or RUNBOOK_ALERTS_SECRET.',
  ),
  basicAuthFile: optional(
    filePath('file'),
    'A line `user:password` that senders must send as basic authentication. Or RUNBOOK_ALERTS_BASIC_AUTH.',
  ),
  maxBody: withDefault(integer(1024, 67_108_864, 'bytes'), '1048576', 'Largest request.'),
  rate: withDefault(integer(1, 100_000), '120', 'Requests a minute.'),
  runs: withDefault(integer(0, 32), '2', 'Simultaneous diagnoses; 0 runs none.'),
  order: flag(
    'In a team: order the run of each alert, as the service that RUNBOOK_ACTOR names. However often it is sent, it is one run.',
  ),
}

export type Request = Call<typeof args, typeof options>

export const alertsServe = defineCommand({
  name: 'alerts serve',
  summary: 'Receive the webhooks of Alertmanager and propose the run for each alert.',
  args,
  options,
  effect: 'serve',
  events: true,
  examples: [
    'runbook alerts serve',
    'runbook alerts serve --host 0.0.0.0 --secret-file webhook.secret',
    'runbook alerts serve --order',
  ],
  load: () => import('./alerts-serve-command.ts'),
})
