import { statSync } from 'node:fs'
import { accountKey, readPeople } from '../../../people.ts'
import type { HubPeople } from '../../../people.ts'

/** An account of the provider, as its ID token says it. */
interface Account {
  issuer: string
  subject: string
}

/** The list of people as it is at this moment. */
export interface Directory {
  /** The person whose entry names exactly this account. */
  personOf(account: Account): string | undefined
  /** The words that stand for somebody: their address, and their roles. None for somebody who is not listed. */
  rolesOf(person: string): readonly string[]
  /** The roles that groups give. */
  rolesOfGroups(groups: readonly string[]): string[]
  rights: HubPeople['rights']
}

/** Reads the list of people again whenever it has changed. One with problems lets in nobody. */
export function openDirectory(file: string): () => Directory {
  let read: { key: string; directory: Directory } | undefined
  return () => {
    const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
    const key = stat ? `${stat.size} ${stat.mtimeNs} ${stat.ino}` : ''
    if (read?.key !== key) read = { key, directory: directoryOf(file) }
    return read.directory
  }
}

function directoryOf(file: string): Directory {
  const list = readPeople(file)
  const hub = list?.problems.length === 0 ? list.hub : undefined
  return {
    personOf: ({ issuer, subject }) => hub?.logins.get(accountKey(issuer, subject)),
    rolesOf: (person) => hub?.roles.get(person) ?? [],
    rolesOfGroups: (groups) => groups.flatMap((group) => hub?.groups.get(group) ?? []),
    rights: hub?.rights ?? {},
  }
}
