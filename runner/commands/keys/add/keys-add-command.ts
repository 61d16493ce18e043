import { enrolKey, enrolPasskey } from '../../../engine/people/enrolment.ts'
import { asksForTouch } from '../../../engine/sign/signing-key.ts'
import { namespaces } from '../../../journal/verify/evidence.ts'
import { isPlain } from '../../../model/people/person.ts'
import type { Outcome } from '../../../model/problem.ts'
import type { Config } from '../../../config.ts'
import type { CommandResult } from '../../../kit/command.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import { decisionSignerFor } from '../../shared/people/keys.ts'
import { securityKeyHint } from '../../shared/people/refuse-without-keys.ts'
import { ownHost, signOnPage } from '../../shared/people/signing-page.ts'
import { openWorkspace, shown } from '../../shared/workspace.ts'
import { identify } from '../../shared/people/identify.ts'
import type { Request } from './index.ts'

/** Prints the line of a key that has proved itself; who listed it, and on whose word, the repository's review says. */
export async function run({ io, options }: Request): Promise<CommandResult> {
  const config = await openWorkspace(io)
  const { actor } = await identify(config, io, 'approve')
  const by = actor.id
  if (!isPlain(by))
    throw new CliError(
      exit.usage,
      `\`${by}\` is not an address in plain ASCII`,
      'Set RUNBOOK_ACTOR or git user.email to the address that the list of people has.',
    )
  const line = options.browser ? await onPage(by, io) : byKey(by, config, io)
  if (line === undefined) return exit.waiting
  const list = shown(config.allowedSigners, io.cwd)
  if (!io.json)
    io.note(`Add this line to ${list} in a change that somebody reviews who saw you make the key:`)
  return { document: { by, line }, text: line }
}

function onPage(by: string, io: Io): Promise<string | undefined> {
  const request = {
    title: 'Make a passkey',
    shown: `It will sign what ${by} decides on this machine.\n\nYour device asks twice: to make the passkey, and to have it sign once.`,
    namespace: namespaces.presence,
    by,
  }
  return signOnPage(
    request,
    async (signed): Promise<Outcome<string>> => enrolPasskey(by, signed, ownHost, io.env),
    io,
  )
}

function byKey(by: string, config: Config, io: Io): string {
  const signer = decisionSignerFor(config, io)
  if (!signer || !asksForTouch(signer))
    throw new CliError(
      exit.usage,
      signer ? `The key ${signer.key} is not a security key` : 'No key is named',
      securityKeyHint,
    )
  const line = enrolKey(by, signer, io.env)
  if (line.ok) return line.value
  throw new CliError(exit.failed, line.problem.message, securityKeyHint)
}
