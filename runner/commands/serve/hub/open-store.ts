import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../../config.ts'
import { databaseOf } from '../../shared/team/open-team.ts'
import { fileStore } from './file-store.ts'
import type { HubStore } from './store.ts'

/** Whether a hub can have kept anything for this workspace. */
export function hasStore({ state, team }: Config): boolean {
  return team !== undefined || existsSync(folderOf(state))
}

function folderOf(state: string): string {
  return join(state, 'hub')
}

/** Opens the store of the hub of a workspace: the database of its team, or files below its state folder. */
export async function openStore(
  config: Config,
  now?: () => number,
): Promise<{ store: HubStore; close(): Promise<void> }> {
  if (config.team === undefined)
    return { store: fileStore(folderOf(config.state), now), close: async () => undefined }
  const [{ openDatabase }, { teamStore }] = await Promise.all([
    import('../../../team/database/postgres.ts'),
    import('./team-store.ts'),
  ])
  const database = await openDatabase(databaseOf(config))
  return { store: teamStore(database), close: () => database.close() }
}
