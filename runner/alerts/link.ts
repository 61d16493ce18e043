/**
 * The address that leads from an alert to a step: `<base>/runbooks/<slug>/?<input>=<value>…#<step>`. The page and the
 * command line both read it with these functions, so this file imports nothing and runs in a browser.
 */
export interface AlertLink {
  /** The part before `?` and `#`, as written. */
  address: string
  /** Names and decoded values, in order. Untrusted text. */
  params: [name: string, value: string][]
  /** The step or heading, decoded; empty when there is none. */
  anchor: string
  /** Whether the query came after the fragment, where no server or page reads it. */
  repaired: boolean
}

/** The parts of a link as written, without decoding. Template actions in it are never split. */
export interface LinkParts {
  address: string
  query: string
  anchor: string
  repaired: boolean
}

export function splitLink(link: string): LinkParts {
  const shape = link.replaceAll(/\{\{.*?\}\}/gs, (action) => 'x'.repeat(action.length))
  const hash = shape.indexOf('#')
  const end = hash === -1 ? shape.length : hash
  const mark = shape.slice(0, end).indexOf('?')
  const address = link.slice(0, mark === -1 ? end : mark)
  const query = mark === -1 ? '' : link.slice(mark + 1, end)
  if (hash === -1) return { address, query, anchor: '', repaired: false }
  const late = shape.indexOf('?', hash)
  // `#/path?x=y` is how some single-page sites write their addresses; it is not ours to repair.
  if (late === -1 || /^#[!/]/.test(shape.slice(hash)))
    return { address, query, anchor: link.slice(hash + 1), repaired: false }
  const moved = link.slice(late + 1)
  return {
    address,
    query: query === '' ? moved : `${query}&${moved}`,
    anchor: link.slice(hash + 1, late),
    repaired: true,
  }
}

export function parseLink(link: string): AlertLink {
  const { address, query, anchor, repaired } = splitLink(link)
  return { address, params: parseQuery(query), anchor: decode(anchor), repaired }
}

/** Reads a query: `+` is a space, and a value that is not rightly encoded is taken as it is. */
export function parseQuery(query: string): [string, string][] {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=')
      const [name, value] = equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
      return [decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' '))]
    })
}

/** Decoded, or as it is when it is not rightly encoded. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export type AlertTarget = { page: 'runbook'; slug: string } | { page: 'alert'; name: string }

/** The target of an address: the page of a runbook or of an alert, below any base. */
export function targetOf(address: string, base = ''): AlertTarget | undefined {
  const rest = belowBase(address, base) ?? address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  const match = /(?:^|\/)(runbooks|alerts)\/(.+)$/i.exec(rest.replace(/(\/index\.html?|\.html?)?\/*$/i, ''))
  const name = decode(match?.[2] ?? '')
  if (name === '') return undefined
  return match?.[1]?.toLowerCase() === 'runbooks'
    ? { page: 'runbook', slug: name.toLowerCase() }
    : { page: 'alert', name }
}

/** The path below a base address, without slashes around it; undefined when the address is not below it. */
export function belowBase(address: string, base: string): string | undefined {
  if (base === '') return undefined
  const plain = (text: string): string => text.replace(/^https?:\/\//i, '')
  const [from, to] = [plain(base).replace(/\/+$/, ''), plain(address)]
  const fits = to.toLowerCase().startsWith(from.toLowerCase()) && /^$|^\//.test(to.slice(from.length))
  return fits ? to.slice(from.length).replaceAll(/^\/+|\/+$/g, '') : undefined
}

/** How an input may be called in a link or an alert. */
export interface InputNames {
  aliases?: readonly string[] | undefined
  fromLabel?: string | undefined
  type?: string | undefined
}

/** The input a parameter or label fills: by name, then alias, then label, each whatever its case. */
export function inputFor(inputs: Readonly<Record<string, InputNames>>, word: string): string | undefined {
  const wanted = word.toLowerCase()
  const same = (name: string | undefined): boolean => name?.toLowerCase() === wanted
  const entries = Object.entries(inputs)
  const match =
    entries.find(([name]) => same(name)) ??
    entries.find(([, { aliases }]) => aliases?.some(same)) ??
    entries.find(([, { fromLabel }]) => same(fromLabel))
  return match?.[0]
}

export interface Filled {
  /** Values by input. Untrusted text: to be validated by the input's type, and only ever shown as text. */
  values: Record<string, string>
  /** Parameters without an input: shown beside the form, for reading. */
  context: [name: string, value: string][]
}

/**
 * Maps parameters to inputs; the first value of an input counts, one without text is none (a label the alert does not
 * have), and a secret never comes from a link.
 */
export function fillInputs(
  inputs: Readonly<Record<string, InputNames>>,
  params: readonly (readonly [string, string])[],
): Filled {
  const values = new Map<string, string>()
  const context: [string, string][] = []
  for (const [name, value] of params) {
    const input = inputFor(inputs, name)
    if (input === undefined) context.push([name, value])
    else if (inputs[input]?.type === 'secret') context.push([name, '[a secret is never taken from a link]'])
    else if (value === '') continue
    else if (values.has(input)) context.push([name, value])
    else values.set(input, value)
  }
  return { values: Object.fromEntries(values), context }
}

/** Writes a link. Values are encoded; a value that is a template action is left for the alert to fill. */
export function buildLink(
  base: string,
  slug: string,
  params: readonly (readonly [string, string])[] = [],
  anchor = '',
): string {
  const query = params.map(([name, value]) => `${encodeURIComponent(name)}=${encodeValue(value)}`).join('&')
  const path = slug.split('/').map(encodeURIComponent).join('/')
  const fragment = anchor === '' ? '' : `#${encodeURIComponent(anchor)}`
  return `${base.replace(/\/+$/, '')}/runbooks/${path}/${query === '' ? '' : `?${query}`}${fragment}`
}

function encodeValue(value: string): string {
  return /^\{\{.*\}\}$/s.test(value) ? value : encodeURIComponent(value)
}
