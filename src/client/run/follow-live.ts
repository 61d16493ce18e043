/** How long a page waits before it asks again after the server was gone, in milliseconds. */
const againMs = 2000

/** Where `runbook serve` marks the page as live: takes what is new into it, and says it to those who listen. */
export function follow(onEnd: () => void): void {
  if (!('live' in document.documentElement.dataset)) return
  // After a refused act the address of the document is that of the act.
  const page = document.querySelector<HTMLElement>('article[data-page]')?.dataset['page']
  if (page === undefined) return
  const say = speaker()
  const lost = lostNotice()
  // The evidence on the page is another one than the browser has checked.
  let isUnchecked = false
  let busy = false
  let again = false
  const look = async (): Promise<void> => {
    if (busy) return void (again = true)
    busy = true
    do {
      again = false
      const answer = await ask(page)
      lost(answer?.status)
      if (answer?.markup === undefined) continue
      const replaced = take(new DOMParser().parseFromString(answer.markup, 'text/html'), say)
      isUnchecked ||= replaced.has('evidence')
    } while (again)
    busy = false
    if (!isUnchecked || isOpen()) return
    isUnchecked = false
    onEnd()
  }
  const listen = (): void => {
    const changes = new EventSource(`${page}changes`)
    changes.addEventListener('message', () => void look())
    changes.addEventListener('error', () => {
      // A server that is gone is asked for again by the browser, one that refuses is not.
      void look()
      if (changes.readyState !== EventSource.CLOSED) return
      changes.close()
      setTimeout(listen, againMs)
    })
  }
  listen()
}

/** The page as it is at this moment; undefined when the server does not answer, or not to the end. */
async function ask(page: string): Promise<{ status: number; markup?: string } | undefined> {
  try {
    const response = await fetch(page, { cache: 'no-store' })
    const { status } = response
    return response.ok ? { status, markup: await response.text() } : { status }
  } catch {
    return undefined
  }
}

function isOpen(): boolean {
  return document.querySelector('article[data-open]') !== null
}

/** Says above the page that it is not live, and why, until it is again; `status` is that of the last answer, if any. */
function lostNotice(): (status: number | undefined) => void {
  const notice = document.createElement('p')
  notice.className = 'problem'
  notice.setAttribute('role', 'alert')
  return (status) => {
    if (status === 200) return notice.remove()
    const isHub = document.documentElement.dataset['live'] === 'hub'
    const words =
      status === 401
        ? isHub
          ? 'This page is not live: you are signed out. The run goes on without it. Reload the page to sign in and come back.'
          : 'This page is not live: the server was started again. Open the address that it printed last.'
        : navigator.onLine
          ? 'This page is not live: the server does not answer. The run goes on without it.'
          : 'This page is not live: this device is offline. The run goes on without it.'
    if (notice.textContent !== words) notice.textContent = words
    if (!notice.isConnected) document.querySelector('main')?.prepend(notice)
  }
}

/** Says a change of the run to a screen reader, once. */
function speaker(): (words: string) => void {
  const place = document.createElement('p')
  place.className = 'sr'
  place.setAttribute('role', 'status')
  document.body.append(place)
  let said = document.querySelector<HTMLElement>('article')?.dataset['say'] ?? ''
  return (words) => {
    if (words === said) return
    said = words
    place.textContent = words.replaceAll('`', '')
  }
}

/** Replaces the parts that changed, and no form that somebody may be filling in. The names of those parts. */
function take(next: Document, say: (words: string) => void): Set<string> {
  const replaced = new Set<string>()
  const article = document.querySelector<HTMLElement>('article')
  const fresh = next.querySelector<HTMLElement>('article')
  if (!article || !fresh) return replaced
  const [before, after] = [partsOf(article), partsOf(fresh)]
  const isSame = before.size === after.size && [...after.keys()].every((name) => before.has(name))
  if (isSame) {
    for (const [name, part] of after) if (replace(before.get(name), part)) replaced.add(name)
    for (const { name, value } of fresh.attributes) article.setAttribute(name, value)
    if (!('open' in fresh.dataset)) delete article.dataset['open']
  } else {
    keepOpened(article, fresh)
    article.replaceWith(fresh)
    replaced.add('evidence')
  }
  document.title = next.title
  say(fresh.dataset['say'] ?? '')
  return replaced
}

function partsOf(article: Element): Map<string, HTMLElement> {
  return new Map(
    [...article.querySelectorAll<HTMLElement>('[data-part]')].map((part) => [
      part.dataset['part'] ?? '',
      part,
    ]),
  )
}

/** Whether the part is another one. */
function replace(old: HTMLElement | undefined, part: HTMLElement): boolean {
  if (!old) return false
  const { key } = part.dataset
  if (key === undefined ? old.outerHTML === part.outerHTML : old.dataset['key'] === key) return false
  if (old.dataset['status'] === part.dataset['status']) keepOpened(old, part)
  old.replaceWith(part)
  return true
}

/** Parts that a reader has opened or closed stay so. */
function keepOpened(old: Element, part: Element): void {
  const states = new Map(
    [...old.querySelectorAll('details')].map((details) => [keyOf(details), details.open]),
  )
  for (const details of part.querySelectorAll('details')) {
    const isOpened = states.get(keyOf(details))
    if (isOpened !== undefined) details.open = isOpened
  }
}

function keyOf(details: Element): string {
  const summary = details.querySelector('summary')?.firstChild?.textContent ?? ''
  return `${details.closest('[id]')?.id} ${details.getAttribute('data-output')} ${summary}`
}
