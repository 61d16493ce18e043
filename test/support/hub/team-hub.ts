import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser as Chromium, BrowserContextOptions, Page } from 'playwright-core'
import { startPostgres } from '../../../scripts/lab/postgres.ts'
import type { Postgres } from '../../../scripts/lab/postgres.ts'
import { launch } from '../../site/support/browser.ts'
import { authenticator } from '../passkey.ts'
import { team } from '../team.ts'
import type { Team } from '../team.ts'
import { hubOptions, startHub } from './hub.ts'
import type { TestHub } from './hub.ts'
import { hubOrigin, startProvider } from './provider.ts'
import type { TestProvider } from './provider.ts'
import { tlsFront } from './tls-front.ts'

/** A hub of a team with a real provider, and a browser for each of its people. No runner is started. */
export interface TeamHub {
  database: Postgres
  provider: TestProvider
  space: Team
  hub: TestHub
  chromium: Chromium
  /** A browser of a person with a passkey that allowed_signers lists. It has no session. */
  seat(name: string, options?: BrowserContextOptions): Promise<Page>
  [Symbol.asyncDispose](): Promise<void>
}

/** A phone that is held upright. */
export const phone = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
} satisfies BrowserContextOptions

/** Starts it. `people` of example.com are operators. */
export async function startTeamHub(
  machines: readonly string[],
  people: readonly string[],
  files: Record<string, string>,
): Promise<TeamHub> {
  await using started = new AsyncDisposableStack()
  const database = await startPostgres(machines)
  started.defer(() => database.stop())
  await database.query('create role hub login')
  await database.query('grant runbook_hub to hub')
  const provider = await startProvider()
  started.defer(() => provider.close())
  const person = (name: string): string =>
    `  ${name}@example.com:\n    roles: [operator]\n    logins: [{ issuer: "${provider.issuer}", subject: ${name} }]\n`
  const space = started.use(
    team(database, machines, {
      'content/people.yaml': `people:\n${people.map(person).join('')}rights:\n  operator: ["read:*", "run:*", "answer:*", "decide:*", "stop:*"]\n`,
      ...files,
    }),
  )
  space.write(
    'runbook.config.ts',
    `export default { team: { database: 'env:TEAM_DATABASE' }, hub: ${JSON.stringify(hubOptions(provider.issuer))} }\n`,
  )
  const hub = await startHub(space, {
    TEAM_DATABASE: database.url('hub'),
    RUNBOOK_STATE: `${space.root}/machines/hub`,
  })
  started.defer(() => hub.close())
  const front = await tlsFront(space.root, new URL(hubOrigin).host, hub.port)
  started.defer(() => front.close())
  const chromium = await launch(front.options)
  started.defer(() => chromium.close())
  const all = started.move()
  return {
    database,
    provider,
    space,
    hub,
    chromium,
    async seat(name, options = {}) {
      const context = await chromium.newContext(options)
      const page = await context.newPage()
      await authenticator(page)
      provider.account = name
      await page.goto(`${hubOrigin}/account/passkey`)
      await page.getByRole('button', { name: 'Make a passkey' }).click()
      const line = await page.locator('#given:not(:empty)').textContent()
      const file = join(space.root, 'allowed_signers')
      writeFileSync(file, `${readFileSync(file, 'utf8')}${line}\n`)
      await context.clearCookies()
      return page
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
