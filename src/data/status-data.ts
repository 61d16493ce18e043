import { dirname, join } from 'node:path'
import { currentStatus, dayBars, uptime } from '../../runner/status/history.ts'
import type { Day } from '../../runner/status/history.ts'
import { isOpen, worst } from '../../runner/status/incident-file.ts'
import type { Component, ComponentStatus, Incident } from '../../runner/status/incident-file.ts'
import { readComponents, readIncidents } from '../../runner/status/read-incidents.ts'
import { siteConfig } from './runbooks/runbook-pages.ts'
import { remember } from './remember.ts'

export interface ShownComponent extends Component {
  status: ComponentStatus
  days: Day[]
  /** Share of the last 90 days without an outage, 0 to 1. */
  uptime: number
}

export interface StatusPage {
  status: ComponentStatus
  components: ShownComponent[]
  /** Newest first. */
  incidents: Incident[]
  open: Incident[]
}

/** The status page as its files say. A file that cannot be read stops the build and is named. */
export const statusPage = remember(read)

async function read(): Promise<StatusPage> {
  const folder = join(dirname((await siteConfig()).content), 'status')
  const incidents = readIncidents(folder)
  const now = Date.now()
  const components = readComponents(folder).map((component) => ({
    ...component,
    status: currentStatus(component.id, incidents),
    days: dayBars(component.id, incidents, now),
    uptime: uptime(component.id, incidents, now),
  }))
  const status = worst(components.map((component) => component.status))
  return { status, components, incidents, open: incidents.filter(isOpen) }
}

/** The words of a status for users, and whether it is good, bad or in between. */
export const statusWords: Record<ComponentStatus, [string, 'good' | 'bad' | 'open']> = {
  operational: ['works', 'good'],
  under_maintenance: ['under maintenance', 'open'],
  degraded_performance: ['slower than usual', 'open'],
  partial_outage: ['down for some', 'bad'],
  major_outage: ['down', 'bad'],
}

export function statusSign(status: ComponentStatus): string {
  const sign = { good: '✓', bad: '✕', open: '…' }[statusWords[status][1]]
  return `${sign} ${statusWords[status][0]}`
}

/** A share of a whole, 0 to 1, with the digits that it has, three at most. Less than the whole is never 100 %. */
export function percent(share: number): string {
  const rounded = Number((share * 100).toFixed(3))
  return `${rounded === 100 && share < 1 ? 99.999 : rounded} %`
}

/** An update in a feed: the same id for ever, whatever is added to the incident later. */
export function feedItems({ incidents }: Pick<StatusPage, 'incidents'>): {
  incident: Incident
  id: string
  at: string
  title: string
  body: string
}[] {
  return incidents
    .flatMap((incident) =>
      incident.updates.map(({ id, at, status, body }) => ({
        incident,
        id: `${incident.id}#${id}`,
        at,
        title: `${incident.drill ? 'Practice: ' : ''}${incident.title} (${status.replaceAll('_', ' ')})`,
        body,
      })),
    )
    .toSorted((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, 50)
}
