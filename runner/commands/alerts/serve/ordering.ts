import { readStoredAlert, writeStoredAlert } from '../../../alerts/alert-store.ts'
import { fingerprintOf } from '../../../alerts/fingerprint.ts'
import { shownName } from '../../../alerts/serve/receive.ts'
import type { Webhook } from '../../../alerts/webhook.ts'
import type { Config } from '../../../config.ts'
import { printable } from '../../../kit/io.ts'
import type { Io } from '../../../kit/io.ts'
import { serviceOf } from '../../shared/team/service.ts'
import { openTeamOf } from '../../shared/team/open-team.ts'

/** Orders the runs of alerts that were stored. */
export interface Ordering {
  /** How many runs were ordered. Throws while the database cannot take them. */
  order(webhook: Webhook): Promise<{ ordered: number }>
  close(): Promise<void>
}

/** Opens the team's database for the service that this process is. */
export async function openOrdering(config: Config, io: Io): Promise<Ordering> {
  const service = await serviceOf(config, io)
  const { orderAlert } = await import('../../order/order-alert.ts')
  const port = await openTeamOf(config)
  const say = (event: object, words: string): void =>
    io.json ? io.out(JSON.stringify(event)) : io.note(printable(words))
  return {
    async order({ alerts }) {
      let ordered = 0
      for (const alert of alerts) {
        const fingerprint = fingerprintOf(alert)
        const stored = readStoredAlert(config.state, fingerprint)
        // Values that do not fit their inputs are for a person to correct.
        const isAsking = alert.status === 'firing' && stored?.problems.length === 0 && !stored.taken
        if (!isAsking || !stored.proposal) continue
        const left = await orderAlert(alert, stored.proposal, { config, io, port, service })
        if (!left.ok) {
          const { message } = left.problem
          say(
            { type: 'not-ordered', fingerprint, why: message },
            `  ${shownName(stored)} is not ordered: ${message}`,
          )
          continue
        }
        const { run, isNew } = left.value
        if (isNew) ordered += 1
        writeStoredAlert(config.state, {
          ...stored,
          taken: { run, by: service.actor.id, at: new Date().toISOString() },
        })
        say({ type: 'ordered', fingerprint, run, new: isNew }, `  ordered ${run}`)
      }
      return { ordered }
    },
    close: () => port.close(),
  }
}
