import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow } from './site-files.ts'

/** In a tag, not in the text of a page that shows one. */
const inline = /<style[\s>]|<[a-z][^<>]*\s(?:style|on[a-z]+)\s*=/i
const meta = /(<meta http-equiv="content-security-policy" content=")([^"]*)(">)/

/**
 * Narrows the policy of each page to the scripts that page has (Astro lists those of the whole site), and writes the
 * same policy for all pages as a header, with what only a header can say.
 */
export function strictPolicy(out: string): void {
  const all = new Set<string>()
  let common = ''
  for (const file of filesBelow(out).filter((name) => name.endsWith('.html'))) {
    const path = join(out, file)
    const html = readFileSync(path, 'utf8')
    if (!meta.test(html)) throw new Error(`${file} has no content security policy`)
    if (inline.test(html)) throw new Error(`${file} has an inline style or handler, which the policy forbids`)
    // Only scripts that Astro itself put there: one that came with a document is never allowed.
    const allowed = meta.exec(html)?.[2] ?? ''
    const hashes = inlineScripts(html)
      .map(hashOf)
      .filter((hash) => allowed.includes(hash))
    for (const hash of hashes) all.add(hash)
    writeFileSync(
      path,
      html.replace(
        meta,
        (_, open: string, policy: string, close: string) => `${open}${narrowed(policy, hashes)}${close}`,
      ),
    )
    common = narrowed(allowed, [])
  }
  writeFileSync(join(out, '_headers'), headers(withHashes(common, [...all].toSorted())))
}

const known = new Map<string, string>()

/** Most pages have the same few scripts. */
function hashOf(code: string): string {
  const hash = known.get(code) ?? `'sha256-${createHash('sha256').update(code).digest('base64')}'`
  known.set(code, hash)
  return hash
}

function inlineScripts(html: string): string[] {
  return [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(([, code]) => code ?? '')
}

function narrowed(policy: string, hashes: readonly string[]): string {
  const bare = policy
    .replaceAll(/\s*'sha256-[^']*'/g, '')
    .replaceAll(/\s*;\s*/g, ';')
    .replace(/;$/, '')
  return withHashes(bare, hashes)
}

function withHashes(policy: string, hashes: readonly string[]): string {
  return policy.replace(/script-src [^;]*/, (directive) => [directive, ...hashes].join(' '))
}

/** The form that Netlify and Cloudflare Pages read; other hosts copy the lines. */
function headers(policy: string): string {
  const lines = [
    `Content-Security-Policy: ${policy};frame-ancestors 'none'`,
    'X-Content-Type-Options: nosniff',
    'Referrer-Policy: same-origin',
    'Cross-Origin-Opener-Policy: same-origin',
    'Permissions-Policy: camera=(), geolocation=(), microphone=()',
  ]
  return `/*\n${lines.map((line) => `  ${line}\n`).join('')}`
}
