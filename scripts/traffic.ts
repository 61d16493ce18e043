import { access } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { COLORS, type Color, type Traffic, type Weights, otherColor } from './lab/model.ts'
import { Failure, cannotTell, usageFailure } from './lib/failure.ts'
import { STRATEGIES, ladderOf } from './lib/ladder.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { runProgram } from './lib/program.ts'
import type { TrafficAdapter } from './lib/traffic-adapters.ts'
import { OPTIONS, adapterOf } from './lib/traffic-flags.ts'
import { suggestion } from './lib/suggest.ts'
import { duration, integer, required } from './lib/values.ts'
import { loadWeights, parseWeights, sameWeights, saveWeights, weightsText } from './lib/weights.ts'

const WEIGHTS = {
  weights: { type: 'string', value: 'W', help: 'Both weights, 0 to 100 each: blue=90,green=10.' },
  green: { type: 'string', value: 'N', help: 'Green gets N percent and blue the rest.' },
  blue: { type: 'string', value: 'N', help: 'Blue gets N percent and green the rest.' },
} as const

const show = command({
  summary: 'prints the weights as the switch has them, and which color is live.',
  options: OPTIONS,
  async run(values): Promise<Outcome> {
    const traffic = await (await adapterOf(values)).read()
    return {
      document: traffic,
      text: `${weightsText(traffic.weights)}\nlive ${traffic.live} (version ${traffic.version})\n`,
    }
  },
})

const live = command({
  summary: 'prints one color: the live one, or with --idle the other.',
  options: { idle: { type: 'boolean', help: 'The color that is not live.' }, ...OPTIONS } as const,
  async run(values): Promise<Outcome> {
    const traffic = await (await adapterOf(values)).read()
    const other = traffic.live === 'blue' ? 'green' : 'blue'
    const color = values.idle === true ? other : traffic.live
    return { document: { color }, text: `${color}\n` }
  },
})

const check = command({
  summary: 'exits with 0 when the weights are these, with 1 when they are not, with 2 when it cannot tell.',
  options: { ...WEIGHTS, ...OPTIONS } as const,
  async run(values): Promise<Outcome> {
    const wanted = wantedWeights(values)
    const { weights } = await cannotTell(adapterOf(values).then((adapter) => adapter.read()))
    const holds = sameWeights(weights, wanted)
    return { document: { holds, weights }, text: `${weightsText(weights)}\n`, exitCode: holds ? 0 : 1 }
  },
})

const set = command({
  summary: 'sets the weights, and reads them back. The same weights again change nothing.',
  options: {
    ...WEIGHTS,
    save: { type: 'string', value: 'FILE', help: 'Keep the weights read before, for restore --from FILE.' },
    ...OPTIONS,
  } as const,
  examples: [
    'node scripts/traffic.ts set --green 10 --save before.json',
    'node scripts/traffic.ts restore --from before.json',
  ],
  async run(values): Promise<Outcome> {
    const wanted = wantedWeights(values)
    return await change(await adapterOf(values), wanted, values['dry-run'] ?? false, values.save)
  },
})

const restore = command({
  summary: 'brings back the weights that set --save kept.',
  options: {
    from: { type: 'string', value: 'FILE', help: 'The file that set --save wrote.' },
    ...OPTIONS,
  } as const,
  async run(values): Promise<Outcome> {
    const wanted = await loadWeights(required(values.from, '--from'))
    return await change(await adapterOf(values), wanted, values['dry-run'] ?? false, undefined)
  },
})

const shift = command({
  summary:
    'moves all traffic to one color in stages, looks after each whether they still hold, and stops if not.',
  options: {
    color: {
      type: 'string',
      value: 'COLOR',
      help: 'The color that gets the traffic (default: the idle one).',
    },
    strategy: {
      type: 'string',
      value: 'NAME',
      help: `${Object.keys(STRATEGIES).join(', ')}, or a ladder such as 5,25,100 (default canary-10).`,
    },
    hold: { type: 'string', value: 'TIME', help: 'How long each stage but the last is held (default 30s).' },
    save: { type: 'string', value: 'FILE', help: 'Keep the weights read before, for restore --from FILE.' },
    ...OPTIONS,
  } as const,
  examples: ['node scripts/traffic.ts shift --color green --strategy canary-50 --hold 5m --save before.json'],
  async run(values): Promise<Outcome> {
    const ladder = ladderOf(values.strategy ?? 'canary-10')
    const holdMs = duration(values.hold ?? '30s', '--hold')
    const adapter = await adapterOf(values)
    const before = await adapter.read()
    const color = values.color === undefined ? otherColor(before.live) : colorFlag(values.color)
    const dryRun = values['dry-run'] ?? false
    const texts: string[] = []
    for (const [index, share] of ladder.entries()) {
      if (index > 0 && !dryRun) await holdStage(adapter, stage(color, ladder[index - 1] ?? 0), holdMs)
      const save = index === 0 ? values.save : undefined
      texts.push((await change(adapter, stage(color, share), dryRun, save)).text)
    }
    return { document: { ok: true, color, ladder, before: before.weights }, text: texts.join('') }
  },
})

