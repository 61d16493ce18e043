// Loaded when the search is first wanted; written to `search.js` at the root of the site.
import './search.css'
import { addStyle } from './add-style.ts'
import { joinWords } from './divide-words.ts'
import { makeLookUp, wordsIn } from './look-up.ts'
import type { PageIndex } from './look-up.ts'
import { counted } from '../../runner/model/counted.ts'

interface SubResult {
  title: string
  url: string
  excerpt: string
}

interface SearchResult {
  url: string
  excerpt: string
  meta: { title?: string; folder?: string; lang?: string }
  filters: Record<string, string[]>
  sub_results: SubResult[]
}

interface Pagefind extends PageIndex<{ data(): Promise<SearchResult> }> {
  options(options: object): Promise<void>
  init(): Promise<void>
  filters(): Promise<Record<string, Record<string, number>>>
}

const page = document.querySelector<HTMLElement>('[data-search-page]')
const form = document.querySelector<HTMLFormElement>('.find')
const field = form?.querySelector('input')
const shownFilters = ['Page', 'Service', 'Severity', 'Owner']
const chosen = new URLSearchParams(page ? location.search : '')

addStyle('search')

const loaded = load()

async function load(): Promise<Pagefind> {
  const pagefind = (await import(new URL('pagefind/pagefind.js', import.meta.url).href)) as Pagefind
  await pagefind.options({ excerptLength: 16 })
  await pagefind.init()
  return pagefind
}

/** The words of the titles of runbooks and of the names of alerts. Without them, no spelling is corrected. */
const titleWords = fetch(new URL('words.json', import.meta.url))
  .then(async (response) => (response.ok ? ((await response.json()) as string[]) : []))
  .catch(() => [])

const lookUp = makeLookUp(loaded, titleWords)

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  text = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  if (className) made.className = className
  if (text) made.textContent = text
  return made
}

/** Within a body: a space that stands before it would be dropped, and two words become one. */
function plain(text: string): string {
  return new DOMParser().parseFromString(`<body>${text}`, 'text/html').body.textContent
}

/** Pagefind marks the found words with <mark> in escaped text; nothing else of it is taken as markup. */
function marked(excerpt: string): DocumentFragment {
  const shown = new DocumentFragment()
  for (const [at, part] of joinWords(excerpt)
    .split(/<\/?mark>/)
    .entries()) {
    shown.append(at % 2 === 1 ? element('mark', '', plain(part)) : plain(part))
  }
  return shown
}

function itemOf(result: SearchResult, most: number): HTMLLIElement {
  const item = element('li', 'result')
  if (result.meta.lang) item.lang = result.meta.lang
  const kind = result.filters['Page']?.[0]
  const title = element('a', 'result-title', joinWords(result.meta.title ?? result.url))
  title.href = result.url
  item.append(title)
  if (result.meta.folder) item.append(' ', element('span', 'muted', result.meta.folder), ' ')
  if (kind) item.append(element('span', 'badge', kind))
  const parts = result.sub_results.filter(({ url }) => url.includes('#')).slice(0, most)
  if (parts.length === 0) {
    const excerpt = element('p', 'excerpt')
    excerpt.append(marked(result.excerpt))
    item.append(excerpt)
  }
  for (const part of parts) {
    const link = element('a', 'sub')
    link.href = part.url
    link.append(element('b', '', joinWords(part.title)), ' ', marked(part.excerpt))
    item.append(link)
  }
  return item
}

async function show(
  query: string,
  into: HTMLElement,
  status: HTMLElement,
  limit: number,
  filters: Record<string, string[]>,
): Promise<void> {
  if (query === '' && Object.keys(filters).length === 0) {
    into.replaceChildren()
    status.textContent = ''
  } else status.textContent ||= 'Searching…'
  const answer = await lookUp(into, query, filters)
  if (!answer) return
  const results = await Promise.all(answer.results.slice(0, limit).map((result) => result.data()))
  replaceItems(
    into,
    results.map((one) => itemOf(one, limit > 6 ? 4 : 3)),
  )
  status.textContent =
    answer.results.length === 0
      ? `Nothing found for “${query}”`
      : `${counted(answer.results.length, 'page')} found${nearer(query, answer.used)}`
}

