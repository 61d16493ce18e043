import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { scratchFolder } from '../../../runner/scratch-folder.ts'
import type { Artifact } from '../../domain/artifact.ts'
import { type ColorSettings, releaseSettings } from '../../domain/environments.ts'
import { isAddress } from '../../domain/system-name.ts'
import { adminUrl, askLab, labState } from '../../lab/admin/admin-client.ts'
import { type Color, type ColorState, type Traffic } from '../../lab/lab-model.ts'
import { requestJson } from '../../lib/ask-json.ts'
import { waitFor } from '../../lib/wait.ts'
import { adapterOfSystem } from '../traffic/traffic-flags.ts'

/** One color, as far as its system tells. */
interface ColorStanding {
  state: ColorState
  version: string | null
  commit: string | null
  digest: string | null
  url: string
  lastExit: string | null
}

/** The traffic, and what runs as each color. */
export interface Standing {
  traffic: Traffic
  colors: Record<Color, ColorStanding>
}

/** A system that builds are run in, as blue and as green. */
export interface Deployments {
  /** As messages name it. */
  name: string
  /** Whether a color that does not answer may still be starting: only a lab knows its processes. */
  startsSlowly: boolean
  standing(): Promise<Standing>
  start(color: Color, artifact: Artifact, force: boolean): Promise<void>
  stop(color: Color): Promise<void>
}

/** The lab at an address, or the environment of a name. @throws {CliError} usage */
export function deploymentsOf(system: string | undefined): Deployments {
  return system === undefined || isAddress(system)
    ? labDeployments(adminUrl(system))
    : environmentDeployments(system, releaseSettings(system).colors)
}

function labDeployments(admin: string): Deployments {
  return {
    name: 'the lab',
    startsSlowly: false,
    standing: () => labState(admin),
    async start(color, { folder }, force) {
      await askLab(admin, 'POST', '/deploy', { color, artifactDir: folder, force })
    },
    async stop(color) {
      await askLab(admin, 'POST', '/stop', { color })
    },
  }
}

const ANSWER_MS = 2000
const STOP_MS = 30_000

/** Colors that commands start and stop, and that say at /version what they run. */
function environmentDeployments(name: string, { urls, start, stop }: ColorSettings): Deployments {
  const end = async (color: Color): Promise<void> => {
    await runCommand(stop, 'stop', { COLOR: color })
    await waitFor(async () => ((await colorAt(urls[color])).state === 'stopped' ? true : undefined), STOP_MS)
  }
  const standing = async (): Promise<Standing> => {
    const [traffic, blue, green] = await Promise.all([
      adapterOfSystem(name).then((proxy) => proxy.read()),
      colorAt(urls.blue),
      colorAt(urls.green),
    ])
    return { traffic, colors: { blue, green } }
  }
  return {
    name: `the environment ${name}`,
    startsSlowly: true,
    standing,
    async start(color, { folder, metadata }) {
      // The version of the release before is still there, as the way back of that release.
      if ((await colorAt(urls[color])).state !== 'stopped') await end(color)
      await runCommand(start, 'start', { COLOR: color, ARTIFACT: folder, VERSION: metadata.version })
    },
    stop: end,
  }
}

async function colorAt(url: string): Promise<ColorStanding> {
  const none = { version: null, commit: null, digest: null, lastExit: null, url }
  const answer = await requestJson('GET', `${url}/version`, { limitMs: ANSWER_MS }).catch(() => undefined)
  if (answer === undefined) return { ...none, state: 'stopped' }
  const text = (name: string): string | null => {
    const value = answer.body[name]
    return typeof value === 'string' ? value : null
  }
  return { ...none, state: 'ready', version: text('version'), commit: text('commit') }
}

/** Runs a command of environments.yaml. A process that it starts may go on writing, so the output goes to a file. */
async function runCommand(script: string, what: string, variables: Record<string, string>): Promise<void> {
  using scratch = scratchFolder('deploy')
  const file = join(scratch.path, 'output')
  const output = await open(file, 'a')
  try {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      env: { ...process.env, ...variables },
      stdio: ['ignore', output.fd, output.fd],
    })
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    if (code === 0) return
    const last = (await readFile(file, 'utf8')).trim().split('\n').at(-1)
    const given = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
    throw new CliError(
      exit.failed,
      `The command \`${what}\` of the environment ended with ${code ?? signal}${last ? `: ${last}` : ''}`,
      `Try it by hand with ${given.join(' ')}.`,
    )
  } finally {
    await output.close()
  }
}
