import { readFileSync } from 'node:fs'
import { namespaces } from '../../journal/verify/evidence.ts'
import type { Trust } from './ssh-keygen.ts'

/**
 * Lists of patterns of those who may sign approvals with a security key at a time, in milliseconds since the epoch, as
 * a list of allowed signers has them. Whether a signature holds is for `ssh-keygen` alone to say.
 */
export function securityKeyHolders({ signers }: Trust, at: number): string[] {
  const now = new Date(at).toISOString().replaceAll(/\D/g, '').slice(0, 14)
  return readFileSync(signers, 'utf8')
    .split(/\r?\n/)
    .flatMap((line) => {
      const { principals, quoted, options = '' } = keyLine.exec(line.trim())?.groups ?? {}
      const holders = quoted ?? principals
      const given = new Map(
        [...options.matchAll(/([a-z-]+)="([^"]*)"/g)].map(([, name, value = '']) => [name, value]),
      )
      const counts =
        holdersInclude(given.get('namespaces') ?? '*', namespaces.approval) &&
        now >= moment(given.get('valid-after'), '0') &&
        now < moment(given.get('valid-before'), '9')
      return holders !== undefined && counts ? [holders] : []
    })
}

const keyLine =
  /^(?:"(?<quoted>[^"]+)"|(?<principals>[^\s"#]\S*))[ \t]+(?:(?<options>[a-z-]+(?:="[^"]*")?(?:,[a-z-]+(?:="[^"]*")?)*)[ \t]+)?sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com[ \t]/

function moment(time: string | undefined, fill: string): string {
  return (time ?? '').replace('Z', '').padEnd(14, time === undefined ? fill : '0')
}

/** A list of patterns with `*` and `?`, as ssh-keygen reads it: one that begins with `!` takes away. */
export function holdersInclude(patterns: string, text: string): boolean {
  const fits = (pattern: string): boolean =>
    new RegExp(
      `^${pattern
        .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    ).test(text)
  const all = patterns.split(',')
  const isTaken = all.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))
  return !isTaken && all.some((pattern) => !pattern.startsWith('!') && fits(pattern))
}
