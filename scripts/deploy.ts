import { defineCommand, defineProgram, flag, optional, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { choice, duration, filePath, semver } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { showStage } from '../runner/kit/progress.ts'
import { resolve } from 'node:path'
import { DEFAULT_ADMIN } from './lab/admin/admin-client.ts'
import { COLORS, type Color } from './lab/lab-model.ts'
import { type Deployments, type Standing, deploymentsOf } from './programs/deploy/deployments.ts'
import { gateLines } from './programs/deploy/gate-lines.ts'
import { systemName } from './domain/system-name.ts'
import { type Artifact, verifyArtifact } from './domain/artifact.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { cannotTell } from './lib/errors.ts'
import { requestJson } from './lib/ask-json.ts'
import { waitFor } from './lib/wait.ts'

/** A start that hangs is abandoned after this, before the two minutes of a step end; one that ends is noticed at once. */
const LIMIT = '90s'

const OPTIONS = {
  color: required(choice(COLORS), 'The color.'),
  lab: optional(
    systemName,
    `Admin address of a lab, or the name of an environment. Default: LAB_URL, else ${DEFAULT_ADMIN}.`,
  ),
}

const deploy = defineCommand({
  name: 'deploy',
  summary: 'Verify an artifact, run it as one color and wait until it is ready. The traffic does not move.',
  args: {},
  options: {
    artifact: required(filePath('folder'), 'A folder that `runbook build` made.'),
    limit: withDefault(duration(), LIMIT, 'How long it may take until it is ready.'),
    force: flag('Also replace a color that has traffic: its requests go to the other one, or fail.'),
    ...OPTIONS,
  },
  effect: 'write',
  examples: [
    'runbook deploy --color green --artifact dist/storefront-1.4.0',
    'runbook deploy stop --color blue',
  ],
  async run({ io, options, dryRun }): Promise<CommandReport> {
    const color = options.color
    const folder = resolve(options.artifact)
    const limitMs = options.limit
    const system = deploymentsOf(options.lab)
    const artifact = await verifyArtifact(folder)
    const before = await system.standing()
    const { version } = artifact.metadata
    if (runs(before, color, artifact)) return outcome('=', `${color} already runs ${version}`, before, color)
    refuseWeight(before, color, options.force)
    if (dryRun)
      return outcome(
        '$',
        `would deploy ${version} to ${color} (now ${describe(before, color)})`,
        before,
        color,
      )
    const ended = showStage(io, `Starting ${version} as ${color}, for at most ${limitMs / 1000} s …`)
    const after = await system
      .start(color, artifact, options.force)
      .then(() => untilReady(system, color, version, limitMs))
      .finally(ended)
    await readBack(after, color, artifact)
    return outcome(
      '+',
      `${color} runs ${version} (commit ${artifact.metadata.commit.slice(0, 12)})`,
      after,
      color,
    )
  },
})

const stop = defineCommand({
  name: 'stop',
  summary: 'Drain a color that has no traffic, then stop it.',
  args: {},
  options: OPTIONS,
  effect: 'write',
  examples: [],
  async run({ io, options, dryRun }): Promise<CommandReport> {
    const color = options.color
    const system = deploymentsOf(options.lab)
    const before = await system.standing()
    if (before.colors[color].state === 'stopped')
      return outcome('=', `${color} is already stopped`, before, color)
    refuseWeight(before, color, false)
    if (dryRun)
      return outcome('$', `would drain and stop ${color} (now ${describe(before, color)})`, before, color)
    await system.stop(color).finally(showStage(io, `Draining ${color} …`))
    const after = await system.standing()
    if (after.colors[color].state !== 'stopped')
      throw new CliError(
        exit.failed,
        `${color} is not stopped: it is ${after.colors[color].state}`,
        `Look at the output of ${system.name}.`,
      )
    return outcome('+', `${color} is drained and stopped`, after, color)
  },
})

const check = defineCommand({
  name: 'check',
  summary: 'Exit with 0 when a color runs a version, with 1 when it does not, with 2 when it is unknown.',
  args: {},
  options: {
    version: required(semver, 'The version it should run.'),
    ...OPTIONS,
  },
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const color = options.color
    const wanted = options.version
    const slot = (await cannotTell(deploymentsOf(options.lab).standing())).colors[color]
    const holds = slot.state === 'ready' && slot.version === wanted
    const text = `${color} is ${slot.state}${slot.version === null ? '' : `, ${slot.version}`}\n`
    return { document: { holds, ...slot }, text, exitCode: holds ? 0 : 1 }
  },
})

