import type { Actor, Plan } from '../plan.ts'

/** Whether a plan lets an agent run a step that changes something: in its frontmatter for all steps, or at the step. */
export function agentMayWrite({ agents, steps }: Pick<Plan, 'agents' | 'steps'>, step: string): boolean {
  return agents === 'write' || steps.find(({ id }) => id === step)?.attributes['agents'] === 'write'
}

/** The agent through which somebody acted, by its own word. */
export function agentOf({ client }: Actor): string | undefined {
  return typeof client === 'string' ? client : undefined
}

/** Who acted, with the agent where it was one. */
export function actorWords(actor: Actor): string {
  const agent = agentOf(actor)
  return agent === undefined ? actor.id : `${actor.id}, through the agent ${agent}`
}

/** Longest name of a client that is recorded, in characters. */
const mostCharacters = 64

/** The name of a client, by its own word, as it is recorded: one printable line. */
export function clientName(claimed: string): string {
  const line = claimed.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim()
  return Array.from(line).slice(0, mostCharacters).join('') || 'unnamed'
}

const traceparentForm = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** The trace context of whoever asked, in the form of the W3C; undefined for any other text. */
export function traceparentIn(text: unknown): string | undefined {
  return typeof text === 'string' && traceparentForm.test(text) ? text : undefined
}
