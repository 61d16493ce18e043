import type { Config } from '../../runner/config.ts'
import { diagram } from '../data/steps/step-diagram.ts'
import { plannedFrom } from '../remark/planned-step.ts'
import { changedFiles } from './changed-files.ts'
import { readings } from './document-readings.ts'

/**
 * Writes the flow of each runbook as a drawing of its own, for pages elsewhere, and returns the files. Drawing takes a tenth of the time
 * that Astro needs for a page and to keep it. `base` is the path of the site, `release` gets the path of a file that will be written.
 */
export async function writeDiagrams(
  { out, base, root }: { out: string; base: string; root: string },
  config: Pick<Config, 'content' | 'kinds'>,
  release: (file: string) => void,
): Promise<readonly string[]> {
  const { files, write } = changedFiles(out, release)
  for (const { document } of await readings(config, root)) {
    const { slug, meta, steps } = document
    if (steps.length > 0)
      write(`diagrams/${slug}.svg`, diagram(meta.title, steps.map(plannedFrom), `${base}runbooks/${slug}/`))
  }
  return files
}
