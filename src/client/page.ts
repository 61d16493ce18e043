// On every page: the keys that lead to the search, the search itself once it is wanted, and the offline copy.
export function startPage(): void {
  const { documentElement } = document
  documentElement.classList.add('js')
  const field = document.querySelector<HTMLInputElement>('.find input')
  const base = documentElement.dataset['base'] ?? '/'
  let wanted: Promise<unknown> | undefined
  // A computed address keeps the bundler from wrapping the import in code that an inline script does not have.
  const search = (): void => void (wanted ??= import(base.concat('search.js')))

  // Where there is room these stand open; a style alone would show them and still call them closed.
  for (const details of document.querySelectorAll<HTMLDetailsElement>('details[data-wide]')) {
    details.open ||= matchMedia(`(min-width:${details.dataset['wide']}rem)`).matches
  }
  addEventListener('keydown', (event) => {
    if (!leadsToSearch(event)) return
    event.preventDefault()
    field?.focus()
    field?.select()
  })
  // The home page begins in the field: what is not yet asked for is not yet loaded.
  field?.addEventListener(field.autofocus ? 'input' : 'focus', search, { once: true })
  if (field?.value || document.querySelector('[data-search-page]')) search()
  addEventListener('load', () => setTimeout(() => void keepCopy(base), 2000))
}

function leadsToSearch({ target, key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const typing = (target as HTMLElement).closest('input,textarea,select')
  const slash = key === '/' && !typing && !ctrlKey && !metaKey && !altKey
  return slash || (key.toLowerCase() === 'k' && (ctrlKey || metaKey))
}

/** Without a service worker, as on a page that is not encrypted, there is no copy; the page misses nothing else. */
async function keepCopy(base: string): Promise<void> {
  try {
    const { serviceWorker } = navigator
    await serviceWorker.register(`${base}sw.js`)
    const { active } = await serviceWorker.ready
    active?.postMessage('keep', [])
  } catch {}
}
