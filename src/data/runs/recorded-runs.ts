import { loadedKinds } from '../kinds.ts'
import type { Around, Links } from '../../../runner/pages/run-addresses.ts'
import { linksFrom } from '../../../runner/pages/run-addresses.ts'
import { isReadable, readRunOrProblem, runIds } from '../../../runner/pages/readable-run.ts'
import type { RunOrProblem, ReadableRun } from '../../../runner/pages/readable-run.ts'
import { currentText, runbookPages, siteConfig } from '../runbooks/runbook-pages.ts'
import { judge } from './judge-signatures.ts'
import { oldIds } from '../steps/step-facts.ts'
import { isDev, remember } from '../remember.ts'

export { isReadable } from '../../../runner/pages/readable-run.ts'
export { runStatusWords } from '../../../runner/journal/story/tone.ts'
export type { RunOrProblem, ReadableRun } from '../../../runner/pages/readable-run.ts'

const checkedAt = new Date().toISOString()

/** Every run of the state folder, newest first; none when there is no such folder. */
export const allRuns = remember(readAll)

const bySlug = remember(async () =>
  Map.groupBy((await allRuns()).filter(isReadable), ({ state }) => state.slug),
)

export async function runsOf(slug: string): Promise<ReadableRun[]> {
  return (await bySlug()).get(slug) ?? []
}

/** The state of the last run of each runbook, by slug. */
export const lastRuns = remember(async () => {
  const newestLast = (await allRuns()).filter(isReadable).toReversed()
  return new Map(newestLast.map(({ state }) => [state.slug, state]))
})

async function readAll(): Promise<RunOrProblem[]> {
  // Every account of this machine can reach the port of `site dev`; runs are readable by their owner alone.
  if (isDev()) return []
  const { state } = await siteConfig()
  const judgeOf = await judge()
  return runIds(state).map((run) => readRunOrProblem(state, run, judgeOf))
}

export function links(): Links {
  return linksFrom(import.meta.env.BASE_URL.replace(/\/?$/, '/'))
}

/** The data of the site for the page of a run. */
export async function around({ state }: ReadableRun): Promise<Around> {
  const page = (await runbookPages()).find(({ slug }) => slug === state.slug)
  const text = await currentText(state.slug)
  // A run outlives its document: what is no longer there is named, and not linked.
  const anchors = new Set(page?.steps.flatMap((step) => [step.id, ...oldIds(step)]))
  const today = page && text !== undefined ? { text, sha256: page.sha256, anchors } : undefined
  return { links: links(), today, kinds: loadedKinds, checkedAt }
}
