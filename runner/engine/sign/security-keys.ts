import { namespaces } from '../../journal/verify/evidence.ts'
import { sshFields } from '../../journal/verify/sshsig.ts'
import type { Trust } from './ssh-keygen.ts'
import { textOf } from '../../regular-file.ts'

/** A key that asks for a touch, as a list of allowed signers has it. */
interface SecurityKey {
  /** Patterns of the people it belongs to. */
  holders: string
  /** In the form of SSH. */
  key: Buffer
  /** The host of the page that a passkey belongs to, else `ssh:` with a name. */
  application: string
  /** Id of a passkey in base64url, by which pages ask for it. */
  credential: string | undefined
}

/**
 * The keys that may sign in a namespace at a time, in milliseconds since the epoch. Whether a signature holds is for
 * `ssh-keygen` alone to say.
 */
function securityKeys({ signers }: Trust, at: number, namespace: string): SecurityKey[] {
  const now = new Date(at).toISOString().replaceAll(/\D/g, '').slice(0, 14)
  return textOf(signers)
    .split(/\r?\n/)
    .flatMap((line) => {
      const {
        principals,
        quoted,
        options = '',
        blob = '',
        comment = '',
      } = keyLine.exec(line.trim())?.groups ?? {}
      const holders = quoted ?? principals
      const given = new Map(
        [...options.matchAll(/([a-z-]+)="([^"]*)"/g)].map(([, name, value = '']) => [name, value]),
      )
      const counts =
        holdersInclude(given.get('namespaces') ?? '*', namespace) &&
        now >= moment(given.get('valid-after'), '0') &&
        now < moment(given.get('valid-before'), '9')
      if (holders === undefined || !counts) return []
      const key = Buffer.from(blob, 'base64')
      const application = sshFields(key)?.at(-1)?.toString('utf8') ?? ''
      const credential = /(?:^|\s)webauthn:(?<id>[\w-]+)/.exec(comment)?.groups?.['id']
      return [{ holders, key, application, credential }]
    })
}

/** Lists of patterns of those who have a key that asks for a touch. */
export function securityKeyHolders(
  trust: Trust,
  at: number,
  namespace: string = namespaces.approval,
): string[] {
  return securityKeys(trust, at, namespace).map(({ holders }) => holders)
}

export interface Passkey {
  /** Id in base64url. */
  credential: string
  /** In the form of SSH. */
  key: Buffer
}

/** The passkeys of a person that a page of this host can ask for. */
export function passkeysOf(
  trust: Trust,
  person: string,
  host: string,
  at: number,
  namespace: string = namespaces.approval,
): Passkey[] {
  return securityKeys(trust, at, namespace).flatMap(({ holders, key, application, credential }) =>
    credential !== undefined && application === host && holdersInclude(holders, person)
      ? [{ credential, key }]
      : [],
  )
}

const keyLine =
  /^(?:"(?<quoted>[^"]+)"|(?<principals>[^\s"#]\S*))[ \t]+(?:(?<options>[a-z-]+(?:="[^"]*")?(?:,[a-z-]+(?:="[^"]*")?)*)[ \t]+)?sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com[ \t]+(?<blob>\S+)[ \t]*(?<comment>.*)$/

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
