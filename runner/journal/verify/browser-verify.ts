import { asText } from '../../model/values/json.ts'
import { unproven } from './check-result.ts'
import type { Check } from './check-result.ts'
import type { Event } from '../record/event.ts'
import { namedFiles, parseHead, parseJson } from './evidence.ts'
import { splitLines } from '../record/journal-lines.ts'
import type { Lines } from '../record/journal-lines.ts'
import { approvalChecks } from './rules/approvals.ts'
import { chainChecks, checkChain, tornChecks } from './rules/chain.ts'
import type { Chain, ChainEntry } from './rules/chain.ts'
import { closingChecks, headChecks } from './rules/head.ts'
import { indexChecks, isOpen, makeIndex, newestOf } from './rules/run-index.ts'
import type { HeadEntry } from './rules/run-index.ts'
import { endChecks, orderChecks, outputChecks, startChecks } from './rules/run.ts'

/** The files of a run as a page fetched them; what is undefined was not there. */
export interface FetchedRun {
  journal: Uint8Array
  plan: Uint8Array | undefined
  document: Uint8Array | undefined
  head: string | undefined
  closing: string | undefined
  index: Uint8Array | undefined
  /** Fetches a file of output by the name the journal gives it. */
  output(file: string): Promise<Uint8Array | undefined>
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/**
 * The same rules as `verify`, with the hashes of WebCrypto and without Node: for the reader's own browser. Keys are
 * judged where `ssh-keygen` is, so signatures are not, and the result says so.
 */
export async function verifyInBrowser(run: FetchedRun): Promise<Check[]> {
  const chain = await readChain<Event & ChainEntry>('run.jsonl', splitLines(run.journal))
  const checks = chainChecks(chain)
  if (checks.some(({ name, status }) => name === 'chain' && status === 'failed')) return checks
  const events: readonly Event[] = chain.entries
  const plan = run.plan && parseJson(decoder.decode(run.plan))
  const head = parseHead(run.head)
  const listed = run.index && splitLines(run.index)
  const index = listed && makeIndex(await readChain<HeadEntry>('heads.jsonl', listed))
  const id = events[0]?.run ?? ''
  const open = isOpen(newestOf(index, id), head, events, chain.hashes)
  const outputs = await outputHashes(run, events)
  const shown = await hashesOfTexts(events.map(({ data }) => asText(data['shown'])))
  const beside = {
    plan,
    planSha256: run.plan && (await sha256(run.plan)),
    documentSha256: run.document && (await sha256(run.document)),
    output: (file: string) => outputs.get(file),
    present: undefined,
    links: [],
  }
  return [
    ...checks,
    ...tornChecks(chain, open),
    ...startChecks(events, beside, undefined),
    ...outputChecks(events, beside, open),
    ...orderChecks(events, plan),
    ...approvalChecks({ events, hashes: chain.hashes, plan, sha256: (text) => shown.get(text) ?? '' }),
    ...endChecks(events, plan, open),
    ...headChecks(run.head, events, chain.hashes, open),
    ...indexChecks({ index, run: id, head, hashes: chain.hashes, open }),
    ...closingChecks({ text: run.closing, events, head, plan, open }),
    unproven(
      'signature',
      'Signatures are not looked at here; the page shows how they were judged when it was built',
    ),
  ]
}

async function readChain<T extends ChainEntry>(name: string, { lines, torn }: Lines): Promise<Chain<T>> {
  return checkChain<T>(name, lines, await Promise.all(lines.map(sha256)), torn)
}

async function outputHashes(run: FetchedRun, events: readonly Event[]): Promise<Map<string, string>> {
  const files = [...new Set(namedFiles(events).map(({ file }) => file))]
  const contents = await Promise.all(files.map((file) => run.output(file)))
  const hashed = await Promise.all(contents.map(async (bytes) => (bytes ? sha256(bytes) : undefined)))
  return new Map(files.flatMap((file, at) => (hashed[at] === undefined ? [] : [[file, hashed[at]] as const])))
}

async function hashesOfTexts(texts: readonly string[]): Promise<Map<string, string>> {
  const unique = [...new Set(texts)]
  const hashes = await Promise.all(unique.map((text) => sha256(encoder.encode(text))))
  return new Map(unique.map((text, at) => [text, hashes[at] ?? '']))
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
