import { dirname, join } from 'node:path'
import { listStoredAlerts } from '../../../runner/alerts/alert-store.ts'
import { readIncidents } from '../../../runner/status/read-incidents.ts'
import { allAlerts } from '../runbooks/linked-alerts.ts'
import { runbookGroups } from '../runbooks/runbook-groups.ts'
import type { RunbookGroup } from '../runbooks/runbook-groups.ts'
import { siteConfig } from '../runbooks/runbook-pages.ts'
import { isDev, remember } from '../remember.ts'
import { lastRuns } from './recorded-runs.ts'

/** The services that have figures: one of their runbooks ran, an incident names them, or an alert of theirs was received. */
export const figuredServices = remember(async (): Promise<RunbookGroup[]> => {
  const { content, state } = await siteConfig()
  const ran = await lastRuns()
  const struck = new Set(
    readIncidents(join(dirname(content), 'status')).flatMap(({ updates }) =>
      updates.flatMap(({ components }) => Object.keys(components)),
    ),
  )
  const received = new Set(
    (isDev() ? [] : listStoredAlerts(state)).map(({ alert }) => alert.labels['alertname']),
  )
  const alarmed = new Set(
    (await allAlerts()).flatMap(({ name, services }) => (received.has(name) ? services : [])),
  )
  return (await runbookGroups()).filter(
    ({ by, words, pages }) =>
      by === 'service' &&
      (struck.has(words) || alarmed.has(words) || pages.some(({ slug }) => ran.has(slug))),
  )
})

/** Below the site, such as `/kpi/service/storefront/`. */
export function figuresPath({ path }: RunbookGroup): string {
  return path.replace('/by/', '/kpi/')
}
