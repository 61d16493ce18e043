import { defineCommand, flag } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'

const args = {}

const options = { browser: flag('Make a passkey on a page of this machine.') }

export type Request = Call<typeof args, typeof options>

export const keysAdd = defineCommand({
  name: 'keys add',
  summary: 'Have your security key, or a new passkey, sign once, and print its line for allowed_signers.',
  args,
  options,
  effect: 'write',
  noDryRun:
    'it changes no file: a passkey is made on your device, and the line is printed for a reviewed change.',
  examples: ['runbook keys add', 'runbook keys add --browser'],
  load: () => import('./keys-add-command.ts'),
})
