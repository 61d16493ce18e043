import { createHash } from 'node:crypto'

/** The attribute of a tag: neither words within a value nor the text of a page that shows one. */
const inline = /<style[\s>]|<[a-z](?:[^<>"']|"[^"]*"|'[^']*')*?\s(?:style|on[a-z]+)\s*=/i
const meta = /(<meta http-equiv="content-security-policy" content=")([^"]*)(">)/
const script = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g

/**
 * The page with its scripts as one, and a policy that allows that script alone: Astro lists those of the whole site.
 * `page` is for messages.
 */
export function narrowPolicy(page: string, html: string): string {
  if (!meta.test(html)) throw new Error(`${page} has no content security policy`)
  if (inline.test(html.replaceAll(script, '')))
    throw new Error(`${page} has an inline style or handler, which the policy forbids`)
  const allowed = policyOf(html)
  const joined = withOneScript(html, allowed)
  const own = narrowed(allowed, joined.script === '' ? [] : [hashOf(joined.script)])
  return joined.html.replace(meta, (_, open: string, __: string, close: string) => open + own + close)
}

/** The policy that a page has. */
export function policyOf(html: string): string {
  return meta.exec(html)?.[2] ?? ''
}

/** The pages that sites named in the configuration may frame. */
export interface Framing {
  /** Path of the folder of these pages, with a slash at both ends. */
  path: string
  /** Origins of the sites. */
  by: readonly string[]
}

/**
 * Policies of pages as one for all of them, as headers, with what only a header can say: no site may frame a page, but for those of
 * `framing`.
 */
export function policyHeaders(policies: Iterable<string>, framing?: Framing): string {
  const all = [...policies]
  let common = narrowed(all[0] ?? '', [])
  for (const directive of ['script-src', 'style-src'] as const) {
    const hashes = new Set(all.flatMap((policy) => hashesOf(policy, directive)))
    common = withHashes(common, [...hashes].toSorted(), directive)
  }
  return asHeaders(common) + (framing ? framingHeaders(common, framing) : '')
}

function hashesOf(policy: string, directive: Directive): string[] {
  const own = policy.split(';').find((one) => one.trim().startsWith(directive))
  return own?.match(/'sha256-[^']*'/g) ?? []
}

/**
 * The page with its style in it, which its policy then allows: a request less before anything is seen. A page without a style of its
 * own is unchanged. `read` gets the address of the style.
 */
export function inlineStyle(html: string, read: (href: string) => string): string {
  const [link, href] = /<link rel="stylesheet" href="([^"]+)">/.exec(html) ?? []
  if (link === undefined || href === undefined) return html
  const style = read(href)
  return html
    .replace(link, () => `<style>${style}</style>`)
    .replace(
      meta,
      (_, open: string, policy: string, close: string) =>
        open + withHashes(policy, [hashOf(style)], 'style-src') + close,
    )
}

/**
 * Makes one script of those that Astro put there, each in a block of its own, at the end of the body. One that came
 * with a document is left where it is, and never allowed.
 */
function withOneScript(html: string, allowed: string): { html: string; script: string } {
  const ours: string[] = []
  const rest = html.replaceAll(script, (tag: string, code: string) => {
    if (!allowed.includes(hashOf(code))) return tag
    ours.push(code)
    return ''
  })
  const [only = ''] = ours
  const joined = ours.length < 2 ? only : ours.map((code) => `{${code}}`).join('')
  return {
    script: joined,
    html:
      joined === '' ? rest : rest.replace('</body>', () => `<script type="module">${joined}</script></body>`),
  }
}

const hashesByCode = new Map<string, string>()

/** Most pages have the same few scripts. */
function hashOf(code: string): string {
  const hash = hashesByCode.get(code) ?? `'sha256-${createHash('sha256').update(code).digest('base64')}'`
  hashesByCode.set(code, hash)
  return hash
}

function narrowed(policy: string, hashes: readonly string[]): string {
  const bare = policy
    .replaceAll(/\s*'sha256-[^']*'/g, '')
    .replaceAll(/\s*;\s*/g, ';')
    .replace(/;$/, '')
  return withHashes(bare, hashes)
}

type Directive = 'script-src' | 'style-src'

function withHashes(policy: string, hashes: readonly string[], name: Directive = 'script-src'): string {
  return policy
    .split(';')
    .map((directive) => (directive.trim().startsWith(name) ? [directive, ...hashes].join(' ') : directive))
    .join(';')
}

/** The form that Netlify and Cloudflare Pages read; other hosts copy the lines. */
function asHeaders(policy: string): string {
  const lines = [
    policyHeader(policy, ["'none'"]),
    'X-Content-Type-Options: nosniff',
    'Referrer-Policy: same-origin',
    'Cross-Origin-Opener-Policy: same-origin',
    'Permissions-Policy: camera=(), geolocation=(), microphone=()',
  ]
  return `/*\n${lines.map((line) => `  ${line}\n`).join('')}`
}

/** Hosts join the values of all rules that match; the line with `!` takes the stricter value away first. */
function framingHeaders(policy: string, { path, by }: Framing): string {
  return `${path}*\n  ! Content-Security-Policy\n  ${policyHeader(policy, by)}\n`
}

function policyHeader(policy: string, ancestors: readonly string[]): string {
  return `Content-Security-Policy: ${policy};frame-ancestors ${ancestors.join(' ')}`
}
