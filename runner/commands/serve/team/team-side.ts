import type { TeamSide } from '../room.ts'
import { teamRoutes } from '../routes.ts'
import type { Route } from '../routes.ts'
import { orderOnPage } from './order.ts'
import { resumeAtRunner, rollbackAtRunner, takeOverAtHub, watchAtRunner } from './run-acts.ts'
import { wishSigning } from './sign-wish.ts'
import type { TeamActs } from './wish.ts'

/** The part of a server whose runs are driven by the runners of a team: they heed what a person signed. */
export function teamSide(team: TeamActs): TeamSide {
  return {
    acts: { resume: resumeAtRunner, rollback: rollbackAtRunner, watch: watchAtRunner },
    takeover: (visit) => takeOverAtHub(visit, team),
    order: orderOnPage,
    pages(room) {
      const { start, resume, rollback, watch, takeoverPage } = teamRoutes
      const pages = [
        ['start', start],
        ['resume', resume],
        ['rollback', rollback],
        ['watch', watch],
        ['takeover', takeoverPage],
      ] as const
      return pages.map(([act, read]) => {
        const write: Route = { ...read, method: 'POST', act: true, signed: true }
        return [read, write, wishSigning(room, team, act, read)] as const
      })
    },
    async runnersOf(run) {
      const [row] = await team.runs({ run })
      const owner = row?.state === 'owned' ? row.runner : null
      if (owner === null || owner === undefined) return undefined
      const all = await team.runners()
      const others = all.map(({ name }) => name).filter((name) => name !== owner)
      return { owner, isAlive: all.some(({ name, alive }) => name === owner && alive), others }
    },
  }
}
