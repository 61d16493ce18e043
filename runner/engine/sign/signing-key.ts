import { spawnSync } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { homeFolder } from '../../account.ts'
import { scratchFolder } from '../../scratch-folder.ts'
import { keyOf } from '../../journal/verify/sshsig.ts'
import { gitConfig } from '../people/git-config.ts'
import { signPlainly } from './plain-key.ts'
import { SigningError, signText } from './ssh-keygen.ts'

/** Puts a person's name to a text. */
export interface Signer {
  /** Where the key is, for messages. */
  key: string
  sign(namespace: string, text: string): string
  /** The line of `ssh-keygen -l` about it: length, fingerprint, comment and type; empty for what is not a key. */
  describe(): string
}

type Env = Record<string, string | undefined>

/**
 * Finds the operator's key: RUNBOOK_SIGNING_KEY, else `configured`, else git's user.signingkey when git signs with
 * SSH. Each is a path, `agent` for the first key of the agent, a public key as text, or `none`. Undefined: nothing is signed.
 */
export function findSigner(configured: string | undefined, cwd: string, env: Env): Signer | undefined {
  const named = env['RUNBOOK_SIGNING_KEY'] || configured || gitKey(cwd, env)
  if (named === undefined || named === 'none') return undefined
  const literal = named === 'agent' ? agentKey(env) : publicKey(named)
  if (literal !== undefined)
    return {
      key: named,
      sign: (namespace, text) =>
        withKeyFile(literal, namespace, text, env, isTouched(described('-', env, literal))),
      describe: () => described('-', env, literal),
    }
  const path = resolve(cwd, named.replace(/^~(?=\/)/, homeFolder(env) ?? '~'))
  // A pipe would be waited for without end.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false)
    throw new SigningError(`The key ${named} is not a file`)
  return {
    key: named,
    sign: (namespace, text) =>
      signPlainly(path, namespace, text) ??
      signText(path, namespace, text, env, isTouched(described(path, env))),
    describe: () => described(path, env),
  }
}

/**
 * The fingerprint of a key that can sign: it is tried before anything happens. One that asks for a touch is only looked at.
 * @throws SigningError when it cannot sign
 */
export function fingerprintOf(signer: Signer): string {
  const [, fingerprint] = signer.describe().split(' ')
  if (fingerprint !== undefined && asksForTouch(signer)) return fingerprint
  return keyOf(signer.sign(trialNamespace, 'Can this key sign?'))?.split(' ').at(-1) ?? ''
}

/** Whether it is a security key, which signs only when somebody touches it. */
export function asksForTouch(signer: Signer): boolean {
  return isTouched(signer.describe())
}

function isTouched(description: string): boolean {
  return /-SK\)\s*$/.test(description)
}

function described(file: string, env: Env, input = ''): string {
  const { stdout, status } = spawnSync('ssh-keygen', ['-l', '-f', file], { encoding: 'utf8', env, input })
  return status === 0 ? stdout : ''
}

/** The signature that tests a key has no other use. */
const trialNamespace = 'runbook-trial@v1'

function publicKey(named: string): string | undefined {
  const text = named.replace(/^key::/, '')
  return /^(ssh|ecdsa|sk)-\S+ \S+/.test(text) ? text : undefined
}

function withKeyFile(key: string, namespace: string, text: string, env: Env, asks: boolean): string {
  using scratch = scratchFolder('key')
  const folder = scratch.path
  const file = join(folder, 'key.pub')
  writeFileSync(file, `${key}\n`)
  return signText(file, namespace, text, env, asks)
}

function agentKey(env: Env): string {
  const { stdout, status } = spawnSync('ssh-add', ['-L'], { encoding: 'utf8', env })
  const key = status === 0 ? stdout.split('\n')[0] : undefined
  if (key) return key
  throw new SigningError('The agent holds no key: see `ssh-add -l`')
}

function gitKey(cwd: string, env: Env): string | undefined {
  return gitConfig('gpg.format', cwd, env) === 'ssh' ? gitConfig('user.signingkey', cwd, env) : undefined
}
