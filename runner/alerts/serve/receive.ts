import type { Runbook } from '../../model/runbook.ts'
import { fingerprintOf } from '../fingerprint.ts'
import { proposalOfAlert, valueProblems } from '../proposal.ts'
import { listStoredAlerts, readStoredAlert, writeStoredAlert } from '../store.ts'
import type { StoredAlert } from '../store.ts'
import { alertName } from '../webhook.ts'
import type { Alert, Webhook } from '../webhook.ts'

export interface Receiver {
  state: string
  documents: readonly Runbook[]
  /** Address of our published site, which links may begin with. */
  site: string | undefined
  now: () => Date
  /** How many alerts are kept at most. */
  most: number
  /** Told of each alert that is new. */
  onNew(stored: StoredAlert): void
}

/** How many alerts of a webhook were new, said again, or over. */
export interface Received {
  new: number
  repeated: number
  resolved: number
  refused: number
}

/** Takes a webhook in: each alert is on the disk before it is answered for. */
export function receive(webhook: Webhook, receiver: Receiver): Received {
  const received: Received = { new: 0, repeated: 0, resolved: 0, refused: 0 }
  for (const alert of webhook.alerts) received[take(alert, receiver)] += 1
  return received
}

function take(alert: Alert, receiver: Receiver): keyof Received {
  const { state, now } = receiver
  const fingerprint = fingerprintOf(alert)
  const known = readStoredAlert(state, fingerprint)
  const at = now().toISOString()
  if (known && (alert.status === 'resolved' || isSame(known, alert))) {
    writeStoredAlert(state, {
      ...known,
      alert: { ...known.alert, status: alert.status, endsAt: alert.endsAt },
      lastAt: at,
      times: known.times + 1,
    })
    return alert.status === 'resolved' ? 'resolved' : 'repeated'
  }
  if (alert.status === 'resolved') return 'resolved'
  if (!known && listStoredAlerts(state).length >= receiver.most) return 'refused'
  const stored = propose(alert, fingerprint, at, receiver)
  writeStoredAlert(state, stored)
  receiver.onNew(stored)
  return 'new'
}

/** The same firing: Alertmanager sends it again at every repeat interval. */
function isSame({ alert }: StoredAlert, next: Alert): boolean {
  return alert.status === 'firing' && alert.startsAt === next.startsAt
}

function propose(alert: Alert, fingerprint: string, at: string, { documents, site }: Receiver): StoredAlert {
  const stored: StoredAlert = {
    format: 1,
    fingerprint,
    alert,
    firstAt: at,
    lastAt: at,
    times: 1,
    problems: [],
  }
  const proposal = proposalOfAlert(alert, documents, site)
  if ('problem' in proposal) return { ...stored, problems: [proposal.problem] }
  const document = documents.find(({ slug }) => slug === proposal.slug)
  const problems = document ? valueProblems(document, proposal.values) : new Map<string, string>()
  return {
    ...stored,
    proposal,
    problems: [...problems].map(([name, problem]) => `Input \`${name}\`: ${problem}`),
  }
}

/** The name of an alert as messages show it. */
export function shownName(stored: StoredAlert): string {
  return alertName(stored.alert).slice(0, 100) || stored.fingerprint
}
