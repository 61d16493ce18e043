import { readRuleFiles } from '../../../runner/alerts/rule-files.ts'
import { belowBase, parseLink, targetOf } from '../../../runner/alerts/link.ts'
import { entry } from '../../../runner/alerts/rule.ts'
import type { AlertRule } from '../../../runner/alerts/rule.ts'
import { runbookPages, siteConfig } from './runbook-pages.ts'
import type { Page } from './runbook-pages.ts'
import { oldIds } from '../steps/step-facts.ts'
import { inOrder } from '../in-order.ts'
import { remember } from '../remember.ts'

/** An alert whose link leads to a runbook, with what its rule says where rule files are configured. */
export interface Alert {
  name: string
  slug: string
  /** Title of the runbook. */
  title: string
  /** Services of the runbook, by which dashboards are chosen. */
  services: readonly string[]
  step: string | undefined
  /** Who keeps the runbook right. */
  owner: string | undefined
  severity: string | undefined
  expr: string | undefined
  /** How long the expression must hold. */
  hold: string | undefined
}

/** Every alert that leads somewhere, by name. */
export const allAlerts = remember(readAll)

const bySlug = remember(async () => Map.groupBy(await allAlerts(), ({ slug }) => slug))

export async function alertsOf(slug: string): Promise<Alert[]> {
  return (await bySlug()).get(slug) ?? []
}

async function readAll(): Promise<Alert[]> {
  const { rules: wanted, root } = await siteConfig()
  const site = new URL(import.meta.env.BASE_URL, import.meta.env.SITE).href
  const rules = readRuleFiles(wanted, root).files.flatMap((file) => file.rules)
  const pages = await runbookPages()
  return pages.flatMap((page) => leadingTo(page, rules, site)).toSorted((a, b) => inOrder(a.name, b.name))
}

/** The alerts a runbook names, and those whose rule has a link to it. */
function leadingTo(page: Page, rules: readonly AlertRule[], site: string): Alert[] {
  const named = (page.meta.alerts ?? []) as { name: string; step?: string; severity?: string }[]
  const linked = rules
    .filter((rule) => slugOf(rule, site) === page.slug && !named.some(({ name }) => name === rule.name.value))
    .map((rule) => ({ name: rule.name.value, step: stepOf(rule, page), severity: undefined }))
  const once = new Map([...linked, ...named].map((alert) => [alert.name, alert]))
  return [...once.values()].map(({ name, step, severity }) => {
    const rule = rules.find((one) => one.name.value === name)
    return {
      name,
      slug: page.slug,
      title: page.title,
      services: page.meta.services ?? [],
      owner: page.meta.owner,
      step,
      severity: severity ?? (rule && entry(rule.labels, 'severity')?.value) ?? page.meta.severity,
      expr: rule?.expr?.value,
      hold: rule?.hold?.value,
    }
  })
}

function linkOf({ annotations }: AlertRule): string {
  return (entry(annotations, 'runbook_url') ?? entry(annotations, 'runbook'))?.value ?? ''
}

function slugOf(rule: AlertRule, site: string): string | undefined {
  const { address } = parseLink(linkOf(rule))
  const target = belowBase(address, site) === undefined ? undefined : targetOf(address, site)
  return target?.page === 'runbook' ? target.slug : undefined
}

/** A rule may name a step that is gone; `alerts check` says so, and the page links to the top. */
function stepOf(rule: AlertRule, { steps }: Page): string | undefined {
  const { anchor } = parseLink(linkOf(rule))
  return steps.find((step) => [step.id, ...oldIds(step)].includes(anchor))?.id
}