const drain = command({
  summary: 'waits until a color that has no weight has answered its last request.',
  options: {
    color: { type: 'string', value: 'COLOR', help: 'blue or green.' },
    limit: { type: 'string', value: 'TIME', help: 'How long it may take (default 30s).' },
    ...OPTIONS,
  } as const,
  async run(values): Promise<Outcome> {
    const color = colorFlag(required(values.color, '--color'))
    const limitMs = duration(values.limit ?? '30s', '--limit')
    const adapter = await adapterOf(values)
    const { weights } = await adapter.read()
    if (weights[color] > 0)
      throw new Failure(
        `${color} has weight ${weights[color]} and cannot be drained.`,
        'New requests would keep coming.',
        `Move the traffic away first: node scripts/traffic.ts set --${color} 0`,
      )
    if (values['dry-run'] === true)
      return { document: { ok: true, dryRun: true, color }, text: `$ would drain ${color}\n` }
    const empty = await adapter.drain(color, limitMs)
    if (empty) return { document: { ok: true, color }, text: `+ ${color} has answered its last request\n` }
    throw new Failure(
      `${color} still answers requests after ${limitMs / 1000} seconds.`,
      'Stopping it now would cut them off.',
      'Wait longer with --limit, or look at what takes so long.',
    )
  },
})

function colorFlag(value: string): Color {
  const color = COLORS.find((known) => known === value)
  if (color !== undefined) return color
  throw usageFailure(`Unknown color "${value}".`, 'There are two.', suggestion(value, COLORS))
}

function stage(color: Color, share: number): Weights {
  return color === 'green' ? { blue: 100 - share, green: share } : { blue: share, green: 100 - share }
}

async function holdStage(adapter: TrafficAdapter, weights: Weights, holdMs: number): Promise<void> {
  await sleep(holdMs)
  const now = await adapter.read()
  if (sameWeights(now.weights, weights)) return
  throw new Failure(
    'Somebody else changed the weights during a stage.',
    `They were set to ${weightsText(weights)}, and are ${weightsText(now.weights)}.`,
    'Nothing more is moved: find out who, then decide with traffic.ts set or restore.',
  )
}

function wantedWeights(values: { weights?: string; green?: string; blue?: string }): Weights {
  const given = [values.weights, values.green, values.blue].filter((value) => value !== undefined)
  if (given.length !== 1) {
    throw usageFailure(
      given.length === 0 ? 'No weights are given.' : 'Weights are given twice.',
      'Exactly one of --weights, --green and --blue says them.',
      'Write for example: --green 10',
    )
  }
  if (values.weights !== undefined) return parseWeights(values.weights)
  if (values.green === undefined) {
    const blue = integer(required(values.blue, '--blue'), '--blue', 0, 100)
    return { blue, green: 100 - blue }
  }
  const green = integer(values.green, '--green', 0, 100)
  return { blue: 100 - green, green }
}

async function change(
  adapter: TrafficAdapter,
  wanted: Weights,
  dryRun: boolean,
  save: string | undefined,
): Promise<Outcome> {
  const before = await adapter.read()
  const same = sameWeights(before.weights, wanted)
  if (save !== undefined && !dryRun) await keepBefore(save, before, same, adapter.address)
  if (same || dryRun) return report(adapter, before, { ...before, weights: wanted }, same ? '=' : '$')
  await adapter.write(wanted, before)
  const after = await adapter.read()
  if (!sameWeights(after.weights, wanted)) {
    throw new Failure(
      'The weights are not what was set.',
      `Set ${weightsText(wanted)}, read back ${weightsText(after.weights)}.`,
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

function report(adapter: TrafficAdapter, before: Traffic, after: Traffic, mark: '+' | '=' | '$'): Outcome {
  const words = { '+': 'after ', '=': 'already', $: 'would be' }[mark]
  const text = `  before ${weightsText(before.weights)} (live ${before.live})\n${mark} ${words} ${weightsText(after.weights)}${mark === '+' ? ` (live ${after.live}, version ${after.version})` : ''}\n${mark === '$' ? `  ${adapter.name}: ${adapter.loss}\n` : ''}`
  return { document: { ok: true, changed: mark === '+', before, after }, text }
}

export const program: Program = {
  name: 'node scripts/traffic.ts',
  summary: 'read and move the traffic between blue and green.',
  commands: { show, live, check, set, shift, drain, restore },
}

if (import.meta.main) await runProgram(program)
