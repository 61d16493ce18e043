import { expect, test } from 'vitest'
import { judgeFindings } from './acceptances.ts'
import type { Acceptance } from './acceptances.ts'
import { readReport } from './report.ts'
import { sarifOf } from './sarif.ts'

const sarif = (result: object, rule: object = {}, run: object = {}): string =>
  JSON.stringify({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Trivy', rules: [{ id: 'CVE-2026-1', ...rule }] } },
        results: [{ ruleId: 'CVE-2026-1', message: { text: 'Package: left\nmore' }, ...result }],
        ...run,
      },
    ],
  })
const scored = (score: string): object => ({ properties: { 'security-severity': score } })
const bom = (vulnerability: object): string =>
  JSON.stringify({
    bomFormat: 'CycloneDX',
    vulnerabilities: [{ id: 'CVE-2026-2', affects: [{ ref: 'pkg:npm/left@1' }], ...vulnerability }],
  })
const audit = (severity: string): string =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: {
      left: { severity, via: [{ title: 'Weak', url: 'https://github.com/advisories/GHSA-1', severity }] },
      above: { severity, via: ['left'] },
    },
  })

test.each([
  ['SARIF with a score of 9', sarif({}, scored('9.0')), ['critical']],
  ['SARIF with a score of 6.9', sarif({}, scored('6.9')), ['medium']],
  ['SARIF with a level alone', sarif({ level: 'error' }), ['high']],
  ['SARIF with a suppressed result', sarif({ suppressions: [{ kind: 'external' }] }), []],
  ['SARIF with a result that passes', sarif({ kind: 'pass' }), []],
  ['CycloneDX with two ratings', bom({ ratings: [{ severity: 'low' }, { severity: 'high' }] }), ['high']],
  ['CycloneDX without a rating', bom({}), ['high']],
  ['CycloneDX of a package that is not affected', bom({ analysis: { state: 'not_affected' } }), []],
  ['npm audit, once for the weak package', audit('moderate'), ['medium']],
])('%s is read', (_, json, expected) => {
  const read = readReport(json)
  expect(read.ok && read.value.findings.map(({ severity }) => severity)).toEqual(expected)
})

const target = (one: object): string =>
  JSON.stringify({
    SchemaVersion: 2,
    ArtifactName: '.',
    Results: [{ Target: 'package-lock.json', Class: 'lang-pkgs', Type: 'npm', ...one }],
  })
const clair = (severity: string, vulnerability = '7'): string =>
  JSON.stringify({
    manifest_hash: 'sha256:00',
    packages: { 3: { id: '3', name: 'openssl', version: '3.0.1' } },
    vulnerabilities: {
      7: { id: '7', name: 'CVE-2026-7', normalized_severity: severity, description: 'Weak\nmore' },
    },
    package_vulnerabilities: { 3: [vulnerability] },
    enrichments: {},
  })
const snyk = (...ids: string[]): string =>
  JSON.stringify({
    ok: ids.length === 0,
    packageManager: 'npm',
    dependencyCount: 3,
    vulnerabilities: ids.map((id) => ({
      id,
      title: 'Weak',
      severity: 'medium',
      packageName: 'left',
      version: '1.0.0',
    })),
  })

test.each([
  [
    'Trivy',
    target({
      Vulnerabilities: [
        { VulnerabilityID: 'CVE-2026-1', PkgName: 'left', Severity: 'CRITICAL', Title: 'Weak' },
      ],
    }),
    ['CVE-2026-1 critical left'],
  ],
  [
    'Trivy, of a severity that is unknown',
    target({ Vulnerabilities: [{ VulnerabilityID: 'CVE-2026-1', PkgName: 'left', Severity: 'UNKNOWN' }] }),
    ['CVE-2026-1 high left'],
  ],
  ['Trivy, of a target without weaknesses', target({}), []],
  [
    'Snyk, once for two paths to it',
    snyk('SNYK-JS-LEFT-1', 'SNYK-JS-LEFT-1'),
    ['SNYK-JS-LEFT-1 medium left'],
  ],
  ['Snyk, of a project that is well', snyk(), []],
  ['Clair', clair('High'), ['CVE-2026-7 high openssl']],
  ['Clair, of a negligible one', clair('Negligible'), ['CVE-2026-7 low openssl']],
])('the JSON of %s is read, and as SARIF it says the same', (_, json, expected) => {
  const shown = (text: string): unknown => {
    const read = readReport(text)
    return read.ok && read.value.findings.map(({ id, severity, where }) => `${id} ${severity} ${where}`)
  }
  expect(shown(json)).toEqual(expected)
  const read = readReport(json)
  if (read.ok) expect(shown(sarifOf(read.value))).toEqual(expected)
})

test.each([
  ['of Clair that has lost a weakness', clair('High', '8')],
  [
    'of Snyk that could not look',
    JSON.stringify({ ok: false, error: 'Could not detect supported target files', path: '.' }),
  ],
  ['of a scanner that did not finish', sarif({}, {}, { invocations: [{ executionSuccessful: false }] })],
  ['that is empty', ''],
  ['that is cut off', sarif({}).slice(0, 60)],
  ['without results', JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'Trivy' } } }] })],
  ['without runs', JSON.stringify({ version: '2.1.0', runs: [] })],
  ['that lists components alone', JSON.stringify({ bomFormat: 'CycloneDX', components: [] })],
  ['of a registry that failed', JSON.stringify({ message: 'audit endpoint returned an error', error: {} })],
])('a report %s says nothing, and is not a pass', (_, json) => {
  expect(readReport(json).ok).toBe(false)
})

const finding = { id: 'CVE-2026-1', severity: 'high', where: 'left', title: '' } as const
const acceptance = (change: Partial<Acceptance>): Acceptance[] => [
  { id: 'CVE-2026-1', reason: 'not reachable', by: 'bob@example.com', expires: '2026-12-01', ...change },
]

test.each([
  ['accepted until tomorrow', acceptance({}), 'high', 'accepted'],
  ['accepted until today', acceptance({ expires: '2026-11-30' }), 'high', 'accepted'],
  ['accepted until yesterday', acceptance({ expires: '2026-11-29' }), 'high', 'expired'],
  ['accepted in another package', acceptance({ where: 'right' }), 'high', 'blocks'],
  ['not accepted', [], 'high', 'blocks'],
  ['below the severity that blocks', [], 'critical', 'below'],
] as const)('a high finding, %s, is judged as it should be', (_, acceptances, failOn, state) => {
  expect(judgeFindings([finding], acceptances, failOn, '2026-11-30')[0]?.state).toBe(state)
})
