// On every page: the keys that lead to the search, the search itself once it is wanted, and the offline copy.

// Where the site begins, as this server shows it. Each script of a page has its own: one they shared would be a file
// to ask for.
const base = document.querySelector<HTMLAnchorElement>('.brand')?.href ?? '/'

export function startPage(): void {
  document.documentElement.className = 'js'
  const field = document.querySelector<HTMLInputElement>('.find input')
  let wanted: Promise<unknown> | undefined
  // A computed address keeps the bundler from wrapping the import in code that an inline script does not have.
  const search = (): void => void (wanted ??= import(base.concat('search.js')))

  // Where there is room these stand open; a style alone would show them and still call them closed.
  for (const details of document.querySelectorAll<HTMLDetailsElement>('[data-wide]'))
    details.open ||= matchMedia(`(min-width:${details.dataset['wide']}rem)`).matches
  // A page in a frame of another site has no field, and leads nowhere by itself.
  if (!field) return
  addEventListener('keydown', (event) => {
    if (!leadsToSearch(event)) return
    event.preventDefault()
    field.focus()
    field.select()
  })
  // The home page begins in the field: what is not yet asked for is not yet loaded.
  field.addEventListener(field.autofocus ? 'input' : 'focus', search, { once: true })
  if (field.value || document.querySelector('[data-search-page]')) search()
  addEventListener('load', () => setTimeout(() => void keepCopy(), 2000))
}

function leadsToSearch({ target, key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  const typing = (target as HTMLElement).closest('input,textarea,select')
  return ctrlKey || metaKey ? key === 'k' : key === '/' && !typing
}

/** Without a service worker, as on a page that is not encrypted, there is no copy; the page misses nothing else. */
async function keepCopy(): Promise<void> {
  if ('served' in document.documentElement.dataset) return
  try {
    const { serviceWorker } = navigator
    await serviceWorker.register(base.concat('sw.js'))
    const { active } = await serviceWorker.ready
    active?.postMessage('keep', [])
  } catch {}
}
