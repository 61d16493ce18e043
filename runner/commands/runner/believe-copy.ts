import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeVerify } from '../../engine/verify-run.ts'
import { canonical } from '../../journal/record/canonical.ts'
import { readRun, runFolder } from '../../journal/record/run-store.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import type { CheckName } from '../../journal/verify/check-result.ts'
import type { CheckSignature } from '../../journal/verify/rules/signatures.ts'
import { version } from '../../kit/version.ts'
import type { Plan } from '../../model/plan.ts'
import { orderDoubt } from '../../team/order.ts'
import type { Order, Owned } from '../../team/port.ts'
import { Doubted } from '../../team/refusals.ts'
import { takeUp } from '../../team/restore.ts'
import { openRunbook } from '../shared/workspace.ts'
import type { Seat } from './seat.ts'
import { writeWhole } from '../../write-whole.ts'
import { makeFolder } from '../../make-folder.ts'

/** Left in the folder of a run that has lines from the database, until they are believed. */
const unprovenFile = 'from-database.json'

/** The checks that must hold before a run goes on from a copy; the others are about its end, its machine, or its outputs. */
const needed: ReadonlySet<CheckName> = new Set([
  'chain',
  'start',
  'plan',
  'document',
  'order',
  'approvals',
  'presence',
  'signature',
])

/** A run that this runner owns, with the order it came by, where it came by one. */
export interface Restoring {
  owned: Owned
  order: Order | undefined
  check: CheckSignature | undefined
}

/**
 * Brings a run and those it includes to this disk, where the database has more of them. Throws when such a copy is not to be
 * believed: the database brings no code and no decision, so the copy is verified as evidence is.
 */
export async function restoreAll(seat: Seat, restoring: Restoring, run = restoring.owned.run): Promise<void> {
  const folder = runFolder(seat.config.state, run)
  const mark = join(folder, unprovenFile)
  await takeUp(seat.port, run, folder, () => {
    makeFolder(folder)
    writeWhole(mark, '{}\n')
  })
  if (existsSync(mark)) {
    const doubt = await copyDoubt(seat, restoring, run)
    if (doubt !== undefined) throw new Doubted(`its copy in the database does not count: ${doubt}`)
    rmSync(mark)
  }
  for (const inner of await seat.port.runs({ parent: run })) await restoreAll(seat, restoring, inner.run)
}

async function copyDoubt(
  seat: Seat,
  { owned, order, check }: Restoring,
  run: string,
): Promise<string | undefined> {
  const { config } = seat
  const { checks } = await makeVerify(version, config.kinds)(runFolder(config.state, run), check)
  const broken = checks.find(({ name, status }) => status === 'failed' && needed.has(name))
  if (broken) return broken.message
  const { plan } = readRun(config.state, run)
  const isOrdered = order !== undefined && orderedDoubt(order, owned, check) === undefined
  if (isOrdered && order.slug === plan.slug && canonical(order.inputs) !== canonical(plan.inputs))
    return 'its inputs are others than the order names'
  if (isOrdered && digestIn(order, plan) === plan.sha256) return undefined
  return (await digestHere(seat, plan)) === plan.sha256
    ? undefined
    : `neither its order nor this checkout has its version of ${plan.slug}`
}

/** Whether the order was signed by the person it names, whoever was to take it and however long ago. */
function orderedDoubt(order: Order, act: Owned, check: CheckSignature | undefined): string | undefined {
  return orderDoubt(order, act, { runner: order.wants, accepts: ['*'], check, now: Date.parse(order.at) })
}

function digestIn({ slug, documentSha256, includes }: Order, plan: Plan): string | undefined {
  return slug === plan.slug ? documentSha256 : includes[plan.slug]
}

async function digestHere({ config, io }: Seat, { slug }: Plan): Promise<string | undefined> {
  try {
    return sha256((await openRunbook(config, slug, { ...io, cwd: config.root })).document)
  } catch {
    return undefined
  }
}
