import { defineCommand, flag, optional, withDefault } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { filePath, integer, string } from '../../kit/types.ts'

const args = {}

const options = {
  site: optional(filePath('folder'), 'The built site. Default: dist/site.'),
  port: withDefault(integer(0, 65_535), '47901', 'Port to listen on; 0 selects a free one.'),
  host: withDefault(
    string('address'),
    'localhost',
    'A loopback address; others are refused without --hub. Passkeys work under `localhost` alone.',
  ),
  hub: flag(
    'Let people sign in at the provider that `hub` of runbook.config.ts names, behind a proxy with TLS.',
  ),
}

export type Request = Call<typeof args, typeof options>

export const serve = defineCommand({
  name: 'serve',
  summary: 'Serve the built site on this machine: runs as they are now, and every act that a terminal has.',
  args,
  options,
  effect: 'serve',
  events: true,
  examples: [
    'runbook serve',
    'runbook serve --site dist/site --port 8080',
    'runbook serve --hub --port 8080',
  ],
  load: () => import('./serve-command.ts'),
})
