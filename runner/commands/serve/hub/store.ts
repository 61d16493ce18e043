import type { JsonObject } from '../../../model/values/json.ts'

/** The rows that a hub keeps: sessions, sign-ins that are on their way, tokens, and marks of what was done once. */
export type Kind = 'session' | 'login' | 'token' | 'once' | 'secret' | 'unsigned'

export interface Row {
  id: string
  value: JsonObject
  /** It counts until then, in milliseconds since the epoch. */
  until: number
}

/** The place of a line of the audit. */
interface AuditPlace {
  chain: string
  seq: number
  /** SHA-256 of the line before it in the chain; empty for the first. */
  prev: string
}

/**
 * Where every process of a hub keeps what it must not forget: it survives the process, and all of them see it. A row whose
 * time has passed is not there.
 */
export interface HubStore {
  /** False when there is a row of that id. Of several callers at once, one is told true. */
  add(kind: Kind, row: Row): Promise<boolean>
  get(kind: Kind, id: string): Promise<Row | undefined>
  /** Moves the end of a row that is there; one that was taken meanwhile stays away. */
  extend(kind: Kind, id: string, until: number): Promise<void>
  /** Removes a row. Of several callers at once, one gets it. */
  take(kind: Kind, id: string): Promise<Row | undefined>
  list(kind: Kind): Promise<Row[]>
  /** Counts one more within the current minute, and returns how many there are. */
  count(key: string): Promise<number>
  /** Adds the line that is made for the next place of a chain of the audit; a line is never changed. */
  appendAudit(make: (place: AuditPlace) => string): Promise<void>
  /** All lines of the audit, in the order of each chain. */
  audit(): Promise<string[]>
}

/** A secret that all processes of a hub share, made by the first. */
export async function sharedSecret(store: HubStore, name: string, make: () => string): Promise<string> {
  const until = Number.MAX_SAFE_INTEGER
  await store.add('secret', { id: name, value: { secret: make() }, until })
  const row = await store.get('secret', name)
  const secret = row?.value['secret']
  if (typeof secret !== 'string') throw new TypeError(`the secret ${name} was not kept`)
  return secret
}
