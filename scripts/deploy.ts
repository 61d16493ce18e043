import { resolve } from 'node:path'
import { DEFAULT_ADMIN, adminUrl, askLab, labState } from './lab/client.ts'
import { COLORS, type Color } from './lab/model.ts'
import type { LabState } from './lab/state.ts'
import { COMMON, DRY_RUN } from './lib/args.ts'
import { type Artifact, verifyArtifact } from './lib/artifact.ts'
import { Failure, cannotTell, usageFailure } from './lib/failure.ts'
import { requestJson } from './lib/http.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { runProgram } from './lib/program.ts'
import { suggestion } from './lib/suggest.ts'
import { duration, required } from './lib/values.ts'
import { waitFor } from './lib/wait.ts'

/** A start that hangs is given up after this; one that ends is noticed at once. */
const LIMIT = '150s'

const OPTIONS = {
  color: { type: 'string', value: 'COLOR', help: 'blue or green.' },
  lab: { type: 'string', value: 'URL', help: `Admin address (default LAB_URL, else ${DEFAULT_ADMIN}).` },
  ...DRY_RUN,
  ...COMMON,
} as const

const deploy = command({
  summary:
    'verifies an artifact, runs it as one color and waits until it is ready. Traffic stays where it is.',
  options: {
    artifact: { type: 'string', value: 'DIR', help: 'A folder that scripts/build.ts made.' },
    limit: {
      type: 'string',
      value: 'TIME',
      help: `How long it may take until it is ready (default ${LIMIT}).`,
    },
    force: {
      type: 'boolean',
      help: 'Also replace a color that has traffic: its requests go to the other one, or fail.',
    },
    ...OPTIONS,
  } as const,
  examples: [
    'node scripts/deploy.ts --color green --artifact dist/storefront-1.4.0',
    'node scripts/deploy.ts stop --color blue',
  ],
  async run(values): Promise<Outcome> {
    const color = colorFlag(values.color)
    const folder = resolve(required(values.artifact, '--artifact'))
    const limitMs = duration(values.limit ?? LIMIT, '--limit')
    const admin = adminUrl(values.lab)
    const artifact = await verifyArtifact(folder)
    const before = await labState(admin)
    const { version } = artifact.metadata
    if (runs(before, color, artifact)) return outcome('=', `${color} already runs ${version}`, before, color)
    refuseWeight(before, color, values.force ?? false)
    if (values['dry-run'] === true)
      return outcome(
        '$',
        `would deploy ${version} to ${color} (now ${describe(before, color)})`,
        before,
        color,
      )
    await askLab(admin, 'POST', '/deploy', { color, artifactDir: folder, force: values.force ?? false })
    const after = await untilReady(admin, color, limitMs)
    await readBack(after, color, artifact)
    return outcome(
      '+',
      `${color} runs ${version} (commit ${artifact.metadata.commit.slice(0, 12)})`,
      after,
      color,
    )
  },
})

const stop = command({
  summary: 'drains a color that has no traffic, then stops it.',
  options: OPTIONS,
  async run(values): Promise<Outcome> {
    const color = colorFlag(values.color)
    const admin = adminUrl(values.lab)
    const before = await labState(admin)
    if (before.colors[color].state === 'stopped')
      return outcome('=', `${color} is already stopped`, before, color)
    refuseWeight(before, color, false)
    if (values['dry-run'] === true)
      return outcome('$', `would drain and stop ${color} (now ${describe(before, color)})`, before, color)
    await askLab(admin, 'POST', '/stop', { color })
    const after = await labState(admin)
    if (after.colors[color].state !== 'stopped')
      throw new Failure(
        `${color} is not stopped.`,
        `The lab says it is ${after.colors[color].state}.`,
        'Look at the output of the lab.',
      )
    return outcome('+', `${color} is drained and stopped`, after, color)
  },
})

const check = command({
  summary: 'exits with 0 when a color runs a version, with 1 when it does not, with 2 when it cannot tell.',
  options: {
    version: { type: 'string', value: 'X.Y.Z', help: 'The version it should run.' },
    ...OPTIONS,
  } as const,
  async run(values): Promise<Outcome> {
    const color = colorFlag(values.color)
    const wanted = required(values.version, '--version')
    const slot = (await cannotTell(labState(adminUrl(values.lab)))).colors[color]
    const holds = slot.state === 'ready' && slot.version === wanted
    const text = `${color} is ${slot.state}${slot.version === null ? '' : `, ${slot.version}`}\n`
    return { document: { holds, ...slot }, text, exitCode: holds ? 0 : 1 }
  },
})

const url = command({
  summary: 'prints the own address of a color, past the switch.',
  options: OPTIONS,
  async run(values): Promise<Outcome> {
    const slot = (await labState(adminUrl(values.lab))).colors[colorFlag(values.color)]
    return { document: { url: slot.url }, text: `${slot.url}\n` }
  },
})

function colorFlag(text: string | undefined): Color {
  const value = required(text, '--color')
  const color = COLORS.find((known) => known === value)
  if (color !== undefined) return color
  throw usageFailure(`Unknown color "${value}".`, 'The lab has two colors.', suggestion(value, COLORS))
}

function runs(state: LabState, color: Color, artifact: Artifact): boolean {
  const slot = state.colors[color]
  return slot.state === 'ready' && slot.digest === artifact.digest && slot.commit === artifact.metadata.commit
}

// The lab refuses this too; asking first lets a dry run say so.
function refuseWeight(state: LabState, color: Color, force: boolean): void {
  const weight = state.traffic.weights[color]
  if (weight === 0 || force) return
  throw new Failure(
    `${color} has weight ${weight} and is left as it is.`,
    'Its requests would go elsewhere or fail.',
    `Move the traffic away first: node scripts/traffic.ts set --${color} 0`,
  )
}

async function untilReady(admin: string, color: Color, limitMs: number): Promise<LabState> {
  let last = 'starting'
  const state = await waitFor(async () => {
    const now = await labState(admin)
    const { state: is, lastExit } = now.colors[color]
    last = is
    if (is === 'stopped')
      throw new Failure(
        `${color} ended while it started.`,
        lastExit ?? 'It gave no reason.',
        'Look at the output of the lab; traffic was not moved.',
      )
    return is === 'ready' ? now : undefined
  }, limitMs)
  if (state !== undefined) return state
  throw new Failure(
    `${color} is not ready after ${limitMs / 1000} seconds.`,
    `It is ${last}.`,
    'Look at the output of the lab, or allow more with --limit; traffic was not moved.',
  )
}

async function readBack(state: LabState, color: Color, artifact: Artifact): Promise<void> {
  const { version, commit } = artifact.metadata
  const { body } = await requestJson('GET', `${state.colors[color].url}/version`)
  if (body['color'] === color && body['version'] === version && body['commit'] === commit) return
  throw new Failure(
    `${color} does not run what was deployed.`,
    `Expected version ${version} of ${commit}, it answers ${JSON.stringify(body)}.`,
    'Do not move traffic to it; deploy again.',
  )
}

function describe(state: LabState, color: Color): string {
  const { state: is, version } = state.colors[color]
  return version === null ? is : `${is}, ${version}`
}

function outcome(mark: '+' | '=' | '$', sentence: string, state: LabState, color: Color): Outcome {
  const changed = mark === '+'
  return { document: { ok: true, changed, color, ...state.colors[color] }, text: `${mark} ${sentence}\n` }
}

export const program: Program = {
  name: 'node scripts/deploy.ts',
  summary: 'run a build as blue or green.',
  commands: { deploy, stop, check, url },
  fallback: 'deploy',
}

if (import.meta.main) await runProgram(program)