const url = defineCommand({
  name: 'url',
  summary: 'Print the own address of a color, past the switch.',
  args: {},
  options: OPTIONS,
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const slot = (await deploymentsOf(options.lab).standing()).colors[options.color]
    return { document: { url: slot.url }, text: `${slot.url}\n` }
  },
})

const gate = defineCommand({
  name: 'gate',
  summary: 'Prints where a color shows its metrics, and which of them gates watch, as name=value lines.',
  args: {},
  options: OPTIONS,
  effect: 'read',
  examples: ['runbook deploy gate --color green --lab production'],
  async run({ options }): Promise<CommandReport> {
    const lines = await gateLines(options.color, options.lab)
    const text = Object.entries(lines).map(([name, value]) => `${name}=${value}\n`)
    return { document: lines, text: text.join('') }
  },
})

function runs(state: Standing, color: Color, artifact: Artifact): boolean {
  const slot = state.colors[color]
  return slot.state === 'ready' && slot.digest === artifact.digest && slot.commit === artifact.metadata.commit
}

// The lab refuses this too; asking first lets a dry run say so.
function refuseWeight(state: Standing, color: Color, force: boolean): void {
  const weight = state.traffic.weights[color]
  if (weight === 0 || force) return
  throw new CliError(
    exit.failed,
    `${color} has weight ${weight} and is unchanged: its requests would go elsewhere or fail`,
    `Move the traffic away first: runbook traffic set --${color} 0`,
  )
}

async function untilReady(
  system: Deployments,
  color: Color,
  version: string,
  limitMs: number,
): Promise<Standing> {
  let last = 'starting'
  const state = await waitFor(async () => {
    const now = await system.standing()
    const { state: is, lastExit, version: runsNow } = now.colors[color]
    last = describe(now, color)
    if (is === 'stopped' && !system.startsSlowly)
      throw new CliError(
        exit.failed,
        `${color} ended while it started: ${lastExit ?? 'it gave no reason'}`,
        `Look at the output of ${system.name}; traffic was not moved.`,
      )
    return is === 'ready' && (!system.startsSlowly || runsNow === version) ? now : undefined
  }, limitMs)
  if (state !== undefined) return state
  throw new CliError(
    exit.failed,
    `${color} is not ready after ${limitMs / 1000} seconds: it is ${last}`,
    `Look at the output of ${system.name}, or allow more with --limit; traffic was not moved.`,
  )
}

async function readBack(state: Standing, color: Color, artifact: Artifact): Promise<void> {
  const { version, commit } = artifact.metadata
  const { body } = await requestJson('GET', `${state.colors[color].url}/version`)
  // A service of somebody else need not know its color and its commit.
  const { color: is = color, commit: of = commit } = body
  if (is === color && body['version'] === version && of === commit) return
  throw new CliError(
    exit.failed,
    `${color} does not run what was deployed: expected version ${version} of ${commit}, it answers ${JSON.stringify(body)}`,
    'Do not move traffic to it; deploy again.',
  )
}

function describe(state: Standing, color: Color): string {
  const { state: is, version } = state.colors[color]
  return version === null ? is : `${is}, ${version}`
}

function outcome(mark: '+' | '=' | '$', sentence: string, state: Standing, color: Color): CommandReport {
  const changed = mark === '+'
  return { document: { ok: true, changed, color, ...state.colors[color] }, text: `${mark} ${sentence}\n` }
}

export const program = defineProgram({
  name: 'runbook deploy',
  summary: 'Run a build as blue or green.',
  commands: [deploy, stop, check, url, gate],
  fallback: 'deploy',
})

if (import.meta.main) await runProgram(program)
