import { readPeople } from '../../../runner/people.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'

/** The approvals of the release checklist, in its order: the role of each, and the reason that the demo gives. */
const approvals = [
  { step: 'sign-qa', role: 'qa', reason: 'Smoke tests and gates are green' },
  { step: 'sign-security', role: 'security', reason: 'The digests are those of the build' },
  { step: 'go', role: 'release-manager', reason: 'The canary held' },
] as const

interface Signer {
  step: string
  actor: string
  reason: string
}

/**
 * The people that the demo plays: for each approval the first with its role who neither runs the release nor signed.
 * @throws {CliError} when the list of people has nobody left for a role
 */
export function chooseSigners(file: string, runs: string): Signer[] {
  const holders = readPeople(file)?.people.holders ?? {}
  const used = new Set([runs])
  return approvals.map(({ step, role, reason }) => {
    const actor = holders[role]?.find((one) => !used.has(one))
    if (actor === undefined)
      throw new CliError(
        exit.failed,
        `${file} has nobody with the role ${role} who may sign beside ${[...used].join(' and ')}`,
        `Give the role to one more person; \`runbook init\` writes a list that has enough.`,
      )
    used.add(actor)
    return { step, actor, reason }
  })
}
