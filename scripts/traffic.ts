import { defineCommand, defineProgram, flag, optional, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport, Values } from '../runner/kit/command.ts'
import { choice, duration, filePath, integer } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { access } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { COLORS, type Color, type Traffic, type Weights, otherColor } from './lab/lab-model.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { cannotTell } from './lib/errors.ts'
import { STRATEGIES, ladder as ladderType } from './domain/ladder.ts'
import type { TrafficAdapter } from './adapters/traffic-adapters.ts'
import { OPTIONS, adapterOf } from './programs/traffic/traffic-flags.ts'
import { loadWeights, sameWeights, saveWeights, weights, weightsText } from './domain/weights.ts'

const percent = integer(0, 100, 'percent')

const WEIGHTS = {
  weights: optional(weights, 'Both weights, 0 to 100 each: blue=90,green=10.'),
  green: optional(percent, 'Green gets N percent and blue the rest.'),
  blue: optional(percent, 'Blue gets N percent and green the rest.'),
}

const show = defineCommand({
  name: 'show',
  summary: 'Print the weights as the switch has them, and which color is live.',
  args: {},
  options: OPTIONS,
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const traffic = await (await adapterOf(options)).read()
    return {
      document: traffic,
      text: `${weightsText(traffic.weights)}\n${liveText(traffic)}\n`,
    }
  },
})

const live = defineCommand({
  name: 'live',
  summary: 'Print one color: the live one, or with --idle the other.',
  args: {},
  options: { idle: flag('The color that is not live.'), ...OPTIONS },
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const traffic = await (await adapterOf(options)).read()
    const other = traffic.live === 'blue' ? 'green' : 'blue'
    const color = options.idle ? other : traffic.live
    return { document: { color }, text: `${color}\n` }
  },
})

const check = defineCommand({
  name: 'check',
  summary: 'Exit with 0 when the weights are these, with 1 when they are not, with 2 when they are unknown.',
  args: {},
  options: { ...WEIGHTS, ...OPTIONS },
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const wanted = wantedWeights(options)
    const traffic = await cannotTell(adapterOf(options).then((adapter) => adapter.read()))
    const holds = sameWeights(traffic.weights, wanted)
    return {
      document: { holds, weights: traffic.weights },
      text: `${weightsText(traffic.weights)}\n`,
      exitCode: holds ? 0 : 1,
    }
  },
})

const set = defineCommand({
  name: 'set',
  summary: 'Set the weights, and read them back. The same weights again change nothing.',
  args: {},
  options: {
    ...WEIGHTS,
    save: optional(filePath('file'), 'Keep the weights read before, for restore --from FILE.'),
    ...OPTIONS,
  },
  effect: 'write',
  examples: [
    'runbook traffic set --green 10 --save before.json',
    'runbook traffic restore --from before.json',
  ],
  async run({ options, dryRun }): Promise<CommandReport> {
    const wanted = wantedWeights(options)
    return await change(await adapterOf(options), wanted, dryRun, options.save)
  },
})

const restore = defineCommand({
  name: 'restore',
  summary: 'Restore the weights that set --save kept.',
  args: {},
  options: {
    from: required(filePath('file'), 'The file that set --save wrote.'),
    ...OPTIONS,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const wanted = await loadWeights(options.from)
    return await change(await adapterOf(options), wanted, dryRun, undefined)
  },
})

const shift = defineCommand({
  name: 'shift',
  summary: 'Move all traffic to one color in stages, check after each that it still holds, and stop if not.',
  args: {},
  options: {
    color: optional(choice(COLORS), 'The color that gets the traffic. Default: the idle one.'),
    strategy: withDefault(
      ladderType,
      'canary-10',
      `${Object.keys(STRATEGIES).join(', ')}, or a ladder such as 5,25,100.`,
    ),
    hold: withDefault(duration(), '30s', 'How long each stage but the last is held.'),
    save: optional(filePath('file'), 'Keep the weights read before, for restore --from FILE.'),
    ...OPTIONS,
  },
  effect: 'write',
  examples: ['runbook traffic shift --color green --strategy canary-50 --hold 5m --save before.json'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { strategy: ladder, hold: holdMs } = options
    const adapter = await adapterOf(options)
    const before = await adapter.read()
    const color = options.color ?? otherColor(before.live)
    const texts: string[] = []
    for (const [index, share] of ladder.entries()) {
      if (index > 0 && !dryRun) await holdStage(adapter, stage(color, ladder[index - 1] ?? 0), holdMs)
      const save = index === 0 ? options.save : undefined
      texts.push((await change(adapter, stage(color, share), dryRun, save)).text)
    }
    return { document: { ok: true, color, ladder, before: before.weights }, text: texts.join('') }
  },
})

