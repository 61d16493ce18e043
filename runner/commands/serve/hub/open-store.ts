import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../../config.ts'
import { fileStore } from './file-store.ts'
import type { HubStore } from './store.ts'

/** Whether a hub has kept anything in this workspace. */
export function hasStore({ state }: Config): boolean {
  return existsSync(folderOf(state))
}

function folderOf(state: string): string {
  return join(state, 'hub')
}

/** Opens the store of the hub of a workspace: files below its state folder. */
export async function openStore(
  { state }: Config,
  now?: () => number,
): Promise<{ store: HubStore; close(): Promise<void> }> {
  return { store: fileStore(folderOf(state), now), close: async () => undefined }
}
