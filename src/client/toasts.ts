interface Toast {
  text: string
  link?: string
}

/** Shows each message of the server that the page names, newest first, until the page is loaded again. */
export function showToasts(): void {
  const list = document.querySelector<HTMLElement>('[data-toasts]')
  const address = list?.dataset['toasts']
  if (!list || !address) return
  // A connection that is lost is made again by the browser; an id that was shown does not come twice.
  const shown = new Set<string>()
  new EventSource(address).addEventListener('message', ({ data, lastEventId }: MessageEvent<string>) => {
    if (shown.has(lastEventId)) return
    shown.add(lastEventId)
    list.prepend(itemOf(JSON.parse(data) as Toast))
  })
}

function itemOf({ text, link = '' }: Toast): HTMLLIElement {
  const item = document.createElement('li')
  item.append(text)
  if (/^https?:\/\//.test(link)) {
    const more = document.createElement('a')
    more.href = link
    more.textContent = 'Read more'
    item.append(' ', more)
  }
  return item
}
