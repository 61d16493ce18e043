import { type Problem, ProblemError } from '../../../runner/model/problem.ts'
import type { Check, FlagState, NewMeta, Segments } from './flag-model.ts'

/** Who would have the feature after a change: the share, and who is named. */
export interface Audience {
  percentage: number
  named: Segments
}

/** Days that a flag of a type may live; the others may stay. */
export const LIFETIME_DAYS: Record<string, number> = { release: 40, experiment: 40, operational: 7 }

const DAY_MS = 86_400_000

/** The day after which a new flag of a type is not given to more users; empty for a type that may stay. */
export function expiryOf(type: string, now: number): string {
  const days = LIFETIME_DAYS[type]
  return days === undefined ? '' : new Date(now + days * DAY_MS).toISOString().slice(0, 10)
}

/** True after the last day of a flag. */
export function isExpired({ meta: { expires } }: FlagState, now: number): boolean {
  return expires !== '' && new Date(now).toISOString().slice(0, 10) > expires
}

/** Whether more users would have the feature. A share of rules that were written by hand is not known, and can only grow. */
function grows(before: Audience, after: Audience): boolean {
  const more = (old: readonly string[], next: readonly string[]): boolean =>
    next.some((name) => !old.includes(name))
  return (
    !(after.percentage <= before.percentage) ||
    more(before.named.users, after.named.users) ||
    more(before.named.groups, after.named.groups)
  )
}

/** Whether everybody of one audience is in the other. Two flags have other buckets, so only all users are more than some. */
function covers(wide: Audience, narrow: Audience): boolean {
  if (wide.percentage === 100) return true
  const within = (part: readonly string[], of: readonly string[]): boolean =>
    part.every((name) => of.includes(name))
  return (
    narrow.percentage === 0 &&
    within(narrow.named.users, wide.named.users) &&
    within(narrow.named.groups, wide.named.groups)
  )
}

export interface Rules {
  now: number
  /** The decision that a killed flag may be on again. */
  afterKill: boolean
}

/** The check of a change of who has the feature. @returns the first rule that refuses it */
export function changeProblem(
  flag: FlagState,
  after: Audience,
  all: readonly FlagState[],
  rules: Rules,
): Problem | undefined {
  return (
    (grows(flag, after) ? growthProblem(flag, after, all, rules) : undefined) ?? lossProblem(flag, after, all)
  )
}

function growthProblem(
  flag: FlagState,
  after: Audience,
  all: readonly FlagState[],
  { now, afterKill }: Rules,
): Problem | undefined {
  const { key, meta, isKilled } = flag
  if (meta.owner === '')
    return {
      message: `\`${key}\` has no owner: it is not given to more users`,
      hint: 'Name the team that retires it with `runbook flags describe --owner`, or where its provider keeps it.',
    }
  if (isKilled && !afterKill)
    return {
      message: `\`${key}\` was killed at ${meta.killed}: it stays off`,
      hint: 'Ask who killed it. Add --after-kill with --comment when it may be on again.',
    }
  if (isExpired(flag, now) && after.percentage !== 100)
    return {
      message: `\`${key}\` expired on ${meta.expires}: it is not given to more users, except to all`,
      hint: 'Finish the rollout, retire the flag, or set a later day with `runbook flags describe --expires`.',
    }
  return requirementProblem(key, meta.requires, after, all)
}

/** Whether the flags that one requires are on for everybody who would have it. */
function requirementProblem(
  key: string,
  requires: readonly string[],
  after: Audience,
  all: readonly FlagState[],
): Problem | undefined {
  for (const needed of requires) {
    const other = all.find((flag) => flag.key === needed)
    if (other === undefined)
      return {
        message: `\`${key}\` requires \`${needed}\`, which does not exist in this environment`,
        hint: 'Create it, or change the list with `runbook flags describe --requires`.',
      }
    if (!covers(other, after))
      return {
        message: `\`${key}\` requires \`${needed}\`, which is on for ${other.percentage} % of the users`,
        hint: `Give \`${needed}\` to everybody first. Two flags at the same share are on for different users.`,
      }
  }
  return undefined
}

