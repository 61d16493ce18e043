import type { TeamSide } from '../room.ts'
import { teamRoutes } from '../routes.ts'
import type { Route } from '../routes.ts'
import { pagePath } from '../acts/act.ts'
import { asText, isRecord, parseObject } from '../../../model/values/json.ts'
import { orderOnPage } from './order.ts'
import { orderAt, orderedRun, waitingOrdersOf, withdrawalOf, withdrawOrder } from './ordered-run.ts'
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
    withdraw: (visit) => withdrawOrder(visit, team),
    async ordered(room, name, session) {
      const row = await orderAt(team, name)
      const ordered = row && (await orderedRun(team, room, row))
      if (!ordered) return undefined
      const { run } = ordered
      const action = `${room.base}${pagePath(run)}withdraw`
      return { ...ordered, withdraw: { action, token: room.tokens.issue(session, withdrawalOf(run)) } }
    },
    async runnersOf(run) {
      const [row] = await team.runs({ run })
      const owner = row?.runner ?? ''
      if (row === undefined || owner === '') return undefined
      const all = await team.runners()
      const own = all.find(({ name }) => name === owner)
      return {
        owner,
        isAlive: own?.alive === true,
        isOwned: row.state === 'owned',
        seenAt: own?.seenAt.toISOString(),
        others: all.filter(({ name, alive }) => name !== owner && alive).map(({ name }) => name),
      }
    },
    waiting: (slug, base) => waitingOrdersOf(team, slug, base).catch(() => []),
    async left(run) {
      return (await team.answers(run)).map(({ topic, answer, at, takenAt }) => {
        const given = parseObject(answer)
        const by = given?.['by']
        return {
          topic,
          by: isRecord(by) ? asText(by['id']) : '',
          shownSha256: asText(given?.['shownSha256']),
          at: at.toISOString(),
          isRead: takenAt !== null,
        }
      })
    },
  }
}
