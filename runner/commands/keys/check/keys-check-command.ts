import type { Config } from '../../../config.ts'
import { approvalsOf, possible } from '../../../engine/people/approval.ts'
import { makePlan } from '../../../engine/plan/make-plan.ts'
import { readInputs } from '../../../engine/plan/read-inputs.ts'
import { keyOwners } from '../../../engine/sign/listed-keys.ts'
import { passkeyTrial } from '../../../engine/sign/passkey-trial.ts'
import { holdersInclude, securityKeyHolders } from '../../../engine/sign/security-keys.ts'
import type { Trust } from '../../../engine/sign/ssh-keygen.ts'
import type { Check } from '../../../journal/verify/check-result.ts'
import { listEntries, readEntry } from '../../../library.ts'
import { samePerson } from '../../../model/people/person.ts'
import type { CommandReport } from '../../../kit/command.ts'
import { exit } from '../../../kit/exit.ts'
import { printable } from '../../../kit/io.ts'
import type { Io } from '../../../kit/io.ts'
import { checkMark } from '../../shared/evidence/check-mark.ts'
import { keeperChecks } from '../../shared/evidence/keeper-checks.ts'
import { trustFor } from '../../shared/people/keys.ts'
import { peopleList } from '../../shared/people/people-list.ts'
import { withPeople } from '../../shared/people/plan-people.ts'
import { openWorkspace, shown } from '../../shared/workspace.ts'
import type { Request } from './index.ts'

type Finding = Pick<Check, 'status' | 'message'> & { name: string }

/** Looks at the list of keys as it is now, and at every approval that asks for presence. */
export async function run({ io, options }: Request): Promise<CommandReport> {
  const config = await openWorkspace(io)
  const trust = trustFor(config)
  const list = shown(config.allowedSigners, io.cwd)
  const findings: Finding[] = [
    finding('ssh-keygen', passkeyTrial(io.env), 'it judges signatures of passkeys'),
    finding('list', trust ? undefined : `${list} does not exist`, list),
    ...(trust ? await ofList(trust, config, io) : []),
    ...keeperChecks(trust, options, io),
  ]
  return {
    document: { checks: findings },
    text: findings
      .map(({ name, status, message }) => `${checkMark(status, io)} ${name.padEnd(10)} ${printable(message)}`)
      .join('\n'),
    exitCode: findings.some(({ status }) => status === 'failed') ? exit.failed : exit.done,
    hint: 'Correct the list in a change that somebody reviews; `runbook keys add` prints the line of a key.',
  }
}

function finding(name: string, problem: string | undefined, holds: string): Finding {
  return problem === undefined
    ? { name, status: 'ok', message: holds }
    : { name, status: 'failed', message: problem }
}

async function ofList(trust: Trust, config: Config, io: Io): Promise<Finding[]> {
  const { people } = await peopleList(config, io)
  const open = keyOwners(trust.signers).flatMap(({ key, owners }) =>
    owners.filter((one) => !one.startsWith('!') && /[*?]/.test(one)).map((pattern) => ({ key, pattern })),
  )
  const doubled = keyOwners(trust.signers).filter(({ owners }) =>
    owners.some((one) => !samePerson(one, owners[0] ?? '', people?.aliases)),
  )
  const services = (people?.services ?? []).filter((service) =>
    securityKeyHolders(trust, Date.now()).some((patterns) => holdersInclude(patterns, service)),
  )
  const short = await withoutKeys(trust, config, io)
  const all = [
    ...open.map(
      ({ key, pattern }) =>
        `The key ${key} is listed for everybody whom \`${pattern}\` fits: one key is one person`,
    ),
    ...doubled.map(
      ({ key, owners }) => `The key ${key} is listed for ${owners.join(' and for ')}: one key is one person`,
    ),
    ...services.map((service) => `${service} is a service and has a key for approvals`),
    ...short,
  ]
  return all.length === 0
    ? [
        finding(
          'keys',
          undefined,
          'each key is of one person, and every presence that is asked for can be shown',
        ),
      ]
    : all.map((problem) => finding('keys', problem, ''))
}

/** Approvals that ask for presence of more people than have a security key. */
async function withoutKeys(trust: Trust, config: Config, io: Io): Promise<string[]> {
  const holders = securityKeyHolders(trust, Date.now())
  const short: string[] = []
  for (const entry of listEntries(config.content)) {
    const { document } = await readEntry(entry, io.cwd, config.kinds)
    const { plan: made } = await makePlan(document, await readInputs(document, new Map()), config.kinds)
    const plan = await withPeople(made, config, io)
    for (const { step, min, words, presence, isLate } of approvalsOf(plan)) {
      if (presence === 'none' || isLate) continue
      const able = possible(plan, words, []).filter((id) =>
        holders.some((patterns) => holdersInclude(patterns, id)),
      )
      if (able.length < min)
        short.push(
          `${entry.slug}: step \`${step}\` asks ${min} of ${words.join(', ')} for presence \`${presence}\`, and ${able.length === 0 ? 'none' : `only ${able.join(', ')}`} has a security key`,
        )
    }
  }
  return short
}
