import { defineCommand, withDefault } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'
import { integer } from '../../../kit/types.ts'

const args = {}

const options = { port: withDefault(integer(1, 65_535), '4321', 'Where to listen.') }

export type Request = Call<typeof args, typeof options>

export const siteDev = defineCommand({
  name: 'site dev',
  summary: 'Show the pages on loopback, and update them as files change.',
  args,
  options,
  effect: 'serve',
  examples: ['runbook site dev', 'runbook site dev --port 8080'],
  load: async () => ({ run: (await import('../site-command.ts')).dev }),
})
