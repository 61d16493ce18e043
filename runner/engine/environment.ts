import type { Plan } from '../model/plan.ts'

/** What a step inherits from the operator's shell; everything else must be declared. */
const inherited = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TERM',
  'TZ',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'SYSTEMROOT',
]

/** The environment of every step: the list above, LC_*, what the runbook names, inputs and outputs. */
export function stepEnvironment(
  plan: Plan,
  outer: Record<string, string | undefined>,
  values: Record<string, string>,
): Record<string, string> {
  const named = [
    ...inherited,
    ...(plan.requires.env ?? []),
    ...Object.keys(outer).filter((name) => name.startsWith('LC_')),
  ]
  const kept = named.flatMap((name) => (outer[name] === undefined ? [] : [[name, outer[name]] as const]))
  return { PAGER: 'cat', GIT_PAGER: 'cat', ...Object.fromEntries(kept), ...plan.env, ...values }
}
