import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { Requirements } from '../model/requirements-schema.ts'
import { referencesOf } from '../model/runbook.ts'
import type { Runbook } from '../model/runbook.ts'
import { suggest } from '../model/suggest.ts'

/** References of a document and its steps to requirements that the list does not have. */
export function checkRequirements(document: Runbook, list: Requirements): Diagnostic[] {
  const start: Place = { file: document.file, line: 1, column: 1 }
  const used = [
    ...(document.meta.refs ?? []).map((id) => ({ id, place: start })),
    ...document.steps.flatMap((step) =>
      referencesOf(step.attributes['refs']?.value).map((id) => ({
        id,
        place: step.attributes['refs']?.place ?? step.place,
      })),
    ),
  ]
  return used
    .filter(({ id }) => !Object.hasOwn(list, id))
    .map(({ id, place }) => {
      const near = suggest(id, Object.keys(list))
      return diagnostic('unknown-requirement', place, `The requirement \`${id}\` is not listed`, {
        hint: near
          ? `Did you mean \`${near}\`?`
          : 'Add it to requirements.yaml, beside the folder of the runbooks.',
      })
    })
}
