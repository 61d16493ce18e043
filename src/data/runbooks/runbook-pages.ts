import { readFileSync } from 'node:fs'
import { loadConfig } from '../../../runner/config.ts'
import type { Diagnostic } from '../../../runner/model/diagnostic.ts'
import type { Meta } from '../../../runner/model/meta.ts'
import type { PlannedStep } from '../../../runner/model/plan.ts'
import type { Step } from '../../../runner/model/runbook.ts'
import { readings } from '../../build/document-readings.ts'
import { plannedFrom } from '../../remark/planned-step.ts'
import { remember } from '../remember.ts'
import { apartIn } from '../../../runner/pages/tell-apart.ts'

/** A document as the pages need it. */
export interface Page {
  slug: string
  /** Plain Markdown is shown unchanged; its steps have addresses and no cards. */
  format: 'mdx' | 'md'
  /** Relative to the project, for the edit link and for messages. */
  file: string
  title: string
  /** Where others have the same title, what tells them apart in a list: its folder, or its slug where that is the same too. */
  folder?: string
  meta: Partial<Meta>
  steps: PlannedStep[]
  sha256: string
  /** Findings that refuse the document. A build has none: it stops at them. */
  errors: readonly Diagnostic[]
}

const root = process.cwd()

export const siteConfig = remember(() => loadConfig(root, process.env))

/** Every document, as the runner's own reader reads it. */
export const runbookPages = remember(readPages)

async function readPages(): Promise<Page[]> {
  const read = await readings(await siteConfig(), root)
  const sharing = Map.groupBy(read, ({ document }) => document.meta.title)
  return read.map(({ document: { slug, format, file, meta, sha256, steps }, diagnostics }) => ({
    slug,
    format,
    file,
    title: meta.title,
    ...apartIn(
      slug,
      (sharing.get(meta.title) ?? []).map(({ document }) => document.slug),
    ),
    meta,
    steps: plannedOnce(steps),
    sha256,
    errors: diagnostics.filter(({ severity }) => severity === 'error'),
  }))
}

const planned = new WeakMap<readonly Step[], PlannedStep[]>()

/** In `site dev` most documents are as they were before a change. */
function plannedOnce(steps: readonly Step[]): PlannedStep[] {
  const before = planned.get(steps) ?? steps.map(plannedFrom)
  planned.set(steps, before)
  return before
}

/** Today's text of a runbook, to compare a run's with. */
export async function currentText(slug: string): Promise<string | undefined> {
  const page = (await runbookPages()).find((candidate) => candidate.slug === slug)
  return page && readFileSync(page.file, 'utf8')
}