const drain = defineCommand({
  name: 'drain',
  summary: 'Wait until a color that has no weight has answered its last request.',
  args: {},
  options: {
    color: required(choice(COLORS), 'The color to wait for.'),
    limit: withDefault(duration(), '30s', 'How long it may take.'),
    ...OPTIONS,
  },
  effect: 'write',
  examples: [],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { color, limit: limitMs } = options
    const adapter = await adapterOf(options)
    const weight = (await adapter.read()).weights[color]
    if (weight > 0)
      throw new CliError(
        exit.failed,
        `${color} has weight ${weight} and cannot be drained: new requests would keep coming`,
        `Move the traffic away first: runbook traffic set --${color} 0`,
      )
    if (dryRun) return { document: { ok: true, dryRun: true, color }, text: `$ would drain ${color}\n` }
    const empty = await adapter.drain(color, limitMs)
    if (empty) return { document: { ok: true, color }, text: `+ ${color} has answered its last request\n` }
    throw new CliError(
      exit.failed,
      `${color} still answers requests after ${limitMs / 1000} seconds: stopping it now would cut them off`,
      'Wait longer with --limit, or look at what takes so long.',
    )
  },
})

function stage(color: Color, share: number): Weights {
  return color === 'green' ? { blue: 100 - share, green: share } : { blue: share, green: 100 - share }
}

async function holdStage(adapter: TrafficAdapter, held: Weights, holdMs: number): Promise<void> {
  await sleep(holdMs)
  const now = await adapter.read()
  if (sameWeights(now.weights, held)) return
  throw new CliError(
    exit.failed,
    `Somebody else changed the weights during a stage: they were set to ${weightsText(held)}, and are ${weightsText(now.weights)}`,
    'Nothing more is moved: find out who, then decide with traffic.ts set or restore.',
  )
}

function wantedWeights({ weights: both, green, blue }: Values<typeof WEIGHTS>): Weights {
  const given = [both, green, blue].filter((value) => value !== undefined).length
  if (given !== 1)
    throw new CliError(
      exit.usage,
      given === 0 ? 'No weights are given' : 'Weights are given twice',
      'Give exactly one of --weights, --green and --blue, such as --green 10.',
    )
  return both ?? stage(green === undefined ? 'blue' : 'green', green ?? blue ?? 0)
}

async function change(
  adapter: TrafficAdapter,
  wanted: Weights,
  dryRun: boolean,
  save: string | undefined,
): Promise<CommandReport> {
  const before = await adapter.read()
  const same = sameWeights(before.weights, wanted)
  if (save !== undefined && !dryRun) await keepBefore(save, before, same, adapter.address)
  if (same || dryRun) return report(adapter, before, { ...before, weights: wanted }, same ? '=' : '$')
  await adapter.write(wanted, before)
  const after = await adapter.read()
  if (!sameWeights(after.weights, wanted)) {
    throw new CliError(
      exit.failed,
      `The weights are not what was set: set ${weightsText(wanted)}, read back ${weightsText(after.weights)}`,
      'Somebody else may be changing them: look with traffic.ts show.',
    )
  }
  return report(adapter, before, after, '+')
}

// Set again after a crash, the weights are the wanted ones already: the file then still has those from before the first try.
async function keepBefore(file: string, before: Traffic, same: boolean, admin: string): Promise<void> {
  const kept = await access(file).then(
    () => true,
    () => false,
  )
  if (!(same && kept)) await saveWeights(file, before, admin)
}

/** The live color, and the version of the traffic where the switch counts changes. */
function liveText(traffic: Traffic): string {
  const counted = traffic.version === undefined ? '' : `, traffic version ${traffic.version}`
  return `live ${traffic.live}${counted}`
}

function report(
  adapter: TrafficAdapter,
  before: Traffic,
  after: Traffic,
  mark: '+' | '=' | '$',
): CommandReport {
  const words = { '+': 'after ', '=': 'already', $: 'would be' }[mark]
  const text = `  before ${weightsText(before.weights)} (live ${before.live})\n${mark} ${words} ${weightsText(after.weights)}${mark === '+' ? ` (${liveText(after)})` : ''}\n${mark === '$' ? `  ${adapter.name}: ${adapter.loss}\n` : ''}`
  return { document: { ok: true, changed: mark === '+', before, after }, text }
}

export const program = defineProgram({
  name: 'runbook traffic',
  summary: 'Read and move the traffic between blue and green.',
  commands: [show, live, check, set, shift, drain, restore],
})

if (import.meta.main) await runProgram(program)
