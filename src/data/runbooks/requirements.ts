import { referencesOf } from '../../../runner/model/runbook.ts'
import type { Requirements } from '../../../runner/model/requirements-schema.ts'
import { readRequirements } from '../../../runner/requirements.ts'
import type { ReadableRun } from '../../../runner/pages/readable-run.ts'
import { allRuns, isReadable } from '../runs/recorded-runs.ts'
import { remember } from '../remember.ts'
import { runbookPages, siteConfig } from './runbook-pages.ts'
import type { Page } from './runbook-pages.ts'

/** A place that refers to a requirement: a runbook, or one of its steps. */
interface Showing {
  slug: string
  title: string
  step?: { id: string; title: string }
  /** The newest run that shows it: it succeeded, or its step passed. */
  run?: { id: string; endedAt: string; practice: boolean }
}

export interface ShownRequirement {
  id: string
  /** Empty where there is no list of requirements. */
  says: string
  link?: string
  shownBy: Showing[]
}

/** Every requirement that is listed or referred to, in the order of the list. */
export const shownRequirements = remember(async () =>
  gather(
    readRequirements((await siteConfig()).content) ?? {},
    await runbookPages(),
    (await allRuns()).filter(isReadable),
  ),
)

/** Requirements with what shows them. @param runs newest first @internal */
export function gather(
  list: Requirements,
  pages: readonly Pick<Page, 'slug' | 'title' | 'meta' | 'steps'>[],
  runs: readonly Pick<ReadableRun, 'state' | 'plan'>[],
): ShownRequirement[] {
  const showings = pages.flatMap((page) => [
    ...(page.meta.refs ?? []).map((id) => ({ id, showing: ofPage(page, runs) })),
    ...page.steps.flatMap((step) =>
      referencesOf(step.attributes['refs']).map((id) => ({ id, showing: ofStep(page, step, id, runs) })),
    ),
  ])
  const ids = [...new Set([...Object.keys(list), ...showings.map(({ id }) => id)])]
  return ids.map((id) => ({
    id,
    says: list[id]?.says ?? '',
    ...(list[id]?.link !== undefined && { link: list[id].link }),
    shownBy: showings.filter((one) => one.id === id).map(({ showing }) => showing),
  }))
}

function ofPage({ slug, title }: Pick<Page, 'slug' | 'title'>, runs: Runs): Showing {
  return shown(
    { slug, title },
    runs.find(({ state }) => state.slug === slug && state.status === 'succeeded'),
  )
}

/** A step counts where the plan of its run referred to the requirement too: what was run then is what was meant. */
function ofStep(
  { slug, title }: Pick<Page, 'slug' | 'title'>,
  step: Page['steps'][number],
  id: string,
  runs: Runs,
): Showing {
  const run = runs.find(
    ({ state, plan }) =>
      state.slug === slug &&
      state.steps.get(step.id)?.status === 'passed' &&
      plan.steps.some((one) => one.id === step.id && referencesOf(one.attributes['refs']).includes(id)),
  )
  return shown({ slug, title, step: { id: step.id, title: step.title } }, run)
}

type Runs = readonly Pick<ReadableRun, 'state' | 'plan'>[]

function shown(showing: Showing, run: Runs[number] | undefined): Showing {
  if (run === undefined) return showing
  const { run: id, endedAt, startedAt, practice } = run.state
  return { ...showing, run: { id, endedAt: endedAt ?? startedAt, practice: practice === true } }
}
