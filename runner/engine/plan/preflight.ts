import { existsSync } from 'node:fs'
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path'
import { platform } from 'node:os'
import type { Plan } from '../../model/plan.ts'
import { commandOf } from '../../model/steps/languages.ts'
import { pathOfSteps } from '../process/environment.ts'
import { ptyPackage, ptyProblem } from '../process/shim/pty.ts'

export interface Requirement {
  /** The requirement, as written. */
  what: string
  ok: boolean
  /** The result. */
  found: string
  /** The hint when it is missing. */
  remedy: string
}

/** Looks at everything the plan needs, so that all that is missing is named at once, before the first effect. */
export async function preflight(
  plan: Plan,
  cwd: string,
  env: Record<string, string | undefined>,
): Promise<Requirement[]> {
  const { commands = [], env: names = [], optionalEnv = [], os = [], files = [] } = plan.requires
  const interpreters = new Set(
    plan.steps.flatMap((step) => step.fences.flatMap((fence) => commandOf(fence)?.[0] ?? [])),
  )
  const wanted = [
    ...commands,
    ...[...interpreters].filter((name) => !commands.some((command) => command.split(/\s/)[0] === name)),
  ]
  return [
    ...(await Promise.all(wanted.map((command) => requireCommand(command, env)))),
    ...names.map((name) => requireVariable(name, env)),
    ...optionalEnv.map((name) => ({
      what: `$${name}`,
      ok: true,
      found: (env[name] ?? '') === '' ? 'not set; its steps go without' : 'set',
      remedy: '',
    })),
    ...(os.length > 0 ? [requireSystem(os)] : []),
    ...files.map((file) => requireFile(file, cwd)),
    ...(plan.steps.some(({ attributes }) => attributes['tty'] === true) ? [requireTerminals()] : []),
  ]
}

async function requireCommand(
  command: string,
  env: Record<string, string | undefined>,
): Promise<Requirement> {
  const [name = '', ...range] = command.split(/\s+/)
  const path = findProgram(name, pathOfSteps(env))
  if (path === undefined)
    return {
      what: command,
      ok: false,
      found: isAbsolute(name) ? 'does not exist' : 'not found in PATH',
      remedy: isAbsolute(name)
        ? `Install ${basename(name)} there, or name another interpreter after \`#!\`.`
        : `Install ${name}, or add its folder to PATH.`,
    }
  if (range.length === 0) return { what: command, ok: true, found: path, remedy: '' }
  const [{ default: semver }, { execa }] = await Promise.all([import('semver'), import('execa')])
  const printed = await execa(path, ['--version'], {
    reject: false,
    timeout: 5000,
    stdin: 'ignore',
    all: true,
  })
  const version = semver.coerce(printed.all)?.version
  const ok = version !== undefined && semver.satisfies(version, range.join(' '))
  return {
    what: command,
    ok,
    found: version ?? 'prints no version',
    remedy: ok ? '' : `Install ${name} ${range.join(' ')}.`,
  }
}

function findProgram(name: string, path: string): string | undefined {
  if (isAbsolute(name)) return existsSync(name) ? name : undefined
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file))
}

function requireVariable(name: string, env: Record<string, string | undefined>): Requirement {
  const ok = (env[name] ?? '') !== ''
  return {
    what: `$${name}`,
    ok,
    found: ok ? 'set' : 'not set',
    remedy: ok ? '' : `Set the environment variable ${name}.`,
  }
}

function requireSystem(os: readonly string[]): Requirement {
  const ok = os.includes(platform())
  return { what: os.join(' or '), ok, found: platform(), remedy: ok ? '' : `Run it on ${os.join(' or ')}.` }
}

function requireTerminals(): Requirement {
  const problem = ptyProblem()
  return {
    what: 'terminals for steps with `tty`',
    ok: problem === undefined,
    found: problem ?? ptyPackage,
    remedy: problem === undefined ? '' : `Install it with \`npm install ${ptyPackage}\` beside runbook.`,
  }
}

function requireFile(file: string, cwd: string): Requirement {
  const ok = existsSync(resolve(cwd, file))
  return {
    what: file,
    ok,
    found: ok ? 'there' : 'not there',
    remedy: ok ? '' : `Create ${file}, or start in another folder.`,
  }
}
