import { defineCommand, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { keeping, keys, ofTeam, outside, runName } from '../shared/options.ts'

const args = { run: required(runName, '', { form: 'run or folder' }) }

const options = { team: ofTeam, ...keys, ...keeping, ...outside }

export type Request = Call<typeof args, typeof options>

export const verify = defineCommand({
  name: 'verify',
  summary: 'Check the evidence of a run: every check with its result; exit 1 when one fails.',
  args,
  options,
  effect: 'read',
  examples: [
    'runbook verify last',
    'runbook verify ./bundle --allowed-signers ./allowed_signers',
    'runbook verify last --anchor-repo ../evidence',
  ],
  load: () => import('./verify-command.ts'),
})
