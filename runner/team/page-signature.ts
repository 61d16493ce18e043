import { presenceOf } from '../journal/verify/signed-presence.ts'
import { presenceFrom, strongest, suffices } from '../model/people/presence-level.ts'
import type { Presence } from '../model/people/presence-level.ts'

interface Planned {
  presence?: Presence
  steps: readonly { attributes: Readonly<Record<string, unknown>> }[]
}

/** The strongest level that a plan asks for at any of its decisions. */
export function wholePresence({ presence, steps }: Planned): Presence {
  return strongest(presence, ...steps.map(({ attributes }) => presenceFrom(attributes['presence'])))
}

/**
 * Why a signature that a page of another machine got is too little to start or change a run; undefined when it is enough, and
 * for one that was made on the signer's own machine. Such a page can show one text and have another signed, so the plan must
 * let people sign there. A practice runs its steps, so it asks for as much.
 */
export function pageDoubt(signature: string, plan: Planned): string | undefined {
  const shown = presenceOf(signature)
  if (!shown) return 'its signature does not say where it was made'
  if (shown.place === 'own') return undefined
  const wanted = wholePresence(plan)
  const isThere = shown.level === 'touch' || shown.level === 'verified'
  if (isThere && suffices(shown, wanted)) return undefined
  return `it was signed at ${shown.origin ?? 'a page'}, and the runbook asks for presence \`${wanted}\`: sign on your own machine`
}

/**
 * Why a signature was made at too far a place, for an order over targets and the decisions about it: such a page can show one list
 * and have another signed. Undefined for one that was made on the signer's own machine, and for text that is not a signature.
 */
export function placeDoubt(signature: string): string | undefined {
  const shown = presenceOf(signature)
  if (!shown || shown.place === 'own') return undefined
  return `it was signed at ${shown.origin ?? 'a page'}: sign on your own machine`
}
