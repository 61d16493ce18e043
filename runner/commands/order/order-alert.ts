import { fingerprintOf } from '../../alerts/fingerprint.ts'
import type { Proposal } from '../../alerts/proposal.ts'
import { alertName } from '../../alerts/webhook.ts'
import type { Alert } from '../../alerts/webhook.ts'
import type { Config } from '../../config.ts'
import type { Io } from '../../kit/io.ts'
import { failure, isProblemError, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { TeamDesk } from '../../team/port.ts'
import { Away } from '../../team/refusals.ts'
import { mayOrder } from '../shared/team/service.ts'
import type { Service } from '../shared/team/service.ts'
import { leaveOrder, orderFor } from './order-for.ts'
import type { Left } from './order-for.ts'

/** How long a runner may take the order of an alert, in milliseconds. */
const expiresMs = 24 * 3_600_000

export interface AlertDesk {
  config: Config
  io: Io
  port: Pick<TeamDesk, 'enqueue' | 'runs'>
  service: Service
  /** The token of the sender, for the record. */
  client?: string
}

/**
 * Orders the run that an alert proposes, as a service. A failure says why there is none. Throws Away while the database cannot
 * take it: the sender sends the alert again.
 */
export async function orderAlert(
  alert: Alert,
  { slug, step, values }: Proposal,
  { config, io, port, service, client }: AlertDesk,
): Promise<Outcome<Left>> {
  const { actor, signer } = service
  if (!mayOrder(config, actor.id, 'alert', slug))
    return failure(`people.yaml does not give ${actor.id} the right \`alert:${slug}\``)
  const { startsAt } = alert
  const wanted = {
    name: slug,
    prefilled: values,
    from: step || undefined,
    alert: { fingerprint: fingerprintOf(alert), name: alertName(alert).slice(0, 200), startsAt },
  }
  const by = { ...actor, via: 'alert', ...(client === undefined ? {} : { client }) }
  const silent = { ...io, interactive: false }
  try {
    const order = await orderFor({ wanted, by, expiresMs }, config, silent)
    return success(await leaveOrder(port, order, signer))
  } catch (error) {
    if (error instanceof Away || !isProblemError(error)) throw error
    return failure(error.message)
  }
}
