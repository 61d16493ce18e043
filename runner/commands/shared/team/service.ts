import { existsSync } from 'node:fs'
import type { Config } from '../../../config.ts'
import { keyOwners } from '../../../engine/sign/listed-keys.ts'
import type { Signer } from '../../../engine/sign/signing-key.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import { samePerson, spelling } from '../../../model/people/person.ts'
import type { Actor } from '../../../model/plan.ts'
import { holds } from '../../../permissions/grant.ts'
import { readPeople } from '../../../people.ts'
import { readOrder } from '../../../team/order.ts'
import type { Order, TeamRun } from '../../../team/port.ts'
import { identify } from '../people/identify.ts'
import { provenKey } from '../people/keys.ts'

/** A program that orders runs with a key of its own. */
export interface Service {
  actor: Actor
  signer: Signer
}

/** Whether RUNBOOK_ACTOR names a service of people.yaml. */
export function isService(config: Config, { env }: Io): boolean {
  return serviceNamed(config, env['RUNBOOK_ACTOR'] ?? '') !== undefined
}

/**
 * The service that this process is: RUNBOOK_ACTOR names it, people.yaml lists it as a service, and RUNBOOK_SIGNING_KEY has
 * its key. Throws CliError where a part is missing, and where the key is one of a person as well: a service never decides.
 */
export async function serviceOf(config: Config, io: Io): Promise<Service> {
  const { actor, from } = await identify(config, io, 'service')
  const services = readPeople(config.people)?.people.services ?? []
  if (from !== 'RUNBOOK_ACTOR' || !services.includes(actor.id))
    throw new CliError(
      exit.usage,
      `\`${actor.id}\` is not a service of people.yaml, and only a service orders runs by itself`,
      'List it there with `kind: service`, and name it with RUNBOOK_ACTOR.',
    )
  const { signer, signedWith } = provenKey(config, io)
  if (!signer || signedWith === undefined)
    throw new CliError(
      exit.usage,
      `The service \`${actor.id}\` has no key, so no runner would take its orders`,
      'Name the file of its key with RUNBOOK_SIGNING_KEY.',
    )
  const owners = existsSync(config.allowedSigners)
    ? keyOwners(config.allowedSigners).find(({ key }) => key.endsWith(signedWith))?.owners
    : undefined
  if (owners?.length !== 1 || spelling(owners[0] ?? '') !== spelling(actor.id))
    throw new CliError(
      exit.usage,
      owners
        ? `The key of the service \`${actor.id}\` is listed for ${owners.join(', ')}`
        : `allowed_signers does not list the key of the service \`${actor.id}\``,
      'List a key of its own there, for it alone.',
    )
  return { actor, signer }
}

/** Whether people.yaml gives a service a right for a runbook. Only the entry of its own address counts. */
export function mayOrder(config: Config, id: string, verb: 'alert' | 'run' | 'stop', slug: string): boolean {
  const read = readPeople(config.people)
  if (!read || read.problems.length > 0) return false
  const { rights } = read.hub
  return holds(Object.hasOwn(rights, id) ? (rights[id] ?? []) : [], verb, { slug })
}

/** Why an order of a service does not count in this checkout; undefined where it does, and for one of a person. */
export function serviceDoubt({ by, slug, alert, schedule }: Order, config: Config): string | undefined {
  const service = serviceNamed(config, by.id)
  if (service === undefined || schedule !== undefined) return undefined
  const verb = alert.fingerprint === undefined ? 'run' : 'alert'
  if (mayOrder(config, service, verb, slug)) return undefined
  return `people.yaml does not give ${service} the right \`${verb}:${slug}\``
}

/** Why a service cannot resume, roll back or take over; undefined for a person. Its key may be that of a hub. */
export function personDoubt(config: Config, id: string): string | undefined {
  return serviceNamed(config, id) === undefined ? undefined : `${id} is a service, and a person does this`
}

/** Why a service cannot withdraw an order, as at a hub: it needs the right, and the order is its own. Undefined for a person. */
export function stopDoubt(
  config: Config,
  id: string,
  { slug, statement }: Pick<TeamRun, 'slug' | 'statement'>,
): string | undefined {
  const service = serviceNamed(config, id)
  if (service === undefined) return undefined
  const order = readOrder(statement)
  if (!order.ok || !samePerson(order.value.by.id, service, {})) return `${service} did not make this order`
  if (mayOrder(config, service, 'stop', slug)) return undefined
  return `people.yaml does not give ${service} the right \`stop:${slug}\``
}

/** The address of the service that a name or an alias stands for; undefined for a person. */
function serviceNamed(config: Config, name: string): string | undefined {
  const { services = [], aliases = {} } = readPeople(config.people)?.people ?? {}
  return services.find((one) => samePerson(one, name, aliases))
}
