import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { HubStore } from './store.ts'

/** Who did what at a hub, how the hub knows who it was, and when. */
export interface Audited {
  /** The address of a person, or `-` for one who is not known. */
  who: string
  /** How that is proof: `session` by the provider, `token` by the hub, or `none`. */
  proof: 'session' | 'token' | 'none'
  /** The account of the provider, or the id of the token. */
  by: string
  /** The act that was asked for, such as `answer` or `sign-in`. */
  act: string
  /** The run, runbook, token or session that it was about. */
  about: string
  /** `allowed` is written before the act; a number is the status of the answer, written after it. */
  outcome: string
  /** The address of the connection, which may be that of a proxy. */
  from: string
}

const lineSchema = z.strictObject({
  v: z.literal(1),
  chain: z.string(),
  seq: z.int(),
  /** SHA-256 of the line before it in the chain; empty for the first. */
  prev: z.string(),
  at: z.iso.datetime(),
  who: z.string(),
  proof: z.enum(['session', 'token', 'none']),
  by: z.string(),
  act: z.string(),
  about: z.string(),
  outcome: z.string(),
  from: z.string(),
})

export type AuditLine = z.infer<typeof lineSchema>

export type Audit = (entry: Audited) => Promise<void>

/** The audit of one process of a hub. Each line names the one before it in its chain. */
export function makeAudit(store: HubStore, now: () => number = Date.now): Audit {
  return (entry) =>
    store.appendAudit((place) => {
      const line: AuditLine = { v: 1, ...place, at: new Date(now()).toISOString(), ...bounded(entry) }
      return `${JSON.stringify(line)}\n`
    })
}

function bounded(entry: Audited): Audited {
  const cut = Object.entries(entry).map(([name, text]) => [name, text.slice(0, 300)])
  return Object.fromEntries(cut)
}

/** The audit by time, and what is wrong with its chains. */
export function readAudit(texts: readonly string[]): { lines: AuditLine[]; problems: string[] } {
  const problems: string[] = []
  const heads = new Map<string, { seq: number; hash: string }>()
  const lines = texts.flatMap((text) => {
    const read = lineSchema.safeParse(parsed(text))
    if (!read.success) {
      problems.push(`A line of the audit cannot be read: ${text.slice(0, 80).trim()}`)
      return []
    }
    const { chain, seq, prev } = read.data
    const head = heads.get(chain) ?? { seq: -1, hash: '' }
    if (seq !== head.seq + 1 || prev !== head.hash)
      problems.push(`Chain ${chain} is broken at line ${seq}: a line was changed, removed or added`)
    heads.set(chain, { seq, hash: hashOf(text) })
    return [read.data]
  })
  return { lines: lines.toSorted((a, b) => a.at.localeCompare(b.at)), problems }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
