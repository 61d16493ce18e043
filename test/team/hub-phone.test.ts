import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hubOrigin } from '../support/hub/provider.ts'
import { phone, startTeamHub } from '../support/hub/team-hub.ts'
import type { TeamHub } from '../support/hub/team-hub.ts'
import { frames } from '../support/servers/acting.ts'
import { until } from '../support/team.ts'
import type { Runner } from '../support/team.ts'
import { commandStep, page as runbookOf } from '../support/workspace.ts'

let team: TeamHub
let erin: Page
let runner: Runner | undefined

const steps = [
  commandStep('first', 'echo "first $host" >> "$EFFECTS"'),
  '<Ask id="colour" title="Colour" outputs="colour">\n\n```yaml\ncolour: { type: choice, options: [red, blue] }\n```\n\n</Ask>\n',
  '<Approval id="go" title="Go" approvers="operator" />\n',
  commandStep('last', 'echo last >> "$EFFECTS"'),
].join('\n')

beforeAll(async () => {
  team = await startTeamHub(['a', 'b'], ['erin', 'bob'], {
    'content/runbooks/mend.mdx': runbookOf(
      steps,
      'requires: { env: [EFFECTS] }\nconcurrency: "${{ inputs.host }}"\ninputs:\n  host: { type: string, default: x }\n',
    ),
    ...frames(['mend']),
  })
  erin = await team.seat('erin', phone)
})

afterAll(() => team?.[Symbol.asyncDispose]())

const said = (): string => runner?.said() ?? 'no runner'

async function sign(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Sign it' }).tap()
  const settled = page.locator('#status[data-tone]:not([data-tone=""])')
  return (await settled.textContent()) ?? ''
}

/** Orders the runbook, and goes on to the page of the run. */
async function order(page: Page, host: string): Promise<string> {
  await page.goto(`${hubOrigin}/runbooks/mend/?host=${host}`)
  await page.getByRole('button', { name: 'Order it…' }).tap()
  await sign(page)
  await page.getByRole('link', { name: 'Go on to the run' }).tap()
  await page.getByText('Counts until').or(page.getByText('Not ended')).first().waitFor()
  return new URL(page.url()).pathname.split('/')[2] ?? ''
}

async function start(name: string): Promise<void> {
  runner = team.space.start(name)
  await until(() => said().includes('takes orders'), said)
}

test('a link that an alert gives leads to its step after the sign-in, values and all', async () => {
  team.provider.account = 'erin'
  team.provider.asks = true
  await erin.goto(`${hubOrigin}/runbooks/mend/?host=web-3#colour`)
  await erin.getByRole('button', { name: 'Continue' }).tap()
  await erin.waitForURL(`${hubOrigin}/runbooks/mend/?host=web-3#colour`)
  expect(await erin.getByLabel(/host/).inputValue()).toBe('web-3')
  team.provider.asks = false
})

test('an ordered run has a page that says which runner can take it, and how the order is withdrawn', async () => {
  const run = await order(erin, 'y')
  const text = await erin.locator('article').innerText()
  expect(text).toContain('waiting for a runner')
  expect(text).toContain('The team has none yet')
  expect(text).toContain('runbook runner')
  await erin.goto(`${hubOrigin}/runbooks/mend/`)
  await erin.getByText('An order waits for a runner').waitFor()
  await erin.goto(`${hubOrigin}/runs/${run}/`)
  await erin.getByRole('button', { name: 'Withdraw the order' }).tap()
  await erin.getByText('No step of it ran.').waitFor()
  expect(await erin.getByRole('link', { name: 'Order it again' }).getAttribute('href')).toBe(
    '/runbooks/mend/?host=y',
  )
  // It is taken by no runner that comes afterwards.
  await start('a')
  expect(
    (await team.database.query(`select state, status from runbook.run where run = '${run}'`))[0],
  ).toEqual({
    state: 'expired',
    status: 'withdrawn',
  })
  expect(team.space.effects()).toEqual([])
})

test('a page that was signed says so when it is opened again, and leads on', async () => {
  const run = await order(erin, 'z')
  await erin.goto(`${hubOrigin}/order/${run}/mend`)
  await erin.getByRole('heading', { name: 'Nothing to sign' }).waitFor()
  await erin.getByRole('link', { name: 'To the run' }).tap()
  await erin.waitForURL(`${hubOrigin}/runs/${run}/`)
  await erin.goto(`${hubOrigin}/runs/no-such-run/`)
  await erin.getByRole('heading', { name: 'There is no such page' }).waitFor()
  await erin.getByRole('link', { name: 'To the runbooks' }).tap()
  await erin.waitForURL(`${hubOrigin}/`)
})

test('an answer shows as given until the runner reads it, also while its runner is gone and another goes on', async () => {
  const run = await order(erin, 'w')
  const address = `${hubOrigin}/runs/${run}/`
  await until(async () => {
    await erin.goto(address)
    return (await erin.getByRole('combobox', { name: 'colour' }).count()) > 0
  }, said)
  // Its runner is frozen, so nobody reads the answer.
  await runner?.kill('SIGSTOP')
  await erin.getByRole('combobox', { name: 'colour' }).selectOption('red')
  await erin.getByRole('button', { name: 'Answer' }).tap()
  await erin.getByText('erin@example.com answered. The run reads it and goes on.').waitFor()
  expect(await erin.getByRole('combobox', { name: 'colour' }).count()).toBe(0)
  // A stop shows, too.
  await erin.getByRole('button', { name: 'Stop' }).tap()
  await erin.getByRole('button', { name: 'Stopping: end it at once' }).waitFor()
  await runner?.kill()
  await team.database.query("update runbook.runner set seen_at = clock_timestamp() - interval '5 minutes'")
  await start('b')
  await until(async () => {
    await erin.goto(address)
    return (await erin.getByText('is not seen since').count()) > 0
  }, said)
  expect(await erin.getByRole('button', { name: 'Resume' }).count()).toBe(0)
  await erin.getByLabel(/^Reason/).fill('its machine is gone')
  await erin.getByRole('button', { name: 'Go on there' }).tap()
  expect(await sign(erin)).toContain('b goes on with the run')
  await until(async () => {
    await erin.goto(address)
    return (await erin.getByText('Approval').count()) > 0 || (await erin.getByText('interrupted').count()) > 0
  }, said)
  expect(team.space.effects().filter((line) => line.endsWith(' w'))).toEqual(['first w'])
})
