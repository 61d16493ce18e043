// On every page: the keys that lead to the search, the search itself once it is wanted, and the offline copy.
document.documentElement.classList.add('js')
const form = document.querySelector<HTMLFormElement>('.find')
const field = form?.querySelector('input')
const base = document.documentElement.dataset['base'] ?? '/'
let wanted: Promise<unknown> | undefined

// A computed address keeps the bundler from wrapping the import in code that an inline script does not have.
const search = (): Promise<unknown> => (wanted ??= import(new URL(`${base}search.js`, location.href).href))

addEventListener('keydown', (event) => {
  const typing = (event.target as HTMLElement).closest('input,textarea,select,[contenteditable]')
  const slash = event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey
  const palette = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)
  if (!slash && !palette) return
  event.preventDefault()
  field?.focus()
  field?.select()
})

field?.addEventListener('focus', search, { once: true })
if (document.activeElement === field || document.querySelector('[data-search-page]')) void search()

if (location.protocol !== 'file:') {
  addEventListener('load', () => setTimeout(() => void navigator.serviceWorker?.register(`${base}sw.js`).catch(() => undefined), 2000))
}
