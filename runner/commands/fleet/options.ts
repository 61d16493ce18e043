import { required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { string } from '../../kit/types.ts'

/** The order over targets that a decision is about. */
export const fleetArgs = { fleet: required(string('order')) }

export interface Deciding extends Pick<Call<typeof fleetArgs, object>, 'io' | 'args' | 'dryRun'> {
  options: { reason?: string | undefined; target?: string[] }
}
