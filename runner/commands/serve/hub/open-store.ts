import { join } from 'node:path'
import type { Config } from '../../../config.ts'
import { fileStore } from './file-store.ts'
import type { HubStore } from './store.ts'

/** Opens the store of the hub of a workspace: files below its state folder. */
export async function openStore(
  { state }: Config,
  now?: () => number,
): Promise<{ store: HubStore; close(): Promise<void> }> {
  return { store: fileStore(join(state, 'hub'), now), close: async () => undefined }
}
