import { installHint, isInstalled } from '../../lib/tool.ts'

/** The requirements of a release. */
export interface Needs {
  macos: boolean
  windows: boolean
  signing: boolean
}

/** One thing that is not there, and what to do about it. */
export interface Missing {
  what: string
  remedy: string
}

const MACOS = ['APPLE_ID', 'APPLE_ID_PASSWORD', 'APPLE_TEAM_ID', 'DEVELOPER_ID']
const WINDOWS = ['WINDOWS_PFX_PATH', 'WINDOWS_PFX_PASSWORD']

/** Everything that is missing, not only the first. Values are looked at and never repeated. */
export function missingFor(needs: Needs, env: Record<string, string | undefined>): Missing[] {
  return [
    program('git', env),
    ...(needs.signing
      ? [
          program('ssh-keygen', env),
          variable('RELEASE_SIGNING_KEY', 'the path of the key that signs SHA256SUMS', env),
        ]
      : []),
    ...(needs.macos
      ? [
          ...MACOS.map((name) => variable(name, 'signing for macOS', env)),
          installers('macos', 'installers for macOS', '--skip-macos'),
        ]
      : []),
    ...(needs.windows
      ? [
          ...WINDOWS.map((name) => variable(name, 'signing for Windows', env)),
          installers('windows', 'installers for Windows', '--skip-windows'),
        ]
      : []),
  ].flatMap((one) => one ?? [])
}

function variable(name: string, use: string, env: Record<string, string | undefined>): Missing | undefined {
  if ((env[name] ?? '') !== '') return undefined
  return { what: `the environment variable ${name}`, remedy: `Set ${name}: ${use}.` }
}

function program(name: string, env: Record<string, string | undefined>): Missing | undefined {
  return isInstalled(name, env) ? undefined : { what: `the program ${name}`, remedy: installHint(name) }
}

/** Installers are a program of their own: that is said before the first effect, not after it. */
function installers(platform: string, what: string, flag: string): Missing {
  return {
    what: `a way to make ${what} in the pipeline`,
    remedy: `Leave them out with ${flag}, and make them with \`runbook installer ${platform}\`.`,
  }
}
