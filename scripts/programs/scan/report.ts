import * as z from 'zod'
import { failure, success } from '../../../runner/model/problem.ts'
import type { Outcome } from '../../../runner/model/problem.ts'
import { firstIssue } from '../../../runner/model/first-issue.ts'

export const severities = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

/** One weakness that a scanner names. */
export interface ScanFinding {
  /** Such as CVE-2026-1234, or the rule of the scanner. */
  id: string
  severity: Severity
  /** The package or file; empty where the scanner names none. */
  where: string
  title: string
}

/** A report of a scanner. */
export interface ScanReport {
  scanner: string
  findings: ScanFinding[]
}

const text = z.string()

const sarif = z.looseObject({
  version: text,
  runs: z
    .array(
      z.looseObject({
        tool: z.looseObject({
          driver: z.looseObject({
            name: text,
            rules: z
              .array(
                z.looseObject({
                  id: text,
                  properties: z.looseObject({ 'security-severity': z.coerce.string().optional() }).optional(),
                }),
              )
              .default([]),
          }),
        }),
        invocations: z.array(z.looseObject({ executionSuccessful: z.boolean() })).default([]),
        results: z.array(
          z.looseObject({
            ruleId: text.optional(),
            ruleIndex: z.int().optional(),
            level: z.enum(['none', 'note', 'warning', 'error']).default('warning'),
            kind: text.default('fail'),
            message: z.looseObject({ text: text.default('') }),
            suppressions: z.array(z.looseObject({ status: text.default('accepted') })).default([]),
            locations: z
              .array(
                z.looseObject({
                  physicalLocation: z
                    .looseObject({ artifactLocation: z.looseObject({ uri: text.default('') }).optional() })
                    .optional(),
                }),
              )
              .default([]),
          }),
        ),
      }),
    )
    .min(1),
})

const cyclonedx = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  // A list of components alone does not answer for a scanner.
  vulnerabilities: z.array(
    z.looseObject({
      id: text,
      description: text.default(''),
      ratings: z.array(z.looseObject({ severity: text.optional() })).default([]),
      affects: z.array(z.looseObject({ ref: text })).default([]),
      analysis: z.looseObject({ state: text.optional() }).optional(),
    }),
  ),
})

const npmAudit = z.looseObject({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    text,
    z.looseObject({
      severity: text,
      via: z.array(z.union([text, z.looseObject({ title: text, url: text, severity: text })])),
    }),
  ),
})

