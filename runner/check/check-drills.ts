import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { drillPromise, lapsedWords } from '../model/drill.ts'
import type { Runbook } from '../model/runbook.ts'
import { suggest } from '../model/suggest.ts'

/** Whether promised drills took place, and whether their faults fit the steps. `last`: end of the last drill by slug, read only where one is promised. */
export function checkDrills(
  { meta, file, slug, steps }: Runbook,
  last: () => ReadonlyMap<string, string>,
  now: number,
): Diagnostic[] {
  const place = { file, line: 1, column: 1 }
  const ids = steps.map(({ id }) => id)
  const misplaced = (meta.drill?.faults ?? [])
    .filter(({ at }) => !ids.includes(at))
    .map(({ name, at }) => {
      const near = suggest(at, ids)
      return diagnostic(
        'invalid-frontmatter',
        place,
        `The fault \`${name}\` is at step \`${at}\`, which does not exist`,
        {
          hint: near ? `Did you mean \`${near}\`?` : `The steps are ${ids.join(', ')}.`,
        },
      )
    })
  const words = lapsedWords(
    drillPromise(meta, meta.drill?.every === undefined ? undefined : last().get(slug), now),
  )
  if (words === undefined) return misplaced
  const hint = `Practise it: \`runbook drill ${slug}\`.`
  return [
    ...misplaced,
    diagnostic('drill-overdue', place, `The promised drill is overdue: ${words}`, { hint }),
  ]
}
