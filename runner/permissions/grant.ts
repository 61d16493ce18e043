import { verbs } from './table.ts'
import type { Verb } from './table.ts'

/**
 * A right as people.yaml and tokens write it: a verb and the slugs of runbooks, `*` at the end for any rest. To ship is not
 * given: the role of a runner in the database is it.
 */
export const grantPattern = new RegExp(
  String.raw`^(?:${verbs.filter((verb) => verb !== 'ship').join('|')}):(?:[\w./-]+\*?|\*)$`,
)

/** The runbooks that a right is asked for: one, all of them, or at least one. */
export type Reach = { slug: string } | 'all' | 'some'

/** Whether one of the rights gives the verb. */
export function holds(grants: readonly string[], verb: Verb, reach: Reach): boolean {
  return slugsOf(grants, verb).some((slugs) => covers(slugs, reach))
}

/** Whether both lists give the verb, for the same runbook where one is enough. */
export function bothHold(
  grants: readonly string[],
  scope: readonly string[],
  verb: Verb,
  reach: Reach,
): boolean {
  if (reach !== 'some') return holds(grants, verb, reach) && holds(scope, verb, reach)
  const own = slugsOf(grants, verb)
  return slugsOf(scope, verb).some((slugs) => own.some((one) => overlap(one, slugs)))
}

function slugsOf(grants: readonly string[], verb: Verb): string[] {
  const start = `${verb}:`
  return grants.flatMap((grant) => (grant.startsWith(start) ? [grant.slice(start.length)] : []))
}

function covers(slugs: string, reach: Reach): boolean {
  if (reach === 'some') return true
  if (reach === 'all') return slugs === '*'
  return slugs.endsWith('*') ? reach.slug.startsWith(slugs.slice(0, -1)) : reach.slug === slugs
}

function overlap(a: string, b: string): boolean {
  const [one, other] = [a, b].map((slugs) => slugs.replace(/\*$/, ''))
  if (one === undefined || other === undefined) return false
  return (
    one === other || (a.endsWith('*') && other.startsWith(one)) || (b.endsWith('*') && one.startsWith(other))
  )
}
