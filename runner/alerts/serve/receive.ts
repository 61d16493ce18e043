import type { Runbook } from '../../model/runbook.ts'
import { fingerprintOf } from '../fingerprint.ts'
import { proposalOfAlert, valueProblems } from '../proposal.ts'
import { readStoredAlert, storedFingerprints, writeStoredAlerts } from '../alert-store.ts'
import type { StoredAlert } from '../alert-store.ts'
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
  /** How many the sender left out. */
  truncated: number
}

/** After so many alerts the program looks at its other work: signals, and who else asks. */
const breath = 25

interface Taking extends Receiver {
  /** The alerts to write, by fingerprint. */
  changed: Map<string, StoredAlert>
  /** Fingerprints of those that were not known. */
  fresh: Set<string>
  kept: number
}

/** Takes a webhook in: each alert is on the disk before it is answered for, and the work for each is bounded. */
export async function receive(webhook: Webhook, receiver: Receiver): Promise<Received> {
  const received: Received = {
    new: 0,
    repeated: 0,
    resolved: 0,
    refused: 0,
    truncated: webhook.truncatedAlerts,
  }
  const kept = storedFingerprints(receiver.state).length
  const taking: Taking = { ...receiver, changed: new Map(), fresh: new Set(), kept }
  for (const [index, alert] of webhook.alerts.entries()) {
    received[take(alert, taking)] += 1
    if (index % breath === breath - 1) await new Promise((resume) => setImmediate(resume))
  }
  await writeStoredAlerts(receiver.state, [...taking.changed.values()])
  for (const fingerprint of taking.fresh) {
    const stored = taking.changed.get(fingerprint)
    // One that is over by the end of the same webhook needs nobody.
    if (stored?.alert.status === 'firing') receiver.onNew(stored)
  }
  return received
}

function take(alert: Alert, taking: Taking): 'new' | 'repeated' | 'resolved' | 'refused' {
  const { state, now, changed } = taking
  const fingerprint = fingerprintOf(alert)
  const previous = changed.get(fingerprint) ?? readStoredAlert(state, fingerprint)
  const at = now().toISOString()
  if (previous && (alert.status === 'resolved' || isSame(previous, alert))) {
    changed.set(fingerprint, {
      ...previous,
      alert: { ...previous.alert, status: alert.status, endsAt: alert.endsAt },
      lastAt: at,
      times: previous.times + 1,
    })
    return alert.status === 'resolved' ? 'resolved' : 'repeated'
  }
  if (alert.status === 'resolved') return 'resolved'
  if (!previous && taking.kept >= taking.most) return 'refused'
  if (!previous) taking.kept += 1
  const stored = propose(alert, fingerprint, at, taking)
  changed.set(fingerprint, stored)
  taking.fresh.add(fingerprint)
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
  const proposed = proposalOfAlert(alert, documents, site)
  if (!proposed.ok) return { ...stored, problems: [proposed.problem.message] }
  const { value: proposal } = proposed
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
