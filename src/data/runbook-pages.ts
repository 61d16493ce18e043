import { readFileSync } from 'node:fs'
import { loadConfig } from '../../runner/config.ts'
import type { Config } from '../../runner/config.ts'
import type { Meta } from '../../runner/model/meta.ts'
import type { PlannedStep } from '../../runner/model/plan.ts'
import { readings } from '../build/document-readings.ts'
import { plannedFrom } from '../remark/planned-step.ts'

/** A document as the pages need it. */
export interface Page {
  slug: string
  /** Plain Markdown is shown as it is; its steps have addresses and no cards. */
  format: 'mdx' | 'md'
  /** Relative to the project, for the edit link and for messages. */
  file: string
  title: string
  /** The folder it lies in, where others have the same title: what tells them apart in a list. */
  folder?: string
  meta: Partial<Meta>
  steps: PlannedStep[]
  sha256: string
}

const root = process.cwd()
let loaded: Promise<Config> | undefined

export function siteConfig(): Promise<Config> {
  return (loaded ??= loadConfig(root, process.env))
}

let pages: Promise<Page[]> | undefined

/** Every document, read once a build by the runner's own reader. The build has refused errors before. */
export function runbookPages(): Promise<Page[]> {
  return (pages ??= readPages())
}

async function readPages(): Promise<Page[]> {
  const documents = (await readings(await siteConfig(), root)).map(({ document }) => document)
  const sharing = Map.groupBy(documents, ({ meta }) => meta.title)
  return documents.map(({ slug, format, file, meta, sha256, steps }) => ({
    slug,
    format,
    file,
    title: meta.title,
    ...((sharing.get(meta.title)?.length ?? 0) > 1 ? { folder: slug.replace(/[^/]*$/, '') || '/' } : {}),
    meta,
    steps: steps.map(plannedFrom),
    sha256,
  }))
}

/** Today's text of a runbook, to compare a run's with. */
export async function currentText(slug: string): Promise<string | undefined> {
  const page = (await runbookPages()).find((candidate) => candidate.slug === slug)
  return page && readFileSync(page.file, 'utf8')
}
