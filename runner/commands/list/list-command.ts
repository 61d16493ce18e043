import { listEntries, readEntry } from '../../library.ts'
import { distinctTitles } from '../../model/distinct-titles.ts'
import { drillPromise, lapsedWords } from '../../model/drill.ts'
import type { Runbook } from '../../model/runbook.ts'
import { dueDate, isOverdue } from '../../model/review.ts'
import type { Request } from './index.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import { lastDrills } from '../shared/last-drills.ts'
import { openWorkspace, shown } from '../shared/workspace.ts'

/** The promises of a runbook that have lapsed, in words. */
function lapsedPromises({ meta, slug }: Runbook, drills: () => ReadonlyMap<string, string>): string[] {
  const now = Date.now()
  const drill = lapsedWords(
    drillPromise(meta, meta.drill?.every === undefined ? undefined : drills().get(slug), now),
  )
  const review = isOverdue(meta, new Date(now).toISOString().slice(0, 10)) ? dueDate(meta) : undefined
  return [
    ...(review === undefined ? [] : [`review overdue since ${review}`]),
    ...(drill === undefined ? [] : [`drill overdue: ${drill}`]),
  ]
}

export async function run({ io }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const entries = listEntries(config.content)
  const drills = lastDrills(config)
  const rows = await Promise.all(
    entries.map(async (entry) => {
      const { runbook } = await readEntry(entry, io.cwd, config.kinds)
      const { title, description, whenToUse, owner, services } = runbook?.meta ?? {}
      return {
        slug: entry.slug,
        file: shown(entry.path, io.cwd),
        valid: runbook !== undefined,
        title,
        description,
        whenToUse,
        owner,
        services,
        steps: runbook?.steps.length,
        lapsed: runbook ? lapsedPromises(runbook, drills) : [],
      }
    }),
  )
  const titles = distinctTitles(rows.map(({ slug, title }) => ({ slug, title: title ?? '' })))
  if (io.json) io.out(JSON.stringify(rows, undefined, 2))
  else if (rows.length === 0)
    io.note(
      `There are no runbooks in ${shown(config.content, io.cwd)} yet. Write one with \`${io.program} new blank hello\`.`,
    )
  else {
    const width = Math.max(...rows.map(({ slug }) => slug.length))
    for (const row of rows) {
      const lapsed = row.lapsed.map((words) => io.style('yellow', ` · ${words}`)).join('')
      const text = row.valid
        ? printable(row.description ?? titles.get(row.slug) ?? '') + lapsed
        : io.style('red', `has errors: ${io.program} check ${row.slug || row.file}`)
      io.out(`${(row.slug || row.file).padEnd(width)}  ${text}`)
    }
  }
  return exit.done
}
