/** How often a page asks whether its run has grown, in milliseconds. */
const everyMs = 1000

/** Where `runbook serve` marks the page as live: takes what is new into it until the run is over. */
export function follow(onEnd: () => void): void {
  if (!('live' in document.documentElement.dataset)) return
  let etag = ''
  const look = async (): Promise<void> => {
    const headers: Record<string, string> = etag === '' ? {} : { 'if-none-match': etag }
    const response = await fetch(location.pathname, { headers, cache: 'no-store' }).catch(() => undefined)
    if (response?.ok) {
      etag = response.headers.get('etag') ?? ''
      if (!take(new DOMParser().parseFromString(await response.text(), 'text/html'))) return onEnd()
    }
    setTimeout(() => void look(), everyMs)
  }
  if (isOpen()) void look()
}

function isOpen(): boolean {
  return document.querySelector('article[data-open]') !== null
}

/** Replaces the parts that changed; what a reader has opened stays open. Whether the run goes on. */
function take(next: Document): boolean {
  const article = document.querySelector('article')
  const fresh = next.querySelector('article')
  if (!article || !fresh) return true
  const opened = new Set([...article.querySelectorAll('details[open]')].map(keyOf))
  const closed = new Set([...article.querySelectorAll('details:not([open])')].map(keyOf))
  for (const details of fresh.querySelectorAll('details')) {
    const key = keyOf(details)
    if (opened.has(key)) details.open = true
    else if (closed.has(key)) details.open = false
  }
  article.replaceWith(fresh)
  return isOpen()
}

function keyOf(details: Element): string {
  const summary = details.querySelector('summary')?.firstChild?.textContent ?? ''
  return `${details.closest('[id]')?.id} ${details.getAttribute('data-output')} ${summary}`
}
