import type { InputSpec } from '../../model/values/input-types.ts'
import { suggest } from '../../model/suggest.ts'
import { decode } from '../link.ts'

/** A page a link may lead to. */
export interface ForeignPage {
  /** Its path below the base, lower case, without slashes around it. */
  address: string
  /** Shown in messages: relative to the working directory. */
  file: string
  text: string
  /** The names that a fragment may have, lower case. */
  anchors: ReadonlySet<string>
  /** The runbook's inputs; undefined for a page that is not a runbook of ours. */
  inputs?: Record<string, InputSpec>
  /** Alerts the page itself says lead to it. */
  alerts: { name: string; step?: string | undefined }[]
}

/** The pages below the base addresses. */
export interface Site {
  pages: readonly ForeignPage[]
  find(path: string): ForeignPage | undefined
  /** The address most like a path that leads nowhere. */
  near(path: string): string | undefined
}

/** Other names an address is known by: `x/index`, `x/readme`, with or without an extension. */
export function plainAddress(path: string): string {
  return decode(path)
    .toLowerCase()
    .replaceAll('\\', '/')
    .replace(/\.(mdx|markdown|md|html?)$/, '')
    .replace(/(^|\/)(index|_index|readme)$/, '')
    .replaceAll(/^\/+|\/+$/g, '')
}

/** `roots` are folders that may stand for the base itself, such as `content` in the source of a site. */
export function makeSite(
  pages: readonly ForeignPage[],
  aliases: ReadonlyMap<string, ForeignPage>,
  roots: readonly string[],
): Site {
  const byAddress = new Map<string, ForeignPage>(aliases)
  for (const root of roots)
    for (const page of pages)
      if (root === '' || page.address.startsWith(`${root}/`)) {
        const address = root === '' ? page.address : page.address.slice(root.length + 1)
        if (!byAddress.has(address)) byAddress.set(address, page)
      }
  const guesses = new Map<string, string | undefined>()
  const names = [...byAddress.keys()]
  return {
    pages,
    find: (path) => byAddress.get(plainAddress(path)),
    near(path) {
      const wanted = plainAddress(path)
      if (!guesses.has(wanted)) guesses.set(wanted, nearest(wanted, names))
      return guesses.get(wanted)
    },
  }
}

/** A page of the same name elsewhere is the best guess, then one of nearly the same name. */
function nearest(wanted: string, addresses: readonly string[]): string | undefined {
  const last = (address: string): string => address.slice(address.lastIndexOf('/') + 1)
  const name = last(wanted)
  const moved = addresses.find((address) => last(address) === name)
  if (moved !== undefined) return moved
  const reach = Math.max(1, Math.floor(name.length / 3))
  const close = addresses.filter((address) => Math.abs(last(address).length - name.length) <= reach)
  const near = suggest(name, close.map(last))
  return near === undefined ? undefined : close.find((address) => last(address) === near)
}
