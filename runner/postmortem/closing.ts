import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import type { Aliases } from '../model/people/person.ts'
import type { Incident } from '../status/incident-file.ts'
import { isOpen } from '../status/incident-file.ts'
import type { Severity } from '../status/severities.ts'
import { checkPostmortem } from './check-postmortem.ts'
import { headOf } from './head.ts'
import { textOf } from '../regular-file.ts'

/** The file of an incident's postmortem in a folder of them. */
export function postmortemFile(folder: string, { id }: Incident): string {
  return join(folder, `${id}.mdx`)
}

/** A finished postmortem; undefined where the severity does not require one, or the incident is a practice. */
export type Review = { file: string; text: string } | undefined

/**
 * Whether an incident may be closed: it is over, and its postmortem, where the severity requires one, is complete and was
 * reviewed by somebody other than its author.
 */
export function reviewOf(
  incident: Incident,
  severity: Severity | undefined,
  file: string,
  aliases: Aliases = {},
): Outcome<Review> {
  const { id, drill } = incident
  if (isOpen(incident))
    return failure(`${id} cannot be closed: it is not resolved`, {
      hint: `Tell users that it is over: runbook status --incident-id ${id} --action resolve.`,
    })
  if (drill || severity?.postmortem !== 'required') return success(undefined)
  const because = `${id} cannot be closed: ${severity.id} requires a postmortem`
  if (!existsSync(file))
    return failure(`${because}, and ${file} does not exist`, {
      hint: `Write it with runbook postmortem ${incident.run ?? '<run>'}.`,
    })
  const text = textOf(file)
  const head = headOf(text)
  const [finding] = checkPostmortem(text, file, aliases)
  if (finding !== undefined)
    return failure(`${because}, and ${file}:${finding.place.line} is not finished: ${finding.message}`, {
      ...(finding.hint !== undefined && { hint: finding.hint }),
      place: finding.place,
    })
  if (head.ok && head.value.status === 'closed') return success({ file, text })
  return failure(`${because}, and ${file} is a draft`, {
    hint: 'Complete it, let another person review it, then set `status: closed`.',
  })
}
