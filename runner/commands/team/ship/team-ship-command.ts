import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { takenOverFile } from '../../../engine/concurrency-key.ts'
import { listRuns, readRun, runFolder } from '../../../journal/record/run-store.ts'
import { exit } from '../../../kit/exit.ts'
import type { CommandReport } from '../../../kit/command.ts'
import { isProblemError } from '../../../model/problem.ts'
import { joinTeam, openTeamOf } from '../../shared/team/open-team.ts'
import { openWorkspace } from '../../shared/workspace.ts'
import type { Request } from './index.ts'

interface Shipped {
  run: string
  problem?: string
}

export async function run({ io, dryRun }: Request): Promise<CommandReport> {
  const config = await openWorkspace(io)
  const port = await openTeamOf(config)
  try {
    const sizes = new Map(
      (await port.runs({ limit: 100_000, removed: true })).map(({ run: id, size }) => [id, size]),
    )
    const behind = listRuns(config.state).filter((id) => {
      if (existsSync(join(runFolder(config.state, id), takenOverFile))) return false
      return readRun(config.state, id).events.length > (sizes.get(id) ?? 0)
    })
    if (dryRun) return { document: { would: behind }, text: `would ship: ${behind.join(', ') || 'nothing'}` }
    await using team = await joinTeam(config, io, false)
    const shipped: Shipped[] = []
    for (const id of behind) {
      const { plan, folder } = readRun(config.state, id)
      try {
        const cancelled = new AbortController().signal
        const open = await team.shared?.open({ id, plan, folder, parent: undefined, cancelled })
        await open?.close()
        shipped.push({ run: id })
      } catch (error) {
        if (!isProblemError(error)) throw error
        shipped.push({ run: id, problem: error.message })
      }
    }
    return {
      document: { shipped },
      text:
        shipped.map(({ run: id, problem }) => `${id}  ${problem ?? 'shipped'}`).join('\n') ||
        'There is nothing to ship.',
      exitCode: shipped.some(({ problem }) => problem !== undefined) ? exit.failed : exit.done,
      hint: 'Try again once the reason is gone.',
    }
  } finally {
    await port.close()
  }
}
