import { verifyInBrowser } from '../../../runner/journal/verify/browser-verify.ts'
import type { Check } from '../../../runner/journal/verify/check-result.ts'
import { counted } from '../../../runner/model/counted.ts'

/** Up to this many bytes are fetched unasked: a reader on a bad line came for the page. */
const unasked = 1_000_000

/** Makes the checks of `runbook verify` again from the files beside the page, and says what came of it. */
export async function checkAgain(): Promise<void> {
  const section = document.querySelector<HTMLElement>('[data-verify]')
  const place = section?.querySelector<HTMLElement>('.in-browser')
  if (!section || !place) return
  const bytes = Number(section.dataset['bytes'])
  const { connection } = navigator as { connection?: { saveData?: boolean } }
  if (bytes > unasked || connection?.saveData) await wanted(place, bytes)
  place.textContent = 'Your browser is checking the files…'
  try {
    const { dataset } = section
    const later = dataset['later']?.split(' ') ?? []
    const checks = await checksOf(dataset['verify'] ?? '', dataset['index'] ?? '', namesIn(section))
    // A live page has been given newer evidence meanwhile, whose own check speaks for it.
    if (!section.isConnected) return
    const asked = checks.filter(({ name }) => !later.includes(name))
    say(place, asked)
  } catch (error) {
    place.textContent = `Your browser could not check it: ${error instanceof Error ? error.message : String(error)}.`
  }
}

function wanted(place: HTMLElement, bytes: number): Promise<unknown> {
  const button = document.createElement('button')
  button.textContent = `Check it in this browser (${(bytes / 1e6).toFixed(1)} MB to fetch)`
  place.replaceChildren(button)
  return new Promise((resolve) => button.addEventListener('click', resolve, { once: true }))
}

/** The files that the page lists. */
function namesIn(section: HTMLElement): Set<string> {
  return new Set([...section.querySelectorAll('.files a')].map(({ textContent }) => textContent))
}

async function checksOf(evidence: string, index: string, names: ReadonlySet<string>): Promise<Check[]> {
  const journal = await fetched(`${evidence}run.jsonl`)
  if (!journal) throw new Error('the journal is not beside this page')
  // A run that was not closed has no close.json: to ask for it on every page would fill the logs of hosts.
  const text = async (name: string): Promise<string | undefined> => {
    if (!names.has(name)) return undefined
    const bytes = await fetched(evidence + name)
    return bytes && new TextDecoder().decode(bytes)
  }
  const [plan, document, head, closing, heads] = await Promise.all([
    fetched(`${evidence}plan.json`),
    fetched(`${evidence}document.mdx`),
    text('head.json'),
    text('close.json'),
    fetched(index),
  ])
  return verifyInBrowser({
    journal,
    plan,
    document,
    head,
    closing,
    index: heads,
    output: (file) => fetched(evidence + file),
  })
}

/** Undefined for a file that is not there. Any other failure is not a verdict. */
async function fetched(address: string): Promise<Uint8Array | undefined> {
  const response = await fetch(address, { cache: 'no-cache' }).catch(() => undefined)
  if (response?.ok) return new Uint8Array(await response.arrayBuffer())
  if (response?.status === 404) return undefined
  throw new Error(`${address.split('/').at(-1)} could not be fetched`)
}

function say(place: HTMLElement, checks: readonly Check[]): void {
  const failed = checks.filter(({ status }) => status === 'failed')
  const held = checks.filter(({ status }) => status === 'ok').length
  const badge = document.createElement('span')
  badge.className = `badge ${failed.length > 0 ? 'bad' : 'good'}`
  badge.textContent = failed.length > 0 ? '✕ does not hold' : '✓ holds'
  const words =
    failed.length > 0
      ? ` Your browser checked the files beside this page: ${counted(failed.length, 'check')} failed:`
      : ` Your browser checked the files beside this page: ${counted(held, 'check')} held. Signatures it cannot judge.`
  const list = document.createElement('ul')
  list.append(...failed.map(({ name, message }) => item(`✕ ${name}: ${message}`)))
  place.replaceChildren(badge, words, ...(failed.length > 0 ? [list] : []))
  const top = document.querySelector('[data-proof]')
  if (!top || failed.length === 0) return
  top.className = 'badge bad'
  top.textContent = '✕ does not hold'
}

function item(text: string): HTMLElement {
  const line = document.createElement('li')
  line.textContent = text
  return line
}
