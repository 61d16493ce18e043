import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { codeScanningServer } from '../support/servers/code-scanning.ts'
import type { CodeScanningServer } from '../support/servers/code-scanning.ts'
import { runIn } from '../support/workspace.ts'
import type { Ran } from '../support/workspace.ts'

const commit = '4f2a9c1d4f2a9c1d4f2a9c1d4f2a9c1d4f2a9c1d'
let server: CodeScanningServer
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scanning-'))
  const finding = { VulnerabilityID: 'CVE-2026-1', PkgName: 'left', Severity: 'HIGH', Title: 'Weak' }
  const results = [{ Target: 'package-lock.json', Vulnerabilities: [finding] }]
  writeFileSync(join(folder, 'trivy.json'), JSON.stringify({ SchemaVersion: 2, Results: results }))
  writeFileSync(join(folder, 'empty.json'), '')
  server = await codeScanningServer()
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => server.expect())

const upload = (report: string, env: Record<string, string> = {}, ...more: string[]): Promise<Ran> =>
  runIn(folder, ['scan', 'upload', '--report', report, ...more], {
    ...server.env,
    GITHUB_SHA: commit,
    ...env,
  })

test('a report becomes SARIF, is uploaded compressed, and the call waits until it is read', async () => {
  const ran = await upload('trivy.json')
  expect([ran.code, ran.stdout], ran.stderr).toEqual([
    0,
    '+ example/shop has 1 finding of Trivy at 4f2a9c1d4f2a: 47177e22\n',
  ])
  const got = server.got()
  expect(got?.headers['x-github-api-version']).toBe('2022-11-28')
  expect([got?.commit, got?.ref]).toEqual([commit, 'refs/heads/main'])
  const sarif = JSON.parse(got?.sarif ?? '{}') as {
    version: string
    runs: { results: { ruleId: string; level: string }[] }[]
  }
  expect([sarif.version, sarif.runs[0]?.results]).toEqual([
    '2.1.0',
    [expect.objectContaining({ ruleId: 'CVE-2026-1', level: 'error' })],
  ])
  expect(server.looks()).toBe(2)
})

test('a report that the host refuses, a token that it does not know, and a broken report fail with a sentence', async () => {
  server.expect({ processing_status: 'failed', errors: ['locationFromSarifResult: expected a region'] })
  const refused = await upload('trivy.json')
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('refused the report 47177e22: locationFromSarifResult'),
  ])
  const stranger = await upload('trivy.json', { GITHUB_TOKEN: 'another-token' })
  expect([stranger.code, stranger.stderr]).toEqual([1, expect.stringContaining('401: Bad credentials')])
  expect(stranger.stderr).not.toContain('another-token')
  server.expect()
  const broken = await upload('empty.json')
  expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining('the report is empty')])
  const dry = await upload('trivy.json', { GITHUB_TOKEN: '' }, '--dry-run')
  expect([dry.code, dry.stdout.slice(0, 14)]).toEqual([0, '$ would upload'])
  expect(server.got()).toBeUndefined()
})
