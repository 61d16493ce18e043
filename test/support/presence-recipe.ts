import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { presenceOf } from '../../runner/journal/verify/signed-presence.ts'

const checks = join(import.meta.dirname, '../../runner/journal/recipe/checks.jq')
/** The definitions of the recipe, without the part that prints. */
export const [recipeRules = ''] = readFileSync(checks, 'utf8').split('\n[inputs] as $events')

/** What the recipe reads of signatures, in one process for all: level and place, or null. */
export function presenceByRecipe(signatures: readonly string[]): unknown[] {
  const input = signatures.map((one) => JSON.stringify(one)).join('\n')
  const printed = execFileSync('jq', ['-c', `${recipeRules}\npresence`], {
    input,
    maxBuffer: 64 * 1024 * 1024,
  })
  return printed
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

/** The same by our own reading. */
export function presenceHere(signature: string): unknown {
  const presence = presenceOf(signature)
  return presence ? { level: presence.level, place: presence.place } : null
}

/** An armored signature around a blob. */
export function armored(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n')
}

const vectors = join(import.meta.dirname, '../fixtures/presence')

/** A signature that was made once, by software keys and by browsers with a virtual authenticator. */
export function vector(name: string): { signature: string; signers: string; statement: string } {
  return {
    signature: readFileSync(join(vectors, name, 'signature'), 'utf8'),
    signers: join(vectors, name, 'allowed_signers'),
    statement: readFileSync(join(vectors, 'statement'), 'utf8'),
  }
}

/** What each of them says: whether ssh-keygen finds it good, level and place; undefined where nothing can be believed. */
export const vectorsSay: Record<string, [boolean, ...([string, string] | [])]> = {
  'ecdsa-sk-0x00': [true, 'none', 'own'],
  'ecdsa-sk-0x01': [true, 'touch', 'own'],
  'ecdsa-sk-0x05': [true, 'verified', 'own'],
  'ed25519-sk-0x00': [true, 'none', 'own'],
  'ed25519-sk-0x01': [true, 'touch', 'own'],
  'ed25519-sk-0x05': [true, 'verified', 'own'],
  'es256-hub': [true, 'verified', 'hub'],
  'es256-isBadUP': [true, 'none', 'own'],
  'es256-isBogusSignature': [false, 'verified', 'own'],
  'es256-sibling': [true],
  'es256-ssh': [true, 'verified', 'own'],
  'es256-synced': [true, 'verified', 'own'],
  'es256-up-only': [true, 'touch', 'own'],
}
