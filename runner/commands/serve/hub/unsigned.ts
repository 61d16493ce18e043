import * as z from 'zod'
import type { Unsigned } from '../room.ts'
import type { HubStore } from './store.ts'

/** How long an answer waits for its signature, in milliseconds. */
const usualMs = 10 * 60_000

/** Answers that wait for a passkey, for all processes of a hub. */
export function unsignedInStore(store: HubStore, now: () => number): Unsigned {
  return {
    async put(id, value, waitMs = usualMs) {
      await store.take('unsigned', id)
      await store.add('unsigned', { id, value: { ...value }, until: now() + waitMs })
    },
    async get(id) {
      const row = await store.get('unsigned', id)
      return row && z.record(z.string(), z.string()).parse(row.value)
    },
    drop: async (id) => void (await store.take('unsigned', id)),
  }
}
