import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkerOf } from '../../engine/sign/trust.ts'
import { makeVerify } from '../../engine/verify-run.ts'
import type { Verified } from '../../engine/verify-run.ts'
import { auditIndex } from '../../journal/verify/audit-index.ts'
import { appendEntry, readIndex } from '../../journal/record/heads.ts'
import { isUnreadable } from '../../journal/record/journal-error.ts'
import { newestOf } from '../../journal/verify/rules/run-index.ts'
import { runFolder } from '../../journal/record/run-store.ts'
import type { Config } from '../../config.ts'
import type { Request } from './index.ts'
import { judgeFor } from '../shared/evidence/judge-evidence.ts'
import { exit } from '../../kit/exit.ts'
import { printable } from '../../kit/io.ts'
import { identify } from '../shared/people/identify.ts'
import { ageOf, reasonToKeep } from '../shared/evidence/retention.ts'
import { version } from '../../kit/version.ts'
import { openWorkspace } from '../shared/workspace.ts'
import { makeFolder } from '../../make-folder.ts'

/** Removes sealed runs past their retention. The index keeps that they were, and who removed them. */
export async function run({ io, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const age = ageOf(config, options.olderThan)
  const by = (await identify(config, io, 'runner')).actor.id
  const removed: string[] = []
  const kept: { run: string; why: string }[] = []
  const unreadable: { run: string; why: string }[] = []
  const index = readIndex(config.state)
  const verify = makeVerify(version, config.kinds)
  if (!dryRun) rmSync(removingFolder(config.state), { recursive: true, force: true })
  for (const { run: id, presence } of auditIndex(config.state, index).rows) {
    if (presence !== 'here') continue
    const folder = runFolder(config.state, id)
    const { trust } = judgeFor(config, folder, options, io)
    let verified: Verified
    try {
      verified = await verify(folder, checkerOf(trust, io.env), index)
    } catch (error) {
      // One damaged run must not keep all others for ever.
      if (!isUnreadable(error)) throw error
      unreadable.push({ run: id, why: error.message })
      continue
    }
    const why = reasonToKeep(verified, age)
    if (why !== undefined) kept.push({ run: id, why })
    else removed.push(id)
    if (why === undefined && !dryRun) remove(config, id, by)
  }
  if (io.json) io.out(JSON.stringify({ removed, kept, unreadable, dryRun }))
  else {
    for (const id of removed) io.out(`${dryRun ? 'would remove' : 'removed'}  ${id}`)
    for (const { run: id, why } of kept) io.note(`kept     ${id}  ${why}`)
    for (const { run: id, why } of unreadable) io.say(`kept     ${id}  It is unreadable: ${printable(why)}`)
    if (removed.length + kept.length + unreadable.length === 0) io.note('There are no runs.')
  }
  return unreadable.length > 0 ? exit.failed : exit.done
}

function remove(config: Config, id: string, by: string): void {
  const last = newestOf(readIndex(config.state), id)
  if (!last) return
  const { slug, size, sha256, final } = last
  appendEntry(config.state, () => ({ type: 'removed', run: id, slug, size, sha256, final, by }))
  const removing = removingFolder(config.state)
  makeFolder(removing)
  // At once: of a folder that a crash removed by half, an audit would say that it does not hold.
  renameSync(runFolder(config.state, id), join(removing, id))
  rmSync(removing, { recursive: true })
}

/** Where folders are that the index names as removed. A crash may leave some, which the next call removes. */
function removingFolder(state: string): string {
  return join(state, 'removing')
}
