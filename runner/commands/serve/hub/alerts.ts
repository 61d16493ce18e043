import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { fingerprintOf } from '../../../alerts/fingerprint.ts'
import { proposalOfAlert } from '../../../alerts/proposal.ts'
import { readWebhook } from '../../../alerts/webhook.ts'
import type { Alert } from '../../../alerts/webhook.ts'
import { plain } from '../../../http/request-rules.ts'
import { may } from '../../../permissions/may.ts'
import type { Action } from '../../../permissions/may.ts'
import { documentsOf } from '../../exec/run-from-alert.ts'
import { orderAlert } from '../../order/order-alert.ts'
import type { Room } from '../room.ts'
import { admitBearer, clientOf, proofOf } from './bearer.ts'
import { remoteAddress } from './hub.ts'
import type { Hub } from './hub.ts'
import type { Mirror } from './mirror.ts'
import { hubRoutes } from './routes.ts'
import { accessOfAll } from './situation.ts'

const alerting: Action = { verb: 'alert', on: 'runbook', act: true }

/** How many alerts of a webhook were ordered, ordered before, over, and led to no runbook of the token. */
type Counts = Record<'ordered' | 'repeated' | 'resolved' | 'refused', number>

/**
 * Adds the address for webhooks of Alertmanager and Grafana, for a token of a service. The order is signed by the key of the
 * hub's own service, which is its requester; the order names the token, too.
 */
export function addAlerts(
  app: Hono<{ Bindings: HttpBindings }>,
  hub: Hub,
  { io }: Room,
  mirror: Mirror | undefined,
): void {
  app.post(hub.base + hubRoutes.alerts.path, async (context) => {
    const bearer = await admitBearer(hub, context, hubRoutes.alerts, 'alert')
    if (bearer instanceof Response) return bearer
    const { service } = hub
    if (!mirror || !service)
      return plain(context, 409, 'This hub orders no runs: it has no team, or is not a service')
    const read = readWebhook(await context.req.text())
    if (!read.ok) return plain(context, 400, read.problem.message)
    const { config } = hub
    const { token, principal } = bearer
    const { rights } = hub.directory()
    const access = await accessOfAll(config)
    const documents = (await documentsOf(config, io)).filter(
      ({ slug }) => may(principal, alerting, { slug, access: access.get(slug) }, rights) === 'allow',
    )
    const desk = { config, io, port: mirror.port, service, client: clientOf(token.id) }
    const counts: Counts = { ordered: 0, repeated: 0, resolved: 0, refused: 0 }

    async function take(alert: Alert): Promise<{ kind: keyof Counts; about: string; words: string }> {
      if (alert.status === 'resolved') return { kind: 'resolved', about: '', words: 'resolved' }
      const proposal = proposalOfAlert(alert, documents, config.site)
      if (!proposal.ok) return { kind: 'refused', about: '', words: proposal.problem.message }
      const { slug } = proposal.value
      const left = await orderAlert(alert, proposal.value, desk)
      if (!left.ok) return { kind: 'refused', about: slug, words: left.problem.message }
      const { run, isNew } = left.value
      return isNew
        ? { kind: 'ordered', about: run, words: 'ordered' }
        : { kind: 'repeated', about: run, words: 'ordered before' }
    }

    const entry = { ...proofOf(token), act: 'alert', from: remoteAddress(context) }
    // The same alert twice in one webhook is one.
    const alerts = new Map(read.value.alerts.map((alert) => [fingerprintOf(alert), alert]))
    for (const [fingerprint, alert] of alerts) {
      await hub.audit({ ...entry, about: fingerprint, outcome: 'allowed' })
      const { kind, about, words } = await take(alert)
      counts[kind] += 1
      await hub.audit({ ...entry, about: about || fingerprint, outcome: words })
    }
    return context.json(counts, 200, { 'cache-control': 'no-store' })
  })
}
