import type { Plan } from '../../model/plan.ts'
import { proxyVariables } from './proxy.ts'

interface Variable {
  name: string
  /** Where its value comes from and what it is for. */
  meaning: string
}

const inherited: readonly Variable[] = [
  { name: 'PATH', meaning: 'Where programs are found.' },
  { name: 'HOME', meaning: 'The home folder of whoever runs.' },
  { name: 'USER', meaning: 'The name of whoever runs.' },
  { name: 'LOGNAME', meaning: 'The same, as older programs call it.' },
  { name: 'SHELL', meaning: 'The login shell.' },
  { name: 'LANG', meaning: 'The language and encoding of programs.' },
  { name: 'LANGUAGE', meaning: 'Languages in order of preference.' },
  { name: 'LC_*', meaning: 'The parts of the locale.' },
  { name: 'TERM', meaning: 'What the terminal can do.' },
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
  { name: 'RUNBOOK_ACTOR', meaning: 'Who runs it.' },
  { name: 'RUNBOOK_SLUG', meaning: 'The name of the runbook.' },
  { name: 'RUNBOOK_STEP_ID', meaning: 'The id of the step.' },
  { name: 'RUNBOOK_ATTEMPT', meaning: 'The number of the attempt, from 1; 0 for a `done` fence.' },
  { name: 'RUNBOOK_ATTEMPT_ID', meaning: 'The step and which of its scripts this is, such as `tag/1`.' },
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
  return { PAGER: 'cat', GIT_PAGER: 'cat', ...Object.fromEntries(kept), ...plan.env, ...values }
}
