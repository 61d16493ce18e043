import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { cleanUp, tempDir } from '../scripts/support.ts'
import { testAuthority } from '../support/certificates.ts'
import { runIn } from '../support/workspace.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let dir: string
beforeAll(async () => {
  dir = await tempDir()
})
afterAll(cleanUp)

const coverageOf = (pct: number): string =>
  JSON.stringify({ total: { lines: { total: 1000, covered: pct * 10, pct } } })
const runbook = (args: readonly string[], actor = 'erin@example.com'): ReturnType<typeof runIn> =>
  runIn(root, args, { RUNBOOK_STATE: join(dir, 'state'), RUNBOOK_ACTOR: actor })
const inputsOf = (inputs: Record<string, string>): string[] =>
  Object.entries(inputs).flatMap(([name, value]) => ['-i', `${name}=${value}`])

test('a coverage of 89.9 % fails, 90 % passes, and a report that was not written is neither', async () => {
  const product = join(dir, 'product')
  mkdirSync(product)
  writeFileSync(join(product, 'summary.json'), coverageOf(100))
  const gate = (command: string): ReturnType<typeof runIn> =>
    runbook([
      'exec',
      'coverage-gate',
      ...inputsOf({ repository: product, report: 'summary.json', command }),
      '--yes',
      '--no-input',
    ])
  const below = await gate(`echo '${coverageOf(89.9)}' > summary.json`)
  expect([below.code, below.stderr]).toEqual([1, expect.stringContaining('FAIL 89.9 % of the lines')])
  expect((await gate(`echo '${coverageOf(90)}' > summary.json`)).code).toBe(0)
  const missing = await gate('true')
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('inconclusive')])
})

test('a regression of performance names every objective that is not met, and only a passing run is compared with later', async () => {
  const objectives = join(dir, 'objectives.yaml')
  writeFileSync(
    objectives,
    'query: { below: 50ms }\ninsert: { below: 200ms }\nthroughput: { above: 20 MB/s }\n',
  )
  const measured = join(dir, 'bench.yaml')
  const perf = (values: string): ReturnType<typeof runIn> => {
    const given = {
      objectives,
      measured,
      history: join(dir, 'history.json'),
      measure: `echo '${values}' > ${measured}`,
    }
    return runbook(['exec', 'perf-regression', ...inputsOf(given), '--yes', '--no-input'])
  }
  const failed = await perf('{ query: 51ms, insert: 201ms, throughput: 19 MB/s }')
  expect(failed.code).toBe(1)
  expect(failed.stderr.match(/FAIL/g)).toHaveLength(3)
  expect((await perf('{ query: 40ms, insert: 200ms, throughput: 20 MB/s }')).code).toBe(0)
  const slower = await perf('{ query: 45ms, insert: 200ms, throughput: 20 MB/s }')
  expect([slower.code, slower.stderr]).toEqual([
    1,
    expect.stringContaining('+12.5 % against the last 1 passing'),
  ])
})

test('going live waits for four leads, after machines have looked, and one of them cannot sign for another', async () => {
  const page = createServer((_, response) => response.end('all is well'))
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => page.close().closeAllConnections())
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const given = inputsOf({
    date: '2026-12-01',
    references: 'secret://shop/key',
    secrets: file('secrets.yaml', `secrets: { shop/key: { file: ${file('key', 'a-long-value\n')} } }\n`),
    certificate: testAuthority(dir).issue('live', 'shop.example', 90).certificate,
    status: `http://127.0.0.1:${(page.address() as AddressInfo).port}/`,
    objectives: file('live.yaml', 'query: { below: 50ms }\n'),
    measured: file('live-bench.yaml', 'query: 50ms\n'),
    coverage: file('coverage.json', coverageOf(93)),
  })
  const answers = file(
    'answers.yaml',
    'actor: erin@example.com\nanswers:\n  beta: done\n  practised: done\n  weeks: done\n',
  )
  let ran = await runbook(['exec', 'go-live', ...given, '--yes', '--no-input', '--answers', answers])
  expect(ran.code, ran.stderr).toBe(5)
  expect((await runbook(['approve', 'last', 'sign-engineering', '--yes'], 'bob@example.com')).code).not.toBe(
    0,
  )
  const signers = { engineering: 'frank', security: 'bob', qa: 'carol', product: 'dana' }
  for (const [lead, name] of Object.entries(signers)) {
    expect(ran.code, ran.stderr).toBe(5)
    const signed = await runbook(['approve', 'last', `sign-${lead}`, '--yes'], `${name}@example.com`)
    expect(signed.code, signed.stderr).toBe(0)
    ran = await runbook(['resume', 'last', '--yes', '--no-input', '--answers', answers])
  }
  expect(ran.code, ran.stderr).toBe(0)
})
