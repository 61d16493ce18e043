import { agentOf } from '../../model/people/agents.ts'
import type { Actor } from '../../model/plan.ts'
import type { Json, JsonObject } from '../../model/values/json.ts'
import { canonical } from '../record/canonical.ts'
import { tell } from '../story/story.ts'
import type { StoredRun } from '../record/run-store.ts'

const payloadType = 'application/vnd.in-toto+json'
const predicateType = 'urn:runbook:run:v1'

/** An in-toto Statement v1 about a finished run: its subjects are the journal, what it ran, and the commit it ran at. */
export function intotoStatement({ plan, events, state }: StoredRun, journalSha256: string): JsonObject {
  const story = tell(events, plan, state)
  const { source } = story.head
  const { commit } = source
  const traceparent = events[0]?.data['traceparent']
  const subject: Json = [
    { name: `${state.run}/run.jsonl`, digest: { sha256: journalSha256 } },
    { name: `${state.run}/document.mdx`, digest: { sha256: state.documentSha256 } },
    { name: `${state.run}/plan.json`, digest: { sha256: state.planSha256 } },
    ...(typeof commit === 'string' ? [{ name: 'source', digest: { gitCommit: commit } }] : []),
  ]
  const predicate: JsonObject = {
    run: state.run,
    runbook: state.slug,
    status: state.status,
    inputs: plan.inputs,
    startedAt: state.startedAt,
    endedAt: state.endedAt ?? '',
    by: state.actor.id,
    ...agentMember(state.actor),
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
    sourceDirty: source['dirty'] === true,
    decisions: story.decisions.map(({ by, type, key, at, detail }) => ({
      by: by.id,
      ...agentMember(by),
      type,
      key,
      ts: at,
      note: detail,
    })),
    steps: story.steps.map(({ id, kind, status }) => ({ id, kind, status })),
  }
  return { _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate }
}

function agentMember(actor: Actor): { agent?: string } {
  const agent = agentOf(actor)
  return agent === undefined ? {} : { agent }
}

/**
 * What a DSSE signature is over: type and payload, with their lengths, so that neither can be taken for the other.
 * @internal
 */
export function preAuthentication(payload: string): string {
  return `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${Buffer.byteLength(payload)} ${payload}`
}

export interface DsseSignature extends JsonObject {
  keyid: string
  /** Base64: a raw ed25519 signature, or an armored SSH signature when `keyid` begins with `sshsig:`. */
  sig: string
}

export function dsseEnvelope(statement: JsonObject, sign: (text: string) => DsseSignature): string {
  const payload = canonical(statement)
  const signature = sign(preAuthentication(payload))
  const envelope = { payloadType, payload: Buffer.from(payload).toString('base64'), signatures: [signature] }
  return `${canonical(envelope)}\n`
}