/** `trivy … --format json`. A target without weaknesses has no list of them. */
const trivy = z.looseObject({
  SchemaVersion: z.literal(2),
  Results: z
    .array(
      z.looseObject({
        Target: text,
        Vulnerabilities: z
          .array(
            z.looseObject({
              VulnerabilityID: text,
              PkgName: text,
              Severity: text,
              Title: text.default(''),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
})

/** `snyk test --json`, of one project. */
const snyk = z.looseObject({
  ok: z.boolean(),
  packageManager: text,
  vulnerabilities: z.array(
    z.looseObject({
      id: text,
      title: text,
      severity: text,
      packageName: text.optional(),
      moduleName: text.optional(),
    }),
  ),
})

/** `clairctl report --out json`, of Clair 4. */
const clair = z.looseObject({
  manifest_hash: text,
  packages: z.record(text, z.looseObject({ name: text })),
  vulnerabilities: z.record(
    text,
    z.looseObject({ name: text, normalized_severity: text, description: text.default('') }),
  ),
  package_vulnerabilities: z.record(text, z.array(text)),
})

/**
 * Reads a report in SARIF, CycloneDX, or the JSON of `npm audit`, Trivy, Snyk and Clair 4. A report that is broken, empty or of a scanner
 * that did not finish is a problem: it says nothing about weaknesses.
 */
export function readReport(json: string): Outcome<ScanReport> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return failure(json.trim() === '' ? 'the report is empty' : 'the report is not JSON')
  }
  if (typeof value !== 'object' || value === null) return failure('the report is not an object')
  if ('runs' in value) return read(sarif, value, ofSarif)
  if ('bomFormat' in value) return read(cyclonedx, value, (bom) => success(ofCycloneDx(bom)))
  if ('auditReportVersion' in value) return read(npmAudit, value, (audit) => success(ofNpmAudit(audit)))
  if ('SchemaVersion' in value) return read(trivy, value, (report) => success(ofTrivy(report)))
  if ('package_vulnerabilities' in value) return read(clair, value, ofClair)
  if ('vulnerabilities' in value && 'ok' in value)
    return read(snyk, value, (report) => success(ofSnyk(report)))
  const message = 'message' in value && typeof value.message === 'string' ? `: ${value.message}` : ''
  return failure(
    `the report is neither SARIF nor CycloneDX, nor JSON of npm audit, Trivy, Snyk or Clair${message}`,
  )
}

function read<S extends z.ZodType>(
  schema: S,
  value: unknown,
  convert: (report: z.output<S>) => Outcome<ScanReport>,
): Outcome<ScanReport> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return convert(parsed.data)
  return failure(`the report is incomplete: ${firstIssue(parsed.error)}`)
}

function ofSarif({ runs }: z.output<typeof sarif>): Outcome<ScanReport> {
  const broken = runs.find(({ invocations }) => invocations.some((one) => !one.executionSuccessful))
  if (broken !== undefined) return failure(`${broken.tool.driver.name} did not finish`)
  const findings = runs.flatMap(({ tool, results }) =>
    results
      .filter(
        ({ kind, level, suppressions }) =>
          kind === 'fail' && level !== 'none' && !suppressions.some(({ status }) => status === 'accepted'),
      )
      .map(({ ruleId, ruleIndex, level, message, locations }) => {
        const rule = tool.driver.rules.find(({ id }, index) => id === ruleId || index === ruleIndex)
        const score = Number(rule?.properties?.['security-severity'] ?? NaN)
        return {
          id: ruleId ?? rule?.id ?? 'unknown',
          severity: Number.isNaN(score) ? ofLevel[level] : ofScore(score),
          where: locations[0]?.physicalLocation?.artifactLocation?.uri ?? '',
          title: firstLine(message.text),
        }
      }),
  )
  return success({ scanner: [...new Set(runs.map(({ tool }) => tool.driver.name))].join(', '), findings })
}

function ofCycloneDx({ vulnerabilities }: z.output<typeof cyclonedx>): ScanReport {
  const settled = ['resolved', 'resolved_with_pedigree', 'false_positive', 'not_affected']
  const findings = vulnerabilities
    .filter(({ analysis }) => !settled.includes(analysis?.state ?? ''))
    .flatMap(({ id, description, ratings, affects }) => {
      const severity = highest(ratings.map((rating) => severityNamed(rating.severity ?? '')))
      const places = affects.length === 0 ? [''] : affects.map(({ ref }) => ref)
      return places.map((where) => ({ id, severity, where, title: firstLine(description) }))
    })
  return { scanner: 'CycloneDX', findings }
}

function ofNpmAudit({ vulnerabilities }: z.output<typeof npmAudit>): ScanReport {
  // A package that only depends on a weak one names it as text; the weak one has the advisory.
  const findings = Object.entries(vulnerabilities).flatMap(([name, { via }]) =>
    via.flatMap((one) =>
      typeof one === 'string'
        ? []
        : [
            {
              id: one.url.split('/').at(-1) ?? one.url,
              severity: severityNamed(one.severity),
              where: name,
              title: one.title,
            },
          ],
    ),
  )
  return { scanner: 'npm audit', findings }
}

function ofTrivy({ Results }: z.output<typeof trivy>): ScanReport {
  const findings = Results.flatMap(({ Vulnerabilities }) =>
    Vulnerabilities.map((one) => ({
      id: one.VulnerabilityID,
      severity: severityNamed(one.Severity),
      where: one.PkgName,
      title: firstLine(one.Title),
    })),
  )
  return { scanner: 'Trivy', findings }
}

function ofSnyk({ vulnerabilities }: z.output<typeof snyk>): ScanReport {
  // A weakness is listed for each path that leads to it.
  const findings = new Map(
    vulnerabilities.map(({ id, title, severity, packageName, moduleName }) => {
      const where = packageName ?? moduleName ?? ''
      return [`${id} ${where}`, { id, severity: severityNamed(severity), where, title: firstLine(title) }]
    }),
  )
  return { scanner: 'Snyk', findings: [...findings.values()] }
}

/** A weakness that its report does not have is a report that is cut off. */
function ofClair(report: z.output<typeof clair>): Outcome<ScanReport> {
  const findings: ScanFinding[] = []
  for (const [id, list] of Object.entries(report.package_vulnerabilities))
    for (const key of list) {
      const [weakness, place] = [report.vulnerabilities[key], report.packages[id]]
      if (weakness === undefined || place === undefined)
        return failure(
          `the report is incomplete: it has no ${weakness === undefined ? `vulnerability ${key}` : `package ${id}`}`,
        )
      findings.push({
        id: weakness.name,
        severity: severityNamed(weakness.normalized_severity),
        where: place.name,
        title: firstLine(weakness.description),
      })
    }
  return success({ scanner: 'Clair', findings })
}

const ofLevel = { none: 'low', note: 'low', warning: 'medium', error: 'high' } as const

/** By the bands of CVSS. */
function ofScore(score: number): Severity {
  return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low'
}

/** A word that is not known counts as high: a weakness is not passed because its severity is not. */
function severityNamed(word: string): Severity {
  const lower = word.toLowerCase()
  if (lower === 'moderate') return 'medium'
  if (['info', 'none', 'negligible'].includes(lower)) return 'low'
  return severities.find((one) => one === lower) ?? 'high'
}

function highest(all: readonly Severity[]): Severity {
  return severities.toReversed().find((one) => all.includes(one)) ?? 'high'
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.slice(0, 200) ?? ''
}
