import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { suggestion } from '../../runner/model/suggest.ts'

/** The numbers of a rollout. Teams disagree on them, so none of them is a constant. */
export interface Numbers {
  /** A gate fails at this share of failed requests. */
  max_errors: string
  /** A gate fails at this duration of 95 of 100 requests. */
  p95: string
  p99: string
  /** Share of the traffic at each stage, in percent, strictly rising. */
  ladder: string
  /** How long the stages before the last one are watched. */
  hold: string
  /** How long the last stage is watched before the release counts as promoted. */
  settle: string
  /** How long it is looked at again after that. */
  burn_in: string
  /** Time from one look at the metrics to the next. */
  look: string
}

/** Named sets of numbers, each with the case it is for. */
export const PRESETS: Record<string, { for: string; numbers: Numbers }> = {
  standard: {
    for: 'a service released every week or two: 1 % errors, half an hour for each stage',
    numbers: {
      max_errors: '1%',
      p95: '1000ms',
      p99: '2000ms',
      ladder: '10,50,100',
      hold: '30m',
      settle: '1h',
      burn_in: '24h',
      look: '15s',
    },
  },
  careful: {
    for: 'flags and changes that are hard to roll back: 0.5 % errors, hours for each stage',
    numbers: {
      max_errors: '0.5%',
      p95: '1000ms',
      p99: '2000ms',
      ladder: '10,50,100',
      hold: '2h',
      settle: '24h',
      burn_in: '24h',
      look: '30s',
    },
  },
  gradual: {
    for: 'a change with an unknown load: four stages, a day for each',
    numbers: {
      max_errors: '0.5%',
      p95: '1000ms',
      p99: '2000ms',
      ladder: '10,25,50,100',
      hold: '24h',
      settle: '72h',
      burn_in: '24h',
      look: '1m',
    },
  },
  fast: {
    for: 'several releases a day, or a hotfix: 10 % errors are an outage anywhere, minutes for each stage',
    numbers: {
      max_errors: '10%',
      p95: '1000ms',
      p99: '2000ms',
      ladder: '50,100',
      hold: '3m',
      settle: '5m',
      burn_in: '1h',
      look: '10s',
    },
  },
  lab: {
    for: 'trying it out: the limits of standard, seconds in place of minutes',
    numbers: {
      max_errors: '1%',
      p95: '1000ms',
      p99: '2000ms',
      ladder: '10,50,100',
      hold: '3s',
      settle: '3s',
      burn_in: '3s',
      look: '1s',
    },
  },
}

const SHAPES: Record<keyof Numbers, RegExp> = {
  max_errors: /^\d+(\.\d+)?%$/,
  p95: /^\d+(\.\d+)?(ms|s)$/,
  p99: /^\d+(\.\d+)?(ms|s)$/,
  ladder: /^\d+(,\d+)*$/,
  hold: /^(\d+(ms|s|m|h|d))+$/,
  settle: /^(\d+(ms|s|m|h|d))+$/,
  burn_in: /^(\d+(ms|s|m|h|d))+$/,
  look: /^(\d+(ms|s|m|h|d))+$/,
}

/**
 * The numbers of a preset, with some set otherwise (`max_errors=0.5% hold=10m`).
 * @throws {CliError} usage, for an unknown preset or number, or a value of another form
 */
export function numbersOf(preset: string, changes: readonly string[]): Numbers {
  const base = Object.hasOwn(PRESETS, preset) ? PRESETS[preset] : undefined
  if (base === undefined)
    throw new CliError(
      exit.usage,
      `Unknown preset \`${preset}\`: it has no numbers`,
      suggestion(preset, Object.keys(PRESETS)),
    )
  const numbers = { ...base.numbers }
  for (const change of changes.flatMap((text) => text.split(/\s+/).filter((word) => word !== ''))) {
    const [name = '', value = ''] = change.split(/=(.*)/s)
    if (!isName(name))
      throw new CliError(
        exit.usage,
        `Unknown number \`${name}\`: no gate reads it`,
        suggestion(name, Object.keys(SHAPES)),
      )
    if (!SHAPES[name].test(value))
      throw new CliError(
        exit.usage,
        `Unexpected value \`${value}\` for ${name}: the preset has ${numbers[name]}`,
        `Write it in that form: ${name}=${numbers[name]}.`,
      )
    numbers[name] = value
  }
  return numbers
}

function isName(name: string): name is keyof Numbers {
  return Object.hasOwn(SHAPES, name)
}
