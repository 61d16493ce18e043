import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { keepersOf } from '../../../engine/sign/keepers.ts'
import type { Trust } from '../../../engine/sign/ssh-keygen.ts'
import { failed, ok } from '../../../journal/verify/check-result.ts'
import type { Check } from '../../../journal/verify/check-result.ts'
import type { Values } from '../../../kit/command.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import type { keeping } from '../options.ts'

/** Whether enough keepers have signed the lists that signatures are judged by; nothing where no keepers are named. */
export function keeperChecks(
  trust: Trust | undefined,
  { keepers, keepersMin }: Values<typeof keeping>,
  io: Io,
): Check[] {
  if (keepers === undefined) {
    if (keepersMin === undefined) return []
    throw new CliError(exit.usage, '`--keepers-min` goes with --keepers', 'Add --keepers <file>.')
  }
  const file = resolve(io.cwd, keepers)
  if (!existsSync(file))
    throw new CliError(exit.usage, `There is no file ${keepers}`, 'It has the keys of the keepers.')
  if (!trust) return [failed('keepers', 'There is no list of allowed signers that keepers could have signed')]
  const signed = keepersOf(trust, { file, min: keepersMin ?? 2 }, io.env)
  return signed.ok
    ? [ok('keepers', `The list of keys is signed by ${signed.value.join(', ')}`)]
    : [failed('keepers', signed.problem.message)]
}
