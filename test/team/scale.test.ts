import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { isLong, tell } from '../support/effort.ts'
import { client, hubOrigin } from '../support/hub/provider.ts'
import { mostMemory } from '../support/process-memory.ts'
import { frames } from '../support/servers/acting.ts'
import { openDesk } from '../support/team-desk.ts'
import { startCounting, statementRate } from '../support/team-load.ts'
import { team, until } from '../support/team.ts'
import { page } from '../support/workspace.ts'

const runners = 50
const waiting = 1000
/** After this time without work a runner has closed DBOS, in milliseconds. */
const restMs = 45_000
const hubSettings = { origin: hubOrigin, issuer: 'https://login.example.com', clientId: client.id }

// Minutes of starting processes: only in the long form.
test.runIf(isLong)(
  '50 runners with 1,000 runs that wait for people ask little, and a hub that shows them stays small',
  async () => {
    const names = Array.from({ length: runners }, (_, at) => `r${at}`)
    const database = await startCounting(names)
    await database.query('create role hub login in role runbook_hub')
    const approval = 'inputs: { n: { type: string } }\nconcurrency: "approved-${{ inputs.n }}"\n'
    await using space = team(database, names, {
      'content/runbooks/approved.mdx': page(
        '<Approval id="go" title="Go?" approvers="bob@example.com" />\n',
        approval,
      ),
      ...frames(['approved']),
    })
    space.write(
      'runbook.config.ts',
      `export default { team: { database: 'env:TEAM_DATABASE', runs: ${waiting / runners + 5} }, hub: ${JSON.stringify(hubSettings)} }\n`,
    )
    const desk = await openDesk(space)
    try {
      const started = []
      for (const name of names) {
        const one = space.start(name)
        started.push(one)
        await until(() => one.said().includes('takes orders'), one.said)
      }
      await sleep(restMs)
      const idle = (await statementRate(database, 30_000)) / runners
      for (let n = 0; n < waiting; n++)
        await desk.order('approved', {
          inputs: { n: String(n) },
          key: `approved-${n}`,
          wants: names[n % runners] ?? '',
        })
      const count = async (): Promise<number> => {
        const [row] = await database.query<{ count: number }>(
          "select count(*)::int from runbook.run where state = 'owned' and waiting <> ''",
        )
        return row?.count ?? 0
      }
      let at = 0
      await until(
        async () => (at = await count()) === waiting,
        () => `${at} wait`,
        1_200_000,
      )
      const hub = space.startHub('hub', { RUNBOOK_OIDC_SECRET: client.secret })
      await sleep(restMs)
      const busy = (await statementRate(database, 60_000)) / (runners + 1)
      const memory = mostMemory(hub.child.pid)
      const [connections] = await database.query<{ count: number }>(
        "select count(*)::int from pg_stat_activity where usename like 'runbook_runner_%'",
      )
      const most = Math.max(...started.map(({ child }) => mostMemory(child.pid)))
      const figures = { idle, busy, memory, connections: (connections?.count ?? 0) / runners, runner: most }
      tell(JSON.stringify(figures))
      expect(idle).toBeLessThanOrEqual(1)
      expect(busy).toBeLessThanOrEqual(5)
      expect(memory).toBeLessThanOrEqual(300)
    } finally {
      await desk.close()
      await space.still()
      await database.stop()
    }
  },
)
