import { annotationLine, annotationsOf } from '../../../alerts/annotation.ts'
import type { Annotation } from '../../../alerts/annotation.ts'
import { openCache } from '../../../cache.ts'
import { findEntry, listEntries, readEntry } from '../../../library.ts'
import type { Request } from './index.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import { printable } from '../../../kit/io.ts'
import type { Io } from '../../../kit/io.ts'
import { openWorkspace, shown, unknownRunbook } from '../../shared/workspace.ts'

export async function run({ io, args, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const base = options.baseUrl[0] ?? config.site
  if (base === undefined)
    throw new CliError(
      exit.usage,
      'The address of the pages is not known',
      'Add --base-url https://…, or `site` in runbook.config.ts.',
    )
  const { runbook: name } = args
  const one = name === undefined ? undefined : findEntry(config.content, name, io.cwd)
  if (name !== undefined && !one) throw unknownRunbook(config, name, io)
  const annotations: Annotation[] = []
  for (const entry of one ? [one] : listEntries(config.content)) {
    const { document } = await readEntry(entry, io.cwd, config.kinds, openCache(io.env))
    annotations.push(...annotationsOf(document, base))
  }
  if (io.json) io.out(JSON.stringify(annotations, undefined, 2))
  else if (annotations.length > 0) printText(annotations, io)
  else
    io.note(
      `No runbook in ${shown(config.content, io.cwd)} names an alert. List them under \`alerts:\` in its frontmatter.`,
    )
  return exit.done
}

function printText(annotations: readonly Annotation[], io: Io): void {
  for (const { alert, runbook, step, url, asked } of annotations) {
    io.out(`# ${printable(alert)} → ${runbook}${step === '' ? '' : `#${step}`}`)
    if (asked.length > 0) io.out(`# not from the alert: ${asked.join(', ')}`)
    io.out(annotationLine(url))
  }
}
