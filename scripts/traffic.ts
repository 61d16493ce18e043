import { access } from 'node:fs/promises'
import { DEFAULT_ADMIN, adminUrl, askLab } from './lab/client.ts'
import type { Traffic, Weights } from './lab/model.ts'
import { COMMON, DRY_RUN } from './lib/args.ts'
import { Failure, cannotTell, usageFailure } from './lib/failure.ts'
import { isRecord } from './lib/http.ts'
import { type Outcome, command } from './lib/command.ts'
import { runProgram } from './lib/program.ts'
import { integer, required } from './lib/values.ts'
import { loadWeights, parseWeights, sameWeights, saveWeights, weightsText } from './lib/weights.ts'

const OPTIONS = {
  lab: { type: 'string', value: 'URL', help: `Admin address (default LAB_URL, else ${DEFAULT_ADMIN}).` },
  ...DRY_RUN,
  ...COMMON,
} as const

const WEIGHTS = {
  weights: { type: 'string', value: 'W', help: 'Both weights, 0 to 100 each: blue=90,green=10.' },
  green: { type: 'string', value: 'N', help: 'Green gets N percent and blue the rest.' },
  blue: { type: 'string', value: 'N', help: 'Blue gets N percent and green the rest.' },
} as const

const show = command({
  summary: 'prints the weights as the switch has them, and which color is live.',
  options: OPTIONS,
  async run(values): Promise<Outcome> {
    const traffic = await readTraffic(adminUrl(values.lab))
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
    const traffic = await readTraffic(adminUrl(values.lab))
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
    const { weights } = await cannotTell(readTraffic(adminUrl(values.lab)))
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
    return await change(adminUrl(values.lab), wanted, values['dry-run'] ?? false, values.save)
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
    return await change(adminUrl(values.lab), wanted, values['dry-run'] ?? false, undefined)
  },
})

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
  admin: string,
  wanted: Weights,
  dryRun: boolean,
  save: string | undefined,
): Promise<Outcome> {
  const before = await readTraffic(admin)
  const same = sameWeights(before.weights, wanted)
  if (save !== undefined && !dryRun) await keepBefore(save, before, same, admin)
  if (same || dryRun) return report(before, { ...before, weights: wanted }, same ? '=' : '$')
  await askLab(admin, 'PUT', '/traffic', { weights: wanted, ifVersion: before.version })
  const after = await readTraffic(admin)
  if (!sameWeights(after.weights, wanted)) {
    throw new Failure(
      'The weights are not what was set.',
      `Set ${weightsText(wanted)}, read back ${weightsText(after.weights)}.`,
      'Somebody else may be changing them: look with traffic.ts show.',
    )
  }
  return report(before, after, '+')
}

// Set again after a crash, the weights are the wanted ones already: the file then still has those from before the first try.
async function keepBefore(file: string, before: Traffic, same: boolean, admin: string): Promise<void> {
  const kept = await access(file).then(
    () => true,
    () => false,
  )
  if (!(same && kept)) await saveWeights(file, before, admin)
}

async function readTraffic(admin: string): Promise<Traffic> {
  const answer = await askLab(admin, 'GET', '/traffic')
  if (isRecord(answer['weights'])) return answer as unknown as Traffic
  throw new Failure(
    `${admin} is not the admin address of a lab.`,
    'GET /traffic did not answer with weights.',
    'Give the admin address with --lab: the lab prints it when it starts.',
  )
}

function report(before: Traffic, after: Traffic, mark: '+' | '=' | '$'): Outcome {
  const words = { '+': 'after ', '=': 'already', $: 'would be' }[mark]
  const text = `  before ${weightsText(before.weights)} (live ${before.live})\n${mark} ${words} ${weightsText(after.weights)}${mark === '+' ? ` (live ${after.live}, version ${after.version})` : ''}\n`
  return { document: { ok: true, changed: mark === '+', before, after }, text }
}

if (import.meta.main) {
  await runProgram({
    name: 'node scripts/traffic.ts',
    summary: 'read and move the traffic between blue and green.',
    commands: { show, live, check, set, restore },
  })
}
