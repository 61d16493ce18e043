import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { isSameSecret } from '../../../http/same-secret.ts'
import { grantPattern } from '../../../permissions/grant.ts'
import { failure, success } from '../../../model/problem.ts'
import type { Outcome } from '../../../model/problem.ts'
import { digest } from './sessions.ts'
import type { HubStore } from './store.ts'

const dayMs = 86_400_000
/** How long a token counts, in days: unless said otherwise, and at most. */
export const tokenDays = { usual: 30, most: 90 }
/** How long a token that was replaced goes on, in milliseconds. */
const overlapMs = dayMs

const tokenSchema = z.strictObject({
  kind: z.enum(['service', 'agent']),
  owner: z.string(),
  /** Its purpose, in words of its owner. */
  label: z.string(),
  scope: z.array(z.string()),
  madeAt: z.number(),
  /** SHA-256 of the whole token. */
  sha256: z.string(),
})

/** A token as it is kept: whoever reads the store cannot use it. */
type TokenData = z.infer<typeof tokenSchema>

export interface Token extends TokenData {
  id: string
  until: number
}

export interface TokenWish {
  kind: TokenData['kind']
  owner: string
  label: string
  scope: readonly string[]
  days: number
}

const form = /^rbk_(?<letter>[sa])_(?<id>[a-z0-9]{12})_[\w-]{43}$/

/** Makes a token. Its text is returned here and never again. */
export async function makeToken(
  store: HubStore,
  { kind, owner, label, scope, days }: TokenWish,
  now: number,
): Promise<Outcome<{ id: string; text: string }>> {
  const wrong = scope.find((grant) => !grantPattern.test(grant))
  if (wrong !== undefined)
    return failure(`The right \`${wrong}\` is not one such as \`read:*\` or \`run:release-*\``)
  if (scope.length === 0) return failure('A token needs at least one right')
  if (!(Number.isInteger(days) && days >= 1 && days <= tokenDays.most))
    return failure(`A token counts between 1 and ${tokenDays.most} days`)
  if (label === '' || label.length > 100) return failure('A token needs a label of at most 100 characters')
  const id = randomBytes(6).toString('hex')
  const text = `rbk_${kind === 'agent' ? 'a' : 's'}_${id}_${randomBytes(32).toString('base64url')}`
  const value: TokenData = { kind, owner, label, scope: [...scope], madeAt: now, sha256: digest(text) }
  await store.add('token', { id, value, until: now + days * dayMs })
  return success({ id, text })
}

/** Makes a token with the same rights; the old one goes on for a day at most. */
export async function replaceToken(
  store: HubStore,
  { id, kind, owner, label, scope, madeAt, until }: Token,
  now: number,
): Promise<Outcome<{ id: string; text: string }>> {
  const days = Math.min(tokenDays.most, Math.max(1, Math.round((until - madeAt) / dayMs)))
  const made = await makeToken(store, { kind, owner, label, scope, days }, now)
  if (made.ok) await store.extend('token', id, Math.min(until, now + overlapMs))
  return made
}

/** The token of a text, when it counts. */
export async function findToken(store: HubStore, text: string): Promise<Token | undefined> {
  const { letter, id } = form.exec(text)?.groups ?? {}
  if (id === undefined) return undefined
  const token = await tokenOf(store, id)
  const isOwn = token !== undefined && isSameSecret(token.sha256, digest(text))
  return isOwn && token.kind === (letter === 'a' ? 'agent' : 'service') ? token : undefined
}

export async function tokenOf(store: HubStore, id: string): Promise<Token | undefined> {
  const row = await store.get('token', id)
  const read = tokenSchema.safeParse(row?.value)
  return row && read.success ? { id: row.id, until: row.until, ...read.data } : undefined
}

export async function listTokens(store: HubStore): Promise<Token[]> {
  const rows = await store.list('token')
  return rows
    .flatMap(({ id, value, until }) => {
      const read = tokenSchema.safeParse(value)
      return read.success ? [{ id, until, ...read.data }] : []
    })
    .toSorted((a, b) => b.madeAt - a.madeAt)
}
