import * as z from 'zod'
import { duration, positiveDuration } from '../../model/steps/common-params.ts'
import { parseAmount } from './units.ts'

const share = z.union([z.string(), z.number()]).transform((text, context) => {
  const read = parseAmount(text)
  const value = read && read.value * (read.unit.dimension === 'ratio' ? read.unit.factor : 1)
  if (value !== undefined && value > 0 && value <= 1) return value
  context.addIssue({
    code: 'custom',
    message: `Unexpected share \`${text}\`, expected one such as \`80%\``,
  })
  return z.NEVER
})

/** The attributes of a gate; a script that watches reads the same. */
export const params = z.object({
  source: z
    .string()
    .describe(
      'Address of a Prometheus server, or of one or more metrics pages that end in /metrics, separated by commas.',
    ),
  type: z
    .enum(['prometheus', 'openmetrics'])
    .optional()
    .describe(
      'The type of the source. Default: `openmetrics` when its path ends in /metrics, else `prometheus`.',
    ),
  for: duration().describe('How long the metrics must hold, such as 5m.'),
  interval: positiveDuration().default(15_000).describe('Time from one look to the next. Default: 15s.'),
  range: positiveDuration()
    .default(60_000)
    .describe('How far back each look counts events, so that a late burst is not diluted. Default: 1m.'),
  warmup: duration()
    .default(0)
    .describe('Time at the beginning that is recorded and not counted. Default: 0s.'),
  minTraffic: z
    .number()
    .min(0)
    .default(1)
    .describe('Minimum events within the range; fewer count as no data. Default: 1.'),
  minSamples: share
    .default(0.8)
    .describe('Share of the looks that must be ok, above 0 to 100%. Default: 80%.'),
  settle: z
    .int()
    .min(1)
    .max(1000)
    .default(2)
    .describe('Number of looks at the end that must all be ok. Default: 2.'),
  maxViolations: z
    .int()
    .min(0)
    .default(3)
    .describe('More violations than this in total fail the gate at once. Default: 3.'),
  maxNoData: z
    .int()
    .min(0)
    .default(4)
    .describe('More looks without data than this in a row make it inconclusive. Default: 4.'),
  maxErrors: z
    .int()
    .min(0)
    .default(4)
    .describe('More errors than this in a row make it inconclusive. Default: 4.'),
  stale: positiveDuration()
    .optional()
    .describe('Age from which the newest sample counts as no data. Default: twice the time between samples.'),
  requestTimeout: positiveDuration()
    .optional()
    .describe(
      'Longest time one request for metrics may take. Default: the interval, at least 1s and at most 10s.',
    ),
  onPartial: z
    .enum(['inconclusive', 'ignore'])
    .default('inconclusive')
    .describe(
      'Treatment of a partial answer (a warning or `isPartial`): `inconclusive` counts the look as one without data, `ignore` uses the partial data. Default: inconclusive.',
    ),
  onInconclusive: z
    .enum(['auto', 'ask', 'stop', 'rollback'])
    .default('auto')
    .describe(
      'Action when the gate is inconclusive, whatever `onFailure` says: `ask` a person, `stop`, or `rollback`. Default: auto, which asks at a terminal and stops elsewhere.',
    ),
  onFailure: z
    .enum(['stop', 'rollback'])
    .default('stop')
    .describe('Action when the gate fails; the run never continues. Default: stop.'),
})

export type Params = z.output<typeof params>