/** Whether a flag that requires this one would be left on without it. */
function lossProblem(flag: FlagState, after: Audience, all: readonly FlagState[]): Problem | undefined {
  const left = dependents(flag.key, all).filter((other) => other.on && !covers(after, other))
  if (left.length === 0 || !grows(after, flag)) return undefined
  return {
    message: `${named(left)} would be on without \`${flag.key}\`, which ${left.length === 1 ? 'it requires' : 'they require'}`,
    hint: 'Turn them off first. `runbook flags kill` turns them off together with it.',
  }
}

/** The check of a stage: fewer users than it was decided for mean that somebody has taken the flag back. */
export function stageProblem({ key, percentage }: FlagState, from: number | undefined): Problem | undefined {
  if (from === undefined || percentage >= from) return undefined
  return {
    message: `\`${key}\` is on for ${percentage} % of the users: this change is for a flag that is on for ${from} % or more`,
    hint: 'It was turned off or rolled back meanwhile. Ask who did it; `runbook flags show` says when.',
  }
}

/** The check before states are brought back: what each requires is on then, and no other flag is left without it. */
export function restoreProblem(
  to: FlagState & { killedWith?: readonly FlagState[] },
  all: readonly FlagState[],
): Problem | undefined {
  const restored = [to, ...(to.killedWith ?? [])]
  const then = all.map((flag) => restored.find(({ key }) => key === flag.key) ?? flag)
  const now = all.find(({ key }) => key === to.key)
  for (const { key, meta, ...after } of restored.filter(({ on }) => on)) {
    const problem = requirementProblem(key, meta.requires, after, then)
    if (problem !== undefined) return problem
  }
  return now && lossProblem(now, to, then)
}

/** The check before a flag is taken away. */
export function archiveProblem({ key }: FlagState, all: readonly FlagState[]): Problem | undefined {
  const left = dependents(key, all)
  if (left.length === 0) return undefined
  return {
    message: `${named(left)} ${left.length === 1 ? 'requires' : 'require'} \`${key}\``,
    hint: 'Retire them first, or change their list with `runbook flags describe --requires`.',
  }
}

/** The check of the requirements of a flag. A circle could never be turned on. */
export function requiresProblem(
  flag: Audience & { key: string },
  { requires = [] }: Partial<Pick<NewMeta, 'requires'>>,
  all: readonly FlagState[],
): Problem | undefined {
  const circle = wayBack(flag.key, requires, all)
  if (circle !== undefined)
    return {
      message: `\`${flag.key}\` cannot require ${circle.map((key) => `\`${key}\``).join(', which requires ')}: that is a circle`,
      hint: 'Leave out one of them.',
    }
  // A flag that is off requires nothing yet, but what it requires exists.
  return requirementProblem(flag.key, requires, flag, all)
}

/** A chain of requirements that ends at the flag itself. */
function wayBack(key: string, requires: readonly string[], all: readonly FlagState[]): string[] | undefined {
  const seen = new Set<string>()
  const follow = (next: readonly string[]): string[] | undefined => {
    for (const one of next) {
      if (one === key) return [one]
      if (seen.has(one)) continue
      seen.add(one)
      const rest = follow(all.find((flag) => flag.key === one)?.meta.requires ?? [])
      if (rest !== undefined) return [one, ...rest]
    }
    return undefined
  }
  return follow(requires)
}

/** The flags that require this one, directly. */
function dependents(key: string, all: readonly FlagState[]): FlagState[] {
  return all.filter((other) => other.meta.requires.includes(key))
}

/** The flags that are on and require this one, directly or by others. */
export function killedWith(key: string, all: readonly FlagState[]): FlagState[] {
  const others = new Map<string, FlagState>()
  const follow = (one: string): void => {
    for (const other of dependents(one, all)) {
      if (other.key === key || others.has(other.key)) continue
      others.set(other.key, other)
      follow(other.key)
    }
  }
  follow(key)
  return [...others.values()].filter(({ on }) => on)
}

/** A rule as a provider calls it. */
export function checking(find: (flag: FlagState, all: readonly FlagState[]) => Problem | undefined): Check {
  return (flag, all) => {
    const problem = find(flag, all)
    if (problem !== undefined) throw new ProblemError(problem)
  }
}

function named(flags: readonly FlagState[]): string {
  return flags.map(({ key }) => `\`${key}\``).join(', ')
}