/** Results that come late do not take the focus from somebody who is already among those before them. */
function replaceItems(list: HTMLElement, items: readonly HTMLElement[]): void {
  const focused = list.contains(document.activeElement)
    ? (document.activeElement as HTMLAnchorElement).href
    : undefined
  list.replaceChildren(...items)
  if (focused === undefined) return
  const links = [...list.querySelectorAll('a')]
  ;(links.find(({ href }) => href === focused) ?? links[0])?.focus()
}

function nearer(query: string, used: string): string {
  return used === query || used === wordsIn(query) ? '' : ` for “${used}”; nothing for “${query}”`
}

/** The list below the field in the bar. */
function quick(input: HTMLInputElement, holder: HTMLFormElement): void {
  const panel = element('div', 'panel')
  const list = element('ul', 'results')
  const status = element('p', 'muted')
  status.setAttribute('role', 'status')
  panel.append(status, list)
  panel.hidden = true
  holder.append(panel)
  const update = (): void => {
    panel.hidden = input.value.trim() === ''
    show(input.value.trim(), list, status, 5, {}).catch(
      () => (status.textContent = 'The search is not there. Press Enter for the list of everything.'),
    )
  }
  input.addEventListener('input', update)
  holder.addEventListener('keydown', (event) => move(event, input, panel))
  document.addEventListener('click', (event) => {
    if (!holder.contains(event.target as Node)) panel.hidden = true
  })
  list.addEventListener('click', () => (panel.hidden = true))
  if (input.value !== '') update()
}

function move(event: KeyboardEvent, input: HTMLInputElement, panel: HTMLElement): void {
  if (event.key === 'Escape') {
    panel.hidden = true
    input.focus()
    return
  }
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const links = [...panel.querySelectorAll('a')]
  const at = links.indexOf(document.activeElement as HTMLAnchorElement)
  const next = event.key === 'ArrowDown' ? at + 1 : at - 1
  event.preventDefault()
  ;(next < 0 ? input : links[Math.min(next, links.length - 1)])?.focus()
}

/** The page of results, with filters. */
async function full(holder: HTMLElement): Promise<void> {
  const input = holder.querySelector('input')
  const list = holder.querySelector<HTMLElement>('.results')
  const status = holder.querySelector<HTMLElement>('[role=status]')
  const choices = holder.querySelector<HTMLElement>('.filters')
  if (!input || !list || !status || !choices) return
  // A page that is not the search's own says itself what to look for, and keeps its address.
  const { searchPage: given = '' } = holder.dataset
  input.value = given || (chosen.get('q') ?? '')
  const update = (): void => {
    const filters: Record<string, string[]> = {}
    for (const box of choices.querySelectorAll('select')) if (box.value) filters[box.name] = [box.value]
    const query = new URLSearchParams({
      ...(input.value ? { q: input.value } : {}),
      ...Object.fromEntries(Object.entries(filters).map(([name, [value]]) => [name, value ?? ''])),
    })
    if (given === '') history.replaceState(null, '', query.size > 0 ? `?${query}` : location.pathname)
    holder.classList.toggle('searching', query.size > 0)
    void show(input.value.trim(), list, status, 30, filters)
  }
  input.addEventListener('input', update)
  if (given !== '' || chosen.size > 0) {
    holder.classList.add('searching')
    status.textContent = 'Searching…'
  }
  holder.querySelector('form')?.addEventListener('submit', (event) => event.preventDefault())
  const filters = await loaded.then((pagefind) => pagefind.filters()).catch(() => undefined)
  if (!filters) {
    holder.classList.remove('searching')
    status.textContent = 'The search is not there.'
    return
  }
  for (const name of shownFilters) if (filters[name]) choices.append(filter(name, filters[name], update))
  choices.hidden = false
  update()
}

function filter(name: string, values: Record<string, number>, update: () => void): HTMLElement {
  const holder = element('div', '')
  const label = element('label', '', name)
  const select = element('select', '')
  select.name = name
  select.id = `filter-${name}`
  label.htmlFor = select.id
  select.add(new Option('any', ''))
  for (const [value, count] of Object.entries(values))
    select.add(new Option(`${value} (${count})`, value, false, chosen.get(name) === value))
  select.addEventListener('change', update)
  holder.append(label, select)
  return holder
}

if (field && form) quick(field, form)
if (page) void full(page)

export type { SearchResult }
