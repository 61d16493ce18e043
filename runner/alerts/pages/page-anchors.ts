import GithubSlugger from 'github-slugger'

const fence = /^[ \t]*(?:>[ \t]*)*(`{3,}|~{3,})/
const atx = /^ {0,3}(?:>[ ]?)*#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/
const explicit = /\s*\{:?\s*#([\w:.-]+)[^}]*\}\s*$/
const named = /<[a-z][^>]*?\b(?:id|name)\s*=\s*["']?([^"'\s>]+)/gi

/** Every fragment that may work on a page of Markdown or HTML, lower case: generous where renderers differ. */
export function anchorsIn(text: string): Set<string> {
  const anchors = new Set<string>(['', 'top'])
  const slugger = new GithubSlugger()
  for (const match of text.matchAll(named)) anchors.add((match[1] ?? '').toLowerCase())
  for (const match of text.matchAll(/<!--\s*anchor:\s*([\w:.-]+)\s*-->/gi))
    anchors.add((match[1] ?? '').toLowerCase())
  for (const heading of headings(text)) {
    const id = explicit.exec(heading)?.[1]
    if (id !== undefined) anchors.add(id.toLowerCase())
    const plain = plainText(heading.replace(explicit, ''))
    const slug = slugger.slug(plain)
    for (const form of [slug, slug.replaceAll(/-+/g, '-'), slug.replaceAll(/^-+|-+$/g, ''), loose(plain)])
      anchors.add(form)
  }
  return anchors
}

/** How Hugo, MkDocs and others write it: every run of other characters is one dash. */
function loose(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^\p{L}\p{N}_]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
}

function headings(text: string): string[] {
  const titles: string[] = []
  let open: string | undefined
  let before = ''
  for (const line of text.split(/\r?\n/)) {
    const mark = fence.exec(line)?.[1]
    if (open !== undefined) {
      if (mark?.startsWith(open) === true && line.trim().replace(/^[>\s]+/, '') === mark) open = undefined
      continue
    }
    if (mark !== undefined) open = mark
    const heading = atx.exec(line)?.[1]
    if (heading !== undefined) titles.push(heading)
    else if (/^ {0,3}(=+|-+)[ \t]*$/.test(line) && before.trim() !== '') titles.push(before.trim())
    before = line
  }
  return titles
}

function plainText(heading: string): string {
  return heading
    .replaceAll(/!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?/g, '$1')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(/(\*\*|__|\*|`|~~)(?=\S)(.*?\S)\1/g, '$2')
    .replaceAll(/\\([\\`*_{}[\]()#+.!-])/g, '$1')
    .trim()
}
