import { isOverdue } from '../../../runner/model/review.ts'
import { drillPromise, lapsedWords } from '../../../runner/model/drill.ts'
import { lastDrillOf } from '../../../runner/stats/run-evidence.ts'
import { runbookTexts } from '../../build/runbook-texts.ts'
import { pageKey } from '../page-key.ts'
import { isDev } from '../remember.ts'
import { declaredImpacts } from '../severities.ts'
import { runsOf } from '../runs/recorded-runs.ts'
import { approversOf } from './approvers.ts'
import { changesOf } from './file-changes.ts'
import { alertsOf } from './linked-alerts.ts'
import { siteConfig } from './runbook-pages.ts'
import type { Page } from './runbook-pages.ts'
import { dashboardsOf } from './service-dashboards.ts'

/**
 * The digest of everything that a runbook's page shows: two builds of one digest and one version of the code give the same page. Undefined where a workspace has step kinds of its own, whose code is not
 * known, so that the page is made at each build.
 */
export async function pageDigest(page: Page): Promise<string | undefined> {
  const { kinds, lang, edit } = await siteConfig()
  if (isDev() || kinds.own) return undefined
  const text = await runbookTexts().digestOf(page.slug)
  if (text === undefined) return undefined
  const runs = await runsOf(page.slug)
  const now = new Date()
  return pageKey({
    text,
    page,
    lang,
    edit,
    impacts: [...(await declaredImpacts())],
    alerts: await alertsOf(page.slug),
    dashboards: await dashboardsOf(page.meta.services ?? []),
    changes: await changesOf(page.file),
    approvers: await approversOf(page.steps),
    runs: runs.map(({ run, plan, events, verification, signatures }) => [
      run,
      plan,
      events,
      verification,
      signatures,
    ]),
    overdue: isOverdue(page.meta, now.toISOString().slice(0, 10)),
    lapsed: lapsedWords(drillPromise(page.meta, lastDrillOf(runs), now.getTime())),
  })
}
