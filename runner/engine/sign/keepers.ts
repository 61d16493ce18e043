import { existsSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { namespaces } from '../../journal/verify/evidence.ts'
import { readTextWithin } from '../../journal/record/folder.ts'
import { keyOf } from '../../journal/verify/sshsig.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { signatureChecker } from './ssh-keygen.ts'
import type { Trust } from './ssh-keygen.ts'
import { textOf } from '../../regular-file.ts'

/** Who must have signed the lists of keys: people whose own keys are pinned outside the repository. */
export interface Keepers {
  /** Path of the list of the keepers' keys, in the form of allowed_signers. */
  file: string
  /** How many different keepers must have signed each list. */
  min: number
}

/** The folder of the keepers' signatures over a list: `<keeper>.sig` for each. */
export function signaturesOf(list: string): string {
  return `${list}.sigs`
}

/** The keepers of the lists of a verifier, or the list that too few have signed. */
export function keepersOf(
  { signers, revoked }: Trust,
  keepers: Keepers,
  env: Record<string, string | undefined>,
): Outcome<string[]> {
  const lists = [signers, ...(revoked === undefined ? [] : [revoked])].map((list) => ({
    list,
    by: signedBy(list, keepers, env),
  }))
  const short = lists.find(({ by }) => by.length < keepers.min)
  if (!short) return success([...new Set(lists.flatMap(({ by }) => by))])
  const who = short.by.length === 0 ? 'no keeper' : `only ${short.by.join(', ')}`
  return failure(
    `${basename(short.list)} needs the signatures of ${keepers.min} keepers, and ${who} signed it as it is now`,
  )
}

/** The keepers whose signature over a list holds now; one key is one keeper. */
function signedBy(list: string, { file }: Keepers, env: Record<string, string | undefined>): string[] {
  const folder = signaturesOf(list)
  if (!existsSync(folder)) return []
  const judge = signatureChecker({ signers: file }, env)
  const message = textOf(list)
  const keys = new Map<string, string>()
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.sig'))) {
    const signature = readTextWithin(folder, name) ?? ''
    const keeper = basename(name, '.sig')
    const at = new Date().toISOString()
    if (judge({ principal: keeper, namespace: namespaces.keys, message, signature, at }) !== undefined)
      continue
    const key = keyOf(signature) ?? ''
    if (!keys.has(key)) keys.set(key, keeper)
  }
  return [...keys.values()]
}
