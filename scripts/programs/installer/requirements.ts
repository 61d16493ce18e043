import { release } from 'node:os'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { counted } from '../../../runner/model/counted.ts'
import { installHint, isInstalled } from '../../lib/tool.ts'
import { MACOS_PROGRAMS, MACOS_VARIABLES, OLDEST_MACOS } from './macos-commands.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Something that a build needs, and whether it is there. */
export interface Need {
  what: string
  ok: boolean
  /** How to get it, as a sentence. */
  remedy: string
}

const WINDOWS_VARIABLES = ['WINDOWS_PFX_PATH', 'WINDOWS_PFX_PASSWORD'] as const

/** The needs of an installer for Windows, on any system. */
export function windowsNeeds(tools: readonly string[], signing: boolean, env: Env): Need[] {
  const own = [...tools, ...(signing ? ['osslsigncode', 'openssl'] : [])]
  return [
    ...own.map((tool) => program(tool, env)),
    ...(signing ? WINDOWS_VARIABLES.map((name) => variable(name, 'it is for signing', env)) : []),
  ]
}

export function linuxNeeds(tools: readonly string[], env: Env): Need[] {
  return tools.map((tool) => program(tool, env))
}

export function substituteNeeds(env: Env): Need[] {
  return [program('genisoimage', env)]
}

/** The needs of a disk image: macOS itself comes first. */
export function macosNeeds(
  notarize: boolean,
  env: Env,
  platform: NodeJS.Platform = process.platform,
): Need[] {
  // Darwin 22 is macOS 13.
  const version = platform === 'darwin' ? Number(release().split('.')[0]) - 9 : undefined
  return [
    {
      what: `macOS ${OLDEST_MACOS} or later`,
      ok: version !== undefined && version >= OLDEST_MACOS,
      remedy: `This is ${version === undefined ? platform : `macOS ${version}`}: sign and notarize on a Mac, or make an unsigned image to look at with --substitute.`,
    },
    ...MACOS_PROGRAMS.map((tool) => ({
      ...program(tool, env),
      remedy: 'Install the Xcode command line tools.',
    })),
    ...(notarize ? MACOS_VARIABLES : MACOS_VARIABLES.filter((name) => name === 'DEVELOPER_ID')).map((name) =>
      variable(name, notarize ? 'it is for signing and notarizing' : 'it is for signing', env),
    ),
  ]
}

function program(name: string, env: Env): Need {
  return { what: `the program ${name}`, ok: isInstalled(name, env), remedy: installHint(name) }
}

function variable(name: string, use: string, env: Env): Need {
  return { what: `the variable ${name}`, ok: (env[name] ?? '') !== '', remedy: `Set ${name}: ${use}.` }
}

/** Ends a call that lacks something, before its first effect. @throws {CliError} naming everything that is missing */
export function requireAll(needs: readonly Need[]): void {
  const missing = needs.filter(({ ok }) => !ok)
  if (missing.length === 0) return
  throw new CliError(
    exit.failed,
    `${missing.length === 1 ? '1 thing is' : `${counted(missing.length, 'thing')} are`} missing, and nothing was made: ${missing.map(({ what }) => what).join(', ')}`,
    [...new Set(missing.map(({ remedy }) => remedy))].join(' '),
  )
}
