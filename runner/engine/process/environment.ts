import { hash } from 'node:crypto'
import { existsSync, lstatSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { folderInCache } from '../../cache-folder.ts'
import { isSingleFile } from '../../own-files.ts'
import type { Plan } from '../../model/plan.ts'
import { proxyVariables } from './http-proxies.ts'

interface Variable {
  name: string
  /** Where its value comes from and what it is for. */
  meaning: string
}

const inherited: readonly Variable[] = [
  { name: 'PATH', meaning: 'Where programs are found; `runbook` first, as the program that runs the step.' },
  { name: 'HOME', meaning: 'The home folder of whoever runs.' },
  { name: 'USER', meaning: 'The name of whoever runs.' },
  { name: 'LOGNAME', meaning: 'The same, as older programs call it.' },
  { name: 'SHELL', meaning: 'The login shell.' },
  { name: 'LANG', meaning: 'The language and encoding of programs.' },
  { name: 'LANGUAGE', meaning: 'Languages in order of preference.' },
  { name: 'LC_*', meaning: 'The parts of the locale.' },
  { name: 'TERM', meaning: 'Capabilities of the terminal.' },
  { name: 'TZ', meaning: 'The time zone.' },
  { name: 'TMPDIR', meaning: 'Where temporary files go.' },
  ...proxyVariables.map((name) => ({
    name,
    meaning: name.startsWith('NODE')
      ? 'Whether Node programs go through the proxies.'
      : 'The way through a proxy, as `curl` and others read it.',
  })),
  { name: 'SYSTEMROOT', meaning: 'Where Windows is installed.' },
]

const given: readonly Variable[] = [
  { name: 'PAGER', meaning: '`cat`, so that no program waits in a pager.' },
  { name: 'GIT_PAGER', meaning: '`cat`, for the same reason.' },
  { name: 'RUNBOOK_RUN_ID', meaning: 'The id of the run; with the step, a key for requests sent once.' },
  { name: 'RUNBOOK_STATE', meaning: 'The state folder that has the run, for a step that calls `runbook`.' },
  { name: 'RUNBOOK_ACTOR', meaning: 'Who runs it.' },
  {
    name: 'RUNBOOK_EPOCH',
    meaning: 'In team mode: counts the machines that had the run, for a target that can refuse an old one.',
  },
  {
    name: 'TRACEPARENT',
    meaning: 'The span of the attempt, by W3C Trace Context, for the programs that it calls.',
  },
  { name: 'RUNBOOK_SLUG', meaning: 'The name of the runbook.' },
  { name: 'RUNBOOK_STEP_ID', meaning: 'The id of the step.' },
  { name: 'RUNBOOK_ATTEMPT', meaning: 'The number of the attempt, from 1; 0 for a `done` fence.' },
  { name: 'RUNBOOK_ATTEMPT_ID', meaning: 'The step and which of its scripts this is, such as `tag/1`.' },
  { name: 'RUNBOOK_NODE', meaning: 'The Node that `runbook` in a step is started with.' },
  { name: 'RUNBOOK_OUTPUT', meaning: 'The file that takes outputs as `name=value` lines.' },
]

/**
 * Every variable a step finds, beside what `requires` and `env` name, its inputs and the outputs before it.
 * @internal
 */
export const environmentTable: readonly (Variable & { from: 'shell' | 'runner' })[] = [
  ...inherited.map((variable) => ({ ...variable, from: 'shell' as const })),
  ...given.map((variable) => ({ ...variable, from: 'runner' as const })),
]

/** A folder that holds `runbook` and nothing else. */
function ownFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return isSingleFile ? linkedFolder(env) : join(import.meta.dirname, '../path')
}

/** A folder with a link to the single file, which may have any name. */
function linkedFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { execPath } = process
  const folder = folderInCache(`path-${hash('sha256', execPath).slice(0, 16)}`, env)
  if (folder === undefined) return undefined
  const link = join(folder, 'runbook')
  try {
    if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(execPath, link)
    return folder
  } catch {
    // Another runner may just have made it.
    return existsSync(link) ? folder : undefined
  }
}

/** PATH as steps have it: `runbook` is the program that runs them, installed on a PATH or not. */
export function pathOfSteps(outer: Readonly<Record<string, string | undefined>>): string {
  const outside = outer['PATH'] ? [outer['PATH']] : []
  const own = ownFolder(outer)
  // Without a place for a link, the folder of the file comes last: it may hold other programs.
  return (own === undefined ? [...outside, dirname(process.execPath)] : [own, ...outside]).join(delimiter)
}

/** The environment of a step: the table above, what the runbook names, inputs and outputs; nothing else. */
export function stepEnvironment(
  plan: Plan,
  outer: Record<string, string | undefined>,
  values: Record<string, string>,
): Record<string, string> {
  const named = [
    ...inherited.map(({ name }) => name),
    ...Object.keys(outer).filter((name) => name.startsWith('LC_')),
    ...(plan.requires.env ?? []),
    ...(plan.requires.optionalEnv ?? []),
  ]
  const kept = named.flatMap((name) => (outer[name] === undefined ? [] : [[name, outer[name]] as const]))
  const fixed = { PAGER: 'cat', GIT_PAGER: 'cat', RUNBOOK_NODE: process.execPath }
  return { ...fixed, ...Object.fromEntries(kept), PATH: pathOfSteps(outer), ...plan.env, ...values }
}

/** Shortest value of a variable that is hidden, in bytes: a shorter one occurs in ordinary text. */
const shortestHidden = 8

/** A variable that the runbook declares and does not call public. */
interface Declared {
  name: string
  value: string
  /** Why its value is not hidden. */
  shown?: string
}

/** The declared variables that are set, and whether their values can be hidden. */
export function declaredSecrets(plan: Plan, outer: Readonly<Record<string, string | undefined>>): Declared[] {
  const { env = [], optionalEnv = [], publicEnv = [] } = plan.requires
  const open = new Set([...inherited.map(({ name }) => name), ...publicEnv])
  const planText = JSON.stringify(plan)
  return [...new Set([...env, ...optionalEnv])].flatMap((name) => {
    const value = outer[name] ?? ''
    if (value === '' || open.has(name)) return []
    if (Buffer.byteLength(value) < shortestHidden)
      return [{ name, value, shown: `it is shorter than ${shortestHidden} bytes` }]
    if (planText.includes(JSON.stringify(value).slice(1, -1)))
      return [{ name, value, shown: 'it is also in a step or in an input' }]
    return [{ name, value }]
  })
}

/** Values of declared variables that must not reach a disk or a screen. */
export function hiddenVariables(plan: Plan, outer: Readonly<Record<string, string | undefined>>): string[] {
  return declaredSecrets(plan, outer).flatMap(({ value, shown }) => (shown === undefined ? [value] : []))
}
