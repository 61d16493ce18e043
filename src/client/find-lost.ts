import { targetOf } from '../../runner/alerts/link.ts'

// Where the site begins, as this server shows it. Each script of a page has its own: one they shared would be a file
// to ask for.
const base = document.querySelector<HTMLAnchorElement>('.brand')?.href ?? '/'

/** Leads from an address without a page to the one that was meant, or searches for what it names. */
export async function findLost(): Promise<void> {
  const { pathname, search, hash } = location
  // Alerts and people write addresses with capitals; every page here has a lower-case one.
  // Where the site begins is as its server has it.
  const start = new URL(base, location.href).pathname
  const own = pathname.startsWith(start) ? start : ''
  const lower = own + pathname.slice(own.length).toLowerCase().replace(/\/?$/, '/')
  if (lower !== pathname && (await isThere(lower))) {
    location.replace(lower + search + hash)
    return
  }
  const page = document.querySelector<HTMLElement>('[data-lost]')
  const heading = page?.querySelector('h1')
  const target = targetOf(pathname)
  const name =
    target?.page === 'alert' ? target.name : (target?.slug ?? pathname).split('/').findLast(Boolean)
  if (!page || !heading || !name) return
  if (target?.page === 'alert') heading.textContent = `No runbook names the alert ${name}`
  page.dataset['searchPage'] = name
  await import(base.concat('search.js'))
}

async function isThere(path: string): Promise<boolean> {
  return fetch(path, { method: 'HEAD' }).then(
    ({ ok }) => ok,
    () => false,
  )
}
