import { existsSync } from 'node:fs'
import type { Config } from '../../../config.ts'
import { whoAmI } from '../../../engine/people/identity.ts'
import type { Identity } from '../../../engine/people/identity.ts'
import type { Io } from '../../../kit/io.ts'
import { readPeopleList } from './people-list.ts'
import type { People } from '../../../people.ts'
import { spelling } from '../../../model/people/person.ts'

const nobody: People = { aliases: {}, holders: {}, services: [] }

/**
 * Who is at the keyboard, by the address of the list of people where one of its spellings is used; and how that is known.
 * It is a claim until a signature proves it.
 */
export async function identify(config: Config, io: Io, via: string): Promise<Identity> {
  const identity = whoAmI(io.env, via)
  if (!existsSync(config.people)) return identity
  const { list } = await readPeopleList(config, io)
  const spelt = spelling(identity.actor.id)
  const { aliases, holders, services } = list.people ?? nobody
  const isPerson = Object.hasOwn(holders, spelt) && holders[spelt]?.includes(spelt)
  const listed = isPerson || services.includes(spelt) ? spelt : undefined
  const id = Object.hasOwn(aliases, spelt) ? aliases[spelt] : listed
  return id === undefined ? identity : { ...identity, actor: { ...identity.actor, id } }
}
